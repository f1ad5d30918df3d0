//! A case as a dossier (卷宗): which papers the law file asks for, which stand and who signed, and what its definitions
//! come to in this case. Everything is derived from the law file and the history.

use crate::calendar::Calendar;
use crate::check::walk::{Part, parts};
use crate::engine::eval::{Context, Number, Tri};
use crate::engine::{Act, History, Refusal, Register, fold_to, permit};
use crate::procedure::{
    Condition, DefinitionBody, DefinitionId, ItemId, Procedure, Quantity, StepId,
};
use crate::value::{Ratio, Value};
use jiff::civil::DateTime;
use std::collections::{BTreeMap, BTreeSet};

/// A paper that a step of the history made (文书).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Position of the fact in the history.
    pub fact: usize,
    /// Position of the paper in the papers of its step; `None`: the step makes no paper, but files or a recording stand
    /// to its account.
    pub paper: Option<usize>,
    /// The fact no longer counts (作废).
    pub annulled: bool,
    /// Recordings that are due at this step (音像), as written.
    pub recordings: Vec<String>,
    /// Files attached to the fact.
    pub files: usize,
}

/// What a definition comes to (词义) in this case.
#[derive(Debug, Clone, PartialEq)]
pub struct Reckoned {
    /// The definition.
    pub definition: DefinitionId,
    /// What it comes to.
    pub comes_to: ComesTo,
    /// The step that was last judged by it, and when; the value is that of then. `None`: the value is of now.
    pub judged: Option<(StepId, DateTime)>,
}

/// The worth of a definition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ComesTo {
    /// A condition that holds, or not.
    Truth(bool),
    /// A quantity.
    Number(Ratio),
    /// A field it reads is not filled.
    Absent,
    /// It cannot be known yet.
    Unknown,
}

/// What would come of an act, without taking it.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Why not, if not.
    pub refusal: Option<Refusal>,
    /// Every definition as the form would make it.
    pub reckoned: Vec<Reckoned>,
}

/// The papers that stand, in the order in which they were made.
pub fn papers(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    at: DateTime,
) -> Vec<Made> {
    let now = fold_to(procedure, calendar, history, register, at);
    let mut made = Vec::new();
    for (position, fact) in history.facts.iter().enumerate() {
        let step = &procedure.steps[fact.step.at()];
        let annulled = !now.live_of(fact.step, None).any(|live| live == position);
        let files = fact
            .values
            .values()
            .map(|value| match value {
                Value::Files(all) => all.len(),
                _ => 0,
            })
            .sum();
        let guards = step
            .papers
            .iter()
            .map(|paper| &paper.guard)
            .chain(step.recordings.iter().map(|(_, guard, _)| guard));
        // Only a guard needs the case as it stood then.
        let plain = guards
            .into_iter()
            .all(|guard| guard.when.is_none() && guard.version.is_none());
        let then = (!plain).then(|| {
            let facts = history.facts[..=position].to_vec();
            fold_to(procedure, calendar, &History { facts }, register, fact.at)
        });
        let fold = then.as_ref().unwrap_or(&now);
        let context = Context {
            fold,
            form: Some(&fact.values),
            holes: &[],
            place: place(procedure, fact.step, fact.item),
            at: fact.at,
        };
        let recordings: Vec<String> = step
            .recordings
            .iter()
            .filter(|(_, guard, _)| context.guard(guard) == Tri::True)
            .map(|(says, ..)| says.clone())
            .collect();
        let mut any = false;
        for (number, paper) in step.papers.iter().enumerate() {
            if context.guard(&paper.guard) == Tri::True {
                any = true;
                made.push(Made {
                    fact: position,
                    paper: Some(number),
                    annulled,
                    recordings: recordings.clone(),
                    files,
                });
            }
        }
        if !any && (files > 0 || !recordings.is_empty()) {
            made.push(Made {
                fact: position,
                paper: None,
                annulled,
                recordings,
                files,
            });
        }
    }
    made
}

