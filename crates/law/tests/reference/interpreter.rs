//! The law language read literally (law language §2.4, §3): every question is answered by scanning the whole history again.
//!
//! Nothing is kept up to date here. `Telling` is the history with the expiries that time brought, in order; a question is
//! asked of its first `k` happenings. Answers are remembered only so that the scans end before the reader does.

mod acts;
mod clocks;
mod conditions;
pub mod counts;

use clocks::{Run, State};
use jiff::civil::DateTime;
use law::calendar::Calendar;
use law::engine::{Fact, Register};
use law::procedure::{ClockId, FieldId, ItemId, LineId, Procedure, StageId, StepId};
use law::value::{Ratio, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An item: its kind and number.
pub type Place = Option<(ItemId, u32)>;
/// True, false, or undetermined.
pub type Truth = Option<bool>;

/// Something that happened: a fact, or the expiry of a clock.
enum Told {
    Fact(Fact),
    Expiry(ClockId, Place, DateTime),
}

/// A number, an absent field, or something undetermined.
#[derive(Clone, Copy)]
enum Number {
    Known(Ratio),
    Absent,
    Unknown,
}

/// Where a condition is read: after `k` happenings, in a place, with a form, at an instant.
#[derive(Clone, Copy)]
pub struct Here<'c> {
    k: usize,
    place: Place,
    form: Option<&'c BTreeMap<FieldId, Value>>,
    at: DateTime,
}

/// A history with the expiries and deemed steps that time brought.
pub struct Telling<'a> {
    procedure: &'a Procedure,
    calendar: &'a Calendar,
    register: &'a dyn Register,
    told: Vec<Told>,
    at: DateTime,
    stages: RefCell<HashMap<(LineId, Place, usize), StageId>>,
    clocks: RefCell<HashMap<(ClockId, Place, usize), Option<Run>>>,
    asking: RefCell<Vec<(ClockId, Place, usize)>>,
}

impl<'a> Telling<'a> {
    /// Tells a history up to `at`. Deemed steps that were written are left out and found again.
    pub fn new(
        procedure: &'a Procedure,
        calendar: &'a Calendar,
        register: &'a dyn Register,
        facts: &[Fact],
        at: DateTime,
    ) -> Self {
        let mut telling = Telling {
            procedure,
            calendar,
            register,
            told: Vec::new(),
            at,
            stages: RefCell::default(),
            clocks: RefCell::default(),
            asking: RefCell::default(),
        };
        for fact in facts {
            if !procedure.steps[fact.step.at()].actors.by_law {
                telling.pass(fact.at);
                telling.told.push(Told::Fact(fact.clone()));
            }
        }
        telling.pass(at);
        telling
    }

    /// Expiries before `t`, each with the step it deems.
    fn pass(&mut self, t: DateTime) {
        loop {
            let k = self.told.len();
            let mut next: Option<(DateTime, ClockId, Place)> = None;
            for (clock, place) in self.all_clocks(k) {
                let Some(run) = self.run(clock, place, k) else {
                    continue;
                };
                let end = run
                    .due
                    .instant
                    .or(run.due.hi.map(|day| day.at(23, 59, 59, 0)));
                if let (State::Running, None, Some(end)) = (run.state, run.open, end)
                    && end < t
                    && next.is_none_or(|(first, _, _)| end < first)
                {
                    next = Some((end, clock, place));
                }
            }
            let Some((end, clock, place)) = next else {
                return;
            };
            self.told.push(Told::Expiry(clock, place, end));
            if let Some((step, _)) = &self.procedure.clocks[clock.at()].deems {
                self.told.push(Told::Fact(Fact {
                    n: 0,
                    step: *step,
                    at: end,
                    recorded: end,
                    item: place.map(|(_, no)| no),
                    actors: Vec::new(),
                    values: BTreeMap::new(),
                    waivers: Vec::new(),
                }));
            }
        }
    }

    /// Every clock in every place where it may run.
    fn all_clocks(&self, k: usize) -> Vec<(ClockId, Place)> {
        let mut all = Vec::new();
        for (i, clock) in self.procedure.clocks.iter().enumerate() {
            let id = ClockId(u16::try_from(i).expect("a file has few clocks"));
            match clock.item {
                None => all.push((id, None)),
                Some(kind) => all.extend(
                    self.items(kind, k)
                        .into_iter()
                        .map(|no| (id, Some((kind, no)))),
                ),
            }
        }
        all
    }

