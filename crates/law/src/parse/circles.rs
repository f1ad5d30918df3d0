//! Names that stand for themselves in the end: a definition, a derived indicator or an example must not run in a circle.

use crate::problem::Problem;
use crate::procedure::{Condition, DefinitionBody, Formula, Procedure, Quantity};

/// Reports every circle. A procedure without one can be evaluated without losing its way.
pub fn find(procedure: &Procedure, problems: &mut Vec<Problem>) {
    let definitions: Vec<Vec<usize>> = procedure
        .definitions
        .iter()
        .map(|definition| {
            let mut uses = Vec::new();
            match &definition.body {
                DefinitionBody::Condition(condition) => in_condition(condition, &mut uses),
                DefinitionBody::Quantity(quantity) => in_quantity(quantity, &mut uses),
            }
            uses
        })
        .collect();
    let round = turning(&definitions);
    for at in &round {
        let definition = &procedure.definitions[*at];
        problems.push(Problem::fault(
            definition.line_no,
            format!("定义“{}”绕回了自己", definition.name),
        ));
    }
    for at in too_deep(&definitions, &round) {
        let definition = &procedure.definitions[at];
        let deep = format!("定义“{}”一层套一层，超过 {DEEPEST} 层", definition.name);
        problems.push(Problem::fault(definition.line_no, deep).hint("合并几层"));
    }
    let indicators: Vec<Vec<usize>> = procedure
        .indicators
        .iter()
        .map(|indicator| match &indicator.formula {
            Formula::Rate(top, bottom) => vec![top.at(), bottom.at()],
            Formula::Total(parts) => parts.iter().map(|(_, id)| id.at()).collect(),
            _ => Vec::new(),
        })
        .collect();
    let round = turning(&indicators);
    for at in &round {
        let indicator = &procedure.indicators[*at];
        problems.push(Problem::fault(
            indicator.line_no,
            format!("指标“{}”绕回了自己", indicator.name),
        ));
    }
    for at in too_deep(&indicators, &round) {
        let indicator = &procedure.indicators[at];
        let deep = format!("指标“{}”一层套一层，超过 {DEEPEST} 层", indicator.name);
        problems.push(Problem::fault(indicator.line_no, deep).hint("合并几层"));
    }
    let examples: Vec<Vec<usize>> = procedure
        .examples
        .iter()
        .map(|example| {
            let other = example.continues.as_deref();
            procedure
                .examples
                .iter()
                .position(|e| Some(e.name.as_str()) == other)
                .into_iter()
                .collect()
        })
        .collect();
    let round = turning(&examples);
    for at in &round {
        let example = &procedure.examples[*at];
        problems.push(Problem::fault(
            example.line_no,
            format!("例“{}”承来承去，承回了自己", example.name),
        ));
    }
    for at in too_deep(&examples, &round) {
        let example = &procedure.examples[at];
        let deep = format!("例“{}”承了又承，超过 {DEEPEST} 层", example.name);
        problems.push(Problem::fault(example.line_no, deep));
    }
}

/// The deepest that a definition may rest on others; each level is one more step for the engine.
const DEEPEST: usize = 32;

/// The nodes that rest on too long a chain of others. Nodes in a circle are not asked.
fn too_deep(uses: &[Vec<usize>], turning: &[usize]) -> Vec<usize> {
    let mut depths = vec![0usize; uses.len()];
    for round in 1..=DEEPEST + 1 {
        let before = depths.clone();
        for (at, others) in uses.iter().enumerate() {
            let deepest = others.iter().filter(|o| !turning.contains(o));
            let deepest = deepest.filter_map(|o| before.get(*o)).max();
            depths[at] = deepest.map_or(0, |deep| deep + 1).min(round);
        }
    }
    (0..uses.len())
        .filter(|at| depths[*at] > DEEPEST && !turning.contains(at))
        .collect()
}

/// The nodes from which one comes back to where one was.
fn turning(uses: &[Vec<usize>]) -> Vec<usize> {
    (0..uses.len())
        .filter(|start| {
            let mut seen = vec![false; uses.len()];
            let mut waiting = uses[*start].clone();
            while let Some(at) = waiting.pop() {
                if at == *start {
                    return true;
                }
                if at < seen.len() && !seen[at] {
                    seen[at] = true;
                    waiting.extend(&uses[at]);
                }
            }
            false
        })
        .collect()
}

fn in_condition(condition: &Condition, uses: &mut Vec<usize>) {
    match condition {
        Condition::And(all) | Condition::Or(all) => {
            for one in all {
                in_condition(one, uses);
            }
        }
        Condition::Not(inner) | Condition::Each(_, inner) | Condition::Some(_, inner) => {
            in_condition(inner, uses);
        }
        Condition::Compare(left, _, right) => {
            in_quantity(left, uses);
            in_quantity(right, uses);
        }
        Condition::Defined(id) => uses.push(id.at()),
        _ => {}
    }
}

fn in_quantity(quantity: &Quantity, uses: &mut Vec<usize>) {
    match quantity {
        Quantity::Defined(id) => uses.push(id.at()),
        Quantity::Min(a, b)
        | Quantity::Max(a, b)
        | Quantity::Add(a, b)
        | Quantity::Sub(a, b)
        | Quantity::Mul(a, b)
        | Quantity::Div(a, b) => {
            in_quantity(a, uses);
            in_quantity(b, uses);
        }
        _ => {}
    }
}
