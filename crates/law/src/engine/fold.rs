//! Folding a history (归并): stages, values, live facts and clocks at an instant. Law language §3.1, §3.3.

use super::eval::{Context, Tri};
use super::{Fact, Register};
use crate::calendar::Calendar;
use crate::clock::{ClockState, Due, Paused, due};
use crate::procedure::{
    ClockId, Event, FieldId, Guard, Happening, ItemId, Length, Procedure, StageId, StepId, Unit,
};
use crate::value::Value;
use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeMap;

const END_OF_DAY: Time = Time::constant(23, 59, 59, 0);

/// One run of a clock.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub state: ClockState,
    pub start: DateTime,
    pub amount: i64,
    pub unit: Option<Unit>,
    /// 到: the field that holds the day.
    pub until: Option<FieldId>,
    pub extra: i64,
    pub extended: u8,
    pub pauses: Vec<Paused>,
    pub due: Due,
    /// When the days late ended: the duty was done after the last day, or a new run began.
    pub stopped_on: Option<Date>,
    pub breached: bool,
}

impl Run {
    pub fn paused(&self) -> bool {
        self.pauses.last().is_some_and(|p| p.to.is_none())
    }

    /// Days after the last day, to the stop or `today`, pauses left out.
    pub fn days_late(&self, today: Date) -> i64 {
        let Some(last) = self.due.hi.filter(|_| self.state == ClockState::Expired) else {
            return 0;
        };
        let end = self.stopped_on.unwrap_or(today);
        let mut late = 0;
        let mut day = last;
        while day < end {
            day = day.tomorrow().unwrap_or(Date::MAX);
            if !self
                .pauses
                .iter()
                .any(|p| p.from < day && p.to.is_none_or(|to| day <= to))
            {
                late += 1;
            }
        }
        late
    }
}

/// A machine: the runs of one clock in one place.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub clock: ClockId,
    /// Item number, for item clocks.
    pub item: Option<u32>,
    /// Runs that ended before the current one began; each is met or expired. A run that was cut short (重起, 销) leaves nothing.
    earlier: Vec<Run>,
    current: Option<Run>,
}

impl Machine {
    /// The run that the four tests ask about; none: 未起.
    pub fn current(&self) -> Option<&Run> {
        self.current.as_ref()
    }

    /// Every run that leaves something, in order.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.earlier.iter().chain(&self.current)
    }

    /// A run begins; the one before stays on record if it had an outcome.
    fn begin(&mut self, run: Run, on: Date) {
        if let Some(mut before) = self.current.replace(run)
            && before.state != ClockState::Running
        {
            if before.state == ClockState::Expired {
                before.stopped_on.get_or_insert(on);
            }
            self.earlier.push(before);
        }
    }
}

/// Everything that has come of a history so far.
pub(crate) struct Fold<'a> {
    pub procedure: &'a Procedure,
    pub calendar: &'a Calendar,
    pub register: &'a dyn Register,
    /// Case lines by position; positions of item lines are unused.
    pub stages: Vec<StageId>,
    /// Stage of each item.
    pub items: BTreeMap<(ItemId, u32), StageId>,
    /// Live facts by step: (item number, index into `facts`).
    pub live: Vec<Vec<(Option<u32>, usize)>>,
    pub facts: Vec<Fact>,
    /// Latest values outside items.
    values: Vec<Option<usize>>,
    /// Latest values in items.
    item_values: BTreeMap<(ItemId, u32), BTreeMap<FieldId, usize>>,
    pub machines: Vec<Machine>,
    /// Deemed facts that the history did not hold yet.
    pub deemed: Vec<Fact>,
    pub now: DateTime,
}

impl<'a> Fold<'a> {
    pub fn new(
        procedure: &'a Procedure,
        calendar: &'a Calendar,
        register: &'a dyn Register,
    ) -> Self {
        Fold {
            procedure,
            calendar,
            register,
            stages: procedure
                .lines
                .iter()
                .map(|line| line.stages.first().copied().unwrap_or(StageId(0)))
                .collect(),
            items: BTreeMap::new(),
            live: vec![Vec::new(); procedure.steps.len()],
            facts: Vec::new(),
            values: vec![None; procedure.fields.len()],
            item_values: BTreeMap::new(),
            machines: Vec::new(),
            deemed: Vec::new(),
            now: DateTime::MIN,
        }
    }

    /// Folds all facts, then lets time pass to `at`.
    pub fn to(mut self, facts: &[Fact], at: DateTime) -> Self {
        for (i, fact) in facts.iter().enumerate() {
            self.take(fact, &facts[i..]);
        }
        self.pass(at, &[]);
        self
    }

    /// Lets time pass to a fact and takes it in. `rest` begins with that fact: deemed steps already written are found there.
    pub fn take(&mut self, fact: &Fact, rest: &[Fact]) {
        self.pass(fact.at, rest);
        self.apply(fact.clone());
    }

