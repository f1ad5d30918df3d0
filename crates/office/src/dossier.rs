//! A case as a dossier (卷宗): the papers in order with who signed and what is attached, the papers that are still to come
//! and what stands in their way, what the law file's definitions come to, and the listing entries that bind the case.

use crate::access;
use crate::casefile::{self, CaseFile};
use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::inputs::{self, Draft, Input};
use crate::listings::ListingEntry;
use crate::people;
use crate::projections::Outside;
use crate::records::{self, Record};
use law::dossier::{ComesTo, Reckoned, Trial};
use law::engine::{Refusal, Verdict};
use law::procedure::{FieldId, FieldKind, Happening, Openness, Procedure, StepId};
use law::value::Value;
use std::collections::{BTreeMap, HashMap};
use store::Tx;

/// Everything the dossier shows beyond the case page.
pub struct Dossier {
    /// The case page's contents.
    pub file: CaseFile,
    /// Papers that stand, in the order in which they were made.
    pub papers: Vec<PaperLine>,
    /// Papers that are still to come, nearest first.
    pub waiting: Vec<WaitingPaper>,
    /// What the definitions come to.
    pub reckoned: Vec<ReckonedLine>,
    /// Entries of listings that bind the case.
    pub entries: Vec<BoundEntry>,
    /// Who signed in which role.
    pub signers: Vec<(String, Vec<String>)>,
    /// The score sheet of the review of case files (案卷评查), if there is one for this procedure.
    pub score: Option<Score>,
}

/// A score sheet run over the case; a person confirms it afterwards.
pub struct Score {
    /// Items in the order of the sheet.
    pub items: Vec<ScoreItem>,
    /// Points reached.
    pub reached: i64,
    /// Points that could be reached.
    pub full: i64,
    /// Items that fail the file by themselves and did not hold.
    pub vetoes: usize,
}

/// An item of the score sheet.
pub struct ScoreItem {
    /// Its name on the sheet.
    pub name: String,
    /// What is asked, as written in the law file.
    pub formula: String,
    /// Its points.
    pub points: i64,
    /// Does it hold? What cannot be told does not.
    pub holds: bool,
    /// Fails the file by itself.
    pub veto: bool,
}

/// The listing of score sheets: procedure, code of a definition, points, veto.
const SCORE_SHEETS: &str = "案卷评查标准";

/// An entry of a listing that binds the case: field, key, columns.
pub type BoundEntry = (String, String, Vec<(String, String)>);

/// A paper that stands.
pub struct PaperLine {
    /// Its name, or the step's if the step makes no paper.
    pub name: String,
    /// For example `CF24`.
    pub number: String,
    /// The step that made it, with its item.
    pub step: String,
    /// Day.
    pub on: String,
    /// Who signed, by name or by outside role.
    pub by: String,
    /// On whom it is to be served.
    pub serve_on: String,
    /// 副卷.
    pub second_volume: bool,
    /// The step no longer counts.
    pub annulled: bool,
    /// Recordings due at the step.
    pub recordings: String,
    /// Files attached.
    pub files: usize,
    /// Log position.
    pub seq: i64,
}

impl PaperLine {
    /// A recording is due and no file is attached.
    pub fn lacks_recording(&self) -> bool {
        !self.recordings.is_empty() && self.files == 0
    }
}

/// A paper that is still to come.
pub struct WaitingPaper {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: String,
    /// The step that makes it.
    pub step: String,
    /// Who signs, by role.
    pub by: String,
    /// On whom it is to be served.
    pub serve_on: String,
    /// Takes 主线 to its next stage.
    pub forward: bool,
    /// Terms of the organ that run and that the step would stop.
    pub stops: Vec<String>,
    /// May it be made now?
    pub open: bool,
    /// What stands in the way: sentence and citation.
    pub barred: Vec<(String, String)>,
    /// First day on which nothing would stand in the way.
    pub earliest: String,
}

