//! What is folded from entries and kept beside them (投影): stages, clocks, marks, tallies, search. `verify` derives all of it again.

use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::pack::LawFile;
use crate::records::CaseRow;
use law::clock::ClockState;
use law::engine::{Fact, History, Register, Status};
use law::indicator::Mark;
use law::procedure::{FieldId, LineId, Openness, Qualification, Span};
use law::value::{Ratio, Value};
use std::cell::RefCell;
use store::{Tx, params, sql};

/// The outside world as the law asks of it, read when asked.
pub(crate) struct Outside<'a> {
    pub tx: RefCell<&'a mut Tx>,
    pub org: &'a str,
    pub law: &'a LawFile,
    /// The first thing that went wrong while reading; the caller must look.
    pub broken: RefCell<Option<crate::error::Error>>,
}

impl<'a> Outside<'a> {
    pub fn new(tx: &'a mut Tx, org: &'a str, law: &'a LawFile) -> Self {
        Outside {
            tx: RefCell::new(tx),
            org,
            law,
            broken: RefCell::new(None),
        }
    }

    fn ask<T: Default>(&self, f: impl FnOnce(&mut Tx) -> Result<T>) -> T {
        match f(&mut self.tx.borrow_mut()) {
            Ok(answer) => answer,
            Err(e) => {
                self.broken.borrow_mut().get_or_insert(e);
                T::default()
            }
        }
    }

    /// Errors met on the way become the operation's error.
    pub fn finish(self) -> Result<()> {
        self.broken.into_inner().map_or(Ok(()), Err)
    }
}

impl Register for Outside<'_> {
    fn qualified(
        &self,
        person: &str,
        qualification: &Qualification,
        on: jiff::civil::Date,
    ) -> bool {
        self.ask(|tx| {
            // A post or a certificate is nothing to somebody who has left.
            if !crate::people::in_service(tx, self.org, person, on)? {
                return Ok(false);
            }
            match qualification {
                Qualification::None => Ok(true),
                Qualification::Post(posts) => {
                    crate::people::holds_post(tx, self.org, person, posts, on)
                }
                Qualification::Certificate(kinds) => {
                    crate::people::holds_certificate(tx, self.org, person, kinds, on)
                }
            }
        })
    }

    fn indicator(
        &self,
        indicator: &str,
        same: &[(FieldId, &Value)],
        span: Span,
        on: jiff::civil::Date,
    ) -> Option<Ratio> {
        let from = match span {
            Span::ThisYear => jiff::civil::date(on.year(), 1, 1),
            Span::ThisMonth => jiff::civil::date(on.year(), on.month(), 1),
            Span::LastYears(n) => on - jiff::Span::new().years(i64::from(n)),
        };
        let key = same_key(
            self.law,
            same.iter().map(|(field, value)| (*field, value.texts())),
        );
        self.ask(|tx| {
            // The amount stands with the mark: one for a count, the quantity for a sum.
            let micros: i64 = tx.query_one(
                sql!(
                    "SELECT CAST(COALESCE(sum(m.amount), 0) AS BIGINT) FROM repeats r
                       JOIN marks m ON m.org = r.org AND m.indicator = r.indicator AND m.on_day = r.on_day AND m.seq = r.seq
                      WHERE r.org = $1 AND r.indicator = $2 AND r.same = $3 AND r.on_day >= $4 AND r.on_day <= $5"
                ),
                params![
                    self.org,
                    format!("{}.{indicator}", self.law.procedure.code),
                    key,
                    from.to_string(),
                    on.to_string()
                ],
                |row| row.get(0),
            )?;
            Ok(Ratio::new(i128::from(micros), 1_000_000))
        })
    }
}

/// Values of the fields that 按 compares, as one key.
fn same_key(law: &LawFile, values: impl Iterator<Item = (FieldId, Vec<String>)>) -> String {
    values
        .map(|(field, texts)| {
            format!(
                "{}={}",
                law.procedure.fields[field.at()].code,
                texts.join("、")
            )
        })
        .collect::<Vec<_>>()
        .join("｜")
}

/// The dimensions of a mark, by field code.
pub(crate) fn dims<'a>(
    law: &'a LawFile,
    mark: &'a Mark,
) -> std::collections::BTreeMap<&'a str, &'a [String]> {
    mark.dims
        .iter()
        .map(|(field, texts)| {
            (
                law.procedure.fields[field.at()].code.as_str(),
                texts.as_slice(),
            )
        })
        .collect()
}

