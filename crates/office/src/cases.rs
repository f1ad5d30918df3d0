//! Cases (事项): opening one, taking a step, sweeping what time has decided.
//!
//! One act is two calls: `law::engine::permit` says yes or no, the log records either. A refused act is an entry too; it
//! moves nothing.

mod links;

use crate::access;
use crate::ctx::{Ctx, hex};
use crate::error::{Bar, Error, Result};
use crate::facts::{self, Opening};
use crate::inputs::{self, Draft, Reading};
use crate::log::{self, Line};
use crate::office::Office;
use crate::pack::LawFile;
use crate::projections::{self, ClockRow, Outside};
use crate::records::{self, Record};
use crate::requests;
use crate::signing;
use crate::stocks;
use law::engine::{Fact, History, Refusal};
use ledger::Recorded;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::{Tx, params, sql};

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Case id.
    pub case: String,
    /// 编号.
    pub number: String,
    /// Serial number of the fact in its case.
    pub n: u32,
    /// Item number, for item steps.
    pub item: Option<u32>,
    /// Log position.
    pub seq: i64,
    /// Tracking code of a case that was just opened; shown once, kept only as a hash.
    pub tracking: Option<String>,
    /// The case that this step opened (派生).
    pub derived: Option<Box<Done>>,
    /// Waivers that were sent and not needed, in a sentence each; they are not on record.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Done, or refused and recorded as refused.
pub type Outcome = std::result::Result<Done, Box<Refusal>>;

/// Opens a case: `draft.step` must be the first step of the procedure.
pub fn open(office: &Office, ctx: &Ctx, procedure: &str, draft: &Draft) -> Result<Done> {
    settle(office.act(|tx| open_in(tx, ctx, procedure, draft)))
}

/// Takes a step in a case.
pub fn take_step(office: &Office, ctx: &Ctx, case: &str, draft: &Draft) -> Result<Done> {
    settle(office.act(|tx| take_step_in(tx, ctx, case, draft)))
}

/// A refusal becomes the caller's error after it has been recorded; a repeated request gets the first answer.
fn settle(outcome: Result<Outcome>) -> Result<Done> {
    match outcome {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(refusal)) => Err(Error::Refused(refusal)),
        Err(Error::Repeated(done)) => Ok(*done),
        Err(e) => Err(e),
    }
}

/// [`open`] inside a transaction, for operations that open several.
pub fn open_in(
    tx: &mut Tx,
    ctx: &Ctx,
    procedure: &str,
    draft: &Draft,
) -> Result<Recorded<Outcome>> {
    log::lock(tx, ctx)?;
    requests::seen_before(tx, ctx, procedure, draft)?;
    let law = ctx
        .pack
        .file(procedure)
        .ok_or_else(|| Error::Form(vec![("程序".into(), format!("没有程序“{procedure}”"))]))?
        .clone();
    access::may_act(ctx)?;
    let reading = inputs::read(tx, ctx, &law, draft)?;
    let outcome = match signing::in_another_name(tx, ctx, &law, &History::default(), &reading.act)?
    {
        Some(refusal) => record_refusal(tx, ctx, &law, None, &reading.act, refusal)?,
        None => open_read(tx, ctx, law, reading, draft)?,
    };
    requests::remember(tx, ctx, procedure, draft, outcome)
}

/// [`take_step`] inside a transaction.
pub fn take_step_in(
    tx: &mut Tx,
    ctx: &Ctx,
    case: &str,
    draft: &Draft,
) -> Result<Recorded<Outcome>> {
    log::lock(tx, ctx)?;
    requests::seen_before(tx, ctx, case, draft)?;
    access::may_act(ctx)?;
    access::may_see(tx, ctx, case)?;
    let record = records::load(tx, ctx, case)?;
    if draft.seen.is_some_and(|seen| seen != record.row.facts) {
        return Err(Error::Bar(Bar::Stale));
    }
    let reading = inputs::read(tx, ctx, &record.law, draft)?;
    let outcome =
        match signing::in_another_name(tx, ctx, &record.law, &record.history, &reading.act)? {
            Some(refusal) => {
                record_refusal(tx, ctx, &record.law, Some(case), &reading.act, refusal)?
            }
            None => step_read(tx, ctx, record, reading, draft)?,
        };
    requests::remember(tx, ctx, case, draft, outcome)
}

