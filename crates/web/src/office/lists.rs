//! Listings (清单): what is in force, what changed between two days, and how an administrator adds, publishes, ends.

use super::people::{Typed, accept, keep, seq_of};
use crate::Site;
use crate::errors::{Page, show};
use crate::parts::forms::percent;
use crate::parts::shell::Shell;
use crate::session::{self, Visitor};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use jiff::civil::Date;
use office::accounts::Role;
use office::error::{Bar, Error};
use office::listings::{self, Difference, ListingEntry};
use office::registers::{self, Change};
use std::collections::{BTreeMap, HashMap};

/// An entry with its state on the day: words and class of the chip.
type Shown = (ListingEntry, &'static str, &'static str);

#[derive(Template)]
#[template(path = "office/lists.html")]
struct Lists {
    shell: Shell,
    names: Vec<(String, String, i64)>,
    chosen: String,
    link: String,
    entries: Vec<Shown>,
    whole: bool,
    earlier: String,
    later: String,
    differences: Option<Vec<Difference>>,
    admin: bool,
    kept: Option<String>,
}

/// The listings, and one of them: in force today, or whole; and what changed between two days.
pub async fn page(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "lists")?;
    let today = (site.now)().date();
    let chosen = query.get("name").cloned().unwrap_or_default();
    let day = |name: &str| query.get(name).and_then(|text| text.parse::<Date>().ok());
    let (earlier, later) = (day("earlier"), day("later"));
    let admin = visitor.who.role == Role::Admin;
    let whole = query.contains_key("all");
    let (names, entries, differences) = site.office.read(|tx| {
        let entries = if whole {
            listings::all(tx, &site.org, &chosen)?
        } else {
            listings::on_day(tx, &site.org, &chosen, today)?
        };
        let differences = match (earlier, later) {
            (Some(earlier), Some(later)) => Some(listings::differences(
                tx, &site.org, &chosen, earlier, later,
            )?),
            _ => None,
        };
        Ok((listings::names(tx, &site.org)?, entries, differences))
    })?;
    let day = today.to_string();
    let first = jiff::civil::date(today.year(), 1, 1).to_string();
    show(&Lists {
        shell,
        names: names
            .into_iter()
            .map(|(name, n)| (percent(&name), name, n))
            .collect(),
        link: percent(&chosen),
        chosen,
        entries: entries
            .into_iter()
            .map(|entry| {
                let (words, class) = state(&entry, &day);
                (entry, words, class)
            })
            .collect(),
        whole,
        earlier: earlier.map_or(first, |d| d.to_string()),
        later: later.map_or(day, |d| d.to_string()),
        differences,
        admin,
        kept: seq_of(&query),
    })
}

fn state(entry: &ListingEntry, day: &str) -> (&'static str, &'static str) {
    if entry.until_on.as_deref().is_some_and(|until| until < day) {
        ("已终止", "")
    } else if entry.published_on.as_deref().is_none_or(|on| on > day) {
        ("未公布", "soon")
    } else if entry.from_on.as_str() > day {
        ("未生效", "soon")
    } else {
        ("生效", "ok")
    }
}

#[derive(Template)]
#[template(path = "office/entry.html")]
struct EntryPage {
    shell: Shell,
    listing: String,
    link: String,
    known: bool,
    key: String,
    from_on: String,
    until_on: String,
    published_on: String,
    source: String,
    columns: Vec<(String, String)>,
    request: String,
    typed: Typed,
}

/// The form of an entry: a new one, or one that is known by key and first day.
pub async fn entry(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    registers::may_change(&visitor.who)?;
    let of = |name: &str| query.get(name).cloned().unwrap_or_default();
    let page = entry_page(
        &site,
        &headers,
        &visitor,
        (&of("name"), &of("key"), &of("from")),
        Typed::default(),
    )?;
    show(&page)
}

fn entry_page(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    (listing, key, from_on): (&str, &str, &str),
    typed: Typed,
) -> Result<EntryPage, Error> {
    let shell = Shell::office(site, headers, visitor, "lists")?;
    let ctx = session::ctx(site, &visitor.who);
    let all = site
        .office
        .read(|tx| listings::all(tx, &site.org, listing))?;
    let declared = listings::columns(&site.office.pack, listing);
    if all.is_empty() && declared.is_none() {
        return Err(Error::Bar(Bar::NotFound));
    }
    let mut columns: Vec<String> = declared.unwrap_or_default();
    for name in all.iter().flat_map(|e| e.columns.keys()) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let found = all.iter().find(|e| e.key == key && e.from_on == from_on);
    let known = found.is_some();
    let blank = ListingEntry {
        listing: listing.to_owned(),
        key: String::new(),
        from_on: ctx.today().to_string(),
        until_on: None,
        published_on: None,
        columns: BTreeMap::new(),
        source: String::new(),
    };
    let shown = found.unwrap_or(&blank).clone();
    let of = |name: &str, value: String| typed.or("entry", name, &value).to_owned();
    Ok(EntryPage {
        shell,
        listing: listing.to_owned(),
        link: percent(listing),
        known,
        key: of("key", shown.key),
        from_on: of("from_on", shown.from_on),
        until_on: of("until_on", shown.until_on.unwrap_or_default()),
        published_on: of("published_on", shown.published_on.unwrap_or_default()),
        source: of("source", shown.source),
        columns: columns
            .into_iter()
            .map(|name| {
                let value = shown.columns.get(&name).cloned().unwrap_or_default();
                let value = of(&format!("c.{name}"), value);
                (name, value)
            })
            .collect(),
        request: ctx.fresh_id(),
        typed,
    })
}

/// Adds, publishes, ends or mends an entry.
pub async fn put(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(inputs): Form<BTreeMap<String, String>>,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let typed = accept(&visitor, &headers, inputs)?;
    let columns = typed
        .inputs
        .iter()
        .filter_map(|(name, text)| {
            let name = name.strip_prefix("c.")?;
            let text = text.trim();
            (!text.is_empty()).then(|| (name.to_owned(), text.to_owned()))
        })
        .collect();
    let entry = ListingEntry {
        listing: typed.get("listing"),
        key: typed.get("key"),
        from_on: typed.get("from_on"),
        until_on: typed.given("until_on"),
        published_on: typed.given("published_on"),
        columns,
        source: typed.get("source"),
    };
    let link = percent(&entry.listing);
    match keep(&site, &visitor, &typed, Change::Listing(entry.clone())).await {
        Ok(kept) => Ok(Redirect::to(&format!(
            "/office/lists?name={link}&all=1&kept={}",
            kept.seq
        ))
        .into_response()),
        Err(Error::Form(faults)) => {
            let at = (
                entry.listing.as_str(),
                entry.key.as_str(),
                entry.from_on.as_str(),
            );
            let page = entry_page(&site, &headers, &visitor, at, Typed { faults, ..typed })?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}