/// Writes what the new facts add to lists and sums.
pub(crate) fn count(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    case: &str,
    marks: &[Mark],
    seq_of: impl Fn(u32) -> i64,
) -> Result<()> {
    for mark in marks {
        let declared = &law.procedure.indicators[mark.indicator.at()];
        let indicator = format!("{}.{}", law.procedure.code, declared.code);
        let day = mark.on.to_string();
        let amount = mark
            .amount
            .micros()
            .ok_or_else(|| fault(format!("{indicator}: amount is too large")))?;
        let dims = dims(law, mark);
        let seq = seq_of(mark.fact_n);
        tx.execute(
            sql!(
                "INSERT INTO marks (org, indicator, on_day, seq, case_id, item, amount, thing, dims)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            ),
            params![
                ctx.org,
                indicator,
                day,
                seq,
                case,
                mark.item.map_or(0, i64::from),
                amount,
                mark.distinct.as_deref().unwrap_or(""),
                serde_json::to_value(&dims).map_err(fault)?.to_string()
            ],
        )?;
        let month = &day[..7];
        tally(tx, ctx, &indicator, month, "", "", amount)?;
        for (dim, texts) in &dims {
            for text in *texts {
                tally(tx, ctx, &indicator, month, dim, text, amount)?;
            }
        }
        for (_, fields) in law.repeats.iter().filter(|(id, _)| *id == mark.indicator) {
            let texts = |field: &FieldId| {
                mark.dims
                    .iter()
                    .find(|(f, _)| f == field)
                    .map(|(_, texts)| texts.clone())
                    .unwrap_or_default()
            };
            let same = same_key(law, fields.iter().map(|field| (*field, texts(field))));
            tx.execute(
                sql!("INSERT INTO repeats (org, indicator, same, on_day, seq) VALUES ($1, $2, $3, $4, $5)"),
                params![ctx.org, indicator, same, day, seq],
            )?;
        }
    }
    Ok(())
}

fn tally(
    tx: &mut Tx,
    ctx: &Ctx,
    indicator: &str,
    month: &str,
    dim: &str,
    thing: &str,
    amount: i64,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO tallies (org, indicator, month, dim, thing, n, amount) VALUES ($1, $2, $3, $4, $5, 1, $6)
             ON CONFLICT (org, indicator, month, dim, thing)
             DO UPDATE SET n = tallies.n + 1, amount = tallies.amount + excluded.amount"
        ),
        params![ctx.org, indicator, month, dim, thing, amount],
    )?;
    Ok(())
}

/// A clock as the register of clocks keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClockRow {
    pub clock: String,
    pub item: i64,
    pub state: &'static str,
    pub started_on: String,
    pub due_from: String,
    pub due_to: Option<String>,
    pub owed_by: String,
    pub breached_on: Option<String>,
}

/// The clocks of a case, the latest run of each.
pub(crate) fn clock_rows(law: &LawFile, status: &Status) -> Vec<ClockRow> {
    let procedure = &law.procedure;
    let mut rows: Vec<ClockRow> = Vec::new();
    for run in &status.clocks {
        let clock = &procedure.clocks[run.clock.at()];
        let (Some(started), Some(due)) = (run.started_on, run.due.as_ref()) else {
            continue;
        };
        let row = ClockRow {
            clock: clock.code.clone(),
            item: run.item.map_or(0, i64::from),
            state: match run.state {
                ClockState::NotStarted => continue,
                ClockState::Running => "running",
                ClockState::Met => "met",
                ClockState::Expired => "expired",
            },
            started_on: started.to_string(),
            due_from: due.lo.to_string(),
            due_to: due.hi.map(|d| d.to_string()),
            owed_by: clock
                .owed_by
                .map_or_else(String::new, |role| procedure.roles[role.at()].code.clone()),
            breached_on: run.breached_on.map(|d| d.to_string()),
        };
        match rows
            .iter_mut()
            .find(|r| r.clock == row.clock && r.item == row.item)
        {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }
    rows
}

/// Brings the register of clocks to what the fold says now; rows that did not change are left alone.
pub(crate) fn put_clocks(
    tx: &mut Tx,
    org: &str,
    case: &str,
    before: &[ClockRow],
    after: &[ClockRow],
) -> Result<()> {
    for row in after.iter().filter(|row| !before.contains(row)) {
        tx.execute(
            sql!(
                "INSERT INTO clocks (org, case_id, clock, item, state, started_on, due_from, due_to, owed_by, breached_on)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                 ON CONFLICT (org, case_id, clock, item) DO UPDATE SET state = excluded.state,
                   started_on = excluded.started_on, due_from = excluded.due_from, due_to = excluded.due_to,
                   owed_by = excluded.owed_by, breached_on = excluded.breached_on"
            ),
            params![
                org,
                case,
                row.clock,
                row.item,
                row.state,
                row.started_on,
                row.due_from,
                row.due_to,
                row.owed_by,
                row.breached_on
            ],
        )?;
    }
    for row in before {
        if !after
            .iter()
            .any(|now| now.clock == row.clock && now.item == row.item)
        {
            tx.execute(
                sql!("DELETE FROM clocks WHERE org = $1 AND case_id = $2 AND clock = $3 AND item = $4"),
                params![org, case, row.clock, row.item],
            )?;
        }
    }
    Ok(())
}

/// What lists show of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Face {
    pub stage: String,
    pub stages: String,
    pub closed_on: Option<String>,
    pub due_on: Option<String>,
    pub due_clock: Option<String>,
    pub office: Option<String>,
    pub party: Option<String>,
}

