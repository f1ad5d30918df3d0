//! Permit or refusal (law language §3.4).

use super::eval::{Context, Number, Tri};
use super::fold::Fold;
use super::{Act, Fact, Ground, GroundKind, History, Permit, Refusal, Register, fold_to};
use crate::calendar::Calendar;
use crate::clock::ClockState;
use crate::procedure::{
    Basis, Condition, DefinitionBody, FieldId, ItemId, LineId, Procedure, Quantity, RoleId, Side,
    StepId,
};
use crate::value::Ratio;
use jiff::civil::{Date, DateTime};

/// How far ahead the earliest lawful day is looked for.
pub(super) const HORIZON_DAYS: i32 = 400;

/// May this act be done? See law language §3.4.
///
/// # Errors
/// Every failed line, and the first day on which the same act would be permitted if nothing else happened.
pub fn permit(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    act: Act,
) -> Result<Permit, Refusal> {
    let fold = fold_to(procedure, calendar, history, register, act.at);
    let (mut grounds, item) = judge(&fold, history, &act);
    if grounds.is_empty() {
        let n = u32::try_from(fold.facts.len() + 1).unwrap_or(u32::MAX);
        let fact = Fact {
            n,
            step: act.step,
            at: act.at,
            recorded: act.recorded.max(act.at),
            item,
            actors: act.actors,
            values: act.values,
            waivers: act.waivers,
        };
        return Ok(Permit {
            deemed: fold.deemed,
            fact,
        });
    }
    grounds.sort_by_key(|ground| ground.force);
    let time_can_help = grounds
        .iter()
        .all(|g| matches!(g.kind, GroundKind::Requirement | GroundKind::Stage));
    let earliest = time_can_help
        .then(|| earliest(procedure, calendar, history, register, &act))
        .flatten();
    Err(Refusal {
        step: procedure.steps[act.step.at()].name.clone(),
        grounds,
        earliest,
    })
}

/// All failed lines, and the number of the item that the act concerns.
fn judge(fold: &Fold, history: &History, act: &Act) -> (Vec<Ground>, Option<u32>) {
    let procedure = fold.procedure;
    let step = &procedure.steps[act.step.at()];
    let mut grounds = Vec::new();
    let (place, item) = match find_place(fold, act) {
        Ok(place) => (place, place.map(|(_, no)| no)),
        Err(ground) => {
            grounds.push(ground);
            (None, None)
        }
    };
    if step.actors.by_law {
        grounds.push(plain(
            GroundKind::Person,
            format!("“{}”由法律拟制，不由人办", step.name),
        ));
    }
    order(fold, history, act, &mut grounds);
    if let Some(ground) = stage(fold, act.step, place) {
        grounds.push(ground);
    }
    persons(fold, act, place, &mut grounds);
    form(fold, act, place, &mut grounds);
    let context = Context {
        fold,
        form: Some(&act.values),
        holes: &[],
        place,
        at: act.at,
    };
    requirements(&context, act, &mut grounds);
    extensions(&context, act.step, &mut grounds);
    (grounds, item)
}

fn plain(kind: GroundKind, sentence: String) -> Ground {
    Ground {
        kind,
        force: None,
        citation: String::new(),
        unverified: false,
        sentence,
        line_no: 0,
        field: None,
        waivable_by: None,
    }
}

fn on_basis(kind: GroundKind, basis: &Basis, sentence: String, line_no: usize) -> Ground {
    Ground {
        force: Some(basis.force),
        citation: basis.text.clone(),
        unverified: basis.unverified,
        line_no,
        ..plain(kind, sentence)
    }
}

