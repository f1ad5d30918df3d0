//! What the prover calls proved, no random history breaks: of random properties over every law file, and over files from
//! which a random rule was taken.

#[path = "reference/chance.rs"]
mod chance;

use chance::{Dice, Town, filled, id, texts};
use jiff::civil::{DateTime, date};
use law::calendar::Calendar;
use law::engine::{Choice, Entry, History, Verdict, options, permit};
use law::procedure::{
    ClockId, ClockTest, Condition, FieldId, FieldKind, FieldRef, ItemId, Procedure, Property,
    PropertyKind, StageId, StepId,
};
use law::proof;

/// Properties tried of each file.
const PROPERTIES: usize = 40;
/// Files damaged in another way, and the sound one.
const DAMAGES: u64 = 3;
/// Histories of each of them.
const HISTORIES: u64 = 8;

/// Takes one rule away, or opens a step somewhere else.
fn damage(procedure: &mut Procedure, dice: &mut Dice) {
    let at = dice.below(procedure.steps.len());
    let kind = dice.below(5);
    let lines = &procedure.lines;
    let stages = &procedure.stages;
    let step = &mut procedure.steps[at];
    match kind {
        0 => step.from.clear(),
        1 if !step.from.is_empty() => {
            let line = stages[step.from[0].at()].line;
            let all = &lines[line.at()].stages;
            step.from.push(all[dice.below(all.len())]);
        }
        2 if !step.annuls.is_empty() => {
            step.annuls.remove(dice.below(step.annuls.len()));
        }
        3 if !step.to.is_empty() => {
            let way = dice.below(step.to.len());
            step.to[way].guard.when = None;
        }
        _ if !step.requires.is_empty() => {
            step.requires.remove(dice.below(step.requires.len()));
        }
        _ => {}
    }
}

fn any_of<T: Copy>(all: &[T], dice: &mut Dice) -> Option<T> {
    all.get(dice.below(all.len())).copied()
}

/// Something to ask in the case, or inside an item.
fn atom(procedure: &Procedure, place: Option<ItemId>, dice: &mut Dice) -> Option<Condition> {
    let kind = dice.below(if place.is_none() { 9 } else { 6 });
    let here = |item: Option<ItemId>| item == place || (place.is_some() && item.is_none());
    let found = match kind {
        0 | 1 => {
            let all: Vec<StageId> = (0..procedure.stages.len())
                .filter(|at| here(procedure.lines[procedure.stages[*at].line.at()].item))
                .map(|at| StageId(id(at)))
                .collect();
            let stage = any_of(&all, dice)?;
            let other = any_of(&all, dice)?;
            let line = |stage: StageId| procedure.stages[stage.at()].line;
            let mut stages = vec![stage];
            if line(stage) == line(other) {
                stages.push(other);
            }
            Condition::At(stages)
        }
        2 | 3 => Condition::Done(
            StepId(id(dice.below(procedure.steps.len()))),
            dice.percent(50),
        ),
        4 => {
            let all: Vec<ClockId> = (0..procedure.clocks.len())
                .filter(|at| here(procedure.clocks[*at].item))
                .map(|at| ClockId(id(at)))
                .collect();
            let tests = [
                ClockTest::NotStarted,
                ClockTest::Running,
                ClockTest::Expired,
                ClockTest::Met,
            ];
            Condition::Clock(any_of(&all, dice)?, tests[dice.below(4)])
        }
        5 => {
            let at = dice.below(procedure.fields.len());
            let field = FieldId(id(at));
            let reference = FieldRef {
                field,
                column: None,
            };
            match &procedure.fields[at].kind {
                FieldKind::Choice(all) => {
                    Condition::Is(reference, vec![all[dice.below(all.len())].clone()])
                }
                FieldKind::YesNo => {
                    Condition::Is(reference, vec![["是", "否"][dice.below(2)].into()])
                }
                FieldKind::Choices(all) => {
                    Condition::Contains(field, vec![all[dice.below(all.len())].clone()])
                }
                _ => Condition::Present(reference, dice.percent(50)),
            }
        }
        _ => {
            if procedure.items.is_empty() {
                return None;
            }
            let kind = ItemId(id(dice.below(procedure.items.len())));
            let inner = Condition::And(vec![
                atom(procedure, Some(kind), dice)?,
                atom(procedure, Some(kind), dice)?,
            ]);
            if dice.percent(70) {
                Condition::Some(kind, Box::new(inner))
            } else {
                Condition::Each(kind, Box::new(inner))
            }
        }
    };
    Some(if dice.percent(25) {
        Condition::Not(Box::new(found))
    } else {
        found
    })
}