/// What every definition comes to: at the last step that was judged by it, or now.
pub fn reckon(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    at: DateTime,
) -> Vec<Reckoned> {
    let readers = readers(procedure);
    let now = fold_to(procedure, calendar, history, register, at);
    // Definitions judged by the same fact are read from one fold.
    let mut by_fact: BTreeMap<Option<usize>, Vec<DefinitionId>> = BTreeMap::new();
    for (definition, steps) in &readers {
        let last = steps.iter().flat_map(|step| now.live_of(*step, None)).max();
        by_fact.entry(last).or_default().push(*definition);
    }
    let mut found = Vec::new();
    for (fact, definitions) in by_fact {
        let Some(position) = fact else {
            let context = Context {
                fold: &now,
                form: None,
                holes: &[],
                place: None,
                at,
            };
            found.extend(definitions.into_iter().map(|definition| Reckoned {
                definition,
                comes_to: comes_to(procedure, &context, definition),
                judged: None,
            }));
            continue;
        };
        let judged = &history.facts[position];
        let facts = history.facts[..position].to_vec();
        let fold = fold_to(procedure, calendar, &History { facts }, register, judged.at);
        let context = Context {
            fold: &fold,
            form: Some(&judged.values),
            holes: &[],
            place: place(procedure, judged.step, judged.item),
            at: judged.at,
        };
        found.extend(definitions.into_iter().map(|definition| Reckoned {
            definition,
            comes_to: comes_to(procedure, &context, definition),
            judged: Some((judged.step, judged.at)),
        }));
    }
    found.sort_by_key(|reckoned| reckoned.definition);
    found
}

/// What would come of an act (试算): nothing is written, and nothing is refused on record.
pub fn trial(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    act: Act,
) -> Trial {
    let fold = fold_to(procedure, calendar, history, register, act.at);
    let context = Context {
        fold: &fold,
        form: Some(&act.values),
        holes: &[],
        place: place(procedure, act.step, act.item),
        at: act.at,
    };
    let reckoned = readers(procedure)
        .into_keys()
        .map(|definition| Reckoned {
            definition,
            comes_to: comes_to(procedure, &context, definition),
            judged: None,
        })
        .collect();
    Trial {
        refusal: permit(procedure, calendar, history, register, act).err(),
        reckoned,
    }
}

/// Definitions that the requirements of a step read, directly or through others, in the order of the file.
pub fn read_by(procedure: &Procedure, step: StepId) -> Vec<DefinitionId> {
    readers(procedure)
        .into_iter()
        .filter(|(_, steps)| steps.contains(&step))
        .map(|(definition, _)| definition)
        .collect()
}

fn place(procedure: &Procedure, step: StepId, item: Option<u32>) -> Option<(ItemId, u32)> {
    procedure.steps[step.at()].item.zip(item)
}

fn comes_to(procedure: &Procedure, context: &Context, definition: DefinitionId) -> ComesTo {
    match &procedure.definitions[definition.at()].body {
        DefinitionBody::Condition(condition) => match context.condition(condition) {
            Tri::True => ComesTo::Truth(true),
            Tri::False => ComesTo::Truth(false),
            Tri::Unknown => ComesTo::Unknown,
        },
        DefinitionBody::Quantity(quantity) => match context.quantity(quantity) {
            Number::Known(number) => ComesTo::Number(number),
            Number::Absent => ComesTo::Absent,
            Number::Unknown => ComesTo::Unknown,
        },
    }
}

/// Which steps are judged by each definition.
fn readers(procedure: &Procedure) -> BTreeMap<DefinitionId, BTreeSet<StepId>> {
    let id = |at: usize| DefinitionId(u16::try_from(at).unwrap_or(u16::MAX));
    let step = |at: usize| StepId(u16::try_from(at).unwrap_or(u16::MAX));
    let mut of_line: BTreeMap<usize, StepId> = BTreeMap::new();
    for (at, declared) in procedure.steps.iter().enumerate() {
        for requirement in &declared.requires {
            of_line.insert(requirement.line_no, step(at));
        }
    }
    let definition_of: BTreeMap<usize, DefinitionId> = procedure
        .definitions
        .iter()
        .enumerate()
        .map(|(at, definition)| (definition.line_no, id(at)))
        .collect();
    let mut readers: BTreeMap<DefinitionId, BTreeSet<StepId>> = (0..procedure.definitions.len())
        .map(|at| (id(at), BTreeSet::new()))
        .collect();
    let mut within: Vec<(DefinitionId, DefinitionId)> = Vec::new();
    parts(procedure, &mut |line, part| {
        let (Part::Condition(Condition::Defined(read)) | Part::Quantity(Quantity::Defined(read))) =
            part
        else {
            return;
        };
        if let Some(step) = of_line.get(&line) {
            readers.entry(*read).or_default().insert(*step);
        } else if let Some(outer) = definition_of.get(&line) {
            within.push((*outer, *read));
        }
    });
    // A definition inside another is judged where the outer one is.
    loop {
        let mut grew = false;
        for (outer, inner) in &within {
            let steps = readers.get(outer).cloned().unwrap_or_default();
            let known = readers.entry(*inner).or_default();
            let before = known.len();
            known.extend(steps);
            grew |= known.len() > before;
        }
        if !grew {
            return readers;
        }
    }
}
