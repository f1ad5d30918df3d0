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
    /// Only closed ones.
    pub closed_only: bool,
    /// Only those whose deadline has passed.
    pub late_only: bool,
    /// Open, with a deadline on or after.
    pub due_from: Option<String>,
    /// Open, with a deadline on or before.
    pub due_until: Option<String>,
    /// 承办单位.
    pub office: Option<String>,
    /// The order. Late cases are always listed by their deadlines, one office's by registration, a period by its days.
    pub sort: Sort,
    /// [`Page::next`] of the page before.
    pub after: Option<String>,
}

impl Filter {
    /// The order that the list really has.
    pub fn order(&self) -> Sort {
        if self.searched().is_some() {
            Sort::Newest
        } else if self.closed_only {
            let by_days = self.sort == Sort::Opened || self.from.is_some() || self.until.is_some();
            if by_days && self.office.is_none() {
                Sort::Opened
            } else {
                Sort::Newest
            }
        } else if self.late_only
            || self.due_from.is_some()
            || self.due_until.is_some()
            || self.sort == Sort::Due
        {
            Sort::Due
        } else if self.office.is_some() {
            Sort::Newest
        } else if self.from.is_some() || self.until.is_some() {
            Sort::Opened
        } else {
            self.sort
        }
    }

    fn first_day(&self) -> &str {
        self.from.as_deref().unwrap_or("")
    }

    fn last_day(&self) -> &str {
        self.until.as_deref().unwrap_or("9999-12-31")
    }

    fn due_fits(&self, due: &str) -> bool {
        self.due_from.as_deref().is_none_or(|d| d <= due)
            && self.due_until.as_deref().is_none_or(|d| due <= d)
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
            let ids = ids(tx, ctx, &sight, filter, limit + 1)?;
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

/// How many cases the whole list has, counted no further than `most`. Not for full text, which reads what it finds.
pub fn count(tx: &mut Tx, ctx: &Ctx, filter: &Filter, most: usize) -> Result<Option<usize>> {
    let sight = Sight::of(tx, ctx)?;
    if sight.is_blind() {
        return Ok(Some(0));
    }
    if filter.searched().is_some() {
        return Ok(None);
    }
    let whole = Filter {
        after: None,
        ..filter.clone()
    };
    Ok(Some(ids(tx, ctx, &sight, &whole, most)?.len()))
}

/// The offices that have cases which the reader sees, by one look at the index for each.
pub fn offices(tx: &mut Tx, ctx: &Ctx) -> Result<Vec<String>> {
    let sight = Sight::of(tx, ctx)?;
    if sight.is_blind() {
        return Ok(Vec::new());
    }
    let named: Vec<String> = tx.query(
        sql!(
            "WITH RECURSIVE found (office) AS (
               SELECT min(office) FROM cases WHERE org = $1
               UNION ALL
               SELECT (SELECT min(c.office) FROM cases c WHERE c.org = $1 AND c.office > found.office)
                 FROM found WHERE found.office IS NOT NULL)
             SELECT office FROM found WHERE office IS NOT NULL LIMIT 60"
        ),
        params![ctx.org],
        |row| row.get(0),
    )?;
    let mut seen = Vec::with_capacity(named.len());
    for office in named {
        // The name of an office can tell what a closed case is about.
        let filter = Filter {
            office: Some(office.clone()),
            ..Filter::default()
        };
        if !ids(tx, ctx, &sight, &filter, 1)?.is_empty() {
            seen.push(office);
        }
    }
    Ok(seen)
}

fn ids(
    tx: &mut Tx,
    ctx: &Ctx,
    sight: &Sight,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<String>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    match filter.order() {
        Sort::Newest => newest(tx, ctx, sight, filter, limit),
        Sort::Opened => by_opening(tx, ctx, sight, filter, limit),
        Sort::Due => by_deadline(tx, ctx, sight, filter, limit),
    }
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
    let closing = closing(filter);
    Ok(match (&filter.procedure, &filter.stage) {
        _ if filter.office.is_some() => tx.query(
            sql!(
                "SELECT id FROM cases
                  WHERE org = $1 AND office = $2 AND id < $3
                    AND (CAST($4 AS TEXT) IS NULL OR procedure_code = $4)
                    AND (CAST($5 AS TEXT) IS NULL OR stage = $5)
                    AND opened_on >= $6 AND opened_on <= $7
                    AND ($8 <> 1 OR closed_on IS NULL) AND ($8 <> 2 OR closed_on IS NOT NULL)
                    AND ($10 <> '*' AND replace($10, '|' || procedure_code || '|', '') = $10
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($11, $12)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($11, $13))
                  ORDER BY id DESC LIMIT $9"
            ),
            params![ctx.org, filter.office, before, filter.procedure, filter.stage, filter.first_day(),
                filter.last_day(), closing, limit, sight.closed, sight.person, sight.account, sight.unit],
            id,
        )?,
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
                    AND ($5 <> 2 OR closed_on IS NOT NULL)
                    AND ($7 <> '*' AND replace($7, '|' || procedure_code || '|', '') = $7
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($8, $9)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($8, $10))
                  ORDER BY id DESC LIMIT $6"
            ),
            params![ctx.org, procedure, stage, before, closing, limit, sight.closed, sight.person, sight.account, sight.unit],
            id,
        )?,
        (Some(procedure), None) => tx.query(
            sql!(
                "SELECT id FROM cases
                  WHERE org = $1 AND procedure_code = $2 AND id < $3
                    AND ($4 <> 2 OR closed_on IS NOT NULL)
                    AND ($6 <> '*' AND replace($6, '|' || procedure_code || '|', '') = $6
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($7, $8)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($7, $9))
                  ORDER BY id DESC LIMIT $5"
            ),
            params![ctx.org, procedure, before, closing, limit, sight.closed, sight.person, sight.account, sight.unit],
            id,
        )?,
        (None, _) => tx.query(
            sql!(
                "SELECT id FROM cases
                  WHERE org = $1 AND id < $2 AND (CAST($3 AS TEXT) IS NULL OR stage = $3)
                    AND ($4 <> 2 OR closed_on IS NOT NULL)
                    AND ($6 <> '*' AND replace($6, '|' || procedure_code || '|', '') = $6
                         OR EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'works' AND w.who IN ($7, $8)))
                    AND NOT EXISTS (SELECT 1 FROM case_people w WHERE w.org = cases.org AND w.case_id = cases.id
                                       AND w.part = 'accused' AND w.who IN ($7, $9))
                  ORDER BY id DESC LIMIT $5"
            ),
            params![ctx.org, before, filter.stage, closing, limit, sight.closed, sight.person, sight.account, sight.unit],
            id,
        )?,
    })
}

