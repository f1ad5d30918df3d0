//! Random draws (抽取核对): every published draw is computed again on the page, and anybody may compute their own.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use office::draws::{self, Draw, Verdict};
use office::error::{Bar, Error};
use office::publications::{self, Publication};
use std::collections::HashMap;

/// The publication that a draw ends with.
pub const KIND: &str = "inspection_draw.draw_publication";
/// The publication that a draw begins with.
const PROMISE: &str = "inspection_draw.commit_publication";
/// Rows on one page.
const PAGE: usize = 30;

/// The draw that a publication states.
fn stated(publication: &Publication) -> Draw {
    let of = |label: &str| {
        publication
            .rows
            .iter()
            .find(|row| row.label == label)
            .map_or("", |row| row.text.as_str())
            .to_owned()
    };
    Draw {
        list: of("抽取名单"),
        wanted: of("抽取数").parse().unwrap_or_default(),
        commitment: of("种子承诺"),
        seed: of("种子"),
        public: of("公开随机值"),
        result: of("抽取结果"),
    }
}

struct Line {
    id: String,
    title: String,
    on: String,
    verdict: Option<Verdict>,
}

#[derive(Template)]
#[template(path = "portal/draws.html")]
struct Draws {
    shell: Shell,
    lines: Vec<Line>,
    next: Option<String>,
    typed: Draw,
    computed: Option<(String, Vec<String>)>,
    fault: String,
}

/// All draws, newest first, each computed again; promises that wait for their number stand among them.
pub async fn index(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let before = query.get("before").map(String::as_str);
    page(&site, &headers, before, Draw::default(), None, "")
}

fn page(
    site: &Site,
    headers: &HeaderMap,
    before: Option<&str>,
    typed: Draw,
    computed: Option<(String, Vec<String>)>,
    fault: &str,
) -> Page {
    let shell = Shell::portal(site, headers, "publications")?;
    let mut all = site.office.read(|tx| {
        let limit = PAGE as i64 + 1;
        let mut all = publications::list(tx, &site.org, Some(KIND), before, limit)?;
        all.extend(publications::list(
            tx,
            &site.org,
            Some(PROMISE),
            before,
            limit,
        )?);
        Ok(all)
    })?;
    all.sort_by(|a, b| b.id.cmp(&a.id));
    let next = (all.len() > PAGE).then(|| all[PAGE - 1].id.clone());
    all.truncate(PAGE);
    let lines = all
        .iter()
        .map(|publication| Line {
            id: publication.id.clone(),
            title: publication.title.clone(),
            on: publication.published_at.chars().take(10).collect(),
            verdict: (publication.kind == KIND).then(|| draws::check(&stated(publication))),
        })
        .collect();
    show(&Draws {
        shell,
        lines,
        next,
        typed,
        computed,
        fault: fault.to_owned(),
    })
}

#[derive(Template)]
#[template(path = "portal/draw.html")]
struct One {
    shell: Shell,
    publication: Publication,
    draw: Draw,
    entries: usize,
    verdict: Verdict,
}

/// One draw, with what was promised, what came out, and what the page computes.
pub async fn one(State(site): State<Site>, Path(id): Path<String>, headers: HeaderMap) -> Page {
    let shell = Shell::portal(&site, &headers, "publications")?;
    let publication = site
        .office
        .read(|tx| publications::find(tx, &site.org, &id))?
        .filter(|found| found.kind == KIND && found.withdrawn_at.is_none())
        .ok_or(Error::Bar(Bar::NotFound))?;
    let draw = stated(&publication);
    show(&One {
        shell,
        entries: draws::entries(&draw.list).len(),
        verdict: draws::check(&draw),
        draw,
        publication,
    })
}

/// Computes what somebody typed; keeps nothing.
pub async fn compute(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Page {
    let of = |name: &str| form.get(name).cloned().unwrap_or_default();
    let typed = Draw {
        list: of("list"),
        wanted: of("wanted").trim().parse().unwrap_or_default(),
        seed: of("seed"),
        public: of("public"),
        ..Draw::default()
    };
    let all = draws::entries(&typed.list).len();
    let fault = if typed.seed.trim().is_empty() {
        "没有填种子。"
    } else if typed.wanted == 0 || typed.wanted > all {
        "抽取数要在 1 和名单的行数之间。"
    } else {
        ""
    };
    let computed = fault.is_empty().then(|| {
        let promise = draws::commitment(&typed.seed, &typed.list, typed.wanted);
        let drawn = if typed.public.trim().is_empty() {
            Vec::new()
        } else {
            draws::drawn(&typed.seed, &typed.public, &typed.list, typed.wanted)
        };
        (promise, drawn)
    });
    page(&site, &headers, None, typed, computed, fault)
}
