//! Proofs over the whole state graph of a procedure (证明). Law language §4.
//!
//! The graph abstracts: stages and counters of done steps are exact, fields that conditions read take every value the
//! condition can tell apart, clocks move as they like. What is forbidden in this graph and never reached in it is
//! **proved**, because every real history is a path of it. A path to a forbidden state is printed as a story of steps; if
//! the path needed a guard that the abstraction cannot decide, the verdict is 未证, not broken.

mod action;
mod graph;
mod moves;
mod reader;
mod reads;
mod test;
mod view;
mod walk;

use crate::calendar::Calendar;
use crate::example;
use crate::procedure::{Procedure, PropertyKind};

/// What came of all properties.
#[derive(Debug)]
pub struct Report {
    /// One for each 性质 line.
    pub properties: Vec<PropertyResult>,
    /// Steps that no one can ever take in the graph, stages never reached; Chinese sentences.
    pub notes: Vec<String>,
}

/// What came of one property.
#[derive(Debug)]
pub struct PropertyResult {
    /// Its line.
    pub line_no: usize,
    /// As written.
    pub source: String,
    /// Yes, no, or not known.
    pub verdict: Verdict,
    /// Number of states walked.
    pub states: usize,
}

/// Yes, no, or not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// 禁止 or 终将: holds in the whole graph.
    Proved,
    /// 可达: an example shows it.
    Witnessed,
    /// Could not be decided; why.
    Unproved(String),
    /// Does not hold; the story of steps that leads there.
    Broken(String),
}

/// Proves every property of a procedure.
pub fn prove(procedure: &Procedure, calendar: &Calendar) -> Report {
    let stages_only = view::View::of_stages(procedure);
    let stages = walk::Stages::walk(&stages_only);
    let witnessed = witnessed(procedure, calendar);
    let mut properties = Vec::new();
    for (property, witnessed) in procedure.properties.iter().zip(witnessed) {
        let (verdict, states) = match property.kind {
            PropertyKind::Never => walk::never(procedure, &property.condition),
            PropertyKind::Eventually => {
                let view = view::View::of_condition(procedure, &property.condition);
                if view.things == stages_only.things {
                    stages.eventually(&property.condition)
                } else {
                    walk::Stages::walk(&view).eventually(&property.condition)
                }
            }
            PropertyKind::Sometimes if witnessed => (Verdict::Witnessed, 0),
            PropertyKind::Sometimes => {
                let missing = "没有一个例走到这里；写一个例，程序才相信能走到".to_owned();
                (Verdict::Unproved(missing), 0)
            }
        };
        properties.push(PropertyResult {
            line_no: property.line_no,
            source: property.source.clone(),
            verdict,
            states,
        });
    }
    Report {
        properties,
        notes: stages.notes(),
    }
}

/// For each property, whether it is a 可达 that some moment of some example shows.
fn witnessed(procedure: &Procedure, calendar: &Calendar) -> Vec<bool> {
    let mut found = vec![false; procedure.properties.len()];
    let mut missing: Vec<usize> = (0..found.len())
        .filter(|at| procedure.properties[*at].kind == PropertyKind::Sometimes)
        .collect();
    if missing.is_empty() {
        return found;
    }
    example::visit(procedure, calendar, &mut |history, at| {
        if missing.is_empty() {
            return;
        }
        let conditions: Vec<_> = missing
            .iter()
            .map(|at| &procedure.properties[*at].condition)
            .collect();
        let held = example::held(procedure, calendar, history, &conditions, at);
        for (property, held) in missing.iter().zip(held) {
            found[*property] |= held;
        }
        missing.retain(|at| !found[*at]);
    });
    found
}