/// 1: open ones; 2: closed ones; 0: both.
fn closing(filter: &Filter) -> i64 {
    if filter.open_only {
        1
    } else {
        2 * i64::from(filter.closed_only)
    }
}

fn by_opening(
    tx: &mut Tx,
    ctx: &Ctx,
    sight: &Sight,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<String>> {
    let (day, id) = place(filter, ("9999-12-31", "~"))?;
    Ok(tx.query(
        sql!(
            "SELECT id FROM cases
              WHERE org = $1 AND (opened_on, id) < ($2, $3) AND opened_on >= $4 AND opened_on <= $5
                AND (CAST($6 AS TEXT) IS NULL OR procedure_code = $6)
                AND (CAST($7 AS TEXT) IS NULL OR stage = $7)
                AND ($8 <> 1 OR closed_on IS NULL) AND ($8 <> 2 OR closed_on IS NOT NULL)
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
            filter.first_day(),
            filter.last_day(),
            filter.procedure,
            filter.stage,
            closing(filter),
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
    let (day, id) = place(filter, (filter.due_from.as_deref().unwrap_or(""), ""))?;
    let last = if filter.late_only {
        ctx.today()
            .yesterday()
            .map_err(crate::error::fault)?
            .to_string()
    } else {
        filter
            .due_until
            .clone()
            .unwrap_or_else(|| "9999-12-31".into())
    };
    Ok(tx.query(
        sql!(
            "SELECT id FROM cases
              WHERE org = $1 AND closed_on IS NULL AND (due_on, id) > ($2, $3) AND due_on <= $4
                AND (CAST($5 AS TEXT) IS NULL OR procedure_code = $5)
                AND (CAST($6 AS TEXT) IS NULL OR stage = $6)
                AND opened_on >= $7 AND opened_on <= $8 AND (CAST($14 AS TEXT) IS NULL OR office = $14)
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
            last,
            filter.procedure,
            filter.stage,
            filter.first_day(),
            filter.last_day(),
            limit, sight.closed, sight.person, sight.account, sight.unit, filter.office],
        |row| row.get(0),
    )?)
}

/// The day and id after which a page by days begins.
fn place<'a>(filter: &'a Filter, first: (&'a str, &'a str)) -> Result<(&'a str, &'a str)> {
    match filter.after.as_deref() {
        None => Ok(first),
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
        && (!filter.closed_only || !open)
        && filter
            .office
            .as_ref()
            .is_none_or(|o| row.office.as_ref() == Some(o))
        && (filter.due_from.is_none() && filter.due_until.is_none()
            || (open && row.due_on.as_deref().is_some_and(|d| filter.due_fits(d))))
        && (!filter.late_only || (open && row.due_on.as_deref().is_some_and(|d| d < today)))
}
