//! Stocks (存量) at a cut-off: which cases, or items of theirs, were still there. Only the cases open at that instant are
//! looked at, and a history is folded only where the stage does not decide.

use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::figures::{Item, indicator};
use crate::pack::LawFile;
use crate::projections::Outside;
use crate::records;
use jiff::civil::{Date, DateTime};
use law::procedure::IndicatorId;
use std::collections::BTreeMap;
use store::{Tx, params, sql};

/// The list behind every stock of a procedure at an instant.
pub(crate) fn at(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    at: DateTime,
) -> Result<BTreeMap<IndicatorId, Vec<Item>>> {
    let mut found: BTreeMap<IndicatorId, Vec<Item>> = BTreeMap::new();
    for case in open_at(tx, &ctx.org, &law.procedure.code, at.date())? {
        let began = records::law_of(&ctx.pack, &case.law_hash)?;
        let stocks = match case.stocks_by_stage(&began, at)? {
            Some(stocks) => stocks,
            None => fold(tx, ctx, &began, &case.id, at)?,
        };
        for (id, n) in stocks {
            // The case may run under an earlier file; indicators are the same by code.
            let code = &began.procedure.indicators[id.at()].code;
            let Ok(id) = indicator(law, code) else {
                continue;
            };
            for _ in 0..n {
                found.entry(id).or_default().push(Item {
                    case_id: case.id.clone(),
                    number: case.number.clone(),
                    title: case.title.clone(),
                    on: case.opened_on.clone(),
                    seq: None,
                    micros: 1_000_000,
                });
            }
        }
    }
    Ok(found)
}

fn fold(
    tx: &mut Tx,
    ctx: &Ctx,
    began: &LawFile,
    case: &str,
    at: DateTime,
) -> Result<Vec<(IndicatorId, u32)>> {
    let (history, _) = records::history(tx, &ctx.org, case, began, Some(at))?;
    let outside = Outside::new(tx, &ctx.org, began);
    let stocks =
        law::indicator::stock(&began.procedure, &ctx.pack.calendar, &history, &outside, at);
    outside.finish()?;
    Ok(stocks)
}

/// A case that was open at a cut-off.
struct Open {
    id: String,
    number: String,
    title: String,
    opened_on: String,
    law_hash: String,
    stage: String,
    last_at: String,
}

impl Open {
    fn read(row: &store::Row) -> store::Result<Open> {
        Ok(Open {
            id: row.get(0)?,
            number: row.get(1)?,
            title: row.get(2)?,
            opened_on: row.get(3)?,
            law_hash: row.get(4)?,
            stage: row.get(5)?,
            last_at: row.get(6)?,
        })
    }

    /// Its stocks at the cut-off without folding: where its stage alone decides, and nothing was done in it afterwards.
    fn stocks_by_stage(
        &self,
        began: &LawFile,
        at: DateTime,
    ) -> Result<Option<Vec<(IndicatorId, u32)>>> {
        let last: DateTime = self.last_at.parse().map_err(fault)?;
        if at < last {
            return Ok(None);
        }
        Ok(law::indicator::stock_by_stage(
            &began.procedure,
            &self.stage,
        ))
    }
}

/// Cases open at the end of a day, by id. Two statements, because of one with OR the planner makes a walk through every case
/// that the procedure ever had.
fn open_at(tx: &mut Tx, org: &str, procedure: &str, day: Date) -> Result<Vec<Open>> {
    let day = day.to_string();
    let mut open = tx.query(
        sql!(
            "SELECT c.id, c.number, c.title, c.opened_on, c.law_hash, c.stage, e.at
               FROM cases c JOIN entries e ON e.org = c.org AND e.seq = c.last_seq
              WHERE c.org = $1 AND c.procedure_code = $2 AND c.closed_on IS NULL AND c.opened_on <= $3"
        ),
        params![org, procedure, day],
        Open::read,
    )?;
    open.extend(tx.query(
        sql!(
            "SELECT c.id, c.number, c.title, c.opened_on, c.law_hash, c.stage, e.at
               FROM cases c JOIN entries e ON e.org = c.org AND e.seq = c.last_seq
              WHERE c.org = $1 AND c.procedure_code = $2 AND c.closed_on > $3 AND c.opened_on <= $3"
        ),
        params![org, procedure, day],
        Open::read,
    )?);
    open.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(open)
}
