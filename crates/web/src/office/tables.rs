//! Official yearly tables (统计年报): enforcement and requests for information, each cell opening its list.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use office::error::{Bar, Error};
use office::figures::Item;
use office::tables::{self, COLUMNS, Row, Section};
use std::collections::HashMap;

/// The list behind one cell.
struct Opened {
    title: String,
    items: Vec<Item>,
    total: usize,
}

#[derive(Template)]
#[template(path = "office/tables.html")]
struct Tables {
    shell: Shell,
    year: i16,
    sections: Vec<Section>,
    columns: [&'static str; 6],
    rows: Vec<Row>,
    wrong: Vec<String>,
    opened: Option<Opened>,
}

/// Both tables of a year; with a row and a column, also the list behind that cell.
pub async fn page(
    State(site): State<Site>,
    Path(year): Path<i16>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    if !(2000..2100).contains(&year) {
        return Err(Error::Bar(Bar::NotFound).into());
    }
    let shell = Shell::office(&site, &headers, &visitor, "board")?;
    let ctx = session::ctx(&site, &visitor.who);
    let of = |name: &str| query.get(name).map_or("", String::as_str);
    let (row, column) = (of("row"), of("column"));
    let (sections, requests, opened) = site.office.read(|tx| {
        let sections = tables::enforcement(tx, &ctx, year)?;
        let requests = tables::requests(tx, &ctx, year)?;
        let opened = if row.is_empty() {
            None
        } else {
            let list = requests.cell(row, column);
            let total = list.len();
            let items = office::access::only_seen(tx, &ctx, list)?;
            let title = if column.is_empty() {
                row.to_owned()
            } else {
                format!("{row}（{column}）")
            };
            Some(Opened {
                title,
                items,
                total,
            })
        };
        Ok::<_, Error>((sections, requests, opened))
    })?;
    show(&Tables {
        shell,
        year,
        sections,
        columns: COLUMNS,
        rows: requests.rows(),
        wrong: requests.unbalanced(),
        opened,
    })
}
