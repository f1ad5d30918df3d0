//! The engine and a literal reading of the language page say the same of random histories of every law file.

#[path = "reference/chance.rs"]
mod chance;
#[path = "reference/interpreter.rs"]
mod interpreter;

use chance::{Dice, Town, filled, id, texts};
use interpreter::Telling;
use interpreter::counts::run_in_words;
use jiff::civil::{Date, DateTime, date};
use law::calendar::Calendar;
use law::engine::{Act, Choice, Fact, History, Verdict, options, permit, status};
use law::indicator::{account, stock};
use law::procedure::{ClockId, ClockTest, Comparison, Condition, IndicatorId, Procedure, Quantity};
use law::value::{Ratio, day_number};
use std::collections::{BTreeMap, BTreeSet};

/// Every condition worth asking: the tests of each clock, in the case and in items, and what the file itself asks.
fn questions(procedure: &Procedure) -> Vec<Condition> {
    let mut asked: Vec<Condition> = Vec::new();
    for (i, clock) in procedure.clocks.iter().enumerate() {
        for test in [
            ClockTest::NotStarted,
            ClockTest::Running,
            ClockTest::Expired,
            ClockTest::Met,
        ] {
            let plain = Condition::Clock(ClockId(id(i)), test);
            asked.push(match clock.item {
                None => plain,
                Some(kind) => Condition::Some(kind, Box::new(plain)),
            });
        }
    }
    for step in &procedure.steps {
        // What an item step requires is asked of its items: outside them the page gives it no meaning.
        asked.extend(step.requires.iter().map(|line| match step.item {
            None => line.condition.clone(),
            Some(kind) => Condition::Some(kind, Box::new(line.condition.clone())),
        }));
    }
    asked.extend(
        procedure
            .properties
            .iter()
            .map(|line| line.condition.clone()),
    );
    asked.extend(
        (0..procedure.definitions.len())
            .map(|i| Condition::Defined(law::procedure::DefinitionId(id(i)))),
    );
    asked
}

struct Walk<'a> {
    procedure: &'a Procedure,
    calendar: &'a Calendar,
    asked: Vec<Condition>,
    history: History,
    permitted: usize,
    refused: usize,
    waived: usize,
    differences: Vec<String>,
}

