//! The dossier of a case (卷宗): its papers in order, those still to come, the next legal day, the reasoning, the remedies.
//!
//! Nothing here knows one procedure from another: all of it is derived from the law file.

use super::next;
use crate::Site;
use crate::errors::{Page, show};
use crate::parts::clocks::{self, ClockView};
use crate::parts::forms::{self, StepForm};
use crate::parts::shell::Shell;
use crate::session::{self, Visitor};
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use law::engine::Verdict;
use law::procedure::FieldKind;
use office::casefile;
use office::dossier::{self, Dossier, PaperLine, ReckonedLine};
use office::error::Error;
use std::collections::BTreeMap;

/// A volume (卷): its name and its papers.
struct Volume {
    name: &'static str,
    papers: Vec<PaperLine>,
}

/// What came of a trial.
struct Tried {
    step: String,
    permitted: bool,
    /// Sentence and citation.
    grounds: Vec<(String, String)>,
    earliest: String,
    reckoned: Vec<ReckonedLine>,
}

#[derive(Template)]
#[template(path = "office/dossier.html")]
struct DossierPage {
    shell: Shell,
    dossier: Dossier,
    stages: Vec<(String, String)>,
    volumes: Vec<Volume>,
    clocks: Vec<ClockView>,
    next: Option<ClockView>,
    late: usize,
    lacking: usize,
    /// Definitions left out because what they read is not filled.
    unfilled: usize,
    trials: Vec<StepForm>,
    tried: Option<Tried>,
    people: Vec<String>,
    request: String,
}

/// The dossier page.
pub async fn page(State(site): State<Site>, Path(id): Path<String>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    show(&build(
        &site,
        &headers,
        &visitor,
        &id,
        &BTreeMap::new(),
        None,
    )?)
}

/// Tries a step out: the page comes back with what the law would say and what the definitions would come to.
pub async fn trial(
    State(site): State<Site>,
    Path((id, step)): Path<(String, String)>,
    headers: HeaderMap,
    form: Multipart,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let (submitted, read) = forms::read(&site, form).await;
    session::guard(&visitor, &headers, submitted.get("token"))?;
    read?;
    let ctx = session::ctx(&site, &visitor.who);
    let people = forms::people_by_name(&site)?;
    let outcome = site.office.read(|tx| {
        office::access::may_see(tx, &ctx, &id)?;
        let law = office::records::load(tx, &ctx, &id)?.law;
        let draft = forms::draft(&law, &step, &submitted, &people);
        let name = law.step(&step).map_or(step.clone(), |step| {
            law.procedure.steps[step.at()].name.clone()
        });
        Ok((name, dossier::trial(tx, &ctx, &id, &draft)))
    })?;
    let (status, tried) = match outcome {
        (step, Ok(result)) => {
            let view = result.refusal.as_ref().map(next::refusal_view);
            let tried = Tried {
                step,
                permitted: view.is_none(),
                earliest: view
                    .as_ref()
                    .map_or_else(String::new, |v| v.earliest.clone()),
                grounds: view.map_or_else(Vec::new, |v| v.grounds),
                reckoned: result.reckoned,
            };
            (StatusCode::OK, tried)
        }
        (step, Err(Error::Form(faults))) => {
            let grounds = faults
                .into_iter()
                .map(|(field, why)| (format!("{field}：{why}"), String::new()))
                .collect();
            let tried = Tried {
                step,
                permitted: false,
                grounds,
                earliest: String::new(),
                reckoned: Vec::new(),
            };
            (StatusCode::UNPROCESSABLE_ENTITY, tried)
        }
        (_, Err(e)) => return Err(e.into()),
    };
    let page = build(
        &site,
        &headers,
        &visitor,
        &id,
        &submitted.typed,
        Some(tried),
    )?;
    Ok((status, show(&page)?).into_response())
}

