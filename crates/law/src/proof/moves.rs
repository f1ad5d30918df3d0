//! What may happen next in the abstract graph: a step in the case, in the followed item or in another one, and time.
//!
//! An act goes through the same stations as in the engine: may it begin, how may its form be filled, do its requirements
//! stand against it, where does it move the lines, what does it annul, and what do the clocks hear of it.

use super::action::{Action, Annul, Fill, Label, Move, RUNNING, Tell, Way};
use super::reader::{Items, Reader};
use super::test::{Slot, State, Test};
use super::view::{Place, Scope, Seen, Thing, View};
use crate::procedure::{
    ClockId, Event, FieldId, Happening, ItemId, Length, LineId, Quantity, Step, StepId,
};

/// Everything that may happen, for one view.
pub struct Moves<'v, 'a> {
    pub reader: Reader<'v, 'a>,
    /// Acts that change something followed.
    pub actions: Vec<Action>,
    /// For each step, whether stages stand against it; `None` for steps that nobody takes in the case itself.
    pub open: Vec<Option<Test>>,
    /// Has 主线 ended?
    pub over: Test,
}

impl<'v, 'a> Moves<'v, 'a> {
    /// Makes all acts of a view ready.
    pub fn new(view: &'v View<'a>, items: Items) -> Self {
        let reader = Reader::new(view, items);
        let over = reader.final_stages();
        let mut moves = Moves {
            reader,
            actions: Vec::new(),
            open: Vec::new(),
            over,
        };
        let steps = &view.procedure.steps;
        for (i, step) in steps.iter().enumerate() {
            let id = StepId(u16::try_from(i).unwrap_or(u16::MAX));
            if id == view.procedure.starts_with {
                moves.open.push(None);
                continue;
            }
            let own = step.item.is_none().then_some(Scope::Case);
            moves
                .open
                .push(own.map(|scope| moves.may_begin(step, scope)));
            if !step.actors.by_law {
                for scope in moves.scopes(step.item) {
                    let action = moves.act(id, scope);
                    moves.keep(action);
                }
            }
        }
        for i in 0..view.procedure.clocks.len() {
            let clock = ClockId(u16::try_from(i).unwrap_or(u16::MAX));
            for scope in moves.scopes(view.procedure.clocks[i].item) {
                let action = moves.expiry(clock, scope);
                moves.keep(action);
            }
        }
        moves
    }

    fn keep(&mut self, action: Action) {
        if action.is_felt() && !matches!(action.open, Test::Known(false)) {
            self.actions.push(action);
        }
    }

    /// In which places something of a kind happens.
    fn scopes(&self, kind: Option<ItemId>) -> Vec<Scope> {
        match kind {
            None => vec![Scope::Case],
            Some(kind) => {
                let followed = self.reader.view.tracked.contains(&kind);
                let others = self.reader.items == Items::Any;
                let scopes = [
                    (followed, Scope::Followed(kind)),
                    (others, Scope::Other(kind)),
                ];
                scopes
                    .into_iter()
                    .filter_map(|(here, scope)| here.then_some(scope))
                    .collect()
            }
        }
    }

    /// The states just after the first step.
    pub fn starts(&self) -> Vec<State> {
        let mut found = Vec::new();
        let first = self.act(self.reader.view.procedure.starts_with, Scope::Case);
        first.apply(State(0), &mut found);
        found
    }

