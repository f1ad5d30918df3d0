//! Clocks nobody looks at, and lengths that leave a case without one.

use super::walk::{Part, parts};
use crate::problem::Problem;
use crate::procedure::{
    Clock, Condition, FieldId, FieldKind, Guard, Procedure, Quantity, Version, VersionId,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Reports idle clocks and gaps between 长 lines.
pub fn check(procedure: &Procedure, problems: &mut Vec<Problem>) {
    let mut read = super::listened_to(procedure);
    parts(procedure, &mut |_, part| match part {
        Part::Condition(Condition::Clock(clock, _))
        | Part::Quantity(Quantity::DueOn(clock) | Quantity::DaysLate(clock)) => {
            read.insert(clock.at());
        }
        _ => {}
    });
    for (at, clock) in procedure.clocks.iter().enumerate() {
        if clock.stops.is_empty() && clock.deems.is_none() && !read.contains(&at) {
            problems.push(
                Problem::note(
                    clock.line_no,
                    format!("期限“{}”没有止，也没有规则读它，只作提示", clock.name),
                )
                .hint("要计逾期，加一行 止：步骤"),
            );
        }
        if let Some(day) = gap(procedure, clock) {
            problems.push(
                Problem::note(
                    clock.line_no,
                    format!("期限“{}”在 {day} 可能没有长度", clock.name),
                )
                .hint("最后写一行不带“当”的 长，或者把各种情形写全"),
            );
        }
    }
}

/// A day on which no 长 line may hold, if there is one.
fn gap(procedure: &Procedure, clock: &Clock) -> Option<Date> {
    let mut days = BTreeSet::from([procedure.in_force_from]);
    for version in &procedure.versions {
        days.extend(version.from);
        days.extend(version.until.and_then(|day| day.tomorrow().ok()));
    }
    days.into_iter()
        .filter(|day| *day >= procedure.in_force_from)
        .find(|day| !covered(procedure, clock, *day))
}

fn covered(procedure: &Procedure, clock: &Clock, day: Date) -> bool {
    let live: Vec<&Guard> = clock
        .lengths
        .iter()
        .map(|(_, guard, _)| guard)
        .filter(|guard| holds(procedure, guard.version, day))
        .collect();
    if live.iter().any(|guard| guard.when.is_none()) {
        return true;
    }
    let conditions: Vec<&Condition> = live.iter().filter_map(|g| g.when.as_ref()).collect();
    let opposite = |a: &Condition| {
        conditions
            .iter()
            .any(|b| matches!(b, Condition::Not(inner) if **inner == *a))
    };
    if conditions.iter().any(|a| opposite(a)) {
        return true;
    }
    let mut named: BTreeMap<FieldId, BTreeSet<&str>> = BTreeMap::new();
    for condition in conditions {
        if let Condition::Is(of, values) = condition
            && of.column.is_none()
        {
            let known = named.entry(of.field).or_default();
            known.extend(values.iter().map(String::as_str));
        }
    }
    named
        .iter()
        .any(|(field, values)| match &procedure.fields[field.at()].kind {
            FieldKind::Choice(choices) => choices.iter().all(|c| values.contains(c.as_str())),
            FieldKind::YesNo => values.contains("是") && values.contains("否"),
            _ => false,
        })
}

fn holds(procedure: &Procedure, version: Option<VersionId>, day: Date) -> bool {
    let Some(id) = version else {
        return true;
    };
    let Version { from, until, .. } = &procedure.versions[id.at()];
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}
