//! What the walk tells apart (抽象): stages, steps done, what conditions can see of fields, and one item of a kind.
//!
//! **One item stands for all.** A property over the items of a case is followed with one of them, whichever: its own stage,
//! steps, fields and clocks are exact as those of the case are. Of the other items nothing is known but whether a step was
//! done in any of them, so 每个 and 有 over them are true, false or not known. If a real history broke the property, some item
//! of it would be the one to blame, and following that one the walk would meet it.

use super::reads::{Reads, fields_of, opened_by, settled, times};
use super::test::Slot;
use crate::procedure::{
    ClockId, Condition, DefinitionBody, FieldId, FieldKind, FieldRef, Guard, ItemId, LineId,
    ListingId, Procedure, Quantity, StageId, StepId,
};
use std::collections::BTreeSet;

/// Where a condition is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Outside items.
    Case,
    /// In the item that is followed.
    Followed(ItemId),
    /// In an item that is not.
    Other(ItemId),
}

/// Whose values are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Case,
    Item(ItemId),
}

/// Something of the values that a condition can see.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Which of the values that conditions name: 0 absent, 1.. those, last any other.
    Field(FieldRef, Vec<String>),
    /// 含 one value: 0 no, 1 yes.
    Contains(FieldId, String),
    /// 列于: 0 no, 1 yes.
    Listed(FieldId, ListingId),
    /// 不超出: 0 no, 1 yes.
    Within(FieldId, FieldId),
    /// Two quantities: 0 one is absent, 1 less, 2 equal, 3 more.
    Relation(Quantity, Quantity),
}

impl Seen {
    /// The fields that it depends on.
    pub fn fields(&self) -> Vec<FieldId> {
        match self {
            Seen::Field(reference, _) => vec![reference.field],
            Seen::Contains(field, _) | Seen::Listed(field, _) => vec![*field],
            Seen::Within(inner, outer) => vec![*inner, *outer],
            Seen::Relation(left, right) => {
                let mut fields = fields_of(left);
                fields.extend(fields_of(right));
                fields
            }
        }
    }
}

/// One thing followed.
#[derive(Debug, Clone, PartialEq)]
pub enum Thing {
    /// Where a line of the case stands, by position in the line.
    Stage(LineId),
    /// Has a step a live fact, in whatever item?
    Done(StepId),
    /// Is there an item of the kind?
    Opened(ItemId),
    /// What is seen of the values.
    Value(Place, Seen),
    /// Where the followed item stands: 0 not opened yet, then the position in its line and one.
    ItemStage(ItemId),
    /// Has a step a live fact in the followed item?
    ItemDone(StepId),
    /// A clock of the case or of the followed item: 未起, 走, 满, 止.
    Clock(ClockId),
}

/// What is told apart.
#[derive(Clone)]
pub struct View<'a> {
    pub procedure: &'a Procedure,
    /// In the order in which they began to be followed.
    pub things: Vec<Thing>,
    /// Kinds of which one item is followed.
    pub tracked: BTreeSet<ItemId>,
    /// Requirements that are followed: step and position; the position after the last stands for its moves.
    widened: BTreeSet<(StepId, usize)>,
}

impl<'a> View<'a> {
    /// Only the stages of the case's lines.
    pub fn of_stages(procedure: &'a Procedure) -> Self {
        let mut view = View {
            procedure,
            things: Vec::new(),
            tracked: BTreeSet::new(),
            widened: BTreeSet::new(),
        };
        for (i, line) in procedure.lines.iter().enumerate() {
            if line.item.is_none() {
                view.add(Thing::Stage(LineId(u16::try_from(i).unwrap_or(u16::MAX))));
            }
        }
        view.settle();
        view
    }

    /// All stages, and what a condition reads.
    pub fn of_condition(procedure: &'a Procedure, condition: &Condition) -> Self {
        let mut view = View::of_stages(procedure);
        view.follow(condition, Scope::Case, false);
        view.settle();
        view
    }

