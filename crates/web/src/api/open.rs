//! What everybody may read, for programs: procedures, progress, publications, and whether a receipt holds.

use super::{Answer, Refused};
use crate::Site;
use crate::portal::{log, progress, publications};
use axum::Json;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{Extensions, StatusCode};
use law::procedure::{Guard, Length};
use office::error::{Bar, Error};
use office::publications::Publication;
use office::receipts::Finding;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;

/// All procedures with the codes of their steps.
pub async fn procedures(State(site): State<Site>) -> Json<Value> {
    let all: Vec<Value> = site
        .office
        .pack
        .files()
        .map(|f| {
            let steps: Vec<&str> = f.procedure.steps.iter().map(|s| s.code.as_str()).collect();
            json!({ "code": f.procedure.code, "title": f.procedure.title, "law": f.hash, "steps": steps })
        })
        .collect();
    Json(json!({ "procedures": all }))
}

fn conditional(guard: &Guard) -> bool {
    guard.when.is_some() || guard.version.is_some()
}

/// A procedure as its guide shows it: who takes which step from where, what is filled in, how long everything may take.
pub async fn procedure(State(site): State<Site>, Path(code): Path<String>) -> Answer {
    let law = site
        .office
        .pack
        .file(&code)
        .ok_or(Error::Bar(Bar::NotFound))?;
    let p = &law.procedure;
    let stage = |id: &law::procedure::StageId| p.stages[id.at()].name.clone();
    let steps: Vec<Value> = p
        .steps
        .iter()
        .map(|step| {
            let by: Vec<&str> = step.actors.roles.iter().map(|(role, _)| p.roles[role.at()].name.as_str()).collect();
            let from: Vec<String> = step.from.iter().map(stage).collect();
            let to: Vec<String> = step.to.iter().map(|to| stage(&to.stage)).collect();
            let form: Vec<Value> = step
                .form
                .iter()
                .map(|entry| {
                    let field = &p.fields[entry.field.at()];
                    json!({ "field": field.code, "name": field.name,
                            "required": entry.required && !conditional(&entry.guard) })
                })
                .collect();
            let papers: Vec<&str> = step.papers.iter().map(|paper| paper.name.as_str()).collect();
            json!({ "code": step.code, "name": step.name, "by_law": step.actors.by_law, "by": by, "from": from,
                    "to": to, "form": form, "papers": papers, "line": step.line_no })
        })
        .collect();
    let clocks: Vec<Value> = p
        .clocks
        .iter()
        .map(|clock| {
            let lengths: Vec<Value> = clock
                .lengths
                .iter()
                .map(|(length, guard, basis)| {
                    let until = match length {
                        Length::Until(field) => Some(p.fields[field.at()].name.as_str()),
                        Length::Term(..) => None,
                    };
                    json!({ "until": until, "conditional": conditional(guard), "force": basis.force.word(),
                            "article": basis.text, "unverified": basis.unverified })
                })
                .collect();
            json!({ "code": clock.code, "name": clock.name, "lengths": lengths, "line": clock.line_no })
        })
        .collect();
    let published: Vec<Value> = p
        .publications
        .iter()
        .map(|one| json!({ "kind": format!("{}.{}", p.code, one.code), "name": one.name, "places": one.places }))
        .collect();
    Ok(Json(json!({
        "code": p.code, "title": p.title, "summary": p.summary, "basis": p.basis, "law": law.hash,
        "in_force_from": p.in_force_from.to_string(), "in_force_until": p.in_force_until.map(|d| d.to_string()),
        "steps": steps, "clocks": clocks, "publications": published,
    })))
}

/// How far a matter is, by its tracking code; wrong codes are counted as on the page.
pub async fn progress(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    extensions: Extensions,
) -> Answer {
    let visitor = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|from| from.0.ip());
    let code = query.get("code").map_or("", String::as_str);
    let found = progress::look_up(&site, code, visitor)?.ok_or(Error::Bar(Bar::NotFound))?;
    let steps: Vec<Value> = found
        .steps
        .iter()
        .map(|(on, step)| json!({ "on": on, "step": step }))
        .collect();
    Ok(Json(json!({
        "number": found.number, "procedure": found.procedure, "stage": found.stage, "opened_on": found.opened_on,
        "due": found.due, "steps": steps,
    })))
}

fn published(one: &Publication) -> Value {
    let rows: Vec<Value> = one
        .rows
        .iter()
        .map(|row| json!({ "label": row.label, "text": row.text }))
        .collect();
    json!({ "id": one.id, "kind": one.kind, "title": one.title, "rows": rows, "published_at": one.published_at,
            "withdrawn_at": one.withdrawn_at, "seq": one.seq })
}

/// Rows of one answer.
const PAGE: usize = 100;

/// What was published, the newest first.
pub async fn publications(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let kinds = publications::kinds(&site);
    let kind = query.get("kind").filter(|kind| !kind.is_empty());
    if let Some(kind) = kind
        && !kinds.iter().any(|(code, _)| code == kind)
    {
        let why = format!("没有“{kind}”这一类");
        return Err(Error::Form(vec![("kind".into(), why)]).into());
    }
    let before = query.get("before").map(String::as_str);
    let mut all = site.office.read(|tx| {
        let kind = kind.map(String::as_str);
        office::publications::list(tx, &site.org, kind, before, PAGE as i64 + 1)
    })?;
    let next = (all.len() > PAGE).then(|| all[PAGE - 1].id.clone());
    all.truncate(PAGE);
    let all: Vec<Value> = all.iter().map(published).collect();
    Ok(Json(json!({ "publications": all, "next_before": next })))
}

/// One publication.
pub async fn publication(State(site): State<Site>, Path(id): Path<String>) -> Answer {
    let found = site
        .office
        .read(|tx| office::publications::find(tx, &site.org, &id))?
        .ok_or(Error::Bar(Bar::NotFound))?;
    Ok(Json(published(&found)))
}

/// Holds a receipt against the log of today.
pub async fn verify(
    State(site): State<Site>,
    text: Result<String, axum::extract::rejection::StringRejection>,
) -> Answer {
    let text = text.map_err(|e| {
        Refused::Body(match e.status() {
            StatusCode::PAYLOAD_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        })
    })?;
    let (finding, receipt) = office::receipts::check(&site.office, &site.ctx("门户"), &text)?;
    let index = receipt.map(|r| r.index);
    let told = log::said(finding, index.unwrap_or_default());
    let holds = matches!(finding, Finding::Continued { entry_same: true });
    Ok(Json(
        json!({ "holds": holds, "title": told.title, "says": told.lines, "index": index }),
    ))
}
