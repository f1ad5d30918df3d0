//! Service guides and flow charts (办事指南、执法流程图), drawn from the law file.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::flow::{self, Flow};
use crate::parts::shell::Shell;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use law::procedure::{Basis, Length, Procedure, Quantity, Side, Unit};
use office::error::{Bar, Error};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "portal/guides.html")]
struct Index {
    shell: Shell,
    all: Vec<(String, String, String)>,
}

/// All procedures.
pub async fn index(State(site): State<Site>, headers: HeaderMap) -> Page {
    let shell = Shell::portal(&site, &headers, "procedures")?;
    let all = site
        .office
        .pack
        .files()
        .map(|f| {
            (
                f.procedure.code.clone(),
                f.procedure.title.clone(),
                f.procedure.summary.clone(),
            )
        })
        .collect();
    show(&Index { shell, all })
}

struct StepRow {
    name: String,
    by: String,
    form: String,
    rules: Vec<(String, String)>,
    papers: String,
}

#[derive(Template)]
#[template(path = "portal/guide.html")]
struct Guide {
    shell: Shell,
    law: Arc<office::pack::LawFile>,
    charts: Vec<Flow>,
    steps: Vec<StepRow>,
    clocks: Vec<(String, String, String)>,
    publications: Vec<(String, String, String)>,
    indicators: Vec<(String, String, String)>,
}

/// One procedure.
pub async fn page(State(site): State<Site>, Path(code): Path<String>, headers: HeaderMap) -> Page {
    let shell = Shell::portal(&site, &headers, "procedures")?;
    let law = site
        .office
        .pack
        .file(&code)
        .cloned()
        .ok_or(Error::Bar(Bar::NotFound))?;
    let p = &law.procedure;
    let steps = p
        .steps
        .iter()
        .filter(|s| !s.actors.by_law)
        .map(|s| step_row(p, s))
        .collect();
    let clocks = p
        .clocks
        .iter()
        .flat_map(|clock| {
            clock.lengths.iter().map(|(length, _, basis)| {
                (clock.name.clone(), length_text(p, length), cited(basis))
            })
        })
        .collect();
    let names = |ids: &[law::procedure::FieldId]| {
        ids.iter()
            .map(|id| p.fields[id.at()].name.as_str())
            .collect::<Vec<_>>()
            .join("、")
    };
    let publications = p
        .publications
        .iter()
        .map(|x| (x.name.clone(), names(&x.fields), x.places.join("、")))
        .collect();
    let indicators = p
        .indicators
        .iter()
        .map(|i| (i.name.clone(), i.source.clone(), i.unit.clone()))
        .collect();
    let charts = flow::charts(p);
    show(&Guide {
        shell,
        charts,
        steps,
        clocks,
        publications,
        indicators,
        law: law.clone(),
    })
}

fn cited(basis: &Basis) -> String {
    format!(
        "{}：{}{}",
        basis.force.word(),
        basis.text,
        if basis.unverified { "〔未核〕" } else { "" }
    )
}

fn step_row(p: &Procedure, step: &law::procedure::Step) -> StepRow {
    let joint = if step.actors.any { "或者" } else { "、" };
    let by: Vec<String> = step
        .actors
        .roles
        .iter()
        .map(|(role, least)| {
            let role = &p.roles[role.at()];
            let side = match role.side {
                Side::Own => "",
                Side::Party | Side::Outside => "（机关以外）",
            };
            if *least > 1 {
                format!("{}至少 {least} 名", role.name)
            } else {
                format!("{}{side}", role.name)
            }
        })
        .collect();
    let form: Vec<String> = step
        .form
        .iter()
        .map(|entry| {
            let name = &p.fields[entry.field.at()].name;
            if entry.required {
                name.clone()
            } else {
                format!("{name}（可不填）")
            }
        })
        .collect();
    StepRow {
        name: step.name.clone(),
        by: by.join(joint),
        form: form.join("、"),
        rules: step
            .requires
            .iter()
            .map(|r| {
                (
                    r.message.clone().unwrap_or_else(|| r.source.clone()),
                    cited(&r.basis),
                )
            })
            .collect(),
        papers: step
            .papers
            .iter()
            .map(|x| x.name.as_str())
            .collect::<Vec<_>>()
            .join("、"),
    }
}

fn length_text(p: &Procedure, length: &Length) -> String {
    match length {
        Length::Until(field) => format!("到“{}”写明的日期", p.fields[field.at()].name),
        Length::Term(quantity, unit) => {
            let unit = match unit {
                Unit::WorkingDay => "个工作日",
                Unit::Day => "日",
                Unit::Month => "个月",
                Unit::Year => "年",
                Unit::Hour => "小时",
            };
            match quantity {
                Quantity::Number(n) => format!("{n} {unit}"),
                _ => format!("按清单设置（{unit}）"),
            }
        }
    }
}
