//! Exporting registers (导出台账): cases as the rows that an import of the same kind reads, case by case, so that a register of any
//! length needs no more memory than a page of it.

use super::{Kind, columns, law_of, own_roles, step_of};
use crate::ctx::Ctx;
use crate::docket::{self, Filter};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::pack::LawFile;
use crate::records::{self, Record};
use crate::{parties, people};
use jiff::civil::DateTime;
use law::engine::Fact;
use law::procedure::StepId;
use law::value::Value;
use std::collections::{BTreeMap, HashMap};
use store::Tx;

/// What an export wrote, and what does not fit into a row.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Cases, one row each.
    pub rows: usize,
    /// Steps that the columns of this kind do not name, or that were taken more than once in a case.
    pub left_out: usize,
}

/// Cases read at a time.
const PAGE: usize = 50;

/// Hands the header and then one row for each case of a kind that began in a year to `write`. For the program itself: a reader with
/// a role is refused, because parties stand in the rows by name.
pub fn export(
    office: &Office,
    ctx: &Ctx,
    kind: &Kind,
    year: i16,
    mut write: impl FnMut(&[String]) -> Result<()>,
) -> Result<Exported> {
    if ctx.role.is_some() {
        return Err(Error::Bar(crate::error::Bar::NotYours(
            "台账导出含当事人姓名，只能由管理机器的人用 yifa export 办",
        )));
    }
    let columns: Vec<String> = columns(ctx, kind)?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    write(&columns)?;
    let names = Names::read(office, ctx)?;
    let mut done = Exported::default();
    let mut filter = Filter {
        procedure: Some(kind.procedure.to_owned()),
        from: Some(format!("{year:04}-01-01")),
        until: Some(format!("{year:04}-12-31")),
        ..Filter::default()
    };
    loop {
        let (rows, next) = office.read(|tx| {
            let page = docket::page(tx, ctx, &filter, PAGE)?;
            let mut rows = Vec::with_capacity(page.rows.len());
            for case in &page.rows {
                let record = records::load(tx, ctx, &case.id)?;
                rows.push(row(tx, ctx, kind, &record, &names)?);
            }
            Ok((rows, page.next))
        })?;
        for (cells, left_out) in rows {
            let cells: Vec<String> = columns
                .iter()
                .map(|column| cells.get(column).cloned().unwrap_or_default())
                .collect();
            write(&cells)?;
            done.rows += 1;
            done.left_out += left_out;
        }
        if next.is_none() {
            return Ok(done);
        }
        filter.after = next;
    }
}

/// People as a register writes them: by name, and by id where two share a name.
struct Names(HashMap<String, String>);

impl Names {
    fn read(office: &Office, ctx: &Ctx) -> Result<Names> {
        let all = office.read(|tx| people::names(tx, &ctx.org))?;
        let mut shared: HashMap<&String, usize> = HashMap::new();
        for name in all.values() {
            *shared.entry(name).or_default() += 1;
        }
        Ok(Names(
            all.iter()
                .filter(|(_, name)| shared.get(name) == Some(&1))
                .map(|(id, name)| (id.clone(), name.clone()))
                .collect(),
        ))
    }

    fn of(&self, ids: &[String]) -> String {
        let words: Vec<&str> = ids
            .iter()
            .map(|id| self.0.get(id).unwrap_or(id).as_str())
            .collect();
        words.join("、")
    }
}

/// The cells of a case by column, and how many of its steps stand in none.
fn row(
    tx: &mut Tx,
    ctx: &Ctx,
    kind: &Kind,
    record: &Record,
    names: &Names,
) -> Result<(BTreeMap<String, String>, usize)> {
    // The columns are those of the present law file; a case keeps the one it began under.
    let present = law_of(ctx, kind)?;
    let law = &record.law;
    let mut cells = BTreeMap::new();
    let mut told = vec![false; record.history.facts.len()];
    let mut take = |tx: &mut Tx, step: StepId, cells: &mut BTreeMap<String, String>| {
        let code = &present.procedure.steps[step.at()].code;
        let found = record
            .history
            .facts
            .iter()
            .position(|fact| law.procedure.steps[fact.step.at()].code == *code);
        let Some(at) = found else { return Ok(None) };
        told[at] = true;
        let fact = &record.history.facts[at];
        fill(tx, ctx, law, fact, names, cells)?;
        Ok::<_, Error>(Some(fact.at))
    };
    if let Some(at) = take(tx, present.procedure.starts_with, &mut cells)? {
        cells.insert("时间".to_owned(), instant(at));
    }
    for later in kind.later {
        let Some(at) = take(tx, step_of(&present, later.step)?, &mut cells)? else {
            continue;
        };
        cells
            .entry(later.days[0].to_owned())
            .or_insert_with(|| instant(at));
        if let Some((column, words)) = later.result {
            cells.insert(column.to_owned(), words[0].to_owned());
        }
    }
    let left_out = told.iter().filter(|told| !**told).count();
    Ok((cells, left_out))
}

/// What a fact filled in, and who acted; what an earlier step has put into the same column stays.
fn fill(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    fact: &Fact,
    names: &Names,
    cells: &mut BTreeMap<String, String>,
) -> Result<()> {
    for (field, value) in &fact.values {
        let text = match value {
            Value::Files(_) => continue,
            Value::Party { id, .. } => match parties::find(tx, &ctx.org, id)? {
                Some(party) => party.name,
                None => continue,
            },
            Value::People(ids) => names.of(ids),
            Value::Cases(ids) => {
                let mut numbers = Vec::with_capacity(ids.len());
                for id in ids {
                    numbers.push(records::find(tx, &ctx.org, id)?.number);
                }
                numbers.join("、")
            }
            Value::Instant(at) => instant(*at),
            other => other.texts().join("、"),
        };
        let name = &law.procedure.fields[field.at()].name;
        cells.entry(name.clone()).or_insert(text);
    }
    for role in own_roles(law, fact.step) {
        let persons = fact
            .actors
            .iter()
            .find(|(id, _)| law.procedure.roles[id.at()].name == role);
        if let Some((_, persons)) = persons {
            cells
                .entry(role.to_owned())
                .or_insert_with(|| names.of(persons));
        }
    }
    Ok(())
}

/// A day, with the hour if it has one.
fn instant(at: DateTime) -> String {
    if at == at.date().into() {
        at.date().to_string()
    } else {
        at.strftime("%Y-%m-%d %H:%M").to_string()
    }
}