    /// Does the case stand where a step may begin?
    fn may_begin(&self, step: &Step, scope: Scope) -> Test {
        let procedure = self.reader.view.procedure;
        let main: Vec<_> = step
            .from
            .iter()
            .copied()
            .filter(|stage| procedure.stages[stage.at()].line == LineId(0))
            .collect();
        let alive = if step.publication.is_some() {
            Test::Known(true)
        } else {
            Test::any([
                self.over.clone().not(),
                self.reader.stands(&main, Scope::Case),
            ])
        };
        let Some(first) = step.from.first() else {
            return alive;
        };
        let line = procedure.stages[first.at()].line;
        let of_line: Vec<_> = step
            .from
            .iter()
            .copied()
            .filter(|stage| procedure.stages[stage.at()].line == line)
            .collect();
        let here = match procedure.lines[line.at()].item {
            None => self.reader.stands(&of_line, scope),
            Some(kind) if scope == Scope::Followed(kind) || scope == Scope::Other(kind) => {
                self.reader.stands(&of_line, scope)
            }
            Some(_) => Test::Known(false),
        };
        Test::all([alive, here])
    }

    /// A step that somebody takes.
    fn act(&self, id: StepId, scope: Scope) -> Action {
        let step = &self.reader.view.procedure.steps[id.at()];
        let form: Vec<FieldId> = step.form.iter().map(|entry| entry.field).collect();
        let must: Vec<FieldId> = step
            .form
            .iter()
            .filter(|e| e.required && e.guard.when.is_none() && e.guard.version.is_none())
            .map(|e| e.field)
            .collect();
        let mut action = self.effects(id, scope, &form);
        let exists = self.existing(id, scope);
        action.open = Test::all([self.may_begin(step, scope), exists]);
        action.refused = Test::any(
            step.requires
                .iter()
                .filter(|r| r.waivable_by.is_none())
                .map(|requirement| {
                    Test::all([
                        self.reader.guard(&requirement.guard, scope, &form),
                        self.reader
                            .condition(&requirement.condition, scope, &form)
                            .not(),
                    ])
                }),
        );
        if self.reader.items == Items::Sole {
            let followed = step
                .requires
                .iter()
                .enumerate()
                .filter(|(at, requirement)| {
                    requirement.waivable_by.is_none() && self.reader.view.is_widened(id, *at)
                });
            action.granted = Test::all(followed.map(|(_, requirement)| {
                Test::any([
                    self.reader.guard(&requirement.guard, scope, &form).not(),
                    self.reader.condition(&requirement.condition, scope, &form),
                ])
            }));
        }
        self.fill(&mut action, scope, &form, &must);
        action
    }

    /// An item step needs its item; the step that opens one must not find it.
    fn existing(&self, id: StepId, scope: Scope) -> Test {
        let Scope::Followed(kind) = scope else {
            return Test::Known(true);
        };
        let opens = self.reader.view.procedure.items[kind.at()].starts_with == id;
        match self.reader.slot(&Thing::ItemStage(kind)) {
            Some(slot) if opens => Test::In(slot, 1),
            Some(slot) => Test::In(slot, !1),
            None => Test::Unknown,
        }
    }

    fn fill(&self, action: &mut Action, scope: Scope, form: &[FieldId], must: &[FieldId]) {
        let view = self.reader.view;
        let values: Vec<(Place, &Seen, Slot)> = view
            .things
            .iter()
            .zip(&self.reader.slots)
            .filter_map(|(thing, slot)| match (thing, slot) {
                (Thing::Value(place, seen), Some(slot)) => Some((*place, seen, *slot)),
                _ => None,
            })
            .collect();
        for (place, seen, slot) in &values {
            // What an item's form says stays in the item; what the case's form says is seen in items without their own.
            let seen_here = match (scope, place) {
                (Scope::Case, _) => true,
                (Scope::Followed(kind), Place::Item(own)) => kind == *own,
                (Scope::Followed(_) | Scope::Other(_), _) => false,
            };
            if !seen_here || !seen.fields().iter().any(|field| form.contains(field)) {
                continue;
            }
            let own_form = match scope {
                Scope::Case => *place == Place::Case,
                _ => true,
            };
            let least = match seen {
                Seen::Field(reference, _) => u8::from(
                    own_form && reference.column.is_none() && must.contains(&reference.field),
                ),
                _ => 0,
            };
            let thing = Thing::Value(*place, (*seen).clone());
            let most = u8::try_from(view.size(&thing) - 1).unwrap_or(u8::MAX);
            action.fills.push(Fill {
                slot: *slot,
                least,
                most,
            });
        }
        if action.fills.is_empty() {
            return;
        }
        for (place, seen, slot) in &values {
            let Seen::Field(reference, _) = seen else {
                continue;
            };
            if reference.column.is_some() {
                continue;
            }
            let reads = |quantity: &Quantity| *quantity == Quantity::Field(reference.clone());
            for (other_place, other, other_slot) in &values {
                let follows = match other {
                    Seen::Relation(left, right) => reads(left) || reads(right),
                    Seen::Contains(field, _) | Seen::Listed(field, _) => *field == reference.field,
                    Seen::Within(inner, outer) => {
                        *inner == reference.field || *outer == reference.field
                    }
                    Seen::Field(..) => false,
                };
                if follows && place == other_place {
                    action.together.push((*slot, *other_slot));
                }
            }
        }
    }

