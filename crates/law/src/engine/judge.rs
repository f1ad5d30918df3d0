//! Permit or refusal (law language §3.4).

pub(super) mod earliest;
mod persons;

use super::eval::{Context, Number, Tri};
use super::fold::Fold;
use super::{Act, Fact, Ground, GroundKind, History, Permit, Refusal, Register, Waiver, fold_to};
use crate::calendar::Calendar;
use crate::clock::ClockState;
use crate::procedure::{Basis, FieldId, ItemId, LineId, Procedure, Quantity, StepId};
use crate::value::Ratio;

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
    let Judgement {
        mut grounds,
        item,
        needed,
    } = judge(&fold, history, &act);
    if grounds.is_empty() {
        let (waivers, idle) = sort_waivers(act.waivers, &needed);
        let n = u32::try_from(fold.facts.len() + 1).unwrap_or(u32::MAX);
        let fact = Fact {
            n,
            step: act.step,
            at: act.at,
            recorded: act.recorded.max(act.at),
            item,
            actors: act.actors,
            values: act.values,
            waivers,
        };
        return Ok(Permit {
            deemed: fold.deemed,
            fact,
            idle,
        });
    }
    grounds.sort_by_key(|ground| ground.force);
    let time_can_help = grounds
        .iter()
        .all(|g| matches!(g.kind, GroundKind::Requirement | GroundKind::Stage));
    let earliest = time_can_help
        .then(|| earliest::earliest(procedure, calendar, history, register, &act))
        .flatten();
    Err(Refusal {
        step: procedure.steps[act.step.at()].name.clone(),
        grounds,
        earliest,
    })
}

/// What is found when an act is looked at.
struct Judgement {
    /// All failed lines.
    grounds: Vec<Ground>,
    /// The number of the item that the act concerns.
    item: Option<u32>,
    /// Places in `Act::waivers` of those that set something aside.
    needed: Vec<usize>,
}

fn judge(fold: &Fold, history: &History, act: &Act) -> Judgement {
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
    persons::persons(fold, act, place, &mut grounds);
    form(fold, act, place, &mut grounds);
    let context = Context {
        fold,
        form: Some(&act.values),
        holes: &[],
        place,
        at: act.at,
    };
    let needed = requirements(&context, act, &mut grounds);
    extensions(&context, act.step, &mut grounds);
    Judgement {
        grounds,
        item,
        needed,
    }
}

/// Waivers that set something aside go into the fact and are counted; the others are handed back.
fn sort_waivers(sent: Vec<Waiver>, needed: &[usize]) -> (Vec<Waiver>, Vec<Waiver>) {
    let (kept, idle): (Vec<_>, Vec<_>) = sent
        .into_iter()
        .enumerate()
        .partition(|(place, _)| needed.contains(place));
    let plain = |all: Vec<(usize, Waiver)>| all.into_iter().map(|(_, waiver)| waiver).collect();
    (plain(kept), plain(idle))
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
    // Cases that began in time go on; none begins after the last day.
    if let Some(until) = procedure
        .in_force_until
        .filter(|until| starts && *until < act.at.date())
    {
        grounds.push(plain(
            GroundKind::Order,
            format!("“{}”施行到 {until} 止，不能再起新的", procedure.title),
        ));
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

/// Says which waivers were needed; the first good one of a line is enough.
fn requirements(context: &Context, act: &Act, grounds: &mut Vec<Ground>) -> Vec<usize> {
    let procedure = context.fold.procedure;
    let mut needed = Vec::new();
    for requirement in &procedure.steps[act.step.at()].requires {
        if context.guard(&requirement.guard) == Tri::False {
            continue;
        }
        let truth = context.condition(&requirement.condition);
        if truth == Tri::True {
            continue;
        }
        let waiver = requirement.waivable_by.and_then(|role| {
            let qualification = &procedure.roles[role.at()].qualification;
            act.waivers.iter().position(|w| {
                w.line_no == requirement.line_no
                    && !w.reason.trim().is_empty()
                    && context
                        .fold
                        .register
                        .qualified(&w.person, qualification, act.at.date())
            })
        });
        match waiver {
            Some(place) => needed.push(place),
            None => grounds.push(unmet(requirement, truth)),
        }
    }
    needed
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
