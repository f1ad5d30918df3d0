//! Home, publications, progress by tracking code.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use office::error::{Bar, Error};
use office::publications::{self, Publication};
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "portal/home.html")]
struct Home {
    shell: Shell,
    reports: Vec<(i64, Option<String>)>,
    latest: Vec<Publication>,
    procedures: Vec<(String, String, String)>,
}

/// The first page.
pub async fn home(State(site): State<Site>, headers: HeaderMap) -> Page {
    let shell = Shell::portal(&site, &headers, "home")?;
    let (reports, latest) = site.office.read(|tx| {
        Ok((
            office::reports::years(tx, &site.org)?,
            publications::list(tx, &site.org, None, None, 10)?,
        ))
    })?;
    let procedures = site
        .office
        .pack
        .files()
        .map(|f| {
            (
                f.procedure.code.clone(),
                f.procedure.title.clone(),
                f.procedure.summary.chars().take(60).collect(),
            )
        })
        .collect();
    let reports = reports
        .into_iter()
        .map(|(year, at, _)| (year, at))
        .collect();
    show(&Home {
        shell,
        reports,
        latest,
        procedures,
    })
}

#[derive(Template)]
#[template(path = "portal/publications.html")]
struct Publications {
    shell: Shell,
    all: Vec<Publication>,
    next: Option<String>,
}

/// Published decisions and results, newest first.
pub async fn publications(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let shell = Shell::portal(&site, &headers, "publications")?;
    let before = query.get("before").map(String::as_str);
    let mut all = site
        .office
        .read(|tx| publications::list(tx, &site.org, None, before, 31))?;
    let next = (all.len() > 30).then(|| all[29].id.clone());
    all.truncate(30);
    show(&Publications { shell, all, next })
}

#[derive(Template)]
#[template(path = "portal/publication.html")]
struct OnePublication {
    shell: Shell,
    publication: Publication,
    views: i64,
    qr: String,
}

/// One publication.
pub async fn publication(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Page {
    let shell = Shell::portal(&site, &headers, "publications")?;
    let publication = site
        .office
        .read(|tx| publications::find(tx, &site.org, &id))?
        .ok_or(Error::Bar(Bar::NotFound))?;
    let views = publications::viewed(&site.office, &site.org, &format!("publications/{id}"))?;
    let qr = document::qr_svg(&address(&headers, &format!("/publications/{id}")));
    show(&OnePublication {
        shell,
        publication,
        views,
        qr,
    })
}

/// The full address of a page, as the visitor reached this site.
pub fn address(headers: &HeaderMap, path: &str) -> String {
    let host = headers
        .get("host")
        .and_then(|v| v.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}{path}")
}

#[derive(Template)]
#[template(path = "portal/progress.html")]
struct Progress {
    shell: Shell,
    code: String,
    found: Option<Found>,
}

struct Found {
    number: String,
    procedure: String,
    stage: String,
    opened_on: String,
    due: String,
    steps: Vec<(String, String)>,
}

/// How far a matter is, by the code its applicant was given. Names nobody.
pub async fn progress(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let shell = Shell::portal(&site, &headers, "progress")?;
    let code = query.get("code").cloned().unwrap_or_default();
    let mut found = None;
    if !code.trim().is_empty() {
        let ctx = site.ctx("门户");
        found = site.office.read(|tx| {
            let Some((org, id)) = office::today::tracked(tx, &code)? else {
                return Ok(None);
            };
            if org != site.org {
                return Ok(None);
            }
            let record = office::records::load(tx, &ctx, &id)?;
            let procedure = &record.law.procedure;
            Ok(Some(Found {
                number: record.row.number.clone(),
                procedure: procedure.title.clone(),
                stage: record.row.stage.clone(),
                opened_on: record.row.opened_on.clone(),
                due: match (&record.row.due_clock, &record.row.due_on) {
                    (Some(clock), Some(day)) => format!("{clock}：{day} 届满"),
                    _ => String::new(),
                },
                steps: record
                    .history
                    .facts
                    .iter()
                    .map(|f| {
                        (
                            f.at.date().to_string(),
                            procedure.steps[f.step.at()].name.clone(),
                        )
                    })
                    .collect(),
            }))
        })?;
    }
    show(&Progress { shell, code, found })
}
