//! Clocks by the table of law language §3.3, row by row, and days by §3.2, day after day.

use super::{Here, Number, Place, Telling, Told, Truth};
use jiff::civil::{Date, DateTime};
use law::procedure::{ClockId, Event, FieldId, FieldRef, Happening, Length, Quantity, Unit};
use law::value::Value;

/// A run of a clock, as the table of §3.3 has it.
#[derive(Clone)]
pub struct Run {
    pub state: State,
    pub start: DateTime,
    /// After which happening it began.
    pub began: usize,
    pub length: Option<(i64, Unit)>,
    pub until: Option<FieldId>,
    pub closed: Vec<(Date, Date)>,
    pub open: Option<Date>,
    pub extended: u8,
    pub due: Due,
    pub stopped: Option<Date>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum State {
    Running,
    Met,
    Expired,
}

#[derive(Clone, Copy)]
pub struct Due {
    pub lo: Date,
    pub hi: Option<Date>,
    pub instant: Option<DateTime>,
}

impl Due {
    pub fn on(day: Date) -> Due {
        Due {
            lo: day,
            hi: Some(day),
            instant: None,
        }
    }

    pub fn passed(&self, at: DateTime) -> Truth {
        match (self.instant, self.hi) {
            (Some(instant), _) => Some(instant < at),
            _ if at.date() <= self.lo => Some(false),
            (None, hi) => hi.map(|hi| hi < at.date()),
        }
    }
}

impl<'a> Telling<'a> {
    /// The clock as seen from a place; outside its items, that of the item opened last.
    pub(super) fn clock(&self, here: Here, clock: ClockId) -> Option<Run> {
        let place = match self.procedure.clocks[clock.at()].item {
            None => None,
            Some(kind) => match here.place.filter(|(of, _)| *of == kind) {
                Some(place) => Some(place),
                None => Some((kind, self.items(kind, here.k).last().copied()?)),
            },
        };
        self.run(clock, place, here.k)
    }

    /// The current run of a clock after `k` happenings: the table of §3.3, row by row, from the beginning.
    pub(super) fn run(&self, clock: ClockId, place: Place, k: usize) -> Option<Run> {
        let question = (clock, place, k);
        if let Some(known) = self.clocks.borrow().get(&question) {
            return known.clone();
        }
        if k == 0 || self.asking.borrow().contains(&question) {
            // A clock that asks for itself sees how it stood before.
            return if k == 0 {
                None
            } else {
                self.run(clock, place, k - 1)
            };
        }
        self.asking.borrow_mut().push(question);
        let mut run = self.run(clock, place, k - 1);
        self.tell(clock, place, k, &mut run);
        self.asking.borrow_mut().retain(|asked| *asked != question);
        self.clocks.borrow_mut().insert(question, run.clone());
        run
    }

    pub(super) fn tell(&self, clock: ClockId, place: Place, k: usize, run: &mut Option<Run>) {
        let declared = &self.procedure.clocks[clock.at()];
        let (what, own, at) = match &self.told[k - 1] {
            Told::Fact(fact) => (Happening::Step(fact.step), self.place_of(fact), fact.at),
            Told::Expiry(expired, of, at) => {
                if (*expired, *of) == (clock, place)
                    && let Some(run) = run.as_mut()
                {
                    run.state = State::Expired;
                }
                (Happening::Expiry(*expired), *of, *at)
            }
        };
        if let (Some((kind, _)), Some((theirs, _))) = (place, own)
            && kind == theirs
            && place != own
        {
            return;
        }
        let here = Here {
            k,
            place: place.or(own),
            form: None,
            at,
        };
        let until = run.as_mut().filter(|run| run.state == State::Running);
        if let (Happening::Step(_), Some(run)) = (what, until)
            && let Some(field) = run.until
            && let Some(day) = self.day(Here { place, ..here }, field)
        {
            run.due = Due::on(day.date());
        }
        let heard = |events: &'a [Event]| {
            events
                .iter()
                .find(|e| e.happening == what && self.applies(here, &e.guard) == Some(true))
        };
        if run.is_none()
            && let Some(event) = heard(&declared.starts)
        {
            *run = self.begin(here, clock, event).or(run.take());
        }
        if let Some(event) = heard(&declared.restarts) {
            *run = self.begin(here, clock, event).or(run.take());
        }
        if run.as_ref().is_some_and(|run| run.state == State::Running)
            && heard(&declared.cancels).is_some()
        {
            *run = None;
        }
        let Some(run) = run.as_mut() else { return };
        for pause in &declared.pauses {
            if heard(&pause.from).is_some() && run.state != State::Met && run.open.is_none() {
                run.open = Some(at.date());
            }
        }
        for extension in &declared.extensions {
            if what == Happening::Step(extension.step)
                && run.state == State::Running
                && self.applies(here, &extension.guard) == Some(true)
                && let Some((amount, _)) = run.length.as_mut()
                && let Number::Known(add) = self.number(
                    here,
                    &Quantity::Field(FieldRef {
                        field: extension.add,
                        column: None,
                    }),
                )
                && let Some(add) = add.whole()
            {
                *amount += add;
                run.extended += 1;
                self.count_again(run);
            }
        }
        for pause in &declared.pauses {
            if heard(&pause.to).is_some()
                && let Some(from) = run.open.take()
            {
                run.closed.push((from, at.date()));
                if run.state == State::Running {
                    self.count_again(run);
                }
            }
        }
        if heard(&declared.stops).is_some() {
            match run.state {
                State::Running if run.open.is_none() && run.due.passed(at) == Some(true) => {
                    run.state = State::Expired;
                    run.stopped = Some(at.date());
                }
                State::Running => run.state = State::Met,
                State::Expired => run.stopped = run.stopped.or(Some(at.date())),
                State::Met => {}
            }
        }
    }

