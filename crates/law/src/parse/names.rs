//! First pass: every name of the file, and what it stands for.

use super::blocks::{Block, Document, Numbered};
use super::lines::{Line, bracketed, list, short};
use crate::problem::{Problem, nearest};
use crate::procedure::{
    ClockId, DefinitionId, FieldId, IndicatorId, ItemId, LineId, ListingId, PublicationId, RoleId,
    StageId, StepId, VersionId,
};
use crate::words;
use std::collections::HashMap;

/// What a name can be used as; one name may be a step and a clock (公开).
#[derive(Debug, Default)]
pub struct Names {
    pub steps: HashMap<String, StepId>,
    pub clocks: HashMap<String, ClockId>,
    pub stages: HashMap<String, StageId>,
    pub lines: HashMap<String, LineId>,
    pub fields: HashMap<String, FieldId>,
    pub definitions: HashMap<String, DefinitionId>,
    pub items: HashMap<String, ItemId>,
    pub indicators: HashMap<String, IndicatorId>,
    pub publications: HashMap<String, PublicationId>,
    pub roles: HashMap<String, RoleId>,
    pub listings: HashMap<String, ListingId>,
    pub versions: HashMap<String, VersionId>,
    /// Field index by its place in the table; steps, clocks by the place of their block, for the second pass.
    pub step_of_block: HashMap<usize, StepId>,
    pub clock_of_block: HashMap<usize, ClockId>,
    taken: HashMap<String, usize>,
}

/// `名称 代号` at the head of a block.
pub fn head(block: &Block) -> Option<(String, String)> {
    let first = block.lines.first()?;
    let (name, code) = first.text.split_once(' ')?;
    Some((name.trim().to_owned(), code.trim().to_owned()))
}