impl Walk<'_> {
    fn telling(&self, at: DateTime) -> Telling<'_> {
        Telling::new(
            self.procedure,
            self.calendar,
            &Town,
            &self.history.facts,
            at,
        )
    }

    fn story(&self) -> String {
        let told =
            |fact: &Fact| format!("{} {}", fact.at, self.procedure.steps[fact.step.at()].name);
        self.history
            .facts
            .iter()
            .map(told)
            .collect::<Vec<_>>()
            .join("，")
    }

    fn differ(&mut self, what: &str) {
        let story = self.story();
        self.differences
            .push(format!("{}：{what}；经过：{story}", self.procedure.title));
    }

    /// Stages, items, deemed steps, due days and the truth of every condition of the file.
    fn compare_standing(&mut self, at: DateTime) {
        let engine = status(self.procedure, self.calendar, &self.history, &Town, at);
        let mut found = Vec::new();
        {
            let naive = self.telling(at);
            let (lines, items) = naive.standing();
            if engine.stages[..lines.len()] != lines[..] {
                found.push("阶段不同".to_owned());
            }
            let engine_items: Vec<_> = engine
                .items
                .iter()
                .map(|i| (i.kind, i.no, i.stage))
                .collect();
            if engine_items != items {
                found.push("子项的阶段不同".to_owned());
            }
            if naive.all_facts().len() != self.history.facts.len() + engine.deemed.len() {
                found.push("视为的步骤不同".to_owned());
            }
            let n = self.history.facts.len();
            let account =
                law::indicator::account(self.procedure, self.calendar, &self.history, &Town, 0);
            let marks = account.marks;
            if marks != naive.marks(n) {
                found.push(format!(
                    "{at} 计数不同：引擎 {marks:?}，照字面 {:?}",
                    naive.marks(n)
                ));
            }
            let stock =
                law::indicator::stock(self.procedure, self.calendar, &self.history, &Town, at);
            if stock != naive.stock() {
                found.push(format!(
                    "{at} 存数不同：引擎 {stock:?}，照字面 {:?}",
                    naive.stock()
                ));
            }
            let mut runs: Vec<String> = engine
                .clocks
                .iter()
                .map(|run| {
                    let due = run.due.expect("a run has a last day");
                    let stands = format!(
                        "{:?} {due:?} {} {:?}",
                        run.state, run.extended, run.breached_on
                    );
                    run_in_words(
                        &self.procedure.clocks[run.clock.at()].name,
                        run.item,
                        &stands,
                        run.days_late,
                    )
                })
                .collect();
            runs.sort();
            if runs != naive.runs() {
                found.push(format!(
                    "{at} 期限不同：引擎 {runs:?}，照字面 {:?}",
                    naive.runs()
                ));
            }
            let mut asked = self.asked.clone();
            for run in engine.clocks.iter().filter(|run| run.item.is_none()) {
                if let Some(day) = run.due.and_then(|due| due.hi) {
                    let day = Quantity::Number(day_number(day));
                    asked.push(Condition::Compare(
                        Quantity::DueOn(run.clock),
                        Comparison::Equal,
                        day,
                    ));
                }
                let late = Quantity::Number(Ratio::from(run.days_late));
                asked.push(Condition::Compare(
                    Quantity::DaysLate(run.clock),
                    Comparison::Equal,
                    late,
                ));
            }
            for condition in &asked {
                let said = law::example::holds(
                    self.procedure,
                    self.calendar,
                    &self.history,
                    condition,
                    at,
                );
                if said != naive.holds(condition) {
                    found.push(format!("{at} 引擎说 {said}：{condition:?}"));
                }
            }
        }
        for what in found {
            self.differ(&what);
        }
    }

    /// Takes an act if it is permitted; both must say the same, for the same reasons.
    fn attempt(&mut self, act: Act) -> Result<(), Option<Date>> {
        let engine = permit(
            self.procedure,
            self.calendar,
            &self.history,
            &Town,
            act.clone(),
        );
        let (naive, needed) = {
            let telling = self.telling(act.at);
            (telling.objections(&act), telling.needed_waivers(&act))
        };
        let (said, answer) = match &engine {
            Ok(_) => (BTreeSet::new(), Ok(())),
            Err(refusal) => {
                let lines = refusal.grounds.iter();
                let lines = lines.map(|g| (format!("{:?}", g.kind), g.citation.clone()));
                (lines.collect(), Err(refusal.earliest))
            }
        };
        if said != naive {
            let name = &self.procedure.steps[act.step.at()].name;
            let what = format!("{} {name}：引擎 {said:?}，照字面 {naive:?}", act.at);
            self.differ(&what);
        }
        if let Err(Some(day)) = answer {
            self.compare_earliest(&act, day);
        }
        match engine {
            Ok(leave) => {
                self.permitted += 1;
                let kept = leave.fact().waivers.clone();
                if kept != needed {
                    self.differ(&format!("免去：引擎 {kept:?}，照字面 {needed:?}"));
                }
                self.waived += kept.len();
                self.history.facts.extend(leave.deemed().iter().cloned());
                self.history.facts.push(leave.fact().clone());
            }
            Err(_) => self.refused += 1,
        }
        answer
    }

    /// The earliest day is lawful, and the day before is not.
    fn compare_earliest(&mut self, act: &Act, day: Date) {
        let on = |day: Date| {
            let at = day.at(0, 0, 0, 0).max(act.at);
            let later = Act {
                at,
                recorded: at,
                ..act.clone()
            };
            self.telling(at).objections(&later)
        };
        let before = day.yesterday().expect("the earliest day comes after a day");
        let against = on(day);
        let free_before = before > act.at.date() && on(before).is_empty();
        if !against.is_empty() || free_before {
            let name = &self.procedure.steps[act.step.at()].name;
            let what = format!(
                "{} {name} 最早 {day}：{against:?}，前一日 {free_before}",
                act.at
            );
            self.differ(&what);
        }
    }

    fn go(&mut self, seed: u64) {
        let mut dice = Dice(seed);
        let first = date(2023, 1, 1) + dice.days(0, 1400);
        let mut at = first.max(self.procedure.in_force_from).at(9, 0, 0, 0);
        let step = self.procedure.starts_with;
        let form = self.procedure.steps[step.at()].form.iter();
        let form = form.map(|entry| law::engine::Entry {
            field: entry.field,
            required: entry.required,
        });
        let start = Choice {
            step,
            item: None,
            verdict: Verdict::Open,
            form: form.collect(),
        };
        for _ in 0..8 {
            let act = filled(self.procedure, &start, at, &mut dice);
            if self.attempt(act).is_ok() {
                break;
            }
        }
        if self.history.facts.is_empty() {
            return;
        }
        for _ in 0..14 {
            let wait = match dice.below(10) {
                0..=5 => dice.days(0, 2),
                6..=8 => dice.days(3, 15),
                _ => dice.days(16, 100),
            };
            at = at + wait + jiff::Span::new().minutes(i64::try_from(dice.below(90)).unwrap_or(0));
            let choices = options(self.procedure, self.calendar, &self.history, &Town, at);
            let open = |c: &&Choice| matches!(c.verdict, Verdict::Open);
            let likely: Vec<&Choice> = choices.iter().filter(open).collect();
            let choice = if likely.is_empty() || dice.percent(12) {
                choices.get(dice.below(choices.len()))
            } else {
                likely.get(dice.below(likely.len())).copied()
            };
            let Some(choice) = choice else { break };
            for _ in 0..3 {
                let act = filled(self.procedure, choice, at, &mut dice);
                match self.attempt(act) {
                    Ok(()) => break,
                    Err(Some(day)) if dice.percent(50) => at = at.max(day.at(9, 0, 0, 0)),
                    Err(_) => {}
                }
            }
            self.compare_standing(at);
        }
        self.compare_stocks(&mut dice);
    }

    /// The stays say of every day what a fold to that day says.
    fn compare_stocks(&mut self, dice: &mut Dice) {
        let account = account(self.procedure, self.calendar, &self.history, &Town, 0);
        let mut days: BTreeSet<Date> = BTreeSet::new();
        for run in &account.status.clocks {
            days.extend(run.due.map(|due| due.lo));
            days.extend(run.due.and_then(|due| due.hi));
        }
        days.extend(self.history.facts.iter().map(|fact| fact.at.date()));
        let around = [-1, 1].map(|n| jiff::Span::new().days(n));
        let beside: Vec<Date> = days
            .iter()
            .flat_map(|day| around.map(|n| *day + n))
            .collect();
        days.extend(beside);
        let first = self.history.facts[0].at.date();
        days.extend((0..12).map(|_| first + dice.days(0, 900)));
        for day in days.into_iter().filter(|day| first <= *day) {
            let facts = self.history.facts.iter();
            let history = History {
                facts: facts.filter(|f| f.at.date() <= day).cloned().collect(),
            };
            let at = day.at(23, 59, 59, 0);
            let folded = stock(self.procedure, self.calendar, &history, &Town, at);
            let mut stayed: BTreeMap<IndicatorId, u32> = BTreeMap::new();
            for stay in &account.stays {
                if stay.from <= day && stay.until.is_none_or(|until| day < until) {
                    *stayed.entry(stay.indicator).or_default() += 1;
                }
            }
            if folded != stayed.into_iter().collect::<Vec<_>>() {
                self.differ(&format!("{day} 的存量不同"));
            }
        }
    }
}

