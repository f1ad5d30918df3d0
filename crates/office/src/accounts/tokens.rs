//! Tokens (令牌) for programs: they act as their account's person, until their last day.

use super::{SignedIn, find_with_hash, secret_hash};
use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result};
use crate::office::Office;
use crate::people::register;
use store::{Tx, params, sql};

/// The longest life of a token for programs.
pub const TOKEN_DAYS: i64 = 366;

/// A token of one's own account.
#[derive(Debug, Clone)]
pub struct OwnToken {
    /// What revokes it; not the secret.
    pub id: String,
    /// What it is for, in the owner's words.
    pub label: String,
    /// Last day.
    pub expires_on: String,
}

/// Tokens of the account in `ctx`.
pub fn tokens(tx: &mut Tx, ctx: &Ctx) -> Result<Vec<OwnToken>> {
    Ok(tx.query(
        sql!(
            "SELECT secret_hash, label, expires_on FROM tokens
              WHERE org = $1 AND account = $2 ORDER BY created_at DESC, secret_hash"
        ),
        params![ctx.org, ctx.account],
        |row| {
            Ok(OwnToken {
                id: row.get(0)?,
                label: row.get(1)?,
                expires_on: row.get(2)?,
            })
        },
    )?)
}

/// Takes a token of one's own account back.
pub fn revoke_token(office: &Office, ctx: &Ctx, id: &str) -> Result<()> {
    office.act(|tx| {
        let gone = tx.execute(
            sql!("DELETE FROM tokens WHERE secret_hash = $1 AND org = $2 AND account = $3"),
            params![id, ctx.org, ctx.account],
        )?;
        if gone == 0 {
            return Err(Error::Bar(Bar::NotFound));
        }
        let entry = serde_json::json!({ "account": ctx.account });
        register(tx, ctx, "token-revoked", &entry)
    })
}

/// Makes a token for programs and answers its secret, shown once.
pub fn create_token(
    office: &Office,
    ctx: &Ctx,
    account: &str,
    label: &str,
    expires_on: jiff::civil::Date,
) -> Result<String> {
    let secret = format!("yifa_{}", ctx.secret());
    let now = ctx.recorded();
    office.act(|tx| {
        if find_with_hash(tx, &ctx.org, account)?.is_none() {
            return Err(Error::Form(vec![("账号".into(), format!("没有账号“{account}”"))]));
        }
        tx.execute(
            sql!(
                "INSERT INTO tokens (secret_hash, org, account, label, created_at, expires_on)
                 VALUES ($1, $2, $3, $4, $5, $6)"
            ),
            params![secret_hash(&secret), ctx.org, account, label, now, expires_on.to_string()],
        )?;
        let entry = serde_json::json!({ "account": account, "expires_on": expires_on.to_string(), "label": label });
        register(tx, ctx, "token", &entry)
    })?;
    Ok(secret)
}

/// Who this token belongs to.
pub fn token(office: &Office, ctx: &Ctx, secret: &str) -> Result<SignedIn> {
    office.read(|tx| {
        let row: Option<(String, String, String)> = tx.query_opt(
            sql!("SELECT org, account, expires_on FROM tokens WHERE secret_hash = $1"),
            params![secret_hash(secret)],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        match row {
            Some((org, account, expires)) if ctx.today().to_string() <= expires => {
                Ok(find_with_hash(tx, &org, &account)?
                    .map(|(who, _)| who)
                    .ok_or(Error::Bar(Bar::NotSignedIn))?)
            }
            _ => Err(Error::Bar(Bar::NotSignedIn)),
        }
    })
}
