//! Numbers of cases (编号): 〔year〕, in sequence, no gaps and no duplicates, because the counter moves in the act's own transaction.

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::pack::LawFile;
use law::engine::Fact;
use law::procedure::FieldId;
use store::{Tx, params, sql};

/// The next number of this series, from 1.
pub fn next(tx: &mut Tx, org: &str, series: &str) -> Result<i64> {
    Ok(tx.query_one(
        sql!(
            "INSERT INTO numbers (org, series, last) VALUES ($1, $2, 1)
             ON CONFLICT (org, series) DO UPDATE SET last = numbers.last + 1
             RETURNING last"
        ),
        params![org, series],
        |row| row.get(0),
    )?)
}

/// The number that the law file's 编号 gives to a case: the first of its forms, joined by 或, whose parts are all known.
/// `{机关代字}` `{年}` `{序}` are known always, `{字段}` when it was filled in at the first step; a number that comes from
/// outside (a hotline ticket's) stands once in a procedure.
pub(crate) fn assign(tx: &mut Tx, ctx: &Ctx, law: &LawFile, fact: &Fact) -> Result<String> {
    let procedure = &law.procedure;
    let year = fact.at.date().year();
    for form in procedure.numbering.split(" 或 ").map(str::trim) {
        let Some(number) = fill_in(law, fact, form) else {
            continue;
        };
        if !form.contains("{序}") {
            return not_yet_used(tx, ctx, law, number);
        }
        let n = next(tx, &ctx.org, &format!("{}/{year}", procedure.code))?;
        let mark: String = tx.query_one(
            sql!("SELECT mark FROM orgs WHERE org = $1"),
            params![ctx.org],
            |row| row.get(0),
        )?;
        return Ok(number
            .replace("{机关代字}", &mark)
            .replace("{年}", &year.to_string())
            .replace("{序}", &n.to_string()));
    }
    let n = next(tx, &ctx.org, &format!("{}/{year}", procedure.code))?;
    Ok(format!("{}〔{year}〕{n}号", procedure.title))
}

/// Puts values in place of field names; `None` when one of them was not filled in.
fn fill_in(law: &LawFile, fact: &Fact, form: &str) -> Option<String> {
    let mut number = form.to_owned();
    for (at, field) in law.procedure.fields.iter().enumerate() {
        let place = format!("{{{}}}", field.name);
        if number.contains(&place) {
            let id = FieldId(u16::try_from(at).ok()?);
            let texts = fact.values.get(&id)?.texts();
            number = number.replace(&place, texts.join("、").trim());
        }
    }
    Some(number)
}

fn not_yet_used(tx: &mut Tx, ctx: &Ctx, law: &LawFile, number: String) -> Result<String> {
    let used: Option<i64> = tx.query_opt(
        sql!("SELECT last_seq FROM cases WHERE org = $1 AND procedure_code = $2 AND number = $3"),
        params![ctx.org, law.procedure.code, number],
        |row| row.get(0),
    )?;
    match used {
        None => Ok(number),
        Some(_) => Err(Error::Form(vec![(
            "编号".into(),
            format!("“{number}”已经登记过，请在案件里查找，不要再登记一次"),
        )])),
    }
}
