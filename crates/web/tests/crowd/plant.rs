//! Cases to look for: one of every procedure, and one in every compartment, each with words that stand nowhere else.

use super::{Crowd, ctx_of};
use law::procedure::{FieldKind, Side};
use office::cases;
use office::ctx::Ctx;
use office::inputs::{Draft, Input};
use office::pack::LawFile;
use std::collections::BTreeMap;
use store::{params, sql};
use testkit::{NEIGHBOUR, ORG, Town};

/// A planted case.
#[derive(Debug, Clone)]
pub struct Planted {
    /// One word, as tables name it.
    pub name: &'static str,
    pub case: String,
    pub seq: i64,
}

fn draft(step: &str, persons: &[(&str, &str)], values: &[(&str, &str)]) -> Draft {
    Draft {
        step: step.into(),
        persons: persons
            .iter()
            .map(|(role, person)| ((*role).to_owned(), vec![(*person).to_owned()]))
            .collect(),
        values: values
            .iter()
            .map(|(field, text)| ((*field).to_owned(), Input::from(*text)))
            .collect(),
        ..Draft::default()
    }
}

fn open(town: &Town, ctx: &Ctx, procedure: &str, draft: &Draft) -> cases::Done {
    cases::open(&town.office, ctx, procedure, draft).expect("lawful")
}

/// Words planted in each compartment. The first half is what one may search for, the second what must not come back.
pub const CLOSED: (&str, &str) = ("鹤鸣", "青石");
/// In a closed case that the reader 办 is assigned to.
pub const GIVEN: (&str, &str) = ("鹭飞", "黄泥");
/// In 限办 fields and files of a case that everybody sees.
pub const RESTRICTED: (&str, &str) = ("雁过", "白沙");
/// In a case that accuses the leader 被.
pub const ACCUSING: (&str, &str) = ("莺啼", "红土");
/// In the other township: cases, people, listings.
pub const FOREIGN: (&str, &str) = ("燕归", "乌木");

/// Both halves.
pub fn word(of: (&str, &str)) -> String {
    format!("{}{}", of.0, of.1)
}

fn confirmation(person: &str, text: &str) -> Draft {
    let values = [
        ("确认事项", "生育登记"),
        ("申请人信息", text),
        ("申请内容", text),
    ];
    draft("登记申请", &[("窗口人员", person)], &values)
}

fn petition(text: &str, more: &[(&str, &str)]) -> Draft {
    let mut values = vec![
        ("渠道", "来信"),
        ("来源", "上级交办"),
        ("信访人信息", text),
        ("信访人数", "1"),
        ("信访内容", text),
        ("领域", "村务"),
    ];
    values.extend(more);
    draft("登记信访", &[("信访专员", "a")], &values)
}

fn tour_item(text: &str) -> Draft {
    let values = [
        ("移交单位", text),
        ("移交函号", text),
        ("移交内容", text),
        ("整改期限", "2024-07-31"),
        ("期限来源", text),
    ];
    draft("签收移交", &[("党政办", "a")], &values)
}

/// Cases by relation: 开 anybody's, 己 the reader 办 works on it, 闭 closed, 承 closed and 办 is assigned to it, 被 closed and
/// accusing the reader 被, 外 the other township's.
pub fn plant(crowd: &Crowd) -> Vec<Planted> {
    let town = crowd.town;
    let here = ctx_of(town, ORG);
    let there = ctx_of(town, NEIGHBOUR);
    let step = |case: &str, draft: &Draft| {
        cases::take_step(&town.office, &here, case, draft).expect("lawful");
    };
    let restricted = word(RESTRICTED);
    let mut planted = Vec::new();
    let mut keep = |name: &'static str, done: cases::Done| {
        planted.push(Planted {
            name,
            case: done.case.clone(),
            seq: done.seq,
        });
        done.case
    };
    keep(
        "开",
        open(town, &here, "confirmation", &confirmation("a", &restricted)),
    );
    keep(
        "己",
        open(town, &here, "confirmation", &confirmation("jing", "己")),
    );
    let closed = keep(
        "闭",
        open(town, &here, "petition", &petition(&word(CLOSED), &[])),
    );
    // A text that lists and search would show, were the case not closed.
    let object = draft(
        "提出异议",
        &[("信访专员", "a")],
        &[("异议理由", &word(CLOSED))],
    );
    step(&closed, &object);
    let given = keep(
        "承",
        open(town, &here, "inspection_item", &tour_item(&word(GIVEN))),
    );
    step(
        &given,
        &draft("分类", &[("党政办", "a")], &[("类型", "立行立改")]),
    );
    step(
        &given,
        &draft(
            "制定措施",
            &[("牵头领导", "b")],
            &[("整改措施", "措施"), ("经办人员", "jing")],
        ),
    );
    let accusing = keep(
        "被",
        open(
            town,
            &here,
            "petition",
            &petition(&word(ACCUSING), &[("被检举人", "bei")]),
        ),
    );
    step(
        &accusing,
        &draft(
            "提出异议",
            &[("信访专员", "a")],
            &[("异议理由", &word(ACCUSING))],
        ),
    );
    // The accused could follow a link from what he sees to what he does not.
    let linked = petition("连", &[("同一事项", accusing.as_str())]);
    open(town, &here, "petition", &linked);
    let foreign = word(FOREIGN);
    keep(
        "外",
        open(town, &there, "inspection_item", &tour_item(&foreign)),
    );
    open(
        town,
        &there,
        "confirmation",
        &confirmation("fremd", &foreign),
    );
    super::hire(town, &there, "noch", &foreign);
    planted
}

