//! How a case stands, and what may be done next (现状与下一步).

use super::eval::{Context, Tri};
use super::fold::Fold;
use super::judge;
use super::{Fact, Ground, GroundKind, History, Refusal, Register, fold_to};
use crate::calendar::Calendar;
use crate::clock::{self, ClockState, Due, Paused, StripDay};
use crate::procedure::{ClockId, FieldId, ItemId, Procedure, StageId, StepId, Unit};
use jiff::civil::{Date, DateTime};

/// How a case stands at an instant.
#[derive(Debug, Clone)]
pub struct Status {
    /// Stage of each line, by the line's position; of item lines their first stage, to be ignored.
    pub stages: Vec<StageId>,
    /// Items with their stage.
    pub items: Vec<ItemStatus>,
    /// Every run of every clock in order of start, but for runs that were cut short (重起, 销).
    pub clocks: Vec<ClockRun>,
    /// Deemed steps that time has brought and nobody has written yet.
    pub deemed: Vec<Fact>,
}

/// An item of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemStatus {
    /// Which kind.
    pub kind: ItemId,
    /// Its number, from 1.
    pub no: u32,
    /// Where it stands.
    pub stage: StageId,
}

/// One run of a clock.
#[derive(Debug, Clone)]
pub struct ClockRun {
    /// The clock.
    pub clock: ClockId,
    /// Item number, for item clocks.
    pub item: Option<u32>,
    /// Its state.
    pub state: ClockState,
    /// The start day, never counted.
    pub started_on: Option<Date>,
    /// The last day.
    pub due: Option<Due>,
    /// Unit; absent for 到.
    pub unit: Option<Unit>,
    /// Length with extensions.
    pub amount: i64,
    /// Extensions so far.
    pub extended: u8,
    /// Pauses.
    pub pauses: Vec<Paused>,
    /// The due day, if the duty was not done by then.
    pub breached_on: Option<Date>,
    /// Days after the due day, to the stop or today.
    pub days_late: i64,
}

impl ClockRun {
    /// Its days one by one.
    pub fn strip(&self, calendar: &Calendar) -> Vec<StripDay> {
        match (self.started_on, self.unit, &self.due) {
            (Some(start), Some(unit), Some(due)) => {
                clock::strip(calendar, start, unit, &self.pauses, due)
            }
            _ => Vec::new(),
        }
    }
}

/// How a case stands at `at`.
pub fn status(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    at: DateTime,
) -> Status {
    status_of(&fold_to(procedure, calendar, history, register, at), at)
}

/// How a fold stands that has come to `at`.
pub(crate) fn status_of(fold: &Fold, at: DateTime) -> Status {
    let mut clocks: Vec<ClockRun> = Vec::new();
    for machine in &fold.machines {
        for run in machine.runs() {
            clocks.push(ClockRun {
                clock: machine.clock,
                item: machine.item,
                state: run.state,
                started_on: Some(run.start.date()),
                due: Some(run.due),
                unit: run.unit,
                amount: run.amount.saturating_add(run.extra),
                extended: run.extended,
                pauses: run.pauses.clone(),
                breached_on: run.breached.then_some(run.due.hi).flatten(),
                days_late: run.days_late(at.date()),
            });
        }
    }
    clocks.sort_by_key(|run| run.started_on);
    Status {
        stages: fold.stages.clone(),
        items: fold
            .items
            .iter()
            .map(|((kind, no), stage)| ItemStatus {
                kind: *kind,
                no: *no,
                stage: *stage,
            })
            .collect(),
        clocks,
        deemed: fold.deemed.clone(),
    }
}

/// A step that could be taken, or could not.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The step.
    pub step: StepId,
    /// The item, for item steps; `None` for the step that opens one.
    pub item: Option<u32>,
    /// Yes or no.
    pub verdict: Verdict,
    /// What would be asked.
    pub form: Vec<Entry>,
}

/// One field of a step's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The field.
    pub field: FieldId,
    /// Must it be filled, as far as is known now?
    pub required: bool,
}

/// May it be done, as far as can be said before the form is filled?
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Yes; requirements that read the form itself are judged when it is handed in.
    Open,
    /// No.
    Refused(Refusal),
}

