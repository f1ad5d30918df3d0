//! Running 例 blocks (law language §2.5).

use crate::calendar::Calendar;
use crate::engine::eval::{Context, Tri};
use crate::engine::{Act, History, Register, fold_to, permit};
use crate::procedure::{
    ClockId, Condition, Example, ExampleBody, Expect, FieldId, FieldKind, IndicatorId, ItemId,
    Procedure, Qualification, RoleId, Span, StepId,
};
use crate::value::{Ratio, Value};
use jiff::civil::{Date, DateTime};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What came of one example.
#[derive(Debug, Clone)]
pub struct ExampleResult {
    /// Its name.
    pub name: String,
    /// Line of the example, or of the line that failed.
    pub line_no: usize,
    /// Why it failed, in one Chinese sentence.
    pub failure: Option<String>,
}

/// In an example everybody is qualified, and counts are as 假设 says.
#[derive(Default)]
struct Supposed {
    given: RefCell<BTreeMap<String, Ratio>>,
}

impl Register for Supposed {
    fn qualified(&self, _: &str, _: &Qualification, _: Date) -> bool {
        true
    }

    fn indicator(
        &self,
        indicator: &str,
        _: &[(FieldId, &Value)],
        _: Span,
        _: Date,
    ) -> Option<Ratio> {
        Some(
            self.given
                .borrow()
                .get(indicator)
                .copied()
                .unwrap_or(Ratio::ZERO),
        )
    }
}

/// Runs all examples of a procedure.
pub fn run_all(procedure: &Procedure, calendar: &Calendar) -> Vec<ExampleResult> {
    procedure
        .examples
        .iter()
        .map(|example| run(procedure, calendar, example, &mut |_, _| {}))
        .collect()
}

/// Every moment of every example, to look for witnesses: history and instant.
pub fn visit(procedure: &Procedure, calendar: &Calendar, seen: &mut dyn FnMut(&History, DateTime)) {
    for example in &procedure.examples {
        run(procedure, calendar, example, seen);
    }
}

/// Does a condition hold for a history at an instant?
pub fn holds(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    condition: &Condition,
    at: DateTime,
) -> bool {
    held(procedure, calendar, history, &[condition], at)[0]
}

/// Which of these conditions hold for a history at an instant? The history is folded once for all of them.
pub fn held(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    conditions: &[&Condition],
    at: DateTime,
) -> Vec<bool> {
    let register = Supposed::default();
    let fold = fold_to(procedure, calendar, history, &register, at);
    let context = Context {
        fold: &fold,
        form: None,
        holes: &[],
        place: None,
        at,
    };
    conditions
        .iter()
        .map(|condition| context.condition(condition) == Tri::True)
        .collect()
}

fn run(
    procedure: &Procedure,
    calendar: &Calendar,
    example: &Example,
    seen: &mut dyn FnMut(&History, DateTime),
) -> ExampleResult {
    let mut history = History::default();
    let register = Supposed::default();
    let mut chain: Vec<&Example> = vec![example];
    while let Some(before) = chain.last().and_then(|e| e.continues.as_ref()) {
        match procedure.examples.iter().find(|e| e.name == *before) {
            Some(before) if chain.len() < 20 => chain.push(before),
            _ => break,
        }
    }
    for part in chain.iter().rev() {
        for line in &part.lines {
            if let Err(failure) = one(
                procedure,
                calendar,
                &register,
                &mut history,
                &line.body,
                seen,
            ) {
                return ExampleResult {
                    name: example.name.clone(),
                    line_no: line.line_no,
                    failure: Some(failure),
                };
            }
        }
    }
    ExampleResult {
        name: example.name.clone(),
        line_no: example.line_no,
        failure: None,
    }
}

