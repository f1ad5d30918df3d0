//! The stylesheet, in the binary, under a name that changes with its content.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = concat!(
    include_str!("../../../../assets/style.css"),
    include_str!("../../../../assets/more.css")
);

/// Name of the stylesheet as pages link it.
pub static STYLE_NAME: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(STYLE.as_bytes());
    let short: String = hash.iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("style-{short}.css")
});

/// Serves an asset; its name is its content, so it may be kept for ever.
pub async fn serve(Path(name): Path<String>) -> Response {
    if name == *STYLE_NAME {
        let headers = [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        return (headers, STYLE).into_response();
    }
    StatusCode::NOT_FOUND.into_response()
}
