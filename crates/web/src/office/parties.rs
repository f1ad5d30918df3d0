//! How to reach the parties of a case (当事人联系方式): shown to those who work on it, for a purpose that goes on record.

use crate::Site;
use crate::errors::{Page, judge, show};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use office::casefile;
use office::error::{Bar, Error};
use office::parties::{self, Party, Reach};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "office/parties.html")]
struct PartiesPage {
    shell: Shell,
    id: String,
    number: String,
    purposes: &'static [&'static str],
    /// Why the form came back.
    refused: Option<String>,
    /// What was asked for, and what for.
    shown: Option<(String, Vec<(Party, Reach)>)>,
}

/// The form's contents.
#[derive(Deserialize)]
pub struct Purpose {
    token: String,
    purpose: String,
    #[serde(default)]
    other: String,
}

/// Asks what for.
pub async fn page(State(site): State<Site>, Path(id): Path<String>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    show(&build(&site, &headers, &visitor, id)?)
}

fn build(
    site: &Site,
    headers: &HeaderMap,
    visitor: &session::Visitor,
    id: String,
) -> Result<PartiesPage, Error> {
    let ctx = session::ctx(site, &visitor.who);
    let number = site.office.read(|tx| casefile::number(tx, &ctx, &id))?;
    Ok(PartiesPage {
        shell: Shell::office(site, headers, visitor, "cases")?,
        id,
        number,
        purposes: parties::PURPOSES,
        refused: None,
        shown: None,
    })
}

/// Shows it, this once.
pub async fn reveal(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Purpose>,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    let ctx = session::ctx(&site, &visitor.who);
    let purpose = match form.other.trim() {
        "" => form.purpose,
        other => other.to_owned(),
    };
    match parties::reveal(&site.office, &ctx, &id, &purpose) {
        Ok(found) => show(&PartiesPage {
            shown: Some((purpose, found)),
            ..build(&site, &headers, &visitor, id)?
        }),
        Err(e @ (Error::Form(_) | Error::Bar(Bar::NotYours(_)))) => {
            let (status, why) = judge(&e);
            let page = PartiesPage {
                refused: Some(why),
                ..build(&site, &headers, &visitor, id)?
            };
            Ok((status, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}
