//! From what was typed to values (填写): the form of a step, read by the kinds of its fields.

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::evidence::Upload;
use crate::pack::LawFile;
use crate::{listings, parties};
use law::engine::{Act, Waiver};
use law::procedure::{FieldId, FieldKind, RoleId, Side, StepId};
use law::value::Value;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Tx, params, sql};

/// One field as typed.
#[derive(Debug, Clone, Serialize)]
pub enum Input {
    /// Anything written as text; several choices or people are separated by 、.
    Text(String),
    /// Files that have been kept.
    Files(Vec<Upload>),
    /// A party to be registered, or found again.
    Party {
        /// 类别.
        class: String,
        /// 姓名或者名称.
        name: String,
        /// 联系方式.
        contact: String,
        /// 住址.
        address: String,
    },
    /// A party that is already registered.
    KnownParty(String),
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Input::Text(text.to_owned())
    }
}

/// What somebody submits: a step, who acts, what was filled in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Draft {
    /// Step code or Chinese name.
    pub step: String,
    /// Number of the item, for item steps.
    pub item: Option<u32>,
    /// Person ids by role code or name. A role of the own side that is missing is taken by the typist.
    pub persons: BTreeMap<String, Vec<String>>,
    /// By field code or name.
    pub values: BTreeMap<String, Input>,
    /// Requirements to be set aside: line of the 须, person, reason.
    pub waivers: Vec<(usize, String, String)>,
    /// Legal instant; now if absent.
    pub at: Option<jiff::civil::DateTime>,
    /// What the case that this step opens (派生) starts with.
    pub derived: Option<Box<Draft>>,
    /// Number of facts the page had seen; a case that has moved on is not touched.
    pub seen: Option<i64>,
    /// Typed in later from a register kept elsewhere (补录).
    pub imported: bool,
}

/// The act, with the files that it brings.
pub(crate) struct Reading {
    pub act: Act,
    pub uploads: Vec<Upload>,
}

/// Reads a draft by the law. All faults of the form at once.
pub(crate) fn read(tx: &mut Tx, ctx: &Ctx, law: &LawFile, draft: &Draft) -> Result<Reading> {
    let procedure = &law.procedure;
    let Some(step) = law.step(&draft.step) else {
        return Err(Error::Form(vec![(
            "步骤".into(),
            format!("“{}”里没有步骤“{}”", procedure.title, draft.step),
        )]));
    };
    let at = draft.at.unwrap_or(ctx.now);
    let mut faults = Vec::new();
    let mut values = BTreeMap::new();
    let mut uploads = Vec::new();
    for (name, input) in &draft.values {
        let Some(field) = law.field(name) else {
            faults.push((name.clone(), "没有这个字段".into()));
            continue;
        };
        match value(tx, ctx, law, field, input, at.date(), &mut uploads) {
            Ok(Some(value)) => {
                values.insert(field, value);
            }
            Ok(None) => {}
            Err(Error::Form(found)) => faults.extend(found),
            Err(e) => return Err(e),
        }
    }
    let mut actors = Vec::new();
    for (name, persons) in &draft.persons {
        match law.role(name) {
            Some(role) if !persons.is_empty() => actors.push((role, persons.clone())),
            Some(_) => {}
            None => faults.push((name.clone(), "没有这个角色".into())),
        }
    }
    fill_in_typist(law, step, ctx, &mut actors);
    actors.sort();
    if !faults.is_empty() {
        return Err(Error::Form(faults));
    }
    let waivers = draft
        .waivers
        .iter()
        .map(|(line_no, person, reason)| Waiver {
            line_no: *line_no,
            person: person.clone(),
            reason: reason.clone(),
        })
        .collect();
    let act = Act {
        step,
        at,
        recorded: ctx.now.max(at),
        item: draft.item,
        actors,
        values,
        waivers,
    };
    Ok(Reading { act, uploads })
}

