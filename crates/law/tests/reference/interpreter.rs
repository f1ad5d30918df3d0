//! The law language read literally (law language §2.4, §3): every question is answered by scanning the whole history again.
//!
//! Nothing is kept up to date here. `Telling` is the history with the expiries that time brought, in order; a question is
//! asked of its first `k` happenings. Answers are remembered only so that the scans end before the reader does.

use jiff::civil::{Date, DateTime};
use law::calendar::Calendar;
use law::engine::{Act, Fact, GroundKind, Register};
use law::procedure::{
    ClockId, ClockTest, Comparison, Condition, DefinitionBody, Event, FieldId, FieldRef, Guard,
    Happening, ItemId, Length, LineId, Procedure, Quantity, RoleId, Side, StageId, StepId, Unit,
};
use law::value::{Ratio, Value, day_number};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An item: its kind and number.
pub type Place = Option<(ItemId, u32)>;
/// True, false, or undetermined.
pub type Truth = Option<bool>;

/// Something that happened: a fact, or the expiry of a clock.
enum Told {
    Fact(Fact),
    Expiry(ClockId, Place, DateTime),
}

/// A run of a clock, as the table of §3.3 has it.
#[derive(Clone)]
struct Run {
    state: State,
    start: DateTime,
    length: Option<(i64, Unit)>,
    until: Option<FieldId>,
    closed: Vec<(Date, Date)>,
    open: Option<Date>,
    extended: u8,
    due: Due,
    stopped: Option<Date>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Running,
    Met,
    Expired,
}

#[derive(Clone, Copy)]
struct Due {
    lo: Date,
    hi: Option<Date>,
    instant: Option<DateTime>,
}

impl Due {
    fn on(day: Date) -> Due {
        Due {
            lo: day,
            hi: Some(day),
            instant: None,
        }
    }

    fn passed(&self, at: DateTime) -> Truth {
        match (self.instant, self.hi) {
            (Some(instant), _) => Some(instant < at),
            _ if at.date() <= self.lo => Some(false),
            (None, hi) => hi.map(|hi| hi < at.date()),
        }
    }
}

/// A number, an absent field, or something undetermined.
#[derive(Clone, Copy)]
enum Number {
    Known(Ratio),
    Absent,
    Unknown,
}

/// Where a condition is read: after `k` happenings, in a place, with a form, at an instant.
#[derive(Clone, Copy)]
pub struct Here<'c> {
    k: usize,
    place: Place,
    form: Option<&'c BTreeMap<FieldId, Value>>,
    at: DateTime,
}

/// A history with the expiries and deemed steps that time brought.
pub struct Telling<'a> {
    procedure: &'a Procedure,
    calendar: &'a Calendar,
    register: &'a dyn Register,
    told: Vec<Told>,
    at: DateTime,
    stages: RefCell<HashMap<(LineId, Place, usize), StageId>>,
    clocks: RefCell<HashMap<(ClockId, Place, usize), Option<Run>>>,
    asking: RefCell<Vec<(ClockId, Place, usize)>>,
}

impl<'a> Telling<'a> {
    /// Tells a history up to `at`. Deemed steps that were written are left out and found again.
    pub fn new(
        procedure: &'a Procedure,
        calendar: &'a Calendar,
        register: &'a dyn Register,
        facts: &[Fact],
        at: DateTime,
    ) -> Self {
        let mut telling = Telling {
            procedure,
            calendar,
            register,
            told: Vec::new(),
            at,
            stages: RefCell::default(),
            clocks: RefCell::default(),
            asking: RefCell::default(),
        };
        for fact in facts {
            if !procedure.steps[fact.step.at()].actors.by_law {
                telling.pass(fact.at);
                telling.told.push(Told::Fact(fact.clone()));
            }
        }
        telling.pass(at);
        telling
    }

    /// Expiries before `t`, each with the step it deems.
    fn pass(&mut self, t: DateTime) {
        loop {
            let k = self.told.len();
            let mut next: Option<(DateTime, ClockId, Place)> = None;
            for (clock, place) in self.all_clocks(k) {
                let Some(run) = self.run(clock, place, k) else {
                    continue;
                };
                let end = run
                    .due
                    .instant
                    .or(run.due.hi.map(|day| day.at(23, 59, 59, 0)));
                if let (State::Running, None, Some(end)) = (run.state, run.open, end)
                    && end < t
                    && next.is_none_or(|(first, _, _)| end < first)
                {
                    next = Some((end, clock, place));
                }
            }
            let Some((end, clock, place)) = next else {
                return;
            };
            self.told.push(Told::Expiry(clock, place, end));
            if let Some((step, _)) = &self.procedure.clocks[clock.at()].deems {
                self.told.push(Told::Fact(Fact {
                    n: 0,
                    step: *step,
                    at: end,
                    recorded: end,
                    item: place.map(|(_, no)| no),
                    actors: Vec::new(),
                    values: BTreeMap::new(),
                    waivers: Vec::new(),
                }));
            }
        }
    }

