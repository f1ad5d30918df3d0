//! Signing in and out.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session::{COOKIE, cookie};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use office::error::{Bar, Error};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "office/login.html")]
struct Login {
    shell: Shell,
    account: String,
    refused: bool,
}

/// What the form hands in.
#[derive(Deserialize)]
pub struct Credentials {
    account: String,
    password: String,
}

/// The login form.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    show(&Login {
        shell: Shell::portal(&site, &headers, "")?,
        account: String::new(),
        refused: false,
    })
}

/// Signs in; a new secret each time.
pub async fn sign_in(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Page {
    let behind = site.clone();
    let (account, password) = (form.account.clone(), form.password);
    let outcome = tokio::task::spawn_blocking(move || {
        office::accounts::sign_in(&behind.office, &behind.ctx(&account), &account, &password)
    })
    .await
    .map_err(|e| Error::Fault(e.to_string()))?;
    match outcome {
        Ok((secret, _)) => {
            let set = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax");
            Ok(([(header::SET_COOKIE, set)], Redirect::to("/office")).into_response())
        }
        Err(Error::Bar(Bar::NotSignedIn)) => {
            let page = Login {
                shell: Shell::portal(&site, &headers, "")?,
                account: form.account,
                refused: true,
            };
            Ok((StatusCode::UNAUTHORIZED, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}

/// Signs out.
pub async fn sign_out(State(site): State<Site>, headers: HeaderMap) -> Page {
    if let Some(secret) = cookie(&headers, COOKIE) {
        office::accounts::sign_out(&site.office, secret)?;
    }
    let clear = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok(([(header::SET_COOKIE, clear)], Redirect::to("/office/login")).into_response())
}
