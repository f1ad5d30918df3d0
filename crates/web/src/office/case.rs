//! A case (案件): the record, the file, the steps; and opening one.

use super::next::{self, Next};
use crate::Site;
use crate::errors::{Page, judge, show};
use crate::parts::clocks::{self, ClockView};
use crate::parts::forms::{self, StepForm, Submitted};
use crate::parts::shell::Shell;
use crate::session::{self, Visitor};
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use law::procedure::LinkKind;
use office::accounts::Role;
use office::casefile::{self, CaseFile};
use office::cases;
use office::error::{Bar, Error};
use office::inputs::Draft;
use std::collections::BTreeMap;

/// Why a submission came back.
struct Told {
    /// By the law, and so on record; otherwise by the form.
    refused: bool,
    title: String,
    /// Sentence and citation.
    grounds: Vec<(String, String)>,
    earliest: String,
}

#[derive(Template)]
#[template(path = "office/case.html")]
struct CasePage {
    shell: Shell,
    file: CaseFile,
    stages: Vec<(String, String)>,
    items: Vec<(String, String)>,
    clocks: Vec<ClockView>,
    past: Vec<ClockView>,
    next: Next,
    message: Option<Told>,
    tracking: Option<String>,
    /// How many waivers were sent with the last step and not needed.
    idle: usize,
    people: Vec<String>,
    request: String,
    readonly: bool,
}

/// The case page.
pub async fn page(
    State(site): State<Site>,
    Path(id): Path<String>,
    axum::extract::Query(query): axum::extract::Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let mut page = build(
        &site,
        &headers,
        &visitor,
        &id,
        None,
        &BTreeMap::new(),
        query.get("code").cloned(),
    )?;
    page.idle = query
        .get("idle")
        .and_then(|n| n.parse().ok())
        .unwrap_or_default();
    show(&page)
}

fn build(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    id: &str,
    message: Option<Told>,
    typed: &BTreeMap<String, String>,
    tracking: Option<String>,
) -> Result<CasePage, Error> {
    let shell = Shell::office(site, headers, visitor, "cases")?;
    let ctx = session::ctx(site, &visitor.who);
    let (file, mut people) = site.office.read(|tx| {
        let file = casefile::load(tx, &ctx, id)?;
        let people: Vec<String> = office::people::on_day(tx, &ctx.org, ctx.today())?
            .into_iter()
            .map(|(p, _)| p.name)
            .collect();
        Ok((file, people))
    })?;
    people.sort();
    let procedure = &file.law.procedure;
    let listings = forms::listings(site, &file.law)?;
    let today = ctx.today();
    let calendar = &site.office.pack.calendar;
    let typist = visitor
        .who
        .person
        .as_ref()
        .map(|_| visitor.who.name.as_str());
    let next = next::steps(site, &file, &listings, typist, typed)?;
    let stages = procedure
        .lines
        .iter()
        .zip(&file.status.stages)
        .filter(|(line, _)| line.item.is_none())
        .map(|(line, stage)| (line.name.clone(), procedure.stages[stage.at()].name.clone()))
        .collect();
    let items = file
        .status
        .items
        .iter()
        .map(|item| {
            let name = format!("{}#{}", procedure.items[item.kind.at()].name, item.no);
            (name, procedure.stages[item.stage.at()].name.clone())
        })
        .collect();
    let running = casefile::running(&file.status);
    let clocks = running
        .iter()
        .map(|run| clocks::view(procedure, calendar, run, today))
        .collect();
    let past = file
        .status
        .clocks
        .iter()
        .filter(|run| run.state != law::clock::ClockState::Running)
        .map(|run| clocks::view(procedure, calendar, run, today))
        .collect();
    Ok(CasePage {
        shell,
        stages,
        items,
        clocks,
        past,
        next,
        message,
        tracking,
        idle: 0,
        people,
        request: ctx.fresh_id(),
        readonly: visitor.who.role == Role::County,
        file,
    })
}

