//! Importing registers kept in spreadsheets (导入台账): each row becomes a case through the engine, marked 补录.
//!
//! All rows or none; the same row twice is one case.

use crate::cases::open_in;
use crate::ctx::{Ctx, hex};
use crate::error::{Error, Result, fault};
use crate::inputs::{Draft, Input};
use crate::office::Office;
use document::table::{self, Table};
use law::procedure::FieldKind;
use ledger::Recorded;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A kind of register that can be imported.
pub struct Kind {
    /// As the command names it.
    pub name: &'static str,
    /// Code of the procedure.
    pub procedure: &'static str,
    /// Role of whoever registers, if the first step needs one.
    pub role: Option<&'static str>,
    /// Headers that townships use, and the field they mean; `时间` is the day of the first step.
    synonyms: &'static [(&'static str, &'static str)],
    /// Fields that registers usually lack.
    defaults: &'static [(&'static str, &'static str)],
}

/// The kinds.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "hotline-ticket",
        procedure: "hotline_ticket",
        role: None,
        synonyms: &[
            ("派单时间", "时间"),
            ("工单编号", "热线工单号"),
            ("工单号", "热线工单号"),
            ("派单日期", "时间"),
            ("来电人", "诉求人"),
            ("联系人", "诉求人"),
            ("主要诉求", "诉求内容"),
            ("内容", "诉求内容"),
            ("所属村", "地点"),
            ("村（社区）", "地点"),
        ],
        defaults: &[
            ("紧急程度", "一般"),
            ("延期上限", "5"),
            ("来电时间", "=时间"),
            ("时限档", "=工单类型"),
        ],
    },
    Kind {
        name: "dispute",
        procedure: "dispute",
        role: Some("登记人"),
        synonyms: &[
            ("登记时间", "时间"),
            ("排查时间", "时间"),
            ("受理时间", "时间"),
            ("纠纷类型", "纠纷种类"),
            ("所属村", "地点"),
            ("村（社区）", "地点"),
            ("申请人", "当事人甲"),
            ("被申请人", "当事人乙"),
            ("纠纷简述", "争议事项"),
            ("主要内容", "争议事项"),
        ],
        defaults: &[("来源", "排查发现"), ("层级", "村级"), ("激化风险", "低")],
    },
    Kind {
        name: "inspection",
        procedure: "inspection",
        role: Some("执法人员"),
        synonyms: &[
            ("检查时间", "时间"),
            ("检查日期", "时间"),
            ("被检查对象", "检查对象"),
            ("单位名称", "检查对象"),
        ],
        defaults: &[
            ("检查类型", "日常"),
            ("启动缘由", "年度计划"),
            ("协助人数", "0"),
            ("频次档", "一般企业"),
        ],
    },
];

/// What an import did, or would do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that became cases.
    pub opened: usize,
    /// Rows that were there already.
    pub known: usize,
}

/// The columns of a kind's template: name and help.
pub fn columns(ctx: &Ctx, kind: &Kind) -> Result<Vec<(String, String)>> {
    let law = ctx
        .pack
        .file(kind.procedure)
        .ok_or_else(|| fault("an import kind without its procedure"))?;
    let procedure = &law.procedure;
    let mut columns = vec![(
        "时间".to_owned(),
        "第一步的日期，例如 2023-05-06 或者 2023年5月6日".to_owned(),
    )];
    for entry in &procedure.steps[procedure.starts_with.at()].form {
        let field = &procedure.fields[entry.field.at()];
        let default = kind
            .defaults
            .iter()
            .find(|(name, _)| *name == field.name)
            .map(|(_, value)| *value);
        let mut help = match &field.kind {
            FieldKind::Choice(all) | FieldKind::Choices(all) => format!("可填：{}", all.join("、")),
            _ => field.note.clone(),
        };
        if let Some(default) = default {
            help.push_str(&format!("　不填按“{}”", default.trim_start_matches('=')));
        } else if entry.required {
            help.push_str("　必填");
        }
        columns.push((field.name.clone(), help));
    }
    Ok(columns)
}

/// A file as it was handed in.
pub struct Sheet<'a> {
    /// Its name; the ending says what it is.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Headers and the fields they mean, beyond those known.
    pub map: BTreeMap<String, String>,
}

