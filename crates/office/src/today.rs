//! Registers and today's work (今天、台账): lists by key, never by offset.

use crate::ctx::Ctx;
use crate::error::Result;
use crate::records::CaseRow;
use store::{Tx, params, sql};

/// A line of today's work.
#[derive(Debug, Clone)]
pub struct Due {
    /// The case.
    pub case: CaseRow,
    /// Clock, by name.
    pub clock: String,
    /// Basis of its length, as the law file cites it.
    pub basis: String,
    /// Last day.
    pub due_on: String,
    /// Days until then; negative when late. Calendar days.
    pub days_left: i64,
}

/// Open cases with a deadline of the organ, the nearest first.
pub fn due(tx: &mut Tx, ctx: &Ctx, after: Option<(&str, &str)>, limit: i64) -> Result<Vec<Due>> {
    let (day, id) = after.unwrap_or(("", ""));
    let rows = tx.query(
        sql!(
            "SELECT id, procedure_code, law_hash, number, title, stage, stages, opened_on, closed_on, due_on,
                    due_clock, office, party, imported, facts, last_seq
               FROM cases
              WHERE org = $1 AND due_on IS NOT NULL AND closed_on IS NULL AND (due_on, id) > ($2, $3)
              ORDER BY due_on, id LIMIT $4"
        ),
        params![ctx.org, day, id, limit],
        CaseRow::read,
    )?;
    let today = ctx.today();
    let mut found = Vec::with_capacity(rows.len());
    for case in rows {
        let due_on = case.due_on.clone().unwrap_or_default();
        let clock = case.due_clock.clone().unwrap_or_default();
        let basis = ctx
            .pack
            .by_hash(&case.law_hash)
            .and_then(|law| {
                let clock = law.procedure.clocks.iter().find(|c| c.name == clock)?;
                clock
                    .lengths
                    .first()
                    .map(|(_, _, basis)| basis.text.clone())
            })
            .unwrap_or_default();
        let days_left = due_on
            .parse::<jiff::civil::Date>()
            .map(|day| i64::from((day - today).get_days()))
            .unwrap_or_default();
        found.push(Due {
            case,
            clock,
            basis,
            due_on,
            days_left,
        });
    }
    Ok(found)
}

/// How many cases are late, due soon, due later, without a deadline of ours.
pub fn due_counts(tx: &mut Tx, ctx: &Ctx, soon_until: jiff::civil::Date) -> Result<[i64; 4]> {
    let today = ctx.today().to_string();
    let soon = soon_until.to_string();
    Ok(tx.query_one(
        sql!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN due_on < $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN due_on >= $2 AND due_on <= $3 THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN due_on > $3 THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN due_on IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
               FROM cases WHERE org = $1 AND closed_on IS NULL"
        ),
        params![ctx.org, today, soon],
        |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]),
    )?)
}

/// What a register shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Code of the procedure.
    pub procedure: Option<String>,
    /// Stage of 主线.
    pub stage: Option<String>,
    /// Full text.
    pub query: Option<String>,
    /// Opened on or after.
    pub from: Option<String>,
    /// Opened on or before.
    pub until: Option<String>,
    /// Only open ones.
    pub open_only: bool,
    /// Only those whose deadline has passed.
    pub late_only: bool,
    /// Ids smaller than this: the next page.
    pub before: Option<String>,
}

/// A page of a register, newest first.
pub fn register(tx: &mut Tx, ctx: &Ctx, filter: &Filter, limit: i64) -> Result<Vec<CaseRow>> {
    if let Some(query) = filter.query.as_deref().filter(|q| !q.trim().is_empty()) {
        return searched(tx, ctx, filter, query, limit);
    }
    Ok(tx.query(
        sql!(
            "SELECT id, procedure_code, law_hash, number, title, stage, stages, opened_on, closed_on, due_on,
                    due_clock, office, party, imported, facts, last_seq
               FROM cases
              WHERE org = $1 AND (CAST($2 AS TEXT) IS NULL OR procedure_code = $2)
                AND (CAST($3 AS TEXT) IS NULL OR stage = $3)
                AND (CAST($4 AS TEXT) IS NULL OR opened_on >= $4) AND (CAST($5 AS TEXT) IS NULL OR opened_on <= $5)
                AND ($6 = 0 OR closed_on IS NULL) AND ($7 = 0 OR (closed_on IS NULL AND due_on < $8))
                AND (CAST($9 AS TEXT) IS NULL OR id < $9)
              ORDER BY id DESC LIMIT $10"
        ),
        params![
            ctx.org,
            filter.procedure,
            filter.stage,
            filter.from,
            filter.until,
            i64::from(filter.open_only),
            i64::from(filter.late_only),
            ctx.today().to_string(),
            filter.before,
            limit
        ],
        CaseRow::read,
    )?)
}

/// Full text first, the other filters on what it finds; pages on until the limit is reached or nothing is left.
fn searched(
    tx: &mut Tx,
    ctx: &Ctx,
    filter: &Filter,
    query: &str,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let wanted = usize::try_from(limit).unwrap_or(0);
    let mut before = filter.before.clone();
    let mut found = Vec::new();
    loop {
        let keys = store::search::find(tx, &ctx.org, query, before.as_deref(), limit.max(50))?;
        let Some(last) = keys.last() else {
            return Ok(found);
        };
        before = Some(last.clone());
        for key in keys {
            let row = crate::records::find(tx, &ctx.org, &key)?;
            if fits(&row, filter, &ctx.today().to_string()) {
                found.push(row);
                if found.len() == wanted {
                    return Ok(found);
                }
            }
        }
    }
}

fn fits(row: &CaseRow, filter: &Filter, today: &str) -> bool {
    filter
        .procedure
        .as_ref()
        .is_none_or(|p| *p == row.procedure)
        && filter.stage.as_ref().is_none_or(|s| *s == row.stage)
        && filter.from.as_ref().is_none_or(|d| row.opened_on >= *d)
        && filter.until.as_ref().is_none_or(|d| row.opened_on <= *d)
        && (!filter.open_only || row.closed_on.is_none())
        && (!filter.late_only
            || (row.closed_on.is_none() && row.due_on.as_deref().is_some_and(|d| d < today)))
}

/// Number of cases by procedure and stage, for the heads of registers.
pub fn stage_counts(tx: &mut Tx, org: &str, procedure: &str) -> Result<Vec<(String, i64)>> {
    Ok(tx.query(
        sql!(
            "SELECT stage, count(*) FROM cases WHERE org = $1 AND procedure_code = $2 GROUP BY stage ORDER BY 2 DESC, 1"
        ),
        params![org, procedure],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}

/// The case behind a tracking code, for the portal.
pub fn tracked(tx: &mut Tx, code: &str) -> Result<Option<(String, String)>> {
    Ok(tx.query_opt(
        sql!("SELECT org, id FROM cases WHERE tracking = $1"),
        params![crate::cases::tracking_hash(code)],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}

/// Case numbers by id, for showing lists.
pub fn number_of(tx: &mut Tx, org: &str, id: &str) -> Result<Option<String>> {
    Ok(tx.query_opt(
        sql!("SELECT number FROM cases WHERE org = $1 AND id = $2"),
        params![org, id],
        |row| row.get(0),
    )?)
}