/// Takes a step and goes back to the page; refused, the page comes with the reason and what was typed.
pub async fn step(
    State(site): State<Site>,
    Path((id, step)): Path<(String, String)>,
    headers: HeaderMap,
    form: Multipart,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    office::access::may_act(&session::ctx(&site, &visitor.who))?;
    let (submitted, read) = forms::read(&site, form).await;
    session::guard(&visitor, &headers, submitted.get("token"))?;
    if let Err(e) = read {
        return again(&site, &headers, &visitor, &id, &e, &submitted);
    }
    let ctx = session::ctx(&site, &visitor.who);
    let ctx = office::ctx::Ctx {
        request: request_of(&submitted),
        ..ctx
    };
    let people = forms::people_by_name(&site)?;
    let law = site
        .office
        .read(|tx| {
            office::access::may_see(tx, &ctx, &id)?;
            office::records::load(tx, &ctx, &id)
        })?
        .law;
    let mut draft = forms::draft(&law, &step, &submitted, &people);
    draft.derived = derived_draft(&site, &law, &step, &submitted, &people);
    let behind = site.clone();
    let case = id.clone();
    let outcome =
        tokio::task::spawn_blocking(move || cases::take_step(&behind.office, &ctx, &case, &draft))
            .await
            .map_err(|e| Error::Fault(e.to_string()))?;
    match outcome {
        Ok(done) if done.notes.is_empty() => {
            Ok(Redirect::to(&format!("/office/cases/{id}")).into_response())
        }
        Ok(done) => {
            let idle = done.notes.len();
            Ok(Redirect::to(&format!("/office/cases/{id}?idle={idle}")).into_response())
        }
        Err(e @ (Error::Refused(_) | Error::Form(_) | Error::Bar(Bar::Stale))) => {
            again(&site, &headers, &visitor, &id, &e, &submitted)
        }
        Err(e) => Err(e.into()),
    }
}

fn request_of(submitted: &Submitted) -> Option<String> {
    Some(submitted.get("request").to_owned()).filter(|r| !r.is_empty() && r.len() <= 64)
}

fn derived_draft(
    site: &Site,
    law: &office::pack::LawFile,
    step: &str,
    submitted: &Submitted,
    people: &BTreeMap<String, String>,
) -> Option<Box<Draft>> {
    let step = law.step(step)?;
    let code = law.procedure.steps[step.at()]
        .links
        .iter()
        .find_map(|link| match &link.kind {
            LinkKind::Derives(code) => Some(code.clone()),
            _ => None,
        })?;
    let target = site.office.pack.file(&code)?;
    let mut draft = Draft::default();
    forms::fill(&mut draft, target, submitted, "d.", people);
    Some(Box::new(draft))
}

/// The case page again, with why it was refused and what was typed.
fn again(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    id: &str,
    e: &Error,
    submitted: &Submitted,
) -> Page {
    let (status, message) = explain(e);
    let page = build(
        site,
        headers,
        visitor,
        id,
        Some(message),
        &submitted.typed,
        None,
    )?;
    Ok((status, show(&page)?).into_response())
}

fn explain(e: &Error) -> (StatusCode, Told) {
    let (status, sentence) = judge(e);
    let told = match e {
        Error::Refused(refusal) => {
            let view = next::refusal_view(refusal);
            Told {
                refused: true,
                title: format!("不准“{}”", view.name),
                grounds: view.grounds,
                earliest: view.earliest,
            }
        }
        Error::Form(faults) => Told {
            refused: false,
            title: "填写有误，没有写入".to_owned(),
            grounds: faults
                .iter()
                .map(|(field, why)| (format!("{field}：{why}"), String::new()))
                .collect(),
            earliest: String::new(),
        },
        _ => Told {
            refused: false,
            title: sentence,
            grounds: Vec::new(),
            earliest: String::new(),
        },
    };
    (status, told)
}

#[derive(Template)]
#[template(path = "office/new.html")]
struct NewCase {
    shell: Shell,
    title: String,
    summary: String,
    code: String,
    form: StepForm,
    people: Vec<String>,
    message: Option<Told>,
    request: String,
}