/// Writes deemed steps (视为) that have fallen due in a case, and brings its clocks up to today. `None`: nothing was due.
pub fn sweep_in(tx: &mut Tx, ctx: &Ctx, case: &str) -> Result<Option<Recorded<i64>>> {
    log::lock(tx, ctx)?;
    let record = records::load(tx, ctx, case)?;
    let status = status_at(tx, ctx, &record.law, &record.history, ctx.now)?;
    let mut recorded = None;
    let mut written = Written::start(&record);
    let mut history = record.history.clone();
    for fact in &status.deemed {
        let one = written.append(tx, ctx, &record.law, case, fact, None)?;
        recorded = Some(match recorded.take() {
            None => one,
            Some(earlier) => Recorded::and(earlier, one).map(|(_, seq)| seq),
        });
        history.facts.push(fact.clone());
    }
    written.project(tx, ctx, &record.law, case, &history)?;
    Ok(recorded)
}

/// Law texts under which cases began: hash and text.
pub(crate) fn law_texts(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    Ok(tx.query(
        sql!("SELECT hash, body FROM law_texts ORDER BY hash"),
        params![],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}

/// How things stand in a case at an instant.
pub(crate) fn status_at(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    history: &History,
    at: jiff::civil::DateTime,
) -> Result<law::engine::Status> {
    let outside = Outside::new(tx, &ctx.org, law);
    let status = law::engine::status(&law.procedure, &ctx.pack.calendar, history, &outside, at);
    outside.finish()?;
    Ok(status)
}

fn open_read(
    tx: &mut Tx,
    ctx: &Ctx,
    law: Arc<LawFile>,
    reading: Reading,
    draft: &Draft,
) -> Result<Recorded<Outcome>> {
    let history = History::default();
    let act = reading.act.clone();
    let permit = match ask(tx, ctx, &law, &history, reading.act)? {
        Ok(permit) => permit,
        Err(refusal) => return record_refusal(tx, ctx, &law, None, &act, refusal),
    };
    let fact = permit.fact().clone();
    let id = ctx.fresh_id();
    let tracking = ctx.secret()[..16].to_uppercase();
    let number = crate::numbers::assign(tx, ctx, &law, &fact)?;
    let opening = Opening {
        number: number.clone(),
        imported: draft.imported,
        tracking: tracking_hash(&tracking),
        title: projections::title(&law, &fact),
    };
    keep_text(tx, &law)?;
    tx.execute(
        sql!(
            "INSERT INTO cases (org, id, procedure_code, law_hash, number, title, stage, stages, opened_on, tracking,
                                imported, facts, last_seq)
             VALUES ($1, $2, $3, $4, $5, $6, '', '', $7, $8, $9, 0, 0)"
        ),
        params![
            ctx.org,
            id,
            law.procedure.code,
            law.hash,
            number,
            opening.title,
            fact.at.date().to_string(),
            opening.tracking,
            i64::from(draft.imported)
        ],
    )?;
    let mut written = Written::default();
    let history = History {
        facts: vec![fact.clone()],
    };
    let recorded = written.append(tx, ctx, &law, &id, &fact, Some(opening))?;
    bring_files(tx, ctx, &id, &reading.uploads, written.last_seq)?;
    written.project(tx, ctx, &law, &id, &history)?;
    let derived = links::derive(tx, ctx, &law, &id, &fact, draft, written.last_seq)?;
    let done = |seq, derived: Option<Done>| Done {
        case: id.clone(),
        number: number.clone(),
        n: fact.n,
        item: fact.item,
        seq,
        tracking: Some(tracking.clone()),
        derived: derived.map(Box::new),
        notes: idle_waivers(&law, &permit),
    };
    Ok(join(recorded, derived, done))
}

fn step_read(
    tx: &mut Tx,
    ctx: &Ctx,
    record: Record,
    reading: Reading,
    draft: &Draft,
) -> Result<Recorded<Outcome>> {
    let law = record.law.clone();
    let case = record.row.id.clone();
    let act = reading.act.clone();
    let permit = match ask(tx, ctx, &law, &record.history, reading.act)? {
        Ok(permit) => permit,
        Err(refusal) => return record_refusal(tx, ctx, &law, Some(&case), &act, refusal),
    };
    let mut written = Written::start(&record);
    let mut history = record.history;
    let mut before = None;
    for fact in permit.deemed() {
        let one = written.append(tx, ctx, &law, &case, fact, None)?;
        before = Some(one);
        history.facts.push(fact.clone());
    }
    let fact = permit.fact().clone();
    let mut recorded = written.append(tx, ctx, &law, &case, &fact, None)?;
    if let Some(before) = before {
        recorded = Recorded::and(before, recorded).map(|(_, seq)| seq);
    }
    history.facts.push(fact.clone());
    bring_files(tx, ctx, &case, &reading.uploads, written.last_seq)?;
    written.project(tx, ctx, &law, &case, &history)?;
    crate::publications::follow(
        tx,
        ctx,
        &law,
        &record.row,
        &history,
        &fact,
        written.last_seq,
    )?;
    crate::reports::follow(
        tx,
        &Ctx {
            now: fact.at,
            ..ctx.clone()
        },
        &law,
        &case,
        &history,
        &fact,
    )?;
    let derived = links::derive(tx, ctx, &law, &case, &fact, draft, written.last_seq)?;
    let done = |seq, derived: Option<Done>| Done {
        case: case.clone(),
        number: record.row.number.clone(),
        n: fact.n,
        item: fact.item,
        seq,
        tracking: None,
        derived: derived.map(Box::new),
        notes: idle_waivers(&law, &permit),
    };
    Ok(join(recorded, derived, done))
}

/// Why waivers that were sent are not on record.
fn idle_waivers(law: &LawFile, permit: &law::engine::Permit) -> Vec<String> {
    let requires = &law.procedure.steps[permit.fact().step.at()].requires;
    let sent = permit.idle_waivers().iter();
    sent.map(|waiver| {
        let line = requires.iter().find(|r| r.line_no == waiver.line_no);
        match line {
            Some(r) if r.waivable_by.is_some() => {
                let says = r.message.as_ref().unwrap_or(&r.source);
                format!("“{says}”用不着免：要求已经办到，或者不适用，没有记为免去")
            }
            _ => format!(
                "第 {} 行不是这一步可以免的要求，没有记为免去",
                waiver.line_no
            ),
        }
    })
    .collect()
}

/// One act and, if it opened another case, that opening: refused as a whole if the other is refused.
fn join(
    recorded: Recorded<i64>,
    derived: Option<Recorded<Done>>,
    done: impl Fn(i64, Option<Done>) -> Done,
) -> Recorded<Outcome> {
    match derived {
        None => recorded.map(|seq| Ok(done(seq, None))),
        Some(other) => {
            Recorded::and(recorded, other).map(|(seq, other)| Ok(done(seq, Some(other))))
        }
    }
}

fn ask(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    history: &History,
    act: law::engine::Act,
) -> Result<std::result::Result<law::engine::Permit, Refusal>> {
    let outside = Outside::new(tx, &ctx.org, law);
    let answer = law::engine::permit(&law.procedure, &ctx.pack.calendar, history, &outside, act);
    outside.finish()?;
    Ok(answer)
}

fn record_refusal(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    case: Option<&str>,
    act: &law::engine::Act,
    refusal: Refusal,
) -> Result<Recorded<Outcome>> {
    let grounds: Vec<serde_json::Value> = refusal
        .grounds
        .iter()
        .map(|g| serde_json::json!({ "citation": g.citation, "sentence": g.sentence }))
        .collect();
    let actors: std::collections::BTreeMap<&str, &Vec<String>> = act
        .actors
        .iter()
        .map(|(role, persons)| (law.procedure.roles[role.at()].code.as_str(), persons))
        .collect();
    let body = serde_json::json!({
        "actors": actors,
        "earliest": refusal.earliest.map(|d| d.to_string()).unwrap_or_default(),
        "grounds": grounds,
        "procedure": law.procedure.code,
    })
    .to_string();
    let subject = &law.procedure.steps[act.step.at()].code;
    let line = Line {
        kind: "refused",
        case,
        n: None,
        subject,
        at: act.at,
        body: &body,
    };
    let recorded = log::append(tx, ctx, &line)?;
    Ok(recorded.map(|_| Err(Box::new(refusal))))
}

/// What an act has written so far in one case.
#[derive(Default)]
struct Written {
    first_new: u32,
    /// Log positions of all its facts.
    seqs: Vec<i64>,
    facts: i64,
    last_seq: i64,
}

impl Written {
    fn start(record: &Record) -> Written {
        Written {
            first_new: u32::try_from(record.row.facts).expect("a case has fewer facts than that"),
            seqs: record.seqs.clone(),
            facts: record.row.facts,
            last_seq: record.row.last_seq,
        }
    }

    fn append(
        &mut self,
        tx: &mut Tx,
        ctx: &Ctx,
        law: &LawFile,
        case: &str,
        fact: &Fact,
        opening: Option<Opening>,
    ) -> Result<Recorded<i64>> {
        let asked = signing::to_confirm(law, fact, ctx);
        let by = signing::hand(ctx);
        let body = facts::encode(law, fact, opening, by, &asked)?;
        let subject = &law.procedure.steps[fact.step.at()].code;
        let line = Line {
            kind: "fact",
            case: Some(case),
            n: Some(fact.n),
            subject,
            at: fact.at,
            body: &body,
        };
        let recorded = log::append(tx, ctx, &line)?;
        self.last_seq = *recorded.get();
        self.seqs.push(self.last_seq);
        self.facts += 1;
        links::link_cases(tx, ctx, law, case, fact, self.last_seq)?;
        signing::ask(tx, ctx, case, self.last_seq, &asked)?;
        let people = access::people_of(law, fact, by, &ctx.account);
        access::put(tx, &ctx.org, case, &people)?;
        Ok(recorded)
    }

    /// Brings everything that is folded from the facts up to date.
    fn project(
        &mut self,
        tx: &mut Tx,
        ctx: &Ctx,
        law: &LawFile,
        case: &str,
        history: &History,
    ) -> Result<()> {
        let outside = Outside::new(tx, &ctx.org, law);
        let procedure = &law.procedure;
        let account = law::indicator::account(
            procedure,
            &ctx.pack.calendar,
            history,
            &outside,
            self.first_new,
        );
        outside.finish()?;
        let seq_of = |n: u32| {
            let at = usize::try_from(n - 1).expect("a case has fewer facts than that");
            self.seqs[at]
        };
        projections::count(tx, ctx, law, case, &account.marks, seq_of)?;
        let status = &account.status;
        let (known, stays) = if self.first_new == 0 {
            (Vec::new(), Vec::new())
        } else {
            (
                clocks_of(tx, &ctx.org, case)?,
                stocks::of_case(tx, &ctx.org, case)?,
            )
        };
        let clocks = projections::clock_rows(law, status);
        projections::put_clocks(tx, &ctx.org, case, &known, &clocks)?;
        let rows = stocks::rows(law, &account.stays, &self.seqs);
        stocks::put(tx, &ctx.org, case, &stays, &rows)?;
        let face = projections::face(law, history, status, &clocks);
        projections::put_face(tx, &ctx.org, case, &face, (self.facts, self.last_seq))?;
        let first_new = usize::try_from(self.first_new).expect("a case has fewer facts than that");
        let fresh = History {
            facts: history.facts[first_new..].to_vec(),
        };
        if self.first_new == 0 || !projections::searchable(law, &fresh).is_empty() {
            let row = records::find(tx, &ctx.org, case)?;
            projections::make_findable(tx, &ctx.org, &row, law, history)?;
        }
        Ok(())
    }
}

/// The clocks of a case as the register of clocks keeps them.
pub(crate) fn clocks_of(tx: &mut Tx, org: &str, case: &str) -> Result<Vec<ClockRow>> {
    Ok(tx.query(
        sql!(
            "SELECT clock, item, state, started_on, due_from, due_to, owed_by, breached_on
               FROM clocks WHERE org = $1 AND case_id = $2"
        ),
        params![org, case],
        |row| {
            let state: String = row.get(2)?;
            Ok(ClockRow {
                clock: row.get(0)?,
                item: row.get(1)?,
                state: match state.as_str() {
                    "running" => "running",
                    "met" => "met",
                    _ => "expired",
                },
                started_on: row.get(3)?,
                due_from: row.get(4)?,
                due_to: row.get(5)?,
                owed_by: row.get(6)?,
                breached_on: row.get(7)?,
            })
        },
    )?)
}

fn bring_files(
    tx: &mut Tx,
    ctx: &Ctx,
    case: &str,
    uploads: &[crate::evidence::Upload],
    seq: i64,
) -> Result<()> {
    for file in uploads {
        tx.execute(
            sql!(
                "INSERT INTO evidence (org, hash, case_id, name, media, size, seq) VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (org, case_id, hash) DO NOTHING"
            ),
            params![ctx.org, file.hash, case, file.name, file.media, file.size, seq],
        )?;
    }
    Ok(())
}

fn keep_text(tx: &mut Tx, law: &LawFile) -> Result<()> {
    let known: i64 = tx.query_one(
        sql!("SELECT count(*) FROM law_texts WHERE hash = $1"),
        params![law.hash],
        |row| row.get(0),
    )?;
    if known == 0 {
        tx.execute(
            sql!(
                "INSERT INTO law_texts (hash, code, title, body) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (hash) DO NOTHING"
            ),
            params![law.hash, law.procedure.code, law.procedure.title, law.text],
        )?;
    }
    Ok(())
}

/// How a tracking code is kept.
pub fn tracking_hash(code: &str) -> String {
    hex(&Sha256::digest(code.trim().to_uppercase().as_bytes()))
}
