//! 步骤 blocks.

use super::super::blocks::Block;
use super::super::conditions;
use super::super::lines::{Line, list};
use super::super::names::{Names, find, head};
use super::{guard, is_code, no_basis};
use crate::problem::Problem;
use crate::procedure::{
    Actors, FieldId, FormField, ItemId, Link, LinkKind, Paper, Procedure, Requirement, Step,
    Transition,
};
use crate::words;

/// Reads a step. It is pushed even when lines of it are wrong, so that ids stay in place.
pub fn step(
    block: &Block,
    item: Option<ItemId>,
    names: &Names,
    procedure: &mut Procedure,
    problems: &mut Vec<Problem>,
) {
    let Some((name, code)) = head(block) else {
        return;
    };
    if !is_code(&code) {
        problems.push(Problem::fault(
            block.lines[0].no,
            format!("代号“{code}”不是小写英文"),
        ));
    }
    let mut step = Step {
        name,
        code,
        item,
        publication: None,
        actors: Actors {
            by_law: false,
            roles: Vec::new(),
            any: false,
            except: None,
            basis: None,
        },
        from: Vec::new(),
        to: Vec::new(),
        form: Vec::new(),
        requires: Vec::new(),
        annuls: Vec::new(),
        papers: Vec::new(),
        links: Vec::new(),
        recordings: Vec::new(),
        line_no: block.line_no,
    };
    let mut has_actors = false;
    for numbered in &block.lines[1..] {
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        match line.key.as_str() {
            "由" => {
                line.only(&["除"], problems);
                has_actors = true;
                if let Some(found) = actors(&line, names, problems) {
                    step.actors = found;
                }
            }
            "自" => {
                line.only(&[], problems);
                for stage in list(&line.main) {
                    step.from
                        .extend(find(&names.stages, "阶段", &stage, line.no, problems));
                }
            }
            "至" => {
                line.only(&["当", "版"], problems);
                let guard = guard(&line, names, problems);
                for stage in list(&line.main) {
                    if let Some(stage) = find(&names.stages, "阶段", &stage, line.no, problems) {
                        step.to.push(Transition {
                            stage,
                            guard: guard.clone(),
                        });
                    }
                }
            }
            "填" | "选填" => {
                line.only(&["当", "版"], problems);
                let guard = guard(&line, names, problems);
                for field in fields(&line.main, line.no, names, problems) {
                    step.form.push(FormField {
                        field,
                        required: line.key == "填",
                        guard: guard.clone(),
                    });
                }
            }
            "须" => step.requires.extend(requirement(&line, names, problems)),
            "作废" => {
                for other in list(&line.main) {
                    step.annuls
                        .extend(find(&names.steps, "步骤", &other, line.no, problems));
                }
            }
            "文书" => {
                line.only(&["当", "版", "送达", "卷"], problems);
                let (paper, number) = line.main.rsplit_once(' ').unwrap_or((&line.main, ""));
                let serve_on = line
                    .qualifier("送达")
                    .and_then(|role| find(&names.roles, "角色", role, line.no, problems));
                step.papers.push(Paper {
                    name: paper.to_owned(),
                    number: number.to_owned(),
                    serve_on,
                    second_volume: line.qualifier("卷") == Some("副"),
                    guard: guard(&line, names, problems),
                });
            }
            "关联" => step.links.extend(link(&line, names, problems)),
            "音像" => {
                line.only(&["当", "版"], problems);
                step.recordings.push((
                    line.main.clone(),
                    guard(&line, names, problems),
                    line.basis(),
                ));
            }
            other => {
                let known: Vec<&str> = words::chinese(words::STEP_LINES).collect();
                let mut problem = Problem::fault(line.no, format!("“步骤”块没有“{other}”这一行"));
                problem = match crate::problem::nearest(other, known.iter().copied()) {
                    Some(near) => problem.hint(format!("是不是“{near}”？")),
                    None => problem.hint(format!("有 {}", known.join("、"))),
                };
                problems.push(problem);
            }
        }
    }
    if !has_actors {
        problems.push(
            Problem::fault(block.line_no, format!("步骤“{}”没有写由谁办", step.name))
                .hint("加一行 由：角色"),
        );
    }
    if let Some((first, rest)) = step.from.split_first() {
        let line_of =
            |stage: &crate::procedure::StageId| procedure.stages.get(stage.at()).map(|s| s.line);
        if rest.iter().any(|stage| line_of(stage) != line_of(first)) {
            problems.push(Problem::fault(
                block.line_no,
                format!("步骤“{}”的“自”写了两条线的阶段", step.name),
            ));
        }
    }
    procedure.steps.push(step);
}

