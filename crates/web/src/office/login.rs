//! Signing in and out.

use crate::Site;
use crate::errors::{Page, judge, show};
use crate::parts::shell::Shell;
use crate::session::{self, COOKIE, cookie};
use askama::Template;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use office::error::{Bar, Error};
use serde::Deserialize;
use std::net::SocketAddr;

#[derive(Template)]
#[template(path = "office/login.html")]
struct Login {
    shell: Shell,
    account: String,
    refused: Option<String>,
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
        refused: None,
    })
}

/// Signs in; a new secret each time, and the session that was there before ends.
pub async fn sign_in(
    State(site): State<Site>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Page {
    if session::foreign(&headers) {
        return Err(Error::Bar(Bar::NotYours("请从本站的登录页登录")).into());
    }
    let visit = session::visit(peer.as_deref(), &headers);
    let behind = site.clone();
    let (account, password) = (form.account.clone(), form.password);
    let outcome = tokio::task::spawn_blocking(move || {
        let ctx = behind.ctx(&account);
        office::accounts::sign_in(&behind.office, &ctx, &visit, &account, &password)
    })
    .await
    .map_err(|e| Error::Fault(e.to_string()))?;
    let (status, why) = match outcome {
        Ok((secret, _)) => {
            if let Some(before) = cookie(&headers, COOKIE) {
                office::accounts::sign_out(&site.office, before)?;
            }
            let set = session::set_cookie(&headers, &secret);
            return Ok(([(header::SET_COOKIE, set)], Redirect::to("/office")).into_response());
        }
        Err(Error::Bar(Bar::NotSignedIn)) => (
            StatusCode::UNAUTHORIZED,
            "账号或者密码不对。密码由管理员给出，忘了请管理员重设。".to_owned(),
        ),
        Err(e @ Error::Bar(Bar::TooManyTries)) => judge(&e),
        Err(e) => return Err(e.into()),
    };
    let page = Login {
        shell: Shell::portal(&site, &headers, "")?,
        account: form.account,
        refused: Some(why),
    };
    Ok((status, show(&page)?).into_response())
}

/// What a form without other contents hands in.
#[derive(Deserialize)]
pub struct Bare {
    #[serde(default)]
    token: String,
}

/// Signs out.
pub async fn sign_out(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(form): Form<Bare>,
) -> Page {
    let visitor = session::half_open(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    if let Some(secret) = cookie(&headers, COOKIE) {
        office::accounts::sign_out(&site.office, secret)?;
    }
    let clear = session::set_cookie(&headers, "");
    Ok(([(header::SET_COOKIE, clear)], Redirect::to("/office/login")).into_response())
}
