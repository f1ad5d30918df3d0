//! Requests that were answered (请求): whoever clicks twice, or tries again after a lost answer, gets the first answer.

use crate::cases::{Done, Outcome};
use crate::ctx::{Ctx, hex};
use crate::error::{Bar, Error, Result, fault};
use crate::inputs::Draft;
use ledger::Recorded;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Tx, params, sql};

/// An answer and what was asked for.
#[derive(Serialize, Deserialize)]
struct Answered {
    #[serde(flatten)]
    done: Done,
    /// Absent where any content is the same act: a row of a register is known by its own key.
    #[serde(default)]
    asked: Option<String>,
}

/// What a request asks for, as a hash: one id stands for one act.
pub(crate) fn asked(what: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(what).map_err(fault)?;
    Ok(hex(&Sha256::digest(text.as_bytes())))
}

/// The same request twice is one act: the first answer is given again. The same id with something else is refused.
pub(crate) fn seen_before(tx: &mut Tx, ctx: &Ctx, of: &str, draft: &Draft) -> Result<()> {
    let Some(request) = ctx.request_key() else {
        return Ok(());
    };
    let known: Option<String> = tx.query_opt(
        sql!("SELECT outcome FROM requests WHERE org = $1 AND request = $2"),
        params![ctx.org, request],
        |row| row.get(0),
    )?;
    let Some(outcome) = known else {
        return Ok(());
    };
    let known: Answered = serde_json::from_str(&outcome).map_err(fault)?;
    if let Some(before) = known.asked
        && before != asked(&(of, draft))?
    {
        return Err(Error::Bar(Bar::OtherRequest));
    }
    Err(Error::Repeated(Box::new(known.done)))
}

/// Remembers the answer under the request's id. Refusals are not remembered: trying again later may be lawful.
pub(crate) fn remember(
    tx: &mut Tx,
    ctx: &Ctx,
    of: &str,
    draft: &Draft,
    outcome: Recorded<Outcome>,
) -> Result<Recorded<Outcome>> {
    if let (Some(request), Ok(done)) = (ctx.request_key(), outcome.get()) {
        let asked = match draft.imported {
            true => None,
            false => Some(asked(&(of, draft))?),
        };
        let answered = Answered {
            done: Done {
                tracking: None,
                ..done.clone()
            },
            asked,
        };
        tx.execute(
            sql!("INSERT INTO requests (org, request, seq, outcome) VALUES ($1, $2, $3, $4)"),
            params![
                ctx.org,
                request,
                done.seq,
                serde_json::to_value(&answered).map_err(fault)?.to_string()
            ],
        )?;
    }
    Ok(outcome)
}
