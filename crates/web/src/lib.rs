//! HTTP (网站): portal, office, API.

use office::Office;
use std::future::Future;

/// What the pages need from the program.
#[derive(Clone)]
pub struct Site {
    /// The office behind the counter.
    pub office: Office,
    /// The township whose site this is.
    pub org: String,
    /// Local civil time.
    pub now: fn() -> jiff::civil::DateTime,
    /// Unpredictable bytes.
    pub random: fn(&mut [u8]),
}

/// Serves until `stop` resolves.
///
/// # Errors
/// The listener's.
pub async fn serve(
    _site: Site,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, axum::Router::new())
        .with_graceful_shutdown(stop)
        .await
}

/// The annual report as a page of its own.
pub fn report_page(
    report: &office::reports::Report,
    _published: Option<&str>,
    _today: jiff::civil::Date,
) -> String {
    report.markdown()
}