    /// Every clock in every place where it may run.
    fn all_clocks(&self, k: usize) -> Vec<(ClockId, Place)> {
        let mut all = Vec::new();
        for (i, clock) in self.procedure.clocks.iter().enumerate() {
            let id = ClockId(u16::try_from(i).expect("a file has few clocks"));
            match clock.item {
                None => all.push((id, None)),
                Some(kind) => all.extend(
                    self.items(kind, k)
                        .into_iter()
                        .map(|no| (id, Some((kind, no)))),
                ),
            }
        }
        all
    }

    fn facts(&self, k: usize) -> impl DoubleEndedIterator<Item = (usize, &Fact)> {
        self.told[..k]
            .iter()
            .enumerate()
            .filter_map(|(i, told)| match told {
                Told::Fact(fact) => Some((i, fact)),
                Told::Expiry(..) => None,
            })
    }

    /// Facts so far, deemed ones among them.
    pub fn all_facts(&self) -> Vec<&Fact> {
        self.facts(self.told.len()).map(|(_, fact)| fact).collect()
    }

    fn place_of(&self, fact: &Fact) -> Place {
        self.procedure.steps[fact.step.at()].item.zip(fact.item)
    }

    fn items(&self, kind: ItemId, k: usize) -> BTreeSet<u32> {
        let opens = self.procedure.items[kind.at()].starts_with;
        self.facts(k)
            .filter(|(_, fact)| fact.step == opens)
            .filter_map(|(_, fact)| fact.item)
            .collect()
    }