fn find_place(fold: &Fold, act: &Act) -> Result<Option<(ItemId, u32)>, Ground> {
    let procedure = fold.procedure;
    let Some(kind) = procedure.steps[act.step.at()].item else {
        return Ok(None);
    };
    let item = &procedure.items[kind.at()];
    let known = |no: u32| fold.items.contains_key(&(kind, no));
    if item.starts_with == act.step {
        let next = fold
            .items
            .keys()
            .filter(|(own, _)| *own == kind)
            .map(|(_, no)| no + 1)
            .max()
            .unwrap_or(1);
        return match act.item {
            None => Ok(Some((kind, next))),
            Some(no) if !known(no) && no > 0 => Ok(Some((kind, no))),
            Some(no) => Err(plain(
                GroundKind::Item,
                format!("“{}”#{no} 已经有了", item.name),
            )),
        };
    }
    match act.item {
        Some(no) if known(no) => Ok(Some((kind, no))),
        Some(no) => Err(plain(GroundKind::Item, format!("没有“{}”#{no}", item.name))),
        None => Err(plain(
            GroundKind::Item,
            format!("要指明是哪一个“{}”", item.name),
        )),
    }
}

fn order(fold: &Fold, history: &History, act: &Act, grounds: &mut Vec<Ground>) {
    let procedure = fold.procedure;
    let starts = procedure.starts_with == act.step;
    match history.facts.last() {
        None if !starts => {
            let first = &procedure.steps[procedure.starts_with.at()].name;
            grounds.push(plain(GroundKind::Order, format!("先“{first}”，才有这一件")));
        }
        Some(_) if starts => grounds.push(plain(
            GroundKind::Order,
            "这一件已经开始，不能再起一次".into(),
        )),
        Some(last) if act.at < last.at => grounds.push(plain(
            GroundKind::Order,
            format!(
                "时间早于上一步（{}），记录只能往后记",
                last.at.strftime("%Y-%m-%d %H:%M")
            ),
        )),
        _ => {}
    }
    if act.at.date() < procedure.in_force_from {
        grounds.push(plain(
            GroundKind::Order,
            format!("“{}”自 {} 起施行", procedure.title, procedure.in_force_from),
        ));
    }
}

/// Does the step's line stand where it may begin? Also used for what is offered on the page.
pub(super) fn stage(fold: &Fold, step: StepId, place: Option<(ItemId, u32)>) -> Option<Ground> {
    let procedure = fold.procedure;
    let step = &procedure.steps[step.at()];
    let main = fold.stages[LineId(0).at()];
    let names = |stages: &[crate::procedure::StageId]| {
        stages
            .iter()
            .map(|s| procedure.stages[s.at()].name.as_str())
            .collect::<Vec<_>>()
            .join("、")
    };
    if procedure.stages[main.at()].is_final
        && !step.from.contains(&main)
        && step.publication.is_none()
    {
        let now = names(&[main]);
        return Some(plain(
            GroundKind::Stage,
            format!("现在的阶段是“{now}”，这一件已经了结，不能再“{}”", step.name),
        ));
    }
    let first = step.from.first()?;
    let line = &procedure.lines[procedure.stages[first.at()].line.at()];
    let now = match line.item {
        None => Some(fold.stages[procedure.stages[first.at()].line.at()]),
        Some(kind) => place
            .filter(|(own, _)| *own == kind)
            .and_then(|place| fold.items.get(&place).copied()),
    };
    match now {
        Some(now) if step.from.contains(&now) => None,
        Some(now) => Some(plain(
            GroundKind::Stage,
            format!(
                "现在的阶段是“{}”，在“{}”才能“{}”",
                names(&[now]),
                names(&step.from),
                step.name
            ),
        )),
        None => Some(plain(
            GroundKind::Stage,
            format!("在阶段“{}”才能“{}”", names(&step.from), step.name),
        )),
    }
}