/// A definition and what it comes to.
pub struct ReckonedLine {
    /// Name.
    pub name: String,
    /// As written in the law file.
    pub formula: String,
    /// Basis with force.
    pub basis: String,
    /// What it comes to.
    pub value: String,
    /// The step and day at which it was judged; empty: as things stand.
    pub judged: String,
}

impl ReckonedLine {
    /// Was everything filled in that it reads?
    pub fn known(&self) -> bool {
        self.value != ABSENT
    }
}

/// What stands where a field that a definition reads is not filled.
const ABSENT: &str = "没有填";

/// What would come of a step.
pub struct TrialResult {
    /// Why not, if not.
    pub refusal: Option<Refusal>,
    /// What the definitions that the step reads would come to.
    pub reckoned: Vec<ReckonedLine>,
}

/// Loads the dossier of a case for a reader.
pub fn load(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<Dossier> {
    let file = casefile::load(tx, ctx, id)?;
    let handler = access::Sight::of(tx, ctx)?.handles(tx, id)?;
    let record = records::load(tx, ctx, id)?;
    let names = people::names(tx, &ctx.org)?;
    let outside = Outside::new(tx, &ctx.org, &record.law);
    let procedure = &record.law.procedure;
    let calendar = &ctx.pack.calendar;
    let made = law::dossier::papers(procedure, calendar, &record.history, &outside, ctx.now);
    let reckoned = law::dossier::reckon(procedure, calendar, &record.history, &outside, ctx.now);
    outside.finish()?;
    let papers = made
        .iter()
        .map(|made| paper_line(&record, made, &names))
        .collect();
    let mut sheet = crate::listings::on_day(tx, &ctx.org, SCORE_SHEETS, ctx.today())?;
    sheet.retain(|entry| cell(entry, "程序") == procedure.code);
    // What the score sheet asks for is shown there and nowhere else.
    let (asked, reckoned): (Vec<_>, Vec<_>) = reckoned
        .iter()
        .map(|r| (procedure.definitions[r.definition.at()].code.as_str(), r))
        .partition(|(code, _)| sheet.iter().any(|entry| cell(entry, "推算") == *code));
    Ok(Dossier {
        score: score(&record, sheet, &asked),
        papers,
        waiting: waiting(&file, &record),
        reckoned: reckoned
            .iter()
            .map(|(_, r)| reckoned_line(&record.law, r))
            .collect(),
        entries: entries(&record, handler)?,
        signers: signers(&record, &names),
        file,
    })
}

/// What would come of a step of this case with this form; nothing is written. Parties and files are left out of a trial.
pub fn trial(tx: &mut Tx, ctx: &Ctx, id: &str, draft: &Draft) -> Result<TrialResult> {
    access::may_see(tx, ctx, id)?;
    let record = records::load(tx, ctx, id)?;
    let mut draft = draft.clone();
    let law = &record.law;
    draft.values.retain(|name, input| {
        let kind = law
            .field(name)
            .map(|field| &law.procedure.fields[field.at()].kind);
        matches!(input, Input::Text(_)) && !matches!(kind, Some(FieldKind::Party | FieldKind::File))
    });
    let reading = inputs::read(tx, ctx, law, &draft)?;
    let step = reading.act.step;
    let outside = Outside::new(tx, &ctx.org, law);
    let Trial { refusal, reckoned } = law::dossier::trial(
        &law.procedure,
        &ctx.pack.calendar,
        &record.history,
        &outside,
        reading.act,
    );
    outside.finish()?;
    let read = law::dossier::read_by(&law.procedure, step);
    Ok(TrialResult {
        refusal,
        reckoned: reckoned
            .iter()
            .filter(|r| read.contains(&r.definition))
            .map(|r| reckoned_line(law, r))
            .collect(),
    })
}

fn cell<'a>(entry: &'a ListingEntry, column: &str) -> &'a str {
    entry.columns.get(column).map_or("", String::as_str)
}