    fn here(&self, at: DateTime) -> Here<'static> {
        Here {
            k: self.told.len(),
            place: None,
            form: None,
            at,
        }
    }

    /// Stages of the case's lines, and of each item.
    pub fn standing(&self) -> (Vec<StageId>, Vec<(ItemId, u32, StageId)>) {
        let k = self.told.len();
        let mut lines = Vec::new();
        for (i, line) in self.procedure.lines.iter().enumerate() {
            if line.item.is_none() {
                let id = LineId(u16::try_from(i).expect("a file has few lines"));
                lines.push(self.stage(id, None, k));
            }
        }
        let mut items = Vec::new();
        for (i, item) in self.procedure.items.iter().enumerate() {
            let kind = ItemId(u16::try_from(i).expect("a file has few items"));
            for no in self.items(kind, k) {
                items.push((kind, no, self.stage(item.line, Some((kind, no)), k)));
            }
        }
        (lines, items)
    }

    /// Where a line stands after `k` happenings.
    fn stage(&self, line: LineId, place: Place, k: usize) -> StageId {
        if let Some(known) = self.stages.borrow().get(&(line, place, k)) {
            return *known;
        }
        let mut stage = self.procedure.lines[line.at()].stages[0];
        for (i, fact) in self.facts(k) {
            let own = self.place_of(fact);
            if place.is_some() && own != place {
                continue;
            }
            let before = Here {
                k: i,
                place: own,
                form: Some(&fact.values),
                at: fact.at,
            };
            let moved = self.procedure.steps[fact.step.at()].to.iter().find(|to| {
                self.procedure.stages[to.stage.at()].line == line
                    && self.applies(before, &to.guard) == Some(true)
            });
            stage = moved.map_or(stage, |to| to.stage);
        }
        self.stages.borrow_mut().insert((line, place, k), stage);
        stage
    }

    /// Facts of a step that no later fact annulled, as seen from a place.
    fn live(&self, step: StepId, place: Place, k: usize) -> Vec<&Fact> {
        let kind = self.procedure.steps[step.at()].item;
        self.facts(k)
            .filter(|(_, fact)| fact.step == step)
            .filter(|(i, fact)| {
                let own = self.place_of(fact);
                !self.facts(k).any(|(later, other)| {
                    let theirs = self.place_of(other);
                    later > *i
                        && self.procedure.steps[other.step.at()].annuls.contains(&step)
                        && (own.is_none() || theirs.is_none() || own == theirs)
                })
            })
            .map(|(_, fact)| fact)
            .filter(|fact| place.is_none_or(|(of, no)| Some(of) != kind || fact.item == Some(no)))
            .collect()
    }

    fn value<'c>(&'c self, here: Here<'c>, field: FieldId) -> Option<&'c Value> {
        let latest = |place: Place| {
            self.facts(here.k)
                .rev()
                .filter(|(_, fact)| self.place_of(fact) == place)
                .find_map(|(_, fact)| fact.values.get(&field))
        };
        here.form
            .and_then(|form| form.get(&field))
            .or_else(|| here.place.and_then(|_| latest(here.place)))
            .or_else(|| latest(None))
            .filter(|value| !value.is_empty())
    }

    fn texts(&self, here: Here, reference: &FieldRef) -> Option<Vec<String>> {
        let value = self.value(here, reference.field)?;
        match (&reference.column, value) {
            (None, value) => Some(value.texts()),
            (Some(column), Value::Entry { columns, .. }) => {
                Some(vec![columns.get(column)?.clone()])
            }
            (Some(column), Value::Party { class, .. }) if column == "类别" => {
                Some(vec![class.clone()])
            }
            _ => None,
        }
    }

    /// Does a line exist and apply?
    fn applies(&self, here: Here, guard: &Guard) -> Truth {
        if let Some(version) = guard.version {
            let version = &self.procedure.versions[version.at()];
            let first = self.facts(here.k).next().map(|(_, fact)| fact.at.date());
            let day = if version.by_step_day {
                here.at.date()
            } else {
                first.unwrap_or(here.at.date())
            };
            if version.from.is_some_and(|from| day < from)
                || version.until.is_some_and(|until| until < day)
            {
                return Some(false);
            }
        }
        guard
            .when
            .as_ref()
            .map_or(Some(true), |when| self.truth(here, when))
    }

    /// The truth of a condition now, outside items and forms.
    pub fn holds(&self, condition: &Condition) -> bool {
        self.truth(self.here(self.at), condition) == Some(true)
    }

    fn truth(&self, here: Here, condition: &Condition) -> Truth {
        let text_is = |reference: &FieldRef, wanted: &[String]| {
            let texts = self.texts(here, reference).unwrap_or_default();
            Some(texts.iter().any(|text| wanted.contains(text)))
        };
        let field = |field: FieldId| FieldRef {
            field,
            column: None,
        };
        match condition {
            Condition::And(all) => all_of(all.iter().map(|part| self.truth(here, part))),
            Condition::Or(all) => any_of(all.iter().map(|part| self.truth(here, part))),
            Condition::Not(inner) => self.truth(here, inner).map(|truth| !truth),
            Condition::Done(step, done) => {
                Some(self.live(*step, here.place, here.k).is_empty() != *done)
            }
            Condition::At(stages) => Some(stages.iter().any(|stage| {
                let line = self.procedure.stages[stage.at()].line;
                match self.procedure.lines[line.at()].item {
                    None => self.stage(line, None, here.k) == *stage,
                    Some(kind) => self
                        .items(kind, here.k)
                        .into_iter()
                        .filter(|no| here.place.is_none_or(|(of, own)| of != kind || own == *no))
                        .any(|no| self.stage(line, Some((kind, no)), here.k) == *stage),
                }
            })),
            Condition::Clock(clock, test) => {
                let Some(run) = self.clock(here, *clock) else {
                    return Some(*test == ClockTest::NotStarted);
                };
                let running = match (run.state, run.open) {
                    (State::Running, Some(_)) => Some(true),
                    (State::Running, None) => run.due.passed(here.at).map(|passed| !passed),
                    _ => Some(false),
                };
                match test {
                    ClockTest::NotStarted => Some(false),
                    ClockTest::Running => running,
                    ClockTest::Met => Some(run.state == State::Met),
                    ClockTest::Expired if run.state == State::Running => running.map(|r| !r),
                    ClockTest::Expired => Some(run.state == State::Expired),
                }
            }
            Condition::Is(reference, wanted) => text_is(reference, wanted),
            Condition::Contains(id, wanted) => text_is(&field(*id), wanted),
            Condition::Present(reference, present) => {
                Some(self.texts(here, reference).is_some() == *present)
            }
            Condition::Listed(field, listing) => {
                let name = &self.procedure.listings[listing.at()].name;
                Some(matches!(self.value(here, *field),
                    Some(Value::Entry { listed_in, .. }) if listed_in.contains(name)))
            }
            Condition::Within(inner, outer) => {
                let both = self
                    .texts(here, &field(*inner))
                    .zip(self.texts(here, &field(*outer)));
                Some(
                    both.is_some_and(|(inner, outer)| {
                        inner.iter().all(|text| outer.contains(text))
                    }),
                )
            }
            Condition::Each(kind, inner) => {
                all_of(self.within_items(here, *kind, inner).into_iter())
            }
            Condition::Some(kind, inner) => {
                any_of(self.within_items(here, *kind, inner).into_iter())
            }
            Condition::Compare(left, comparison, right) => {
                match (self.number(here, left), self.number(here, right)) {
                    (Number::Absent, _) | (_, Number::Absent) => Some(false),
                    (Number::Known(left), Number::Known(right)) => Some(match comparison {
                        Comparison::More => left > right,
                        Comparison::Less => left < right,
                        Comparison::AtMost => left <= right,
                        Comparison::AtLeast => left >= right,
                        Comparison::Equal => left == right,
                    }),
                    _ => None,
                }
            }
            Condition::Defined(id) => match &self.procedure.definitions[id.at()].body {
                DefinitionBody::Condition(inner) => self.truth(here, inner),
                DefinitionBody::Quantity(_) => Some(false),
            },
        }
    }

    fn within_items(&self, here: Here, kind: ItemId, inner: &Condition) -> Vec<Truth> {
        let items = self.items(kind, here.k).into_iter();
        items
            .map(|no| {
                let place = Some((kind, no));
                self.truth(
                    Here {
                        place,
                        form: None,
                        ..here
                    },
                    inner,
                )
            })
            .collect()
    }

    fn number(&self, here: Here, quantity: &Quantity) -> Number {
        let count = |n: usize| Number::Known(Ratio::from(i64::try_from(n).expect("few facts")));
        let known = |n: Option<Ratio>| n.map_or(Number::Absent, Number::Known);
        let two = |a: &Quantity, b: &Quantity, f: &dyn Fn(Ratio, Ratio) -> Option<Ratio>| match (
            self.number(here, a),
            self.number(here, b),
        ) {
            (Number::Absent, _) | (_, Number::Absent) => Number::Absent,
            (Number::Known(a), Number::Known(b)) => known(f(a, b)),
            _ => Number::Unknown,
        };
        let persons =
            |people: Vec<&String>| count(people.into_iter().collect::<BTreeSet<_>>().len());
        match quantity {
            Quantity::Number(n) => Number::Known(*n),
            Quantity::Field(reference) if reference.column.is_some() => {
                known(self.texts(here, reference).and_then(|texts| {
                    let text = texts.first()?;
                    match text.parse() {
                        Ok(day) => Some(day_number(day)),
                        Err(_) => Ratio::parse(text),
                    }
                }))
            }
            Quantity::Field(reference) => {
                known(self.value(here, reference.field).and_then(|v| match v {
                    Value::Number(text) | Value::Text(text) => Ratio::parse(text),
                    Value::Fen(fen) => Ratio::new(i128::from(*fen), 100),
                    Value::Date(day) => Some(day_number(*day)),
                    Value::Instant(at) => Some(day_number(at.date())),
                    _ => None,
                }))
            }
            Quantity::Defined(id) => match &self.procedure.definitions[id.at()].body {
                DefinitionBody::Quantity(inner) => self.number(here, inner),
                DefinitionBody::Condition(_) => Number::Absent,
            },
            Quantity::Today => Number::Known(day_number(here.at.date())),
            Quantity::Times(step) => count(self.live(*step, here.place, here.k).len()),
            Quantity::StepPersons(step) => persons(
                self.live(*step, here.place, here.k)
                    .iter()
                    .flat_map(|fact| fact.actors.iter().flat_map(|(_, people)| people))
                    .collect(),
            ),
            Quantity::DayOf(step) => known(
                self.live(*step, here.place, here.k)
                    .last()
                    .map(|fact| day_number(fact.at.date())),
            ),
            Quantity::FieldPersons(field) => match self.value(here, *field) {
                Some(Value::People(people)) => persons(people.iter().collect()),
                _ => Number::Absent,
            },
            Quantity::DueOn(clock) => match self.clock(here, *clock) {
                None => Number::Absent,
                Some(run) => run
                    .due
                    .hi
                    .map_or(Number::Unknown, |day| Number::Known(day_number(day))),
            },
            Quantity::DaysLate(clock) => count(
                self.clock(here, *clock)
                    .map_or(0, |run| days_late(&run, here.at.date())),
            ),
            Quantity::Per(indicator, fields, span) => {
                let mut same = Vec::new();
                for field in fields {
                    match self.value(here, *field) {
                        Some(value) => same.push((*field, value)),
                        None => return Number::Absent,
                    }
                }
                let code = &self.procedure.indicators[indicator.at()].code;
                let found = self.register.indicator(code, &same, *span, here.at.date());
                found.map_or(Number::Unknown, Number::Known)
            }
            Quantity::Min(a, b) => two(a, b, &|a, b| Some(if a < b { a } else { b })),
            Quantity::Max(a, b) => two(a, b, &|a, b| Some(if a < b { b } else { a })),
            Quantity::Add(a, b) => two(a, b, &Ratio::plus),
            Quantity::Sub(a, b) => two(a, b, &Ratio::minus),
            Quantity::Mul(a, b) => two(a, b, &Ratio::times),
            Quantity::Div(a, b) => two(a, b, &Ratio::over),
        }
    }

    /// The clock as seen from a place; outside its items, that of the item opened last.
    fn clock(&self, here: Here, clock: ClockId) -> Option<Run> {
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
    fn run(&self, clock: ClockId, place: Place, k: usize) -> Option<Run> {
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

    fn tell(&self, clock: ClockId, place: Place, k: usize, run: &mut Option<Run>) {
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

    fn day(&self, here: Here, field: FieldId) -> Option<DateTime> {
        match self.value(here, field) {
            Some(Value::Date(day)) => Some(day.at(0, 0, 0, 0)),
            Some(Value::Instant(at)) => Some(*at),
            _ => None,
        }
    }

    fn begin(&self, here: Here, clock: ClockId, event: &Event) -> Option<Run> {
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
    fn count_again(&self, run: &mut Run) {
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

    /// Every failed line of an act, as kind and citation (§3.4). Empty: permitted.
    pub fn objections(&self, act: &Act) -> BTreeSet<(String, String)> {
        let step = &self.procedure.steps[act.step.at()];
        let k = self.told.len();
        let mut no = BTreeSet::new();
        let mut refuse = |kind: GroundKind, citation: &str| {
            no.insert((format!("{kind:?}"), citation.to_owned()));
        };
        let place = match step.item {
            None => None,
            Some(kind) => {
                let known = self.items(kind, k);
                let opens = self.procedure.items[kind.at()].starts_with == act.step;
                let number = match (act.item, opens) {
                    (None, true) => Some(known.last().map_or(1, |last| last + 1)),
                    (Some(number), true) => {
                        (number > 0 && !known.contains(&number)).then_some(number)
                    }
                    (number, false) => number.filter(|number| known.contains(number)),
                };
                if number.is_none() {
                    refuse(GroundKind::Item, "");
                }
                number.map(|number| (kind, number))
            }
        };
        let here = Here {
            k,
            place,
            form: Some(&act.values),
            at: act.at,
        };
        let last = self.facts(k).last().map(|(_, fact)| fact.at);
        let starts = self.procedure.starts_with == act.step;
        if last.is_none() != starts
            || last.is_some_and(|last| act.at < last)
            || act.at.date() < self.procedure.in_force_from
            || (starts
                && self
                    .procedure
                    .in_force_until
                    .is_some_and(|until| until < act.at.date()))
        {
            refuse(GroundKind::Order, "");
        }
        let main = self.stage(LineId(0), None, k);
        let over = self.procedure.stages[main.at()].is_final;
        let closed = over && !step.from.contains(&main) && step.publication.is_none();
        let stands = step.from.is_empty()
            || step.from.iter().any(|stage| {
                let line = self.procedure.stages[stage.at()].line;
                match self.procedure.lines[line.at()].item {
                    None => self.stage(line, None, k) == *stage,
                    Some(kind) => place.is_some_and(|(of, number)| {
                        of == kind
                            && self.items(kind, k).contains(&number)
                            && self.stage(line, place, k) == *stage
                    }),
                }
            });
        if closed || !stands {
            refuse(GroundKind::Stage, "");
        }
        self.persons(here, act, &mut refuse);
        for entry in &step.form {
            let filled = act.values.get(&entry.field).is_some_and(|v| !v.is_empty());
            if entry.required && !filled && self.applies(here, &entry.guard) != Some(false) {
                refuse(GroundKind::Form, "");
            }
        }
        for (field, value) in &act.values {
            let asked = step.form.iter().any(|entry| entry.field == *field);
            if !asked || !value.fits(&self.procedure.fields[field.at()].kind) {
                refuse(GroundKind::Form, "");
            }
        }
        for line in &step.requires {
            if self.applies(here, &line.guard) != Some(false)
                && self.truth(here, &line.condition) != Some(true)
            {
                refuse(GroundKind::Requirement, &line.basis.text);
            }
        }
        for (i, clock) in self.procedure.clocks.iter().enumerate() {
            let id = ClockId(u16::try_from(i).expect("a file has few clocks"));
            for line in clock.extensions.iter().filter(|e| e.step == act.step) {
                if self.applies(here, &line.guard) == Some(false) {
                    continue;
                }
                let open = self.clock(here, id).is_some_and(|run| {
                    let late = run.open.is_none() && run.due.passed(act.at) == Some(true);
                    run.state != State::Expired && !late && run.extended < line.times
                });
                let add = FieldRef {
                    field: line.add,
                    column: None,
                };
                let fits = match (
                    self.number(here, &Quantity::Field(add)),
                    self.number(here, &line.at_most),
                ) {
                    (Number::Known(add), Number::Known(most)) => Ratio::ZERO < add && add <= most,
                    (Number::Unknown, _) | (_, Number::Unknown) => true,
                    _ => false,
                };
                if !open || !fits {
                    refuse(GroundKind::Extension, &line.basis.text);
                }
            }
        }
        no
    }

    fn persons(&self, here: Here, act: &Act, refuse: &mut dyn FnMut(GroundKind, &str)) {
        let actors = &self.procedure.steps[act.step.at()].actors;
        let basis = actors.basis.as_ref().map_or("", |basis| &basis.text);
        let enough = |role: RoleId, least: u8| {
            let people: BTreeSet<&String> = act
                .actors
                .iter()
                .filter(|(of, _)| *of == role)
                .flat_map(|(_, people)| people)
                .collect();
            self.procedure.roles[role.at()].side != Side::Own || people.len() >= usize::from(least)
        };
        let mut wanted = actors
            .roles
            .iter()
            .map(|(role, least)| enough(*role, *least));
        if actors.by_law {
            refuse(GroundKind::Person, "");
        } else if !(if actors.any {
            wanted.any(|e| e)
        } else {
            wanted.all(|e| e)
        }) {
            refuse(GroundKind::Person, basis);
        }
        let before = self.facts(here.k).flat_map(|(_, fact)| &fact.actors);
        let acted: Vec<_> = before.chain(&act.actors).collect();
        let recused = actors
            .except
            .and_then(|field| self.value(Here { form: None, ..here }, field))
            .map(Value::texts)
            .unwrap_or_default();
        for (role, people) in &act.actors {
            let declared = &self.procedure.roles[role.at()];
            if !actors.roles.iter().any(|(asked, _)| asked == role) {
                refuse(GroundKind::Person, "");
            }
            for person in people {
                let valid = declared.side != Side::Own
                    || self
                        .register
                        .qualified(person, &declared.qualification, act.at.date());
                if !valid || recused.contains(person) {
                    refuse(GroundKind::Person, basis);
                }
                for rule in &self.procedure.incompatible {
                    let clash = acted.iter().any(|(other, others)| {
                        let pair = (rule.one == *role && rule.others.contains(other))
                            || (rule.one == *other && rule.others.contains(role));
                        pair && others.contains(person)
                    });
                    if clash {
                        refuse(GroundKind::Person, &rule.basis.text);
                    }
                }
            }
        }
    }
}

fn next(day: Date) -> Date {
    day.tomorrow().expect("no term reaches the end of time")
}

fn days_late(run: &Run, today: Date) -> usize {
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

fn all_of(truths: impl Iterator<Item = Truth>) -> Truth {
    any_of(truths.map(|truth| truth.map(|t| !t))).map(|truth| !truth)
}

fn any_of(truths: impl Iterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.collect();
    if truths.contains(&Some(true)) {
        Some(true)
    } else if truths.contains(&None) {
        None
    } else {
        Some(false)
    }
}
