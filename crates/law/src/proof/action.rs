//! One act, ready to be tried on any state.

use super::test::{Slot, State, Test};
use super::view::Scope;
use crate::procedure::{ClockId, StepId};

/// What a story calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Somebody takes a step.
    Step(StepId, Scope),
    /// A clock runs out, of the case or of the followed item unless the scope says otherwise.
    Expiry(ClockId, Scope),
}

/// An act, ready to be tried on any state.
pub struct Action {
    pub label: Label,
    /// Stages alone do not stand against it unless this is false.
    pub open: Test,
    /// The clock that runs out with it, and what other clocks hear of that.
    pub expires: Option<Slot>,
    pub heard_first: Vec<Tell>,
    pub fills: Vec<Fill>,
    /// An absent field has no relation to anything: if the first is 0, so is the second.
    pub together: Vec<(Slot, Slot)>,
    /// True: some requirement stands against it.
    pub refused: Test,
    /// False: some requirement that is followed may stand against it. Asked only where what happens must really happen.
    pub granted: Test,
    pub moves: Vec<Move>,
    pub annuls: Vec<Annul>,
    pub sets: Vec<(Slot, u8)>,
    /// Done in the item, then done at all.
    pub implied: Vec<(Slot, Slot)>,
    pub tells: Vec<Tell>,
}

/// Values that the form may give to a slot.
pub struct Fill {
    pub slot: Slot,
    pub least: u8,
    pub most: u8,
}

/// Where a line may go: the first way whose guard holds.
pub struct Move {
    pub slot: Slot,
    /// Where it stands if no guard holds; `None`: where it stood.
    pub otherwise: Option<u8>,
    pub ways: Vec<Way>,
}

pub struct Way {
    pub guard: Test,
    /// A guard that is true here is true in the engine too.
    pub certain: bool,
    pub stage: u8,
}

/// A live fact taken away; `maybe`: or not, since other items may have theirs.
pub struct Annul {
    pub slot: Slot,
    pub maybe: bool,
}

/// What one clock hears.
pub struct Tell {
    pub slot: Slot,
    /// The followed item must be there to hear it.
    pub present: Test,
    pub starts: Test,
    pub restarts: Test,
    pub cancels: Test,
    pub stops: Test,
    /// It may not start for want of a length or of a first day.
    pub may_fail: bool,
    /// Met and late at once: its last day may lie in the past.
    pub may_be_late: bool,
}

const NOT_STARTED: u8 = 0;
pub const RUNNING: u8 = 1;
const EXPIRED: u8 = 2;
const MET: u8 = 3;

impl Action {
    /// An act of which nothing comes yet.
    pub fn new(label: Label) -> Action {
        Action {
            label,
            open: Test::Known(true),
            expires: None,
            heard_first: Vec::new(),
            fills: Vec::new(),
            together: Vec::new(),
            refused: Test::Known(false),
            granted: Test::Known(true),
            moves: Vec::new(),
            annuls: Vec::new(),
            sets: Vec::new(),
            implied: Vec::new(),
            tells: Vec::new(),
        }
    }

    /// Does it change anything followed?
    pub fn is_felt(&self) -> bool {
        !self.fills.is_empty()
            || !self.moves.is_empty()
            || !self.annuls.is_empty()
            || !self.sets.is_empty()
            || !self.tells.is_empty()
            || !self.heard_first.is_empty()
            || self.expires.is_some()
    }

    /// Everything that may come of it; nothing if it cannot be done here.
    pub fn apply(&self, state: State, found: &mut Vec<State>) {
        if !self.open.possible(state) {
            return;
        }
        let mut states = vec![match self.expires {
            Some(slot) => state.with(slot, EXPIRED),
            None => state,
        }];
        for tell in &self.heard_first {
            states = tell.hear(states);
        }
        for fill in &self.fills {
            states = states
                .into_iter()
                .flat_map(|state| {
                    (fill.least..=fill.most).map(move |value| state.with(fill.slot, value))
                })
                .collect();
        }
        states.retain(|state| {
            self.together
                .iter()
                .all(|(field, other)| state.get(*field) > 0 || state.get(*other) == 0)
                && self.refused.truth(*state) != Some(true)
                && self.granted.attainable(*state)
        });
        if !self.moves.is_empty() {
            states = states
                .into_iter()
                .flat_map(|state| self.moved(state))
                .collect();
        }
        for annul in &self.annuls {
            let kept = if annul.maybe {
                states.clone()
            } else {
                Vec::new()
            };
            for state in &mut states {
                *state = state.with(annul.slot, 0);
            }
            states.extend(kept);
        }
        for (own, any) in &self.implied {
            states.retain(|state| state.get(*own) == 0 || state.get(*any) == 1);
        }
        for state in &mut states {
            for (slot, value) in &self.sets {
                *state = state.with(*slot, *value);
            }
        }
        for tell in &self.tells {
            states = tell.hear(states);
        }
        found.extend(states);
    }

    /// All guards are read where the lines stood before.
    fn moved(&self, before: State) -> Vec<State> {
        let mut states = vec![before];
        for line in &self.moves {
            let mut stages: Vec<u8> = Vec::new();
            let mut settled = false;
            for way in &line.ways {
                match way.guard.truth(before) {
                    Some(false) => {}
                    truth => {
                        stages.push(way.stage);
                        if truth == Some(true) && way.certain {
                            settled = true;
                            break;
                        }
                    }
                }
            }
            if !settled {
                stages.push(line.otherwise.unwrap_or_else(|| before.get(line.slot)));
            }
            stages.sort_unstable();
            stages.dedup();
            states = states
                .into_iter()
                .flat_map(|state| {
                    stages
                        .iter()
                        .map(move |stage| state.with(line.slot, *stage))
                })
                .collect();
        }
        states
    }
}

impl Tell {
    /// 起, 重起, 销, 止, in the order of the engine.
    fn hear(&self, states: Vec<State>) -> Vec<State> {
        let mut after = Vec::with_capacity(states.len());
        for state in states {
            let present = self.present.truth(state);
            if present == Some(false) {
                after.push(state);
                continue;
            }
            let before = state.get(self.slot);
            let mut clock = 1u8 << before;
            let has = |set: u8, value: u8| set >> value & 1 == 1;
            let starts = self.starts.truth(state);
            if has(clock, NOT_STARTED) && starts != Some(false) {
                if starts == Some(true) && !self.may_fail {
                    clock &= !(1 << NOT_STARTED);
                }
                clock |= 1 << RUNNING;
            }
            match self.restarts.truth(state) {
                Some(false) => {}
                Some(true) if !self.may_fail => clock = 1 << RUNNING,
                _ => clock |= 1 << RUNNING,
            }
            let cancels = self.cancels.truth(state);
            if has(clock, RUNNING) && cancels != Some(false) {
                if cancels == Some(true) {
                    clock &= !(1 << RUNNING);
                }
                clock |= 1 << NOT_STARTED;
            }
            let stops = self.stops.truth(state);
            if has(clock, RUNNING) && stops != Some(false) {
                if stops == Some(true) {
                    clock &= !(1 << RUNNING);
                }
                clock |= 1 << MET;
                if self.may_be_late {
                    clock |= 1 << EXPIRED;
                }
            }
            if present.is_none() {
                clock |= 1 << before;
            }
            after.extend(
                (0..4)
                    .filter(|v| has(clock, *v))
                    .map(|v| state.with(self.slot, v)),
            );
        }
        after
    }
}
