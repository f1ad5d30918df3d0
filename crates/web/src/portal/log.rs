//! The log in public (账本公开): signed head, key, receipts.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use office::error::{Bar, Error};
use office::tiles::Tile;

#[derive(Template)]
#[template(path = "portal/log.html")]
struct LogPage {
    shell: Shell,
    key: String,
    note: String,
}

/// What can be verified, and what that does not prove.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let shell = Shell::portal(&site, &headers, "verify")?;
    let key = site
        .office
        .read(|tx| office::townships::verifier_key(tx, &site.org))?;
    let note = office::townships::checkpoint(&site.office, &site.ctx("门户"))?;
    show(&LogPage { shell, key, note })
}

/// The signed head, as other programs read it.
pub async fn checkpoint(State(site): State<Site>) -> Page {
    let note = office::witness::published(&site.office, &site.ctx("门户"))?;
    signed(note)
}

/// The newest head that a witness signed too.
pub async fn cosigned(State(site): State<Site>) -> Page {
    let note = site
        .office
        .read(|tx| office::witness::cosigned(tx, &site.org))?;
    signed(note.ok_or(Error::Bar(Bar::NotFound))?)
}

fn signed(note: String) -> Page {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=2"),
    ];
    Ok((headers, note).into_response())
}

/// A tile of the tree or a bundle of entries; what it holds never changes.
pub async fn tile(State(site): State<Site>, Path(path): Path<String>) -> Page {
    let tile = Tile::read(&path).ok_or(Error::Bar(Bar::NotFound))?;
    let bytes = site.office.read(|tx| tile.bytes(tx, &site.org))?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

/// A receipt for one entry; only for those who are signed in, because it holds the entry itself.
pub async fn receipt(State(site): State<Site>, Path(seq): Path<i64>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let ctx = session::ctx(&site, &visitor.who);
    let receipt = office::log::receipt(&site.office, &ctx, seq)?;
    let name = format!("attachment; filename=\"receipt-{seq}.json\"");
    Ok(([(header::CONTENT_DISPOSITION, name)], Json(receipt)).into_response())
}
