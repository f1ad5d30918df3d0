//! Every 禁止 of the pack is held by something: take away a gate of a step that it speaks of, and a story breaks it. What no
//! single gate holds is listed here, with why.

use law::calendar::Calendar;
use law::procedure::{Condition, DefinitionBody, Procedure, Property, PropertyKind, Step};
use law::proof::{Verdict, prove};
use std::path::Path;

/// Rules that several gates hold, each of them enough: they stay proved whichever one is taken away. That was found by trying
/// each; here they are only tried with every gate open.
const HELD_TWICE: &[(&str, &str)] = &[
    ("annual-report.md", "已 公开 且 未 检查"),
    ("homestead.md", "在 不批宅基地 且 不批理由 无值"),
    (
        "information-request.md",
        "在 已答复、已提供 且 拒绝 且 非 （答复依据 有值 且 答复理由 有值）",
    ),
    ("license.md", "已 准予许可 且 未 审查"),
    ("license.md", "已 不予许可 且 在 已不予 且 决定理由 无值"),
    ("power-list-change.md", "在 清单已公布 且 未 县里审核"),
    ("relief.md", "在 已不予救助 且 救助不予理由 无值"),
];

/// Rules that are no longer proved without their gate, but of which no story is told: the walk is given up, because too many
/// other fields may matter.
const GIVEN_UP: &[(&str, &str)] = &[
    ("general-penalty.md", "已 决定 且 需集体讨论 且 未 集体讨论"),
    (
        "general-penalty.md",
        "已 决定 且 已 要求听证 且 在 已要求听证、已通知听证",
    ),
    ("general-penalty.md", "已 决定 且 罚款 多于 拟罚款"),
];

/// Rules that hold by the shape of the file alone, with every gate open: one step only leads to the stage that they speak of.
/// They would notice a second way there, and nothing else. The one of general-penalty says less than the article beside it:
/// nobody stands in 复议诉讼中 without 受理救济, whether or not enforcement was applied for.
const HELD_BY_SHAPE: &[(&str, &str)] = &[
    (
        "general-penalty.md",
        "已 申请强制执行 且 在 复议诉讼中 且 未 受理救济",
    ),
    ("hotline-ticket.md", "在 已退单 且 未 准予退单"),
    ("inspection-plan.md", "在 计划已批 且 未 批准计划项"),
    ("inspection-tour-item.md", "在 已销号 且 未 核实"),
    ("inspection.md", "有 问题项 （在 已销号 且 未 复查）"),
    ("patrol.md", "在 巡查已结 且 未 结束班次"),
    ("petition.md", "在 已退回 且 未 同意退回"),
];

/// The steps that a condition speaks of: done, moving to a stage, filling a field.
fn spoken_of(procedure: &Procedure, condition: &Condition) -> Vec<bool> {
    let mut found = vec![false; procedure.steps.len()];
    let mut parts = vec![condition];
    while let Some(part) = parts.pop() {
        let mut mark = |is: &dyn Fn(usize, &Step) -> bool| {
            for (i, step) in procedure.steps.iter().enumerate() {
                found[i] |= is(i, step);
            }
        };
        match part {
            Condition::And(all) | Condition::Or(all) => parts.extend(all),
            Condition::Not(inner) | Condition::Each(_, inner) | Condition::Some(_, inner) => {
                parts.push(inner);
            }
            Condition::Done(step, _) => mark(&|i, _| i == step.at()),
            Condition::At(stages) => {
                mark(&|_, step| step.to.iter().any(|way| stages.contains(&way.stage)));
            }
            Condition::Is(of, _) | Condition::Present(of, _) => {
                mark(&|_, step| step.form.iter().any(|entry| entry.field == of.field));
            }
            Condition::Defined(id) => {
                if let DefinitionBody::Condition(inner) = &procedure.definitions[id.at()].body {
                    parts.push(inner);
                }
            }
            _ => {}
        }
    }
    found
}