    /// The day on which the case began, for 版 chosen by 起始日.
    pub fn began(&self) -> Option<Date> {
        self.facts.first().map(|f| f.at.date())
    }

    /// The latest value of a field in an item, else outside items.
    pub fn value(&self, field: FieldId, item: Option<(ItemId, u32)>) -> Option<&Value> {
        let at = item
            .and_then(|key| self.item_values.get(&key))
            .and_then(|values| values.get(&field).copied())
            .or(self.values[field.at()])?;
        self.facts[at].values.get(&field)
    }

    /// Live facts of a step as seen from a place: in an item of its kind only that item's.
    pub fn live_of(
        &self,
        step: StepId,
        place: Option<(ItemId, u32)>,
    ) -> impl Iterator<Item = usize> + '_ {
        let own = self.procedure.steps[step.at()].item;
        let only = place
            .filter(|(kind, _)| Some(*kind) == own)
            .map(|(_, no)| no);
        self.live[step.at()]
            .iter()
            .filter(move |(item, _)| only.is_none() || *item == only)
            .map(|(_, at)| *at)
    }

    /// The machine of a clock as seen from a place.
    pub fn machine(&self, clock: ClockId, place: Option<(ItemId, u32)>) -> Option<&Machine> {
        let own = self.procedure.clocks[clock.at()].item;
        let only = place
            .filter(|(kind, _)| Some(*kind) == own)
            .map(|(_, no)| no);
        self.machines
            .iter()
            .rev()
            .find(|m| m.clock == clock && (only.is_none() || m.item == only))
    }

    /// The first day after `day` at whose end time alone may have changed something: a term has run out, or it is not certain
    /// any more that it has not.
    pub fn turn_after(&self, day: Date) -> Option<Date> {
        self.machines
            .iter()
            .filter_map(|machine| {
                let run = machine
                    .current()
                    .filter(|run| run.state == ClockState::Running && !run.paused())?;
                let turn = match run.due.end() {
                    Some(end) if end.time() < END_OF_DAY => end.date(),
                    Some(end) => end.date().tomorrow().ok()?,
                    None => run.due.lo.tomorrow().ok()?,
                };
                (day < turn).then_some(turn)
            })
            .min()
    }

    /// Expiries between the last instant and `t`, in order, with the steps they deem.
    pub fn pass(&mut self, t: DateTime, rest: &[Fact]) {
        let deemed_next = rest
            .first()
            .is_some_and(|f| self.procedure.steps[f.step.at()].actors.by_law);
        loop {
            let next = self
                .machines
                .iter()
                .enumerate()
                .filter_map(|(i, m)| {
                    let run = m
                        .current()
                        .filter(|run| run.state == ClockState::Running && !run.paused())?;
                    run.due
                        .end()
                        .filter(|end| *end < t || (deemed_next && *end == t))
                        .map(|end| (end, i))
                })
                .min();
            let Some((end, at)) = next else { break };
            self.now = self.now.max(end);
            self.expire(at, end, rest);
        }
        self.now = self.now.max(t);
    }

    fn expire(&mut self, at: usize, end: DateTime, rest: &[Fact]) {
        let (clock, item) = (self.machines[at].clock, self.machines[at].item);
        let procedure = self.procedure;
        let declared = &procedure.clocks[clock.at()];
        let breached = !declared.stops.is_empty();
        if let Some(run) = &mut self.machines[at].current {
            run.state = ClockState::Expired;
            run.breached = breached;
        }
        let place = declared.item.zip(item);
        self.happen(Happening::Expiry(clock), place, end);
        if let Some((step, _)) = &declared.deems {
            let written = rest
                .iter()
                .any(|f| f.step == *step && f.item == item && f.at.date() == end.date());
            if !written {
                let fact = Fact {
                    n: u32::try_from(self.facts.len() + 1).unwrap_or(u32::MAX),
                    step: *step,
                    at: end,
                    recorded: end,
                    item,
                    actors: Vec::new(),
                    values: BTreeMap::new(),
                    waivers: Vec::new(),
                };
                self.deemed.push(fact.clone());
                self.apply(fact);
            }
        }
    }

    fn apply(&mut self, fact: Fact) {
        let procedure = self.procedure;
        let step = &procedure.steps[fact.step.at()];
        let place = step.item.zip(fact.item);
        self.now = self.now.max(fact.at);
        let mut moves: Vec<StageId> = Vec::new();
        for transition in &step.to {
            let line = procedure.stages[transition.stage.at()].line;
            if moves
                .iter()
                .any(|stage| procedure.stages[stage.at()].line == line)
            {
                continue;
            }
            let context = Context {
                fold: self,
                form: Some(&fact.values),
                holes: &[],
                place,
                at: fact.at,
            };
            if context.guard(&transition.guard) == Tri::True {
                moves.push(transition.stage);
            }
        }
        let at = self.facts.len();
        if let Some(place @ (kind, _)) = place {
            if procedure.items[kind.at()].starts_with == fact.step {
                let line = procedure.items[kind.at()].line;
                self.items
                    .entry(place)
                    .or_insert(procedure.lines[line.at()].stages[0]);
            }
            let values = self.item_values.entry(place).or_default();
            for field in fact.values.keys() {
                values.insert(*field, at);
            }
        } else {
            for field in fact.values.keys() {
                self.values[field.at()] = Some(at);
            }
        }
        for stage in moves {
            let line = procedure.stages[stage.at()].line;
            match procedure.lines[line.at()].item {
                None => self.stages[line.at()] = stage,
                Some(kind) => {
                    if let Some((own, no)) = place
                        && own == kind
                    {
                        self.items.insert((kind, no), stage);
                    }
                }
            }
        }
        for annulled in &step.annuls {
            // Facts of items are annulled from outside, or from the very item; a number alone is not an item.
            let kind = procedure.steps[annulled.at()].item;
            self.live[annulled.at()].retain(|(no, _)| {
                let own = kind.zip(*no);
                own.is_some() && place.is_some() && own != place
            });
        }
        self.live[fact.step.at()].push((fact.item, at));
        let (step_id, instant) = (fact.step, fact.at);
        self.facts.push(fact);
        self.reread_until();
        self.happen(Happening::Step(step_id), place, instant);
    }

    /// 到 is read again at each fact while the clock runs.
    fn reread_until(&mut self) {
        for i in 0..self.machines.len() {
            let machine = &self.machines[i];
            let kind = self.procedure.clocks[machine.clock.at()].item;
            let Some(run) = machine
                .current()
                .filter(|run| run.state == ClockState::Running)
            else {
                continue;
            };
            let Some(field) = run.until else { continue };
            let day = match self.value(field, kind.zip(machine.item)) {
                Some(Value::Date(day)) => *day,
                Some(Value::Instant(at)) => at.date(),
                _ => continue,
            };
            if let Some(run) = &mut self.machines[i].current {
                run.due = Due::on(day);
            }
        }
    }

    /// Tells every clock what has happened.
    fn happen(&mut self, what: Happening, place: Option<(ItemId, u32)>, at: DateTime) {
        let procedure = self.procedure;
        for (i, declared) in procedure.clocks.iter().enumerate() {
            let hears = |events: &[Event]| events.iter().any(|e| e.happening == what);
            let concerned = hears(&declared.starts)
                || hears(&declared.restarts)
                || hears(&declared.stops)
                || hears(&declared.cancels)
                || declared
                    .pauses
                    .iter()
                    .any(|p| hears(&p.from) || hears(&p.to))
                || matches!(what, Happening::Step(s) if declared.extensions.iter().any(|e| e.step == s));
            if !concerned {
                continue;
            }
            let clock = ClockId(u16::try_from(i).unwrap_or(u16::MAX));
            match declared.item {
                None => self.tell(clock, None, what, place, at),
                Some(kind) => match place.filter(|(own, _)| *own == kind) {
                    Some((_, no)) => self.tell(clock, Some(no), what, place, at),
                    None => {
                        let numbers: Vec<u32> = self
                            .items
                            .keys()
                            .filter(|(own, _)| *own == kind)
                            .map(|(_, no)| *no)
                            .collect();
                        for no in numbers {
                            self.tell(clock, Some(no), what, Some((kind, no)), at);
                        }
                    }
                },
            }
        }
    }

    /// One clock in one place: 起, 重起, 销, 停, 延, 至 of 停, 止, in this order.
    fn tell(
        &mut self,
        clock: ClockId,
        item: Option<u32>,
        what: Happening,
        place: Option<(ItemId, u32)>,
        at: DateTime,
    ) {
        let procedure = self.procedure;
        let declared = &procedure.clocks[clock.at()];
        let position = match self
            .machines
            .iter()
            .position(|m| m.clock == clock && m.item == item)
        {
            Some(position) => position,
            None => {
                self.machines.push(Machine {
                    clock,
                    item,
                    earlier: Vec::new(),
                    current: None,
                });
                self.machines.len() - 1
            }
        };
        let state = |fold: &Self| {
            fold.machines[position]
                .current()
                .map_or(ClockState::NotStarted, |run| run.state)
        };
        if state(self) == ClockState::NotStarted
            && let Some(event) = self.heard(&declared.starts, what, place, at)
        {
            self.start(position, event.day_from, place, at);
        }
        if let Some(event) = self.heard(&declared.restarts, what, place, at) {
            self.start(position, event.day_from, place, at);
        }
        if state(self) == ClockState::Running
            && self.heard(&declared.cancels, what, place, at).is_some()
        {
            self.machines[position].current = None;
        }
        for pause in &declared.pauses {
            if self.heard(&pause.from, what, place, at).is_some()
                && matches!(state(self), ClockState::Running | ClockState::Expired)
                && let Some(run) = &mut self.machines[position].current
                && !run.paused()
            {
                run.pauses.push(Paused {
                    from: at.date(),
                    to: None,
                });
            }
        }
        if let Happening::Step(step) = what {
            for extension in declared.extensions.iter().filter(|e| e.step == step) {
                let add = self
                    .value(extension.add, place)
                    .and_then(Value::number)
                    .and_then(|n| n.whole());
                if let (ClockState::Running, Some(add), Tri::True) =
                    (state(self), add, self.guard_at(&extension.guard, place, at))
                {
                    if let Some(run) = &mut self.machines[position].current {
                        run.extra = run.extra.saturating_add(add);
                        run.extended += 1;
                    }
                    self.recompute(position);
                }
            }
        }
        for pause in &declared.pauses {
            if self.heard(&pause.to, what, place, at).is_some() {
                if let Some(run) = &mut self.machines[position].current
                    && let Some(open) = run.pauses.last_mut().filter(|p| p.to.is_none())
                {
                    open.to = Some(at.date());
                }
                if state(self) == ClockState::Running {
                    self.recompute(position);
                }
            }
        }
        if self.heard(&declared.stops, what, place, at).is_some()
            && let Some(run) = &mut self.machines[position].current
        {
            match run.state {
                // A term that began in the past may already be over when it is both begun and met.
                ClockState::Running if !run.paused() && run.due.passed(at) == Some(true) => {
                    run.state = ClockState::Expired;
                    run.breached = true;
                    run.stopped_on = Some(at.date());
                }
                ClockState::Running => run.state = ClockState::Met,
                ClockState::Expired if run.stopped_on.is_none() => run.stopped_on = Some(at.date()),
                _ => {}
            }
        }
    }

    fn heard<'e>(
        &self,
        events: &'e [Event],
        what: Happening,
        place: Option<(ItemId, u32)>,
        at: DateTime,
    ) -> Option<&'e Event> {
        events
            .iter()
            .find(|e| e.happening == what && self.guard_at(&e.guard, place, at) == Tri::True)
    }

    fn guard_at(&self, guard: &Guard, place: Option<(ItemId, u32)>, at: DateTime) -> Tri {
        Context {
            fold: self,
            form: None,
            holes: &[],
            place,
            at,
        }
        .guard(guard)
    }

    fn start(
        &mut self,
        position: usize,
        day_from: Option<FieldId>,
        place: Option<(ItemId, u32)>,
        at: DateTime,
    ) {
        let clock = self.machines[position].clock;
        let declared = &self.procedure.clocks[clock.at()];
        let from = match day_from {
            Some(field) => match self.value(field, place) {
                Some(Value::Date(day)) => day.at(0, 0, 0, 0),
                Some(Value::Instant(instant)) => *instant,
                _ => return,
            },
            None => at,
        };
        let context = Context {
            fold: self,
            form: None,
            holes: &[],
            place,
            at,
        };
        let Some((length, _, _)) = declared
            .lengths
            .iter()
            .find(|(_, guard, _)| context.guard(guard) == Tri::True)
        else {
            return;
        };
        let mut run = Run {
            state: ClockState::Running,
            start: from,
            amount: 0,
            unit: None,
            until: None,
            extra: 0,
            extended: 0,
            pauses: Vec::new(),
            due: Due::on(from.date()),
            stopped_on: None,
            breached: false,
        };
        match length {
            Length::Term(quantity, unit) => {
                let Some(amount) = context.quantity(quantity).known().and_then(|n| n.whole())
                else {
                    return;
                };
                run.amount = amount;
                run.unit = Some(*unit);
                run.due = due(self.calendar, from, amount, *unit, &[]);
            }
            Length::Until(field) => {
                let day = match self.value(*field, place) {
                    Some(Value::Date(day)) => *day,
                    Some(Value::Instant(instant)) => instant.date(),
                    _ => return,
                };
                run.until = Some(*field);
                run.due = Due::on(day);
            }
        }
        self.machines[position].begin(run, at.date());
    }

    fn recompute(&mut self, position: usize) {
        let calendar = self.calendar;
        if let Some(run) = &mut self.machines[position].current
            && let Some(unit) = run.unit
        {
            // A pause that is still open would never let the count end; it is counted when it closes.
            let closed: Vec<Paused> = run
                .pauses
                .iter()
                .filter(|p| p.to.is_some())
                .copied()
                .collect();
            run.due = due(
                calendar,
                run.start,
                run.amount.saturating_add(run.extra),
                unit,
                &closed,
            );
        }
    }
}
