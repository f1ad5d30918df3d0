//! The board (数字) and the lists behind it.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use office::error::Error;
use office::figures::{Figure, Figures, Item, Period};
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "office/board.html")]
struct Board {
    shell: Shell,
    year: i16,
    /// Registers with something to count, or out of balance.
    groups: Vec<Group>,
    /// Registers in which nothing happened.
    silent: Vec<Group>,
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

/// The figures of one register: title, code, figures, what does not balance.
pub type Group = (String, String, Vec<Figure>, Vec<String>);

/// Every indicator of every procedure for a year, with balances.
pub fn groups(site: &Site, ctx: &office::ctx::Ctx, year: i16) -> Result<Vec<Group>, Error> {
    site.office.read(|tx| {
        let mut figures = Figures::new(tx, ctx, Period::year(year))?;
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
    })
}

/// The board of a year.
pub async fn page(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "board")?;
    let ctx = session::ctx(&site, &visitor.who);
    let year = year_of(&site, &query)?;
    let (groups, silent) =
        groups(&site, &ctx, year)?
            .into_iter()
            .partition(|(_, _, figures, wrong)| {
                let counts = |figure: &Figure| figure.micros.is_some_and(|micros| micros != 0);
                !wrong.is_empty() || figures.iter().any(counts)
            });
    show(&Board {
        shell,
        year,
        groups,
        silent,
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
