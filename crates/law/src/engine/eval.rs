//! Conditions and quantities in a context (law language §2.4, §3.1): three truth values, exact numbers.

use super::fold::Fold;
use crate::clock::ClockState;
use crate::procedure::{
    ClockTest, Comparison, Condition, DefinitionBody, FieldId, FieldRef, Guard, ItemId, Quantity,
    StepId, VersionId,
};
use crate::value::{Ratio, Value, day_number};
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// Truth: only clocks and fields yet to be filled can be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tri {
    True,
    False,
    Unknown,
}

impl Tri {
    fn of(b: bool) -> Tri {
        if b { Tri::True } else { Tri::False }
    }

    fn not(self) -> Tri {
        match self {
            Tri::True => Tri::False,
            Tri::False => Tri::True,
            Tri::Unknown => Tri::Unknown,
        }
    }
}

/// A number, nothing (an absent field), or something that cannot be known yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Known(Ratio),
    Absent,
    Unknown,
}

impl Number {
    pub fn known(self) -> Option<Ratio> {
        match self {
            Number::Known(n) => Some(n),
            Number::Absent | Number::Unknown => None,
        }
    }

    fn with(self, other: Number, f: impl Fn(Ratio, Ratio) -> Option<Ratio>) -> Number {
        match (self, other) {
            (Number::Known(a), Number::Known(b)) => f(a, b).map_or(Number::Absent, Number::Known),
            (Number::Absent, _) | (_, Number::Absent) => Number::Absent,
            _ => Number::Unknown,
        }
    }
}

/// Where a condition is read.
pub(crate) struct Context<'c, 'a> {
    pub fold: &'c Fold<'a>,
    /// The form being filled.
    pub form: Option<&'c BTreeMap<FieldId, Value>>,
    /// Fields of a form not filled yet: unknown.
    pub holes: &'c [FieldId],
    pub place: Option<(ItemId, u32)>,
    pub at: DateTime,
}

impl Context<'_, '_> {
    /// Does a line exist and apply?
    pub fn guard(&self, guard: &Guard) -> Tri {
        if guard
            .version
            .is_some_and(|version| !self.in_version(version))
        {
            return Tri::False;
        }
        guard
            .when
            .as_ref()
            .map_or(Tri::True, |when| self.condition(when))
    }

    fn in_version(&self, version: VersionId) -> bool {
        let version = &self.fold.procedure.versions[version.at()];
        let day = if version.by_step_day {
            self.at.date()
        } else {
            self.fold.began().unwrap_or(self.at.date())
        };
        version.from.is_none_or(|from| from <= day)
            && version.until.is_none_or(|until| day <= until)
    }