#[test]
fn the_engine_agrees_with_a_literal_reading_on_random_histories() {
    let files = texts("calendars");
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    let calendar = Calendar::from_files(&files).expect("calendar files are sound");
    let (mut permitted, mut refused, mut waived) = (0, 0, 0);
    let mut differences = Vec::new();
    for (name, text) in texts("procedures") {
        let procedure = law::parse::read(&text).0.expect("law files are sound");
        for seed in 0..40 {
            let mut walk = Walk {
                procedure: &procedure,
                calendar: &calendar,
                asked: questions(&procedure),
                history: History::default(),
                permitted: 0,
                refused: 0,
                waived: 0,
                differences: Vec::new(),
            };
            walk.go(seed);
            permitted += walk.permitted;
            refused += walk.refused;
            waived += walk.waived;
            let told = walk.differences.into_iter();
            differences.extend(told.map(|d| format!("{name} 第 {seed} 次 {d}")));
        }
    }
    let n = differences.len();
    differences.truncate(12);
    assert!(differences.is_empty(), "{n}\n{}", differences.join("\n"));
    assert!(
        permitted > 500,
        "only {permitted} acts were permitted, {refused} refused"
    );
    assert!(refused > 200, "only {refused} acts were refused");
    assert!(waived > 0, "no requirement was waived");
}