/// A file in a 限办 field of an open case: case and hash.
pub fn plant_file(crowd: &Crowd) -> (String, String) {
    let town = crowd.town;
    let here = ctx_of(town, ORG);
    let name = format!("{}.txt", word(RESTRICTED));
    let file = office::evidence::keep(&town.office, &name, word(RESTRICTED).as_bytes())
        .expect("a file that is taken");
    let hash = file.hash.clone();
    let law = town.office.pack.file("license").expect("there").clone();
    let mut licence = by_law(town, &here, &law, "许可");
    licence
        .values
        .insert("materials".into(), Input::Files(vec![file]));
    let done = open(town, &here, "license", &licence);
    (done.case, hash)
}

/// A first step of any procedure, filled in by the kinds of its fields.
pub fn by_law(town: &Town, ctx: &Ctx, law: &LawFile, text: &str) -> Draft {
    let procedure = &law.procedure;
    let step = &procedure.steps[procedure.starts_with.at()];
    let mut persons = BTreeMap::new();
    for (role, least) in &step.actors.roles {
        let role = &procedure.roles[role.at()];
        if role.side == Side::Own {
            let ids = ["a", "b", "c", "d", "e"];
            let wanted = usize::from(*least).max(1);
            persons.insert(
                role.code.clone(),
                ids[..wanted].iter().map(|id| (*id).to_owned()).collect(),
            );
        }
    }
    let mut values = BTreeMap::new();
    for form in step.form.iter().filter(|form| form.required) {
        let field = &procedure.fields[form.field.at()];
        let input = match &field.kind {
            FieldKind::Text | FieldKind::Organ | FieldKind::Place | FieldKind::Party => {
                text.to_owned()
            }
            FieldKind::Article => "行政处罚法 第1条".into(),
            FieldKind::Number | FieldKind::Money => "1".into(),
            FieldKind::Date => "2024-06-30".into(),
            FieldKind::Instant => "2024-06-01 08:30".into(),
            FieldKind::YesNo => "是".into(),
            FieldKind::Choice(all) | FieldKind::Choices(all) => all[0].clone(),
            FieldKind::People => "a".into(),
            FieldKind::ListingEntry(id) => {
                let name = &procedure.listings[id.at()].name;
                let day = ctx.today();
                town.office
                    .read(|tx| office::listings::on_day(tx, &ctx.org, name, day))
                    .expect("readable")
                    .remove(0)
                    .key
            }
            FieldKind::Code(_) => continue,
            FieldKind::Case(procedures) => {
                let opened = procedures.iter().find_map(|code| {
                    let found: Option<String> = town
                        .office
                        .read(|tx| {
                            Ok(tx.query_opt(
                                sql!("SELECT id FROM cases WHERE org = $1 AND procedure_code = $2 ORDER BY id LIMIT 1"),
                                params![ctx.org, code],
                                |row| row.get(0),
                            )?)
                        })
                        .expect("readable");
                    found
                });
                opened.expect("a case to name was opened before")
            }
            FieldKind::File => {
                let file = office::evidence::keep(&town.office, "附件.txt", text.as_bytes())
                    .expect("a file that is taken");
                values.insert(field.code.clone(), Input::Files(vec![file]));
                continue;
            }
        };
        values.insert(field.code.clone(), Input::Text(input));
    }
    Draft {
        step: step.code.clone(),
        persons,
        values,
        ..Draft::default()
    }
}
