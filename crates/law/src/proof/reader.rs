//! Reading conditions as tests over slots.

use super::reads::{opened_by, settled, times, when_done};
use super::test::{Slot, Test};
use super::view::{Scope, Seen, Thing, View};
use crate::procedure::{
    Comparison, Condition, DefinitionBody, FieldId, FieldRef, Guard, ItemId, LineId, Quantity,
    StageId, StepId,
};

/// How the items of a kind are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// Besides the followed one there may be any others: what holds here holds of every case.
    Any,
    /// There are no others, and none of any kind that is not followed: what happens here can really happen.
    Sole,
}

/// Reads conditions of one view.
pub struct Reader<'v, 'a> {
    pub view: &'v View<'a>,
    pub slots: Vec<Option<Slot>>,
    pub items: Items,
}

/// Where and how one condition is read.
#[derive(Clone, Copy)]
struct At<'s> {
    scope: Scope,
    /// Fields of the form being filled: inside 每个 and 有 they still have their old values.
    form: &'s [FieldId],
    inside: bool,
    /// Is it asserted rather than denied?
    positive: bool,
}

impl<'v, 'a> Reader<'v, 'a> {
    /// A reader of everything that a view follows.
    pub fn new(view: &'v View<'a>, items: Items) -> Self {
        Reader {
            view,
            slots: view.layout(),
            items,
        }
    }

    /// The slot of a thing, if it is followed.
    pub fn slot(&self, thing: &Thing) -> Option<Slot> {
        let at = self.view.things.iter().position(|t| t == thing)?;
        self.slots[at]
    }

    /// A condition in a scope, while a form is filled.
    pub fn condition(&self, condition: &Condition, scope: Scope, form: &[FieldId]) -> Test {
        let at = At {
            scope,
            form,
            inside: false,
            positive: true,
        };
        self.read(condition, at, &mut Vec::new())
    }

    /// A guard in a scope. A line of a version may exist or not.
    pub fn guard(&self, guard: &Guard, scope: Scope, form: &[FieldId]) -> Test {
        let when = guard
            .when
            .as_ref()
            .map_or(Test::Known(true), |when| self.condition(when, scope, form));
        if guard.version.is_some() {
            Test::all([when, Test::Unknown])
        } else {
            when
        }
    }

    /// What a property forbids. The followed item of each kind is the one to blame: 有 asserted, and 每个 denied, speak of it
    /// and of no other, once for each kind.
    pub fn forbidden(&self, condition: &Condition) -> Test {
        let at = At {
            scope: Scope::Case,
            form: &[],
            inside: false,
            positive: true,
        };
        let mut to_blame = self.view.tracked.iter().copied().collect();
        self.read(condition, at, &mut to_blame)
    }

    /// Is a stage among those of its line where the case, or the item, stands?
    pub fn stands(&self, stages: &[StageId], scope: Scope) -> Test {
        Test::any(stages.iter().map(|stage| self.stage(*stage, scope)))
    }

    fn read(&self, condition: &Condition, at: At, to_blame: &mut Vec<ItemId>) -> Test {
        match condition {
            Condition::And(all) => Test::all(all.iter().map(|c| self.read(c, at, to_blame))),
            Condition::Or(all) => Test::any(all.iter().map(|c| self.read(c, at, to_blame))),
            Condition::Not(inner) => {
                let denied = At {
                    positive: !at.positive,
                    ..at
                };
                self.read(inner, denied, to_blame).not()
            }
            Condition::Defined(id) => match &self.view.procedure.definitions[id.at()].body {
                DefinitionBody::Condition(inner) => self.read(inner, at, to_blame),
                DefinitionBody::Quantity(_) => Test::Unknown,
            },
            Condition::Some(kind, inner) => self.some(*kind, inner, at, to_blame),
            Condition::Each(kind, inner) => {
                let denied = At {
                    positive: !at.positive,
                    ..at
                };
                self.some(*kind, &Condition::Not(inner.clone()), denied, to_blame)
                    .not()
            }
            Condition::Done(step, true) => self.done(*step, at.scope),
            Condition::Done(step, false) => self.done(*step, at.scope).not(),
            Condition::At(stages) => self.stands(stages, at.scope),
            Condition::Clock(clock, test) => {
                let own = self.view.procedure.clocks[clock.at()].item;
                let here = own.is_none_or(|kind| at.scope == Scope::Followed(kind));
                match self.slot(&Thing::Clock(*clock)) {
                    Some(slot) if here => Test::In(slot, 1 << (*test as u64)),
                    None if own.is_none() => Test::Free,
                    _ => Test::Unknown,
                }
            }
            Condition::Is(reference, wanted) if self.view.single(reference) => {
                self.is(reference, wanted, at)
            }
            Condition::Is(reference, wanted) => self.contains(reference.field, wanted, at),
            Condition::Contains(field, wanted) => self.contains(*field, wanted, at),
            Condition::Present(reference, present) => self.present(reference, *present, at),
            Condition::Listed(field, listing) => {
                let wanted = Seen::Listed(*field, *listing);
                self.value(&[*field], at, |seen| (*seen == wanted).then_some(2))
            }
            Condition::Within(inner, outer) => {
                let wanted = Seen::Within(*inner, *outer);
                self.value(&[*inner, *outer], at, |seen| (*seen == wanted).then_some(2))
            }
            Condition::Compare(left, comparison, right) => {
                self.compare(left, *comparison, right, at)
            }
        }
    }

