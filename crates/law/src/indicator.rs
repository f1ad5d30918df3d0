//! What facts add to figures (计数): marks for counts and sums, membership for stocks. Law language §3.8.

use crate::calendar::Calendar;
use crate::engine::eval::{Context, Tri};
use crate::engine::fold::Fold;
use crate::engine::{History, Register, fold_to};
use crate::procedure::{Condition, FieldId, Formula, IndicatorId, LineId, Procedure, StageId};
use crate::value::Ratio;
use jiff::civil::{Date, DateTime};

/// One thing that an indicator counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The indicator.
    pub indicator: IndicatorId,
    /// The fact behind it.
    pub fact_n: u32,
    /// Item number, if the fact is an item's.
    pub item: Option<u32>,
    /// Day of the fact.
    pub on: Date,
    /// 1, or the quantity of a sum.
    pub amount: Ratio,
    /// For 计 不同: the value.
    pub distinct: Option<String>,
    /// 维: values by field.
    pub dims: Vec<(FieldId, Vec<String>)>,
}

fn id(i: usize) -> IndicatorId {
    IndicatorId(u16::try_from(i).unwrap_or(u16::MAX))
}

/// Marks of the facts after number `since_n`; each condition is judged just after its own fact.
pub fn marks(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    since_n: u32,
) -> Vec<Mark> {
    let mut fold = Fold::new(procedure, calendar, register);
    let mut found = Vec::new();
    for (i, fact) in history.facts.iter().enumerate() {
        fold.take(fact, &history.facts[i..]);
        if fact.n <= since_n {
            continue;
        }
        let place = procedure.steps[fact.step.at()].item.zip(fact.item);
        let context = Context {
            fold: &fold,
            form: None,
            holes: &[],
            place,
            at: fact.at,
        };
        for (i, indicator) in procedure.indicators.iter().enumerate() {
            let steps = match &indicator.formula {
                Formula::Count(steps) | Formula::Sum(_, steps) => steps.as_slice(),
                Formula::Distinct(_, step) => std::slice::from_ref(step),
                _ => continue,
            };
            if !steps.contains(&fact.step)
                || indicator
                    .when
                    .as_ref()
                    .is_some_and(|when| context.condition(when) != Tri::True)
            {
                continue;
            }
            let mark = |amount: Ratio, distinct: Option<String>| Mark {
                indicator: id(i),
                fact_n: fact.n,
                item: fact.item,
                on: fact.at.date(),
                amount,
                distinct,
                dims: indicator
                    .by
                    .iter()
                    .filter_map(|field| context.value(*field).map(|value| (*field, value.texts())))
                    .collect(),
            };
            match &indicator.formula {
                Formula::Count(_) => found.push(mark(Ratio::ONE, None)),
                Formula::Sum(quantity, _) => {
                    if let Some(amount) = context.quantity(quantity).known() {
                        found.push(mark(amount, None));
                    }
                }
                Formula::Distinct(field, _) => {
                    let texts = context
                        .value(*field)
                        .map(crate::value::Value::texts)
                        .unwrap_or_default();
                    found.extend(texts.into_iter().map(|text| mark(Ratio::ONE, Some(text))));
                }
                _ => {}
            }
        }
    }
    found
}

/// Which stocks a case is in at an instant, and with how many items.
pub fn stock(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    at: DateTime,
) -> Vec<(IndicatorId, u32)> {
    let fold = fold_to(procedure, calendar, history, register, at);
    let within = |condition: &Condition, place| {
        Context {
            fold: &fold,
            form: None,
            holes: &[],
            place,
            at,
        }
        .condition(condition)
            == Tri::True
    };
    let mut found = Vec::new();
    for (i, indicator) in procedure.indicators.iter().enumerate() {
        let n = match &indicator.formula {
            Formula::StockOfCases(condition) => u32::from(within(condition, None)),
            Formula::StockOfItems(kind, condition) => {
                let items = fold.items.keys().filter(|(own, _)| own == kind);
                u32::try_from(
                    items
                        .filter(|place| within(condition, Some(**place)))
                        .count(),
                )
                .unwrap_or(u32::MAX)
            }
            _ => 0,
        };
        if n > 0 {
            found.push((id(i), n));
        }
    }
    found
}

/// [`stock`] for a case whose main line stands in a stage of this name, when that alone decides: every 存 asks for stages of
/// the main line only, and no step is taken by time itself. `None` when the history must be folded.
pub fn stock_by_stage(procedure: &Procedure, stage: &str) -> Option<Vec<(IndicatorId, u32)>> {
    if procedure.clocks.iter().any(|clock| clock.deems.is_some()) {
        return None;
    }
    let stage = procedure.lines[0]
        .stages
        .iter()
        .copied()
        .find(|id| procedure.stages[id.at()].name == stage)?;
    let mut found = Vec::new();
    for (i, indicator) in procedure.indicators.iter().enumerate() {
        match &indicator.formula {
            Formula::StockOfCases(condition) if holds_in(procedure, condition, stage)? => {
                found.push((id(i), 1));
            }
            Formula::StockOfItems(..) => return None,
            _ => {}
        }
    }
    Some(found)
}

/// Does the condition hold while the main line stands there? `None` when it asks for more than stages of the main line.
fn holds_in(procedure: &Procedure, condition: &Condition, stage: StageId) -> Option<bool> {
    match condition {
        Condition::And(all) => all.iter().try_fold(true, |truth, part| {
            Some(holds_in(procedure, part, stage)? && truth)
        }),
        Condition::Or(all) => all.iter().try_fold(false, |truth, part| {
            Some(holds_in(procedure, part, stage)? || truth)
        }),
        Condition::Not(inner) => holds_in(procedure, inner, stage).map(|truth| !truth),
        Condition::At(stages) => stages
            .iter()
            .all(|id| procedure.stages[id.at()].line == LineId(0))
            .then(|| stages.contains(&stage)),
        _ => None,
    }
}
