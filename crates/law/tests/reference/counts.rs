//! What is counted (law language §3.8), and every run that stays on record (§3.3).

use super::clocks::{State, days_late};
use super::{Here, Number, Place, Telling, Told};
use law::clock::Due;
use law::engine::{Act, Waiver};
use law::indicator::Mark;
use law::procedure::{ClockId, Formula, IndicatorId};
use law::value::{Ratio, Value};

fn id(i: usize) -> IndicatorId {
    IndicatorId(u16::try_from(i).expect("a file has few indicators"))
}

impl Telling<'_> {
    /// Marks of the first `n` facts, each condition judged just after its own fact.
    pub fn marks(&self, n: usize) -> Vec<Mark> {
        let mut found = Vec::new();
        for (ordinal, (i, fact)) in self.facts(self.told.len()).take(n).enumerate() {
            let here = Here {
                k: i + 1,
                place: self.place_of(fact),
                form: None,
                at: fact.at,
            };
            for (position, indicator) in self.procedure.indicators.iter().enumerate() {
                let counts = match &indicator.formula {
                    Formula::Count(steps) | Formula::Sum(_, steps) => steps.contains(&fact.step),
                    Formula::Distinct(_, step) => *step == fact.step,
                    _ => false,
                };
                let when = indicator.when.as_ref();
                if !counts || when.is_some_and(|when| self.truth(here, when) != Some(true)) {
                    continue;
                }
                let amounts = match &indicator.formula {
                    Formula::Sum(quantity, _) => match self.number(here, quantity) {
                        Number::Known(amount) => vec![(amount, None)],
                        Number::Absent | Number::Unknown => Vec::new(),
                    },
                    Formula::Distinct(field, _) => {
                        let texts = self.value(here, *field).map(Value::texts);
                        let texts = texts.unwrap_or_default().into_iter();
                        texts.map(|text| (Ratio::ONE, Some(text))).collect()
                    }
                    _ => vec![(Ratio::ONE, None)],
                };
                let dims = indicator.by.iter();
                let dims: Vec<_> = dims
                    .filter_map(|field| Some((*field, self.value(here, *field)?.texts())))
                    .collect();
                found.extend(amounts.into_iter().map(|(amount, distinct)| Mark {
                    indicator: id(position),
                    fact_n: u32::try_from(ordinal + 1).expect("few facts"),
                    item: fact.item,
                    on: fact.at.date(),
                    amount,
                    distinct,
                    dims: dims.clone(),
                }));
            }
        }
        found
    }

    /// Stocks in which the case is now, and with how many items.
    pub fn stock(&self) -> Vec<(IndicatorId, u32)> {
        let here = self.here(self.at);
        let mut found = Vec::new();
        for (position, indicator) in self.procedure.indicators.iter().enumerate() {
            let n = match &indicator.formula {
                Formula::StockOfCases(condition) => {
                    usize::from(self.truth(here, condition) == Some(true))
                }
                Formula::StockOfItems(kind, condition) => self
                    .within_items(here, *kind, condition)
                    .into_iter()
                    .filter(|truth| *truth == Some(true))
                    .count(),
                _ => 0,
            };
            if n > 0 {
                found.push((id(position), u32::try_from(n).expect("few items")));
            }
        }
        found
    }

    /// The waivers of a permitted act that were needed: for each unmet line the first by somebody who may, with a reason.
    pub fn needed_waivers(&self, act: &Act) -> Vec<Waiver> {
        let here = self.here_of(act);
        let requires = &self.procedure.steps[act.step.at()].requires;
        let unmet = requires.iter().filter(|line| {
            self.applies(here, &line.guard) != Some(false)
                && self.truth(here, &line.condition) != Some(true)
        });
        let mut needed: Vec<usize> = unmet.filter_map(|line| self.waiver(act, line)).collect();
        needed.sort_unstable();
        needed.iter().map(|i| act.waivers[*i].clone()).collect()
    }

    /// Every run that is on record now, of the case and of its items, in words.
    pub fn runs(&self) -> Vec<String> {
        let last = self.told.len();
        let mut found = Vec::new();
        for (clock, place) in self.all_clocks(last) {
            let mut current = None;
            for k in 1..=last {
                let now = self.run(clock, place, k);
                let before = std::mem::replace(&mut current, now.clone());
                let Some(mut before) = before else { continue };
                if now.is_some_and(|now| now.began == before.began) {
                    continue;
                }
                let day = match &self.told[k - 1] {
                    Told::Fact(fact) => fact.at.date(),
                    Told::Expiry(_, _, at) => at.date(),
                };
                if before.state == State::Expired {
                    before.stopped = before.stopped.or(Some(day));
                }
                if before.state != State::Running {
                    found.push(self.in_words(clock, place, &before));
                }
            }
            if let Some(run) = current {
                found.push(self.in_words(clock, place, &run));
            }
        }
        found.sort();
        found
    }

    fn in_words(&self, clock: ClockId, place: Place, run: &super::clocks::Run) -> String {
        let state = match run.state {
            State::Running => law::clock::ClockState::Running,
            State::Met => law::clock::ClockState::Met,
            State::Expired => law::clock::ClockState::Expired,
        };
        let due = Due {
            lo: run.due.lo,
            hi: run.due.hi,
            instant: run.due.instant,
        };
        let owes = !self.procedure.clocks[clock.at()].stops.is_empty();
        let breach = run.due.hi.filter(|_| owes && run.state == State::Expired);
        run_in_words(
            &self.procedure.clocks[clock.at()].name,
            place.map(|(_, no)| no),
            &format!("{state:?} {due:?} {} {breach:?}", run.extended),
            i64::try_from(days_late(run, self.at.date())).expect("few days"),
        )
    }
}

/// How both sides tell of a run.
pub fn run_in_words(clock: &str, item: Option<u32>, stands: &str, late: i64) -> String {
    format!("{clock} {item:?} {stands} {late}")
}
