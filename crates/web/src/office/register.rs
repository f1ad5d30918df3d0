//! Registers (台账): filter, search, page on by key.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::forms::percent;
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use office::docket::{Filter, Sort};
use office::records::CaseRow;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "office/register.html")]
struct Register {
    shell: Shell,
    rows: Vec<(CaseRow, String, &'static str)>,
    procedures: Vec<(String, String)>,
    stages: Vec<String>,
    procedure: String,
    stage: String,
    query: String,
    from: String,
    until: String,
    open: bool,
    late: bool,
    /// The order the list has, and whether it could be another.
    sort: &'static str,
    sortable: bool,
    /// The first page, on later ones.
    first: Option<String>,
    next: Option<String>,
}

/// Rows on one page.
const PAGE: usize = 40;

/// A page of a register, newest first.
pub async fn page(
    State(site): State<Site>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "cases")?;
    let ctx = session::ctx(&site, &visitor.who);
    let wanted = |name: &str| {
        asked
            .get(name)
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty())
    };
    let filter = Filter {
        procedure: wanted("procedure"),
        stage: wanted("stage"),
        query: wanted("q"),
        from: wanted("from"),
        until: wanted("until"),
        open_only: wanted("open").is_some(),
        late_only: wanted("late").is_some(),
        sort: wanted("sort")
            .and_then(|sort| Sort::named(&sort))
            .unwrap_or_default(),
        after: wanted("after"),
    };
    let page = site
        .office
        .read(|tx| office::docket::page(tx, &ctx, &filter, PAGE))?;
    let stages = filter
        .procedure
        .as_deref()
        .and_then(|code| site.office.pack.file(code))
        .map(|law| stages_of(&law.procedure))
        .unwrap_or_default();
    let mut pairs: Vec<String> = asked
        .iter()
        .filter(|(key, value)| key.as_str() != "after" && !value.is_empty())
        .map(|(key, value)| format!("{key}={}", percent(value)))
        .collect();
    pairs.sort();
    let first = filter
        .after
        .is_some()
        .then(|| format!("/office/cases?{}", pairs.join("&")));
    let next = page.next.map(|after| {
        pairs.push(format!("after={}", percent(&after)));
        pairs.join("&")
    });
    let today = ctx.today().to_string();
    let titles: HashMap<String, String> = site
        .office
        .pack
        .files()
        .map(|f| (f.procedure.code.clone(), f.procedure.title.clone()))
        .collect();
    let order = filter.order();
    let rows = page
        .rows
        .into_iter()
        .map(|row| {
            let late = row.closed_on.is_none()
                && row.due_on.as_deref().is_some_and(|d| d < today.as_str());
            let title = titles.get(&row.procedure).cloned().unwrap_or_default();
            (row, title, if late { "late" } else { "" })
        })
        .collect();
    let mut procedures: Vec<(String, String)> = titles.into_iter().collect();
    procedures.sort();
    show(&Register {
        shell,
        rows,
        procedures,
        stages,
        procedure: filter.procedure.unwrap_or_default(),
        stage: filter.stage.unwrap_or_default(),
        query: filter.query.unwrap_or_default(),
        from: filter.from.unwrap_or_default(),
        until: filter.until.unwrap_or_default(),
        open: filter.open_only,
        late: filter.late_only,
        sort: order.code(),
        sortable: order == filter.sort,
        first,
        next,
    })
}

/// Stages of 主线, in the order of the law file.
fn stages_of(procedure: &law::procedure::Procedure) -> Vec<String> {
    procedure.lines[0]
        .stages
        .iter()
        .map(|stage| procedure.stages[stage.at()].name.clone())
        .collect()
}
