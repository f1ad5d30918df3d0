//! Reading a case back from its entries (案卷).

use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result, fault};
use crate::facts;
use crate::pack::{LawFile, Pack};
use law::engine::History;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Tx, params, sql};

/// A row of the register of cases.
#[derive(Debug, Clone)]
pub struct CaseRow {
    /// ULID.
    pub id: String,
    /// Code of the procedure.
    pub procedure: String,
    /// Hash of the law file under which it runs.
    pub law_hash: String,
    /// 编号.
    pub number: String,
    /// What it is about, without personal data.
    pub title: String,
    /// Stage of 主线.
    pub stage: String,
    /// Stages of all lines of the case, joined by 、.
    pub stages: String,
    /// Day of the first fact.
    pub opened_on: String,
    /// Day on which 主线 became final.
    pub closed_on: Option<String>,
    /// Nearest running deadline that the organ owes.
    pub due_on: Option<String>,
    /// Its clock, by name.
    pub due_clock: Option<String>,
    /// 承办单位, if the form has one.
    pub office: Option<String>,
    /// The party's id.
    pub party: Option<String>,
    /// Typed in later (补录).
    pub imported: bool,
    /// Number of facts.
    pub facts: i64,
    /// Log position of the last entry.
    pub last_seq: i64,
}

// Columns of `CaseRow`, in the order that `read` expects; kept beside it because SQL text is constant.
impl CaseRow {
    pub(crate) fn read(row: &store::Row) -> store::Result<CaseRow> {
        Ok(CaseRow {
            id: row.get(0)?,
            procedure: row.get(1)?,
            law_hash: row.get(2)?,
            number: row.get(3)?,
            title: row.get(4)?,
            stage: row.get(5)?,
            stages: row.get(6)?,
            opened_on: row.get(7)?,
            closed_on: row.get(8)?,
            due_on: row.get(9)?,
            due_clock: row.get(10)?,
            office: row.get(11)?,
            party: row.get(12)?,
            imported: row.get::<i64>(13)? != 0,
            facts: row.get(14)?,
            last_seq: row.get(15)?,
        })
    }
}

/// One case with its law and its whole history.
pub struct Record {
    /// The row.
    pub row: CaseRow,
    /// The law file under which it runs.
    pub law: Arc<LawFile>,
    /// Its facts.
    pub history: History,
    /// Log position of each fact, in the same order.
    pub seqs: Vec<i64>,
}

/// Finds a case of this township.
pub fn find(tx: &mut Tx, org: &str, id: &str) -> Result<CaseRow> {
    tx.query_opt(
        sql!(
            "SELECT id, procedure_code, law_hash, number, title, stage, stages, opened_on, closed_on, due_on,
                    due_clock, office, party, imported, facts, last_seq
               FROM cases WHERE org = $1 AND id = $2"
        ),
        params![org, id],
        CaseRow::read,
    )?
    .ok_or(Error::Bar(Bar::NotFound))
}

/// How many cases one statement of [`several`] asks for.
pub(crate) const BATCH: usize = 50;

/// Cases of this township by id, in the order asked for; ids that are not there are left out.
pub(crate) fn several(tx: &mut Tx, org: &str, ids: &[String]) -> Result<Vec<CaseRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        let mut values: Vec<store::Param> = vec![store::Param::Text(org)];
        values.extend((0..BATCH).map(|i| {
            // An empty id finds nothing.
            store::Param::Text(batch.get(i).map_or("", String::as_str))
        }));
        let mut found: HashMap<String, CaseRow> = tx
            .query(
                sql!(
                    "SELECT id, procedure_code, law_hash, number, title, stage, stages, opened_on, closed_on, due_on,
                            due_clock, office, party, imported, facts, last_seq
                       FROM cases
                      WHERE org = $1 AND id IN (
                            $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                            $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42,
                            $43, $44, $45, $46, $47, $48, $49, $50, $51)"
                ),
                &values,
                CaseRow::read,
            )?
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        rows.extend(batch.iter().filter_map(|id| found.remove(id)));
    }
    Ok(rows)
}

/// Loads a case with its history.
pub fn load(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<Record> {
    read(tx, &ctx.pack, &ctx.org, id)
}

pub(crate) fn read(tx: &mut Tx, pack: &Pack, org: &str, id: &str) -> Result<Record> {
    let row = find(tx, org, id)?;
    let law = law_of(tx, pack, &row.law_hash)?;
    let (history, seqs) = history(tx, org, id, &law)?;
    Ok(Record {
        row,
        law,
        history,
        seqs,
    })
}

/// The law file with this hash. Another program on the same database may have begun cases under a newer text; it is kept
/// beside them.
pub fn law_of(tx: &mut Tx, pack: &Pack, hash: &str) -> Result<Arc<LawFile>> {
    if let Some(known) = pack.by_hash(hash) {
        return Ok(known);
    }
    let text: Option<String> = tx.query_opt(
        sql!("SELECT body FROM law_texts WHERE hash = $1"),
        params![hash],
        |row| row.get(0),
    )?;
    let text = text.ok_or_else(|| fault(format!("law text {hash} is not kept")))?;
    let procedure = law::parse::read(&text)
        .0
        .ok_or_else(|| fault(format!("law text {hash} is not readable any more")))?;
    let file = Arc::new(LawFile::new(procedure, &text));
    if file.hash != hash {
        return Err(fault(format!("law text {hash} was changed")));
    }
    pack.remember(file.clone());
    Ok(file)
}

/// The facts of a case.
pub fn history(tx: &mut Tx, org: &str, case: &str, law: &LawFile) -> Result<(History, Vec<i64>)> {
    let rows = tx.query(
        sql!(
            "SELECT seq, n, subject, at, recorded, body FROM entries
              WHERE org = $1 AND case_id = $2 AND kind = 'fact' ORDER BY seq"
        ),
        params![org, case],
        |row| {
            Ok((
                row.get::<i64>(0)?,
                row.get::<i64>(1)?,
                row.get::<String>(2)?,
                row.get::<String>(3)?,
                row.get::<String>(4)?,
                row.get::<String>(5)?,
            ))
        },
    )?;
    let mut facts = Vec::with_capacity(rows.len());
    let mut seqs = Vec::with_capacity(rows.len());
    for (seq, n, subject, at, recorded, body) in rows {
        let fact = facts::decode(
            law,
            u32::try_from(n).map_err(fault)?,
            &subject,
            &at,
            &recorded,
            &body,
        )?;
        facts.push(fact);
        seqs.push(seq);
    }
    Ok((History { facts }, seqs))
}