    fn some(&self, kind: ItemId, inner: &Condition, at: At, to_blame: &mut Vec<ItemId>) -> Test {
        if let Some(step) = opened_by(self.view.procedure, kind, inner) {
            return self.done(step, Scope::Case);
        }
        let inside = At {
            scope: Scope::Followed(kind),
            inside: true,
            ..at
        };
        let exists = match self.slot(&Thing::ItemStage(kind)) {
            Some(slot) => Test::In(slot, !1),
            None if self.items == Items::Sole => return Test::Known(false),
            None => return Test::Unknown,
        };
        let blamed = at.positive && to_blame.contains(&kind);
        if blamed {
            to_blame.retain(|other| *other != kind);
        }
        let here = Test::all([exists, self.read(inner, inside, to_blame)]);
        if blamed || self.items == Items::Sole {
            return here;
        }
        let opened = self
            .slot(&Thing::Opened(kind))
            .map_or(Test::Unknown, |slot| Test::In(slot, 2));
        Test::all([opened, Test::any([here, Test::Unknown])])
    }

    fn done(&self, step: StepId, scope: Scope) -> Test {
        let slot = |thing| {
            self.slot(&thing)
                .map_or(Test::Unknown, |slot| Test::In(slot, 2))
        };
        match (self.view.procedure.steps[step.at()].item, scope) {
            (Some(own), Scope::Followed(kind)) if own == kind => slot(Thing::ItemDone(step)),
            (Some(own), Scope::Other(kind)) if own == kind => {
                Test::all([slot(Thing::Done(step)), Test::Unknown])
            }
            _ => slot(Thing::Done(step)),
        }
    }

    fn stage(&self, stage: StageId, scope: Scope) -> Test {
        let line = self.view.procedure.stages[stage.at()].line;
        let declared = &self.view.procedure.lines[line.at()];
        let Some(position) = declared.stages.iter().position(|s| *s == stage) else {
            return Test::Unknown;
        };
        match declared.item {
            None => self
                .slot(&Thing::Stage(line))
                .map_or(Test::Unknown, |slot| Test::In(slot, 1 << position)),
            Some(kind) if scope == Scope::Other(kind) => Test::Unknown,
            Some(kind) => {
                let Some(slot) = self.slot(&Thing::ItemStage(kind)) else {
                    return Test::Unknown;
                };
                let here = Test::In(slot, 2 << position);
                // Outside an item of the kind, any of them will do.
                if scope == Scope::Followed(kind) || self.items == Items::Sole {
                    here
                } else {
                    Test::any([here, Test::Unknown])
                }
            }
        }
    }

