//! The docket (案件登记簿): lists of cases by key, never by offset. Each way of looking has a statement of its own that an index
//! serves, so that a page costs the same at a million cases.

use crate::access::Sight;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::records::{self, CaseRow};
use store::{Tx, params, sql};

/// In what order a list comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Last registered first.
    #[default]
    Newest,
    /// Last begun first, by the day of the first fact.
    Opened,
    /// Open cases with a deadline, the nearest first.
    Due,
}

impl Sort {
    /// The word in an address.
    pub fn code(self) -> &'static str {
        match self {
            Sort::Newest => "newest",
            Sort::Opened => "opened",
            Sort::Due => "due",
        }
    }

    /// The order with this word in an address.
    pub fn named(code: &str) -> Option<Sort> {
        [Sort::Newest, Sort::Opened, Sort::Due]
            .into_iter()
            .find(|sort| sort.code() == code)
    }
}

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Code of the procedure.
    pub procedure: Option<String>,
    /// Stage of 主线.
    pub stage: Option<String>,
    /// Full text; the last registered first, whatever the order asked for.
    pub query: Option<String>,
    /// Opened on or after.
    pub from: Option<String>,
    /// Opened on or before.
    pub until: Option<String>,
    /// Only open ones.
    pub open_only: bool,
    /// Only those whose deadline has passed.
    pub late_only: bool,
    /// The order. A period is always listed by its days, late cases by their deadlines.
    pub sort: Sort,
    /// [`Page::next`] of the page before.
    pub after: Option<String>,
}

impl Filter {
    /// The order that the list really has.
    pub fn order(&self) -> Sort {
        if self.searched().is_some() {
            Sort::Newest
        } else if self.late_only || self.sort == Sort::Due {
            Sort::Due
        } else if self.from.is_some() || self.until.is_some() {
            Sort::Opened
        } else {
            self.sort
        }
    }

