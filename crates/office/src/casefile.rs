//! The case page's contents (案件页): record, file, clocks, next steps; what the reader may not see is not in it.

use crate::access::Sight;
use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::evidence::Evidence;
use crate::pack::LawFile;
use crate::people;
use crate::projections::Outside;
use crate::records::{self, CaseRow, Record};
use crate::signing;
use law::clock::ClockState;
use law::engine::{Choice, ClockRun, Status};
use law::procedure::{FieldId, Openness};
use law::value::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use store::{Tx, params, sql};

/// Everything a case page shows.
pub struct CaseFile {
    /// The register's row.
    pub row: CaseRow,
    /// The law file under which it runs.
    pub law: Arc<LawFile>,
    /// Stages, items, clocks.
    pub status: Status,
    /// What may be done next, and what not.
    pub choices: Vec<Choice>,
    /// The record, newest first.
    pub lines: Vec<RecordLine>,
    /// Latest values, in the order of the law file; hidden ones say so.
    pub values: Vec<(String, String)>,
    /// Files.
    pub evidence: Vec<Evidence>,
    /// Linked cases: what the link is, id, number.
    pub links: Vec<(String, String, String)>,
}

/// One line of the record.
pub struct RecordLine {
    /// Step or what else it was.
    pub title: String,
    /// `fact`, `refused`, `look`, `clock`.
    pub kind: &'static str,
    /// Legal instant.
    pub at: String,
    /// Who acted, by name.
    pub who: String,
    /// Why it was refused, or a short note.
    pub note: String,
    /// Log position.
    pub seq: Option<i64>,
}

