//! What the walk tells apart (抽象): stages, steps done, and what conditions can see of fields.

use crate::procedure::{
    Comparison, Condition, DefinitionBody, FieldId, FieldRef, Guard, LineId, ListingId, Procedure,
    Quantity, StageId, StepId,
};
use std::collections::BTreeSet;

/// Something of the values that a condition can see.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    /// Which of the values that conditions name: 0 absent, 1.. those, last any other.
    Field(FieldRef, Vec<String>),
    /// 含 one value: 0 no, 1 yes.
    Contains(FieldId, String),
    /// 列于: 0 no, 1 yes.
    Listed(FieldId, ListingId),
    /// 不超出: 0 no, 1 yes.
    Within(FieldId, FieldId),
    /// Two quantities: 0 one is absent, 1 less, 2 equal, 3 more.
    Relation(Quantity, Quantity),
}

/// A state: stages by line, bits of steps done, cells of what is seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    stages: Vec<u16>,
    done: u64,
    cells: Vec<u8>,
}

/// Three truth values: `None` is cannot be told.
type Truth = Option<bool>;

/// What is told apart.
#[derive(Clone)]
pub struct Abstraction<'a> {
    procedure: &'a Procedure,
    /// Lines of the case that are followed.
    lines: Vec<LineId>,
    /// Steps whose being done is followed; at most 64.
    steps: Vec<StepId>,
    seen: Vec<Seen>,
    /// Requirements that are followed: step and position; the position after the last stands for its moves.
    widened: BTreeSet<(StepId, usize)>,
}

impl<'a> Abstraction<'a> {
    /// Only the stages of the case's lines.
    pub fn stages_only(procedure: &'a Procedure) -> Self {
        let lines = (0..procedure.lines.len())
            .filter(|i| procedure.lines[*i].item.is_none())
            .map(|i| LineId(u16::try_from(i).unwrap_or(u16::MAX)))
            .collect();
        Abstraction {
            procedure,
            lines,
            steps: Vec::new(),
            seen: Vec::new(),
            widened: BTreeSet::new(),
        }
    }

    /// All stages, and what a condition reads.
    pub fn of_condition(procedure: &'a Procedure, condition: &Condition) -> Self {
        let mut abstraction = Abstraction::stages_only(procedure);
        abstraction.add_condition(condition);
        abstraction
    }

    /// 主线 and what a condition reads; other lines are sliced away until a step that is followed reads them.
    pub fn slice(procedure: &'a Procedure, condition: &Condition) -> Self {
        let mut abstraction = Abstraction::stages_only(procedure);
        abstraction.lines.truncate(1);
        abstraction.add_condition(condition);
        abstraction
    }

