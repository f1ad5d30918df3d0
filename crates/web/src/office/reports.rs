//! The report workshop (报告): reports under way and published ones, and what the report of a year would say now.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::portal::report::{Block, blocks};
use crate::session;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use law::procedure::Procedure;
use office::docket::Filter;
use office::error::{Bar, Error};
use office::records::CaseRow;
use office::reports::{Deadlines, Report, Standing};

/// Code of the report's procedure.
const REPORT: &str = "annual_report";

/// A report with the stages that it has passed.
struct Made {
    case: CaseRow,
    /// Year, if its figures are frozen, and the day of publication.
    year: Option<i64>,
    published: Option<String>,
    /// Name, passed, present.
    stages: Vec<(String, bool, bool)>,
}

#[derive(Template)]
#[template(path = "office/reports.html")]
struct Reports {
    shell: Shell,
    made: Vec<Made>,
    this_year: i16,
}

/// The reports so far, and how to make the next.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "reports")?;
    let ctx = session::ctx(&site, &visitor.who);
    let filter = Filter {
        procedure: Some(REPORT.into()),
        ..Filter::default()
    };
    let (years, rows) = site.office.read(|tx| {
        Ok((
            office::reports::years(tx, &site.org)?,
            office::docket::page(tx, &ctx, &filter, 40)?.rows,
        ))
    })?;
    let law = site.office.pack.file(REPORT);
    let made = rows
        .into_iter()
        .map(|case| {
            let frozen = years.iter().find(|(_, _, id)| *id == case.id);
            Made {
                year: frozen.map(|(year, _, _)| *year),
                published: frozen
                    .and_then(|(_, at, _)| at.as_deref()?.get(..10).map(str::to_owned)),
                stages: law.map_or_else(Vec::new, |law| passed(&law.procedure, &case.stage)),
                case,
            }
        })
        .collect();
    show(&Reports {
        shell,
        made,
        this_year: (site.now)().year(),
    })
}

/// Stages of 主线, with the present one and those before it.
fn passed(procedure: &Procedure, now: &str) -> Vec<(String, bool, bool)> {
    let names: Vec<&str> = procedure.lines[0]
        .stages
        .iter()
        .map(|stage| procedure.stages[stage.at()].name.as_str())
        .collect();
    let at = names.iter().position(|name| *name == now).unwrap_or(0);
    names
        .into_iter()
        .enumerate()
        .map(|(i, name)| (name.to_owned(), i < at, i == at))
        .collect()
}

#[derive(Template)]
#[template(path = "office/draft.html")]
struct Draft {
    shell: Shell,
    report: Report,
    blocks: Vec<Block>,
    deadlines: Deadlines,
}

impl Draft {
    fn late(&self) -> bool {
        matches!(
            self.deadlines.publication.standing,
            Standing::Late(_) | Standing::Overdue(_)
        )
    }

    fn parts(&self, n: &Option<i64>) -> String {
        n.map_or("无".into(), |n| n.to_string())
    }

    fn last(&self, at: &usize) -> String {
        office::reports::before(&self.report.last_year[*at])
    }
}

/// The report of a year as it would come out now: figures, balances, unproven claims.
pub async fn draft(State(site): State<Site>, Path(year): Path<i16>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    if !(2000..2100).contains(&year) {
        return Err(Error::Bar(Bar::NotFound).into());
    }
    let shell = Shell::office(&site, &headers, &visitor, "reports")?;
    let ctx = session::ctx(&site, &visitor.who);
    let (report, deadlines) = site.office.read(|tx| {
        Ok((
            office::reports::compute(tx, &ctx, year)?,
            office::reports::deadlines(tx, &ctx, year)?,
        ))
    })?;
    show(&Draft {
        shell,
        blocks: blocks(&report),
        report,
        deadlines,
    })
}