    /// 主线 and what a forbidden condition reads, one item for each kind it speaks of; other lines are sliced away until a
    /// step that is followed reads them.
    pub fn of_forbidden(procedure: &'a Procedure, condition: &Condition) -> Self {
        let mut view = View {
            procedure,
            things: vec![Thing::Stage(LineId(0))],
            tracked: BTreeSet::new(),
            widened: BTreeSet::new(),
        };
        view.follow(condition, Scope::Case, true);
        view.settle();
        view
    }

    /// Follows one more requirement along a story: of the last step first, and only one that reads something already
    /// followed, because nothing else can forbid the end. False when there is none left.
    pub fn widen(&mut self, story: &[StepId]) -> bool {
        for step in story.iter().rev() {
            let declared = &self.procedure.steps[step.at()];
            for at in 0..=declared.requires.len() {
                if self.widened.contains(&(*step, at)) {
                    continue;
                }
                let mut reads = Reads::default();
                match declared.requires.get(at) {
                    Some(requirement) => {
                        reads.condition(self.procedure, &requirement.condition);
                        reads.guard(self.procedure, &requirement.guard);
                    }
                    None => {
                        reads.stages(self.procedure, &declared.from);
                        for transition in &declared.to {
                            reads.stages(self.procedure, &[transition.stage]);
                            reads.guard(self.procedure, &transition.guard);
                        }
                    }
                }
                // Where a followed step may begin matters as much as what it requires.
                let begins = at == declared.requires.len()
                    && (self.follows(&Thing::Done(*step)) || self.follows(&Thing::ItemDone(*step)));
                if !begins && !self.shares(&reads) {
                    continue;
                }
                self.widened.insert((*step, at));
                let scopes = match declared.item {
                    None => vec![Scope::Case],
                    Some(kind) if self.tracked.contains(&kind) => {
                        vec![Scope::Followed(kind), Scope::Other(kind)]
                    }
                    Some(kind) => vec![Scope::Other(kind)],
                };
                for scope in scopes {
                    match declared.requires.get(at) {
                        Some(requirement) => {
                            self.follow(&requirement.condition, scope, false);
                            self.follow_guard(&requirement.guard, scope);
                        }
                        None => {
                            for stage in &declared.from {
                                self.add_line(*stage, scope);
                            }
                            for transition in &declared.to {
                                self.follow_guard(&transition.guard, scope);
                            }
                        }
                    }
                }
                self.settle();
                return true;
            }
        }
        false
    }

    /// Is a requirement of a step followed?
    pub fn is_widened(&self, step: StepId, at: usize) -> bool {
        self.widened.contains(&(step, at))
    }

    /// Is a thing followed?
    pub fn follows(&self, thing: &Thing) -> bool {
        self.things.contains(thing)
    }

    fn shares(&self, reads: &Reads) -> bool {
        self.things.iter().any(|thing| match thing {
            Thing::Stage(line) => *line != LineId(0) && reads.lines.contains(line),
            Thing::ItemStage(kind) => {
                let line = self.procedure.items[kind.at()].line;
                reads.lines.contains(&line)
            }
            Thing::Done(step) | Thing::ItemDone(step) => reads.steps.contains(step),
            Thing::Value(_, seen) => seen.fields().iter().any(|f| reads.fields.contains(f)),
            Thing::Clock(clock) => reads.clocks.contains(clock),
            Thing::Opened(_) => false,
        })
    }

    fn follow_guard(&mut self, guard: &Guard, scope: Scope) {
        if let Some(when) = &guard.when {
            self.follow(when, scope, false);
        }
    }