fn score(record: &Record, sheet: Vec<ListingEntry>, asked: &[(&str, &Reckoned)]) -> Option<Score> {
    let items: Vec<ScoreItem> = sheet
        .into_iter()
        .filter_map(|entry| {
            let code = cell(&entry, "推算");
            let (_, found) = asked.iter().find(|(known, _)| *known == code)?;
            Some(ScoreItem {
                formula: reckoned_line(&record.law, found).formula,
                points: cell(&entry, "分值").parse().unwrap_or_default(),
                holds: found.comes_to == ComesTo::Truth(true),
                veto: cell(&entry, "否决") == "是",
                name: entry.key,
            })
        })
        .collect();
    if items.is_empty() {
        return None;
    }
    let sum = |holding: bool| {
        items
            .iter()
            .filter(|item| item.holds || !holding)
            .map(|item| item.points)
            .sum()
    };
    Some(Score {
        reached: sum(true),
        full: sum(false),
        vetoes: items.iter().filter(|item| item.veto && !item.holds).count(),
        items,
    })
}

fn paper_line(
    record: &Record,
    made: &law::dossier::Made,
    names: &HashMap<String, String>,
) -> PaperLine {
    let procedure = &record.law.procedure;
    let fact = &record.history.facts[made.fact];
    let step = &procedure.steps[fact.step.at()];
    let paper = made.paper.map(|at| &step.papers[at]);
    let people: Vec<String> = fact
        .actors
        .iter()
        .flat_map(|(_, people)| people)
        .map(|id| names.get(id).unwrap_or(id).clone())
        .collect();
    PaperLine {
        name: paper.map_or_else(|| step.name.clone(), |paper| paper.name.clone()),
        number: paper.map_or_else(String::new, |paper| paper.number.clone()),
        step: match fact.item {
            Some(no) => format!("{} #{no}", step.name),
            None => step.name.clone(),
        },
        on: fact.at.date().to_string(),
        by: if people.is_empty() {
            roles_of(procedure, fact.step)
        } else {
            people.join("、")
        },
        serve_on: paper
            .and_then(|paper| paper.serve_on)
            .map_or_else(String::new, |role| procedure.roles[role.at()].name.clone()),
        second_volume: paper.is_some_and(|paper| paper.second_volume),
        annulled: made.annulled,
        recordings: made.recordings.join("、"),
        files: made.files,
        seq: record.seqs[made.fact],
    }
}

/// Who takes a step, by role.
fn roles_of(procedure: &Procedure, step: StepId) -> String {
    let actors = &procedure.steps[step.at()].actors;
    if actors.by_law {
        return "期限届满，依法拟制".to_owned();
    }
    actors
        .roles
        .iter()
        .map(|(role, least)| {
            let name = &procedure.roles[role.at()].name;
            if *least > 1 {
                format!("{name}{least}名")
            } else {
                name.clone()
            }
        })
        .collect::<Vec<_>>()
        .join(if actors.any { "或者" } else { "、" })
}

