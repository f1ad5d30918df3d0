//! What a file that reads well may still have wrong (检查): law language §4, last paragraph.
//!
//! Only what can be seen without walking the state graph. A fault is a mistake of the file; a note is worth a look.

mod reach;
mod sense;
mod terms;
pub(crate) mod walk;

use crate::problem::Problem;
use crate::procedure::{FieldKind, Happening, Procedure, Quantity};
use std::collections::{BTreeMap, BTreeSet};
use walk::Part;

/// Everything that can be said against a procedure as written.
pub fn check(procedure: &Procedure) -> Vec<Problem> {
    let mut problems = Vec::new();
    codes(procedure, &mut problems);
    examples(procedure, &mut problems);
    owners(procedure, &mut problems);
    deemed_steps(procedure, &mut problems);
    sense::check(procedure, &mut problems);
    fields(procedure, &mut problems);
    reach::check(procedure, &mut problems);
    terms::check(procedure, &mut problems);
    stocks(procedure, &mut problems);
    problems.sort_by_key(|problem| problem.line_no);
    problems
}

/// Code names are unique within each kind.
fn codes(procedure: &Procedure, problems: &mut Vec<Problem>) {
    fn unique<'a>(
        what: &str,
        codes: impl Iterator<Item = (&'a str, usize)>,
        problems: &mut Vec<Problem>,
    ) {
        let mut seen = BTreeSet::new();
        for (code, line_no) in codes {
            if !seen.insert(code) {
                problems.push(Problem::fault(
                    line_no,
                    format!("{what}代号“{code}”用了两次"),
                ));
            }
        }
    }
    let p = procedure;
    unique(
        "角色",
        p.roles.iter().map(|r| (r.code.as_str(), 0)),
        problems,
    );
    unique(
        "字段",
        p.fields.iter().map(|f| (f.code.as_str(), f.line_no)),
        problems,
    );
    unique(
        "定义",
        p.definitions.iter().map(|d| (d.code.as_str(), d.line_no)),
        problems,
    );
    unique(
        "子项",
        p.items.iter().map(|i| (i.code.as_str(), i.line_no)),
        problems,
    );
    unique(
        "步骤",
        p.steps.iter().map(|s| (s.code.as_str(), s.line_no)),
        problems,
    );
    unique(
        "期限",
        p.clocks.iter().map(|c| (c.code.as_str(), c.line_no)),
        problems,
    );
    unique(
        "指标",
        p.indicators.iter().map(|i| (i.code.as_str(), i.line_no)),
        problems,
    );
}

/// A stock is kept as stays from day to day: it may change by a fact or by a term that runs out, not with every day that passes.
fn stocks(procedure: &Procedure, problems: &mut Vec<Problem>) {
    let with_each_day = |part: &Part| {
        matches!(
            part,
            Part::Quantity(Quantity::Today | Quantity::DaysLate(_) | Quantity::Per(..))
        )
    };
    for indicator in &procedure.indicators {
        if let Some(stock) = crate::stocks::stock_of(indicator)
            && crate::stocks::reads(procedure, &Part::Condition(stock), &with_each_day)
        {
            problems.push(
                Problem::fault(
                    indicator.line_no,
                    format!("存量“{}”读了今日、逾期日数或者 按", indicator.name),
                )
                .hint("存量只随步骤和期限变：写一个期限，再用 已满"),
            );
        }
    }
}

fn examples(procedure: &Procedure, problems: &mut Vec<Problem>) {
    if procedure.examples.is_empty() {
        problems.push(Problem::note(0, "一个例也没有").hint("至少写一个从头到尾的例"));
    }
    let mut seen = BTreeMap::new();
    for example in &procedure.examples {
        if let Some(first) = seen.insert(&example.name, example.line_no) {
            problems.push(Problem::fault(
                example.line_no,
                format!("例“{}”在第 {first} 行已经有了", example.name),
            ));
        }
    }
}

/// Who may open what, and which stages a step may touch.
fn owners(procedure: &Procedure, problems: &mut Vec<Problem>) {
    let start = &procedure.steps[procedure.starts_with.at()];
    if start.item.is_some() {
        problems.push(Problem::fault(
            start.line_no,
            format!("起步的步骤“{}”不能是子项里的步骤", start.name),
        ));
    }
    for (at, item) in procedure.items.iter().enumerate() {
        let start = &procedure.steps[item.starts_with.at()];
        if start.item.map(|id| id.at()) != Some(at) {
            problems.push(
                Problem::fault(
                    item.line_no,
                    format!("子项“{}”的起步“{}”不在子项里", item.name, start.name),
                )
                .hint("把这个步骤写在子项之后、下一个标题之前"),
            );
        }
    }
    for step in &procedure.steps {
        let touched = step.from.iter().chain(step.to.iter().map(|to| &to.stage));
        for stage in touched {
            let stage = &procedure.stages[stage.at()];
            let owner = procedure.lines[stage.line.at()].item;
            if owner.is_some() && owner != step.item {
                problems.push(Problem::fault(
                    step.line_no,
                    format!("步骤“{}”动了别的子项的阶段“{}”", step.name, stage.name),
                ));
            }
        }
        if let Some(except) = step.actors.except
            && procedure.fields[except.at()].kind != FieldKind::People
        {
            problems.push(Problem::fault(
                step.line_no,
                format!("“除：{}”应当是人员字段", procedure.fields[except.at()].name),
            ));
        }
    }
}

/// 法律拟制 and 视为 belong together.
fn deemed_steps(procedure: &Procedure, problems: &mut Vec<Problem>) {
    let deemed: BTreeSet<usize> = procedure
        .clocks
        .iter()
        .filter_map(|clock| clock.deems.as_ref().map(|(step, _)| step.at()))
        .collect();
    for (at, step) in procedure.steps.iter().enumerate() {
        match (step.actors.by_law, deemed.contains(&at)) {
            (true, false) => problems.push(Problem::fault(
                step.line_no,
                format!("步骤“{}”由法律拟制，但没有期限视为它", step.name),
            )),
            (false, true) => problems.push(
                Problem::fault(
                    step.line_no,
                    format!("期限把“{}”视为已办，它却由人来办", step.name),
                )
                .hint("由：法律拟制"),
            ),
            _ => {}
        }
        if step.actors.by_law && !step.form.is_empty() {
            problems.push(Problem::fault(
                step.line_no,
                format!("步骤“{}”由法律拟制，没有人填表", step.name),
            ));
        }
    }
}

/// Fields nobody fills, and fields filled for nothing.
fn fields(procedure: &Procedure, problems: &mut Vec<Problem>) {
    let filled: BTreeSet<usize> = procedure
        .steps
        .iter()
        .flat_map(|step| step.form.iter().map(|entry| entry.field.at()))
        .collect();
    let read = walk::fields_read(procedure);
    for (at, field) in procedure.fields.iter().enumerate() {
        if filled.contains(&at) {
            continue;
        }
        problems.push(if read.contains(&at) {
            Problem::fault(
                field.line_no,
                format!("字段“{}”有规则要读，却没有步骤填它", field.name),
            )
        } else {
            Problem::note(field.line_no, format!("字段“{}”没有人填", field.name))
        });
    }
}

/// Clocks that some event line listens to.
fn listened_to(procedure: &Procedure) -> BTreeSet<usize> {
    walk::events(procedure)
        .filter_map(|event| match event.happening {
            Happening::Expiry(clock) => Some(clock.at()),
            Happening::Step(_) => None,
        })
        .collect()
}
