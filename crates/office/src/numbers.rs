//! Numbers of cases (编号): 〔year〕, in sequence, no gaps and no duplicates, because the counter moves in the act's own transaction.

use crate::ctx::Ctx;
use crate::error::Result;
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

/// Fills a numbering template: `{机关代字}`, `{年}`, `{序}`; any other `{name}` is an outside number and falls back to
/// `code〔year〕n`.
pub fn assign(
    tx: &mut Tx,
    ctx: &Ctx,
    template: &str,
    code: &str,
    title: &str,
    day: jiff::civil::Date,
) -> Result<String> {
    let year = day.year();
    let n = next(tx, &ctx.org, &format!("{code}/{year}"))?;
    if template.contains("{序}") {
        let mark: String = tx.query_one(
            sql!("SELECT mark FROM orgs WHERE org = $1"),
            params![ctx.org],
            |row| row.get(0),
        )?;
        Ok(template
            .replace("{机关代字}", &mark)
            .replace("{年}", &year.to_string())
            .replace("{序}", &n.to_string()))
    } else {
        Ok(format!("{title}〔{year}〕{n}号"))
    }
}
