//! What conditions and quantities read (所读).

use crate::procedure::{
    ClockId, Comparison, Condition, DefinitionBody, FieldId, Guard, ItemId, LineId, Procedure,
    Quantity, StageId, StepId,
};
use crate::value::Ratio;
use std::collections::BTreeSet;

/// What a condition reads.
#[derive(Default)]
pub struct Reads {
    pub fields: BTreeSet<FieldId>,
    pub steps: BTreeSet<StepId>,
    pub lines: BTreeSet<LineId>,
    pub clocks: BTreeSet<ClockId>,
}

impl Reads {
    /// What a condition alone reads.
    pub fn of(procedure: &Procedure, condition: &Condition) -> Reads {
        let mut reads = Reads::default();
        reads.condition(procedure, condition);
        reads
    }

    /// Adds what a guard reads.
    pub fn guard(&mut self, procedure: &Procedure, guard: &Guard) {
        if let Some(when) = &guard.when {
            self.condition(procedure, when);
        }
    }

    /// Adds the lines of stages.
    pub fn stages(&mut self, procedure: &Procedure, stages: &[StageId]) {
        self.lines
            .extend(stages.iter().map(|stage| procedure.stages[stage.at()].line));
    }

    /// Adds what a condition reads.
    pub fn condition(&mut self, procedure: &Procedure, condition: &Condition) {
        match condition {
            Condition::And(all) | Condition::Or(all) => {
                all.iter().for_each(|c| self.condition(procedure, c));
            }
            Condition::Not(inner) | Condition::Each(_, inner) | Condition::Some(_, inner) => {
                self.condition(procedure, inner);
            }
            Condition::Done(step, _) => {
                self.steps.insert(*step);
            }
            Condition::At(stages) => self.stages(procedure, stages),
            Condition::Is(reference, _) | Condition::Present(reference, _) => {
                self.fields.insert(reference.field);
            }
            Condition::Contains(field, _) | Condition::Listed(field, _) => {
                self.fields.insert(*field);
            }
            Condition::Within(inner, outer) => self.fields.extend([*inner, *outer]),
            Condition::Compare(left, _, right) => {
                self.fields.extend(fields_of(left));
                self.fields.extend(fields_of(right));
                if let Quantity::Times(step) = left {
                    self.steps.insert(*step);
                }
            }
            Condition::Defined(id) => {
                if let DefinitionBody::Condition(inner) = &procedure.definitions[id.at()].body {
                    self.condition(procedure, inner);
                }
            }
            Condition::Clock(clock, _) => {
                self.clocks.insert(*clock);
            }
        }
    }
}

/// `步骤 次数 比较 数`: the step, and what the comparison says when it was never done.
pub fn times(left: &Quantity, comparison: Comparison, right: &Quantity) -> Option<(StepId, bool)> {
    let (Quantity::Times(step), Quantity::Number(number)) = (left, right) else {
        return None;
    };
    let zero = Ratio::ZERO;
    Some((
        *step,
        match comparison {
            Comparison::More => zero > *number,
            Comparison::Less => zero < *number,
            Comparison::AtMost => zero <= *number,
            Comparison::AtLeast => zero >= *number,
            Comparison::Equal => zero == *number,
        },
    ))
}

/// What `次数 比较 数` says of a step done once or oftener: the same for every number of times, or it cannot be told.
pub fn when_done(comparison: Comparison, right: &Quantity) -> Option<bool> {
    let Quantity::Number(number) = right else {
        return None;
    };
    let one = Ratio::ONE;
    match comparison {
        Comparison::AtLeast => (*number <= one).then_some(true),
        Comparison::More => (*number < one).then_some(true),
        Comparison::Less => (*number <= one).then_some(false),
        Comparison::AtMost | Comparison::Equal => (*number < one).then_some(false),
    }
}

/// Does a quantity change only when a form is filled?
pub fn settled(quantity: &Quantity) -> bool {
    match quantity {
        Quantity::Number(_) | Quantity::Field(_) | Quantity::FieldPersons(_) => true,
        Quantity::Add(a, b)
        | Quantity::Sub(a, b)
        | Quantity::Mul(a, b)
        | Quantity::Div(a, b)
        | Quantity::Min(a, b)
        | Quantity::Max(a, b) => settled(a) && settled(b),
        _ => false,
    }
}

/// Fields of a quantity that is settled.
pub fn fields_of(quantity: &Quantity) -> Vec<FieldId> {
    match quantity {
        Quantity::Field(reference) => vec![reference.field],
        Quantity::FieldPersons(field) => vec![*field],
        Quantity::Add(a, b)
        | Quantity::Sub(a, b)
        | Quantity::Mul(a, b)
        | Quantity::Div(a, b)
        | Quantity::Min(a, b)
        | Quantity::Max(a, b) => {
            let mut fields = fields_of(a);
            fields.extend(fields_of(b));
            fields
        }
        _ => Vec::new(),
    }
}

/// 有 子项 （已 步骤） of a step of that kind says no more than 已 步骤 says of the case.
pub fn opened_by(procedure: &Procedure, kind: ItemId, inner: &Condition) -> Option<StepId> {
    match inner {
        Condition::Done(step, true) if procedure.steps[step.at()].item == Some(kind) => Some(*step),
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Done(step, false) if procedure.steps[step.at()].item == Some(kind) => {
                Some(*step)
            }
            _ => None,
        },
        Condition::Defined(id) => match &procedure.definitions[id.at()].body {
            DefinitionBody::Condition(inner) => opened_by(procedure, kind, inner),
            DefinitionBody::Quantity(_) => None,
        },
        _ => None,
    }
}
