//! Who is signed in: a cookie with an opaque secret, a form token derived from it, or a bearer token for programs.

use crate::Site;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, header};
use office::accounts::{self, Owes, SignedIn};
use office::ctx::Ctx;
use office::error::{Bar, Error, Result};
use office::sign_ins::Visit;
use std::net::SocketAddr;

/// Name of the session cookie.
pub const COOKIE: &str = "yifa_session";

/// The answer's cookie: out of reach of scripts and other sites, and only over TLS when the visitor came by it. A false
/// `X-Forwarded-Proto` harms nobody but its sender.
pub fn set_cookie(headers: &HeaderMap, secret: &str) -> String {
    let by_tls = headers
        .get("x-forwarded-proto")
        .is_some_and(|proto| proto == "https");
    let secure = if by_tls { "; Secure" } else { "" };
    let ended = if secret.is_empty() { "; Max-Age=0" } else { "" };
    format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax{secure}{ended}")
}

/// Where a request comes from: the peer's address, and its browser in words.
pub fn visit(peer: Option<&ConnectInfo<SocketAddr>>, headers: &HeaderMap) -> Visit {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    // Browsers name the ones they imitate too: the order matters.
    let known = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = known(&[
        ("MicroMessenger", "微信"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = known(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    Visit {
        address: peer.map_or_else(String::new, |info| info.0.ip().to_string()),
        device: format!(
            "{}，{}",
            browser.unwrap_or("其他程序"),
            system.unwrap_or("其他系统")
        ),
    }
}

/// Did a browser say that the request comes from another site?
pub fn foreign(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|from| !matches!(from, "same-origin" | "none"))
}

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

/// The visitor, or a bar that leads to the login page or to what is still owed.
pub fn visitor(site: &Site, headers: &HeaderMap) -> Result<Visitor> {
    let visitor = half_open(site, headers)?;
    match visitor.who.owes {
        None => Ok(visitor),
        Some(owed) => Err(Error::Bar(Bar::Owes(owed))),
    }
}

/// A visitor whose session is whole, though a new password or a second factor may be owed: for the pages that settle it.
pub fn at_the_door(site: &Site, headers: &HeaderMap) -> Result<Visitor> {
    let visitor = half_open(site, headers)?;
    match visitor.who.owes {
        Some(Owes::Code) => Err(Error::Bar(Bar::Owes(Owes::Code))),
        _ => Ok(visitor),
    }
}

/// A visitor whose password was right, whatever is still owed.
pub fn half_open(site: &Site, headers: &HeaderMap) -> Result<Visitor> {
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
        role: Some(who.role),
        ..site.ctx("")
    }
}

/// A form from another site is not handed in: the browser says where it came from, and the token must be ours.
pub fn guard(visitor: &Visitor, headers: &HeaderMap, token: &str) -> Result<()> {
    if foreign(headers) || token != visitor.form_token {
        return Err(Error::Bar(Bar::NotYours(
            "这张表不是从本站打开的，没有办理，请回到页面重新提交",
        )));
    }
    Ok(())
}
