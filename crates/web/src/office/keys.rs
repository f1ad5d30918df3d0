//! The list of keys (键盘), for those whose browser runs no script or who look for it.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;

#[derive(Template)]
#[template(path = "office/keys.html")]
struct Keys {
    shell: Shell,
}

/// The page.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    show(&Keys {
        shell: Shell::office(&site, &headers, &visitor, "")?,
    })
}
