//! HTTP (网站): portal for everybody, office for staff, API for programs.
//!
//! Holds no SQL and decides nothing: a handler reads the form, asks `office`, and shows what came of it.

mod api;
mod errors;
mod listen;
mod office;
mod parts;
mod portal;
mod session;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::routing::get;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

pub use listen::{Door, serve};
pub use portal::report::standalone as report_page;

/// What the pages need from the program.
#[derive(Clone)]
pub struct Site {
    /// The office behind the counter.
    pub office: ::office::Office,
    /// The township whose site this is.
    pub org: String,
    /// Local civil time.
    pub now: fn() -> jiff::civil::DateTime,
    /// Unpredictable bytes.
    pub random: fn(&mut [u8]),
}

impl Site {
    /// The circumstances of an operation by nobody in particular.
    fn ctx(&self, account: &str) -> ::office::ctx::Ctx {
        ::office::ctx::Ctx {
            org: self.org.clone(),
            account: account.to_owned(),
            person: None,
            role: None,
            now: (self.now)(),
            request: None,
            pack: self.office.pack.clone(),
            vault: self.office.vault.clone(),
            random: self.random,
        }
    }
}

/// Largest request body: files of 20 MB each and their form; a file too large is read to its end so that a sentence can say so.
const MAX_BODY: usize = 96 * 1024 * 1024;

/// All routes.
pub fn router(site: Site) -> Router {
    let header = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    };
    Router::new()
        .merge(portal::routes())
        .merge(office::routes())
        .merge(api::routes())
        .route("/assets/{name}", get(parts::assets::serve))
        .route("/healthz", get(|| async { "ok" }))
        .fallback(errors::not_found)
        .with_state(site.clone())
        .layer(axum::middleware::from_fn_with_state(site, errors::framed))
        .layer(axum::middleware::from_fn(aside))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(60)))
        .layer(axum::middleware::from_fn(api::in_json))
        .layer(header("x-content-type-options", "nosniff"))
        .layer(header("referrer-policy", "same-origin"))
        .layer(header("x-frame-options", "DENY"))
        .layer(header(
            "content-security-policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

/// Lets a handler wait for the store: the worker's other tasks move to another thread meanwhile. The PostgreSQL client
/// refuses to wait anywhere else.
async fn aside(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    let mut answer = Box::pin(next.run(request));
    std::future::poll_fn(move |ctx| tokio::task::block_in_place(|| answer.as_mut().poll(ctx))).await
}