/// The face of a case after its last fact.
pub(crate) fn face(law: &LawFile, history: &History, status: &Status, clocks: &[ClockRow]) -> Face {
    let procedure = &law.procedure;
    let main = status.stages[LineId(0).at()];
    let closed = procedure.stages[main.at()].is_final;
    let stages: Vec<&str> = status
        .stages
        .iter()
        .map(|stage| procedure.stages[stage.at()].name.as_str())
        .collect();
    let due = clocks
        .iter()
        .filter(|row| row.state == "running" && row.owed_by.is_empty())
        .filter(|row| {
            procedure
                .clocks
                .iter()
                .any(|c| c.code == row.clock && !c.stops.is_empty())
        })
        .min_by(|a, b| a.due_from.cmp(&b.due_from));
    let last_value = |wanted: fn(&Value) -> Option<String>| {
        history
            .facts
            .iter()
            .rev()
            .find_map(|fact| fact.values.values().find_map(wanted))
    };
    let accused = |field: &FieldId| {
        procedure
            .known_to
            .as_ref()
            .is_some_and(|known| known.except_fields.contains(field))
    };
    let organ = history.facts.iter().rev().find_map(|fact| {
        fact.values.iter().find_map(|(field, value)| {
            (procedure.fields[field.at()].kind == law::procedure::FieldKind::Organ
                && !accused(field))
            .then(|| value.texts().join("、"))
        })
    });
    let closed_on = closed
        .then(|| history.facts.last().map(|f| f.at.date().to_string()))
        .flatten();
    Face {
        stage: procedure.stages[main.at()].name.clone(),
        stages: stages.join("、"),
        closed_on,
        due_on: due.map(|row| row.due_from.clone()),
        due_clock: due.map(|row| {
            procedure
                .clocks
                .iter()
                .find(|c| c.code == row.clock)
                .map(|c| c.name.clone())
                .expect("rows are made from the clocks of this procedure")
        }),
        office: organ,
        party: last_value(|value| match value {
            Value::Party { id, .. } => Some(id.clone()),
            _ => None,
        }),
    }
}

/// Writes the face of a case, with its number of facts and the log position of the last.
pub(crate) fn put_face(
    tx: &mut Tx,
    org: &str,
    case: &str,
    face: &Face,
    (facts, last_seq): (i64, i64),
) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE cases SET stage = $3, stages = $4, closed_on = $5, due_on = $6, due_clock = $7, office = $8,
                              party = $9, facts = $10, last_seq = $11
              WHERE org = $1 AND id = $2"
        ),
        params![
            org,
            case,
            face.stage,
            face.stages,
            face.closed_on,
            face.due_on,
            face.due_clock,
            face.office,
            face.party,
            facts,
            last_seq
        ],
    )?;
    Ok(())
}

/// The title of a case: its first telling value that every member of staff may see.
pub(crate) fn title(law: &LawFile, fact: &Fact) -> String {
    let procedure = &law.procedure;
    let step = &procedure.steps[fact.step.at()];
    let telling: Vec<String> = step
        .form
        .iter()
        .filter(|entry| {
            let field = &procedure.fields[entry.field.at()];
            field.openness != Openness::HandlersOnly
                && matches!(
                    field.kind,
                    law::procedure::FieldKind::Text
                        | law::procedure::FieldKind::Place
                        | law::procedure::FieldKind::Choice(_)
                        | law::procedure::FieldKind::ListingEntry(_)
                )
        })
        .filter_map(|entry| fact.values.get(&entry.field))
        .map(|value| value.texts().join("、"))
        .filter(|text| !text.is_empty())
        .take(3)
        .collect();
    let text: String = telling.join("　").chars().take(48).collect();
    if text.is_empty() {
        procedure.title.clone()
    } else {
        text
    }
}

/// What full-text search may find of a case: texts that every member of staff may see.
pub(crate) fn searchable(law: &LawFile, history: &History) -> Vec<String> {
    let mut texts = Vec::new();
    for fact in &history.facts {
        for (field, value) in &fact.values {
            if law.procedure.fields[field.at()].openness == Openness::HandlersOnly {
                continue;
            }
            if let Value::Text(text) | Value::Entry { key: text, .. } = value
                && !texts.contains(text)
            {
                texts.push(text.clone());
            }
        }
    }
    texts
}

/// Puts a case into full-text search.
pub(crate) fn make_findable(
    tx: &mut Tx,
    org: &str,
    row: &CaseRow,
    law: &LawFile,
    history: &History,
) -> Result<()> {
    let mut texts = vec![row.number.clone(), row.title.clone()];
    texts.extend(searchable(law, history));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok(store::search::put(tx, org, &row.id, &texts)?)
}