    /// The truth of a condition.
    pub fn condition(&self, condition: &Condition) -> Tri {
        match condition {
            Condition::And(all) => {
                let mut truth = Tri::True;
                for part in all {
                    match self.condition(part) {
                        Tri::False => return Tri::False,
                        Tri::Unknown => truth = Tri::Unknown,
                        Tri::True => {}
                    }
                }
                truth
            }
            Condition::Or(all) => {
                let mut truth = Tri::False;
                for part in all {
                    match self.condition(part) {
                        Tri::True => return Tri::True,
                        Tri::Unknown => truth = Tri::Unknown,
                        Tri::False => {}
                    }
                }
                truth
            }
            Condition::Not(inner) => self.condition(inner).not(),
            Condition::Done(step, done) => {
                Tri::of(self.fold.live_of(*step, self.place).next().is_some() == *done)
            }
            Condition::At(stages) => Tri::of(stages.iter().any(|stage| {
                let line = self.fold.procedure.stages[stage.at()].line;
                match self.fold.procedure.lines[line.at()].item {
                    None => self.fold.stages[line.at()] == *stage,
                    Some(kind) => match self.place.filter(|(own, _)| *own == kind) {
                        Some(place) => self.fold.items.get(&place) == Some(stage),
                        None => self
                            .fold
                            .items
                            .iter()
                            .any(|((own, _), at)| *own == kind && at == stage),
                    },
                }
            })),
            Condition::Clock(clock, test) => {
                let run = self
                    .fold
                    .machine(*clock, self.place)
                    .and_then(|m| m.current());
                let Some(run) = run else {
                    return Tri::of(*test == ClockTest::NotStarted);
                };
                match (run.state, test) {
                    (ClockState::Running, ClockTest::Running | ClockTest::Expired) => {
                        let passed = if run.paused() {
                            Some(false)
                        } else {
                            run.due.passed(self.at)
                        };
                        match passed {
                            None => Tri::Unknown,
                            Some(passed) => Tri::of(passed == (*test == ClockTest::Expired)),
                        }
                    }
                    (ClockState::Met, ClockTest::Met)
                    | (ClockState::Expired, ClockTest::Expired) => Tri::True,
                    _ => Tri::False,
                }
            }
            Condition::Is(reference, wanted) => self.with(reference, |texts| {
                texts.iter().any(|text| wanted.iter().any(|w| w == text))
            }),
            Condition::Contains(field, wanted) => self.with(&plain(*field), |texts| {
                texts.iter().any(|text| wanted.iter().any(|w| w == text))
            }),
            Condition::Present(reference, present) => {
                if self.hole(reference.field) {
                    return Tri::Unknown;
                }
                Tri::of(self.texts(reference).is_some() == *present)
            }
            Condition::Listed(field, listing) => {
                if self.hole(*field) {
                    return Tri::Unknown;
                }
                let name = &self.fold.procedure.listings[listing.at()].name;
                Tri::of(
                    matches!(self.value(*field), Some(Value::Entry { listed_in, .. }) if listed_in.contains(name)),
                )
            }
            Condition::Within(inner, outer) => {
                if self.hole(*inner) || self.hole(*outer) {
                    return Tri::Unknown;
                }
                let (inner, outer) = (self.texts(&plain(*inner)), self.texts(&plain(*outer)));
                Tri::of(
                    matches!((inner, outer), (Some(i), Some(o)) if i.iter().all(|text| o.contains(text))),
                )
            }
            Condition::Each(kind, inner) => self.over_items(*kind, inner, Tri::True),
            Condition::Some(kind, inner) => self.over_items(*kind, inner, Tri::False),
            Condition::Compare(left, comparison, right) => {
                match (self.quantity(left), self.quantity(right)) {
                    (Number::Known(left), Number::Known(right)) => Tri::of(match comparison {
                        Comparison::More => left > right,
                        Comparison::Less => left < right,
                        Comparison::AtMost => left <= right,
                        Comparison::AtLeast => left >= right,
                        Comparison::Equal => left == right,
                    }),
                    (Number::Absent, _) | (_, Number::Absent) => Tri::False,
                    _ => Tri::Unknown,
                }
            }
            Condition::Defined(id) => match &self.fold.procedure.definitions[id.at()].body {
                DefinitionBody::Condition(inner) => self.condition(inner),
                DefinitionBody::Quantity(_) => Tri::False,
            },
        }
    }

    /// 每个 starts from true and looks for a false one, 有 the other way round.
    fn over_items(&self, kind: ItemId, inner: &Condition, start: Tri) -> Tri {
        let mut truth = start;
        for place in self.fold.items.keys().filter(|(own, _)| *own == kind) {
            let context = Context {
                place: Some(*place),
                form: None,
                ..*self
            };
            match context.condition(inner) {
                Tri::Unknown => truth = Tri::Unknown,
                found if found != start => return found,
                _ => {}
            }
        }
        truth
    }

    fn hole(&self, field: FieldId) -> bool {
        self.holes.contains(&field)
    }

    /// The value of a field here: the form being filled, else the item, else the case.
    pub fn value(&self, field: FieldId) -> Option<&Value> {
        self.form
            .and_then(|form| form.get(&field))
            .or_else(|| self.fold.value(field, self.place))
            .filter(|v| !v.is_empty())
    }

    fn texts(&self, reference: &FieldRef) -> Option<Vec<String>> {
        let value = self.value(reference.field)?;
        match &reference.column {
            None => Some(value.texts()),
            Some(column) => match value {
                Value::Entry { columns, .. } => columns.get(column).map(|text| vec![text.clone()]),
                Value::Party { class, .. } if column == "类别" => Some(vec![class.clone()]),
                _ => None,
            },
        }
    }

    fn with(&self, reference: &FieldRef, test: impl Fn(&[String]) -> bool) -> Tri {
        if self.hole(reference.field) {
            return Tri::Unknown;
        }
        Tri::of(self.texts(reference).is_some_and(|texts| test(&texts)))
    }