    fn facts(&self, k: usize) -> impl DoubleEndedIterator<Item = (usize, &Fact)> {
        self.told[..k]
            .iter()
            .enumerate()
            .filter_map(|(i, told)| match told {
                Told::Fact(fact) => Some((i, fact)),
                Told::Expiry(..) => None,
            })
    }

    /// Facts so far, deemed ones among them.
    pub fn all_facts(&self) -> Vec<&Fact> {
        self.facts(self.told.len()).map(|(_, fact)| fact).collect()
    }

    fn place_of(&self, fact: &Fact) -> Place {
        self.procedure.steps[fact.step.at()].item.zip(fact.item)
    }

    fn items(&self, kind: ItemId, k: usize) -> BTreeSet<u32> {
        let opens = self.procedure.items[kind.at()].starts_with;
        self.facts(k)
            .filter(|(_, fact)| fact.step == opens)
            .filter_map(|(_, fact)| fact.item)
            .collect()
    }

    fn here(&self, at: DateTime) -> Here<'static> {
        Here {
            k: self.told.len(),
            place: None,
            form: None,
            at,
        }
    }

    /// Stages of the case's lines, and of each item.
    pub fn standing(&self) -> (Vec<StageId>, Vec<(ItemId, u32, StageId)>) {
        let k = self.told.len();
        let mut lines = Vec::new();
        for (i, line) in self.procedure.lines.iter().enumerate() {
            if line.item.is_none() {
                let id = LineId(u16::try_from(i).expect("a file has few lines"));
                lines.push(self.stage(id, None, k));
            }
        }
        let mut items = Vec::new();
        for (i, item) in self.procedure.items.iter().enumerate() {
            let kind = ItemId(u16::try_from(i).expect("a file has few items"));
            for no in self.items(kind, k) {
                items.push((kind, no, self.stage(item.line, Some((kind, no)), k)));
            }
        }
        (lines, items)
    }

    /// Where a line stands after `k` happenings.
    fn stage(&self, line: LineId, place: Place, k: usize) -> StageId {
        if let Some(known) = self.stages.borrow().get(&(line, place, k)) {
            return *known;
        }
        let mut stage = self.procedure.lines[line.at()].stages[0];
        for (i, fact) in self.facts(k) {
            let own = self.place_of(fact);
            if place.is_some() && own != place {
                continue;
            }
            let before = Here {
                k: i,
                place: own,
                form: Some(&fact.values),
                at: fact.at,
            };
            let moved = self.procedure.steps[fact.step.at()].to.iter().find(|to| {
                self.procedure.stages[to.stage.at()].line == line
                    && self.applies(before, &to.guard) == Some(true)
            });
            stage = moved.map_or(stage, |to| to.stage);
        }
        self.stages.borrow_mut().insert((line, place, k), stage);
        stage
    }

    /// Facts of a step that no later fact annulled, as seen from a place.
    fn live(&self, step: StepId, place: Place, k: usize) -> Vec<&Fact> {
        let kind = self.procedure.steps[step.at()].item;
        self.facts(k)
            .filter(|(_, fact)| fact.step == step)
            .filter(|(i, fact)| {
                let own = self.place_of(fact);
                !self.facts(k).any(|(later, other)| {
                    let theirs = self.place_of(other);
                    later > *i
                        && self.procedure.steps[other.step.at()].annuls.contains(&step)
                        && (own.is_none() || theirs.is_none() || own == theirs)
                })
            })
            .map(|(_, fact)| fact)
            .filter(|fact| place.is_none_or(|(of, no)| Some(of) != kind || fact.item == Some(no)))
            .collect()
    }

    fn value<'c>(&'c self, here: Here<'c>, field: FieldId) -> Option<&'c Value> {
        let latest = |place: Place| {
            self.facts(here.k)
                .rev()
                .filter(|(_, fact)| self.place_of(fact) == place)
                .find_map(|(_, fact)| fact.values.get(&field))
        };
        here.form
            .and_then(|form| form.get(&field))
            .or_else(|| here.place.and_then(|_| latest(here.place)))
            .or_else(|| latest(None))
            .filter(|value| !value.is_empty())
    }
}