    /// Follows what a condition reads. Only a property chooses which kinds of items are followed.
    fn follow(&mut self, condition: &Condition, scope: Scope, property: bool) {
        match condition {
            Condition::And(all) | Condition::Or(all) => {
                all.iter().for_each(|c| self.follow(c, scope, property));
            }
            Condition::Not(inner) => self.follow(inner, scope, property),
            Condition::Done(step, _) => self.add_done(*step, scope),
            Condition::Is(reference, values) => {
                if self.single(reference) {
                    self.add_field(reference, values, scope);
                } else {
                    for value in values {
                        self.add_seen(Seen::Contains(reference.field, value.clone()), scope);
                    }
                }
            }
            Condition::Present(reference, _) => self.add_field(reference, &[], scope),
            Condition::Contains(field, values) => {
                for value in values {
                    self.add_seen(Seen::Contains(*field, value.clone()), scope);
                }
            }
            Condition::Listed(field, listing) => {
                self.add_seen(Seen::Listed(*field, *listing), scope);
            }
            Condition::Within(inner, outer) => self.add_seen(Seen::Within(*inner, *outer), scope),
            Condition::Compare(left, comparison, right) => match times(left, *comparison, right) {
                Some((step, _)) => self.add_done(step, scope),
                None if settled(left) && settled(right) => {
                    self.add_seen(Seen::Relation(left.clone(), right.clone()), scope);
                }
                None => {}
            },
            Condition::Defined(id) => {
                if let DefinitionBody::Condition(inner) = &self.procedure.definitions[id.at()].body
                {
                    self.follow(inner, scope, property);
                }
            }
            Condition::At(stages) => {
                stages.iter().for_each(|stage| self.add_line(*stage, scope));
            }
            Condition::Clock(clock, _) => {
                let own = self.procedure.clocks[clock.at()].item;
                let here = match own {
                    None => property,
                    Some(kind) => scope == Scope::Followed(kind),
                };
                if here {
                    self.add(Thing::Clock(*clock));
                }
            }
            Condition::Each(kind, inner) | Condition::Some(kind, inner) => {
                let inner_says = match condition {
                    Condition::Each(..) => Condition::Not(inner.clone()),
                    _ => inner.as_ref().clone(),
                };
                if let Some(step) = opened_by(self.procedure, *kind, &inner_says) {
                    self.add(Thing::Done(step));
                } else if property || self.tracked.contains(kind) {
                    self.tracked.insert(*kind);
                    self.add(Thing::ItemStage(*kind));
                    self.add(Thing::Opened(*kind));
                    self.follow(inner, Scope::Followed(*kind), property);
                }
            }
        }
    }

    /// A clock that deems a step decides when the step happens: it is followed when the step does anything that is.
    fn settle(&mut self) {
        loop {
            let before = self.things.len();
            for (i, clock) in self.procedure.clocks.iter().enumerate() {
                let here = clock.item.is_none_or(|kind| self.tracked.contains(&kind));
                if let Some((step, _)) = &clock.deems
                    && here
                    && self.is_felt(*step)
                {
                    self.add(Thing::Clock(ClockId(u16::try_from(i).unwrap_or(u16::MAX))));
                }
            }
            if self.things.len() == before {
                return;
            }
        }
    }

    /// Does a step change something followed?
    fn is_felt(&self, step: StepId) -> bool {
        let declared = &self.procedure.steps[step.at()];
        let done =
            |step: StepId| self.follows(&Thing::Done(step)) || self.follows(&Thing::ItemDone(step));
        done(step)
            || declared.annuls.iter().any(|annulled| done(*annulled))
            || declared.to.iter().any(|transition| {
                let line = self.procedure.stages[transition.stage.at()].line;
                match self.procedure.lines[line.at()].item {
                    None => self.follows(&Thing::Stage(line)),
                    Some(kind) => self.tracked.contains(&kind),
                }
            })
    }

    fn add(&mut self, thing: Thing) {
        if !self.follows(&thing) {
            self.things.push(thing);
        }
    }

    fn add_line(&mut self, stage: StageId, scope: Scope) {
        let line = self.procedure.stages[stage.at()].line;
        match self.procedure.lines[line.at()].item {
            None => self.add(Thing::Stage(line)),
            Some(kind) if scope == Scope::Followed(kind) => self.add(Thing::ItemStage(kind)),
            Some(_) => {}
        }
    }

