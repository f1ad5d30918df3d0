//! Opening a case and taking a step for programs: the same operations as behind the pages.

use super::{Answer, Refused, body, files, request_of};
use crate::Site;
use crate::session;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use office::accounts::SignedIn;
use office::cases;
use office::error::Error;
use office::inputs::{Draft, Input};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a step is submitted with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    procedure: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, Typed>,
    #[serde(default)]
    persons: BTreeMap<String, Vec<String>>,
    item: Option<u32>,
    seen: Option<i64>,
    request: Option<String>,
    derived: Option<Box<Submission>>,
    #[serde(default)]
    waivers: Vec<Waiver>,
}

/// A requirement set aside (免): its line, as a refusal names it, who sets it aside, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    line: usize,
    person: String,
    reason: String,
}

/// A value: text, several texts, a number, yes or no, files, or a party.
#[derive(Deserialize)]
#[serde(untagged)]
enum Typed {
    Text(String),
    Many(Vec<String>),
    YesNo(bool),
    Number(serde_json::Number),
    Files {
        /// Tickets of files that were handed in before.
        files: Vec<String>,
    },
    Party {
        class: String,
        name: String,
        #[serde(default)]
        contact: String,
        #[serde(default)]
        address: String,
    },
}

/// What was submitted, as the office reads it.
pub fn draft_of(
    site: &Site,
    headers: &HeaderMap,
    step: &str,
    submission: Submission,
) -> Result<Draft, Refused> {
    let values = submission
        .values
        .into_iter()
        .map(|(field, typed)| {
            let input = match typed {
                Typed::Text(text) => Input::Text(text),
                Typed::Many(texts) => Input::Text(texts.join("、")),
                Typed::YesNo(yes) => Input::Text(if yes { "是".into() } else { "否".into() }),
                Typed::Number(n) => Input::Text(n.to_string()),
                Typed::Files { files } => Input::Files(files::named(site, headers, &files)?),
                Typed::Party {
                    class,
                    name,
                    contact,
                    address,
                } => Input::Party {
                    class,
                    name,
                    contact,
                    address,
                },
            };
            Ok((field, input))
        })
        .collect::<Result<_, Refused>>()?;
    let derived = match submission.derived {
        None => None,
        Some(derived) => Some(Box::new(draft_of(site, headers, "", *derived)?)),
    };
    Ok(Draft {
        step: step.to_owned(),
        item: submission.item,
        persons: submission.persons,
        values,
        seen: submission.seen,
        waivers: submission
            .waivers
            .into_iter()
            .map(|w| (w.line, w.person, w.reason))
            .collect(),
        derived,
        ..Draft::default()
    })
}

fn done(done: &cases::Done) -> Value {
    json!({ "case": done.case, "number": done.number, "n": done.n, "item": done.item, "seq": done.seq,
            "tracking": done.tracking, "derived": done.derived.as_ref().map(|d| self::done(d)), "notes": done.notes })
}

/// Opens a case.
pub async fn open(
    State(site): State<Site>,
    headers: HeaderMap,
    submission: Result<Json<Submission>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let who = actor(&site, &headers)?;
    let submission = body(submission)?;
    let code = submission.procedure.clone().unwrap_or_default();
    let Some(law) = site.office.pack.file(&code) else {
        let why = format!("没有程序“{code}”");
        return Err(Error::Form(vec![("procedure".into(), why)]).into());
    };
    let first = law.procedure.steps[law.procedure.starts_with.at()]
        .code
        .clone();
    let ctx = office::ctx::Ctx {
        request: request_of(submission.request.clone())?,
        ..session::ctx(&site, &who)
    };
    let draft = draft_of(&site, &headers, &first, submission)?;
    let office = site.office.clone();
    let outcome = tokio::task::spawn_blocking(move || cases::open(&office, &ctx, &code, &draft))
        .await
        .map_err(|e| Error::Fault(e.to_string()))??;
    Ok((StatusCode::CREATED, Json(done(&outcome))))
}

/// Takes a step.
pub async fn step(
    State(site): State<Site>,
    Path((id, step)): Path<(String, String)>,
    headers: HeaderMap,
    submission: Result<Json<Submission>, JsonRejection>,
) -> Answer {
    let who = actor(&site, &headers)?;
    let submission = body(submission)?;
    let ctx = office::ctx::Ctx {
        request: request_of(submission.request.clone())?,
        ..session::ctx(&site, &who)
    };
    let draft = draft_of(&site, &headers, &step, submission)?;
    let office = site.office.clone();
    let outcome = tokio::task::spawn_blocking(move || cases::take_step(&office, &ctx, &id, &draft))
        .await
        .map_err(|e| Error::Fault(e.to_string()))??;
    Ok(Json(done(&outcome)))
}

fn actor(site: &Site, headers: &HeaderMap) -> Result<SignedIn, Refused> {
    let who = session::program(site, headers)?;
    office::access::may_act(&session::ctx(site, &who))?;
    Ok(who)
}
