//! Importing registers kept in spreadsheets (导入台账): each row becomes a case through the engine, marked 补录, and its
//! columns of later days become further steps of that case, each at its own day.
//!
//! All rows or none; the same row twice is one case. A row that has grown since continues its case.

use crate::ctx::Ctx;
use crate::error::{Error, Result, fault};
use crate::office::Office;
use crate::pack::LawFile;
use crate::people;
use document::table;
use law::procedure::{FieldKind, Side, StepId};
use ledger::Recorded;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Tx;

pub mod export;
mod kinds;
mod rows;
pub use kinds::{KINDS, Kind};
use rows::Rows;

/// What an import did, or would do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that became cases.
    pub opened: usize,
    /// Rows whose case was there already.
    pub known: usize,
    /// Later steps that were taken.
    pub steps: usize,
    /// Requirements set aside (免) because a register has no photographs.
    pub waived: usize,
    /// Numbers of rows that hold totals or signatures, not a case.
    pub skipped: Vec<usize>,
}

/// Who hands a register in, and how.
#[derive(Debug, Default, Clone, Copy)]
pub struct Handing<'a> {
    /// Whoever acts where the register names nobody: id or name.
    pub by: Option<&'a str>,
    /// Who sets aside what an old register cannot have, photographs: id or name. Must hold the post that the law file names, on
    /// the day of the step.
    pub waived_by: Option<&'a str>,
    /// Try everything, keep nothing.
    pub dry_run: bool,
}

/// Why a photograph is set aside.
const WAIVED: &str = "补录：原台账无照片";

/// The columns of a kind's template: name and help.
pub fn columns(ctx: &Ctx, kind: &Kind) -> Result<Vec<(String, String)>> {
    let law = law_of(ctx, kind)?;
    let mut columns = vec![(
        "时间".to_owned(),
        "第一步的日期，例如 2023-05-06 或者 2023年5月6日".to_owned(),
    )];
    let first = law.procedure.starts_with;
    form_columns(&law, first, kind.defaults, "", &mut columns);
    for later in kind.later {
        let step = step_of(&law, later.step)?;
        let name = &law.procedure.steps[step.at()].name;
        let mut help = format!("“{name}”的日期；没有办到这一步的不填");
        for other in later.days.iter().skip(1) {
            help.push_str(&format!("　不填按“{other}”"));
        }
        if law.field(later.days[0]).is_none() {
            add(&mut columns, later.days[0], help);
        }
        if let Some((column, words)) = later.result {
            add(&mut columns, column, format!("可填：{}", words.join("、")));
        }
        let lead = format!("“{name}”填写　");
        form_columns(&law, step, later.defaults, &lead, &mut columns);
    }
    Ok(columns)
}

/// Adds the form of a step, and a column for each role of the own side that acts in it.
fn form_columns(
    law: &LawFile,
    step: StepId,
    defaults: &[(&str, &str)],
    lead: &str,
    columns: &mut Vec<(String, String)>,
) {
    for entry in &law.procedure.steps[step.at()].form {
        let field = &law.procedure.fields[entry.field.at()];
        // A table holds no files.
        if field.kind == FieldKind::File {
            continue;
        }
        let mut help = lead.to_owned();
        match &field.kind {
            FieldKind::Choice(all) | FieldKind::Choices(all) => {
                help.push_str(&format!("可填：{}", all.join("、")));
            }
            _ => help.push_str(&field.note),
        }
        let default = defaults.iter().find(|(name, _)| *name == field.name);
        if let Some((_, default)) = default {
            help.push_str(&format!("　不填按“{}”", default.trim_start_matches('=')));
        } else if entry.required {
            help.push_str("　必填");
        }
        add(columns, &field.name, help);
    }
    for role in own_roles(law, step) {
        let help = "姓名或者人员编号，几个人用、分开；不填按 --by".to_owned();
        add(columns, role, help);
    }
}

fn add(columns: &mut Vec<(String, String)>, name: &str, help: String) {
    if !columns.iter().any(|(known, _)| known == name) {
        columns.push((name.to_owned(), help));
    }
}

/// Names of the roles of the own side that act in a step.
fn own_roles(law: &LawFile, step: StepId) -> impl Iterator<Item = &str> {
    law.procedure.steps[step.at()]
        .actors
        .roles
        .iter()
        .map(|(role, _)| &law.procedure.roles[role.at()])
        .filter(|role| role.side == Side::Own)
        .map(|role| role.name.as_str())
}

fn law_of(ctx: &Ctx, kind: &Kind) -> Result<Arc<LawFile>> {
    ctx.pack
        .file(kind.procedure)
        .cloned()
        .ok_or_else(|| fault("an import kind without its procedure"))
}

fn step_of(law: &LawFile, name: &str) -> Result<StepId> {
    law.step(name).ok_or_else(|| {
        fault(format!(
            "an import kind names a step {name} that is not there"
        ))
    })
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

/// Imports a file, all of it or nothing.
pub fn run(
    office: &Office,
    ctx: &Ctx,
    kind: &Kind,
    sheet: &Sheet,
    handing: Handing,
) -> Result<Imported> {
    for (option, word) in [("--by", handing.by), ("--waive-by", handing.waived_by)] {
        office.read(|tx| registered(tx, ctx, option, word))?;
    }
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
    let law = law_of(ctx, kind)?;
    let reader = Rows {
        kind,
        law: &law,
        fields: &fields,
        year: table
            .titles
            .iter()
            .find_map(|cell| table::year_in(cell))
            .or_else(|| table::year_in(sheet.name)),
        handing,
    };
    let mut done = Imported::default();
    let rows = reader.read(&table, &mut done.skipped)?;
    let outcome = office.act(|tx| {
        let mut faults = Vec::new();
        let mut recorded: Option<Recorded<()>> = None;
        for acts in rows.iter() {
            reader.replay(tx, ctx, acts, &mut done, &mut recorded, &mut faults)?;
            if faults.len() >= 50 {
                break;
            }
        }
        if !faults.is_empty() {
            return Err(Error::Form(faults));
        }
        if handing.dry_run {
            return Err(Error::Undone);
        }
        recorded.ok_or(Error::Undone)
    });
    match outcome {
        Ok(()) | Err(Error::Undone) => Ok(done),
        Err(e) => Err(e),
    }
}

/// Somebody named in the command must be known at all; whether on the day of a step is asked for each step.
fn registered(tx: &mut Tx, ctx: &Ctx, option: &str, word: Option<&str>) -> Result<()> {
    let known = people::names(tx, &ctx.org)?;
    for word in word.map(split).unwrap_or_default() {
        if !known.contains_key(&word) && !known.values().any(|name| *name == word) {
            let why = format!("没有人员“{word}”；写“人员”页上的编号或者姓名，几个人用、分开");
            return Err(Error::Form(vec![(option.to_owned(), why)]));
        }
    }
    Ok(())
}

fn split(text: &str) -> Vec<String> {
    text.split(['、', '，', ','])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