    fn searched(&self) -> Option<&str> {
        self.query.as_deref().filter(|q| !q.trim().is_empty())
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The cases.
    pub rows: Vec<CaseRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A page of at most `limit` cases.
///
/// # Errors
/// A form fault if `filter.after` was not made by this list.
pub fn page(tx: &mut Tx, ctx: &Ctx, filter: &Filter, limit: usize) -> Result<Page> {
    let sight = Sight::of(tx, ctx)?;
    if sight.is_blind() {
        return Ok(Page {
            rows: Vec::new(),
            next: None,
        });
    }
    let order = filter.order();
    let mut rows = match filter.searched() {
        Some(query) => found(tx, ctx, &sight, filter, query, limit + 1)?,
        None => {
            let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
            let ids = match order {
                Sort::Newest => newest(tx, ctx, &sight, filter, more)?,
                Sort::Opened => by_opening(tx, ctx, &sight, filter, more)?,
                Sort::Due => by_deadline(tx, ctx, &sight, filter, more)?,
            };
            records::several(tx, &ctx.org, &ids)?
        }
    };
    let next = (limit < rows.len()).then(|| {
        rows.truncate(limit);
        let last = &rows[limit - 1];
        match order {
            Sort::Newest => last.id.clone(),
            Sort::Opened => format!("{}~{}", last.opened_on, last.id),
            Sort::Due => format!("{}~{}", last.due_on.as_deref().unwrap_or_default(), last.id),
        }
    });
    Ok(Page { rows, next })
}

fn newest(
    tx: &mut Tx,
    ctx: &Ctx,
    sight: &Sight,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<String>> {
    // Every id is smaller than this.
    let before = filter.after.as_deref().unwrap_or("~");
    let id = |row: &store::Row| row.get(0);
    Ok(match (&filter.procedure, &filter.stage) {
        _ if filter.open_only => tx.query(
            sql!(
                "SELECT id FROM cases
                  WHERE org = $1 AND closed_on IS NULL AND id < $2
                    AND (CAST($3 AS TEXT) IS NULL OR procedure_code = $3)
                    AND (CAST($4 AS TEXT) IS NULL OR stage = $4)
                    AND ($6 <> '*' AND replace($6, '|' || procedure_code || '|', '') = $6
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($7, $8)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($7, $9))
                  ORDER BY id DESC LIMIT $5"
            ),
            params![ctx.org, before, filter.procedure, filter.stage, limit, sight.closed, sight.person, sight.account, sight.unit],
            id,
        )?,
        (Some(procedure), Some(stage)) => tx.query(
            sql!(
                "SELECT id FROM cases
                  WHERE org = $1 AND procedure_code = $2 AND stage = $3 AND id < $4
                    AND ($6 <> '*' AND replace($6, '|' || procedure_code || '|', '') = $6
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($7, $8)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($7, $9))
                  ORDER BY id DESC LIMIT $5"
            ),
            params![ctx.org, procedure, stage, before, limit, sight.closed, sight.person, sight.account, sight.unit],
            id,
        )?,
        (Some(procedure), None) => tx.query(
            sql!(
                "SELECT id FROM cases
                  WHERE org = $1 AND procedure_code = $2 AND id < $3
                    AND ($5 <> '*' AND replace($5, '|' || procedure_code || '|', '') = $5
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($6, $7)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($6, $8))
                  ORDER BY id DESC LIMIT $4"
            ),
            params![ctx.org, procedure, before, limit, sight.closed, sight.person, sight.account, sight.unit],
            id,
        )?,
        (None, _) => tx.query(
            sql!(
                "SELECT id FROM cases
                  WHERE org = $1 AND id < $2 AND (CAST($3 AS TEXT) IS NULL OR stage = $3)
                    AND ($5 <> '*' AND replace($5, '|' || procedure_code || '|', '') = $5
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($6, $7)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($6, $8))
                  ORDER BY id DESC LIMIT $4"
            ),
            params![ctx.org, before, filter.stage, limit, sight.closed, sight.person, sight.account, sight.unit],
            id,
        )?,
    })
}

fn by_opening(
    tx: &mut Tx,
    ctx: &Ctx,
    sight: &Sight,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<String>> {
    let (day, id) = place(filter, "9999-12-31")?;
    Ok(tx.query(
        sql!(
            "SELECT id FROM cases
              WHERE org = $1 AND (opened_on, id) < ($2, $3) AND opened_on >= $4 AND opened_on <= $5
                AND (CAST($6 AS TEXT) IS NULL OR procedure_code = $6)
                AND (CAST($7 AS TEXT) IS NULL OR stage = $7) AND ($8 = 0 OR closed_on IS NULL)
                AND ($10 <> '*' AND replace($10, '|' || procedure_code || '|', '') = $10
                     OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'works' AND w.who IN ($11, $12)))
                AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'accused' AND w.who IN ($11, $13))
              ORDER BY opened_on DESC, id DESC LIMIT $9"
        ),
        params![
            ctx.org,
            day,
            id,
            filter.from.as_deref().unwrap_or(""),
            filter.until.as_deref().unwrap_or("9999-12-31"),
            filter.procedure,
            filter.stage,
            i64::from(filter.open_only),
            limit, sight.closed, sight.person, sight.account, sight.unit],
        |row| row.get(0),
    )?)
}

fn by_deadline(
    tx: &mut Tx,
    ctx: &Ctx,
    sight: &Sight,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<String>> {
    let (day, id) = place(filter, "")?;
    let before = if filter.late_only {
        ctx.today().to_string()
    } else {
        "9999-12-31".into()
    };
    Ok(tx.query(
        sql!(
            "SELECT id FROM cases
              WHERE org = $1 AND closed_on IS NULL AND (due_on, id) > ($2, $3) AND due_on < $4
                AND (CAST($5 AS TEXT) IS NULL OR procedure_code = $5)
                AND (CAST($6 AS TEXT) IS NULL OR stage = $6)
                AND (CAST($7 AS TEXT) IS NULL OR opened_on >= $7) AND (CAST($8 AS TEXT) IS NULL OR opened_on <= $8)
                AND ($10 <> '*' AND replace($10, '|' || procedure_code || '|', '') = $10
                     OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'works' AND w.who IN ($11, $12)))
                AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                   AND w.part = 'accused' AND w.who IN ($11, $13))
              ORDER BY due_on, id LIMIT $9"
        ),
        params![
            ctx.org,
            day,
            id,
            before,
            filter.procedure,
            filter.stage,
            filter.from,
            filter.until,
            limit, sight.closed, sight.person, sight.account, sight.unit],
        |row| row.get(0),
    )?)
}

/// The day and id after which a page by days begins.
fn place<'a>(filter: &'a Filter, first: &'a str) -> Result<(&'a str, &'a str)> {
    match filter.after.as_deref() {
        None => Ok((first, if first.is_empty() { "" } else { "~" })),
        Some(after) => after.split_once('~').ok_or_else(|| {
            Error::Form(vec![(
                "翻页".into(),
                "翻页的位置读不懂，请从第一页看起".into(),
            )])
        }),
    }
}

/// Full text first, the other filters on what it finds; pages on until the limit is reached or nothing is left.
fn found(
    tx: &mut Tx,
    ctx: &Ctx,
    sight: &Sight,
    filter: &Filter,
    query: &str,
    limit: usize,
) -> Result<Vec<CaseRow>> {
    let today = ctx.today().to_string();
    let mut before = filter.after.clone();
    let mut rows = Vec::new();
    loop {
        let batch = i64::try_from(limit.max(records::BATCH)).unwrap_or(i64::MAX);
        let keys = store::search::find(tx, &ctx.org, query, before.as_deref(), batch)?;
        let Some(last) = keys.last() else {
            return Ok(rows);
        };
        before = Some(last.clone());
        let rows_of_batch = records::several(tx, &ctx.org, &keys)?;
        let ids: Vec<&str> = rows_of_batch.iter().map(|row| row.id.as_str()).collect();
        let hidden = sight.hidden(tx, &ids)?;
        for row in rows_of_batch {
            if !hidden.contains(&row.id) && fits(&row, filter, &today) {
                rows.push(row);
                if rows.len() == limit {
                    return Ok(rows);
                }
            }
        }
    }
}

fn fits(row: &CaseRow, filter: &Filter, today: &str) -> bool {
    let open = row.closed_on.is_none();
    filter
        .procedure
        .as_ref()
        .is_none_or(|p| *p == row.procedure)
        && filter.stage.as_ref().is_none_or(|s| *s == row.stage)
        && filter.from.as_ref().is_none_or(|d| row.opened_on >= *d)
        && filter.until.as_ref().is_none_or(|d| row.opened_on <= *d)
        && (!filter.open_only || open)
        && (!filter.late_only || (open && row.due_on.as_deref().is_some_and(|d| d < today)))
}
