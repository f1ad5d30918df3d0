//! Evidence for programs: a file is handed in by itself, and its ticket is named in the step that it belongs to.

use super::Refused;
use crate::Site;
use crate::session;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use office::error::{Bar, Error};
use office::evidence::{self, Upload};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Largest body: one file and a little more, so that a file that is too large is told so by the same check as on the pages.
pub const MAX_BODY: usize = evidence::MAX_BYTES + 1024 * 1024;

/// What the ticket of a file says besides its hash and name: which token handed it in. Whoever only knows a hash cannot bring
/// somebody else's file into a case of their own.
fn seal(headers: &HeaderMap, hash: &str, name: &str) -> String {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .map_or(&[][..], |value| value.as_bytes());
    let mut digest = Sha256::new();
    for part in [bearer, hash.as_bytes(), name.as_bytes()] {
        digest.update(part);
        digest.update([0]);
    }
    office::ctx::hex(&digest.finalize())[..32].to_owned()
}

/// Keeps a file and answers its hash, and the ticket by which a step names it.
pub async fn keep(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let who = session::program(&site, &headers)?;
    office::access::may_act(&session::ctx(&site, &who))?;
    let bytes = sent.map_err(|e| Refused::Body(e.status()))?;
    let name = query.get("name").cloned().unwrap_or_default();
    if name.is_empty() {
        let why = "没有写文件名：?name=照片.jpg".to_owned();
        return Err(Error::Form(vec![("name".into(), why)]).into());
    }
    let office = site.office.clone();
    let kept = tokio::task::spawn_blocking(move || evidence::keep(&office, &name, &bytes))
        .await
        .map_err(|e| Error::Fault(e.to_string()))??;
    let ticket = format!(
        "{}.{}.{}",
        kept.hash,
        seal(&headers, &kept.hash, &kept.name),
        kept.name
    );
    Ok((
        StatusCode::CREATED,
        Json(
            json!({ "sha256": kept.hash, "name": kept.name, "media": kept.media, "size": kept.size, "ticket": ticket }),
        ),
    ))
}

/// The files that a step names by their tickets.
pub fn named(site: &Site, headers: &HeaderMap, tickets: &[String]) -> Result<Vec<Upload>, Refused> {
    tickets
        .iter()
        .map(|ticket| {
            let mut parts = ticket.splitn(3, '.');
            let (hash, sealed, name) = (parts.next(), parts.next(), parts.next());
            let known = match (hash, sealed, name) {
                (Some(hash), Some(sealed), Some(name)) if seal(headers, hash, name) == sealed => {
                    evidence::kept(&site.office, hash, name)?
                }
                _ => None,
            };
            known.ok_or_else(|| {
                let why =
                    format!("没有附件“{ticket}”，或者不是用这个令牌交的；先交到 /api/v1/evidence");
                Refused::Office(Error::Form(vec![("附件".into(), why)]))
            })
        })
        .collect()
}

/// A file of a case.
pub async fn read(
    State(site): State<Site>,
    Path((id, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let files = site.office.read(|tx| {
        office::casefile::load(tx, &ctx, &id)?;
        evidence::of_case(tx, &ctx.org, &id)
    })?;
    let file = files
        .into_iter()
        .find(|file| file.hash == hash)
        .ok_or(Error::Bar(Bar::NotFound))?;
    let office = site.office.clone();
    let bytes = tokio::task::spawn_blocking(move || evidence::read(&office, &hash))
        .await
        .map_err(|e| Error::Fault(e.to_string()))??;
    let headers = [
        (header::CONTENT_TYPE, file.media),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// Files of a case as its answer lists them.
pub fn listed(files: &[evidence::Evidence]) -> Vec<Value> {
    files
        .iter()
        .map(|f| json!({ "sha256": f.hash, "name": f.name, "media": f.media, "size": f.size, "seq": f.seq }))
        .collect()
}
