//! Sessions (登录): half open until the code, whole, idle, ended.

use super::{Owes, SignedIn, find_with_hash, secret_hash};
use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result};
use crate::login_rules::{self, LoginRules};
use crate::office::Office;
use crate::second_factor;
use crate::sign_ins::Visit;
use store::{Tx, params, sql};

/// A right password waits this many minutes for the code.
const HALF_OPEN_MINUTES: i64 = 5;

/// Begins a session, whole or half open.
pub(crate) fn begin_session(
    tx: &mut Tx,
    ctx: &Ctx,
    visit: &Visit,
    name: &str,
    secret: &str,
    whole: bool,
) -> Result<()> {
    let proven_at = if whole { ctx.recorded() } else { String::new() };
    tx.execute(
        sql!(
            "INSERT INTO sessions (id_hash, org, account, created_at, seen_at, device, proven_at)
             VALUES ($1, $2, $3, $4, $4, $5, $6)"
        ),
        params![
            secret_hash(secret),
            ctx.org,
            name,
            ctx.recorded(),
            visit.device,
            proven_at
        ],
    )?;
    Ok(())
}

/// A session of one's own account.
#[derive(Debug, Clone)]
pub struct OwnSession {
    /// What ends it; not the secret.
    pub id: String,
    /// Browser and system.
    pub device: String,
    /// Begun, UTC.
    pub created_at: String,
    /// Last used, UTC, to a few minutes.
    pub seen_at: String,
    /// The one that asks.
    pub current: bool,
}

/// The living sessions of the account in `ctx`, the last used first; `secret` is that of the one that asks.
pub fn sessions(tx: &mut Tx, ctx: &Ctx, secret: &str) -> Result<Vec<OwnSession>> {
    let mine = secret_hash(secret);
    let found = tx.query(
        sql!(
            "SELECT id_hash, device, created_at, seen_at FROM sessions
              WHERE org = $1 AND account = $2 ORDER BY seen_at DESC, id_hash"
        ),
        params![ctx.org, ctx.account],
        |row| {
            let id: String = row.get(0)?;
            Ok(OwnSession {
                current: id == mine,
                id,
                device: row.get(1)?,
                created_at: row.get(2)?,
                seen_at: row.get(3)?,
            })
        },
    )?;
    let rules = login_rules::rules(tx, &ctx.org)?;
    let mut living = Vec::new();
    for session in found {
        if alive(ctx, &rules, &session.created_at, &session.seen_at)? {
            living.push(session);
        }
    }
    Ok(living)
}

/// Ends every session of an account.
pub(crate) fn end_all(tx: &mut Tx, org: &str, account: &str) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM sessions WHERE org = $1 AND account = $2"),
        params![org, account],
    )?;
    Ok(())
}

/// Ends a session of one's own account.
pub fn end_session(office: &Office, ctx: &Ctx, id: &str) -> Result<()> {
    office.jot(|tx| {
        tx.execute(
            sql!("DELETE FROM sessions WHERE id_hash = $1 AND org = $2 AND account = $3"),
            params![id, ctx.org, ctx.account],
        )?;
        Ok(())
    })
}

/// Not idle for too long, not too old.
fn alive(ctx: &Ctx, rules: &LoginRules, created: &str, seen: &str) -> Result<bool> {
    Ok(minutes_since(ctx, seen)? <= rules.idle_minutes
        && minutes_since(ctx, created)? <= rules.session_hours * 60)
}

fn minutes_since(ctx: &Ctx, recorded: &str) -> Result<i64> {
    let at = crate::facts::recorded_local(recorded)?;
    Ok(ctx.now.duration_since(at).as_mins())
}

/// Ends a session.
pub fn sign_out(office: &Office, secret: &str) -> Result<()> {
    office.jot(|tx| {
        tx.execute(
            sql!("DELETE FROM sessions WHERE id_hash = $1"),
            params![secret_hash(secret)],
        )?;
        Ok(())
    })
}

/// Who this session belongs to, if it has not been idle for too long and is not too old.
pub fn session(office: &Office, ctx: &Ctx, secret: &str) -> Result<SignedIn> {
    let found = office.read(|tx| {
        let row: Option<[String; 6]> = tx.query_opt(
            sql!(
                "SELECT s.org, s.account, s.created_at, s.seen_at, s.proven_at, a.password_at
                   FROM sessions s JOIN accounts a ON a.org = s.org AND a.name = s.account
                  WHERE s.id_hash = $1"
            ),
            params![secret_hash(secret)],
            |row| {
                Ok([
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ])
            },
        )?;
        let Some([org, account, created, seen, proven, password_at]) = row else {
            return Ok(None);
        };
        let rules = login_rules::rules(tx, &org)?;
        if !alive(ctx, &rules, &created, &seen)? {
            return Ok(None);
        }
        let Some((mut who, _)) = find_with_hash(tx, &org, &account)? else {
            return Ok(None);
        };
        if proven.is_empty() {
            if HALF_OPEN_MINUTES < minutes_since(ctx, &created)? {
                return Ok(None);
            }
            who.owes = Some(Owes::Code);
        } else {
            who.owes = still_owed(tx, ctx, &rules, &who, &password_at)?;
        }
        Ok(Some((who, seen)))
    })?;
    let Some((who, seen)) = found else {
        return Err(Error::Bar(Bar::NotSignedIn));
    };
    let idle = minutes_since(ctx, &seen)?;
    // Not at every page: a read should not have to wait for the writer.
    if 5 <= idle {
        let now = ctx.recorded();
        office.jot(|tx| {
            tx.execute(
                sql!("UPDATE sessions SET seen_at = $2 WHERE id_hash = $1"),
                params![secret_hash(secret), now],
            )?;
            Ok(())
        })?;
    }
    Ok(who)
}

/// What the rules still want of an account whose session is whole.
fn still_owed(
    tx: &mut Tx,
    ctx: &Ctx,
    rules: &LoginRules,
    who: &SignedIn,
    password_at: &str,
) -> Result<Option<Owes>> {
    if 0 < rules.password_days
        && (password_at.is_empty()
            || rules.password_days * 24 * 60 < minutes_since(ctx, password_at)?)
    {
        return Ok(Some(Owes::Password));
    }
    if rules.owes_factor(who.role)
        && !second_factor::of(tx, &who.org, &who.account)?.is_some_and(|factor| factor.confirmed)
    {
        return Ok(Some(Owes::Factor));
    }
    Ok(None)
}