    /// What comes of a fact of a step, whoever brought it about.
    fn effects(&self, id: StepId, scope: Scope, form: &[FieldId]) -> Action {
        let step = &self.reader.view.procedure.steps[id.at()];
        let mut action = Action::new(Label::Step(id, scope));
        action.moves = self.movements(id, scope, form);
        action.tells = self.tells(Happening::Step(id), scope);
        let sole = self.reader.items == Items::Sole;
        for annulled in &step.annuls {
            let theirs = self.reader.view.procedure.steps[annulled.at()].item;
            // Facts of items are annulled from outside, or from the very item.
            let (mine, maybe) = match (scope, theirs) {
                (Scope::Followed(kind), Some(own)) if kind == own => (true, !sole),
                (Scope::Other(kind), Some(own)) if kind == own => (false, true),
                (Scope::Followed(_) | Scope::Other(_), Some(_)) => continue,
                (_, None) | (Scope::Case, Some(_)) => (true, false),
            };
            let own = self.reader.slot(&Thing::ItemDone(*annulled));
            if let Some(slot) = own.filter(|_| mine) {
                action.annuls.push(Annul { slot, maybe: false });
            }
            if let Some(slot) = self.reader.slot(&Thing::Done(*annulled)) {
                action.annuls.push(Annul { slot, maybe });
                action.implied.extend(own.map(|own| (own, slot)));
            }
        }
        if let Some(slot) = self.reader.slot(&Thing::Done(id)) {
            action.sets.push((slot, 1));
        }
        if let (Scope::Followed(_), Some(slot)) = (scope, self.reader.slot(&Thing::ItemDone(id))) {
            action.sets.push((slot, 1));
        }
        if let Some(kind) = step.item
            && self.reader.view.procedure.items[kind.at()].starts_with == id
            && let Some(slot) = self.reader.slot(&Thing::Opened(kind))
        {
            action.sets.push((slot, 1));
        }
        action
    }

    fn movements(&self, id: StepId, scope: Scope, form: &[FieldId]) -> Vec<Move> {
        let view = self.reader.view;
        let step = &view.procedure.steps[id.at()];
        let mut moves: Vec<Move> = Vec::new();
        for (thing, slot) in view.things.iter().zip(&self.reader.slots) {
            let Some(slot) = slot else { continue };
            let (line, shift) = match thing {
                Thing::Stage(line) => (*line, 0),
                Thing::ItemStage(kind) if scope == Scope::Followed(*kind) => {
                    (view.procedure.items[kind.at()].line, 1)
                }
                _ => continue,
            };
            let opens = matches!(thing, Thing::ItemStage(kind)
                if view.procedure.items[kind.at()].starts_with == id);
            let ways: Vec<Way> = step
                .to
                .iter()
                .filter_map(|transition| {
                    let (own, at) = self.reader.position(transition.stage)?;
                    (own == line).then(|| Way {
                        guard: self.reader.guard(&transition.guard, scope, form),
                        certain: !self.reader.reads_clock(&transition.guard),
                        stage: at + shift,
                    })
                })
                .collect();
            if opens || !ways.is_empty() {
                moves.push(Move {
                    slot: *slot,
                    otherwise: opens.then_some(shift),
                    ways,
                });
            }
        }
        moves
    }