fn one(
    procedure: &Procedure,
    calendar: &Calendar,
    register: &Supposed,
    history: &mut History,
    body: &ExampleBody,
    seen: &mut dyn FnMut(&History, DateTime),
) -> Result<(), String> {
    match body {
        ExampleBody::Given(indicator, number) => {
            register
                .given
                .borrow_mut()
                .insert(code_of(procedure, *indicator), *number);
            Ok(())
        }
        ExampleBody::Act {
            at,
            step,
            item_no,
            values,
            by,
            expect,
        } => {
            let act = act_of(procedure, *at, *step, *item_no, values, by)?;
            let answer = permit(procedure, calendar, history, register, act);
            match (answer, expect) {
                (Ok(permit), Expect::Permitted) => {
                    history.facts.extend(permit.deemed().iter().cloned());
                    history.facts.push(permit.fact().clone());
                    seen(history, *at);
                    Ok(())
                }
                (Ok(_), Expect::Refused { fragment, .. }) => {
                    Err(format!("应当不准（{fragment}），却准了"))
                }
                (Err(refusal), Expect::Permitted) => {
                    Err(format!("应当准，却不准：{}", said(&refusal)))
                }
                (Err(refusal), Expect::Refused { fragment, earliest }) => {
                    let hit = refusal.grounds.iter().any(|g| {
                        format!(
                            "{}：{}　{}",
                            g.force.map_or("", |f| f.word()),
                            g.citation,
                            g.sentence
                        )
                        .contains(fragment.as_str())
                    });
                    if !hit {
                        return Err(format!(
                            "不准的理由里没有“{fragment}”，实际是：{}",
                            said(&refusal)
                        ));
                    }
                    if earliest.is_some() && *earliest != refusal.earliest {
                        let found = refusal.earliest.map_or("没有".into(), |d| d.to_string());
                        return Err(format!(
                            "最早应当是 {}，实际是 {found}",
                            earliest.map_or_else(String::new, |d| d.to_string())
                        ));
                    }
                    Ok(())
                }
            }
        }
        ExampleBody::Holds {
            at,
            item,
            condition,
        } => {
            seen(history, *at);
            let fold = fold_to(procedure, calendar, history, register, *at);
            match (Context {
                fold: &fold,
                form: None,
                holes: &[],
                place: *item,
                at: *at,
            })
            .condition(condition)
            {
                Tri::True => Ok(()),
                Tri::False => Err("条件不成立".into()),
                Tri::Unknown => Err("条件未定".into()),
            }
        }
        ExampleBody::Due {
            at,
            item,
            clock,
            due,
            with_time,
        } => {
            seen(history, *at);
            check_due(
                procedure, calendar, register, history, *at, *item, *clock, *due, *with_time,
            )
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn check_due(
    procedure: &Procedure,
    calendar: &Calendar,
    register: &Supposed,
    history: &History,
    at: DateTime,
    item: Option<(ItemId, u32)>,
    clock: ClockId,
    wanted: Option<DateTime>,
    with_time: bool,
) -> Result<(), String> {
    let fold = fold_to(procedure, calendar, history, register, at);
    let Some(run) = fold.machine(clock, item).and_then(|m| m.current()) else {
        return Err("期限还没有起".into());
    };
    let found = match (run.due.instant, run.due.hi) {
        (Some(instant), _) if with_time => Some(instant),
        (_, hi) => hi.map(|day| day.at(0, 0, 0, 0)),
    };
    if found == wanted {
        return Ok(());
    }
    let show = |d: Option<DateTime>| match d {
        None => "未定".to_owned(),
        Some(d) if with_time => d.strftime("%Y-%m-%d %H:%M").to_string(),
        Some(d) => d.date().to_string(),
    };
    Err(format!(
        "届满应当是 {}，实际是 {}",
        show(wanted),
        show(found)
    ))
}

fn said(refusal: &crate::engine::Refusal) -> String {
    refusal
        .grounds
        .iter()
        .map(|g| {
            if g.citation.is_empty() {
                g.sentence.clone()
            } else {
                format!("{}（{}）", g.sentence, g.citation)
            }
        })
        .collect::<Vec<_>>()
        .join("；")
}

fn code_of(procedure: &Procedure, indicator: IndicatorId) -> String {
    procedure.indicators[indicator.at()].code.clone()
}

fn act_of(
    procedure: &Procedure,
    at: DateTime,
    step: StepId,
    item_no: Option<u32>,
    values: &[(FieldId, Option<String>, String)],
    by: &[String],
) -> Result<Act, String> {
    let mut filled: BTreeMap<FieldId, Value> = BTreeMap::new();
    for (field, _, text) in values.iter().filter(|(_, column, _)| column.is_none()) {
        let declared = &procedure.fields[field.at()];
        let text = if declared.kind == FieldKind::Instant && !text.contains('-') {
            format!("{} {text}", at.date())
        } else {
            text.clone()
        };
        let value = Value::parse(&declared.kind, &text)
            .map_err(|why| format!("{}：{why}", declared.name))?;
        filled.insert(*field, value);
    }
    for (field, column, text) in values {
        let Some(column) = column else { continue };
        match filled.get_mut(field) {
            Some(Value::Entry {
                listed_in, columns, ..
            }) => {
                if procedure.listings.iter().any(|l| l.name == *column) {
                    if text == "是" {
                        listed_in.push(column.clone());
                    }
                } else {
                    columns.insert(column.clone(), text.clone());
                }
            }
            Some(Value::Party { class, .. }) if column == "类别" => class.clone_from(text),
            _ => {
                return Err(format!(
                    "“{}”没有列“{column}”",
                    procedure.fields[field.at()].name
                ));
            }
        }
    }
    Ok(Act {
        step,
        at,
        recorded: at,
        item: item_no,
        actors: actors_of(procedure, step, by),
        values: filled,
        waivers: Vec::new(),
    })
}

/// Named persons fill the roles in order; where nobody is named, distinct persons of their own role act.
fn actors_of(procedure: &Procedure, step: StepId, by: &[String]) -> Vec<(RoleId, Vec<String>)> {
    let wanted = &procedure.steps[step.at()].actors;
    let roles: Vec<(RoleId, u8)> = if wanted.any {
        wanted.roles.iter().take(1).copied().collect()
    } else {
        wanted.roles.clone()
    };
    let mut named = by.iter();
    let last = roles.len().saturating_sub(1);
    roles
        .iter()
        .enumerate()
        .map(|(i, (role, least))| {
            let declared = &procedure.roles[role.at()];
            let people: Vec<String> = if by.is_empty() {
                (0..*least)
                    .map(|n| format!("{}·{n}", declared.name))
                    .collect()
            } else if i == last {
                named.by_ref().cloned().collect()
            } else {
                named.by_ref().take(usize::from(*least)).cloned().collect()
            };
            (*role, people)
        })
        .filter(|(_, people)| !people.is_empty())
        .collect()
}
