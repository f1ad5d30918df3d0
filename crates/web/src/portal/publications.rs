//! What the township has published (政府公开): newest first, by kind, page by page.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use office::error::{Bar, Error};
use office::publications::{self, Publication};
use std::collections::HashMap;

/// Kinds of publications that the law files know: code and name, the annual report first.
pub fn kinds(site: &Site) -> Vec<(String, String)> {
    let mut all = vec![("report".to_owned(), "法治政府建设年度报告".to_owned())];
    for law in site.office.pack.files() {
        let procedure = &law.procedure;
        for publication in &procedure.publications {
            all.push((
                format!("{}.{}", procedure.code, publication.code),
                publication.name.clone(),
            ));
        }
    }
    all
}

/// Where a publication is read: a report has a page of its own.
pub fn place(publication: &Publication) -> String {
    let year: String = publication
        .title
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take(4)
        .collect();
    if publication.kind == "report" && year.len() == 4 {
        format!("/report/{year}")
    } else if publication.kind == super::draws::KIND {
        format!("/draws/{}", publication.id)
    } else {
        format!("/publications/{}", publication.id)
    }
}

#[derive(Template)]
#[template(path = "portal/publications.html")]
struct Publications {
    shell: Shell,
    kinds: Vec<(String, String)>,
    kind: String,
    all: Vec<(Publication, String)>,
    next: Option<String>,
    later: bool,
}

/// Rows on one page.
const PAGE: usize = 30;

/// Published decisions and results, newest first.
pub async fn publications(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let shell = Shell::portal(&site, &headers, "publications")?;
    let before = query.get("before").map(String::as_str);
    let kinds = kinds(&site);
    let kind = query
        .get("kind")
        .filter(|wanted| kinds.iter().any(|(code, _)| code == *wanted))
        .cloned()
        .unwrap_or_default();
    let only = Some(kind.as_str()).filter(|k| !k.is_empty());
    let mut all = site
        .office
        .read(|tx| publications::list(tx, &site.org, only, before, PAGE as i64 + 1))?;
    let next = (all.len() > PAGE).then(|| all[PAGE - 1].id.clone());
    all.truncate(PAGE);
    let all = all
        .into_iter()
        .map(|p| {
            let at = place(&p);
            (p, at)
        })
        .collect();
    show(&Publications {
        shell,
        kinds,
        kind,
        all,
        next,
        later: before.is_some(),
    })
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
    let qr = document::qr_svg(&super::address(&headers, &format!("/publications/{id}")));
    show(&OnePublication {
        shell,
        publication,
        views,
        qr,
    })
}
