//! The portal (门户): what everybody may read, without logging in and without script.

pub mod draws;
pub mod guide;
pub mod home;
pub mod log;
pub mod progress;
pub mod publications;
pub mod report;
pub mod witness;

use crate::Site;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use std::collections::HashMap;

/// Routes of the portal.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(home::home))
        .route("/look", get(look))
        .route("/progress", get(progress::progress))
        .route("/publications", get(publications::publications))
        .route("/publications/{id}", get(publications::publication))
        .route("/report/{year}", get(report::page))
        .route("/figures/{year}/{reference}", get(report::figure))
        .route(
            "/draws",
            get(draws::index)
                .post(draws::compute)
                .layer(DefaultBodyLimit::max(2 * 1024 * 1024)),
        )
        .route("/draws/{id}", get(draws::one))
        .route("/procedures", get(guide::index))
        .route("/procedures/{code}", get(guide::page))
        .route(
            "/verify",
            get(log::page)
                .post(log::check)
                .layer(DefaultBodyLimit::max(256 * 1024)),
        )
        .route("/log/checkpoint", get(log::checkpoint))
        .route("/log/cosigned", get(log::cosigned))
        .route(
            "/log/add-checkpoint",
            post(witness::add_checkpoint).layer(DefaultBodyLimit::max(witness::MAX_REQUEST)),
        )
        .route("/log/{hash}/checkpoint", get(witness::seen))
        .route("/log/tile/{*path}", get(log::tile))
        .route("/log/proof/{seq}", get(log::receipt))
}

/// 大字版, 高对比, 字号: kept in a cookie, back to where one was.
async fn look(
    State(_): State<Site>,
    Query(wanted): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let back = headers
        .get(header::REFERER)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()))
        .unwrap_or_else(|| "/".to_owned());
    let mut response = Redirect::to(&back).into_response();
    for (key, allowed) in [
        ("contrast", ["high", "normal", ""]),
        ("type", ["large", "normal", ""]),
        ("size", ["small", "normal", "big"]),
    ] {
        if let Some(value) = wanted.get(key).filter(|v| allowed.contains(&v.as_str()))
            && let Ok(cookie) =
                format!("{key}={value}; Path=/; Max-Age=31536000; SameSite=Lax").parse()
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The full address of a page, as the visitor reached this site.
pub fn address(headers: &HeaderMap, path: &str) -> String {
    let host = headers
        .get("host")
        .and_then(|v| v.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}{path}")
}
