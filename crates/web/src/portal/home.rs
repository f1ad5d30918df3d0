//! The first page: what people come for (我要办、我要反映、我要查), then what the township has published.

use super::guide::{self, Card};
use super::publications;
use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;

/// The latest of one kind of publication.
struct Column {
    kind: String,
    name: String,
    latest: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "portal/home.html")]
struct Home {
    shell: Shell,
    reports: Vec<(i64, Option<String>)>,
    groups: Vec<(&'static str, Vec<Card>)>,
    columns: Vec<Column>,
}

/// The first page.
pub async fn home(State(site): State<Site>, headers: HeaderMap) -> Page {
    let shell = Shell::portal(&site, &headers, "home")?;
    let kinds = publications::kinds(&site);
    let (reports, columns) = site.office.read(|tx| {
        let mut columns = Vec::new();
        for (kind, name) in kinds.into_iter().filter(|(kind, _)| kind != "report") {
            let latest: Vec<(String, String, String)> =
                office::publications::list(tx, &site.org, Some(&kind), None, 3)?
                    .into_iter()
                    .map(|p| {
                        let short = p.title.trim_start_matches(name.as_str()).trim();
                        (
                            publications::place(&p),
                            short.to_owned(),
                            p.published_at[..10].to_owned(),
                        )
                    })
                    .collect();
            if !latest.is_empty() {
                columns.push(Column { kind, name, latest });
            }
        }
        Ok::<_, office::error::Error>((office::reports::years(tx, &site.org)?, columns))
    })?;
    let reports = reports
        .into_iter()
        .map(|(year, at, _)| (year, at))
        .collect();
    show(&Home {
        shell,
        reports,
        groups: guide::groups(&site),
        columns,
    })
}
