//! 期限 and 公开 blocks.

use super::super::blocks::Block;
use super::super::conditions;
use super::super::lines::{Line, list, short};
use super::super::names::{Names, find, head};
use super::{guard, is_code, no_basis};
use crate::problem::Problem;
use crate::procedure::{
    Actors, Basis, Clock, Condition, Event, Extension, Force, Guard, Happening, ItemId, Length,
    Pause, Procedure, Publication, PublicationId, Qualification, Quantity, Side, Step, StepId,
    Unit,
};

fn empty(name: String, code: String, item: Option<ItemId>, line_no: usize) -> Clock {
    Clock {
        name,
        code,
        item,
        publication: None,
        starts: Vec::new(),
        restarts: Vec::new(),
        lengths: Vec::new(),
        pauses: Vec::new(),
        extensions: Vec::new(),
        stops: Vec::new(),
        cancels: Vec::new(),
        deems: None,
        owed_by: None,
        line_no,
    }
}

/// Reads a clock.
pub fn clock(
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
    let mut clock = empty(name, code, item, block.line_no);
    for numbered in &block.lines[1..] {
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        match line.key.as_str() {
            "起" => clock.starts.extend(events(&line, names, problems)),
            "重起" => clock.restarts.extend(events(&line, names, problems)),
            "长" => clock.lengths.extend(length(&line, names, problems)),
            "到" => {
                line.only(&["当", "版"], problems);
                let field = find(&names.fields, "字段", &line.main, line.no, problems);
                match (field, line.basis()) {
                    (Some(field), Some(basis)) => {
                        clock.lengths.push((
                            Length::Until(field),
                            guard(&line, names, problems),
                            basis,
                        ));
                    }
                    (_, None) => problems.push(no_basis(&line)),
                    _ => {}
                }
            }
            "停" => clock.pauses.extend(pause(&line, names, problems)),
            "延" => clock.extensions.extend(extension(&line, names, problems)),
            "止" => clock.stops.extend(events(&line, names, problems)),
            "销" => clock.cancels.extend(events(&line, names, problems)),
            "视为" => {
                let step = find(&names.steps, "步骤", &line.main, line.no, problems);
                match (step, line.basis()) {
                    (Some(step), Some(basis)) => clock.deems = Some((step, basis)),
                    (_, None) => problems.push(no_basis(&line)),
                    _ => {}
                }
            }
            "责" => {
                if line.main != "本机关" {
                    clock.owed_by = find(&names.roles, "角色", &line.main, line.no, problems);
                }
            }
            other => problems.push(
                Problem::fault(line.no, format!("“期限”块没有“{other}”这一行"))
                    .hint("有 起、重起、长、到、停、延、止、销、视为、责"),
            ),
        }
    }
    if clock.starts.is_empty() && clock.restarts.is_empty() {
        problems.push(Problem::fault(
            block.line_no,
            format!("期限“{}”没有写从何时起", clock.name),
        ));
    }
    if clock.lengths.is_empty() {
        problems.push(
            Problem::fault(block.line_no, format!("期限“{}”没有写多长", clock.name))
                .hint("加一行 长：5 工作日 ｜效力：依据"),
        );
    }
    procedure.clocks.push(clock);
}

