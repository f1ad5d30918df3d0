//! Walking the abstract graph, breadth first, so that every story is a shortest one.

use super::action::Label;
use super::moves::Moves;
use super::test::State;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// States beyond which a walk is given up.
pub const BOUND: usize = 60_000;

/// States are numbers already: folding and one multiplication spread them well enough.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u128(u128::from(*byte));
        }
    }

    fn write_u128(&mut self, n: u128) {
        let (low, high) = (n as u64, (n >> 64) as u64);
        let mixed = (self.0 ^ low).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ high.rotate_left(29);
        let mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// What was reached.
pub struct Graph {
    /// In order of discovery.
    pub states: Vec<State>,
    /// Where each came from: the state before, and the act.
    came: Vec<Option<(u32, u32)>>,
    /// All edges: from, act, to.
    pub edges: Vec<(u32, u32, u32)>,
    /// False: given up at the bound.
    pub complete: bool,
}

impl Graph {
    /// The acts that lead to a state.
    pub fn story(&self, moves: &Moves, end: u32) -> Vec<Label> {
        let mut acts = Vec::new();
        let mut at = end;
        while let Some((before, act)) = self.came[at as usize] {
            acts.push(moves.actions[act as usize].label);
            at = before;
        }
        acts.reverse();
        acts
    }
}

/// Walks everything reachable, or until `stop` holds. Edges are kept only if asked for.
pub fn walk(moves: &Moves, edges: bool, stop: impl Fn(State) -> bool) -> (Graph, Option<u32>) {
    let mut graph = Graph {
        states: Vec::new(),
        came: Vec::new(),
        edges: Vec::new(),
        complete: true,
    };
    let mut known: HashMap<State, u32, BuildHasherDefault<Folded>> = HashMap::default();
    for start in moves.starts() {
        known.entry(start).or_insert_with(|| {
            graph.states.push(start);
            graph.came.push(None);
            graph.states.len() as u32 - 1
        });
    }
    let mut at = 0;
    let mut next_states = Vec::new();
    while at < graph.states.len() {
        let state = graph.states[at];
        let from = at as u32;
        if stop(state) {
            return (graph, Some(from));
        }
        for (act, action) in moves.actions.iter().enumerate() {
            action.apply(state, &mut next_states);
            for next in next_states.drain(..).filter(|next| *next != state) {
                let to = match known.get(&next) {
                    Some(to) => *to,
                    None if graph.states.len() >= BOUND => {
                        graph.complete = false;
                        return (graph, None);
                    }
                    None => {
                        let to = graph.states.len() as u32;
                        graph.states.push(next);
                        graph.came.push(Some((from, act as u32)));
                        known.insert(next, to);
                        to
                    }
                };
                if edges {
                    graph.edges.push((from, act as u32, to));
                }
            }
        }
        at += 1;
    }
    (graph, None)
}
