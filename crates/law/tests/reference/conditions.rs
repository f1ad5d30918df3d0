//! Conditions and quantities (law language §2.4), asked of a whole history.

use super::clocks::State;
use super::clocks::days_late;
use super::{Here, Number, Telling, Truth};
use law::procedure::{
    ClockTest, Comparison, Condition, DefinitionBody, FieldId, FieldRef, Guard, ItemId, Quantity,
};
use law::value::{Ratio, Value, day_number};
use std::collections::BTreeSet;

impl Telling<'_> {
    pub(super) fn texts(&self, here: Here, reference: &FieldRef) -> Option<Vec<String>> {
        let value = self.value(here, reference.field)?;
        match (&reference.column, value) {
            (None, value) => Some(value.texts()),
            (Some(column), Value::Entry { columns, .. }) => {
                Some(vec![columns.get(column)?.clone()])
            }
            (Some(column), Value::Party { class, .. }) if column == "类别" => {
                Some(vec![class.clone()])
            }
            _ => None,
        }
    }

    /// Does a line exist and apply?
    pub(super) fn applies(&self, here: Here, guard: &Guard) -> Truth {
        if let Some(version) = guard.version {
            let version = &self.procedure.versions[version.at()];
            let first = self.facts(here.k).next().map(|(_, fact)| fact.at.date());
            let day = if version.by_step_day {
                here.at.date()
            } else {
                first.unwrap_or(here.at.date())
            };
            if version.from.is_some_and(|from| day < from)
                || version.until.is_some_and(|until| until < day)
            {
                return Some(false);
            }
        }
        guard
            .when
            .as_ref()
            .map_or(Some(true), |when| self.truth(here, when))
    }

    /// The truth of a condition now, outside items and forms.
    pub fn holds(&self, condition: &Condition) -> bool {
        self.truth(self.here(self.at), condition) == Some(true)
    }

    pub(super) fn truth(&self, here: Here, condition: &Condition) -> Truth {
        let text_is = |reference: &FieldRef, wanted: &[String]| {
            let texts = self.texts(here, reference).unwrap_or_default();
            Some(texts.iter().any(|text| wanted.contains(text)))
        };
        let field = |field: FieldId| FieldRef {
            field,
            column: None,
        };
        match condition {
            Condition::And(all) => all_of(all.iter().map(|part| self.truth(here, part))),
            Condition::Or(all) => any_of(all.iter().map(|part| self.truth(here, part))),
            Condition::Not(inner) => self.truth(here, inner).map(|truth| !truth),
            Condition::Done(step, done) => {
                Some(self.live(*step, here.place, here.k).is_empty() != *done)
            }
            Condition::At(stages) => Some(stages.iter().any(|stage| {
                let line = self.procedure.stages[stage.at()].line;
                match self.procedure.lines[line.at()].item {
                    None => self.stage(line, None, here.k) == *stage,
                    Some(kind) => self
                        .items(kind, here.k)
                        .into_iter()
                        .filter(|no| here.place.is_none_or(|(of, own)| of != kind || own == *no))
                        .any(|no| self.stage(line, Some((kind, no)), here.k) == *stage),
                }
            })),
            Condition::Clock(clock, test) => {
                let Some(run) = self.clock(here, *clock) else {
                    return Some(*test == ClockTest::NotStarted);
                };
                let running = match (run.state, run.open) {
                    (State::Running, Some(_)) => Some(true),
                    (State::Running, None) => run.due.passed(here.at).map(|passed| !passed),
                    _ => Some(false),
                };
                match test {
                    ClockTest::NotStarted => Some(false),
                    ClockTest::Running => running,
                    ClockTest::Met => Some(run.state == State::Met),
                    ClockTest::Expired if run.state == State::Running => running.map(|r| !r),
                    ClockTest::Expired => Some(run.state == State::Expired),
                }
            }
            Condition::Is(reference, wanted) => text_is(reference, wanted),
            Condition::Contains(id, wanted) => text_is(&field(*id), wanted),
            Condition::Present(reference, present) => {
                Some(self.texts(here, reference).is_some() == *present)
            }
            Condition::Listed(field, listing) => {
                let name = &self.procedure.listings[listing.at()].name;
                Some(matches!(self.value(here, *field),
                    Some(Value::Entry { listed_in, .. }) if listed_in.contains(name)))
            }
            Condition::Within(inner, outer) => {
                let both = self
                    .texts(here, &field(*inner))
                    .zip(self.texts(here, &field(*outer)));
                Some(
                    both.is_some_and(|(inner, outer)| {
                        inner.iter().all(|text| outer.contains(text))
                    }),
                )
            }
            Condition::Each(kind, inner) => {
                all_of(self.within_items(here, *kind, inner).into_iter())
            }
            Condition::Some(kind, inner) => {
                any_of(self.within_items(here, *kind, inner).into_iter())
            }
            Condition::Compare(left, comparison, right) => {
                match (self.number(here, left), self.number(here, right)) {
                    (Number::Absent, _) | (_, Number::Absent) => Some(false),
                    (Number::Known(left), Number::Known(right)) => Some(match comparison {
                        Comparison::More => left > right,
                        Comparison::Less => left < right,
                        Comparison::AtMost => left <= right,
                        Comparison::AtLeast => left >= right,
                        Comparison::Equal => left == right,
                    }),
                    _ => None,
                }
            }
            Condition::Defined(id) => match &self.procedure.definitions[id.at()].body {
                DefinitionBody::Condition(inner) => self.truth(here, inner),
                DefinitionBody::Quantity(_) => Some(false),
            },
        }
    }

    pub(super) fn within_items(&self, here: Here, kind: ItemId, inner: &Condition) -> Vec<Truth> {
        let items = self.items(kind, here.k).into_iter();
        items
            .map(|no| {
                let place = Some((kind, no));
                self.truth(
                    Here {
                        place,
                        form: None,
                        ..here
                    },
                    inner,
                )
            })
            .collect()
    }

    pub(super) fn number(&self, here: Here, quantity: &Quantity) -> Number {
        let count = |n: usize| Number::Known(Ratio::from(i64::try_from(n).expect("few facts")));
        let known = |n: Option<Ratio>| n.map_or(Number::Absent, Number::Known);
        let two = |a: &Quantity, b: &Quantity, f: &dyn Fn(Ratio, Ratio) -> Option<Ratio>| match (
            self.number(here, a),
            self.number(here, b),
        ) {
            (Number::Absent, _) | (_, Number::Absent) => Number::Absent,
            (Number::Known(a), Number::Known(b)) => known(f(a, b)),
            _ => Number::Unknown,
        };
        let persons =
            |people: Vec<&String>| count(people.into_iter().collect::<BTreeSet<_>>().len());
        match quantity {
            Quantity::Number(n) => Number::Known(*n),
            Quantity::Field(reference) if reference.column.is_some() => {
                known(self.texts(here, reference).and_then(|texts| {
                    let text = texts.first()?;
                    match text.parse() {
                        Ok(day) => Some(day_number(day)),
                        Err(_) => Ratio::parse(text),
                    }
                }))
            }
            Quantity::Field(reference) => {
                known(self.value(here, reference.field).and_then(|v| match v {
                    Value::Number(text) | Value::Text(text) => Ratio::parse(text),
                    Value::Fen(fen) => Ratio::new(i128::from(*fen), 100),
                    Value::Date(day) => Some(day_number(*day)),
                    Value::Instant(at) => Some(day_number(at.date())),
                    _ => None,
                }))
            }
            Quantity::Defined(id) => match &self.procedure.definitions[id.at()].body {
                DefinitionBody::Quantity(inner) => self.number(here, inner),
                DefinitionBody::Condition(_) => Number::Absent,
            },
            Quantity::Today => Number::Known(day_number(here.at.date())),
            Quantity::Times(step) => count(self.live(*step, here.place, here.k).len()),
            Quantity::StepPersons(step) => persons(
                self.live(*step, here.place, here.k)
                    .iter()
                    .flat_map(|fact| fact.actors.iter().flat_map(|(_, people)| people))
                    .collect(),
            ),
            Quantity::DayOf(step) => known(
                self.live(*step, here.place, here.k)
                    .last()
                    .map(|fact| day_number(fact.at.date())),
            ),
            Quantity::FieldPersons(field) => match self.value(here, *field) {
                Some(Value::People(people)) => persons(people.iter().collect()),
                _ => Number::Absent,
            },
            Quantity::DueOn(clock) => match self.clock(here, *clock) {
                None => Number::Absent,
                Some(run) => run
                    .due
                    .hi
                    .map_or(Number::Unknown, |day| Number::Known(day_number(day))),
            },
            Quantity::DaysLate(clock) => count(
                self.clock(here, *clock)
                    .map_or(0, |run| days_late(&run, here.at.date())),
            ),
            Quantity::Per(indicator, fields, span) => {
                let mut same = Vec::new();
                for field in fields {
                    match self.value(here, *field) {
                        Some(value) => same.push((*field, value)),
                        None => return Number::Absent,
                    }
                }
                let code = &self.procedure.indicators[indicator.at()].code;
                let found = self.register.indicator(code, &same, *span, here.at.date());
                found.map_or(Number::Unknown, Number::Known)
            }
            Quantity::Min(a, b) => two(a, b, &|a, b| Some(if a < b { a } else { b })),
            Quantity::Max(a, b) => two(a, b, &|a, b| Some(if a < b { b } else { a })),
            Quantity::Add(a, b) => two(a, b, &Ratio::plus),
            Quantity::Sub(a, b) => two(a, b, &Ratio::minus),
            Quantity::Mul(a, b) => two(a, b, &Ratio::times),
            Quantity::Div(a, b) => two(a, b, &Ratio::over),
        }
    }
}

fn all_of(truths: impl Iterator<Item = Truth>) -> Truth {
    any_of(truths.map(|truth| truth.map(|t| !t))).map(|truth| !truth)
}

fn any_of(truths: impl Iterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.collect();
    if truths.contains(&Some(true)) {
        Some(true)
    } else if truths.contains(&None) {
        None
    } else {
        Some(false)
    }
}