fn index(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// Collects all names; reports those used twice, reserved ones, and blocks without a head.
pub fn collect(document: &Document, problems: &mut Vec<Problem>) -> Names {
    let mut names = Names::default();
    for (no, cells) in &document.roles {
        let name = cells.first().cloned().unwrap_or_default();
        let id = RoleId(index(names.roles.len()));
        if names.roles.insert(name.clone(), id).is_some() {
            problems.push(Problem::fault(*no, format!("角色“{name}”写了两次")));
        }
    }
    for (no, cells) in &document.fields {
        let name = cells.first().cloned().unwrap_or_default();
        names.take(&name, *no, problems);
        let id = FieldId(index(names.fields.len()));
        names.fields.insert(name, id);
    }
    for (at, block) in document.blocks.iter().enumerate() {
        match block.kind.as_str() {
            "程序" => procedure_names(block, &mut names),
            "阶段" => {
                for line in &block.lines {
                    if let Some(line) = Line::split(line, &mut Vec::new()) {
                        stage_names(&mut names, &line.key, &line.main, line.no, problems);
                    }
                }
            }
            "定义" | "指标" => collect_coded(block, &mut names, problems),
            "子项" | "步骤" | "期限" | "公开" => {
                let Some((name, _)) = head(block) else {
                    let no = block.lines.first().map_or(block.line_no, |l| l.no);
                    problems.push(
                        Problem::fault(no, format!("“{}”块的第一行读不懂", block.kind))
                            .hint("应当写成 名称 代号"),
                    );
                    continue;
                };
                let no = block.lines[0].no;
                names.take(&name, no, problems);
                match block.kind.as_str() {
                    "子项" => {
                        let id = ItemId(index(names.items.len()));
                        names.items.insert(name, id);
                    }
                    "步骤" => {
                        let id = names.add_step(name);
                        names.step_of_block.insert(at, id);
                    }
                    "期限" => {
                        let id = names.add_clock(name);
                        names.clock_of_block.insert(at, id);
                    }
                    _ => {
                        let withdrawn = format!("{name}撤下");
                        let id = names.add_step(name.clone());
                        names.step_of_block.insert(at, id);
                        let id = names.add_clock(name.clone());
                        names.clock_of_block.insert(at, id);
                        let withdraws = |l: &Numbered| {
                            l.text
                                .split_once('：')
                                .is_some_and(|(key, _)| key.trim() == "撤")
                        };
                        if block.lines[1..].iter().any(withdraws) {
                            names.take(&withdrawn, no, problems);
                            names.add_step(withdrawn.clone());
                            names.add_clock(withdrawn);
                        }
                        let id = PublicationId(index(names.publications.len()));
                        names.publications.insert(name, id);
                    }
                }
            }
            _ => {}
        }
    }
    // Item lines come after the lines of the case.
    for block in document.blocks.iter().filter(|b| b.kind == "子项") {
        if let Some((name, _)) = head(block) {
            for line in &block.lines[1..] {
                if let Some(line) = Line::split(line, &mut Vec::new())
                    && line.key == "阶段"
                {
                    stage_names(
                        &mut names,
                        &format!("{name}线"),
                        &line.main,
                        line.no,
                        problems,
                    );
                }
            }
        }
    }
    names
}

fn procedure_names(block: &Block, names: &mut Names) {
    for line in &block.lines {
        let Some(line) = Line::split(line, &mut Vec::new()) else {
            continue;
        };
        match line.key.as_str() {
            "清单" => {
                for listing in list(&line.main) {
                    let id = ListingId(index(names.listings.len()));
                    names
                        .listings
                        .entry(bracketed(&listing).0.to_owned())
                        .or_insert(id);
                }
            }
            "版" => {
                if let Some(name) = line.main.split_whitespace().next() {
                    let id = VersionId(index(names.versions.len()));
                    names.versions.entry(name.to_owned()).or_insert(id);
                }
            }
            _ => {}
        }
    }
}

fn stage_names(
    names: &mut Names,
    line_name: &str,
    stages: &str,
    no: usize,
    problems: &mut Vec<Problem>,
) {
    let id = LineId(index(names.lines.len()));
    if names.lines.insert(line_name.to_owned(), id).is_some() {
        problems.push(Problem::fault(no, format!("阶段线“{line_name}”写了两次")));
    }
    for stage in list(stages) {
        names.take(&stage, no, problems);
        let id = StageId(index(names.stages.len()));
        names.stages.insert(stage, id);
    }
}

fn collect_coded(block: &Block, names: &mut Names, problems: &mut Vec<Problem>) {
    for line in &block.lines {
        if line.text.starts_with("平衡：") {
            continue;
        }
        let Some((name, _)) = line
            .text
            .split_once('：')
            .and_then(|(head, _)| head.split_once(' '))
        else {
            problems.push(
                Problem::fault(
                    line.no,
                    format!("“{}”读不懂", super::lines::short(&line.text)),
                )
                .hint("应当写成 名称 代号：内容"),
            );
            continue;
        };
        let name = name.trim();
        names.take(name, line.no, problems);
        if block.kind == "定义" {
            let id = DefinitionId(index(names.definitions.len()));
            names.definitions.insert(name.to_owned(), id);
        } else {
            let id = IndicatorId(index(names.indicators.len()));
            names.indicators.insert(name.to_owned(), id);
        }
    }
}

impl Names {
    fn take(&mut self, name: &str, no: usize, problems: &mut Vec<Problem>) {
        if words::has(words::CONDITION_WORDS, name) {
            problems.push(Problem::fault(
                no,
                format!("“{name}”是语言里的词，不能作名称"),
            ));
        }
        if let Some(first) = self.taken.insert(name.to_owned(), no) {
            problems.push(
                Problem::fault(no, format!("名称“{name}”在第 {first} 行已经用过"))
                    .hint("一个文件里名称不能重复"),
            );
        }
    }

    fn add_step(&mut self, name: String) -> StepId {
        let id = StepId(index(self.steps.len()));
        *self.steps.entry(name).or_insert(id)
    }

    fn add_clock(&mut self, name: String) -> ClockId {
        let id = ClockId(index(self.clocks.len()));
        *self.clocks.entry(name).or_insert(id)
    }
}

/// How many problems come with the nearest known name; to look for it at each of ten thousand misses would take long.
pub const HINTS: usize = 100;

/// Looks a name up; a miss is reported with the nearest known name.
pub fn find<T: Copy>(
    map: &HashMap<String, T>,
    what: &str,
    name: &str,
    no: usize,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match seek(map, what, name, no, problems.len() < HINTS) {
        Ok(id) => Some(id),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// Looks a name up; a miss comes with the nearest known name if a hint is wanted.
pub fn seek<T: Copy>(
    map: &HashMap<String, T>,
    what: &str,
    name: &str,
    no: usize,
    hint: bool,
) -> Result<T, Problem> {
    if let Some(id) = map.get(name) {
        return Ok(*id);
    }
    let problem = Problem::fault(no, format!("没有这个{what}“{}”", short(name)));
    if !hint {
        return Err(problem);
    }
    let mut known: Vec<&str> = map.keys().map(String::as_str).collect();
    known.sort_unstable();
    Err(match nearest(name, known.into_iter()) {
        Some(near) => problem.hint(format!("是不是“{near}”？")),
        None => problem,
    })
}
