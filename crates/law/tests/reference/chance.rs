//! Chance (机会): the same random persons, forms and days on every machine, for tests that try many histories.

use jiff::civil::{Date, DateTime};
use law::engine::{Act, Choice, Register, Waiver};
use law::identifiers::Identifier;
use law::procedure::{FieldId, FieldKind, Procedure, Qualification, RoleId, Span, StepId};
use law::value::{Ratio, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// Everybody holds what is asked, except one person; nothing was counted before.
pub struct Town;

impl Register for Town {
    fn qualified(&self, person: &str, _: &Qualification, _: Date) -> bool {
        person != "无证"
    }

    fn indicator(&self, _: &str, _: &[(FieldId, &Value)], _: Span, _: Date) -> Option<Ratio> {
        Some(Ratio::ZERO)
    }
}

/// Splitmix64: the same histories on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(n.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn days(&mut self, from: i64, to: i64) -> jiff::Span {
        let width = usize::try_from(to - from + 1).unwrap_or(1);
        let step = i64::try_from(self.below(width)).unwrap_or(0);
        jiff::Span::new().days(from + step)
    }
}

pub fn texts(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../law")
        .join(folder);
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the law pack stands beside the crates")
        .flatten()
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("law files are UTF-8");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    found.sort();
    found
}

pub fn value(procedure: &Procedure, kind: &FieldKind, at: DateTime, dice: &mut Dice) -> Value {
    let pick = |all: &[String], dice: &mut Dice| all[dice.below(all.len())].clone();
    match kind {
        FieldKind::Text | FieldKind::Organ | FieldKind::Place | FieldKind::Article => {
            Value::Text("某".into())
        }
        FieldKind::Code(kind) => Value::Text(
            match kind {
                Identifier::SocialCredit => "91110000802100433B",
                Identifier::Organisation => "008623456",
                Identifier::ResidentId => "510921199001010019",
                Identifier::Division => "510921105000",
            }
            .into(),
        ),
        FieldKind::Number => {
            Value::Number(["0", "1", "2", "3", "5", "10", "15", "30"][dice.below(8)].into())
        }
        FieldKind::Money => Value::Fen([0, 5_000, 100_000, 300_000, 10_000_000][dice.below(5)]),
        FieldKind::Date if dice.percent(70) => Value::Date(at.date() + dice.days(0, 40)),
        FieldKind::Date => Value::Date(at.date() + dice.days(-40, 0)),
        FieldKind::Instant => Value::Instant(at + dice.days(-3, 10)),
        FieldKind::YesNo => Value::YesNo(dice.percent(70)),
        FieldKind::Choice(all) => Value::Text(pick(all, dice)),
        FieldKind::Choices(all) => {
            let first = pick(all, dice);
            let rest = all
                .iter()
                .filter(|other| **other != first && dice.percent(25));
            Value::Choices(
                std::iter::once(first.clone())
                    .chain(rest.cloned())
                    .collect(),
            )
        }
        FieldKind::Party => Value::Party {
            id: "p".into(),
            class: ["公民", "企业"][dice.below(2)].into(),
        },
        FieldKind::People => {
            let people = ["甲", "乙", "丙", "丁", "戊"];
            Value::People(
                people
                    .iter()
                    .take(1 + dice.below(5))
                    .map(|p| (*p).into())
                    .collect(),
            )
        }
        FieldKind::File => Value::Files(vec!["00".into()]),
        FieldKind::ListingEntry(_) => Value::Entry {
            key: "k".into(),
            listed_in: procedure
                .listings
                .iter()
                .filter(|_| dice.percent(85))
                .map(|l| l.name.clone())
                .collect(),
            columns: procedure
                .listings
                .iter()
                .flat_map(|l| &l.columns)
                .map(|column| (column.clone(), ["1", "3000", "是"][dice.below(3)].into()))
                .collect(),
        },
        FieldKind::Case(_) => Value::Cases(vec!["c".into()]),
    }
}

pub fn actors(procedure: &Procedure, step: StepId, dice: &mut Dice) -> Vec<(RoleId, Vec<String>)> {
    let wanted = &procedure.steps[step.at()].actors;
    let alone = wanted.any.then(|| dice.below(wanted.roles.len()));
    let mut found = Vec::new();
    for (i, (role, least)) in wanted.roles.iter().enumerate() {
        if alone.is_some_and(|only| only != i) {
            continue;
        }
        let name = &procedure.roles[role.at()].name;
        let mut people: Vec<String> = (0..*least)
            .map(|n| match dice.below(40) {
                0 => "无证".into(),
                1 => "甲".into(),
                2 => "乙".into(),
                _ => format!("{name}{n}"),
            })
            .collect();
        if dice.percent(2) {
            people.pop();
        }
        found.push((*role, people));
    }
    found
}

pub fn filled(procedure: &Procedure, choice: &Choice, at: DateTime, dice: &mut Dice) -> Act {
    let mut values = BTreeMap::new();
    for entry in &choice.form {
        let chance = if entry.required { 98 } else { 40 };
        if dice.percent(chance) {
            let kind = &procedure.fields[entry.field.at()].kind;
            values.insert(entry.field, value(procedure, kind, at, dice));
        }
    }
    if dice.percent(2) && !procedure.fields.is_empty() {
        let at_field = dice.below(procedure.fields.len());
        let kind = &procedure.fields[at_field].kind;
        let id = FieldId(u16::try_from(at_field).expect("a file has few fields"));
        values.insert(id, value(procedure, kind, at, dice));
    }
    let waivable = procedure.steps[choice.step.at()].requires.iter();
    let mut waivers = Vec::new();
    for line in waivable.filter(|line| line.waivable_by.is_some()) {
        while dice.percent(35) {
            waivers.push(Waiver {
                line_no: line.line_no,
                person: ["甲", "无证"][dice.below(2)].into(),
                reason: ["因故", " "][dice.below(2)].into(),
            });
        }
    }
    Act {
        step: choice.step,
        at,
        recorded: at,
        item: choice
            .item
            .map(|no| if dice.percent(2) { no + 7 } else { no }),
        actors: actors(procedure, choice.step, dice),
        values,
        waivers,
    }
}

pub fn id(i: usize) -> u16 {
    u16::try_from(i).expect("a file has few of anything")
}