fn persons(fold: &Fold, act: &Act, place: Option<(ItemId, u32)>, grounds: &mut Vec<Ground>) {
    let procedure = fold.procedure;
    let step = &procedure.steps[act.step.at()];
    let of = |role: RoleId| {
        act.actors
            .iter()
            .find(|(r, _)| *r == role)
            .map(|(_, p)| distinct(p))
            .unwrap_or_default()
    };
    let basis = step.actors.basis.as_ref();
    let say = |sentence: String| match basis {
        Some(basis) => on_basis(GroundKind::Person, basis, sentence, step.line_no),
        None => plain(GroundKind::Person, sentence),
    };
    let lacking: Vec<String> = step
        .actors
        .roles
        .iter()
        .filter(|(role, least)| {
            let role_is_own = procedure.roles[role.at()].side == Side::Own;
            role_is_own && of(*role).len() < usize::from(*least)
        })
        .map(|(role, least)| {
            let name = &procedure.roles[role.at()].name;
            if *least > 1 {
                format!("{name}至少 {least} 名")
            } else {
                name.clone()
            }
        })
        .collect();
    let enough = if step.actors.any {
        lacking.len() < step.actors.roles.len()
    } else {
        lacking.is_empty()
    };
    if !enough && !step.actors.by_law {
        let joint = if step.actors.any { "或者" } else { "、" };
        grounds.push(say(format!("应当由{}办", lacking.join(joint))));
    }
    for (role, people) in &act.actors {
        let declared = &procedure.roles[role.at()];
        if !step.actors.roles.iter().any(|(r, _)| r == role) {
            grounds.push(plain(
                GroundKind::Person,
                format!("“{}”不由{}办", step.name, declared.name),
            ));
        }
        for person in people {
            if declared.side == Side::Own
                && !fold
                    .register
                    .qualified(person, &declared.qualification, act.at.date())
            {
                let wanted = match &declared.qualification {
                    crate::procedure::Qualification::None => "在岗".to_owned(),
                    crate::procedure::Qualification::Certificate(kinds) => {
                        format!("有效的{}", kinds.join("或者"))
                    }
                    crate::procedure::Qualification::Post(posts) => {
                        format!("{}职务", posts.join("或者"))
                    }
                };
                grounds.push(say(format!(
                    "有一名{}在 {} 没有{wanted}",
                    declared.name,
                    act.at.date()
                )));
            }
            if let Some(field) = step.actors.except {
                let recused = fold
                    .value(field, place)
                    .is_some_and(|v| v.texts().contains(person));
                if recused {
                    grounds.push(say(format!("有一名{}应当回避", declared.name)));
                }
            }
        }
    }
    incompatible(fold, act, grounds);
}

/// 不兼: nobody takes both sides of a pair in one case.
fn incompatible(fold: &Fold, act: &Act, grounds: &mut Vec<Ground>) {
    let procedure = fold.procedure;
    let acted = |person: &str, role: RoleId| {
        let took = |actors: &[(RoleId, Vec<String>)]| {
            actors
                .iter()
                .any(|(r, people)| *r == role && people.iter().any(|p| p == person))
        };
        took(&act.actors) || fold.facts.iter().any(|fact| took(&fact.actors))
    };
    for (role, people) in &act.actors {
        for rule in &procedure.incompatible {
            let against: Vec<RoleId> = if rule.one == *role {
                rule.others.clone()
            } else if rule.others.contains(role) {
                vec![rule.one]
            } else {
                continue;
            };
            for other in against {
                if people.iter().any(|person| acted(person, other)) {
                    let sentence = format!(
                        "同一人不能既是{}又是{}",
                        procedure.roles[role.at()].name,
                        procedure.roles[other.at()].name
                    );
                    let ground = on_basis(GroundKind::Person, &rule.basis, sentence, rule.line_no);
                    if !grounds.contains(&ground) {
                        grounds.push(ground);
                    }
                }
            }
        }
    }
}

fn distinct(people: &[String]) -> Vec<String> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    people
}

fn form(fold: &Fold, act: &Act, place: Option<(ItemId, u32)>, grounds: &mut Vec<Ground>) {
    let procedure = fold.procedure;
    let step = &procedure.steps[act.step.at()];
    let context = Context {
        fold,
        form: Some(&act.values),
        holes: &[],
        place,
        at: act.at,
    };
    let at_field = |field: FieldId, sentence: String| Ground {
        field: Some(field),
        ..plain(GroundKind::Form, sentence)
    };
    for entry in &step.form {
        let present = act.values.get(&entry.field).is_some_and(|v| !v.is_empty());
        if entry.required && !present && context.guard(&entry.guard) != Tri::False {
            let name = &procedure.fields[entry.field.at()].name;
            let ground = at_field(entry.field, format!("没有填“{name}”"));
            if !grounds.contains(&ground) {
                grounds.push(ground);
            }
        }
    }
    for (field, value) in &act.values {
        let declared = &procedure.fields[field.at()];
        if !step.form.iter().any(|entry| entry.field == *field) {
            grounds.push(at_field(
                *field,
                format!("“{}”这一步不填“{}”", step.name, declared.name),
            ));
        } else if !value.fits(&declared.kind) {
            grounds.push(at_field(*field, format!("“{}”填得不对", declared.name)));
        }
    }
}