/// Imports a file; with `dry_run` everything is tried and nothing kept.
pub fn run(
    office: &Office,
    ctx: &Ctx,
    kind: &Kind,
    sheet: &Sheet,
    by: Option<&str>,
    dry_run: bool,
) -> Result<Imported> {
    let wanted: Vec<String> = columns(ctx, kind)?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let meaning = |header: &str| -> Option<String> {
        let header = header.trim();
        sheet
            .map
            .get(header)
            .cloned()
            .or_else(|| wanted.iter().find(|w| *w == header).cloned())
            .or_else(|| {
                kind.synonyms
                    .iter()
                    .find(|(word, _)| *word == header)
                    .map(|(_, field)| (*field).to_owned())
            })
    };
    let table = table::read(sheet.name, sheet.bytes, &|header| meaning(header).is_some())
        .map_err(|why| Error::Form(vec![(sheet.name.to_owned(), why)]))?;
    let fields: Vec<Option<String>> = table.headers.iter().map(|h| meaning(h)).collect();
    let drafts = drafts(ctx, kind, &table, &fields, by)?;
    let mut done = Imported::default();
    let outcome = office.act(|tx| {
        let mut faults = Vec::new();
        let mut recorded: Option<Recorded<()>> = None;
        for (row, key, draft) in &drafts {
            let ctx = Ctx {
                request: Some(format!("import-{}", &key[..40])),
                ..ctx.clone()
            };
            match open_in(tx, &ctx, kind.procedure, draft) {
                Ok(one) => {
                    if let Err(refusal) = one.get() {
                        faults.push((
                            format!("第 {row} 行"),
                            Error::Refused(refusal.clone()).to_string(),
                        ));
                    } else {
                        done.opened += 1;
                    }
                    let one = one.map(|_| ());
                    recorded = Some(match recorded.take() {
                        None => one,
                        Some(earlier) => Recorded::and(earlier, one).map(|_| ()),
                    });
                }
                Err(Error::Repeated(_)) => done.known += 1,
                Err(Error::Form(found)) => faults.extend(found.into_iter().map(|(field, why)| {
                    let column = fields
                        .iter()
                        .position(|f| f.as_deref() == Some(field.as_str()));
                    let place =
                        column.map_or(format!("第 {row} 行"), |c| table::address(c, *row));
                    (format!("{place} {field}"), why)
                })),
                Err(e) => return Err(e),
            }
            if faults.len() >= 50 {
                break;
            }
        }
        if !faults.is_empty() {
            return Err(Error::Form(faults));
        }
        if dry_run {
            return Err(Error::Undone);
        }
        recorded.ok_or(Error::Undone)
    });
    match outcome {
        Ok(()) | Err(Error::Undone) => Ok(done),
        Err(e) => Err(e),
    }
}

/// Row number, key of the row's content, and its draft; all unreadable cells at once.
fn drafts(
    ctx: &Ctx,
    kind: &Kind,
    table: &Table,
    fields: &[Option<String>],
    by: Option<&str>,
) -> Result<Vec<(usize, String, Draft)>> {
    let law = ctx
        .pack
        .file(kind.procedure)
        .ok_or_else(|| fault("an import kind without its procedure"))?;
    let first = &law.procedure.steps[law.procedure.starts_with.at()];
    let mut faults = Vec::new();
    let mut found = Vec::new();
    for (row, cells) in &table.rows {
        let mut typed: BTreeMap<String, String> = BTreeMap::new();
        for (column, cell) in cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
        {
            let Some(Some(field)) = fields.get(column) else {
                continue;
            };
            let dated = law.field(field).is_some_and(|f| {
                matches!(
                    law.procedure.fields[f.at()].kind,
                    FieldKind::Date | FieldKind::Instant
                )
            });
            let text = if field == "时间" || dated {
                match table::date(cell) {
                    Some(text) => text,
                    None => {
                        faults.push((
                            table::address(column, *row),
                            format!("“{cell}”不是完整的日期"),
                        ));
                        continue;
                    }
                }
            } else {
                cell.clone()
            };
            typed.insert(field.clone(), text);
        }
        for (field, value) in kind.defaults {
            let value = match value.strip_prefix('=') {
                Some(other) => typed.get(other).cloned(),
                None => Some((*value).to_owned()),
            };
            if let Some(value) = value {
                typed.entry((*field).to_owned()).or_insert(value);
            }
        }
        let Some(at) = typed.remove("时间").and_then(|at| instant(&at)) else {
            faults.push((format!("第 {row} 行"), "没有写时间，或者没有这一天".into()));
            continue;
        };
        let canonical =
            serde_json::to_string(&(kind.name, at.to_string(), &typed)).map_err(fault)?;
        let key = hex(&Sha256::digest(canonical.as_bytes()));
        let values = typed
            .into_iter()
            .map(|(field, text)| {
                let of = law
                    .field(&field)
                    .map(|f| &law.procedure.fields[f.at()].kind);
                let long = matches!(of, Some(FieldKind::Instant)) && text.len() == 10;
                (
                    field,
                    Input::Text(if long { format!("{text} 00:00") } else { text }),
                )
            })
            .collect();
        let mut persons = BTreeMap::new();
        if let (Some(role), Some(by)) = (kind.role, by) {
            persons.insert(role.to_owned(), vec![by.to_owned()]);
        }
        let draft = Draft {
            step: first.code.clone(),
            values,
            persons,
            at: Some(at),
            imported: true,
            ..Draft::default()
        };
        found.push((*row, key, draft));
    }
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(Error::Form(faults))
    }
}

fn instant(text: &str) -> Option<jiff::civil::DateTime> {
    let long = if text.len() == 10 {
        format!("{text}T00:00")
    } else {
        text.replace(' ', "T")
    };
    long.parse().ok()
}