fn new_page(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    code: &str,
    typed: &BTreeMap<String, String>,
    message: Option<Told>,
) -> Result<NewCase, Error> {
    let shell = Shell::office(site, headers, visitor, "cases")?;
    let law = site
        .office
        .pack
        .file(code)
        .cloned()
        .ok_or(Error::Bar(Bar::NotFound))?;
    let ctx = session::ctx(site, &visitor.who);
    let mut people: Vec<String> = site
        .office
        .read(|tx| office::people::on_day(tx, &ctx.org, ctx.today()))?
        .into_iter()
        .map(|(p, _)| p.name)
        .collect();
    people.sort();
    let typist = visitor
        .who
        .person
        .as_ref()
        .map(|_| visitor.who.name.as_str());
    Ok(NewCase {
        shell,
        title: law.procedure.title.clone(),
        summary: law.procedure.summary.clone(),
        code: code.to_owned(),
        form: next::first_form(site, &law, typist, typed)?,
        people,
        message,
        request: ctx.fresh_id(),
    })
}

/// The form that opens a case.
pub async fn new(State(site): State<Site>, Path(code): Path<String>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    office::access::may_act(&session::ctx(&site, &visitor.who))?;
    show(&new_page(
        &site,
        &headers,
        &visitor,
        &code,
        &BTreeMap::new(),
        None,
    )?)
}

/// Opens a case.
pub async fn open(
    State(site): State<Site>,
    Path(code): Path<String>,
    headers: HeaderMap,
    form: Multipart,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    office::access::may_act(&session::ctx(&site, &visitor.who))?;
    let law = site
        .office
        .pack
        .file(&code)
        .cloned()
        .ok_or(Error::Bar(Bar::NotFound))?;
    let first = law.procedure.steps[law.procedure.starts_with.at()]
        .code
        .clone();
    let refuse =
        |e: &Error, typed: &BTreeMap<String, String>| -> Result<Response, crate::errors::Problem> {
            let (status, message) = explain(e);
            Ok((
                status,
                show(&new_page(
                    &site,
                    &headers,
                    &visitor,
                    &code,
                    typed,
                    Some(message),
                )?)?,
            )
                .into_response())
        };
    let (submitted, read) = forms::read(&site, form).await;
    session::guard(&visitor, &headers, submitted.get("token"))?;
    if let Err(e) = read {
        return refuse(&e, &submitted.typed);
    }
    let ctx = session::ctx(&site, &visitor.who);
    let ctx = office::ctx::Ctx {
        request: request_of(&submitted),
        ..ctx
    };
    let people = forms::people_by_name(&site)?;
    let draft = forms::draft(&law, &first, &submitted, &people);
    let behind = site.clone();
    let procedure = code.clone();
    let outcome =
        tokio::task::spawn_blocking(move || cases::open(&behind.office, &ctx, &procedure, &draft))
            .await
            .map_err(|e| Error::Fault(e.to_string()))?;
    match outcome {
        Ok(done) => {
            let code = done
                .tracking
                .map(|code| format!("?code={code}"))
                .unwrap_or_default();
            Ok(Redirect::to(&format!("/office/cases/{}{code}", done.case)).into_response())
        }
        Err(e @ (Error::Refused(_) | Error::Form(_))) => refuse(&e, &submitted.typed),
        Err(e) => Err(e.into()),
    }
}

/// A file of a case, to look at or keep; never run by the browser.
pub async fn evidence(
    State(site): State<Site>,
    Path((id, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let ctx = session::ctx(&site, &visitor.who);
    let files = site.office.read(|tx| {
        let file = casefile::load(tx, &ctx, &id)?;
        Ok(file.evidence)
    })?;
    let file = files
        .into_iter()
        .find(|f| f.hash == hash)
        .ok_or(Error::Bar(Bar::NotFound))?;
    let bytes = office::evidence::read(&site.office, &hash)?;
    let headers = [
        (header::CONTENT_TYPE, file.media),
        (header::CONTENT_DISPOSITION, "inline".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
