//! The board (数字) and the report workshop (报告).

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use office::error::{Bar, Error};
use office::figures::{Figure, Figures, Item, Period};
use office::reports::Report;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "office/board.html")]
struct Board {
    shell: Shell,
    year: i16,
    groups: Vec<(String, String, Vec<Figure>, Vec<String>)>,
}

fn year_of(site: &Site, query: &HashMap<String, String>) -> Result<i16, Error> {
    let latest = site
        .office
        .read(|tx| office::reports::years(tx, &site.org))?;
    let fallback = latest
        .first()
        .and_then(|(y, _, _)| i16::try_from(*y).ok())
        .unwrap_or((site.now)().year());
    Ok(query
        .get("year")
        .and_then(|y| y.parse().ok())
        .filter(|y| (2000..2100).contains(y))
        .unwrap_or(fallback))
}

/// Every indicator of every procedure for a year, with balances.
pub async fn page(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "board")?;
    let ctx = session::ctx(&site, &visitor.who);
    let year = year_of(&site, &query)?;
    let groups = site.office.read(|tx| {
        let mut figures = Figures::new(tx, &ctx, Period::year(year))?;
        let mut groups = Vec::new();
        let registers: Vec<Figure> = ctx
            .pack
            .registers
            .iter()
            .map(|f| figures.figure(&format!("registers.{}", f.code)))
            .collect::<Result<_, Error>>()?;
        groups.push((
            "跨台账".to_owned(),
            "registers".to_owned(),
            registers,
            Vec::new(),
        ));
        for law in ctx.pack.files() {
            let code = &law.procedure.code;
            let all: Vec<Figure> = law
                .procedure
                .indicators
                .iter()
                .map(|i| figures.figure(&format!("{code}.{}", i.code)))
                .collect::<Result<_, Error>>()?;
            groups.push((
                law.procedure.title.clone(),
                code.clone(),
                all,
                figures.unbalanced(code)?,
            ));
        }
        Ok(groups)
    })?;
    show(&Board {
        shell,
        year,
        groups,
    })
}

#[derive(Template)]
#[template(path = "office/figure.html")]
struct FigurePage {
    shell: Shell,
    figure: Figure,
    items: Vec<Item>,
    total: usize,
    /// Counted, and not for this reader to see.
    hidden: usize,
}

/// The list behind a figure, as it stands now.
pub async fn figure(
    State(site): State<Site>,
    Path((year, reference)): Path<(i16, String)>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "board")?;
    let ctx = session::ctx(&site, &visitor.who);
    let (figure, mut items, total) = site.office.read(|tx| {
        let mut figures = Figures::new(tx, &ctx, Period::year(year))?;
        let figure = figures.figure(&reference)?;
        let list = figures.list(&reference)?;
        let total = list.len();
        Ok((figure, office::access::only_seen(tx, &ctx, list)?, total))
    })?;
    let hidden = total - items.len();
    items.truncate(1000);
    show(&FigurePage {
        shell,
        figure,
        items,
        total,
        hidden,
    })
}

#[derive(Template)]
#[template(path = "office/reports.html")]
struct Reports {
    shell: Shell,
    years: Vec<(i64, Option<String>, String)>,
    this_year: i16,
}

/// The reports so far, and how to make the next.
pub async fn reports(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "reports")?;
    let years = site
        .office
        .read(|tx| office::reports::years(tx, &site.org))?;
    show(&Reports {
        shell,
        years,
        this_year: (site.now)().year(),
    })
}

#[derive(Template)]
#[template(path = "office/draft.html")]
struct Draft {
    shell: Shell,
    report: Report,
    text: String,
}

/// The report of a year as it would come out now: figures, balances, unproven claims.
pub async fn draft(State(site): State<Site>, Path(year): Path<i16>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    if !(2000..2100).contains(&year) {
        return Err(Error::Bar(Bar::NotFound).into());
    }
    let shell = Shell::office(&site, &headers, &visitor, "reports")?;
    let ctx = session::ctx(&site, &visitor.who);
    let report = site
        .office
        .read(|tx| office::reports::compute(tx, &ctx, year))?;
    let text = report.markdown();
    show(&Draft {
        shell,
        report,
        text,
    })
}
