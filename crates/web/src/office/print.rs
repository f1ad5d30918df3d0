//! The bound copy (案卷打印): a case as it is bound and kept, in the order of its days: cover, contents, record, deadlines, evidence with
//! hashes. Read on the screen or printed on A4.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::clocks::{self, ClockView};
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use office::casefile::{self, CaseFile, RecordLine};

#[derive(Template)]
#[template(path = "office/print.html")]
struct Bound {
    shell: Shell,
    file: CaseFile,
    /// The record, oldest first.
    record: Vec<RecordLine>,
    clocks: Vec<ClockView>,
    printed: String,
}

/// The bound copy of a case.
pub async fn page(State(site): State<Site>, Path(id): Path<String>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "cases")?;
    let ctx = session::ctx(&site, &visitor.who);
    let mut file = site.office.read(|tx| casefile::load(tx, &ctx, &id))?;
    let mut record = std::mem::take(&mut file.lines);
    record.reverse();
    let calendar = &site.office.pack.calendar;
    let clocks = file
        .status
        .clocks
        .iter()
        .filter(|run| run.started_on.is_some())
        .map(|run| clocks::view(&file.law.procedure, calendar, run, ctx.today()))
        .collect();
    show(&Bound {
        shell,
        record,
        clocks,
        printed: ctx.now.strftime("%Y-%m-%d %H:%M").to_string(),
        file,
    })
}
