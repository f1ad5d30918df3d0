//! Every condition and quantity of a procedure, with the line to blame.

use crate::procedure::{
    Clock, Condition, DefinitionBody, Event, ExampleBody, Formula, Guard, Length, Procedure,
    Quantity,
};
use std::collections::BTreeSet;

/// A piece of an expression.
pub enum Part<'a> {
    Condition(&'a Condition),
    Quantity(&'a Quantity),
}

/// Calls `see` for every condition and quantity, outer ones first.
pub fn parts<'a>(procedure: &'a Procedure, see: &mut dyn FnMut(usize, Part<'a>)) {
    for definition in &procedure.definitions {
        match &definition.body {
            DefinitionBody::Condition(body) => condition(definition.line_no, body, see),
            DefinitionBody::Quantity(body) => quantity(definition.line_no, body, see),
        }
    }
    for step in &procedure.steps {
        let no = step.line_no;
        for requirement in &step.requires {
            condition(requirement.line_no, &requirement.condition, see);
            guard(requirement.line_no, &requirement.guard, see);
        }
        step.to.iter().for_each(|to| guard(no, &to.guard, see));
        step.form.iter().for_each(|f| guard(no, &f.guard, see));
        step.papers.iter().for_each(|p| guard(no, &p.guard, see));
        step.links.iter().for_each(|l| guard(no, &l.guard, see));
        for (_, when, _) in &step.recordings {
            guard(no, when, see);
        }
    }
    for clock in &procedure.clocks {
        let no = clock.line_no;
        events_of(clock).for_each(|event| guard(no, &event.guard, see));
        for (length, when, _) in &clock.lengths {
            guard(no, when, see);
            if let Length::Term(term, _) = length {
                quantity(no, term, see);
            }
        }
        for extension in &clock.extensions {
            quantity(no, &extension.at_most, see);
            guard(no, &extension.guard, see);
        }
    }
    for indicator in &procedure.indicators {
        let no = indicator.line_no;
        match &indicator.formula {
            Formula::Sum(sum, _) => quantity(no, sum, see),
            Formula::StockOfCases(stock) | Formula::StockOfItems(_, stock) => {
                condition(no, stock, see);
            }
            _ => {}
        }
        if let Some(when) = &indicator.when {
            condition(no, when, see);
        }
    }
    for property in &procedure.properties {
        condition(property.line_no, &property.condition, see);
    }
    for line in procedure.examples.iter().flat_map(|e| &e.lines) {
        if let ExampleBody::Holds { condition: c, .. } = &line.body {
            condition(line.line_no, c, see);
        }
    }
}

/// Every event line of every clock.
pub fn events(procedure: &Procedure) -> impl Iterator<Item = &Event> {
    procedure.clocks.iter().flat_map(events_of)
}

fn events_of(clock: &Clock) -> impl Iterator<Item = &Event> {
    let paused = clock.pauses.iter().flat_map(|p| p.from.iter().chain(&p.to));
    clock
        .starts
        .iter()
        .chain(&clock.restarts)
        .chain(&clock.stops)
        .chain(&clock.cancels)
        .chain(paused)
}

/// Fields that some rule reads.
pub fn fields_read(procedure: &Procedure) -> BTreeSet<usize> {
    let mut read = BTreeSet::new();
    parts(procedure, &mut |_, part| match part {
        Part::Condition(Condition::Is(of, _) | Condition::Present(of, _)) => {
            read.insert(of.field.at());
        }
        Part::Condition(Condition::Contains(field, _) | Condition::Listed(field, _)) => {
            read.insert(field.at());
        }
        Part::Condition(Condition::Within(one, other)) => {
            read.extend([one.at(), other.at()]);
        }
        Part::Quantity(Quantity::Field(of)) => {
            read.insert(of.field.at());
        }
        Part::Quantity(Quantity::FieldPersons(field)) => {
            read.insert(field.at());
        }
        Part::Quantity(Quantity::Per(_, fields, _)) => read.extend(fields.iter().map(|f| f.at())),
        _ => {}
    });
    for clock in &procedure.clocks {
        read.extend(clock.extensions.iter().map(|e| e.add.at()));
        read.extend(
            clock
                .lengths
                .iter()
                .filter_map(|(length, ..)| match length {
                    Length::Until(field) => Some(field.at()),
                    Length::Term(..) => None,
                }),
        );
    }
    read.extend(events(procedure).filter_map(|e| e.day_from.map(|f| f.at())));
    read.extend(
        procedure
            .steps
            .iter()
            .filter_map(|s| s.actors.except.map(|f| f.at())),
    );
    read.extend(
        procedure
            .publications
            .iter()
            .flat_map(|p| p.fields.iter().map(|f| f.at())),
    );
    read
}

fn guard<'a>(no: usize, guard: &'a Guard, see: &mut dyn FnMut(usize, Part<'a>)) {
    if let Some(when) = &guard.when {
        condition(no, when, see);
    }
}

/// Calls `see` for a condition and everything in it.
pub fn condition<'a>(no: usize, whole: &'a Condition, see: &mut dyn FnMut(usize, Part<'a>)) {
    see(no, Part::Condition(whole));
    match whole {
        Condition::And(all) | Condition::Or(all) => {
            all.iter().for_each(|one| condition(no, one, see));
        }
        Condition::Not(inner) | Condition::Each(_, inner) | Condition::Some(_, inner) => {
            condition(no, inner, see);
        }
        Condition::Compare(left, _, right) => {
            quantity(no, left, see);
            quantity(no, right, see);
        }
        _ => {}
    }
}

/// Calls `see` for a quantity and everything in it.
pub fn quantity<'a>(no: usize, whole: &'a Quantity, see: &mut dyn FnMut(usize, Part<'a>)) {
    see(no, Part::Quantity(whole));
    match whole {
        Quantity::Min(a, b)
        | Quantity::Max(a, b)
        | Quantity::Add(a, b)
        | Quantity::Sub(a, b)
        | Quantity::Mul(a, b)
        | Quantity::Div(a, b) => {
            quantity(no, a, see);
            quantity(no, b, see);
        }
        _ => {}
    }
}
