//! The register of stocks (存量的进出): from which day to which a case, or an item of it, is in a stock. Written with the act,
//! counted by running tallies, listed by key; nothing is folded when somebody asks.

use crate::error::Result;
use crate::figures::Item;
use crate::pack::LawFile;
use jiff::civil::Date;
use law::stocks::Stay;
use std::collections::BTreeMap;
use store::{Tx, params, sql};

/// The day that stands for: nothing is known that would end it.
const UNFORESEEN: &str = "9999-12-31";

/// A stay as the register keeps it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StayRow {
    pub indicator: String,
    pub item: i64,
    pub from_on: String,
    pub until_on: String,
    pub from_seq: i64,
    pub until_seq: Option<i64>,
}

/// The stays of a case; `seqs` are the log positions of its facts.
pub(crate) fn rows(law: &LawFile, stays: &[Stay], seqs: &[i64]) -> Vec<StayRow> {
    let procedure = &law.procedure;
    // A step that time alone brings stands in no entry yet; the last fact before it is behind it.
    let seq_of = |n: u32| {
        let at = usize::try_from(n).unwrap_or(usize::MAX).min(seqs.len());
        seqs[at.saturating_sub(1)]
    };
    stays
        .iter()
        .map(|stay| StayRow {
            indicator: format!(
                "{}.{}",
                procedure.code,
                procedure.indicators[stay.indicator.at()].code
            ),
            item: stay.item.map_or(0, i64::from),
            from_on: stay.from.to_string(),
            until_on: stay
                .until
                .map_or_else(|| UNFORESEEN.to_owned(), |day| day.to_string()),
            from_seq: seq_of(stay.from_n),
            until_seq: stay.until_n.map(seq_of),
        })
        .collect()
}

/// The stays of a case as the register keeps them.
pub(crate) fn of_case(tx: &mut Tx, org: &str, case: &str) -> Result<Vec<StayRow>> {
    Ok(tx.query(
        sql!(
            "SELECT indicator, item, from_on, until_on, from_seq, until_seq FROM stocks
              WHERE org = $1 AND case_id = $2"
        ),
        params![org, case],
        |row| {
            Ok(StayRow {
                indicator: row.get(0)?,
                item: row.get(1)?,
                from_on: row.get(2)?,
                until_on: row.get(3)?,
                from_seq: row.get(4)?,
                until_seq: row.get(5)?,
            })
        },
    )?)
}

