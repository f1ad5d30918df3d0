//! Stocks over time (存量的进出): from which day to which a case, or an item of it, is in a stock. Law language §3.8.
//!
//! A stock is asked at the end of a day. Between facts only a term that runs out can change it, so a history is folded once
//! and looked at on the days of its facts and on those days.

use crate::check::walk::{self, Part};
use crate::clock::end_of;
use crate::engine::Fact;
use crate::engine::eval::{Context, Tri};
use crate::engine::fold::Fold;
use crate::procedure::{Condition, DefinitionBody, Formula, IndicatorId, Procedure, Quantity};
use jiff::civil::{Date, DateTime};

/// One stay in a stock, as long as nothing else happens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// The stock.
    pub indicator: IndicatorId,
    /// Item number, for stocks of items.
    pub item: Option<u32>,
    /// The first day at whose end it is there.
    pub from: Date,
    /// The first day at whose end it is there no more; absent while nothing is known that would end it.
    pub until: Option<Date>,
    /// Number of the last fact when it came.
    pub from_n: u32,
    /// Number of the last fact when it went.
    pub until_n: Option<u32>,
}

/// Days looked at after the last fact of a day. Only a clock that restarts itself has so many.
const MOST_TURNS: usize = 1_000;

/// Gathers stays while a history is folded.
pub(crate) struct Stays {
    any: bool,
    /// Does time alone move something in or out?
    by_time: bool,
    open: Vec<Stay>,
    over: Vec<Stay>,
}

impl Stays {
    pub fn new(procedure: &Procedure) -> Stays {
        let mut stocks = procedure.indicators.iter().filter_map(stock_of).peekable();
        Stays {
            any: stocks.peek().is_some(),
            by_time: procedure.clocks.iter().any(|clock| clock.deems.is_some())
                || stocks.any(|stock| reads(procedure, &Part::Condition(stock), &reads_a_clock)),
            open: Vec::new(),
            over: Vec::new(),
        }
    }

    /// Lets the days from the one of the last fact to before the one of the `next` fact go by. `rest` are the facts to come.
    pub fn pass(&mut self, fold: &mut Fold, last: Date, next: Date, rest: &[Fact]) {
        if !self.any || last == next {
            return;
        }
        self.look(fold, last, rest);
        if !self.by_time {
            return;
        }
        let mut day = last;
        for _ in 0..MOST_TURNS {
            match fold.turn_after(day).filter(|turn| *turn < next) {
                Some(turn) => day = turn,
                None => return,
            }
            self.look(fold, day, rest);
        }
    }

    /// Every stay, in order of its stock, item and day.
    pub fn all(mut self) -> Vec<Stay> {
        self.over.append(&mut self.open);
        self.over.sort_unstable();
        self.over
    }

    fn look(&mut self, fold: &mut Fold, day: Date, rest: &[Fact]) {
        let at = end_of(day);
        fold.pass(at, rest);
        let now = held(fold, at);
        let n = fold.facts.last().map_or(0, |fact| fact.n);
        let mut i = 0;
        while i < self.open.len() {
            if now.contains(&(self.open[i].indicator, self.open[i].item)) {
                i += 1;
            } else {
                let stay = self.open.swap_remove(i);
                self.over.push(Stay {
                    until: Some(day),
                    until_n: Some(n),
                    ..stay
                });
            }
        }
        for (indicator, item) in now {
            let known = |stay: &Stay| (stay.indicator, stay.item) == (indicator, item);
            if !self.open.iter().any(known) {
                self.open.push(Stay {
                    indicator,
                    item,
                    from: day,
                    until: None,
                    from_n: n,
                    until_n: None,
                });
            }
        }
    }
}

/// The stocks that the case and its items are in, in order of the file.
pub(crate) fn held(fold: &Fold, at: DateTime) -> Vec<(IndicatorId, Option<u32>)> {
    let within = |condition: &Condition, place| {
        Context {
            fold,
            form: None,
            holes: &[],
            place,
            at,
        }
        .condition(condition)
            == Tri::True
    };
    let mut found = Vec::new();
    for (i, indicator) in fold.procedure.indicators.iter().enumerate() {
        let id = IndicatorId(u16::try_from(i).unwrap_or(u16::MAX));
        match &indicator.formula {
            Formula::StockOfCases(condition) if within(condition, None) => found.push((id, None)),
            Formula::StockOfItems(kind, condition) => {
                let items = fold.items.keys().filter(|(own, _)| own == kind);
                found.extend(
                    items
                        .filter(|place| within(condition, Some(**place)))
                        .map(|(_, no)| (id, Some(*no))),
                );
            }
            _ => {}
        }
    }
    found
}

/// What a stock asks for.
pub(crate) fn stock_of(indicator: &crate::procedure::Indicator) -> Option<&Condition> {
    match &indicator.formula {
        Formula::StockOfCases(condition) | Formula::StockOfItems(_, condition) => Some(condition),
        _ => None,
    }
}

fn reads_a_clock(part: &Part) -> bool {
    matches!(
        part,
        Part::Condition(Condition::Clock(..)) | Part::Quantity(Quantity::DueOn(_))
    )
}

/// Does an expression, or a definition that it names, hold such a part?
pub(crate) fn reads(procedure: &Procedure, whole: &Part, wanted: &dyn Fn(&Part) -> bool) -> bool {
    let (mut found, mut named) = (false, Vec::new());
    let mut see = |_: usize, part: Part| {
        found |= wanted(&part);
        if let Part::Condition(Condition::Defined(id)) | Part::Quantity(Quantity::Defined(id)) =
            part
        {
            named.push(*id);
        }
    };
    match whole {
        Part::Condition(condition) => walk::condition(0, condition, &mut see),
        Part::Quantity(quantity) => walk::quantity(0, quantity, &mut see),
    }
    found
        || named.into_iter().any(|id| {
            let body = match &procedure.definitions[id.at()].body {
                DefinitionBody::Condition(body) => Part::Condition(body),
                DefinitionBody::Quantity(body) => Part::Quantity(body),
            };
            reads(procedure, &body, wanted)
        })
}
