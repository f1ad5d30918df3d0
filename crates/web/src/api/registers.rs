//! People, posts, certificates and listings for programs: the same changes as the pages, by the same operation.

use super::{Answer, body, day, flag, request_of};
use crate::Site;
use crate::session;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use office::error::{Bar, Error};
use office::listings::{self, ListingEntry};
use office::people::{self, Certificate, Person, Post};
use office::registers::{self, Change};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// A field that may be left out (stays as it is), be `null` (is taken back) or be given.
fn given<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(source).map(Some)
}

/// What is known of a person; what is left out of a change stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonBody {
    #[serde(default)]
    id: String,
    name: String,
    office: String,
    stationed: Option<bool>,
    from_on: String,
    #[serde(default, deserialize_with = "given")]
    until_on: Option<Option<String>>,
    request: Option<String>,
}

impl PersonBody {
    fn person(self, id: String, known: Option<Person>) -> (Person, Option<String>) {
        let (stationed, until_on) = known.map_or((false, None), |p| (p.stationed, p.until_on));
        let person = Person {
            id,
            name: self.name,
            office: self.office,
            stationed: self.stationed.unwrap_or(stationed),
            from_on: self.from_on,
            until_on: self.until_on.unwrap_or(until_on),
        };
        (person, self.request)
    }
}

/// A post with its period.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostBody {
    post: String,
    from_on: String,
    #[serde(default, deserialize_with = "given")]
    until_on: Option<Option<String>>,
    request: Option<String>,
}

/// A certificate with its period.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateBody {
    kind: String,
    number: String,
    from_on: String,
    until_on: String,
    request: Option<String>,
}

/// An entry of a listing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryBody {
    key: String,
    from_on: String,
    #[serde(default, deserialize_with = "given")]
    until_on: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    published_on: Option<Option<String>>,
    columns: Option<BTreeMap<String, String>>,
    source: String,
    request: Option<String>,
}

async fn keep(site: Site, headers: HeaderMap, change: Change, request: Option<String>) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = office::ctx::Ctx {
        request: request_of(request)?,
        ..session::ctx(&site, &who)
    };
    let kept =
        tokio::task::spawn_blocking(move || registers::change(&site.office, &ctx, &who, &change))
            .await
            .map_err(|e| Error::Fault(e.to_string()))??;
    Ok(Json(json!({ "id": kept.id, "seq": kept.seq })))
}

/// Registers somebody new.
pub async fn hire(
    State(site): State<Site>,
    headers: HeaderMap,
    sent: Result<Json<PersonBody>, JsonRejection>,
) -> Answer {
    let sent = body(sent)?;
    let id = sent.id.clone();
    let (person, request) = sent.person(id, None);
    keep(site, headers, Change::Hire(person), request).await
}

/// Changes what is known of a person.
pub async fn mend(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Result<Json<PersonBody>, JsonRejection>,
) -> Answer {
    session::program(&site, &headers)?;
    let sent = body(sent)?;
    let known = site.office.read(|tx| people::find(tx, &site.org, &id))?;
    let (person, request) = sent.person(id, known);
    keep(site, headers, Change::Person(person), request).await
}

/// Gives a post, or ends one.
pub async fn post(
    State(site): State<Site>,
    Path(person): Path<String>,
    headers: HeaderMap,
    sent: Result<Json<PostBody>, JsonRejection>,
) -> Answer {
    session::program(&site, &headers)?;
    let sent = body(sent)?;
    let held = site
        .office
        .read(|tx| people::posts_of(tx, &site.org, &person))?;
    let known = held
        .into_iter()
        .find(|post| post.post == sent.post && post.from_on == sent.from_on)
        .and_then(|post| post.until_on);
    let post = Post {
        person,
        post: sent.post,
        from_on: sent.from_on,
        until_on: sent.until_on.unwrap_or(known),
    };
    keep(site, headers, Change::Post(post), sent.request).await
}

/// Registers a certificate, or changes its period.
pub async fn certificate(
    State(site): State<Site>,
    Path(person): Path<String>,
    headers: HeaderMap,
    sent: Result<Json<CertificateBody>, JsonRejection>,
) -> Answer {
    let sent = body(sent)?;
    let certificate = Certificate {
        person,
        kind: sent.kind,
        number: sent.number,
        from_on: sent.from_on,
        until_on: sent.until_on,
    };
    keep(
        site,
        headers,
        Change::Certificate(certificate),
        sent.request,
    )
    .await
}

/// Adds, publishes, ends or mends an entry.
pub async fn put_entry(
    State(site): State<Site>,
    Path(listing): Path<String>,
    headers: HeaderMap,
    sent: Result<Json<EntryBody>, JsonRejection>,
) -> Answer {
    session::program(&site, &headers)?;
    let sent = body(sent)?;
    let all = site
        .office
        .read(|tx| listings::all(tx, &site.org, &listing))?;
    let known = all
        .into_iter()
        .find(|entry| entry.key == sent.key && entry.from_on == sent.from_on);
    let (until_on, published_on, columns) = known.map_or_else(Default::default, |known| {
        (known.until_on, known.published_on, known.columns)
    });
    let entry = ListingEntry {
        listing,
        key: sent.key,
        from_on: sent.from_on,
        until_on: sent.until_on.unwrap_or(until_on),
        published_on: sent.published_on.unwrap_or(published_on),
        columns: sent.columns.unwrap_or(columns),
        source: sent.source,
    };
    keep(site, headers, Change::Listing(entry), sent.request).await
}

/// One person with all posts and certificates.
pub async fn person(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let who = session::program(&site, &headers)?;
    office::access::may_read_people(&session::ctx(&site, &who))?;
    let (person, posts, certificates) = site.office.read(|tx| {
        let person = people::find(tx, &site.org, &id)?.ok_or(Error::Bar(Bar::NotFound))?;
        let posts = people::posts_of(tx, &site.org, &id)?;
        Ok((person, posts, people::certificates(tx, &site.org)?))
    })?;
    let certificates: Vec<Certificate> = certificates
        .into_iter()
        .map(|(one, _, _)| one)
        .filter(|one| one.person == id)
        .collect();
    Ok(Json(
        json!({ "person": person, "posts": posts, "certificates": certificates }),
    ))
}

/// All listings by name.
pub async fn lists(State(site): State<Site>, headers: HeaderMap) -> Answer {
    session::program(&site, &headers)?;
    let names = site.office.read(|tx| listings::names(tx, &site.org))?;
    let names: Vec<Value> = names
        .into_iter()
        .map(|(name, n)| json!({ "name": name, "entries": n }))
        .collect();
    Ok(Json(json!({ "lists": names })))
}

/// A listing: on a day, whole, or what changed between two days.
pub async fn list(
    State(site): State<Site>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    session::program(&site, &headers)?;
    if let (Some(earlier), Some(later)) = (day(&query, "earlier")?, day(&query, "later")?) {
        let all = site
            .office
            .read(|tx| listings::differences(tx, &site.org, &name, earlier, later))?;
        let all: Vec<Value> = all
            .into_iter()
            .map(|(was, is)| json!({ "was": was, "is": is }))
            .collect();
        return Ok(Json(json!({ "differences": all })));
    }
    let on = day(&query, "day")?.unwrap_or((site.now)().date());
    let all = flag(&query, "all")?;
    let entries = site.office.read(|tx| match all {
        true => listings::all(tx, &site.org, &name),
        false => listings::on_day(tx, &site.org, &name, on),
    })?;
    Ok(Json(json!({ "entries": entries })))
}