/// The law file with one gate taken away of a step that a rule speaks of: first what steps require, then where they may begin,
/// then what they must fill in and what they annul.
fn damages(procedure: &Procedure, rule: &Property) -> Vec<Procedure> {
    let spoken_of = spoken_of(procedure, &rule.condition);
    let mut found = Vec::new();
    let mut damaged = |rank: u8, change: &dyn Fn(&mut Procedure)| {
        let mut copy = procedure.clone();
        change(&mut copy);
        found.push((rank, copy));
    };
    let steps = procedure.steps.iter().enumerate();
    for (i, step) in steps.filter(|(i, _)| spoken_of[*i]) {
        for at in 0..step.requires.len() {
            damaged(0, &|p| {
                p.steps[i].requires.remove(at);
            });
        }
        damaged(1, &|p| p.steps[i].from.clear());
        for at in 0..step.form.len() {
            damaged(2, &|p| p.steps[i].form[at].required = false);
        }
        for at in 0..step.annuls.len() {
            damaged(2, &|p| {
                p.steps[i].annuls.remove(at);
            });
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, copy)| copy).collect()
}

/// The file with every gate open.
fn open(procedure: &Procedure) -> Procedure {
    let mut copy = procedure.clone();
    for step in &mut copy.steps {
        step.requires.clear();
        step.from.clear();
        step.annuls.clear();
        for entry in &mut step.form {
            entry.required = false;
        }
        for way in &mut step.to {
            way.guard.when = None;
        }
    }
    copy
}

/// What becomes of a rule.
fn verdict(procedure: &Procedure, rule: &Property) -> Verdict {
    let mut procedure = procedure.clone();
    procedure.properties = vec![rule.clone()];
    let report = prove(&procedure, &Calendar::default());
    let mut results = report.properties.into_iter();
    results.next().expect("one property, one result").verdict
}

fn files() -> Vec<(String, Procedure)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/procedures");
    let mut found: Vec<(String, Procedure)> = std::fs::read_dir(folder)
        .expect("the law pack stands beside the crates")
        .flatten()
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("law files are UTF-8");
            let mut procedure = law::parse::read(&text).0.expect("law files are sound");
            procedure.examples.clear();
            (entry.file_name().to_string_lossy().into_owned(), procedure)
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[test]
fn every_rule_is_held_by_a_gate() {
    let mut listed = 0;
    let mut wrong = Vec::new();
    let mut rules = 0;
    for (name, procedure) in files() {
        let all = procedure.properties.iter();
        for rule in all.filter(|property| property.kind == PropertyKind::Never) {
            rules += 1;
            let source = rule.source.as_str();
            let is = |list: &[(&str, &str)]| list.contains(&(name.as_str(), source));
            if verdict(&procedure, rule) != Verdict::Proved {
                wrong.push(format!("{name} {source}：没有证成"));
            } else if is(GIVEN_UP) {
                listed += 1;
                let lost = damages(&procedure, rule)
                    .iter()
                    .any(|damaged| verdict(damaged, rule) != Verdict::Proved);
                if !lost {
                    wrong.push(format!("{name} {source}：去掉哪一道关口都仍然已证"));
                }
            } else if is(HELD_TWICE) || is(HELD_BY_SHAPE) {
                listed += 1;
                let holds = verdict(&open(&procedure), rule) == Verdict::Proved;
                if holds != is(HELD_BY_SHAPE) {
                    wrong.push(format!("{name} {source}：列错了地方"));
                }
            } else if !damages(&procedure, rule)
                .iter()
                .any(|damaged| matches!(verdict(damaged, rule), Verdict::Broken(_)))
            {
                wrong.push(format!(
                    "{name} {source}：去掉哪一道关口都仍然已证；这条性质要么改得有用，要么列在上面"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(
        listed,
        HELD_TWICE.len() + GIVEN_UP.len() + HELD_BY_SHAPE.len()
    );
    assert!(rules > 60, "only {rules} rules were tried");
}
