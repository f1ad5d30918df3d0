//! How far a matter is (查进度), by the code its applicant was given.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use askama::Template;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::IntoResponse;
use office::error::{Bar, Error};
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

#[derive(Template)]
#[template(path = "portal/progress.html")]
struct Progress {
    shell: Shell,
    code: String,
    found: Option<Found>,
    waiting: bool,
}

/// How far a matter is.
pub struct Found {
    pub number: String,
    pub procedure: String,
    pub stage: String,
    pub opened_on: String,
    pub due: String,
    pub steps: Vec<(String, String)>,
}

/// The matter behind a code. Names nobody.
///
/// # Errors
/// [`Bar::TooManyTries`] after too many wrong codes from one address.
pub fn look_up(site: &Site, code: &str, visitor: Option<IpAddr>) -> Result<Option<Found>, Error> {
    let minute = minute_of((site.now)());
    if code.trim().is_empty() {
        return Ok(None);
    }
    if guesses(visitor, minute, false) >= GUESSES {
        return Err(Error::Bar(Bar::TooManyTries));
    }
    let ctx = site.ctx("门户");
    let found = site.office.read(|tx| {
        let Some((org, id)) = office::today::tracked(tx, code)? else {
            return Ok(None);
        };
        if org != site.org {
            return Ok(None);
        }
        let record = office::records::load(tx, &ctx, &id)?;
        let procedure = &record.law.procedure;
        Ok(Some(Found {
            number: record.row.number.clone(),
            procedure: procedure.title.clone(),
            stage: record.row.stage.clone(),
            opened_on: record.row.opened_on.clone(),
            due: match (&record.row.due_clock, &record.row.due_on) {
                (Some(clock), Some(day)) => format!("{clock}：{day} 届满"),
                _ => String::new(),
            },
            steps: record
                .history
                .facts
                .iter()
                .map(|f| {
                    (
                        f.at.date().to_string(),
                        procedure.steps[f.step.at()].name.clone(),
                    )
                })
                .collect(),
        }))
    })?;
    if found.is_none() {
        guesses(visitor, minute, true);
    }
    Ok(found)
}

/// The page.
pub async fn progress(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Page {
    let shell = Shell::portal(&site, &headers, "progress")?;
    let visitor = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|from| from.0.ip());
    let code = query.get("code").cloned().unwrap_or_default();
    let (found, waiting) = match look_up(&site, &code, visitor) {
        Ok(found) => (found, false),
        Err(Error::Bar(Bar::TooManyTries)) => (None, true),
        Err(e) => return Err(e.into()),
    };
    let status = if waiting {
        StatusCode::TOO_MANY_REQUESTS
    } else {
        StatusCode::OK
    };
    let page = show(&Progress {
        shell,
        code,
        found,
        waiting,
    })?;
    Ok((status, page).into_response())
}

fn minute_of(now: jiff::civil::DateTime) -> i64 {
    let day = i64::from((now.date() - jiff::civil::date(2000, 1, 1)).get_days());
    (day * 24 + i64::from(now.hour())) * 60 + i64::from(now.minute())
}

/// Wrong codes that one address may try within ten minutes.
const GUESSES: u32 = 20;

/// How many wrong codes an address has tried in these ten minutes; `one_more` counts another.
///
/// Kept in memory only: a code has sixteen letters, so this keeps the log of wrong tries short rather than the codes safe.
fn guesses(visitor: Option<IpAddr>, minute: i64, one_more: bool) -> u32 {
    static WRONG: Mutex<BTreeMap<IpAddr, (i64, u32)>> = Mutex::new(BTreeMap::new());
    let Some(visitor) = visitor else { return 0 };
    let window = minute / 10;
    let mut wrong = WRONG.lock().unwrap_or_else(PoisonError::into_inner);
    if wrong.len() > 10_000 {
        wrong.retain(|_, (at, _)| *at == window);
    }
    let entry = wrong.entry(visitor).or_insert((window, 0));
    if entry.0 != window {
        *entry = (window, 0);
    }
    if one_more {
        entry.1 += 1;
    }
    entry.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_codes_are_counted_by_address_and_forgotten_after_ten_minutes() {
        let one = Some(IpAddr::from([192, 0, 2, 1]));
        let other = Some(IpAddr::from([192, 0, 2, 2]));
        for _ in 0..GUESSES {
            guesses(one, 100, true);
        }
        assert_eq!(guesses(one, 109, false), GUESSES);
        assert_eq!(guesses(other, 109, false), 0);
        assert_eq!(guesses(one, 110, false), 0);
    }
}
