//! Publications (公开): made by the steps that law files call 公开, masked by the openness of each field, withdrawn when the law says so.

use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::pack::LawFile;
use crate::parties;
use crate::records::CaseRow;
use law::engine::{Fact, History};
use law::procedure::{FieldId, Openness};
use law::value::Value;
use serde::{Deserialize, Serialize};
use store::{Tx, params, sql};

/// Something the public can read.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Id: the log position of the step that published it.
    pub id: String,
    /// Code of the publication in its law file, or `report`.
    pub kind: String,
    /// The case.
    pub case_id: Option<String>,
    /// Title.
    pub title: String,
    /// Rows: label and text.
    pub rows: Vec<Row>,
    /// 发布时间, local.
    pub published_at: String,
    /// 撤下时间, local.
    pub withdrawn_at: Option<String>,
    /// Log position.
    pub seq: i64,
}

/// One published field.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// Name of the field.
    pub label: String,
    /// Its text, masked where the law file says so.
    pub text: String,
}

/// Follows a fact: publishes if it is a publishing step, withdraws if it is a withdrawing one.
pub(crate) fn follow(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &LawFile,
    case: &CaseRow,
    history: &History,
    fact: &Fact,
    seq: i64,
) -> Result<()> {
    let Some(id) = law.procedure.steps[fact.step.at()].publication else {
        return Ok(());
    };
    let publication = &law.procedure.publications[id.at()];
    let kind = format!("{}.{}", law.procedure.code, publication.code);
    if fact.step == publication.step {
        let mut rows = Vec::new();
        for field in &publication.fields {
            if let Some(text) = shown(tx, &ctx.org, law, history, *field)? {
                rows.push(Row {
                    label: law.procedure.fields[field.at()].name.clone(),
                    text,
                });
            }
        }
        let body = serde_json::to_value(&rows).map_err(fault)?.to_string();
        tx.execute(
            sql!(
                "INSERT INTO publications (org, id, kind, case_id, title, body, published_at, seq)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            ),
            params![
                ctx.org,
                format!("{seq:012}"),
                kind,
                case.id,
                format!("{}　{}", publication.name, case.number),
                body,
                fact.at.to_string(),
                seq
            ],
        )?;
    } else {
        tx.execute(
            sql!(
                "UPDATE publications SET withdrawn_at = $4
                  WHERE org = $1 AND kind = $2 AND case_id = $3 AND withdrawn_at IS NULL"
            ),
            params![ctx.org, kind, case.id, fact.at.to_string()],
        )?;
    }
    Ok(())
}

/// The latest value of a field as the public may read it.
fn shown(
    tx: &mut Tx,
    org: &str,
    law: &LawFile,
    history: &History,
    field: FieldId,
) -> Result<Option<String>> {
    let Some(value) = history
        .facts
        .iter()
        .rev()
        .find_map(|fact| fact.values.get(&field))
    else {
        return Ok(None);
    };
    let declared = &law.procedure.fields[field.at()];
    let text = match value {
        Value::Party { id, .. } => match parties::find(tx, org, id)? {
            Some(party) => parties::masked(&party.class, &party.name),
            None => return Ok(None),
        },
        value => value.display(),
    };
    Ok(Some(if declared.openness == Openness::Masked {
        mask_digits(&text)
    } else {
        text
    }))
}

/// Runs of six and more digits (identity numbers, phones, accounts) lose all but the first two.
pub fn mask_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut String| {
        if run.chars().filter(char::is_ascii_digit).count() >= 6 {
            out.extend(run.chars().take(2));
            out.push_str(&"＊".repeat(run.chars().count() - 2));
        } else {
            out.push_str(run);
        }
        run.clear();
    };
    for letter in text.chars() {
        if letter.is_ascii_digit() || (!run.is_empty() && matches!(letter, 'X' | 'x')) {
            run.push(letter);
        } else {
            flush(&mut run, &mut out);
            out.push(letter);
        }
    }
    flush(&mut run, &mut out);
    out
}

/// Newest first, before a given id; withdrawn ones are left out.
pub fn list(
    tx: &mut Tx,
    org: &str,
    kind: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<Publication>> {
    tx.query(
        sql!(
            "SELECT id, kind, case_id, title, body, published_at, withdrawn_at, seq FROM publications
              WHERE org = $1 AND withdrawn_at IS NULL
                AND (CAST($2 AS TEXT) IS NULL OR kind = $2) AND (CAST($3 AS TEXT) IS NULL OR id < $3)
              ORDER BY id DESC LIMIT $4"
        ),
        params![org, kind, before, limit],
        read,
    )?
    .into_iter()
    .map(rows_of)
    .collect()
}

/// One publication; withdrawn ones say so and show nothing.
pub fn find(tx: &mut Tx, org: &str, id: &str) -> Result<Option<Publication>> {
    tx.query_opt(
        sql!(
            "SELECT id, kind, case_id, title, body, published_at, withdrawn_at, seq FROM publications
              WHERE org = $1 AND id = $2"
        ),
        params![org, id],
        read,
    )?
    .map(rows_of)
    .transpose()
}

/// One more reader of a public page (浏览次数); answers the count.
pub fn viewed(office: &crate::Office, org: &str, page: &str) -> Result<i64> {
    office.jot(|tx| {
        Ok(tx.query_one(
            sql!(
                "INSERT INTO views (org, page, n) VALUES ($1, $2, 1)
                 ON CONFLICT (org, page) DO UPDATE SET n = views.n + 1 RETURNING n"
            ),
            params![org, page],
            |row| row.get(0),
        )?)
    })
}

fn read(row: &store::Row) -> store::Result<(Publication, String)> {
    Ok((
        Publication {
            id: row.get(0)?,
            kind: row.get(1)?,
            case_id: row.get(2)?,
            title: row.get(3)?,
            rows: Vec::new(),
            published_at: row.get(5)?,
            withdrawn_at: row.get(6)?,
            seq: row.get(7)?,
        },
        row.get(4)?,
    ))
}

fn rows_of((mut publication, body): (Publication, String)) -> Result<Publication> {
    if publication.withdrawn_at.is_none() {
        publication.rows = serde_json::from_str(&body).map_err(fault)?;
    }
    Ok(publication)
}
