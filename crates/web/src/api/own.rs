//! One's own account for programs: what it has open, and how to end it. New passwords and new tokens are made by a person who has
//! signed in: a token that could make tokens could not be taken back.

use super::Answer;
use crate::Site;
use crate::session;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};

/// The account behind a token, and what it owns.
pub async fn account(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let (sessions, tokens) = site.office.read(|tx| {
        Ok((
            office::accounts::sessions(tx, &ctx, "")?,
            office::accounts::tokens(tx, &ctx)?,
        ))
    })?;
    let sessions: Vec<Value> = sessions
        .into_iter()
        .map(|s| json!({ "id": s.id, "device": s.device, "created_at": s.created_at, "seen_at": s.seen_at }))
        .collect();
    let tokens: Vec<Value> = tokens
        .into_iter()
        .map(|t| json!({ "id": t.id, "label": t.label, "expires_on": t.expires_on }))
        .collect();
    Ok(Json(
        json!({ "account": who.account, "name": who.name, "person": who.person, "role": who.role.word(),
                    "sessions": sessions, "tokens": tokens }),
    ))
}

/// Ends one of one's own sessions.
pub async fn end_session(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let who = session::program(&site, &headers)?;
    office::accounts::end_session(&site.office, &session::ctx(&site, &who), &id)?;
    Ok(Json(json!({ "ended": id })))
}

/// Takes back one of one's own tokens, the asking one too.
pub async fn revoke_token(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let who = session::program(&site, &headers)?;
    office::accounts::revoke_token(&site.office, &session::ctx(&site, &who), &id)?;
    Ok(Json(json!({ "ended": id })))
}
