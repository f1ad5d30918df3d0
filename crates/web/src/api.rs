//! The API (接口): everything the pages do, as JSON under `/api/v1`, described at `/api/openapi.json`.

mod acts;
mod confirmations;
mod dossier;
mod files;
mod open;
mod openapi;
mod own;
mod registers;
mod work;

use crate::Site;
use crate::errors::judge;
use crate::session;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use jiff::civil::Date;
use law::engine::{Refusal, Verdict};
use office::docket::{Filter, Sort};
use office::error::Error;
use office::records::CaseRow;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Largest body of a request: no form is longer.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// Routes of the API.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/v1/procedures", get(open::procedures))
        .route("/api/v1/procedures/{code}", get(open::procedure))
        .route("/api/v1/progress", get(open::progress))
        .route("/api/v1/publications", get(open::publications))
        .route("/api/v1/publications/{id}", get(open::publication))
        .route("/api/v1/verify", post(open::verify))
        .route("/api/v1/term", get(work::term))
        .route("/api/v1/today", get(work::today))
        .route("/api/v1/cases", get(list).post(acts::open))
        .route("/api/v1/cases/{id}", get(one))
        .route("/api/v1/cases/{id}/steps/{step}", post(acts::step))
        .route("/api/v1/cases/{id}/evidence/{hash}", get(files::read))
        .route("/api/v1/cases/{id}/dossier", get(dossier::one))
        .route(
            "/api/v1/cases/{id}/steps/{step}/trial",
            post(dossier::trial),
        )
        .route(
            "/api/v1/evidence",
            post(files::keep).layer(DefaultBodyLimit::max(files::MAX_BODY)),
        )
        .route("/api/v1/confirmations", get(confirmations::waiting))
        .route("/api/v1/confirmations/{seq}", post(confirmations::answer))
        .route("/api/v1/figures/{year}", get(work::board))
        .route("/api/v1/figures/{year}/{reference}", get(work::figure))
        .route("/api/v1/reports", get(work::reports))
        .route("/api/v1/reports/{year}", get(work::report))
        .route("/api/v1/reports/{year}/draft", get(work::draft))
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
        .route("/api/v1/account", get(own::account))
        .route("/api/v1/account/sessions/{id}", delete(own::end_session))
        .route("/api/v1/account/tokens/{id}", delete(own::revoke_token))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

/// A no on its way to a program.
enum Refused {
    /// By the office.
    Office(Error),
    /// The body could not be read: status.
    Body(StatusCode),
}

impl From<Error> for Refused {
    fn from(e: Error) -> Self {
        Refused::Office(e)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let e = match self {
            Refused::Office(e) => e,
            Refused::Body(status) => return problem(status, ""),
        };
        let (status, sentence) = judge(&e);
        let body = match &e {
            Error::Refused(refusal) => {
                let first = refusal.grounds.first();
                json!({ "error": "refused", "step": refusal.step,
                        "article": first.map(|g| g.citation.clone()),
                        "force": first.and_then(|g| g.force).map(|f| f.word()),
                        "reason": first.map(|g| g.sentence.clone()),
                        "earliest": refusal.earliest.map(|d| d.to_string()), "grounds": grounds(refusal) })
            }
            Error::Form(faults) => {
                let fields: Vec<Value> = faults
                    .iter()
                    .map(|(f, why)| json!({ "field": f, "reason": why }))
                    .collect();
                json!({ "error": "form", "reason": sentence, "fields": fields })
            }
            Error::Fault(_) | Error::Store(_) => json!({ "error": "fault", "reason": sentence }),
            _ => json!({ "error": "bar", "reason": sentence }),
        };
        (status, Json(body)).into_response()
    }
}

/// Why a step is refused, ground by ground.
fn grounds(refusal: &Refusal) -> Vec<Value> {
    refusal
        .grounds
        .iter()
        .map(|g| {
            json!({ "article": g.citation, "force": g.force.map(|f| f.word()), "reason": g.sentence,
                    "unverified": g.unverified, "line": g.line_no, "waivable": g.waivable_by.is_some() })
        })
        .collect()
}