fn build(
    site: &Site,
    headers: &HeaderMap,
    visitor: &Visitor,
    id: &str,
    typed: &BTreeMap<String, String>,
    tried: Option<Tried>,
) -> Result<DossierPage, Error> {
    let shell = Shell::office(site, headers, visitor, "cases")?;
    let ctx = session::ctx(site, &visitor.who);
    let (mut dossier, people) = site.office.read(|tx| {
        let dossier = dossier::load(tx, &ctx, id)?;
        let people = office::people::on_day(tx, &ctx.org, ctx.today())?;
        Ok((dossier, people))
    })?;
    let mut people: Vec<String> = people.into_iter().map(|(p, _)| p.name).collect();
    people.sort();
    let law = dossier.file.law.clone();
    let procedure = &law.procedure;
    let calendar = &site.office.pack.calendar;
    let today = ctx.today();
    let view = |run: &law::engine::ClockRun| clocks::view(procedure, calendar, run, today);
    let running = casefile::running(&dossier.file.status);
    let next = running
        .iter()
        .find(|run| {
            let clock = &procedure.clocks[run.clock.at()];
            clock.owed_by.is_none() && !clock.stops.is_empty()
        })
        .map(|run| view(run));
    let clocks: Vec<ClockView> = dossier.file.status.clocks.iter().map(view).collect();
    let late = clocks.iter().filter(|c| c.class == "late").count();
    let stages = procedure
        .lines
        .iter()
        .zip(&dossier.file.status.stages)
        .filter(|(line, _)| line.item.is_none())
        .map(|(line, stage)| (line.name.clone(), procedure.stages[stage.at()].name.clone()))
        .collect();
    let trials = trial_forms(site, &dossier, typed)?;
    let lacking = dossier
        .papers
        .iter()
        .filter(|p| p.lacks_recording() && !p.annulled)
        .count();
    let (second, first): (Vec<PaperLine>, Vec<PaperLine>) = std::mem::take(&mut dossier.papers)
        .into_iter()
        .partition(|p| p.second_volume);
    let volumes = [("正卷", first), ("副卷", second)]
        .into_iter()
        .filter(|(_, papers)| !papers.is_empty())
        .map(|(name, papers)| Volume { name, papers })
        .collect();
    Ok(DossierPage {
        shell,
        stages,
        volumes,
        clocks,
        next,
        late,
        lacking,
        unfilled: dossier.reckoned.iter().filter(|r| !r.known()).count(),
        trials,
        tried,
        people,
        request: ctx.fresh_id(),
        dossier,
    })
}

/// Forms of the steps in this stage that are judged by definitions: worth trying out before they are taken.
fn trial_forms(
    site: &Site,
    dossier: &Dossier,
    typed: &BTreeMap<String, String>,
) -> Result<Vec<StepForm>, Error> {
    let file = &dossier.file;
    let procedure = &file.law.procedure;
    let listings = forms::listings(site, &file.law)?;
    let mut found = Vec::new();
    for choice in &file.choices {
        let elsewhere = matches!(&choice.verdict, Verdict::Refused(refusal)
            if refusal.grounds.iter().any(|g| g.kind == law::engine::GroundKind::Stage));
        let reckons = law::dossier::read_by(procedure, choice.step)
            .iter()
            .any(|definition| {
                let body = &procedure.definitions[definition.at()].body;
                matches!(body, law::procedure::DefinitionBody::Quantity(_))
            });
        if elsewhere || !reckons {
            continue;
        }
        let entries: Vec<law::engine::Entry> = choice
            .form
            .iter()
            .filter(|entry| {
                let kind = &procedure.fields[entry.field.at()].kind;
                !matches!(kind, FieldKind::File | FieldKind::Party)
            })
            .map(|entry| law::engine::Entry {
                required: false,
                ..entry.clone()
            })
            .collect();
        let mut form = forms::step_form(
            procedure,
            choice.step,
            choice.item,
            &entries,
            &listings,
            None,
            typed,
        );
        form.waivers.clear();
        found.push(form);
    }
    Ok(found)
}