/// `角色 至少 N 名`, joined by 、 or 或.
fn actors(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Option<Actors> {
    let except: Option<FieldId> = line
        .qualifier("除")
        .and_then(|field| find(&names.fields, "字段", field, line.no, problems));
    if line.main == "法律拟制" {
        return Some(Actors {
            by_law: true,
            roles: Vec::new(),
            any: false,
            except,
            basis: line.basis(),
        });
    }
    let any = line.main.contains(" 或 ");
    let parts: Vec<String> = if any {
        line.main
            .split(" 或 ")
            .map(|p| p.trim().to_owned())
            .collect()
    } else {
        list(&line.main)
    };
    let mut roles = Vec::new();
    for part in parts {
        let (name, least) = match part.split_once(" 至少 ") {
            Some((name, rest)) => {
                let least = rest
                    .trim()
                    .strip_suffix('名')
                    .map(str::trim)
                    .and_then(|n| n.parse::<u8>().ok());
                if least.is_none() {
                    problems.push(
                        Problem::fault(line.no, format!("人数“{rest}”读不懂"))
                            .hint("应当写成 角色 至少 2 名"),
                    );
                }
                (name.trim().to_owned(), least.unwrap_or(1))
            }
            None => (part, 1),
        };
        roles.push((find(&names.roles, "角色", &name, line.no, problems)?, least));
    }
    Some(Actors {
        by_law: false,
        roles,
        any,
        except,
        basis: line.basis(),
    })
}

fn fields(text: &str, no: usize, names: &Names, problems: &mut Vec<Problem>) -> Vec<FieldId> {
    list(text)
        .iter()
        .filter_map(|name| find(&names.fields, "字段", name, no, problems))
        .collect()
}

fn requirement(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Option<Requirement> {
    line.only(&["当", "版", "言", "可免"], problems);
    let condition = conditions::condition(&line.main, line.no, names, problems);
    let guard = guard(line, names, problems);
    let waivable_by = line
        .qualifier("可免")
        .and_then(|role| find(&names.roles, "角色", role, line.no, problems));
    let Some(basis) = line.basis() else {
        problems.push(no_basis(line));
        return None;
    };
    if waivable_by.is_some() && basis.force == crate::procedure::Force::Statute {
        problems.push(Problem::fault(line.no, "法定的要求不能免").hint("去掉 ｜可免"));
    }
    Some(Requirement {
        condition: condition?,
        source: line.main.clone(),
        guard,
        basis,
        message: line.qualifier("言").map(str::to_owned),
        waivable_by,
        line_no: line.no,
    })
}

fn link(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Option<Link> {
    line.only(&["当", "版", "带"], problems);
    let (word, target) = line.main.split_once(' ').unwrap_or((&line.main, ""));
    let target = target.trim().to_owned();
    let kind = match word {
        "派生" => LinkKind::Derives(target),
        "并入" => LinkKind::MergesInto(target),
        "移送" => LinkKind::HandsOver(target),
        other => {
            problems.push(
                Problem::fault(line.no, format!("没有“{other}”这种关联"))
                    .hint("只有 派生、并入、移送"),
            );
            return None;
        }
    };
    let carry = line
        .qualifier("带")
        .map(|text| fields(text, line.no, names, problems))
        .unwrap_or_default();
    Some(Link {
        kind,
        carry,
        guard: guard(line, names, problems),
    })
}
