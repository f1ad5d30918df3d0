//! One's own account (我的账号): password, sessions, tokens for programs.

use crate::Site;
use crate::errors::{Page, judge, show};
use crate::parts::shell::Shell;
use crate::session::{self, COOKIE, Visitor, cookie};
use askama::Template;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use office::accounts::{self, Owes, OwnSession, OwnToken};
use office::error::Error;
use office::login_rules::{self, LoginRules};
use office::second_factor::{self, Factor};
use serde::Deserialize;
use std::net::SocketAddr;

#[derive(Template)]
#[template(path = "office/account.html")]
struct Account {
    shell: Shell,
    account: String,
    /// With begin and last use as local time.
    sessions: Vec<(OwnSession, String, String)>,
    tokens: Vec<OwnToken>,
    /// Why a form came back.
    refused: Option<String>,
    /// A new token's secret, shown this once.
    secret: Option<String>,
    factor: Option<Factor>,
    /// The password is to be changed before anything else.
    password_owed: bool,
    rules: LoginRules,
    token_days: i64,
}

/// The page.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::at_the_door(&site, &headers)?;
    show(&build(&site, &headers, &visitor)?)
}

fn build(site: &Site, headers: &HeaderMap, visitor: &Visitor) -> Result<Account, Error> {
    let ctx = session::ctx(site, &visitor.who);
    let secret = cookie(headers, COOKIE).unwrap_or_default();
    let (sessions, tokens, factor, rules) = site.office.read(|tx| {
        Ok((
            accounts::sessions(tx, &ctx, secret)?,
            accounts::tokens(tx, &ctx)?,
            second_factor::of(tx, &ctx.org, &ctx.account)?.filter(|factor| factor.confirmed),
            login_rules::rules(tx, &ctx.org)?,
        ))
    })?;
    let mut rows = Vec::with_capacity(sessions.len());
    for one in sessions {
        let (begun, seen) = (local(&one.created_at)?, local(&one.seen_at)?);
        rows.push((one, begun, seen));
    }
    Ok(Account {
        shell: Shell::office(site, headers, visitor, "account")?,
        account: visitor.who.account.clone(),
        sessions: rows,
        tokens,
        refused: None,
        secret: None,
        factor,
        password_owed: visitor.who.owes == Some(Owes::Password),
        rules,
        token_days: accounts::TOKEN_DAYS,
    })
}

/// A recorded instant as local time.
pub fn local(recorded: &str) -> Result<String, Error> {
    let at = office::facts::recorded_local(recorded)?;
    Ok(at.strftime("%Y-%m-%d %H:%M").to_string())
}

/// The page again, with the reason why a form was not done.
fn again(site: &Site, headers: &HeaderMap, visitor: &Visitor, e: &Error) -> Page {
    let (status, sentence) = judge(e);
    let page = Account {
        refused: Some(sentence),
        ..build(site, headers, visitor)?
    };
    Ok((status, show(&page)?).into_response())
}

/// The form for a new password.
#[derive(Deserialize)]
pub struct NewPassword {
    token: String,
    old: String,
    new: String,
    again: String,
}

/// Changes the password; every session ends and this one begins anew.
pub async fn password(
    State(site): State<Site>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(form): Form<NewPassword>,
) -> Page {
    let visitor = session::at_the_door(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    if form.new != form.again {
        let e = Error::Form(vec![("新密码".into(), "两次填的不一样".into())]);
        return again(&site, &headers, &visitor, &e);
    }
    let visit = session::visit(peer.as_deref(), &headers);
    let ctx = session::ctx(&site, &visitor.who);
    let office = site.office.clone();
    let outcome = tokio::task::spawn_blocking(move || {
        accounts::change_password(&office, &ctx, &visit, &form.old, &form.new)
    })
    .await
    .map_err(|e| Error::Fault(e.to_string()))?;
    match outcome {
        Ok(secret) => {
            let set = session::set_cookie(&headers, &secret);
            Ok(([(header::SET_COOKIE, set)], Redirect::to("/office/account")).into_response())
        }
        Err(e) => again(&site, &headers, &visitor, &e),
    }
}

/// A form that names one row.
#[derive(Deserialize)]
pub struct Chosen {
    token: String,
    id: String,
}

/// Ends a session.
pub async fn end_session(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(form): Form<Chosen>,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    accounts::end_session(&site.office, &session::ctx(&site, &visitor.who), &form.id)?;
    Ok(Redirect::to("/office/account").into_response())
}

/// The form for a new token.
#[derive(Deserialize)]
pub struct NewToken {
    token: String,
    label: String,
    days: i64,
}

/// Makes a token and shows its secret once.
pub async fn create_token(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(form): Form<NewToken>,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    let label = form.label.trim();
    if label.is_empty()
        || 40 < label.chars().count()
        || !(1..=accounts::TOKEN_DAYS).contains(&form.days)
    {
        let why = format!("写明用途（40 字以内），天数 1 至 {}", accounts::TOKEN_DAYS);
        let e = Error::Form(vec![("令牌".into(), why)]);
        return again(&site, &headers, &visitor, &e);
    }
    let ctx = session::ctx(&site, &visitor.who);
    let until = ctx.today() + jiff::Span::new().days(form.days);
    let secret = accounts::create_token(&site.office, &ctx, &ctx.account, label, until)?;
    let page = Account {
        secret: Some(secret),
        ..build(&site, &headers, &visitor)?
    };
    Ok((StatusCode::CREATED, show(&page)?).into_response())
}

/// Takes a token back.
pub async fn revoke_token(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(form): Form<Chosen>,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    session::guard(&visitor, &headers, &form.token)?;
    accounts::revoke_token(&site.office, &session::ctx(&site, &visitor.who), &form.id)?;
    Ok(Redirect::to("/office/account").into_response())
}