/// `事件、事件` or `步骤 之 日期字段`.
fn events(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Vec<Event> {
    line.only(&["当", "版"], problems);
    let guard = guard(line, names, problems);
    list(&line.main)
        .iter()
        .filter_map(|text| event(text, &guard, line.no, names, problems))
        .collect()
}

fn event(
    text: &str,
    guard: &Guard,
    no: usize,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<Event> {
    let (name, field) = match text.split_once(" 之 ") {
        Some((name, field)) => (
            name.trim(),
            Some(find(&names.fields, "字段", field.trim(), no, problems)?),
        ),
        None => (text.trim(), None),
    };
    // A publication is a step and a clock of one name: as an event it is the step.
    let happening = match names.steps.get(name) {
        Some(step) => Happening::Step(*step),
        None => match names.clocks.get(name) {
            Some(clock) => Happening::Expiry(*clock),
            None => Happening::Step(find(&names.steps, "步骤或者期限", name, no, problems)?),
        },
    };
    Some(Event {
        happening,
        guard: guard.clone(),
        day_from: field,
    })
}

fn length(
    line: &Line,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<(Length, Guard, Basis)> {
    line.only(&["当", "版"], problems);
    let Some(basis) = line.basis() else {
        problems.push(no_basis(line));
        return None;
    };
    let term = term(&line.main, line.no, names, problems)?;
    Some((term, guard(line, names, problems), basis))
}

fn term(text: &str, no: usize, names: &Names, problems: &mut Vec<Problem>) -> Option<Length> {
    let (quantity, unit) = text.rsplit_once(' ').unwrap_or(("", text));
    let unit = match unit {
        "工作日" => Unit::WorkingDay,
        "日" => Unit::Day,
        "月" => Unit::Month,
        "年" => Unit::Year,
        "小时" => Unit::Hour,
        other => {
            problems.push(
                Problem::fault(no, format!("“{other}”不是期限的单位"))
                    .hint("只有 工作日、日、月、年、小时，和数之间空一格"),
            );
            return None;
        }
    };
    let quantity = conditions::quantity(quantity, no, names, problems)?;
    if let Quantity::Number(number) = &quantity
        && !number
            .whole()
            .is_some_and(|n| (1..=longest(unit)).contains(&n))
    {
        problems.push(
            Problem::fault(no, format!("期限的长度不能是“{}”", short(text)))
                .hint("写一个正整数，不长于一百年"),
        );
        return None;
    }
    Some(Length::Term(quantity, unit))
}

/// A hundred years, in each unit.
fn longest(unit: Unit) -> i64 {
    match unit {
        Unit::WorkingDay | Unit::Day => 36_525,
        Unit::Month => 1_200,
        Unit::Year => 100,
        Unit::Hour => 876_600,
    }
}

/// `事件 至 事件、事件`.
fn pause(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Option<Pause> {
    line.only(&["当", "版"], problems);
    let Some((from, to)) = line.main.split_once(" 至 ") else {
        problems
            .push(Problem::fault(line.no, "“停”读不懂").hint("应当写成 停：事件 至 事件、事件"));
        return None;
    };
    let Some(basis) = line.basis() else {
        problems.push(no_basis(line));
        return None;
    };
    let guard = guard(line, names, problems);
    let from = list(from)
        .iter()
        .filter_map(|t| event(t, &guard, line.no, names, problems))
        .collect();
    let to = list(to)
        .iter()
        .filter_map(|t| event(t, &Guard::default(), line.no, names, problems))
        .collect();
    Some(Pause { from, to, basis })
}

/// `步骤 加 字段 至多 量 限 N 次`.
fn extension(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Option<Extension> {
    line.only(&["当", "版"], problems);
    let bad =
        || Problem::fault(line.no, "“延”读不懂").hint("应当写成 延：步骤 加 字段 至多 量 限 1 次");
    let parts = line.main.split_once(" 加 ").and_then(|(step, rest)| {
        let (field, rest) = rest.split_once(" 至多 ")?;
        let (most, times) = rest.rsplit_once(" 限 ")?;
        let times: u8 = times.trim().strip_suffix('次')?.trim().parse().ok()?;
        Some((step, field, most, times))
    });
    let Some((step, field, most, times)) = parts else {
        problems.push(bad());
        return None;
    };
    let Some(basis) = line.basis() else {
        problems.push(no_basis(line));
        return None;
    };
    Some(Extension {
        step: find(&names.steps, "步骤", step.trim(), line.no, problems)?,
        add: find(&names.fields, "字段", field.trim(), line.no, problems)?,
        at_most: conditions::quantity(most, line.no, names, problems)?,
        times,
        guard: guard(line, names, problems),
        basis,
    })
}

/// Reads a 公开 block into two steps and two clocks (law language §3.6).
pub fn publication(
    block: &Block,
    item: Option<ItemId>,
    names: &Names,
    procedure: &mut Procedure,
    problems: &mut Vec<Problem>,
) {
    let Some((name, code)) = head(block) else {
        return;
    };
    let id = names
        .publications
        .get(&name)
        .copied()
        .unwrap_or(PublicationId(0));
    let mut clock = empty(name.clone(), code.clone(), item, block.line_no);
    clock.publication = Some(id);
    let mut found = Publication {
        name: name.clone(),
        code: code.clone(),
        step: names.steps[&name],
        clock: names.clocks[&name],
        withdrawal: None,
        fields: Vec::new(),
        places: Vec::new(),
        line_no: block.line_no,
    };
    let mut withdrawal: Option<Clock> = None;
    for numbered in &block.lines[1..] {
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        match line.key.as_str() {
            "起" => clock.starts.extend(events(&line, names, problems)),
            "长" => clock.lengths.extend(length(&line, names, problems)),
            "项" => {
                for field in list(&line.main) {
                    found
                        .fields
                        .extend(find(&names.fields, "字段", &field, line.no, problems));
                }
            }
            "所" => found.places = list(&line.main),
            "撤" => withdrawal = withdraws(&line, &name, &code, item, found.step, names, problems),
            other => problems.push(
                Problem::fault(line.no, format!("“公开”块没有“{other}”这一行"))
                    .hint("有 起、长、项、所、撤"),
            ),
        }
    }
    for field in &found.fields {
        let field = &procedure.fields[field.at()];
        if !matches!(
            field.openness,
            crate::procedure::Openness::Public | crate::procedure::Openness::Masked
        ) {
            problems.push(Problem::fault(
                block.line_no,
                format!("“{}”不是公开或者脱敏的字段，不能公布", field.name),
            ));
        }
    }
    clock.stops.push(happens(found.step));
    let line_no = block.line_no;
    procedure.steps.push(publishing_step(
        name.clone(),
        code.clone(),
        item,
        id,
        procedure,
        line_no,
        None,
    ));
    procedure.clocks.push(clock);
    if let Some(mut withdrawal) = withdrawal {
        let step = names.steps[&withdrawal.name];
        found.withdrawal = Some((step, names.clocks[&withdrawal.name]));
        withdrawal.publication = Some(id);
        withdrawal.stops.push(happens(step));
        procedure.steps.push(publishing_step(
            withdrawal.name.clone(),
            withdrawal.code.clone(),
            item,
            id,
            procedure,
            line_no,
            Some(found.step),
        ));
        procedure.clocks.push(withdrawal);
    }
    procedure.publications.push(found);
}

fn happens(step: StepId) -> Event {
    Event {
        happening: Happening::Step(step),
        guard: Guard::default(),
        day_from: None,
    }
}

/// `撤：事件、事件 ｜长：3 工作日 ｜法定：…`.
fn withdraws(
    line: &Line,
    name: &str,
    code: &str,
    item: Option<ItemId>,
    published: StepId,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<Clock> {
    line.only(&["当", "版", "长"], problems);
    let mut clock = empty(
        format!("{name}撤下"),
        format!("{code}_withdrawal"),
        item,
        line.no,
    );
    let mut guard = guard(line, names, problems);
    let done = Condition::Done(published, true);
    guard.when = Some(match guard.when {
        Some(when) => Condition::And(vec![done, when]),
        None => done,
    });
    clock.restarts = list(&line.main)
        .iter()
        .filter_map(|t| event(t, &guard, line.no, names, problems))
        .collect();
    let Some(basis) = line.basis() else {
        problems.push(no_basis(line));
        return None;
    };
    let length = line
        .qualifier("长")
        .and_then(|text| term(text, line.no, names, problems));
    match length {
        Some(length) => clock.lengths.push((length, Guard::default(), basis)),
        None => problems
            .push(Problem::fault(line.no, "“撤”没有写多长时间内撤下").hint("加 ｜长：3 工作日")),
    }
    Some(clock)
}

/// The step that publishes or withdraws: by the 公开员 if the file has one, else by any member of staff.
fn publishing_step(
    name: String,
    code: String,
    item: Option<ItemId>,
    publication: PublicationId,
    procedure: &Procedure,
    line_no: usize,
    withdraws: Option<StepId>,
) -> Step {
    let role = procedure
        .roles
        .iter()
        .position(|role| role.name == "公开员")
        .or_else(|| {
            procedure
                .roles
                .iter()
                .position(|r| r.side == Side::Own && r.qualification == Qualification::None)
        })
        .or_else(|| procedure.roles.iter().position(|r| r.side == Side::Own));
    let roles = role
        .map(|at| {
            (
                crate::procedure::RoleId(u16::try_from(at).unwrap_or(u16::MAX)),
                1,
            )
        })
        .into_iter()
        .collect();
    let requires = withdraws
        .map(|published| crate::procedure::Requirement {
            condition: Condition::Done(published, true),
            source: "还没有公开".into(),
            guard: Guard::default(),
            basis: Basis {
                force: Force::Advice,
                text: "先公开后撤下".into(),
                unverified: false,
            },
            message: Some("还没有公开，不必撤下".into()),
            waivable_by: None,
            line_no,
        })
        .into_iter()
        .collect();
    Step {
        name,
        code,
        item,
        publication: Some(publication),
        actors: Actors {
            by_law: false,
            roles,
            any: false,
            except: None,
            basis: None,
        },
        from: Vec::new(),
        to: Vec::new(),
        form: Vec::new(),
        requires,
        annuls: Vec::new(),
        papers: Vec::new(),
        links: Vec::new(),
        recordings: Vec::new(),
        line_no,
    }
}
