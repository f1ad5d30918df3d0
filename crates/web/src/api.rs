//! The API (接口): everything the pages do, as JSON under `/api/v1`, described at `/api/openapi.json`.

mod confirmations;
mod dossier;
mod openapi;
mod registers;

use crate::Site;
use crate::errors::judge;
use crate::session;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use law::engine::Verdict;
use office::accounts::SignedIn;
use office::cases;
use office::docket::{Filter, Sort};
use office::error::{Bar, Error};
use office::inputs::{Draft, Input};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Largest body of a request: no form is longer.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// Routes of the API.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/v1/procedures", get(procedures))
        .route("/api/v1/cases", get(list).post(open))
        .route("/api/v1/cases/{id}", get(one))
        .route("/api/v1/cases/{id}/steps/{step}", post(step))
        .route("/api/v1/cases/{id}/dossier", get(dossier::one))
        .route(
            "/api/v1/cases/{id}/steps/{step}/trial",
            post(dossier::trial),
        )
        .route("/api/v1/confirmations", get(confirmations::waiting))
        .route("/api/v1/confirmations/{seq}", post(confirmations::answer))
        .route("/api/v1/figures/{year}/{reference}", get(figure))
        .route("/api/v1/reports/{year}", get(report))
        .route("/api/v1/people", get(people).post(registers::hire))
        .route(
            "/api/v1/people/{id}",
            get(registers::person).put(registers::mend),
        )
        .route("/api/v1/people/{id}/posts", post(registers::post))
        .route(
            "/api/v1/people/{id}/certificates",
            post(registers::certificate),
        )
        .route("/api/v1/lists", get(registers::lists))
        .route(
            "/api/v1/lists/{name}",
            get(registers::list).post(registers::put_entry),
        )
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// An error on its way to a program.
struct Refused(Error);

impl From<Error> for Refused {
    fn from(e: Error) -> Self {
        Refused(e)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, sentence) = judge(&self.0);
        let body = match &self.0 {
            Error::Refused(refusal) => {
                let grounds: Vec<Value> = refusal
                    .grounds
                    .iter()
                    .map(|g| {
                        json!({ "article": g.citation, "force": g.force.map(|f| f.word()), "reason": g.sentence,
                                "unverified": g.unverified, "line": g.line_no, "waivable": g.waivable_by.is_some() })
                    })
                    .collect();
                let first = refusal.grounds.first();
                json!({ "error": "refused", "step": refusal.step,
                        "article": first.map(|g| g.citation.clone()),
                        "force": first.and_then(|g| g.force).map(|f| f.word()),
                        "reason": first.map(|g| g.sentence.clone()),
                        "earliest": refusal.earliest.map(|d| d.to_string()), "grounds": grounds })
            }
            Error::Form(faults) => {
                let fields: Vec<Value> = faults
                    .iter()
                    .map(|(f, why)| json!({ "field": f, "reason": why }))
                    .collect();
                json!({ "error": "form", "reason": sentence, "fields": fields })
            }
            _ => json!({ "error": "bar", "reason": sentence }),
        };
        (status, Json(body)).into_response()
    }
}

type Answer = Result<Json<Value>, Refused>;

fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Refused> {
    body.map(|Json(value)| value).map_err(|e| {
        let why = match e.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "太大，超过 21 MB",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "要写明 Content-Type: application/json",
            StatusCode::UNPROCESSABLE_ENTITY => "字段的名称或者类型不对，见 /api/openapi.json",
            _ => "不是完好的 JSON",
        };
        Refused(Error::Form(vec![("请求".into(), why.into())]))
    })
}

/// What a step is submitted with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submission {
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

/// A value: text, several texts, a number, yes or no, or a party.
#[derive(Deserialize)]
#[serde(untagged)]
enum Typed {
    Text(String),
    Many(Vec<String>),
    YesNo(bool),
    Number(serde_json::Number),
    Party {
        class: String,
        name: String,
        #[serde(default)]
        contact: String,
        #[serde(default)]
        address: String,
    },
}