    fn last_of(&self, step: StepId) -> Option<usize> {
        self.fold.live_of(step, self.place).last()
    }

    /// The number of a quantity.
    pub fn quantity(&self, quantity: &Quantity) -> Number {
        let known = |n: Option<Ratio>| n.map_or(Number::Absent, Number::Known);
        let count = |n: usize| Number::Known(Ratio::from(i64::try_from(n).unwrap_or(i64::MAX)));
        match quantity {
            Quantity::Number(n) => Number::Known(*n),
            Quantity::Field(reference) => {
                if self.hole(reference.field) {
                    return Number::Unknown;
                }
                if reference.column.is_none() {
                    return known(self.value(reference.field).and_then(Value::number));
                }
                known(
                    self.texts(reference)
                        .and_then(|texts| texts.first().and_then(|text| cell_number(text))),
                )
            }
            Quantity::Defined(id) => match &self.fold.procedure.definitions[id.at()].body {
                DefinitionBody::Quantity(inner) => self.quantity(inner),
                DefinitionBody::Condition(_) => Number::Absent,
            },
            Quantity::Today => Number::Known(day_number(self.at.date())),
            Quantity::Times(step) => count(self.fold.live_of(*step, self.place).count()),
            Quantity::StepPersons(step) => {
                let mut persons: Vec<&String> = self
                    .fold
                    .live_of(*step, self.place)
                    .flat_map(|at| {
                        self.fold.facts[at]
                            .actors
                            .iter()
                            .flat_map(|(_, persons)| persons)
                    })
                    .collect();
                persons.sort_unstable();
                persons.dedup();
                count(persons.len())
            }
            Quantity::DayOf(step) => known(
                self.last_of(*step)
                    .map(|at| day_number(self.fold.facts[at].at.date())),
            ),
            Quantity::FieldPersons(field) => {
                if self.hole(*field) {
                    return Number::Unknown;
                }
                match self.value(*field) {
                    Some(Value::People(people)) => {
                        let mut people = people.clone();
                        people.sort_unstable();
                        people.dedup();
                        count(people.len())
                    }
                    _ => Number::Absent,
                }
            }
            Quantity::DueOn(clock) => match self
                .fold
                .machine(*clock, self.place)
                .and_then(|m| m.current())
            {
                None => Number::Absent,
                Some(run) => run
                    .due
                    .hi
                    .map_or(Number::Unknown, |day| Number::Known(day_number(day))),
            },
            Quantity::DaysLate(clock) => match self
                .fold
                .machine(*clock, self.place)
                .and_then(|m| m.current())
            {
                None => Number::Known(Ratio::ZERO),
                Some(run) => Number::Known(Ratio::from(run.days_late(self.at.date()))),
            },
            Quantity::Per(indicator, fields, span) => {
                let mut same = Vec::new();
                for field in fields {
                    if self.hole(*field) {
                        return Number::Unknown;
                    }
                    match self.value(*field) {
                        Some(value) => same.push((*field, value)),
                        None => return Number::Absent,
                    }
                }
                let code = &self.fold.procedure.indicators[indicator.at()].code;
                let found = self
                    .fold
                    .register
                    .indicator(code, &same, *span, self.at.date());
                found.map_or(Number::Unknown, Number::Known)
            }
            Quantity::Min(a, b) => self
                .quantity(a)
                .with(self.quantity(b), |a, b| Some(a.min(b))),
            Quantity::Max(a, b) => self
                .quantity(a)
                .with(self.quantity(b), |a, b| Some(a.max(b))),
            Quantity::Add(a, b) => self.quantity(a).with(self.quantity(b), Ratio::plus),
            Quantity::Sub(a, b) => self.quantity(a).with(self.quantity(b), Ratio::minus),
            Quantity::Mul(a, b) => self.quantity(a).with(self.quantity(b), Ratio::times),
            Quantity::Div(a, b) => self.quantity(a).with(self.quantity(b), Ratio::over),
        }
    }
}

/// A cell of a listing as a number: numbers as such, days as day numbers.
fn cell_number(text: &str) -> Option<Ratio> {
    Ratio::parse(text).or_else(|| text.parse().ok().map(day_number))
}

fn plain(field: FieldId) -> FieldRef {
    FieldRef {
        field,
        column: None,
    }
}
