//! Tries to sign in (登录尝试): how many are heard, so that guessing is slow and nobody can lock another out.

use crate::ctx::{Ctx, hex};
use crate::error::{Bar, Error, Result};
use crate::office::Office;
use sha2::{Digest, Sha256};
use store::{params, sql};

/// Where somebody signs in from.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// Network address; only a hash of it is kept.
    pub address: String,
    /// Browser and system, in words for the owner of the account.
    pub device: String,
}

/// Wrong tries at one account from one address in a quarter of an hour.
pub const PER_PAIR: i64 = 5;
/// Wrong tries from one address in a quarter of an hour, whatever the account.
pub const PER_ADDRESS: i64 = 30;
/// Wrong tries at one account in an hour, from addresses that it has not used in the last month.
pub const PER_ACCOUNT: i64 = 20;

/// Notes a try as failed before the password is looked at, so that tries at the same time count too. Answers its id.
///
/// On PostgreSQL tries of the same moment may overshoot the limit by their number.
///
/// # Errors
/// [`Bar::TooManyTries`] when no more is heard for now.
pub(crate) fn attempt(office: &Office, ctx: &Ctx, name: &str, visit: &Visit) -> Result<String> {
    let place = place(ctx, visit);
    let ago = |hours: i64, minutes: i64| {
        Ctx {
            now: ctx.now - jiff::Span::new().hours(hours).minutes(minutes),
            ..ctx.clone()
        }
        .recorded()
    };
    let (quarter, hour, month) = (ago(0, 15), ago(1, 0), ago(24 * 30, 0));
    let id = ctx.fresh_id();
    office.jot(|tx| {
        tx.execute(
            sql!("DELETE FROM sign_ins WHERE org = $1 AND account = $2 AND at < $3"),
            params![ctx.org, name, month],
        )?;
        let [pair, address, account, known]: [i64; 4] = tx.query_one(
            sql!(
                "SELECT (SELECT count(*) FROM sign_ins
                          WHERE org = $1 AND account = $2 AND place = $3 AND failed = 1 AND at > $4),
                        (SELECT count(*) FROM sign_ins
                          WHERE org = $1 AND place = $3 AND failed = 1 AND at > $4),
                        (SELECT count(*) FROM sign_ins
                          WHERE org = $1 AND account = $2 AND failed = 1 AND at > $5),
                        (SELECT count(*) FROM sign_ins
                          WHERE org = $1 AND account = $2 AND place = $3 AND failed = 0)"
            ),
            params![ctx.org, name, place, quarter, hour],
            |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]),
        )?;
        // The owner's own address is judged by itself: whoever guesses elsewhere does not lock the owner out.
        if PER_PAIR <= pair || PER_ADDRESS <= address || (known == 0 && PER_ACCOUNT <= account) {
            return Err(Error::Bar(Bar::TooManyTries));
        }
        tx.execute(
            sql!("INSERT INTO sign_ins (org, id, account, place, failed, at) VALUES ($1, $2, $3, $4, 1, $5)"),
            params![ctx.org, id, name, place, ctx.recorded()],
        )?;
        Ok(())
    })?;
    Ok(id)
}

/// The try was right: the wrong ones before it, at this account from this address, are forgotten.
pub(crate) fn succeeded(
    office: &Office,
    ctx: &Ctx,
    name: &str,
    visit: &Visit,
    id: &str,
) -> Result<()> {
    let place = place(ctx, visit);
    office.jot(|tx| {
        tx.execute(
            sql!("UPDATE sign_ins SET failed = 0 WHERE org = $1 AND id = $2"),
            params![ctx.org, id],
        )?;
        tx.execute(
            sql!(
                "DELETE FROM sign_ins WHERE org = $1 AND account = $2 AND place = $3 AND id <> $4"
            ),
            params![ctx.org, name, place, id],
        )?;
        Ok(())
    })
}

fn place(ctx: &Ctx, visit: &Visit) -> String {
    hex(&Sha256::digest(
        format!("place\n{}\n{}", ctx.org, visit.address).as_bytes(),
    ))[..32]
        .to_owned()
}