fn requirements(context: &Context, act: &Act, grounds: &mut Vec<Ground>) {
    let procedure = context.fold.procedure;
    for requirement in &procedure.steps[act.step.at()].requires {
        if context.guard(&requirement.guard) == Tri::False {
            continue;
        }
        let truth = context.condition(&requirement.condition);
        if truth == Tri::True {
            continue;
        }
        if let Some(role) = requirement.waivable_by
            && act.waivers.iter().any(|w| {
                w.line_no == requirement.line_no
                    && !w.reason.trim().is_empty()
                    && context.fold.register.qualified(
                        &w.person,
                        &procedure.roles[role.at()].qualification,
                        act.at.date(),
                    )
            })
        {
            continue;
        }
        grounds.push(unmet(requirement, truth));
    }
}

/// A 须 that does not hold, as a ground.
pub(super) fn unmet(requirement: &crate::procedure::Requirement, truth: Tri) -> Ground {
    let mut sentence = requirement
        .message
        .clone()
        .unwrap_or_else(|| format!("须：{}", requirement.source));
    if truth == Tri::Unknown {
        sentence.push_str("（未定：要看还没有公布的日历）");
    }
    Ground {
        waivable_by: requirement.waivable_by,
        ..on_basis(
            GroundKind::Requirement,
            &requirement.basis,
            sentence,
            requirement.line_no,
        )
    }
}

/// 延: refused after the last day, above the limit, and beyond the number of times.
pub(super) fn extensions(context: &Context, step: StepId, grounds: &mut Vec<Ground>) {
    let procedure = context.fold.procedure;
    for (i, clock) in procedure.clocks.iter().enumerate() {
        for extension in clock.extensions.iter().filter(|e| e.step == step) {
            if context.guard(&extension.guard) == Tri::False {
                continue;
            }
            let id = crate::procedure::ClockId(u16::try_from(i).unwrap_or(u16::MAX));
            let mut refuse = |sentence: String| {
                grounds.push(on_basis(
                    GroundKind::Extension,
                    &extension.basis,
                    sentence,
                    clock.line_no,
                ));
            };
            let run = context
                .fold
                .machine(id, context.place)
                .and_then(|m| m.current());
            let Some(run) = run else {
                refuse(format!("{}还没有起算，谈不上延长", clock.name));
                continue;
            };
            if run.extended >= extension.times {
                refuse(format!("{}已延长{}次，不能再延", clock.name, run.extended));
            }
            let over = !run.paused() && run.due.passed(context.at) == Some(true);
            let late = run.state == ClockState::Expired || over;
            if late {
                refuse(format!("{}已经届满，不能再延", clock.name));
            }
            let add = context.quantity(&Quantity::Field(crate::procedure::FieldRef {
                field: extension.add,
                column: None,
            }));
            match (add, context.quantity(&extension.at_most)) {
                (Number::Known(add), Number::Known(most)) if add <= most && Ratio::ZERO < add => {}
                (Number::Unknown, _) | (_, Number::Unknown) => {}
                (_, Number::Known(most)) => refuse(format!("延长超过上限（至多 {most}）")),
                _ => refuse("延长的上限没有定，不能延长".into()),
            }
        }
    }
}

/// The first later day on which nothing stands against the same act.
fn earliest(
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
        judge(&fold, history, &later).0.is_empty()
    })
}

/// Days on which something changes by time alone: the day after each due day (chained clocks included), and the first and
/// the day after the last day of each version chosen by 步骤日.
pub(super) fn turning_days(
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
        .flat_map(|machine| &machine.runs)
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
pub(super) fn reads_today(procedure: &Procedure, step: StepId) -> bool {
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
