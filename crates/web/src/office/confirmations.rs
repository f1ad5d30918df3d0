//! One's own word on acts that name one (待我确认).

use crate::Site;
use crate::errors::Page;
use crate::session;
use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

/// Yes, or no and why.
#[derive(Deserialize)]
pub struct Word {
    #[serde(default)]
    token: String,
    seq: i64,
    answer: String,
    #[serde(default)]
    note: String,
}

/// Confirms or denies, and goes back to today's work.
pub async fn answer(State(site): State<Site>, headers: HeaderMap, Form(word): Form<Word>) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    session::guard(&visitor, &headers, &word.token)?;
    let ctx = session::ctx(&site, &visitor.who);
    let yes = word.answer == "yes";
    office::signing::answer(&site.office, &ctx, word.seq, yes, &word.note)?;
    Ok(Redirect::to("/office").into_response())
}
