//! One's own word on acts that name one, for programs: a token speaks for the person of its account.

use super::{Answer, body};
use crate::Site;
use crate::session;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use office::error::Error;
use serde::Deserialize;
use serde_json::{Value, json};

/// Yes, or no and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    confirmed: bool,
    #[serde(default)]
    note: String,
}

/// What waits for the word of the token's person.
pub async fn waiting(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let waiting = site.office.read(|tx| office::signing::waiting(tx, &ctx))?;
    let waiting: Vec<Value> = waiting
        .into_iter()
        .map(|w| {
            json!({ "seq": w.seq, "case": w.case, "number": w.number, "title": w.title, "step": w.step,
                    "at": w.at, "by": w.by })
        })
        .collect();
    Ok(Json(json!({ "waiting": waiting })))
}

/// Confirms or denies.
pub async fn answer(
    State(site): State<Site>,
    Path(seq): Path<i64>,
    headers: HeaderMap,
    word: Result<Json<Word>, JsonRejection>,
) -> Answer {
    let who = session::program(&site, &headers)?;
    let word = body(word)?;
    let ctx = session::ctx(&site, &who);
    let said = tokio::task::spawn_blocking(move || {
        office::signing::answer(&site.office, &ctx, seq, word.confirmed, &word.note)
    })
    .await
    .map_err(|e| Error::Fault(e.to_string()))??;
    Ok(Json(json!({ "seq": said })))
}