/// Brings the register and its tallies to what the fold says now; stays that did not change are left alone.
pub(crate) fn put(
    tx: &mut Tx,
    org: &str,
    case: &str,
    before: &[StayRow],
    after: &[StayRow],
) -> Result<()> {
    let mut moved = Tallies::default();
    for row in before.iter().filter(|row| !after.contains(row)) {
        moved.add(row, -1);
        tx.execute(
            sql!(
                "DELETE FROM stocks
                  WHERE org = $1 AND case_id = $2 AND indicator = $3 AND item = $4 AND from_on = $5"
            ),
            params![org, case, row.indicator, row.item, row.from_on],
        )?;
    }
    for row in after.iter().filter(|row| !before.contains(row)) {
        moved.add(row, 1);
        tx.execute(
            sql!(
                "INSERT INTO stocks (org, indicator, case_id, item, from_on, until_on, from_seq, until_seq)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            ),
            params![
                org,
                row.indicator,
                case,
                row.item,
                row.from_on,
                row.until_on,
                row.from_seq,
                row.until_seq
            ],
        )?;
    }
    for ((indicator, span), n) in &moved.0 {
        if *n != 0 {
            tx.execute(
                sql!(
                    "INSERT INTO stock_tallies (org, indicator, grain, span, n) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (org, indicator, grain, span) DO UPDATE SET n = stock_tallies.n + excluded.n"
                ),
                params![org, indicator, grain(span), span, n],
            )?;
        }
    }
    Ok(())
}

/// How many came less how many went, by indicator and by month or day.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tallies(BTreeMap<(String, String), i64>);

impl Tallies {
    /// Adds a stay `n` times.
    pub fn add(&mut self, row: &StayRow, n: i64) {
        let mut turn = |day: &str, n: i64| {
            for span in [&day[..7], day] {
                *self
                    .0
                    .entry((row.indicator.clone(), span.to_owned()))
                    .or_default() += n;
            }
        };
        turn(&row.from_on, n);
        if row.until_on != UNFORESEEN {
            turn(&row.until_on, -n);
        }
    }

    /// What the tables hold of it.
    pub fn kept(tx: &mut Tx, org: &str) -> Result<Tallies> {
        let rows = tx.query(
            sql!("SELECT indicator, grain, span, n FROM stock_tallies WHERE org = $1"),
            params![org],
            |row| {
                let (grained, span): (String, String) = (row.get(1)?, row.get(2)?);
                // A span under the wrong grain would not be found by it.
                let span = if grained == grain(&span) {
                    span
                } else {
                    format!("{grained} {span}")
                };
                Ok(((row.get(0)?, span), row.get(3)?))
            },
        )?;
        Ok(Tallies(rows.into_iter().collect()))
    }

    /// Indicators for which two tallies do not say the same.
    pub fn differences(&self, other: &Tallies) -> Vec<String> {
        let one_way = |a: &Tallies, b: &Tallies| -> Vec<String> {
            a.0.iter()
                .filter(|(place, n)| b.0.get(*place).copied().unwrap_or(0) != **n)
                .map(|((indicator, _), _)| indicator.clone())
                .collect()
        };
        let mut found = one_way(self, other);
        found.extend(one_way(other, self));
        found.sort();
        found.dedup();
        found
    }
}

fn grain(span: &str) -> &'static str {
    if span.len() == 7 { "month" } else { "day" }
}

/// How many are in stock at the end of a day: whole months, then the days of its month.
pub(crate) fn count(tx: &mut Tx, org: &str, indicator: &str, day: Date) -> Result<i64> {
    let day = day.to_string();
    Ok(tx.query_one(
        sql!(
            "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM (
               SELECT n FROM stock_tallies WHERE org = $1 AND indicator = $2 AND grain = 'month' AND span < $3
               UNION ALL
               SELECT n FROM stock_tallies WHERE org = $1 AND indicator = $2 AND grain = 'day' AND span > $3 AND span <= $4
             ) turns"
        ),
        params![org, indicator, day[..7], day],
        |row| row.get(0),
    )?)
}

/// Where a list of a stock goes on: the day of leaving, the case, the item.
pub(crate) type Place = (String, String, i64);

/// What is in stock at the end of a day, those that leave first first. What came by an entry after the first `log_size` is left
/// out; what such an entry took out for a day before its own is gone from the list.
pub(crate) fn list(
    tx: &mut Tx,
    org: &str,
    indicator: &str,
    day: Date,
    log_size: i64,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<(Item, Place)>> {
    let day = day.to_string();
    let (until, case, item) = match after {
        Some((until, case, item)) => (until.as_str(), case.as_str(), *item),
        None => (day.as_str(), "~", 0),
    };
    Ok(tx.query(
        sql!(
            "SELECT s.case_id, c.number, c.title, c.opened_on, s.from_seq, s.until_on, s.item
               FROM stocks s JOIN cases c ON c.org = s.org AND c.id = s.case_id
              WHERE s.org = $1 AND s.indicator = $2 AND (s.until_on, s.case_id, s.item) > ($3, $4, $5)
                AND s.from_on <= $6 AND s.from_seq < $7
              ORDER BY s.until_on, s.case_id, s.item LIMIT $8"
        ),
        params![org, indicator, until, case, item, day, log_size, limit],
        |row| {
            let case: String = row.get(0)?;
            Ok((
                Item {
                    case_id: case.clone(),
                    number: row.get(1)?,
                    title: row.get(2)?,
                    on: row.get(3)?,
                    seq: Some(row.get(4)?),
                    micros: 1_000_000,
                },
                (row.get(5)?, case, row.get(6)?),
            ))
        },
    )?)
}