fn draft_of(step: &str, submission: Submission) -> Draft {
    let values = submission
        .values
        .into_iter()
        .map(|(field, typed)| {
            let input = match typed {
                Typed::Text(text) => Input::Text(text),
                Typed::Many(texts) => Input::Text(texts.join("、")),
                Typed::YesNo(yes) => Input::Text(if yes { "是".into() } else { "否".into() }),
                Typed::Number(n) => Input::Text(n.to_string()),
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
            (field, input)
        })
        .collect();
    Draft {
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
        derived: submission.derived.map(|d| Box::new(draft_of("", *d))),
        ..Draft::default()
    }
}

/// The id that a program gave its request.
fn request_of(request: Option<String>) -> Result<Option<String>, Refused> {
    match request {
        Some(id) if id.chars().count() > 64 => Err(Refused(Error::Form(vec![(
            "request".into(),
            "请求编号太长，最多 64 个字".into(),
        )]))),
        request => Ok(request.filter(|id| !id.is_empty())),
    }
}

fn actor(site: &Site, headers: &HeaderMap) -> Result<SignedIn, Refused> {
    let who = session::program(site, headers)?;
    office::access::may_act(&session::ctx(site, &who))?;
    Ok(who)
}

async fn procedures(State(site): State<Site>) -> Json<Value> {
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

async fn list(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let wanted = |name: &str| query.get(name).cloned().filter(|v| !v.is_empty());
    let filter = Filter {
        procedure: wanted("procedure"),
        stage: wanted("stage"),
        query: wanted("q"),
        from: wanted("from"),
        until: wanted("until"),
        open_only: query.get("open").is_some_and(|v| v == "true"),
        late_only: query.get("late").is_some_and(|v| v == "true"),
        sort: wanted("sort")
            .and_then(|sort| Sort::named(&sort))
            .unwrap_or_default(),
        after: wanted("after"),
        ..Filter::default()
    };
    let page = site
        .office
        .read(|tx| office::docket::page(tx, &ctx, &filter, 100))?;
    let rows: Vec<Value> = page
        .rows
        .into_iter()
        .map(|r| {
            json!({ "id": r.id, "number": r.number, "procedure": r.procedure, "title": r.title, "stage": r.stage,
                    "opened_on": r.opened_on, "closed_on": r.closed_on, "due_on": r.due_on, "due_clock": r.due_clock })
        })
        .collect();
    Ok(Json(json!({ "cases": rows, "next_after": page.next })))
}

async fn one(State(site): State<Site>, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let file = site
        .office
        .read(|tx| office::casefile::load(tx, &ctx, &id))?;
    let procedure = &file.law.procedure;
    let choices: Vec<Value> = file
        .choices
        .iter()
        .map(|choice| {
            let step = &procedure.steps[choice.step.at()].code;
            match &choice.verdict {
                Verdict::Open => json!({ "step": step, "item": choice.item, "open": true }),
                Verdict::Refused(refusal) => {
                    let reasons: Vec<Value> = refusal
                        .grounds
                        .iter()
                        .map(|g| json!({ "article": g.citation, "force": g.force.map(|f| f.word()), "reason": g.sentence }))
                        .collect();
                    json!({ "step": step, "item": choice.item, "open": false, "grounds": reasons,
                            "earliest": refusal.earliest.map(|d| d.to_string()) })
                }
            }
        })
        .collect();
    let record: Vec<Value> = file
        .lines
        .iter()
        .map(|l| json!({ "title": l.title, "kind": l.kind, "at": l.at, "who": l.who, "note": l.note, "seq": l.seq }))
        .collect();
    let clocks: Vec<Value> = file
        .status
        .clocks
        .iter()
        .map(|run| {
            json!({ "clock": procedure.clocks[run.clock.at()].code, "item": run.item,
                    "state": format!("{:?}", run.state).to_lowercase(),
                    "started_on": run.started_on.map(|d| d.to_string()),
                    "due_on": run.due.and_then(|d| d.hi).map(|d| d.to_string()),
                    "breached_on": run.breached_on.map(|d| d.to_string()), "days_late": run.days_late })
        })
        .collect();
    let values: BTreeMap<&str, &str> = file
        .values
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    Ok(Json(json!({
        "id": file.row.id, "number": file.row.number, "procedure": file.row.procedure, "title": file.row.title,
        "stage": file.row.stage, "stages": file.row.stages, "facts": file.row.facts, "values": values,
        "clocks": clocks, "steps": choices, "record": record,
    })))
}

fn done(done: &cases::Done) -> Value {
    json!({ "case": done.case, "number": done.number, "n": done.n, "item": done.item, "seq": done.seq,
            "tracking": done.tracking, "derived": done.derived.as_ref().map(|d| self::done(d)), "notes": done.notes })
}

async fn open(
    State(site): State<Site>,
    headers: HeaderMap,
    submission: Result<Json<Submission>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let who = actor(&site, &headers)?;
    let submission = body(submission)?;
    let code = submission.procedure.clone().unwrap_or_default();
    let Some(law) = site.office.pack.file(&code) else {
        return Err(Refused(Error::Form(vec![(
            "procedure".into(),
            format!("没有程序“{code}”"),
        )])));
    };
    let first = law.procedure.steps[law.procedure.starts_with.at()]
        .code
        .clone();
    let ctx = office::ctx::Ctx {
        request: request_of(submission.request.clone())?,
        ..session::ctx(&site, &who)
    };
    let draft = draft_of(&first, submission);
    let office = site.office.clone();
    let outcome = tokio::task::spawn_blocking(move || cases::open(&office, &ctx, &code, &draft))
        .await
        .map_err(|e| Error::Fault(e.to_string()))??;
    Ok((StatusCode::CREATED, Json(done(&outcome))))
}

async fn step(
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
    let draft = draft_of(&step, submission);
    let office = site.office.clone();
    let outcome = tokio::task::spawn_blocking(move || cases::take_step(&office, &ctx, &id, &draft))
        .await
        .map_err(|e| Error::Fault(e.to_string()))??;
    Ok(Json(done(&outcome)))
}

async fn figure(
    State(site): State<Site>,
    Path((year, reference)): Path<(i16, String)>,
    headers: HeaderMap,
) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    if !(2000..2100).contains(&year) {
        return Err(Refused(Error::Bar(Bar::NotFound)));
    }
    let (figure, list) = site.office.read(|tx| {
        let mut figures =
            office::figures::Figures::new(tx, &ctx, office::figures::Period::year(year))?;
        let figure = figures.figure(&reference)?;
        let list = figures.list(&reference)?;
        Ok((figure, office::access::only_seen(tx, &ctx, list)?))
    })?;
    let list: Vec<Value> = list
        .iter()
        .map(|i| json!({ "case": i.case_id, "number": i.number, "title": i.title, "on": i.on, "seq": i.seq }))
        .collect();
    Ok(Json(json!({
        "indicator": figure.indicator, "label": figure.label, "text": figure.text(), "unit": figure.unit,
        "numerator": figure.numerator, "denominator": figure.denominator, "definition": figure.definition,
        "cutoff": figure.cutoff, "log_size": figure.log_size, "by": figure.by, "list": list,
    })))
}

async fn report(State(site): State<Site>, Path(year): Path<i16>) -> Answer {
    let ctx = site.ctx("门户");
    let found = site.office.read(|tx| {
        Ok((
            office::reports::find(tx, &site.org, year)?,
            office::reports::deadlines(tx, &ctx, year)?,
        ))
    })?;
    match found {
        (Some((report, Some(_), _)), deadlines) => Ok(Json(report.json(&deadlines))),
        _ => Err(Refused(Error::Bar(Bar::NotFound))),
    }
}

async fn people(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let who = session::program(&site, &headers)?;
    office::access::may_read_people(&session::ctx(&site, &who))?;
    let today = (site.now)().date();
    let people = site
        .office
        .read(|tx| office::people::on_day(tx, &site.org, today))?;
    let people: Vec<Value> = people
        .into_iter()
        .map(|(p, posts)| json!({ "id": p.id, "name": p.name, "office": p.office, "posts": posts }))
        .collect();
    Ok(Json(json!({ "people": people })))
}
