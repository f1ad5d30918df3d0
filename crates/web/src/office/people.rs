//! People, posts, certificates, listings: what stands in the registers today.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use office::listings::ListingEntry;
use office::people::{Certificate, Person};
use std::collections::HashMap;

/// Words and class of a certificate's chip.
type Chip = (String, &'static str);

#[derive(Template)]
#[template(path = "office/people.html")]
struct People {
    shell: Shell,
    people: Vec<(Person, String, Vec<Chip>)>,
    valid: usize,
}

/// Who works here today, in which posts, with which certificates.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "people")?;
    let today = (site.now)().date();
    let (people, certificates) = site.office.read(|tx| {
        Ok((
            office::people::on_day(tx, &site.org, today)?,
            office::people::certificates(tx, &site.org)?,
        ))
    })?;
    let day = today.to_string();
    let soon = (today + jiff::Span::new().days(60)).to_string();
    let chip = |c: &Certificate| {
        let state = if c.until_on < day {
            "late"
        } else if c.until_on < soon {
            "soon"
        } else {
            "ok"
        };
        let words = match state {
            "late" => format!("{} {} 已于 {} 失效", c.kind, c.number, c.until_on),
            "soon" => format!("{} {} {} 到期", c.kind, c.number, c.until_on),
            _ => format!("{} {}", c.kind, c.number),
        };
        (words, state)
    };
    let valid = certificates
        .iter()
        .filter(|(c, _, stationed)| !stationed && c.kind == "执法证" && c.until_on >= day)
        .count();
    let people = people
        .into_iter()
        .map(|(person, posts)| {
            let held = certificates
                .iter()
                .filter(|(c, _, _)| c.person == person.id)
                .map(|(c, _, _)| chip(c))
                .collect();
            (person, posts.join("、"), held)
        })
        .collect();
    show(&People {
        shell,
        people,
        valid,
    })
}

#[derive(Template)]
#[template(path = "office/lists.html")]
struct Lists {
    shell: Shell,
    names: Vec<(String, i64)>,
    chosen: String,
    entries: Vec<ListingEntry>,
}

/// The listings in force, and one of them.
pub async fn lists(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "lists")?;
    let today = (site.now)().date();
    let chosen = query.get("name").cloned().unwrap_or_default();
    let (names, entries) = site.office.read(|tx| {
        Ok((
            office::listings::names(tx, &site.org)?,
            office::listings::on_day(tx, &site.org, &chosen, today)?,
        ))
    })?;
    show(&Lists {
        shell,
        names,
        chosen,
        entries,
    })
}
