//! Today's work, figures, and the report workshop for programs.

use super::{Answer, Refused};
use crate::Site;
use crate::office::board;
use crate::session;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use jiff::civil::Date;
use law::clock::StripKind;
use law::procedure::Unit;
use office::error::{Bar, Error};
use office::figures::{Figure, Figures, Period};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A year that can be asked of.
fn year_of(year: i16) -> Result<i16, Refused> {
    match year {
        2000..2100 => Ok(year),
        _ => Err(Error::Bar(Bar::NotFound).into()),
    }
}

/// What is due, the nearest first, and what waits for one's word.
pub async fn today(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let calendar = &site.office.pack.calendar;
    let term = law::clock::due(calendar, ctx.now, 3, Unit::WorkingDay, &[]);
    let soon = term.hi.unwrap_or(term.lo);
    let (counts, due, waiting) = site.office.read(|tx| {
        Ok((
            office::today::due_counts(tx, &ctx, soon)?,
            office::today::due(tx, &ctx, None, 60)?,
            office::signing::waiting(tx, &ctx)?,
        ))
    })?;
    let due: Vec<Value> = due
        .into_iter()
        .map(|d| {
            json!({ "case": super::row(&d.case), "clock": d.clock, "basis": d.basis, "due_on": d.due_on,
                    "days_left": d.days_left })
        })
        .collect();
    let today = ctx.today();
    Ok(Json(json!({
        "date": today.to_string(), "working_day": calendar.is_working(today),
        "late": counts[0], "soon": counts[1], "later": counts[2], "without_deadline": counts[3],
        "due": due, "waiting": waiting.len(),
    })))
}

/// A figure as it is answered everywhere.
fn shown(figure: &Figure) -> Value {
    json!({
        "indicator": figure.indicator, "label": figure.label, "text": figure.text(), "unit": figure.unit,
        "numerator": figure.numerator, "denominator": figure.denominator, "definition": figure.definition,
        "cutoff": figure.cutoff, "log_size": figure.log_size, "by": figure.by,
    })
}

/// All figures of a year, by procedure, with the balances that do not balance.
pub async fn board(State(site): State<Site>, Path(year): Path<i16>, headers: HeaderMap) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let year = year_of(year)?;
    let groups = board::groups(&site, &ctx, year)?;
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(title, code, figures, unbalanced)| {
            let figures: Vec<Value> = figures.iter().map(shown).collect();
            json!({ "title": title, "code": code, "figures": figures, "unbalanced": unbalanced })
        })
        .collect();
    Ok(Json(json!({ "year": year, "groups": groups })))
}

/// A figure and its list.
pub async fn figure(
    State(site): State<Site>,
    Path((year, reference)): Path<(i16, String)>,
    headers: HeaderMap,
) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let year = year_of(year)?;
    let (figure, list) = site.office.read(|tx| {
        let mut figures = Figures::new(tx, &ctx, Period::year(year))?;
        let figure = figures.figure(&reference)?;
        let list = figures.list(&reference)?;
        Ok((figure, office::access::only_seen(tx, &ctx, list)?))
    })?;
    let list: Vec<Value> = list
        .iter()
        .map(|i| json!({ "case": i.case_id, "number": i.number, "title": i.title, "on": i.on, "seq": i.seq }))
        .collect();
    let mut answer = shown(&figure);
    answer["list"] = json!(list);
    Ok(Json(answer))
}

/// The reports so far, the newest first.
pub async fn reports(State(site): State<Site>, headers: HeaderMap) -> Answer {
    session::program(&site, &headers)?;
    let years = site
        .office
        .read(|tx| office::reports::years(tx, &site.org))?;
    let years: Vec<Value> = years
        .into_iter()
        .map(|(year, published_at, title)| json!({ "year": year, "published_at": published_at, "title": title }))
        .collect();
    Ok(Json(json!({ "reports": years })))
}

/// The published report of a year.
pub async fn report(State(site): State<Site>, Path(year): Path<i16>) -> Answer {
    let ctx = site.ctx("门户");
    let year = year_of(year)?;
    let found = site.office.read(|tx| {
        Ok((
            office::reports::find(tx, &site.org, year)?,
            office::reports::deadlines(tx, &ctx, year)?,
        ))
    })?;
    match found {
        (Some((report, Some(_), _)), deadlines) => Ok(Json(report.json(&deadlines))),
        _ => Err(Error::Bar(Bar::NotFound).into()),
    }
}

/// The report of a year as it would come out now, with its findings, unproven claims, deadlines, and as text.
pub async fn draft(State(site): State<Site>, Path(year): Path<i16>, headers: HeaderMap) -> Answer {
    let who = session::program(&site, &headers)?;
    let ctx = session::ctx(&site, &who);
    let year = year_of(year)?;
    let (report, deadlines) = site.office.read(|tx| {
        Ok((
            office::reports::compute(tx, &ctx, year)?,
            office::reports::deadlines(tx, &ctx, year)?,
        ))
    })?;
    let mut answer = report.json(&deadlines);
    answer["markdown"] = json!(report.markdown());
    Ok(Json(answer))
}

/// A term from a day on, with its day strip.
pub async fn term(
    State(site): State<Site>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let wrong = |field: &str, why: &str| Error::Form(vec![(field.to_owned(), why.to_owned())]);
    let asked = |name: &str| query.get(name).map_or("", |text| text.trim());
    let from: Date = asked("from")
        .parse()
        .map_err(|_| wrong("from", "不是日期，请写成 2024-02-05 的样子"))?;
    if !(1900..2200).contains(&from.year()) {
        return Err(wrong("from", "年份不在 1900 至 2199 之间").into());
    }
    let length: i64 = asked("length")
        .parse()
        .ok()
        .filter(|n| (1..=3660).contains(n))
        .ok_or_else(|| wrong("length", "要写 1 至 3660 的整数"))?;
    let unit = match asked("unit") {
        "工作日" | "" => Unit::WorkingDay,
        "日" => Unit::Day,
        "月" => Unit::Month,
        "年" if length <= 100 => Unit::Year,
        _ => return Err(wrong("unit", "可用：工作日、日、月、年（最多 100 年）").into()),
    };
    if unit == Unit::Month && length > 1200 {
        return Err(wrong("length", "最多 1200 个月").into());
    }
    let term = law::clock::term(&site.office.pack.calendar, from, length, unit);
    let days: Vec<Value> = term
        .strip
        .iter()
        .map(|day| {
            let (kind, n, why) = match &day.kind {
                StripKind::Start => ("start", None, ""),
                StripKind::Counted(n) => ("counted", Some(*n), ""),
                StripKind::Skipped(why) => ("skipped", None, why.as_str()),
                StripKind::Rolled(why) => ("rolled", None, why.as_str()),
                StripKind::Last(n) => ("last", Some(*n), ""),
            };
            json!({ "date": day.date.to_string(), "kind": kind, "n": n, "why": why })
        })
        .collect();
    Ok(Json(json!({
        "from": from.to_string(), "due": term.due.hi.map(|d| d.to_string()), "not_before": term.due.lo.to_string(),
        "undetermined": term.due.hi.is_none(), "days": days,
    })))
}
