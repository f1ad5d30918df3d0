//! Stages never reached or never left, and steps no one can take, as far as the written lines alone show.

use crate::problem::Problem;
use crate::procedure::{Condition, Happening, Procedure, StageId, Step};
use std::collections::BTreeSet;

/// What could ever happen if every condition that is not plain were kind.
struct Reach {
    stages: BTreeSet<StageId>,
    steps: BTreeSet<usize>,
}

/// Reports what lies outside the reach.
pub fn check(procedure: &Procedure, problems: &mut Vec<Problem>) {
    let reach = reach(procedure);
    for (at, step) in procedure.steps.iter().enumerate() {
        if !reach.steps.contains(&at) {
            problems.push(
                Problem::fault(step.line_no, format!("步骤“{}”没有人办得到", step.name))
                    .hint("看它的自、须和由，是不是要求了到不了的阶段或者办不到的步骤"),
            );
        }
    }
    for (at, stage) in procedure.stages.iter().enumerate() {
        let line = &procedure.lines[stage.line.at()];
        let id = StageId(u16::try_from(at).expect("stages are counted in 16 bits: law::parse"));
        if !reach.stages.contains(&id) {
            problems.push(Problem::fault(
                line.line_no,
                format!("阶段“{}”没有步骤能到", stage.name),
            ));
        } else if line
            .stages
            .iter()
            .any(|s| procedure.stages[s.at()].is_final)
            && !ends(procedure, &reach, id)
        {
            problems.push(Problem::fault(
                line.line_no,
                format!("阶段“{}”进得去，走不到终点", stage.name),
            ));
        }
    }
    for clock in &procedure.clocks {
        let stops: Vec<_> = clock.stops.iter().chain(&clock.cancels).collect();
        let can = |event: &&crate::procedure::Event| match event.happening {
            Happening::Step(step) => reach.steps.contains(&step.at()),
            Happening::Expiry(_) => true,
        };
        if !stops.is_empty() && !stops.iter().any(can) {
            problems.push(Problem::fault(
                clock.line_no,
                format!("期限“{}”没有办得到的步骤能止住它", clock.name),
            ));
        }
    }
}

/// Grows the reach until nothing is added.
fn reach(procedure: &Procedure) -> Reach {
    let mut reach = Reach {
        stages: procedure
            .lines
            .iter()
            .filter(|line| line.item.is_none())
            .filter_map(|line| line.stages.first().copied())
            .collect(),
        steps: BTreeSet::new(),
    };
    loop {
        let before = (reach.stages.len(), reach.steps.len());
        for (at, step) in procedure.steps.iter().enumerate() {
            if reach.steps.contains(&at) || !possible(procedure, &reach, at, step) {
                continue;
            }
            reach.steps.insert(at);
            reach.stages.extend(step.to.iter().map(|to| to.stage));
            for item in &procedure.items {
                if item.starts_with.at() == at {
                    let line = &procedure.lines[item.line.at()];
                    reach.stages.extend(line.stages.first());
                }
            }
        }
        if before == (reach.stages.len(), reach.steps.len()) {
            return reach;
        }
    }
}

fn possible(procedure: &Procedure, reach: &Reach, at: usize, step: &Step) -> bool {
    if at == procedure.starts_with.at() {
        return true;
    }
    if !reach.steps.contains(&procedure.starts_with.at()) {
        return false;
    }
    if let Some(item) = step.item {
        let opens = procedure.items[item.at()].starts_with.at();
        if opens != at && !reach.steps.contains(&opens) {
            return false;
        }
    }
    let stands = step.from.is_empty() || step.from.iter().any(|s| reach.stages.contains(s));
    let somebody = step.actors.by_law || !step.actors.roles.is_empty();
    stands
        && somebody
        && step
            .requires
            .iter()
            .filter(|r| r.guard.when.is_none() && r.guard.version.is_none())
            .filter(|r| r.waivable_by.is_none())
            .all(|r| may_hold(&r.condition, reach))
}

/// False only if the condition plainly cannot hold.
fn may_hold(condition: &Condition, reach: &Reach) -> bool {
    match condition {
        Condition::And(all) => all.iter().all(|one| may_hold(one, reach)),
        Condition::Or(all) => all.iter().any(|one| may_hold(one, reach)),
        Condition::Done(step, true) => reach.steps.contains(&step.at()),
        Condition::At(stages) => stages.iter().any(|stage| reach.stages.contains(stage)),
        _ => true,
    }
}

/// Does some way lead from this stage to a final stage of its line?
fn ends(procedure: &Procedure, reach: &Reach, from: StageId) -> bool {
    let line = procedure.stages[from.at()].line;
    let mut seen = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(here) = waiting.pop() {
        if procedure.stages[here.at()].is_final {
            return true;
        }
        for at in &reach.steps {
            let step = &procedure.steps[*at];
            let on_line = |stage: &&StageId| procedure.stages[stage.at()].line == line;
            let stands = step.from.contains(&here) || !step.from.iter().any(|s| on_line(&s));
            if stands {
                let next = step.to.iter().map(|to| &to.stage).filter(on_line);
                waiting.extend(next.filter(|stage| seen.insert(**stage)));
            }
        }
    }
    false
}