    fn is(&self, reference: &FieldRef, wanted: &[String], at: At) -> Test {
        let cells = |choose: &dyn Fn(&String) -> bool| {
            self.value(&[reference.field], at, |seen| match seen {
                Seen::Field(known, values) if known == reference => {
                    let cells = values.iter().zip(1u32..);
                    let chosen = cells.filter(|(value, _)| choose(value));
                    Some(chosen.fold(0, |set, (_, cell)| set | 1 << cell))
                }
                _ => None,
            })
        };
        let named = cells(&|value| wanted.contains(value));
        let all_named = wanted.iter().all(|value| {
            !matches!(
                cells(&|known| known == value),
                Test::In(_, 0) | Test::Unknown
            )
        });
        if all_named {
            return named;
        }
        // Any other value: one that is not told apart yet may be among those wanted.
        let other = Test::all([cells(&|_| true).not(), self.present(reference, true, at)]);
        Test::any([named, Test::all([other, Test::Unknown])])
    }

    fn present(&self, reference: &FieldRef, present: bool, at: At) -> Test {
        let set = if present { !1 } else { 1 };
        self.value(&[reference.field], at, |seen| match seen {
            Seen::Field(known, _) if known == reference => Some(set),
            _ => None,
        })
    }

    fn contains(&self, field: FieldId, wanted: &[String], at: At) -> Test {
        Test::any(wanted.iter().map(|value| {
            let wanted = Seen::Contains(field, value.clone());
            self.value(&[field], at, |seen| (*seen == wanted).then_some(2))
        }))
    }

    /// A test of what is seen of fields; `set` gives the values for which it is true.
    fn value(&self, fields: &[FieldId], at: At, set: impl Fn(&Seen) -> Option<u64>) -> Test {
        if at.inside && fields.iter().any(|field| at.form.contains(field)) {
            return Test::Unknown;
        }
        let Some(place) = self.view.place(fields, at.scope) else {
            return Test::Unknown;
        };
        for (thing, slot) in self.view.things.iter().zip(&self.slots) {
            if let (Thing::Value(known, seen), Some(slot)) = (thing, slot)
                && *known == place
                && let Some(set) = set(seen)
            {
                return Test::In(*slot, set);
            }
        }
        Test::Unknown
    }

    fn compare(&self, left: &Quantity, comparison: Comparison, right: &Quantity, at: At) -> Test {
        if let Some((step, when_none)) = times(left, comparison, right) {
            let done = self.done(step, at.scope);
            let when_done = when_done(comparison, right).map_or(Test::Unknown, Test::Known);
            return Test::any([
                Test::all([done.clone().not(), Test::Known(when_none)]),
                Test::all([done, when_done]),
            ]);
        }
        if !settled(left) || !settled(right) {
            return Test::Unknown;
        }
        let wanted = Seen::Relation(left.clone(), right.clone());
        let swapped = Seen::Relation(right.clone(), left.clone());
        // 0 absent, 1 less, 2 equal, 3 more.
        let (straight, turned): (u64, u64) = match comparison {
            Comparison::More => (0b1000, 0b0010),
            Comparison::Less => (0b0010, 0b1000),
            Comparison::AtMost => (0b0110, 0b1100),
            Comparison::AtLeast => (0b1100, 0b0110),
            Comparison::Equal => (0b0100, 0b0100),
        };
        self.value(&wanted.fields(), at, |seen| {
            if *seen == wanted {
                Some(straight)
            } else if *seen == swapped {
                Some(turned)
            } else {
                None
            }
        })
    }

    /// Does a condition read a clock? A clock whose last day is not known makes it undecided in the engine.
    pub fn reads_clock(&self, guard: &Guard) -> bool {
        guard.when.as_ref().is_some_and(|when| {
            !super::reads::Reads::of(self.view.procedure, when)
                .clocks
                .is_empty()
        })
    }

    /// The position of 主线's final stages, as a set.
    pub fn final_stages(&self) -> Test {
        let procedure = self.view.procedure;
        let finals: Vec<StageId> = procedure.lines[0]
            .stages
            .iter()
            .copied()
            .filter(|stage| procedure.stages[stage.at()].is_final)
            .collect();
        debug_assert_eq!(procedure.lines[0].item, None);
        self.stands(&finals, Scope::Case)
    }

    /// Where a stage stands in its line.
    pub fn position(&self, stage: StageId) -> Option<(LineId, u8)> {
        let line = self.view.procedure.stages[stage.at()].line;
        let stages = &self.view.procedure.lines[line.at()].stages;
        let at = stages.iter().position(|s| *s == stage)?;
        Some((line, u8::try_from(at).ok()?))
    }
}