/// A step with one role of the own side is done by whoever is signed in, unless the form names somebody.
fn fill_in_typist(law: &LawFile, step: StepId, ctx: &Ctx, actors: &mut Vec<(RoleId, Vec<String>)>) {
    let wanted = &law.procedure.steps[step.at()].actors;
    if let (Some(person), [(role, _)]) = (&ctx.person, wanted.roles.as_slice())
        && law.procedure.roles[role.at()].side == Side::Own
        && !actors.iter().any(|(r, _)| r == role)
    {
        actors.push((*role, vec![person.clone()]));
    }
}

fn value(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    field: FieldId,
    input: &Input,
    day: jiff::civil::Date,
    uploads: &mut Vec<Upload>,
) -> Result<Option<Value>> {
    let declared = &law.procedure.fields[field.at()];
    let wrong = |why: String| Error::Form(vec![(declared.name.clone(), why)]);
    let text = match input {
        Input::Text(text) if text.trim().is_empty() => return Ok(None),
        Input::Text(text) => text.trim(),
        Input::Files(files) => {
            if declared.kind != FieldKind::File {
                return Err(wrong("这里不收附件".into()));
            }
            uploads.extend(files.iter().cloned());
            let hashes: Vec<String> = files.iter().map(|f| f.hash.clone()).collect();
            return Ok((!hashes.is_empty()).then_some(Value::Files(hashes)));
        }
        Input::Party {
            class,
            name,
            contact,
            address,
        } => {
            if declared.kind != FieldKind::Party {
                return Err(wrong("这里不填当事人".into()));
            }
            if name.trim().is_empty() {
                return Ok(None);
            }
            let id =
                parties::register(tx, ctx, class, name.trim(), contact.trim(), address.trim())?;
            return Ok(Some(Value::Party {
                id,
                class: class.clone(),
            }));
        }
        Input::KnownParty(id) => {
            let party =
                parties::find(tx, &ctx.org, id)?.ok_or_else(|| wrong("没有这个当事人".into()))?;
            return Ok(Some(Value::Party {
                id: party.id,
                class: party.class,
            }));
        }
    };
    let value = match &declared.kind {
        FieldKind::Party => {
            let id = parties::register(tx, ctx, "公民", text, "", "")?;
            Value::Party {
                id,
                class: "公民".into(),
            }
        }
        FieldKind::People => {
            let ids = split(text);
            for id in &ids {
                if !crate::people::in_service(tx, &ctx.org, id, day)? {
                    return Err(wrong(format!("“{id}”不是本机关在岗人员")));
                }
            }
            Value::People(ids)
        }
        FieldKind::ListingEntry(listing) => {
            let name = &law.procedure.listings[listing.at()].name;
            listings::lookup(tx, &ctx.org, text, &law.procedure.listings, day)?
                .ok_or_else(|| wrong(format!("清单“{name}”当日没有已公布的“{text}”")))?
        }
        FieldKind::Case(_) => Value::Cases(
            split(text)
                .iter()
                .map(|word| {
                    case_named(tx, ctx, word)
                        .and_then(|id| id.ok_or_else(|| wrong(format!("没有案件“{word}”"))))
                })
                .collect::<Result<_>>()?,
        ),
        FieldKind::File => return Err(wrong("请选择文件".into())),
        kind => Value::parse(kind, text).map_err(wrong)?,
    };
    Ok(Some(value))
}

/// A case by id or number, if whoever fills in the form sees it.
fn case_named(tx: &mut Tx, ctx: &Ctx, word: &str) -> Result<Option<String>> {
    let sight = crate::access::Sight::of(tx, ctx)?;
    Ok(tx.query_opt(
        sql!(
            "SELECT id FROM cases
              WHERE org = $1 AND (id = $2 OR number = $2)
                AND ($3 <> '*' AND replace($3, '|' || procedure_code || '|', '') = $3
                     OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'works' AND w.who IN ($4, $5)))
                AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'accused' AND w.who IN ($4, $6))
              ORDER BY id LIMIT 1"
        ),
        params![ctx.org, word, sight.closed, sight.person, sight.account, sight.unit],
        |row| row.get(0),
    )?)
}

fn split(text: &str) -> Vec<String> {
    text.split('、')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect()
}
