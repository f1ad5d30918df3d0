//! Walking the abstract graph.

use super::Verdict;
use super::abstraction::{Abstraction, State};
use crate::procedure::{Condition, Procedure, Side, StepId};
use std::collections::{HashMap, VecDeque};

/// States beyond which a walk is given up.
const BOUND: usize = 60_000;

struct Graph {
    /// Where each state came from: its parent and the step.
    parents: HashMap<State, Option<(State, StepId)>>,
    /// In order of discovery.
    order: Vec<State>,
    complete: bool,
}

/// Walks everything reachable, or until `stop` holds.
fn walk(abstraction: &Abstraction, stop: impl Fn(&State) -> bool) -> (Graph, Option<State>) {
    let mut graph = Graph {
        parents: HashMap::new(),
        order: Vec::new(),
        complete: true,
    };
    let mut queue = VecDeque::new();
    for start in abstraction.starts() {
        if graph.parents.insert(start.clone(), None).is_none() {
            queue.push_back(start);
        }
    }
    while let Some(state) = queue.pop_front() {
        if stop(&state) {
            graph.order.push(state.clone());
            return (graph, Some(state));
        }
        for (step, next) in abstraction.successors(&state) {
            if !graph.parents.contains_key(&next) {
                if graph.parents.len() >= BOUND {
                    graph.complete = false;
                    return (graph, None);
                }
                graph
                    .parents
                    .insert(next.clone(), Some((state.clone(), step)));
                queue.push_back(next);
            }
        }
        graph.order.push(state);
    }
    (graph, None)
}

/// Is a condition never true? Widens the abstraction along each counter-example until it holds, breaks, or no more can be told.
pub fn never(procedure: &Procedure, condition: &Condition) -> (Verdict, usize) {
    let mut abstraction = Abstraction::slice(procedure, condition);
    loop {
        let (graph, found) = walk(&abstraction, |state| abstraction.possible(state, condition));
        let states = graph.parents.len();
        if !graph.complete {
            return (
                Verdict::Unproved(format!("状态超过 {BOUND} 个，没有走完")),
                states,
            );
        }
        let Some(found) = found else {
            return (Verdict::Proved, states);
        };
        let story = story(&graph, &found);
        if abstraction.widen(&story) {
            continue;
        }
        let told = story
            .iter()
            .enumerate()
            .map(|(i, step)| format!("  {}. {}", i + 1, procedure.steps[step.at()].name))
            .collect::<Vec<_>>()
            .join("\n");
        let definite = story.iter().all(|step| abstraction.decides(*step))
            && abstraction.decides_condition(condition);
        return if definite {
            (Verdict::Broken(told), states)
        } else {
            (
                Verdict::Unproved(format!(
                    "抽象图里有一条路走到禁止的状态，要看期限、子项或者次数才知道能不能真走到：\n{told}"
                )),
                states,
            )
        };
    }
}

fn story(graph: &Graph, end: &State) -> Vec<StepId> {
    let mut steps = Vec::new();
    let mut at = end.clone();
    while let Some(Some((parent, step))) = graph.parents.get(&at) {
        steps.push(*step);
        at = parent.clone();
    }
    steps.reverse();
    steps
}

/// From everywhere, can a condition come true? Guards count as satisfiable; stages are exact.
pub fn eventually(procedure: &Procedure, condition: &Condition) -> (Verdict, usize) {
    let abstraction = Abstraction::of_condition(procedure, condition);
    let (graph, _) = walk(&abstraction, |_| false);
    let states = graph.parents.len();
    if !graph.complete {
        return (
            Verdict::Unproved(format!("状态超过 {BOUND} 个，没有走完")),
            states,
        );
    }
    let mut back: HashMap<&State, Vec<&State>> = HashMap::new();
    let edges: Vec<(State, State)> = graph
        .order
        .iter()
        .flat_map(|state| {
            abstraction
                .successors(state)
                .into_iter()
                .map(move |(_, next)| (state.clone(), next))
        })
        .collect();
    for (from, to) in &edges {
        back.entry(to).or_default().push(from);
    }
    let mut good: std::collections::HashSet<&State> = graph
        .order
        .iter()
        .filter(|state| abstraction.possible(state, condition))
        .collect();
    let mut queue: Vec<&State> = good.iter().copied().collect();
    while let Some(state) = queue.pop() {
        for from in back.get(state).into_iter().flatten() {
            if good.insert(from) {
                queue.push(from);
            }
        }
    }
    match graph.order.iter().find(|state| !good.contains(state)) {
        None => (Verdict::Proved, states),
        Some(stuck) => {
            let told = story(&graph, stuck)
                .iter()
                .enumerate()
                .map(|(i, step)| format!("  {}. {}", i + 1, procedure.steps[step.at()].name))
                .collect::<Vec<_>>()
                .join("\n");
            (
                Verdict::Broken(format!("走到这里以后再也到不了终点：\n{told}")),
                states,
            )
        }
    }
}

/// Steps and stages that nothing in the graph of stages can reach, and endings that only somebody outside can bring.
pub fn unreachable(procedure: &Procedure) -> Vec<String> {
    let abstraction = Abstraction::stages_only(procedure);
    let (graph, _) = walk(&abstraction, |_| false);
    if !graph.complete {
        return Vec::new();
    }
    let mut notes = Vec::new();
    let mut taken = vec![false; procedure.steps.len()];
    let mut own_ends = false;
    let mut ends = false;
    for state in &graph.order {
        for step in abstraction.open_steps(state) {
            taken[step.at()] = true;
        }
        for (step, next) in abstraction.successors(state) {
            if abstraction.is_final(&next) && !abstraction.is_final(state) {
                ends = true;
                let roles = &procedure.steps[step.at()].actors.roles;
                own_ends |= roles
                    .iter()
                    .any(|(role, _)| procedure.roles[role.at()].side == Side::Own);
            }
        }
    }
    for (step, taken) in procedure.steps.iter().zip(taken) {
        if !taken
            && step.item.is_none()
            && step.name != procedure.steps[procedure.starts_with.at()].name
        {
            notes.push(format!("步骤“{}”在哪个阶段都办不了", step.name));
        }
    }
    if ends && !own_ends {
        notes.push("这一件只有机关以外的人才能使它了结".into());
    }
    notes
}
