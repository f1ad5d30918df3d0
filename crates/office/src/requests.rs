//! Requests that were answered (请求): whoever clicks twice, or tries again after a lost answer, gets the first answer.

use crate::cases::{Done, Outcome};
use crate::ctx::Ctx;
use crate::error::{Error, Result, fault};
use ledger::Recorded;
use store::{Tx, params, sql};

/// The same request twice is one act: the first answer is given again.
pub(crate) fn seen_before(tx: &mut Tx, ctx: &Ctx) -> Result<()> {
    let Some(request) = ctx.request_key() else {
        return Ok(());
    };
    let known: Option<String> = tx.query_opt(
        sql!("SELECT outcome FROM requests WHERE org = $1 AND request = $2"),
        params![ctx.org, request],
        |row| row.get(0),
    )?;
    match known {
        None => Ok(()),
        Some(outcome) => Err(Error::Repeated(Box::new(
            serde_json::from_str(&outcome).map_err(fault)?,
        ))),
    }
}

/// Remembers the answer under the request's id. Refusals are not remembered: trying again later may be lawful.
pub(crate) fn remember(
    tx: &mut Tx,
    ctx: &Ctx,
    outcome: Recorded<Outcome>,
) -> Result<Recorded<Outcome>> {
    if let (Some(request), Ok(done)) = (ctx.request_key(), outcome.get()) {
        let shown = Done {
            tracking: None,
            ..done.clone()
        };
        tx.execute(
            sql!("INSERT INTO requests (org, request, seq, outcome) VALUES ($1, $2, $3, $4)"),
            params![
                ctx.org,
                request,
                done.seq,
                serde_json::to_value(&shown).map_err(fault)?.to_string()
            ],
        )?;
    }
    Ok(outcome)
}