    fn add_done(&mut self, step: StepId, scope: Scope) {
        match self.procedure.steps[step.at()].item {
            Some(kind) if scope == Scope::Followed(kind) => self.add(Thing::ItemDone(step)),
            _ => self.add(Thing::Done(step)),
        }
    }

    fn add_seen(&mut self, seen: Seen, scope: Scope) {
        if let Some(place) = self.place(&seen.fields(), scope) {
            self.add(Thing::Value(place, seen));
        }
    }

    fn add_field(&mut self, reference: &FieldRef, wanted: &[String], scope: Scope) {
        let Some(place) = self.place(&[reference.field], scope) else {
            return;
        };
        for thing in &mut self.things {
            if let Thing::Value(known_place, Seen::Field(known, values)) = thing
                && *known_place == place
                && known == reference
            {
                for value in wanted {
                    if !values.contains(value) {
                        values.push(value.clone());
                    }
                }
                return;
            }
        }
        self.add(Thing::Value(
            place,
            Seen::Field(reference.clone(), wanted.to_vec()),
        ));
    }

    /// Does a field hold one value at most?
    pub fn single(&self, reference: &FieldRef) -> bool {
        reference.column.is_some()
            || !matches!(
                self.procedure.fields[reference.field.at()].kind,
                FieldKind::Choices(_) | FieldKind::People | FieldKind::File | FieldKind::Case(_)
            )
    }

    /// Whose values a condition over these fields sees in a scope; `None` if nothing is known of them. A field that no step
    /// of the kind fills is the case's.
    pub fn place(&self, fields: &[FieldId], scope: Scope) -> Option<Place> {
        let filled_in = |kind: ItemId| {
            self.procedure
                .steps
                .iter()
                .filter(|step| step.item == Some(kind))
                .flat_map(|step| &step.form)
                .any(|entry| fields.contains(&entry.field))
        };
        match scope {
            Scope::Case => Some(Place::Case),
            Scope::Followed(kind) if filled_in(kind) => Some(Place::Item(kind)),
            Scope::Other(kind) if filled_in(kind) => None,
            Scope::Followed(_) | Scope::Other(_) => Some(Place::Case),
        }
    }

    /// How many values a thing has.
    pub fn size(&self, thing: &Thing) -> usize {
        match thing {
            Thing::Stage(line) => self.procedure.lines[line.at()].stages.len(),
            Thing::ItemStage(kind) => {
                let line = self.procedure.items[kind.at()].line;
                self.procedure.lines[line.at()].stages.len() + 1
            }
            Thing::Done(_) | Thing::ItemDone(_) | Thing::Opened(_) => 2,
            Thing::Clock(_) => 4,
            Thing::Value(_, seen) => match seen {
                Seen::Field(reference, values) => {
                    values.len() + 1 + usize::from(!self.all_named(reference, values))
                }
                Seen::Contains(..) | Seen::Listed(..) | Seen::Within(..) => 2,
                Seen::Relation(..) => 4,
            },
        }
    }

    /// Do the values named leave no other?
    fn all_named(&self, reference: &FieldRef, values: &[String]) -> bool {
        reference.column.is_none()
            && match &self.procedure.fields[reference.field.at()].kind {
                FieldKind::Choice(all) => all.iter().all(|choice| values.contains(choice)),
                FieldKind::YesNo => ["是", "否"]
                    .iter()
                    .all(|word| values.iter().any(|value| value == word)),
                _ => false,
            }
    }

    /// Packs everything followed side by side. What no longer fits is not followed: it stays unknown.
    pub fn layout(&self) -> Vec<Option<Slot>> {
        let mut shift = 0u32;
        self.things
            .iter()
            .map(|thing| {
                let size = self.size(thing);
                let bits = usize::BITS - (size.max(2) - 1).leading_zeros();
                if size > 64 || shift + bits > 128 {
                    return None;
                }
                let slot = Slot {
                    shift: u8::try_from(shift).ok()?,
                    bits: u8::try_from(bits).ok()?,
                };
                shift += bits;
                Some(slot)
            })
            .collect()
    }
}