/// A no that comes before any operation, in a sentence.
fn problem(status: StatusCode, allowed: &str) -> Response {
    let (error, reason) = match status {
        StatusCode::UNAUTHORIZED => ("bar", "没有令牌，或者令牌失效".to_owned()),
        StatusCode::NOT_FOUND => ("bar", "没有这个地址，见 /api/openapi.json".to_owned()),
        StatusCode::METHOD_NOT_ALLOWED => ("bar", format!("这个地址只收 {allowed}")),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "form",
            "请求太大；附件先交到 /api/v1/evidence，每个最大 20 MB".to_owned(),
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("form", "要写明 Content-Type: application/json".to_owned())
        }
        StatusCode::UNPROCESSABLE_ENTITY => (
            "form",
            "字段的名称或者类型不对，见 /api/openapi.json".to_owned(),
        ),
        status if status.is_client_error() => (
            "form",
            "请求读不懂：地址、参数或者 JSON 的写法不对".to_owned(),
        ),
        StatusCode::SERVICE_UNAVAILABLE => ("fault", "现在办不了，没有写入，请稍后再试".to_owned()),
        _ => (
            "fault",
            "程序出了问题，这一步没有写入，请告诉管理员".to_owned(),
        ),
    };
    let body = match (error, status) {
        ("form", StatusCode::UNPROCESSABLE_ENTITY) => {
            json!({ "error": error, "reason": reason, "fields": [{ "field": "请求", "reason": reason }] })
        }
        _ => json!({ "error": error, "reason": reason }),
    };
    (status, Json(body)).into_response()
}

/// Whatever goes wrong under `/api/` is told in JSON, also what the router itself refuses, and a fault.
pub async fn in_json(request: Request, next: Next) -> Response {
    let ours = request.uri().path().starts_with("/api/");
    let answer = next.run(request).await;
    let status = answer.status();
    let is_json = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json");
    if !ours || is_json || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let allowed = answer.headers().get(header::ALLOW).cloned();
    let words = allowed.as_ref().and_then(|value| value.to_str().ok());
    let mut told = problem(status, words.unwrap_or_default());
    if let Some(allowed) = allowed {
        told.headers_mut().insert(header::ALLOW, allowed);
    }
    told
}

type Answer = Result<Json<Value>, Refused>;

fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Refused> {
    body.map(|Json(value)| value)
        .map_err(|e| Refused::Body(e.status()))
}

/// A day asked for in the query; what is no day is told so, not passed over.
fn day(query: &HashMap<String, String>, name: &str) -> Result<Option<Date>, Refused> {
    let Some(text) = query.get(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let why = || format!("“{text}”不是日期，请写成 2023-05-06 的样子");
    text.parse()
        .map(Some)
        .map_err(|_| Error::Form(vec![(name.to_owned(), why())]).into())
}

/// Yes or no asked for in the query.
fn flag(query: &HashMap<String, String>, name: &str) -> Result<bool, Refused> {
    match query.get(name).map_or("", String::as_str) {
        "true" => Ok(true),
        "" | "false" => Ok(false),
        other => {
            let why = format!("“{other}”不认得，可写 true、false");
            Err(Error::Form(vec![(name.to_owned(), why)]).into())
        }
    }
}

/// The id that a program gave its request.
fn request_of(request: Option<String>) -> Result<Option<String>, Refused> {
    match request {
        Some(id) if id.chars().count() > 64 => Err(Error::Form(vec![(
            "request".into(),
            "请求编号太长，最多 64 个字".into(),
        )])
        .into()),
        request => Ok(request.filter(|id| !id.is_empty())),
    }
}

/// A row of the register.
fn row(r: &CaseRow) -> Value {
    json!({ "id": r.id, "number": r.number, "procedure": r.procedure, "title": r.title, "stage": r.stage,
            "opened_on": r.opened_on, "closed_on": r.closed_on, "due_on": r.due_on, "due_clock": r.due_clock })
}

async fn list(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let wanted = |name: &str| query.get(name).cloned().filter(|v| !v.is_empty());
    let sort = match wanted("sort") {
        None => Sort::default(),
        Some(word) => Sort::named(&word).ok_or_else(|| {
            let why = format!("“{word}”不认得，可写 newest、opened、due");
            Error::Form(vec![("sort".into(), why)])
        })?,
    };
    let filter = Filter {
        procedure: wanted("procedure"),
        stage: wanted("stage"),
        query: wanted("q"),
        from: day(&query, "from")?.map(|day| day.to_string()),
        until: day(&query, "until")?.map(|day| day.to_string()),
        open_only: flag(&query, "open")?,
        late_only: flag(&query, "late")?,
        sort,
        after: wanted("after"),
        ..Filter::default()
    };
    let page = site
        .office
        .read(|tx| office::docket::page(tx, &ctx, &filter, 100))?;
    let rows: Vec<Value> = page.rows.iter().map(row).collect();
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
                    json!({ "step": step, "item": choice.item, "open": false, "grounds": grounds(refusal),
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
    let links: Vec<Value> = file
        .links
        .iter()
        .map(|(kind, id, number)| json!({ "kind": kind, "case": id, "number": number }))
        .collect();
    let values: BTreeMap<&str, &str> = file
        .values
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    Ok(Json(json!({
        "id": file.row.id, "number": file.row.number, "procedure": file.row.procedure, "title": file.row.title,
        "stage": file.row.stage, "stages": file.row.stages, "facts": file.row.facts, "values": values,
        "clocks": clocks, "steps": choices, "record": record, "evidence": files::listed(&file.evidence),
        "links": links,
    })))
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
