//! The log in public (账本公开): signed head, key, receipts.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::{Form, Json};
use office::error::{Bar, Error};
use office::receipts::Finding;
use office::tiles::Tile;
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "portal/log.html")]
struct LogPage {
    shell: Shell,
    key: String,
    note: String,
    cosigned: Option<String>,
    text: String,
    told: Option<Told>,
}

/// What came of checking a receipt.
pub struct Told {
    /// In a word.
    pub title: &'static str,
    /// What it means and what to do.
    pub lines: Vec<String>,
}

/// What can be verified, and what that does not prove.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    log_page(&site, &headers, String::new(), None)
}

/// A receipt that a visitor pasted.
#[derive(Deserialize)]
pub struct Pasted {
    receipt: String,
}

/// What a finding means, in plain words.
pub fn said(finding: Finding, index: u64) -> Told {
    match finding {
        Finding::Broken(why) => Told {
            title: "回执不成立",
            lines: vec![
                format!("{why}。"),
                "请核对是不是贴全了、是不是本镇的回执；都不是，就说明它被改过。".into(),
            ],
        },
        Finding::Rewritten => Told {
            title: "回执成立，现在的账本和它对不上",
            lines: vec![
                "回执是本镇的密钥签的，可是现在的账本接不上签名那时的账本：历史被改写过。".into(),
                "请保存好这份回执，它就是证据，可以交给上级机关、监察机关或者法院。".into(),
            ],
        },
        Finding::Continued { entry_same: false } => Told {
            title: "回执成立，库里的这一条已经不一样",
            lines: vec![format!(
                "账本第 {index} 条在库里的内容和回执不同：签名以后被改过或者删过。请保存好回执。"
            )],
        },
        Finding::Continued { entry_same: true } => Told {
            title: "回执成立",
            lines: vec![
                format!(
                    "账本第 {index} 条自签名时起没有改过，现在库里的内容和回执一字不差，账本也只增不改。"
                ),
                "这不证明它写的是真的，只证明没有改过。".into(),
            ],
        },
    }
}

/// Checks a receipt and says in plain words what that proves.
pub async fn check(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(pasted): Form<Pasted>,
) -> Page {
    let (finding, receipt) =
        office::receipts::check(&site.office, &site.ctx("门户"), &pasted.receipt)?;
    let told = said(finding, receipt.map(|r| r.index).unwrap_or_default());
    log_page(&site, &headers, pasted.receipt, Some(told))
}

fn log_page(site: &Site, headers: &HeaderMap, text: String, told: Option<Told>) -> Page {
    let shell = Shell::portal(site, headers, "verify")?;
    let (key, cosigned) = site.office.read(|tx| {
        Ok((
            office::townships::verifier_key(tx, &site.org)?,
            office::witness::cosigned(tx, &site.org)?,
        ))
    })?;
    let note = office::townships::checkpoint(&site.office, &site.ctx("门户"))?;
    show(&LogPage {
        shell,
        key,
        note,
        cosigned,
        text,
        told,
    })
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

#[derive(Template)]
#[template(path = "portal/receipt.html")]
struct ReceiptPage {
    shell: Shell,
    receipt: ledger::Receipt,
    key: String,
    qr: String,
    subject: String,
    at: String,
    recorded: String,
    actor: String,
}

/// A receipt for one entry, for a browser to print, for a program as JSON; only for those who are signed in, because it
/// holds the entry itself.
pub async fn receipt(
    State(site): State<Site>,
    Path(seq): Path<i64>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let ctx = session::ctx(&site, &visitor.who);
    let receipt = office::log::receipt(&site.office, &ctx, seq)?;
    let browser = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if !browser || query.get("format").is_some_and(|format| format == "json") {
        let name = format!("attachment; filename=\"receipt-{seq}.json\"");
        return Ok(([(header::CONTENT_DISPOSITION, name)], Json(receipt)).into_response());
    }
    let shell = Shell::portal(&site, &headers, "verify")?;
    let text = serde_json::to_string(&receipt).unwrap_or_default();
    let entry: serde_json::Value = serde_json::from_str(&receipt.entry).unwrap_or_default();
    let part = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let (key, about) = site.office.read(|tx| {
        Ok((
            office::townships::verifier_key(tx, &site.org)?,
            office::receipts::about(tx, &ctx, &part("case"), &part("subject"))?,
        ))
    })?;
    let recorded = part("recorded");
    let recorded = office::facts::recorded_local(&recorded).map_or(recorded, |at| at.to_string());
    show(&ReceiptPage {
        shell,
        qr: document::qr_svg_long(&text),
        subject: if about.is_empty() {
            part("subject")
        } else {
            about
        },
        at: part("at").replace('T', " "),
        recorded: recorded.replace('T', " "),
        actor: part("actor"),
        receipt,
        key,
    })
}
