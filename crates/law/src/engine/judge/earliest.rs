//! The first lawful day (最早): which days can change an answer, and on which of them it does.

use super::super::fold::Machine;
use super::super::{Act, History, Register, fold_to};
use super::judge;
use crate::calendar::Calendar;
use crate::procedure::{Condition, DefinitionBody, Procedure, Quantity, StepId};
use jiff::civil::{Date, DateTime};

/// How far ahead the earliest lawful day is looked for.
const HORIZON_DAYS: i32 = 400;

/// The first later day on which nothing stands against the same act.
pub(super) fn earliest(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    act: &Act,
) -> Option<Date> {
    let from = act.at.date();
    let days = if reads_today(procedure, act.step) {
        (1..=HORIZON_DAYS)
            .filter_map(|n| from.checked_add(jiff::Span::new().days(n)).ok())
            .collect()
    } else {
        turning_days(procedure, calendar, history, register, act.at)
    };
    days.into_iter().find(|day| {
        let later = Act {
            at: day.at(0, 0, 0, 0).max(act.at),
            recorded: day.at(0, 0, 0, 0).max(act.at),
            ..act.clone()
        };
        let fold = fold_to(procedure, calendar, history, register, later.at);
        judge(&fold, history, &later).grounds.is_empty()
    })
}

/// Days on which something changes by time alone: the day after each due day (chained clocks included), and the first and
/// the day after the last day of each version chosen by 步骤日.
pub(in crate::engine) fn turning_days(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    at: DateTime,
) -> Vec<Date> {
    let from = at.date();
    let Ok(horizon) = from.checked_add(jiff::Span::new().days(HORIZON_DAYS)) else {
        return Vec::new();
    };
    let far = fold_to(
        procedure,
        calendar,
        history,
        register,
        horizon.at(23, 59, 59, 0),
    );
    let mut days: Vec<Date> = far
        .machines
        .iter()
        .flat_map(Machine::runs)
        .filter_map(|run| run.due.hi.and_then(|day| day.tomorrow().ok()))
        .chain(
            procedure
                .versions
                .iter()
                .filter(|v| v.by_step_day)
                .flat_map(|v| {
                    v.from
                        .into_iter()
                        .chain(v.until.and_then(|day| day.tomorrow().ok()))
                }),
        )
        .filter(|day| from < *day && *day <= horizon)
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Does some requirement of the step change from day to day?
fn reads_today(procedure: &Procedure, step: StepId) -> bool {
    procedure.steps[step.at()]
        .requires
        .iter()
        .any(|requirement| {
            daily_condition(procedure, &requirement.condition)
                || requirement
                    .guard
                    .when
                    .as_ref()
                    .is_some_and(|when| daily_condition(procedure, when))
        })
}

fn daily_condition(procedure: &Procedure, condition: &Condition) -> bool {
    match condition {
        Condition::And(all) | Condition::Or(all) => {
            all.iter().any(|c| daily_condition(procedure, c))
        }
        Condition::Not(inner) | Condition::Each(_, inner) | Condition::Some(_, inner) => {
            daily_condition(procedure, inner)
        }
        Condition::Compare(a, _, b) => daily_quantity(procedure, a) || daily_quantity(procedure, b),
        Condition::Defined(id) => match &procedure.definitions[id.at()].body {
            DefinitionBody::Condition(inner) => daily_condition(procedure, inner),
            DefinitionBody::Quantity(inner) => daily_quantity(procedure, inner),
        },
        _ => false,
    }
}

fn daily_quantity(procedure: &Procedure, quantity: &Quantity) -> bool {
    match quantity {
        Quantity::Today | Quantity::DaysLate(_) | Quantity::Per(..) => true,
        Quantity::Min(a, b)
        | Quantity::Max(a, b)
        | Quantity::Add(a, b)
        | Quantity::Sub(a, b)
        | Quantity::Mul(a, b)
        | Quantity::Div(a, b) => daily_quantity(procedure, a) || daily_quantity(procedure, b),
        Quantity::Defined(id) => match &procedure.definitions[id.at()].body {
            DefinitionBody::Quantity(inner) => daily_quantity(procedure, inner),
            DefinitionBody::Condition(inner) => daily_condition(procedure, inner),
        },
        _ => false,
    }
}