/// Every step that somebody could take or might ask for, in the order of the law file.
pub fn options(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    at: DateTime,
) -> Vec<Choice> {
    let fold = fold_to(procedure, calendar, history, register, at);
    let mut choices = Vec::new();
    for (i, step) in procedure.steps.iter().enumerate() {
        let id = StepId(u16::try_from(i).unwrap_or(u16::MAX));
        if step.actors.by_law || id == procedure.starts_with {
            continue;
        }
        let places: Vec<Option<(ItemId, u32)>> = match step.item {
            None => vec![None],
            Some(kind) if procedure.items[kind.at()].starts_with == id => vec![None],
            Some(kind) => fold
                .items
                .keys()
                .filter(|(own, _)| *own == kind)
                .map(|place| Some(*place))
                .collect(),
        };
        for place in places {
            choices.push(Choice {
                step: id,
                item: place.map(|(_, no)| no),
                verdict: Verdict::Open,
                form: form_of(&fold, id, place, at),
            });
        }
    }
    for choice in &mut choices {
        let grounds = objections(&fold, choice.step, place_of(procedure, choice), at);
        if !grounds.is_empty() {
            let step = procedure.steps[choice.step.at()].name.clone();
            choice.verdict = Verdict::Refused(Refusal {
                step,
                grounds,
                earliest: None,
            });
        }
    }
    find_earliest(procedure, calendar, history, register, at, &mut choices);
    choices
}

fn place_of(procedure: &Procedure, choice: &Choice) -> Option<(ItemId, u32)> {
    procedure.steps[choice.step.at()].item.zip(choice.item)
}

/// One fold for each day on which time changes something, for all refused steps together.
fn find_earliest(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    at: DateTime,
    choices: &mut [Choice],
) {
    let waits = |choice: &Choice| {
        matches!(&choice.verdict, Verdict::Refused(refusal)
            if refusal.earliest.is_none() && refusal.grounds.iter().all(|g| g.kind == GroundKind::Requirement))
    };
    if !choices.iter().any(waits) {
        return;
    }
    for day in judge::earliest::turning_days(procedure, calendar, history, register, at) {
        let later = day.at(0, 0, 0, 0).max(at);
        let fold = fold_to(procedure, calendar, history, register, later);
        for choice in choices.iter_mut().filter(|c| waits(c)) {
            let place = place_of(procedure, choice);
            if objections(&fold, choice.step, place, later).is_empty()
                && let Verdict::Refused(refusal) = &mut choice.verdict
            {
                refusal.earliest = Some(day);
            }
        }
    }
}

fn form_of(fold: &Fold, step: StepId, place: Option<(ItemId, u32)>, at: DateTime) -> Vec<Entry> {
    let declared = &fold.procedure.steps[step.at()].form;
    let holes: Vec<FieldId> = declared.iter().map(|entry| entry.field).collect();
    let context = Context {
        fold,
        form: None,
        holes: &holes,
        place,
        at,
    };
    let mut entries: Vec<Entry> = Vec::new();
    for entry in declared {
        let truth = context.guard(&entry.guard);
        if truth == Tri::False {
            continue;
        }
        let required = entry.required && truth == Tri::True;
        match entries.iter_mut().find(|known| known.field == entry.field) {
            Some(known) => known.required |= required,
            None => entries.push(Entry {
                field: entry.field,
                required,
            }),
        }
    }
    entries
}

/// What stands against a step whatever its form will say.
fn objections(
    fold: &Fold,
    step: StepId,
    place: Option<(ItemId, u32)>,
    at: DateTime,
) -> Vec<Ground> {
    let declared = &fold.procedure.steps[step.at()];
    let mut grounds: Vec<Ground> = judge::stage(fold, step, place).into_iter().collect();
    let holes: Vec<FieldId> = declared.form.iter().map(|entry| entry.field).collect();
    let context = Context {
        fold,
        form: None,
        holes: &holes,
        place,
        at,
    };
    for requirement in &declared.requires {
        if context.guard(&requirement.guard) == Tri::True {
            let truth = context.condition(&requirement.condition);
            if truth == Tri::False {
                grounds.push(judge::unmet(requirement, truth));
            }
        }
    }
    judge::extensions(&context, step, &mut grounds);
    grounds.sort_by_key(|ground| ground.force);
    grounds
}