    /// What every followed clock hears of a happening in a place.
    fn tells(&self, what: Happening, scope: Scope) -> Vec<Tell> {
        let view = self.reader.view;
        let mut tells = Vec::new();
        for (thing, slot) in view.things.iter().zip(&self.reader.slots) {
            let (Thing::Clock(id), Some(slot)) = (thing, slot) else {
                continue;
            };
            let declared = &view.procedure.clocks[id.at()];
            let (place, present) = match declared.item {
                None => (scope, Test::Known(true)),
                // Another item of the kind speaks to its own clocks only.
                Some(kind) if scope == Scope::Other(kind) => continue,
                Some(kind) => {
                    let present = self
                        .reader
                        .slot(&Thing::ItemStage(kind))
                        .map_or(Test::Unknown, |slot| Test::In(slot, !1));
                    (Scope::Followed(kind), present)
                }
            };
            let heard = |events: &[Event]| {
                Test::any(events.iter().filter(|e| e.happening == what).map(|event| {
                    if self.reader.reads_clock(&event.guard) {
                        Test::Unknown
                    } else {
                        self.reader.guard(&event.guard, place, &[])
                    }
                }))
            };
            let tell = Tell {
                slot: *slot,
                present,
                starts: heard(&declared.starts),
                restarts: heard(&declared.restarts),
                cancels: heard(&declared.cancels),
                stops: heard(&declared.stops),
                may_fail: !matches!(declared.lengths.first(),
                    Some((Length::Term(Quantity::Number(_), _), guard, _))
                        if guard.when.is_none() && guard.version.is_none())
                    || starts_elsewhere(declared),
                may_be_late: starts_elsewhere(declared)
                    || declared.lengths.iter().any(|(length, ..)| {
                        !matches!(length, Length::Term(Quantity::Number(_), _))
                    }),
            };
            let deaf = [&tell.starts, &tell.restarts, &tell.cancels, &tell.stops]
                .iter()
                .all(|test| matches!(test, Test::Known(false)));
            if !deaf {
                tells.push(tell);
            }
        }
        tells
    }

    /// A clock runs out: others hear of it, and the step that it deems is done, wherever the lines stand.
    fn expiry(&self, clock: ClockId, scope: Scope) -> Action {
        let view = self.reader.view;
        let declared = &view.procedure.clocks[clock.at()];
        let own = match scope {
            Scope::Case | Scope::Followed(_) => self.reader.slot(&Thing::Clock(clock)),
            Scope::Other(_) => None,
        };
        let deemed = declared.deems.as_ref().map(|(step, _)| *step);
        let mut action = match deemed {
            Some(step) => self.effects(step, scope, &[]),
            None => Action::new(Label::Expiry(clock, scope)),
        };
        action.label = Label::Expiry(clock, scope);
        action.heard_first = self.tells(Happening::Expiry(clock), scope);
        action.expires = own;
        action.open = match (own, scope) {
            (Some(slot), _) => Test::In(slot, 1 << RUNNING),
            (None, Scope::Followed(kind)) => self
                .reader
                .slot(&Thing::ItemStage(kind))
                .map_or(Test::Unknown, |slot| Test::In(slot, !1)),
            (None, _) => Test::Known(true),
        };
        action
    }
}

/// May a clock start on another day than that of the event?
fn starts_elsewhere(clock: &crate::procedure::Clock) -> bool {
    clock
        .starts
        .iter()
        .chain(&clock.restarts)
        .any(|event| event.day_from.is_some())
}
