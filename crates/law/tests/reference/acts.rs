//! What stands against an act (law language §3.4), line by line.

use super::clocks::State;
use super::{Here, Number, Telling};
use law::engine::{Act, GroundKind};
use law::procedure::{ClockId, FieldRef, LineId, Quantity, Requirement, RoleId, Side};
use law::value::{Ratio, Value};
use std::collections::BTreeSet;

impl Telling<'_> {
    /// Every failed line of an act, as kind and citation (§3.4). Empty: permitted.
    pub fn objections(&self, act: &Act) -> BTreeSet<(String, String)> {
        let step = &self.procedure.steps[act.step.at()];
        let k = self.told.len();
        let mut no = BTreeSet::new();
        let mut refuse = |kind: GroundKind, citation: &str| {
            no.insert((format!("{kind:?}"), citation.to_owned()));
        };
        let here = self.here_of(act);
        if step.item.is_some() && here.place.is_none() {
            refuse(GroundKind::Item, "");
        }
        let place = here.place;
        let last = self.facts(k).last().map(|(_, fact)| fact.at);
        let starts = self.procedure.starts_with == act.step;
        if last.is_none() != starts
            || last.is_some_and(|last| act.at < last)
            || act.at.date() < self.procedure.in_force_from
            || (starts
                && self
                    .procedure
                    .in_force_until
                    .is_some_and(|until| until < act.at.date()))
        {
            refuse(GroundKind::Order, "");
        }
        let main = self.stage(LineId(0), None, k);
        let over = self.procedure.stages[main.at()].is_final;
        let closed = over && !step.from.contains(&main) && step.publication.is_none();
        let stands = step.from.is_empty()
            || step.from.iter().any(|stage| {
                let line = self.procedure.stages[stage.at()].line;
                match self.procedure.lines[line.at()].item {
                    None => self.stage(line, None, k) == *stage,
                    Some(kind) => place.is_some_and(|(of, number)| {
                        of == kind
                            && self.items(kind, k).contains(&number)
                            && self.stage(line, place, k) == *stage
                    }),
                }
            });
        if closed || !stands {
            refuse(GroundKind::Stage, "");
        }
        self.persons(here, act, &mut refuse);
        for entry in &step.form {
            let filled = act.values.get(&entry.field).is_some_and(|v| !v.is_empty());
            if entry.required && !filled && self.applies(here, &entry.guard) != Some(false) {
                refuse(GroundKind::Form, "");
            }
        }
        for (field, value) in &act.values {
            let asked = step.form.iter().any(|entry| entry.field == *field);
            if !asked || !value.fits(&self.procedure.fields[field.at()].kind) {
                refuse(GroundKind::Form, "");
            }
        }
        for line in &step.requires {
            if self.applies(here, &line.guard) != Some(false)
                && self.truth(here, &line.condition) != Some(true)
                && self.waiver(act, line).is_none()
            {
                refuse(GroundKind::Requirement, &line.basis.text);
            }
        }
        for (i, clock) in self.procedure.clocks.iter().enumerate() {
            let id = ClockId(u16::try_from(i).expect("a file has few clocks"));
            for line in clock.extensions.iter().filter(|e| e.step == act.step) {
                if self.applies(here, &line.guard) == Some(false) {
                    continue;
                }
                let open = self.clock(here, id).is_some_and(|run| {
                    let late = run.open.is_none() && run.due.passed(act.at) == Some(true);
                    run.state != State::Expired && !late && run.extended < line.times
                });
                let add = FieldRef {
                    field: line.add,
                    column: None,
                };
                let fits = match (
                    self.number(here, &Quantity::Field(add)),
                    self.number(here, &line.at_most),
                ) {
                    (Number::Known(add), Number::Known(most)) => Ratio::ZERO < add && add <= most,
                    (Number::Unknown, _) | (_, Number::Unknown) => true,
                    _ => false,
                };
                if !open || !fits {
                    refuse(GroundKind::Extension, &line.basis.text);
                }
            }
        }
        no
    }

    /// Where an act is looked at: with its form, in its item; the item that it would open has the next number.
    pub(super) fn here_of<'c>(&self, act: &'c Act) -> Here<'c> {
        let k = self.told.len();
        let place = self.procedure.steps[act.step.at()].item.and_then(|kind| {
            let known = self.items(kind, k);
            let opens = self.procedure.items[kind.at()].starts_with == act.step;
            let number = match (act.item, opens) {
                (None, true) => Some(known.last().map_or(1, |last| last + 1)),
                (Some(number), true) => (number > 0 && !known.contains(&number)).then_some(number),
                (number, false) => number.filter(|number| known.contains(number)),
            };
            number.map(|number| (kind, number))
        });
        Here {
            k,
            place,
            form: Some(&act.values),
            at: act.at,
        }
    }

    /// The first waiver of an act that sets this line aside.
    pub(super) fn waiver(&self, act: &Act, line: &Requirement) -> Option<usize> {
        let role = &self.procedure.roles[line.waivable_by?.at()];
        act.waivers.iter().position(|waiver| {
            waiver.line_no == line.line_no
                && !waiver.reason.trim().is_empty()
                && self
                    .register
                    .qualified(&waiver.person, &role.qualification, act.at.date())
        })
    }

    pub(super) fn persons(&self, here: Here, act: &Act, refuse: &mut dyn FnMut(GroundKind, &str)) {
        let actors = &self.procedure.steps[act.step.at()].actors;
        let basis = actors.basis.as_ref().map_or("", |basis| &basis.text);
        let enough = |role: RoleId, least: u8| {
            let people: BTreeSet<&String> = act
                .actors
                .iter()
                .filter(|(of, _)| *of == role)
                .flat_map(|(_, people)| people)
                .collect();
            self.procedure.roles[role.at()].side != Side::Own || people.len() >= usize::from(least)
        };
        let mut wanted = actors
            .roles
            .iter()
            .map(|(role, least)| enough(*role, *least));
        if actors.by_law {
            refuse(GroundKind::Person, "");
        } else if !(if actors.any {
            wanted.any(|e| e)
        } else {
            wanted.all(|e| e)
        }) {
            refuse(GroundKind::Person, basis);
        }
        let before = self.facts(here.k).flat_map(|(_, fact)| &fact.actors);
        let acted: Vec<_> = before.chain(&act.actors).collect();
        let recused = actors
            .except
            .and_then(|field| self.value(Here { form: None, ..here }, field))
            .map(Value::texts)
            .unwrap_or_default();
        for (role, people) in &act.actors {
            let declared = &self.procedure.roles[role.at()];
            if !actors.roles.iter().any(|(asked, _)| asked == role) {
                refuse(GroundKind::Person, "");
            }
            for person in people {
                let valid = declared.side != Side::Own
                    || self
                        .register
                        .qualified(person, &declared.qualification, act.at.date());
                if !valid || recused.contains(person) {
                    refuse(GroundKind::Person, basis);
                }
                for rule in &self.procedure.incompatible {
                    let clash = acted.iter().any(|(other, others)| {
                        let pair = (rule.one == *role && rule.others.contains(other))
                            || (rule.one == *other && rule.others.contains(role));
                        pair && others.contains(person)
                    });
                    if clash {
                        refuse(GroundKind::Person, &rule.basis.text);
                    }
                }
            }
        }
    }
}