    fn add_line(&mut self, stage: StageId) {
        let line = self.procedure.stages[stage.at()].line;
        if self.procedure.lines[line.at()].item.is_none() && !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    /// Follows one more requirement along a story: of the last step first, and only one that reads something already
    /// followed, because nothing else can forbid the end. False when there is none left.
    pub fn widen(&mut self, story: &[StepId]) -> bool {
        for step in story.iter().rev() {
            let declared = &self.procedure.steps[step.at()];
            for at in 0..=declared.requires.len() {
                if self.widened.contains(&(*step, at)) {
                    continue;
                }
                let mut reads = Reads::default();
                match declared.requires.get(at) {
                    Some(requirement) => {
                        reads.condition(self.procedure, &requirement.condition);
                        reads.guard(self.procedure, &requirement.guard);
                    }
                    None => {
                        reads.stages(self.procedure, &declared.from);
                        for transition in &declared.to {
                            reads.stages(self.procedure, &[transition.stage]);
                            reads.guard(self.procedure, &transition.guard);
                        }
                    }
                }
                // Where a followed step may begin matters as much as what it requires.
                let begins = at == declared.requires.len() && self.steps.contains(step);
                if !begins && !self.shares(&reads) {
                    continue;
                }
                self.widened.insert((*step, at));
                match declared.requires.get(at) {
                    Some(requirement) => {
                        self.add_condition(&requirement.condition);
                        self.add_guard(&requirement.guard);
                    }
                    None => {
                        for stage in &declared.from {
                            self.add_line(*stage);
                        }
                        for transition in &declared.to {
                            self.add_guard(&transition.guard);
                        }
                    }
                }
                return true;
            }
        }
        false
    }

    fn shares(&self, reads: &Reads) -> bool {
        reads.steps.iter().any(|step| self.steps.contains(step))
            || reads
                .lines
                .iter()
                .any(|line| *line != LineId(0) && self.lines.contains(line))
            || self.seen.iter().any(|seen| match seen {
                Seen::Field(reference, _) => reads.fields.contains(&reference.field),
                Seen::Contains(field, _) | Seen::Listed(field, _) => reads.fields.contains(field),
                Seen::Within(a, b) => reads.fields.contains(a) || reads.fields.contains(b),
                Seen::Relation(a, b) => fields_of(a)
                    .iter()
                    .chain(&fields_of(b))
                    .any(|field| reads.fields.contains(field)),
            })
    }

    fn add_guard(&mut self, guard: &Guard) {
        if let Some(when) = &guard.when {
            self.add_condition(when);
        }
    }

    fn add_condition(&mut self, condition: &Condition) {
        match condition {
            Condition::And(all) | Condition::Or(all) => {
                all.iter().for_each(|c| self.add_condition(c))
            }
            Condition::Not(inner) => self.add_condition(inner),
            Condition::Done(step, _) => self.add_done(*step),
            Condition::Is(reference, values) => self.add_field(reference, values),
            Condition::Present(reference, _) => self.add_field(reference, &[]),
            Condition::Contains(field, values) => {
                for value in values {
                    self.add_seen(Seen::Contains(*field, value.clone()));
                }
            }
            Condition::Listed(field, listing) => self.add_seen(Seen::Listed(*field, *listing)),
            Condition::Within(inner, outer) => self.add_seen(Seen::Within(*inner, *outer)),
            Condition::Compare(left, comparison, right) => match times(left, *comparison, right) {
                Some((step, _)) => self.add_done(step),
                None if settled(left) && settled(right) => {
                    self.add_seen(Seen::Relation(left.clone(), right.clone()));
                }
                None => {}
            },
            Condition::Defined(id) => {
                if let DefinitionBody::Condition(inner) = &self.procedure.definitions[id.at()].body
                {
                    self.add_condition(inner);
                }
            }
            Condition::At(stages) => stages.iter().for_each(|stage| self.add_line(*stage)),
            Condition::Clock(..) | Condition::Each(..) | Condition::Some(..) => {}
        }
    }

    fn add_done(&mut self, step: StepId) {
        if !self.steps.contains(&step) && self.steps.len() < 64 {
            self.steps.push(step);
        }
    }

    fn add_seen(&mut self, seen: Seen) {
        if !self.seen.contains(&seen) {
            self.seen.push(seen);
        }
    }

    fn add_field(&mut self, reference: &FieldRef, wanted: &[String]) {
        for seen in &mut self.seen {
            if let Seen::Field(known, values) = seen
                && known == reference
            {
                for value in wanted {
                    if !values.contains(value) {
                        values.push(value.clone());
                    }
                }
                return;
            }
        }
        self.seen
            .push(Seen::Field(reference.clone(), wanted.to_vec()));
    }

    /// The states just after the first step.
    pub fn starts(&self) -> Vec<State> {
        let stages = self
            .lines
            .iter()
            .map(|line| self.procedure.lines[line.at()].stages[0].0)
            .collect();
        let before = State {
            stages,
            done: 0,
            cells: vec![0; self.seen.len()],
        };
        self.apply(&before, self.procedure.starts_with)
    }

    /// Steps that stages alone do not stand against.
    pub fn open_steps(&self, state: &State) -> Vec<StepId> {
        let over = self.is_final(state);
        let mut open = Vec::new();
        for (i, step) in self.procedure.steps.iter().enumerate() {
            let id = StepId(u16::try_from(i).unwrap_or(u16::MAX));
            if id == self.procedure.starts_with {
                continue;
            }
            let lawful = if step.from.is_empty() {
                !over || step.publication.is_some()
            } else {
                let main = step
                    .from
                    .iter()
                    .any(|s| self.procedure.stages[s.at()].line == LineId(0));
                step.from
                    .iter()
                    .any(|stage| self.at(state, *stage) != Some(false))
                    && (!over || main)
            };
            if lawful {
                open.push(id);
            }
        }
        open
    }

    /// Every step that may be taken and changes something, and what may come of it.
    pub fn successors(&self, state: &State) -> Vec<(StepId, State)> {
        let mut found = Vec::new();
        for id in self.open_steps(state) {
            found.extend(
                self.apply(state, id)
                    .into_iter()
                    .filter(|next| next != state)
                    .map(|next| (id, next)),
            );
        }
        found
    }

    /// Has 主线 ended?
    pub fn is_final(&self, state: &State) -> bool {
        self.procedure.stages[usize::from(state.stages[0])].is_final
    }

    /// Can a condition be true here?
    pub fn possible(&self, state: &State, condition: &Condition) -> bool {
        self.truth(state, condition) != Some(false)
    }

    /// Are the requirements of a step that are followed decided by what is followed?
    pub fn decides(&self, step: StepId) -> bool {
        let declared = &self.procedure.steps[step.at()];
        declared.item.is_none()
            && declared
                .requires
                .iter()
                .enumerate()
                .filter(|(at, _)| self.widened.contains(&(step, *at)))
                .all(|(_, r)| {
                    self.decides_condition(&r.condition)
                        && r.guard.version.is_none()
                        && r.guard
                            .when
                            .as_ref()
                            .is_none_or(|w| self.decides_condition(w))
                })
    }

    /// Is a condition decided by what is followed? Clocks are: time can always bring them round.
    pub fn decides_condition(&self, condition: &Condition) -> bool {
        match condition {
            Condition::And(all) | Condition::Or(all) => {
                all.iter().all(|c| self.decides_condition(c))
            }
            Condition::Not(inner) => self.decides_condition(inner),
            Condition::Each(..) | Condition::Some(..) => false,
            Condition::Compare(left, comparison, right) => {
                times(left, *comparison, right).is_some() || (settled(left) && settled(right))
            }
            Condition::Defined(id) => match &self.procedure.definitions[id.at()].body {
                DefinitionBody::Condition(inner) => self.decides_condition(inner),
                DefinitionBody::Quantity(_) => false,
            },
            _ => true,
        }
    }

    /// What may come of a step: every filling of what its form can change, as far as its requirements may hold.
    fn apply(&self, state: &State, id: StepId) -> Vec<State> {
        let step = &self.procedure.steps[id.at()];
        let filled: Vec<FieldId> = step.form.iter().map(|entry| entry.field).collect();
        let must: Vec<FieldId> = step
            .form
            .iter()
            .filter(|e| e.required && e.guard.when.is_none() && e.guard.version.is_none())
            .map(|e| e.field)
            .collect();
        let mut fillings = vec![state.cells.clone()];
        for (i, seen) in self.seen.iter().enumerate() {
            let (fields, cells) = match seen {
                Seen::Field(reference, values) => {
                    let top = u8::try_from(values.len() + 1).unwrap_or(u8::MAX);
                    let low =
                        u8::from(must.contains(&reference.field) && reference.column.is_none());
                    (vec![reference.field], low..=top)
                }
                Seen::Contains(field, _) | Seen::Listed(field, _) => (vec![*field], 0..=1),
                Seen::Within(inner, outer) => (vec![*inner, *outer], 0..=1),
                Seen::Relation(left, right) => {
                    let mut fields = fields_of(left);
                    fields.extend(fields_of(right));
                    (fields, 0..=3)
                }
            };
            if fields.iter().any(|field| filled.contains(field)) {
                fillings = fillings
                    .into_iter()
                    .flat_map(|cells_so_far| {
                        cells.clone().map(move |cell| {
                            let mut next = cells_so_far.clone();
                            next[i] = cell;
                            next
                        })
                    })
                    .collect();
            }
        }
        let mut found = Vec::new();
        for cells in fillings.into_iter().filter(|cells| self.consistent(cells)) {
            let filling = State {
                cells,
                ..state.clone()
            };
            let refused = step.requires.iter().any(|r| {
                r.waivable_by.is_none()
                    && self.guard(&filling, &r.guard) == Some(true)
                    && self.truth(&filling, &r.condition) == Some(false)
            });
            if !refused {
                found.extend(self.moved(&filling, id));
            }
        }
        found
    }

    /// An absent field has no relation to anything.
    fn consistent(&self, cells: &[u8]) -> bool {
        self.seen.iter().zip(cells).all(|(seen, cell)| {
            let Seen::Field(reference, _) = seen else {
                return true;
            };
            if reference.column.is_some() || *cell > 0 {
                return true;
            }
            self.seen
                .iter()
                .zip(cells)
                .all(|(other, cell)| match other {
                    Seen::Relation(left, right) => {
                        let reads = |q: &Quantity| *q == Quantity::Field(reference.clone());
                        !(reads(left) || reads(right)) || *cell == 0
                    }
                    Seen::Contains(field, _) | Seen::Listed(field, _) => {
                        *field != reference.field || *cell == 0
                    }
                    Seen::Within(inner, outer) => {
                        (*inner != reference.field && *outer != reference.field) || *cell == 0
                    }
                    Seen::Field(..) => true,
                })
        })
    }

    fn moved(&self, state: &State, id: StepId) -> Vec<State> {
        let step = &self.procedure.steps[id.at()];
        let mut states = vec![state.clone()];
        for (position, line) in self.lines.iter().enumerate() {
            let of_line: Vec<_> = step
                .to
                .iter()
                .filter(|t| self.procedure.stages[t.stage.at()].line == *line)
                .collect();
            if of_line.is_empty() {
                continue;
            }
            let mut ways: Vec<Option<StageId>> = Vec::new();
            let mut settled = false;
            for transition in of_line {
                match self.guard(state, &transition.guard) {
                    Some(false) => {}
                    truth => {
                        ways.push(Some(transition.stage));
                        settled = truth == Some(true);
                        if settled {
                            break;
                        }
                    }
                }
            }
            if !settled {
                ways.push(None);
            }
            states = states
                .into_iter()
                .flat_map(|state| {
                    ways.iter().map(move |way| {
                        let mut next = state.clone();
                        if let Some(stage) = way {
                            next.stages[position] = stage.0;
                        }
                        next
                    })
                })
                .collect();
        }
        for annulled in &step.annuls {
            if let Some(bit) = self.bit(*annulled) {
                let both_items =
                    step.item.is_some() && self.procedure.steps[annulled.at()].item.is_some();
                let kept = if both_items {
                    states.clone()
                } else {
                    Vec::new()
                };
                for state in &mut states {
                    state.done &= !bit;
                }
                states.extend(kept);
            }
        }
        if let Some(bit) = self.bit(id) {
            for state in &mut states {
                state.done |= bit;
            }
        }
        states
    }

    fn bit(&self, step: StepId) -> Option<u64> {
        self.steps.iter().position(|s| *s == step).map(|at| 1 << at)
    }

    fn at(&self, state: &State, stage: StageId) -> Truth {
        let line = self.procedure.stages[stage.at()].line;
        let position = self.lines.iter().position(|l| *l == line)?;
        Some(state.stages[position] == stage.0)
    }

    fn guard(&self, state: &State, guard: &Guard) -> Truth {
        let when = guard
            .when
            .as_ref()
            .map_or(Some(true), |when| self.truth(state, when));
        if guard.version.is_some() && when != Some(false) {
            None
        } else {
            when
        }
    }

    fn cell(&self, state: &State, wanted: &Seen) -> Option<u8> {
        self.seen
            .iter()
            .position(|seen| seen == wanted)
            .map(|at| state.cells[at])
    }

    fn field(&self, state: &State, reference: &FieldRef) -> Option<(&Vec<String>, u8)> {
        self.seen
            .iter()
            .zip(&state.cells)
            .find_map(|(seen, cell)| match seen {
                Seen::Field(known, values) if known == reference => Some((values, *cell)),
                _ => None,
            })
    }

    fn truth(&self, state: &State, condition: &Condition) -> Truth {
        match condition {
            Condition::And(all) => {
                let truths: Vec<Truth> = all.iter().map(|c| self.truth(state, c)).collect();
                if truths.contains(&Some(false)) {
                    Some(false)
                } else if truths.contains(&None) {
                    None
                } else {
                    Some(true)
                }
            }
            Condition::Or(all) => {
                let truths: Vec<Truth> = all.iter().map(|c| self.truth(state, c)).collect();
                if truths.contains(&Some(true)) {
                    Some(true)
                } else if truths.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
            Condition::Not(inner) => self.truth(state, inner).map(|t| !t),
            Condition::Done(step, done) => {
                self.bit(*step).map(|bit| (state.done & bit != 0) == *done)
            }
            Condition::At(stages) => {
                let truths: Vec<Truth> =
                    stages.iter().map(|stage| self.at(state, *stage)).collect();
                if truths.contains(&Some(true)) {
                    Some(true)
                } else if truths.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
            Condition::Is(reference, wanted) => {
                let (values, cell) = self.field(state, reference)?;
                let Some(at) = usize::from(cell).checked_sub(1) else {
                    return Some(false);
                };
                match values.get(at) {
                    Some(value) => Some(wanted.contains(value)),
                    // Any other value: one that is not told apart yet may be among those wanted.
                    None if wanted.iter().all(|value| values.contains(value)) => Some(false),
                    None => None,
                }
            }
            Condition::Present(reference, present) => self
                .field(state, reference)
                .map(|(_, cell)| (cell > 0) == *present),
            Condition::Contains(field, wanted) => {
                let cells: Vec<Option<u8>> = wanted
                    .iter()
                    .map(|w| self.cell(state, &Seen::Contains(*field, w.clone())))
                    .collect();
                if cells.contains(&Some(1)) {
                    Some(true)
                } else if cells.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
            Condition::Listed(field, listing) => self
                .cell(state, &Seen::Listed(*field, *listing))
                .map(|c| c == 1),
            Condition::Within(inner, outer) => self
                .cell(state, &Seen::Within(*inner, *outer))
                .map(|c| c == 1),
            Condition::Compare(left, comparison, right) => {
                self.comparison(state, left, *comparison, right)
            }
            Condition::Defined(id) => match &self.procedure.definitions[id.at()].body {
                DefinitionBody::Condition(inner) => self.truth(state, inner),
                DefinitionBody::Quantity(_) => None,
            },
            Condition::Clock(..) | Condition::Each(..) | Condition::Some(..) => None,
        }
    }

    fn comparison(
        &self,
        state: &State,
        left: &Quantity,
        comparison: Comparison,
        right: &Quantity,
    ) -> Truth {
        if let Some((step, when_none)) = times(left, comparison, right) {
            let done = self.bit(step).map(|bit| state.done & bit != 0)?;
            // Whether it was done often enough is not followed, only whether at all.
            return match (done, when_none) {
                (false, truth) => Some(truth),
                (true, false) if at_least_one(comparison, right) => Some(true),
                (true, _) => None,
            };
        }
        let direct = self.cell(state, &Seen::Relation(left.clone(), right.clone()));
        let (cell, swapped) = match direct {
            Some(cell) => (cell, false),
            None => (
                self.cell(state, &Seen::Relation(right.clone(), left.clone()))?,
                true,
            ),
        };
        if cell == 0 {
            return Some(false);
        }
        let order = if swapped { 4 - cell } else { cell };
        Some(match comparison {
            Comparison::More => order == 3,
            Comparison::Less => order == 1,
            Comparison::AtMost => order != 3,
            Comparison::AtLeast => order != 1,
            Comparison::Equal => order == 2,
        })
    }
}

/// `步骤 次数 比较 数`: the step, and what the comparison says when it was never done.
fn times(left: &Quantity, comparison: Comparison, right: &Quantity) -> Option<(StepId, bool)> {
    let (Quantity::Times(step), Quantity::Number(number)) = (left, right) else {
        return None;
    };
    let zero = crate::value::Ratio::ZERO;
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

/// Is the comparison true of one already?
fn at_least_one(comparison: Comparison, right: &Quantity) -> bool {
    let Quantity::Number(number) = right else {
        return false;
    };
    match comparison {
        Comparison::AtLeast => *number <= crate::value::Ratio::ONE,
        Comparison::More => *number < crate::value::Ratio::ONE,
        _ => false,
    }
}

/// Does a quantity change only when a form is filled?
fn settled(quantity: &Quantity) -> bool {
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

fn fields_of(quantity: &Quantity) -> Vec<FieldId> {
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

/// What a condition reads.
#[derive(Default)]
struct Reads {
    fields: BTreeSet<FieldId>,
    steps: BTreeSet<StepId>,
    lines: BTreeSet<LineId>,
}

impl Reads {
    fn guard(&mut self, procedure: &Procedure, guard: &Guard) {
        if let Some(when) = &guard.when {
            self.condition(procedure, when);
        }
    }

    fn stages(&mut self, procedure: &Procedure, stages: &[StageId]) {
        self.lines
            .extend(stages.iter().map(|stage| procedure.stages[stage.at()].line));
    }

    fn condition(&mut self, procedure: &Procedure, condition: &Condition) {
        match condition {
            Condition::And(all) | Condition::Or(all) => {
                all.iter().for_each(|c| self.condition(procedure, c))
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
            Condition::Clock(..) => {}
        }
    }
}
