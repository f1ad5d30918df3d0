//! Who is signed in: a cookie with an opaque secret, a form token derived from it, or a bearer token for programs.

use crate::Site;
use axum::http::{HeaderMap, header};
use office::accounts::{self, SignedIn};
use office::ctx::Ctx;
use office::error::{Bar, Error, Result};

/// Name of the session cookie.
pub const COOKIE: &str = "yifa_session";

/// A signed-in visitor of the office.
pub struct Visitor {
    /// Who.
    pub who: SignedIn,
    /// Token that their forms carry.
    pub form_token: String,
}

/// A cookie by name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The visitor, or a bar that leads to the login page.
pub fn visitor(site: &Site, headers: &HeaderMap) -> Result<Visitor> {
    let secret = cookie(headers, COOKIE).ok_or(Error::Bar(Bar::NotSignedIn))?;
    let who = accounts::session(&site.office, &site.ctx(""), secret)?;
    if who.org != site.org {
        return Err(Error::Bar(Bar::NotSignedIn));
    }
    Ok(Visitor {
        who,
        form_token: accounts::form_token(secret),
    })
}

/// A program with a bearer token.
pub fn program(site: &Site, headers: &HeaderMap) -> Result<SignedIn> {
    let secret = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "))
        .ok_or(Error::Bar(Bar::NotSignedIn))?;
    let who = accounts::token(&site.office, &site.ctx(""), secret.trim())?;
    if who.org == site.org {
        Ok(who)
    } else {
        Err(Error::Bar(Bar::NotSignedIn))
    }
}

/// The circumstances of an operation by this visitor.
pub fn ctx(site: &Site, who: &SignedIn) -> Ctx {
    Ctx {
        account: who.account.clone(),
        person: who.person.clone(),
        ..site.ctx("")
    }
}

/// A form from another site is not handed in: the browser says where it came from, and the token must be ours.
pub fn guard(visitor: &Visitor, headers: &HeaderMap, token: &str) -> Result<()> {
    let foreign = headers
        .get("sec-fetch-site")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|from| !matches!(from, "same-origin" | "none"));
    if foreign || token != visitor.form_token {
        return Err(Error::Bar(Bar::NotYours(
            "这张表不是从本站打开的，没有办理，请回到页面重新提交",
        )));
    }
    Ok(())
}
