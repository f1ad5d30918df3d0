//! What facts add to figures (计数): marks for counts and sums, membership for stocks. Law language §3.8.

use crate::calendar::Calendar;
use crate::engine::eval::{Context, Tri};
use crate::engine::fold::Fold;
use crate::engine::{Fact, History, Register, Status, fold_to, standing};
use crate::procedure::{FieldId, Formula, IndicatorId, Procedure};
use crate::stocks::{Stay, Stays};
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

/// What a history comes to, from one fold.
#[derive(Debug)]
pub struct Account {
    /// Marks of the facts after the number asked for; each condition is judged just after its own fact.
    pub marks: Vec<Mark>,
    /// How the case stands at its last fact.
    pub status: Status,
    /// The stocks that the case and its items are in, one after the other.
    pub stays: Vec<Stay>,
}

/// Folds a history once for everything that is kept of it: marks of the facts after number `since_n`, the standing, the stocks.
pub fn account(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    since_n: u32,
) -> Account {
    let facts = &history.facts;
    let mut fold = Fold::new(procedure, calendar, register);
    let mut stays = Stays::new(procedure);
    let mut marks = Vec::new();
    for (i, fact) in facts.iter().enumerate() {
        if let Some(before) = i.checked_sub(1) {
            stays.pass(
                &mut fold,
                facts[before].at.date(),
                fact.at.date(),
                &facts[i..],
            );
        }
        fold.take(fact, &facts[i..]);
        if since_n < fact.n {
            marks_of(&fold, fact, &mut marks);
        }
    }
    let last = facts.last().map_or(DateTime::MIN, |fact| fact.at);
    let status = standing::status_of(&fold, last);
    if !facts.is_empty() {
        stays.pass(&mut fold, last.date(), Date::MAX, &[]);
    }
    Account {
        marks,
        status,
        stays: stays.all(),
    }
}

fn marks_of(fold: &Fold, fact: &Fact, found: &mut Vec<Mark>) {
    let procedure = fold.procedure;
    let place = procedure.steps[fact.step.at()].item.zip(fact.item);
    let context = Context {
        fold,
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

/// Which stocks a case is in at an instant, and with how many items: what [`Account::stays`] says for every day, asked for one.
pub fn stock(
    procedure: &Procedure,
    calendar: &Calendar,
    history: &History,
    register: &dyn Register,
    at: DateTime,
) -> Vec<(IndicatorId, u32)> {
    let fold = fold_to(procedure, calendar, history, register, at);
    let mut found: Vec<(IndicatorId, u32)> = Vec::new();
    for (indicator, _) in crate::stocks::held(&fold, at) {
        match found.last_mut().filter(|(last, _)| *last == indicator) {
            Some((_, n)) => *n += 1,
            None => found.push((indicator, 1)),
        }
    }
    found
}
