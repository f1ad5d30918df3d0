//! Who acts (由, 不兼): enough of each role, qualified that day, not recused, on one side only.

use super::super::fold::Fold;
use super::super::{Act, Ground, GroundKind};
use super::{on_basis, plain};
use crate::procedure::{ItemId, Qualification, RoleId, Side};

/// What stands against the persons of an act.
pub(super) fn persons(
    fold: &Fold,
    act: &Act,
    place: Option<(ItemId, u32)>,
    grounds: &mut Vec<Ground>,
) {
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
                    Qualification::None => "在岗".to_owned(),
                    Qualification::Certificate(kinds) => {
                        format!("有效的{}", kinds.join("或者"))
                    }
                    Qualification::Post(posts) => {
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
