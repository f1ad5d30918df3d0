//! The stylesheet and the office's script, in the binary, each under a name that changes with its content.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = concat!(
    include_str!("../../../../assets/style.css"),
    include_str!("../../../../assets/more.css")
);

const SCRIPT: &str = include_str!("../../../../assets/office.js");

/// Name of the stylesheet as pages link it.
pub static STYLE_NAME: LazyLock<String> =
    LazyLock::new(|| format!("style-{}.css", short_hash(STYLE)));

/// Name of the script as pages of the office link it.
pub static SCRIPT_NAME: LazyLock<String> =
    LazyLock::new(|| format!("office-{}.js", short_hash(SCRIPT)));

fn short_hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(6).map(|b| format!("{b:02x}")).collect()
}

/// Serves an asset; its name is its content, so it may be kept for ever.
pub async fn serve(Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        name if name == *STYLE_NAME => ("text/css; charset=utf-8", STYLE),
        name if name == *SCRIPT_NAME => ("text/javascript; charset=utf-8", SCRIPT),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, text).into_response()
}
