//! Witnessing for neighbours (见证), as C2SP tlog-witness; the prefix of both its interfaces is `/log`.

use crate::Site;
use crate::errors::Page;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use office::error::{Bar, Error};
use office::witness::{self, Answer};
use sha2::{Digest, Sha256};

/// Largest request: a proof of 63 hashes and a note.
pub const MAX_REQUEST: usize = 32 * 1024;

/// Cosigns a head that continues the one seen last.
pub async fn add_checkpoint(State(site): State<Site>, request: String) -> Page {
    let answer = witness::add_checkpoint(&site.office, &site.ctx("见证"), &request)?;
    let plain = |status: StatusCode| status.into_response();
    Ok(match answer {
        Answer::Cosigned(line) => text("text/plain; charset=utf-8", StatusCode::OK, line),
        Answer::Malformed => plain(StatusCode::BAD_REQUEST),
        Answer::Unsigned => plain(StatusCode::FORBIDDEN),
        Answer::Unknown => plain(StatusCode::NOT_FOUND),
        Answer::Conflict(size) => text(
            "text/x.tlog.size",
            StatusCode::CONFLICT,
            format!("{size}\n"),
        ),
        Answer::Inconsistent => plain(StatusCode::UNPROCESSABLE_ENTITY),
    })
}

/// The newest head cosigned for a log, named by the hash of its origin.
pub async fn seen(State(site): State<Site>, Path(hash): Path<String>) -> Page {
    let all = site.office.read(|tx| witness::watched(tx, &site.org))?;
    let found = all.into_iter().find(|log| {
        let digest: [u8; 32] = Sha256::digest(log.origin.as_bytes()).into();
        !log.note.is_empty() && ledger::hex(&digest) == hash
    });
    let log = found.ok_or(Error::Bar(Bar::NotFound))?;
    Ok(text("text/plain; charset=utf-8", StatusCode::OK, log.note))
}

fn text(media: &'static str, status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, media)], body).into_response()
}
