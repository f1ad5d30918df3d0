//! The dossier of a case and the trial of a step, as JSON.

use super::acts::{Submission, draft_of};
use super::{Answer, body};
use crate::Site;
use crate::session;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use office::dossier::{self, ReckonedLine};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Papers that stand and that are to come, what the definitions come to, the listing entries that bind the case.
pub async fn one(State(site): State<Site>, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let dossier = site.office.read(|tx| dossier::load(tx, &ctx, &id))?;
    let papers: Vec<Value> = dossier
        .papers
        .iter()
        .map(|p| {
            json!({ "paper": p.name, "number": p.number, "step": p.step, "on": p.on, "by": p.by, "serve_on": p.serve_on,
                    "second_volume": p.second_volume, "annulled": p.annulled, "recording": p.recordings,
                    "files": p.files, "seq": p.seq })
        })
        .collect();
    let waiting: Vec<Value> = dossier
        .waiting
        .iter()
        .map(|w| {
            let grounds: Vec<Value> = w
                .barred
                .iter()
                .map(|(says, law)| json!({ "reason": says, "article": law }))
                .collect();
            json!({ "paper": w.name, "number": w.number, "step": w.step, "by": w.by, "serve_on": w.serve_on,
                    "open": w.open, "grounds": grounds, "earliest": Some(&w.earliest).filter(|e| !e.is_empty()) })
        })
        .collect();
    let entries: Vec<Value> = dossier
        .entries
        .iter()
        .map(|(field, key, columns)| {
            let columns: BTreeMap<&String, &String> = columns.iter().map(|(k, v)| (k, v)).collect();
            json!({ "field": field, "entry": key, "columns": columns })
        })
        .collect();
    let signers: Vec<Value> = dossier
        .signers
        .iter()
        .map(|(role, people)| json!({ "role": role, "people": people }))
        .collect();
    Ok(Json(json!({
        "id": dossier.file.row.id, "number": dossier.file.row.number, "papers": papers, "waiting": waiting,
        "reckoned": dossier.reckoned.iter().map(reckoned).collect::<Vec<_>>(), "entries": entries, "signers": signers,
        "score": dossier.score.map(|score| {
            let items: Vec<Value> = score.items.iter()
                .map(|i| json!({ "item": i.name, "formula": i.formula, "points": i.points, "holds": i.holds, "veto": i.veto }))
                .collect();
            json!({ "reached": score.reached, "full": score.full, "vetoes": score.vetoes, "items": items })
        }),
    })))
}

/// What would come of a step; nothing is written.
pub async fn trial(
    State(site): State<Site>,
    Path((id, step)): Path<(String, String)>,
    headers: HeaderMap,
    submitted: Result<Json<Submission>, JsonRejection>,
) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let draft = draft_of(&site, &headers, &step, body(submitted)?)?;
    let result = site
        .office
        .read(|tx| dossier::trial(tx, &ctx, &id, &draft))?;
    let grounds: Vec<Value> = result
        .refusal
        .iter()
        .flat_map(|refusal| &refusal.grounds)
        .map(|g| json!({ "article": g.citation, "force": g.force.map(|f| f.word()), "reason": g.sentence }))
        .collect();
    Ok(Json(json!({
        "step": step, "permitted": result.refusal.is_none(), "grounds": grounds,
        "earliest": result.refusal.and_then(|r| r.earliest).map(|d| d.to_string()),
        "reckoned": result.reckoned.iter().map(reckoned).collect::<Vec<_>>(),
    })))
}

fn reckoned(line: &ReckonedLine) -> Value {
    json!({ "name": line.name, "formula": line.formula, "basis": line.basis, "value": line.value,
            "judged": Some(&line.judged).filter(|j| !j.is_empty()) })
}