/// Loads a case for a reader.
pub fn load(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<CaseFile> {
    let sight = Sight::of(tx, ctx)?;
    sight.check(tx, id)?;
    let handler = sight.handles(tx, id)?;
    let record = records::load(tx, ctx, id)?;
    let names = people::names(tx, &ctx.org)?;
    let outside = Outside::new(tx, &ctx.org, &record.law);
    let procedure = &record.law.procedure;
    let status = law::engine::status(
        procedure,
        &ctx.pack.calendar,
        &record.history,
        &outside,
        ctx.now,
    );
    let choices = law::engine::options(
        procedure,
        &ctx.pack.calendar,
        &record.history,
        &outside,
        ctx.now,
    );
    outside.finish()?;
    let lines = record_lines(tx, ctx, &record, &status, &names)?;
    let values = values(tx, ctx, &record, &sight, handler, &names)?;
    let mut evidence = crate::evidence::of_case(tx, &ctx.org, id)?;
    let restricted = restricted_files(&record);
    evidence.retain(|file| handler || !restricted.contains(file.hash.as_str()));
    let links = links(tx, ctx, &sight, id)?;
    let Record { row, law, .. } = record;
    Ok(CaseFile {
        row,
        law,
        status,
        choices,
        lines,
        values,
        evidence,
        links,
    })
}

/// The number of a case that the reader sees.
pub fn number(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<String> {
    Sight::of(tx, ctx)?.check(tx, id)?;
    Ok(tx.query_one(
        sql!("SELECT number FROM cases WHERE org = $1 AND id = $2"),
        params![ctx.org, id],
        |row| row.get(0),
    )?)
}

/// Hashes of files in fields that are 限办.
fn restricted_files(record: &Record) -> HashSet<&str> {
    let fields = &record.law.procedure.fields;
    let mut found = HashSet::new();
    for (field, value) in record.history.facts.iter().flat_map(|fact| &fact.values) {
        if let Value::Files(hashes) = value
            && fields[field.at()].openness == Openness::HandlersOnly
        {
            found.extend(hashes.iter().map(String::as_str));
        }
    }
    found
}

fn values(
    tx: &mut Tx,
    ctx: &Ctx,
    record: &Record,
    sight: &Sight,
    handler: bool,
    names: &HashMap<String, String>,
) -> Result<Vec<(String, String)>> {
    let mut shown = Vec::new();
    for (i, field) in record.law.procedure.fields.iter().enumerate() {
        let id = FieldId(u16::try_from(i).map_err(fault)?);
        let Some(value) = record
            .history
            .facts
            .iter()
            .rev()
            .find_map(|fact| fact.values.get(&id))
        else {
            continue;
        };
        let text = if field.openness == Openness::HandlersOnly && !handler {
            "只有承办人和领导可见".to_owned()
        } else {
            match value {
                Value::Party { id, class } => match crate::parties::find(tx, &ctx.org, id)? {
                    Some(party) if handler => format!("{}（{class}）", party.name),
                    Some(party) => {
                        format!("{}（{class}）", crate::parties::masked(class, &party.name))
                    }
                    None => "已删除".to_owned(),
                },
                Value::People(ids) => ids
                    .iter()
                    .map(|id| names.get(id).cloned().unwrap_or_else(|| id.clone()))
                    .collect::<Vec<_>>()
                    .join("、"),
                Value::Cases(ids) => {
                    let asked: Vec<&str> = ids.iter().map(String::as_str).collect();
                    let hidden = sight.hidden(tx, &asked)?;
                    let mut numbers = Vec::new();
                    for id in ids {
                        if hidden.contains(id) {
                            numbers.push("（不在您的权限之内）".to_owned());
                            continue;
                        }
                        numbers.push(
                            crate::today::number_of(tx, &ctx.org, id)?
                                .unwrap_or_else(|| id.clone()),
                        );
                    }
                    numbers.join("、")
                }
                Value::Text(code) => match &field.kind {
                    law::procedure::FieldKind::Code(kind) => kind.shown(code),
                    _ => value.display(),
                },
                other => other.display(),
            }
        };
        shown.push((field.name.clone(), text));
    }
    Ok(shown)
}

fn record_lines(
    tx: &mut Tx,
    ctx: &Ctx,
    record: &Record,
    status: &Status,
    names: &HashMap<String, String>,
) -> Result<Vec<RecordLine>> {
    let procedure = &record.law.procedure;
    let mut lines: Vec<RecordLine> = Vec::new();
    let answers = signing::kept(tx, &ctx.org, &record.row.id)?;
    for (fact, seq) in record.history.facts.iter().zip(&record.seqs) {
        let step = &procedure.steps[fact.step.at()];
        let who: Vec<String> = fact
            .actors
            .iter()
            .flat_map(|(_, people)| people)
            .map(|id| names.get(id).cloned().unwrap_or_else(|| id.clone()))
            .collect();
        let outside: Vec<&str> = step
            .actors
            .roles
            .iter()
            .map(|(role, _)| procedure.roles[role.at()].name.as_str())
            .collect();
        let waived = match fact.waivers.len() {
            0 => String::new(),
            n => {
                let mut why: Vec<String> = fact
                    .waivers
                    .iter()
                    .map(|waiver| {
                        let by = names.get(&waiver.person).unwrap_or(&waiver.person);
                        format!("{by}：{}", waiver.reason)
                    })
                    .collect();
                why.dedup();
                format!("免了 {n} 项要求（{}）", why.join("；"))
            }
        };
        let said = signing::said(&answers, *seq, names);
        lines.push(RecordLine {
            title: match fact.item {
                Some(no) => format!("{} #{no}", step.name),
                None => step.name.clone(),
            },
            kind: "fact",
            at: fact.at.strftime("%Y-%m-%d %H:%M").to_string(),
            who: match (who.is_empty(), step.actors.by_law) {
                (_, true) => "期限届满，依法拟制".to_owned(),
                (true, _) => outside.join("、"),
                _ => who.join("、"),
            },
            note: [waived, said]
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect::<Vec<_>>()
                .join("；"),
            seq: Some(*seq),
        });
    }
    let beside = tx.query(
        sql!(
            "SELECT seq, subject, at, actor, body FROM entries
              WHERE org = $1 AND case_id = $2 AND kind IN ('refused', 'disclosure') ORDER BY seq"
        ),
        params![ctx.org, record.row.id],
        |row| {
            Ok((
                row.get::<i64>(0)?,
                row.get::<String>(1)?,
                row.get::<String>(2)?,
                row.get::<String>(3)?,
                row.get::<String>(4)?,
            ))
        },
    )?;
    for (seq, subject, at, actor, body) in beside {
        let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
        let at = at.replace('T', " ").chars().take(16).collect();
        if let Some(purpose) = body["purpose"].as_str() {
            lines.push(RecordLine {
                title: "查看当事人联系方式".into(),
                kind: "look",
                at,
                who: actor,
                note: purpose.to_owned(),
                seq: Some(seq),
            });
            continue;
        }
        let why = body["grounds"][0]["sentence"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let name = record
            .law
            .step(&subject)
            .map_or(subject.clone(), |s| procedure.steps[s.at()].name.clone());
        lines.push(RecordLine {
            title: format!("{name} 未获准许"),
            kind: "refused",
            at,
            who: actor,
            note: why,
            seq: Some(seq),
        });
    }
    for run in &status.clocks {
        let name = &procedure.clocks[run.clock.at()].name;
        if let Some(breached) = run.breached_on {
            lines.push(RecordLine {
                title: format!("{name} 逾期"),
                kind: "clock",
                at: format!("{breached} 24:00"),
                who: String::new(),
                note: format!("逾期 {} 日，永久记录", run.days_late),
                seq: None,
            });
        }
    }
    lines.sort_by(|a, b| b.at.cmp(&a.at).then(b.seq.cmp(&a.seq)));
    Ok(lines)
}

fn links(tx: &mut Tx, ctx: &Ctx, sight: &Sight, id: &str) -> Result<Vec<(String, String, String)>> {
    Ok(tx.query(
        sql!(
            "SELECT l.kind, c.id, c.number FROM case_links l
               JOIN cases c ON c.org = l.org AND c.id = CASE WHEN l.from_case = $2 THEN l.to_case ELSE l.from_case END
              WHERE l.org = $1 AND (l.from_case = $2 OR l.to_case = $2)
                AND ($3 <> '*' AND replace($3, '|' || c.procedure_code || '|', '') = $3
                     OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = c.org AND w.case_id = c.id
                                   AND w.part = 'works' AND w.who IN ($4, $5)))
                AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = c.org AND w.case_id = c.id
                                   AND w.part = 'accused' AND w.who IN ($4, $6))
              ORDER BY c.id"
        ),
        params![ctx.org, id, sight.closed, sight.person, sight.account, sight.unit],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?)
}

/// Clocks worth showing at the head of a case: running ones of the organ, the nearest due first.
pub fn running(status: &Status) -> Vec<&ClockRun> {
    let mut runs: Vec<&ClockRun> = status
        .clocks
        .iter()
        .filter(|run| run.state == ClockState::Running)
        .collect();
    runs.sort_by_key(|run| run.due.map(|due| due.lo));
    runs
}
