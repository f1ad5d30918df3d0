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

/// What a visitor wants to know before opening a guide.
pub struct Card {
    /// Code of the procedure.
    pub code: String,
    /// 名称.
    pub title: String,
    /// First sentence of the law file.
    pub summary: String,
    /// Who applies.
    pub who: String,
    /// The first terms that bind the township.
    pub terms: Vec<String>,
}

/// What people come for; everything else is how the township itself works.
const WANTED: &[(&str, &[&str])] = &[
    (
        "我要办",
        &["license", "confirmation", "information_request"],
    ),
    ("我要反映", &["hotline_ticket", "petition", "dispute"]),
];

/// The procedures by what people come for, the rest last.
pub fn groups(site: &Site) -> Vec<(&'static str, Vec<Card>)> {
    let pack = &site.office.pack;
    let mut groups: Vec<(&'static str, Vec<Card>)> = WANTED
        .iter()
        .map(|(name, codes)| {
            let cards = codes.iter().filter_map(|code| pack.file(code));
            (*name, cards.map(|law| card(&law.procedure)).collect())
        })
        .collect();
    let rest = pack
        .files()
        .filter(|law| {
            !WANTED
                .iter()
                .any(|(_, codes)| codes.contains(&law.procedure.code.as_str()))
        })
        .map(|law| card(&law.procedure))
        .collect();
    groups.push(("镇里怎样办事", rest));
    groups
}

fn card(p: &Procedure) -> Card {
    let end = p
        .summary
        .find('。')
        .map_or(p.summary.len(), |at| at + '。'.len_utf8());
    let who: Vec<&str> = p
        .roles
        .iter()
        .filter(|role| role.side == Side::Party)
        .map(|role| role.name.as_str())
        .take(1)
        .collect();
    let terms = p
        .clocks
        .iter()
        .filter(|c| {
            c.item.is_none()
                && c.publication.is_none()
                && !c.stops.is_empty()
                && c.owed_by.is_none()
        })
        .filter_map(|c| match c.lengths.first()? {
            (length @ Length::Term(Quantity::Number(_), _), _, _) => {
                Some(format!("{} {}", c.name, length_text(p, length)))
            }
            _ => None,
        })
        .take(2)
        .collect();
    Card {
        code: p.code.clone(),
        title: p.title.clone(),
        summary: p.summary[..end].to_owned(),
        who: who.concat(),
        terms,
    }
}

#[derive(Template)]
#[template(path = "portal/guides.html")]
struct Index {
    shell: Shell,
    groups: Vec<(&'static str, Vec<Card>)>,
}

/// All procedures.
pub async fn index(State(site): State<Site>, headers: HeaderMap) -> Page {
    let shell = Shell::portal(&site, &headers, "procedures")?;
    show(&Index {
        shell,
        groups: groups(&site),
    })
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
