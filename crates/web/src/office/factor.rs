//! The second factor (动态码): setting it up, giving its code after the password, taking it away.

use crate::Site;
use crate::errors::{Page, judge, show};
use crate::parts::shell::Shell;
use crate::session::{self, COOKIE, Visitor, cookie};
use askama::Template;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use office::accounts::Owes;
use office::error::{Bar, Error};
use office::second_factor::{self, Enrolment, Factor};
use serde::Deserialize;
use std::net::SocketAddr;

#[derive(Template)]
#[template(path = "office/code.html")]
struct CodePage {
    shell: Shell,
    form_token: String,
    refused: Option<String>,
}

#[derive(Template)]
#[template(path = "office/factor.html")]
struct FactorPage {
    shell: Shell,
    /// The rules want one and there is none.
    owed: bool,
    factor: Option<Factor>,
    /// While it is being set up: secret, link, picture.
    enrolment: Option<(Enrolment, String)>,
    /// Codes for the day the telephone is gone, shown once.
    spare: Vec<String>,
    refused: Option<String>,
}

/// A code that is handed in.
#[derive(Deserialize)]
pub struct Code {
    token: String,
    code: String,
}

/// The page that asks for the code after the password.
pub async fn ask(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::half_open(&site, &headers)?;
    if visitor.who.owes != Some(Owes::Code) {
        return Ok(Redirect::to("/office").into_response());
    }
    show(&code_page(&site, &headers, &visitor, None)?)
}

fn code_page(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    refused: Option<String>,
) -> Result<CodePage, Error> {
    Ok(CodePage {
        shell: Shell::portal(site, headers, "")?,
        form_token: visitor.form_token.clone(),
        refused,
    })
}

/// Takes the code: a whole session under a new secret, or the page again.
pub async fn give(
    State(site): State<Site>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(form): Form<Code>,
) -> Page {
    let visitor = session::half_open(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    let visit = session::visit(peer.as_deref(), &headers);
    let ctx = session::ctx(&site, &visitor.who);
    let half = cookie(&headers, COOKIE).unwrap_or_default();
    match second_factor::prove(&site.office, &ctx, &visit, half, &form.code) {
        Ok(secret) => Ok(renewed(&headers, &secret, "/office")),
        Err(e @ (Error::Form(_) | Error::Bar(Bar::TooManyTries))) => {
            let (status, why) = judge(&e);
            let page = code_page(&site, &headers, &visitor, Some(why))?;
            Ok((status, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}

fn renewed(headers: &HeaderMap, secret: &str, to: &str) -> Response {
    let set = session::set_cookie(headers, secret);
    ([(header::SET_COOKIE, set)], Redirect::to(to)).into_response()
}

/// One's own second factor.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::at_the_door(&site, &headers)?;
    show(&build(&site, &headers, &visitor)?)
}

fn build(site: &Site, headers: &HeaderMap, visitor: &Visitor) -> Result<FactorPage, Error> {
    let who = &visitor.who;
    let factor = site
        .office
        .read(|tx| second_factor::of(tx, &who.org, &who.account))?;
    let enrolment = match factor {
        Some(Factor {
            confirmed: false, ..
        }) => {
            let begun = second_factor::begin(&site.office, &session::ctx(site, who))?;
            let picture = document::qr_svg(&begun.link);
            Some((begun, picture))
        }
        _ => None,
    };
    Ok(FactorPage {
        shell: Shell::office(site, headers, visitor, "account")?,
        owed: who.owes == Some(Owes::Factor),
        factor: factor.filter(|factor| factor.confirmed),
        enrolment,
        spare: Vec::new(),
        refused: None,
    })
}

/// A form without other contents.
#[derive(Deserialize)]
pub struct Bare {
    token: String,
}

/// Begins to set it up.
pub async fn begin(State(site): State<Site>, headers: HeaderMap, Form(form): Form<Bare>) -> Page {
    let visitor = session::at_the_door(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    match second_factor::begin(&site.office, &session::ctx(&site, &visitor.who)) {
        Ok(_) => Ok(Redirect::to("/office/account/factor").into_response()),
        Err(e) => again(&site, &headers, &visitor, &e),
    }
}

fn again(site: &Site, headers: &HeaderMap, visitor: &Visitor, e: &Error) -> Page {
    let (status, sentence) = judge(e);
    let page = FactorPage {
        refused: Some(sentence),
        ..build(site, headers, visitor)?
    };
    Ok((status, show(&page)?).into_response())
}

/// The first code: from now on it is asked for. Shows the spare codes, once.
pub async fn confirm(
    State(site): State<Site>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(form): Form<Code>,
) -> Page {
    let visitor = session::at_the_door(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    let visit = session::visit(peer.as_deref(), &headers);
    let ctx = session::ctx(&site, &visitor.who);
    let (secret, spare) = match second_factor::confirm(&site.office, &ctx, &visit, &form.code) {
        Ok(done) => done,
        Err(e) => return again(&site, &headers, &visitor, &e),
    };
    let renewed = Visitor {
        form_token: office::accounts::form_token(&secret),
        who: visitor.who,
    };
    let page = FactorPage {
        spare,
        owed: false,
        ..build(&site, &headers, &renewed)?
    };
    let set = session::set_cookie(&headers, &secret);
    Ok((
        StatusCode::CREATED,
        [(header::SET_COOKIE, set)],
        show(&page)?,
    )
        .into_response())
}

/// Takes it away; asks for a code once more.
pub async fn remove(
    State(site): State<Site>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(form): Form<Code>,
) -> Page {
    let visitor = session::at_the_door(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    let visit = session::visit(peer.as_deref(), &headers);
    let ctx = session::ctx(&site, &visitor.who);
    match second_factor::remove(&site.office, &ctx, &visit, &form.code) {
        Ok(()) => Ok(Redirect::to("/office/account/factor").into_response()),
        Err(e) => again(&site, &headers, &visitor, &e),
    }
}
