//! What comes next in a case (下一步): the step that it waits for, what may be done besides, what may not and why.

use crate::Site;
use crate::parts::clocks;
use crate::parts::forms::{self, Listings, StepForm};
use law::engine::{Choice, GroundKind, Refusal, Verdict};
use law::procedure::{LinkKind, Procedure, StageId};
use office::casefile::CaseFile;
use office::error::Error;
use std::collections::BTreeMap;

/// The steps of a case as its page shows them.
pub struct Next {
    /// Bring 主线 further.
    pub forward: Vec<OpenStep>,
    /// The usual way on that something still stands against: what the case waits for.
    pub waits: Vec<Refused>,
    /// May be done besides, in the order of the law file; the party's and other bodies' last.
    pub besides: Vec<OpenStep>,
    /// Barred in this stage.
    pub refused: Vec<Refused>,
    /// Of other stages.
    pub elsewhere: Vec<Refused>,
}

/// A step that may be taken.
pub struct OpenStep {
    /// Its form.
    pub form: StepForm,
    /// The form of the case that it opens.
    pub derived: Option<StepForm>,
}

/// A step that may not be taken.
pub struct Refused {
    /// Its name.
    pub name: String,
    /// Sentence and citation.
    pub grounds: Vec<(String, String)>,
    /// Earliest lawful day.
    pub earliest: String,
    /// Where everything that stands against the step may be set aside.
    pub form: Option<StepForm>,
}

/// The steps of a case.
pub fn steps(
    site: &Site,
    file: &CaseFile,
    listings: &Listings,
    typist: Option<&str>,
    typed: &BTreeMap<String, String>,
) -> Result<Next, Error> {
    let procedure = &file.law.procedure;
    let form_of = |choice: &Choice| {
        let (step, item) = (choice.step, choice.item);
        forms::step_form(procedure, step, item, &choice.form, listings, typist, typed)
    };
    let mut next = Next {
        forward: Vec::new(),
        waits: Vec::new(),
        besides: Vec::new(),
        refused: Vec::new(),
        elsewhere: Vec::new(),
    };
    let way = way_on(file);
    for choice in &file.choices {
        let forward = procedure.steps[choice.step.at()]
            .to
            .iter()
            .any(|to| Some(to.stage) == way);
        match &choice.verdict {
            Verdict::Open => {
                let step = OpenStep {
                    form: form_of(choice),
                    derived: derived_form(site, file, choice)?,
                };
                let list = if forward {
                    &mut next.forward
                } else {
                    &mut next.besides
                };
                list.push(step);
            }
            Verdict::Refused(refusal) => {
                let mut view = refusal_view(refusal);
                if refusal.grounds.iter().all(|g| g.waivable_by.is_some()) {
                    view.form = Some(form_of(choice));
                }
                let all = |kind| refusal.grounds.iter().all(|g| g.kind == kind);
                let any = |kind| refusal.grounds.iter().any(|g| g.kind == kind);
                // Steps of other stages stay in sight, but out of the way.
                let list = if forward && all(GroundKind::Requirement) {
                    &mut next.waits
                } else if any(GroundKind::Stage) {
                    &mut next.elsewhere
                } else {
                    &mut next.refused
                };
                list.push(view);
            }
        }
    }
    // While the usual way on is still barred, no other way is put forward in its place.
    if !next.waits.is_empty() {
        next.besides.splice(0..0, next.forward.drain(..));
    }
    next.besides.sort_by_key(|step| step.form.roles.is_empty());
    Ok(next)
}

