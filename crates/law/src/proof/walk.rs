//! What the graph says of a property.

use super::Verdict;
use super::action::Label;
use super::graph::{BOUND, Graph, walk};
use super::moves::Moves;
use super::reader::Items;
use super::view::{Scope, View};
use crate::procedure::{Condition, Procedure, Side, StepId};

/// Is a condition never true? Widens the view along each counter-example until it holds, breaks, or no more can be told.
pub fn never(procedure: &Procedure, condition: &Condition) -> (Verdict, usize) {
    let mut view = View::of_forbidden(procedure, condition);
    // First with any number of items: what is not met there is met nowhere.
    let (told, states) = match shortest(&mut view, condition, Items::Any) {
        Found::Nothing(states) => return (Verdict::Proved, states),
        Found::TooMany(states) => return (too_many(), states),
        Found::Story(story, states) => (tell(procedure, &story), states),
    };
    // Then with one item of a kind at most, and nothing that nobody knows: what is met there can happen.
    match shortest(&mut view, condition, Items::Sole) {
        Found::Story(story, states) => (Verdict::Broken(tell(procedure, &story)), states),
        _ => {
            let why = format!(
                "抽象图里有一条路走到禁止的状态，要看期限、次数、别的子项或者没有跟踪的字段才知道能不能真走到：\n{told}"
            );
            (Verdict::Unproved(why), states)
        }
    }
}

enum Found {
    Nothing(usize),
    TooMany(usize),
    Story(Vec<Label>, usize),
}

fn too_many() -> Verdict {
    Verdict::Unproved(format!("状态超过 {BOUND} 个，没有走完"))
}

/// The shortest way to a forbidden state that no requirement along it, followed or still to be followed, excludes.
fn shortest(view: &mut View, condition: &Condition, items: Items) -> Found {
    loop {
        let (story, states) = {
            let moves = Moves::new(view, items);
            let forbidden = moves.reader.forbidden(condition);
            let (graph, found) = walk(&moves, false, |state| match items {
                Items::Any => forbidden.possible(state),
                Items::Sole => forbidden.attainable(state),
            });
            let states = graph.states.len();
            match found {
                None if graph.complete => return Found::Nothing(states),
                None => return Found::TooMany(states),
                Some(end) => (graph.story(&moves, end), states),
            }
        };
        let steps: Vec<StepId> = story.iter().filter_map(step_of).collect();
        if !view.widen(&steps) {
            return Found::Story(story, states);
        }
    }
}

fn step_of(label: &Label) -> Option<StepId> {
    match label {
        Label::Step(step, _) => Some(*step),
        Label::Expiry(..) => None,
    }
}

/// One act a line.
fn tell(procedure: &Procedure, story: &[Label]) -> String {
    let mut lines = Vec::new();
    for (i, label) in story.iter().enumerate() {
        let (mut name, scope) = match label {
            Label::Step(step, scope) => (procedure.steps[step.at()].name.clone(), scope),
            Label::Expiry(clock, scope) => {
                let clock = &procedure.clocks[clock.at()];
                let deemed = clock.deems.as_ref().map_or_else(String::new, |(step, _)| {
                    format!("，{}", procedure.steps[step.at()].name)
                });
                (format!("{} 届满{deemed}", clock.name), scope)
            }
        };
        match scope {
            Scope::Case => {}
            Scope::Followed(kind) => {
                name.push_str(&format!("（这一件{}）", procedure.items[kind.at()].name));
            }
            Scope::Other(kind) => {
                name.push_str(&format!("（某一件{}）", procedure.items[kind.at()].name));
            }
        }
        lines.push(format!("  {}. {name}", i + 1));
    }
    lines.join("\n")
}

/// The graph of all stages of the case, walked to the end. Most 终将 and the notes read the same one.
pub struct Stages<'v, 'a> {
    moves: Moves<'v, 'a>,
    graph: Graph,
}

impl<'v, 'a> Stages<'v, 'a> {
    /// Walks the graph of a view.
    pub fn walk(view: &'v View<'a>) -> Self {
        let moves = Moves::new(view, Items::Any);
        let (graph, _) = walk(&moves, true, |_| false);
        Stages { moves, graph }
    }

    /// From everywhere, can a condition come true? Guards count as satisfiable; stages are exact.
    pub fn eventually(&self, condition: &Condition) -> (Verdict, usize) {
        let states = self.graph.states.len();
        if !self.graph.complete {
            return (too_many(), states);
        }
        let goal = self.moves.reader.condition(condition, Scope::Case, &[]);
        let stuck = |reached: &dyn Fn(Option<bool>) -> bool| {
            self.cannot_reach(|at| reached(goal.truth(self.graph.states[at])))
        };
        let Some(end) = stuck(&|truth| truth == Some(true)) else {
            return (Verdict::Proved, states);
        };
        if stuck(&|truth| truth != Some(false)).is_none() {
            let why = "终点要看期限、次数或者子项，图里分不清".to_owned();
            return (Verdict::Unproved(why), states);
        }
        let told = tell(
            self.moves.reader.view.procedure,
            &self.graph.story(&self.moves, end),
        );
        let told = format!("走到这里以后再也到不了终点：\n{told}");
        (Verdict::Broken(told), states)
    }

    /// The first state from which no way leads to a good one.
    fn cannot_reach(&self, is_good: impl Fn(usize) -> bool) -> Option<u32> {
        let n = self.graph.states.len();
        let mut back: Vec<Vec<u32>> = vec![Vec::new(); n];
        for (from, _, to) in &self.graph.edges {
            back[*to as usize].push(*from);
        }
        let mut good: Vec<bool> = (0..n).map(is_good).collect();
        let mut queue: Vec<usize> = (0..n).filter(|at| good[*at]).collect();
        while let Some(at) = queue.pop() {
            for from in &back[at] {
                let from = *from as usize;
                if !good[from] {
                    good[from] = true;
                    queue.push(from);
                }
            }
        }
        let at = good.iter().position(|good| !good)?;
        u32::try_from(at).ok()
    }

    /// Steps that nothing in the graph can reach, and endings that only somebody outside can bring.
    pub fn notes(&self) -> Vec<String> {
        if !self.graph.complete {
            return Vec::new();
        }
        let procedure = self.moves.reader.view.procedure;
        let mut notes = Vec::new();
        for (step, open) in procedure.steps.iter().zip(&self.moves.open) {
            if let Some(open) = open
                && !self.graph.states.iter().any(|state| open.possible(*state))
            {
                notes.push(format!("步骤“{}”在哪个阶段都办不了", step.name));
            }
        }
        let is_over = |at: u32| self.moves.over.truth(self.graph.states[at as usize]) == Some(true);
        let mut endings = self
            .graph
            .edges
            .iter()
            .filter(|(from, _, to)| is_over(*to) && !is_over(*from))
            .peekable();
        let ends = endings.peek().is_some();
        let own_ends = endings.any(|(_, act, _)| {
            step_of(&self.moves.actions[*act as usize].label).is_some_and(|step| {
                let roles = &procedure.steps[step.at()].actors.roles;
                roles
                    .iter()
                    .any(|(role, _)| procedure.roles[role.at()].side == Side::Own)
            })
        });
        if ends && !own_ends {
            notes.push("这一件只有机关以外的人才能使它了结".into());
        }
        notes
    }
}