/// Papers of the steps whose turn it is: those that take the case further first, then those that a term waits for.
fn waiting(file: &CaseFile, record: &Record) -> Vec<WaitingPaper> {
    let procedure = &record.law.procedure;
    let main = &procedure.lines[0].stages;
    let following = file
        .status
        .stages
        .first()
        .and_then(|stage| main.iter().position(|s| s == stage))
        .and_then(|at| main.get(at + 1).copied());
    let running: Vec<_> = casefile::running(&file.status)
        .into_iter()
        .map(|run| &procedure.clocks[run.clock.at()])
        .filter(|clock| clock.owed_by.is_none())
        .collect();
    let mut found = Vec::new();
    for choice in &file.choices {
        let step = &procedure.steps[choice.step.at()];
        let (open, barred, earliest) = match &choice.verdict {
            Verdict::Open => (true, Vec::new(), String::new()),
            Verdict::Refused(refusal) => {
                let elsewhere = refusal
                    .grounds
                    .iter()
                    .any(|ground| ground.kind == law::engine::GroundKind::Stage);
                if elsewhere {
                    continue;
                }
                let barred = refusal
                    .grounds
                    .iter()
                    .map(|ground| (ground.sentence.clone(), ground.citation.clone()))
                    .collect();
                let earliest = refusal.earliest.map_or_else(String::new, |d| d.to_string());
                (false, barred, earliest)
            }
        };
        let forward = step.to.iter().any(|to| Some(to.stage) == following);
        let stops: Vec<String> = running
            .iter()
            .filter(|clock| {
                clock
                    .stops
                    .iter()
                    .any(|event| event.happening == Happening::Step(choice.step))
            })
            .map(|clock| clock.name.clone())
            .collect();
        for paper in &step.papers {
            found.push(WaitingPaper {
                forward,
                stops: stops.clone(),
                name: paper.name.clone(),
                number: paper.number.clone(),
                step: match choice.item {
                    Some(no) => format!("{} #{no}", step.name),
                    None => step.name.clone(),
                },
                by: roles_of(procedure, choice.step),
                serve_on: paper
                    .serve_on
                    .map_or_else(String::new, |role| procedure.roles[role.at()].name.clone()),
                open,
                barred: barred.clone(),
                earliest: earliest.clone(),
            });
        }
    }
    found.sort_by_key(|paper| (!paper.forward, paper.stops.is_empty(), !paper.open));
    found
}

fn reckoned_line(law: &crate::pack::LawFile, reckoned: &Reckoned) -> ReckonedLine {
    let procedure = &law.procedure;
    let definition = &procedure.definitions[reckoned.definition.at()];
    let line = law
        .text
        .lines()
        .nth(definition.line_no.saturating_sub(1))
        .unwrap_or_default();
    let formula = line.split_once('：').map_or("", |(_, rest)| rest);
    ReckonedLine {
        name: definition.name.clone(),
        formula: formula
            .split('｜')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned(),
        basis: definition.basis.as_ref().map_or_else(String::new, |basis| {
            format!("{}：{}", basis.force.word(), basis.text)
        }),
        value: match reckoned.comes_to {
            ComesTo::Truth(true) => "成立".to_owned(),
            ComesTo::Truth(false) => "不成立".to_owned(),
            ComesTo::Number(number) => number.to_string(),
            ComesTo::Absent => ABSENT.to_owned(),
            ComesTo::Unknown => "未定".to_owned(),
        },
        judged: reckoned.judged.map_or_else(String::new, |(step, at)| {
            format!("{} {}", at.date(), procedure.steps[step.at()].name)
        }),
    }
}

/// Every entry of a listing that a field of the case holds now, with the columns read on its day.
fn entries(record: &Record, handler: bool) -> Result<Vec<BoundEntry>> {
    let mut found = Vec::new();
    for (at, field) in record.law.procedure.fields.iter().enumerate() {
        let id = FieldId(u16::try_from(at).map_err(fault)?);
        if field.openness == Openness::HandlersOnly && !handler {
            continue;
        }
        let last = record
            .history
            .facts
            .iter()
            .rev()
            .find_map(|fact| fact.values.get(&id));
        if let Some(Value::Entry { key, columns, .. }) = last {
            let columns: BTreeMap<String, String> = columns.clone();
            found.push((
                field.name.clone(),
                key.clone(),
                columns.into_iter().collect(),
            ));
        }
    }
    Ok(found)
}

fn signers(record: &Record, names: &HashMap<String, String>) -> Vec<(String, Vec<String>)> {
    let roles = &record.law.procedure.roles;
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (at, role) in roles.iter().enumerate() {
        let mut people: Vec<String> = Vec::new();
        for (own, ids) in record.history.facts.iter().flat_map(|fact| &fact.actors) {
            if own.at() != at {
                continue;
            }
            for id in ids {
                let name = names.get(id).unwrap_or(id);
                if !people.contains(name) {
                    people.push(name.clone());
                }
            }
        }
        if !people.is_empty() {
            found.push((role.name.clone(), people));
        }
    }
    found
}
