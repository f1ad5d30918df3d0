//! Today's work (今天): open cases by deadline, and the case behind a tracking code.

use crate::access::Sight;
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
    let sight = Sight::of(tx, ctx)?;
    let (day, id) = after.unwrap_or(("", ""));
    let rows = tx.query(
        sql!(
            "SELECT id, procedure_code, law_hash, number, title, stage, stages, opened_on, closed_on, due_on,
                    due_clock, office, party, imported, facts, last_seq
               FROM cases
              WHERE org = $1 AND due_on IS NOT NULL AND closed_on IS NULL AND (due_on, id) > ($2, $3)
                AND ($5 <> '*' AND replace($5, '|' || procedure_code || '|', '') = $5
                     OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'works' AND w.who IN ($6, $7)))
                AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'accused' AND w.who IN ($6, $8))
              ORDER BY due_on, id LIMIT $4"
        ),
        params![ctx.org, day, id, limit, sight.closed, sight.person, sight.account, sight.unit],
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

/// So far cases are counted; one more stands for more than that.
pub const COUNTED: i64 = 500;

/// How many cases are late, due soon, due later, without a deadline of ours; each up to [`COUNTED`] and one.
pub fn due_counts(tx: &mut Tx, ctx: &Ctx, soon_until: jiff::civil::Date) -> Result<[i64; 4]> {
    let sight = Sight::of(tx, ctx)?;
    let today = ctx.today();
    let day_before = |day: jiff::civil::Date| day.yesterday().unwrap_or(day).to_string();
    let day_after = |day: jiff::civil::Date| day.tomorrow().unwrap_or(day).to_string();
    let mut due = |from: &str, until: &str| -> Result<i64> {
        Ok(tx.query_one(
            sql!(
                "SELECT count(*) FROM (SELECT id FROM cases
                  WHERE org = $1 AND closed_on IS NULL AND due_on >= $2 AND due_on <= $3
                    AND ($4 <> '*' AND replace($4, '|' || procedure_code || '|', '') = $4
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($5, $6)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($5, $7))
                  LIMIT $8) counted"
            ),
            params![ctx.org, from, until, sight.closed, sight.person, sight.account, sight.unit, COUNTED + 1],
            |row| row.get(0),
        )?)
    };
    let late = due("", &day_before(today))?;
    let soon = due(&today.to_string(), &soon_until.to_string())?;
    let later = due(&day_after(soon_until), "9999-12-31")?;
    let never = tx.query_one(
        sql!(
            "SELECT count(*) FROM (SELECT id FROM cases
              WHERE org = $1 AND closed_on IS NULL AND due_on IS NULL
                AND ($2 <> '*' AND replace($2, '|' || procedure_code || '|', '') = $2
                     OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'works' AND w.who IN ($3, $4)))
                AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'accused' AND w.who IN ($3, $5))
              LIMIT $6) counted"
        ),
        params![ctx.org, sight.closed, sight.person, sight.account, sight.unit, COUNTED + 1],
        |row| row.get(0),
    )?;
    Ok([late, soon, later, never])
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