/// 禁止 of two or three things at once, or what the file itself forbids.
fn properties(procedure: &Procedure, dice: &mut Dice) -> Vec<Property> {
    let mut found: Vec<Property> = procedure
        .properties
        .iter()
        .filter(|property| property.kind == PropertyKind::Never)
        .cloned()
        .collect();
    for _ in 0..PROPERTIES {
        let n = 2 + dice.below(2);
        let parts: Option<Vec<Condition>> = (0..n).map(|_| atom(procedure, None, dice)).collect();
        let Some(parts) = parts else { continue };
        found.push(Property {
            kind: PropertyKind::Never,
            source: format!("{parts:?}"),
            condition: Condition::And(parts),
            basis: None,
            line_no: 0,
        });
    }
    found
}

/// A random history, and every moment of it.
fn history(
    procedure: &Procedure,
    calendar: &Calendar,
    dice: &mut Dice,
    seen: &mut dyn FnMut(&History, DateTime),
) {
    let mut history = History::default();
    let first = date(2023, 1, 1) + dice.days(0, 1400);
    let mut at = first.max(procedure.in_force_from).at(9, 0, 0, 0);
    let step = procedure.starts_with;
    let form = procedure.steps[step.at()].form.iter();
    let form = form.map(|entry| Entry {
        field: entry.field,
        required: entry.required,
    });
    let start = Choice {
        step,
        item: None,
        verdict: Verdict::Open,
        form: form.collect(),
    };
    let mut attempt = |history: &mut History, choice: &Choice, at: DateTime, dice: &mut Dice| {
        let act = filled(procedure, choice, at, dice);
        match permit(procedure, calendar, history, &Town, act) {
            Ok(permit) => {
                history.facts.extend(permit.deemed().iter().cloned());
                history.facts.push(permit.fact().clone());
                seen(history, at);
                Ok(())
            }
            Err(refusal) => Err(refusal.earliest),
        }
    };
    for _ in 0..8 {
        if attempt(&mut history, &start, at, dice).is_ok() {
            break;
        }
    }
    for _ in 0..20 {
        if history.facts.is_empty() {
            return;
        }
        let wait = match dice.below(10) {
            0..=5 => dice.days(0, 2),
            6..=8 => dice.days(3, 15),
            _ => dice.days(16, 100),
        };
        at += wait;
        let choices = options(procedure, calendar, &history, &Town, at);
        let open: Vec<&Choice> = choices
            .iter()
            .filter(|choice| matches!(choice.verdict, Verdict::Open))
            .collect();
        let Some(choice) = open.get(dice.below(open.len())) else {
            continue;
        };
        for _ in 0..3 {
            match attempt(&mut history, choice, at, dice) {
                Ok(()) => break,
                Err(Some(day)) => at = at.max(day.at(9, 0, 0, 0)),
                Err(None) => {}
            }
        }
    }
    let later = at + jiff::Span::new().days(200);
    seen(&history, later);
}

#[test]
fn no_random_history_breaks_what_is_proved() {
    let files = texts("calendars");
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    let calendar = Calendar::from_files(&files).expect("calendar files are sound");
    let (mut proved, mut moments) = (0, 0);
    // Properties that are not proved and that some history does break: were the prover to prove everything, the test would
    // tell nothing.
    let mut met = 0;
    let mut wrong = Vec::new();
    for (name, text) in texts("procedures") {
        let sound = law::parse::read(&text).0.expect("law files are sound");
        for seed in 0..DAMAGES {
            let mut dice = Dice(seed);
            let mut procedure = sound.clone();
            procedure.examples.clear();
            if seed > 0 {
                damage(&mut procedure, &mut dice);
            }
            procedure.properties = properties(&procedure, &mut dice);
            let report = proof::prove(&procedure, &calendar);
            let held: Vec<bool> = report
                .properties
                .iter()
                .map(|p| p.verdict == proof::Verdict::Proved)
                .collect();
            proved += held.iter().filter(|held| **held).count();
            let conditions: Vec<&Condition> =
                procedure.properties.iter().map(|p| &p.condition).collect();
            for run in 0..HISTORIES {
                let mut dice = Dice(seed * 1000 + run);
                history(&procedure, &calendar, &mut dice, &mut |history, at| {
                    moments += 1;
                    let holds = law::example::held(&procedure, &calendar, history, &conditions, at);
                    for ((property, holds), proved) in
                        procedure.properties.iter().zip(holds).zip(&held)
                    {
                        met += usize::from(holds && !proved);
                        if holds && *proved {
                            let story: Vec<String> = history
                                .facts
                                .iter()
                                .map(|fact| {
                                    let step = &procedure.steps[fact.step.at()].name;
                                    format!("{} {step} {:?}", fact.at, fact.item)
                                })
                                .collect();
                            wrong.push(format!(
                                "{name} 第 {seed} 种 {}；{at}；{}",
                                property.source,
                                story.join("，")
                            ));
                        }
                    }
                });
            }
        }
    }
    let n = wrong.len();
    wrong.truncate(8);
    assert!(wrong.is_empty(), "{n}\n{}", wrong.join("\n"));
    assert!(proved > 500, "only {proved} properties were proved");
    assert!(moments > 3_000, "only {moments} moments were seen");
    assert!(met > 500, "only {met} times something forbidden was met");
}