    pub(super) fn day(&self, here: Here, field: FieldId) -> Option<DateTime> {
        match self.value(here, field) {
            Some(Value::Date(day)) => Some(day.at(0, 0, 0, 0)),
            Some(Value::Instant(at)) => Some(*at),
            _ => None,
        }
    }

    pub(super) fn begin(&self, here: Here, clock: ClockId, event: &Event) -> Option<Run> {
        let start = match event.day_from {
            Some(field) => self.day(here, field)?,
            None => here.at,
        };
        let (length, _, _) = self.procedure.clocks[clock.at()]
            .lengths
            .iter()
            .find(|(_, guard, _)| self.applies(here, guard) == Some(true))?;
        let mut run = Run {
            state: State::Running,
            start,
            began: here.k,
            length: None,
            until: None,
            closed: Vec::new(),
            open: None,
            extended: 0,
            due: Due::on(start.date()),
            stopped: None,
        };
        match length {
            Length::Term(quantity, unit) => {
                let Number::Known(amount) = self.number(here, quantity) else {
                    return None;
                };
                run.length = Some((amount.whole()?, *unit));
                self.count_again(&mut run);
            }
            Length::Until(field) => {
                run.until = Some(*field);
                run.due = Due::on(self.day(here, *field)?.date());
            }
        }
        Some(run)
    }

    /// §3.2, day after day from the start.
    pub(super) fn count_again(&self, run: &mut Run) {
        let Some((amount, unit)) = run.length else {
            return;
        };
        let paused = |day: Date| {
            run.closed
                .iter()
                .any(|(from, to)| *from < day && day <= *to)
        };
        let mut day = run.start.date();
        let mut left = amount;
        let mut certain = true;
        match unit {
            Unit::Hour => {
                let end = run.start + jiff::Span::new().hours(amount);
                run.due = Due {
                    instant: Some(end),
                    ..Due::on(end.date())
                };
                return;
            }
            Unit::WorkingDay | Unit::Day => {
                while left > 0 {
                    day = next(day);
                    let works = self.calendar.is_working(day);
                    certain &= unit == Unit::Day || works.is_some();
                    if !paused(day) && (unit == Unit::Day || works != Some(false)) {
                        left -= 1;
                    }
                }
            }
            Unit::Month | Unit::Year => {
                let months = if unit == Unit::Year {
                    12 * amount
                } else {
                    amount
                };
                let mut last = day + jiff::Span::new().months(months);
                while day < last {
                    day = next(day);
                    if paused(day) {
                        last = next(last);
                    }
                }
            }
        }
        run.due = Due::on(day);
        if unit != Unit::WorkingDay {
            while self.calendar.is_working(day) == Some(false) {
                day = next(day);
            }
            certain = self.calendar.is_working(day).is_some();
            if certain {
                run.due = Due::on(day);
            }
        }
        if !certain {
            run.due.hi = None;
        }
    }
}

fn next(day: Date) -> Date {
    day.tomorrow().expect("no term reaches the end of time")
}

pub fn days_late(run: &Run, today: Date) -> usize {
    let (State::Expired, Some(due)) = (run.state, run.due.hi) else {
        return 0;
    };
    let end = run.stopped.unwrap_or(today);
    let mut late = 0;
    let mut day = due;
    while day < end {
        day = next(day);
        let open = run.open.is_some_and(|from| from < day);
        if !open
            && !run
                .closed
                .iter()
                .any(|(from, to)| *from < day && day <= *to)
        {
            late += 1;
        }
    }
    late
}