/// The stage that the case is on its way to. Not a stage given up in, nor a detour: one from which every way leads back or
/// to where a step leads directly (待补正, 调查中止).
fn way_on(file: &CaseFile) -> Option<StageId> {
    let procedure: &Procedure = &file.law.procedure;
    let main = &procedure.lines[0].stages;
    let leads = |from: StageId| -> Vec<StageId> {
        procedure
            .steps
            .iter()
            .filter(|step| step.from.contains(&from))
            .flat_map(|step| step.to.iter().map(|to| to.stage))
            .filter(|to| main.contains(to) && *to != from)
            .collect()
    };
    let is_end = |stage: StageId| procedure.stages[stage.at()].is_final;
    let end = main.iter().copied().find(|stage| is_end(*stage));
    let now = *file.status.stages.first()?;
    let at = main.iter().position(|stage| *stage == now)?;
    let direct = leads(now);
    let goes_on = |to: StageId| {
        Some(to) == end
            || (!is_end(to)
                && leads(to).into_iter().any(|next| {
                    Some(next) == end || !(is_end(next) || next == now || direct.contains(&next))
                }))
    };
    let later = || {
        main[at + 1..]
            .iter()
            .copied()
            .filter(|to| direct.contains(to))
    };
    later()
        .find(|to| goes_on(*to))
        // A stage that is left by an item's step only, as 已决定 by the service of its paper.
        .or_else(|| later().find(|to| !is_end(*to) && !leads(*to).contains(&now)))
}

/// Sentence of a ground; a bare condition of the law file is turned into words.
fn sentence(ground: &str) -> String {
    let told = ground.strip_prefix("须：").and_then(|condition| {
        let (word, what) = condition.split_once(' ')?;
        if what.contains(' ') {
            return None;
        }
        match word {
            "已" => Some(format!("还没有“{what}”")),
            "未" => Some(format!("已经“{what}”")),
            "在" => Some(format!("到了“{}”才办", what.replace('、', "”或者“"))),
            _ => None,
        }
    });
    told.unwrap_or_else(|| ground.to_owned())
}

/// What the case that a step opens (派生) starts with.
fn derived_form(site: &Site, file: &CaseFile, choice: &Choice) -> Result<Option<StepForm>, Error> {
    let step = &file.law.procedure.steps[choice.step.at()];
    let code = step.links.iter().find_map(|link| match &link.kind {
        LinkKind::Derives(code) => Some(code.clone()),
        _ => None,
    });
    let Some(target) = code.and_then(|code| site.office.pack.file(&code).cloned()) else {
        return Ok(None);
    };
    let mut form = first_form(site, &target, None, &BTreeMap::new())?;
    for field in &mut form.fields {
        field.name = format!("d.{}", field.name);
    }
    for role in &mut form.roles {
        role.0 = format!("d.{}", role.0);
    }
    Ok(Some(form))
}

/// The form that opens a case.
pub fn first_form(
    site: &Site,
    law: &office::pack::LawFile,
    typist: Option<&str>,
    typed: &BTreeMap<String, String>,
) -> Result<StepForm, Error> {
    let procedure = &law.procedure;
    let step = procedure.starts_with;
    let entries: Vec<law::engine::Entry> = procedure.steps[step.at()]
        .form
        .iter()
        .map(|entry| law::engine::Entry {
            field: entry.field,
            required: entry.required && entry.guard.when.is_none() && entry.guard.version.is_none(),
        })
        .collect();
    let listings = forms::listings(site, law)?;
    Ok(forms::step_form(
        procedure, step, None, &entries, &listings, typist, typed,
    ))
}

/// A refusal in words.
pub fn refusal_view(refusal: &Refusal) -> Refused {
    Refused {
        name: refusal.step.clone(),
        grounds: refusal
            .grounds
            .iter()
            .map(|g| {
                let force = g.force.map_or("", |f| f.word());
                let mark = if g.unverified { "〔未核〕" } else { "" };
                let law = if g.citation.is_empty() {
                    String::new()
                } else {
                    format!("{force}：{}{mark}", g.citation)
                };
                (sentence(&g.sentence), law)
            })
            .collect(),
        earliest: refusal.earliest.map_or_else(String::new, |day| {
            format!("{day}（{}）", clocks::weekday(day))
        }),
        form: None,
    }
}
