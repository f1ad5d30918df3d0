//! Registers (台账): filter, search, page on and back by key. What is looked at stands in the address.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::forms::percent;
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use jiff::civil::Date;
use office::docket::{Filter, Sort};
use office::records::CaseRow;
use std::collections::HashMap;

/// A row with its procedure's title and the chip of its deadline.
struct Row {
    case: CaseRow,
    procedure: String,
    chip: String,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "office/register.html")]
struct Register {
    shell: Shell,
    rows: Vec<Row>,
    procedures: Vec<(String, String)>,
    stages: Vec<String>,
    offices: Vec<String>,
    procedure: String,
    stage: String,
    office: String,
    query: String,
    from: String,
    until: String,
    /// Word of the deadline's state in the address.
    state: String,
    /// State, its name, the address of this list in it.
    states: Vec<(&'static str, &'static str, String)>,
    /// The order the list has, and whether it could be another.
    sort: &'static str,
    sortable: bool,
    filtered: bool,
    /// How many cases, in words.
    count: String,
    page: usize,
    /// The pages before and after.
    back: Option<String>,
    next: Option<String>,
}

/// Rows on one page.
const PAGE: usize = 40;
/// Cases are counted up to here; what is more would cost more than it tells.
const COUNTED: usize = 1000;
/// Pages that the address remembers the way back through.
const TRAIL: usize = 60;

/// States of a deadline: word in the address, name.
const STATES: [(&str, &str); 6] = [
    ("", "全部"),
    ("open", "在办"),
    ("late", "逾期"),
    ("soon", "三日内"),
    ("later", "正常"),
    ("closed", "已结"),
];

/// A page of a register, newest first.
pub async fn page(
    State(site): State<Site>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "cases")?;
    let ctx = session::ctx(&site, &visitor.who);
    let today = ctx.today();
    let soon = soon(&site, ctx.now);
    let wanted = |name: &str| {
        asked
            .get(name)
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty())
    };
    // The ticks of earlier addresses still mean what they meant.
    let state = wanted("state").unwrap_or_else(|| {
        let ticked = ["late", "open"].into_iter().find(|n| wanted(n).is_some());
        ticked.unwrap_or_default().to_owned()
    });
    let mut filter = Filter {
        procedure: wanted("procedure"),
        stage: wanted("stage"),
        office: wanted("office"),
        query: wanted("q"),
        from: wanted("from"),
        until: wanted("until"),
        sort: wanted("sort")
            .and_then(|sort| Sort::named(&sort))
            .unwrap_or_default(),
        after: wanted("after"),
        ..Filter::default()
    };
    match state.as_str() {
        "open" => filter.open_only = true,
        "late" => filter.late_only = true,
        "soon" => {
            filter.due_from = Some(today.to_string());
            filter.due_until = Some(soon.to_string());
        }
        "later" => filter.due_from = soon.tomorrow().ok().map(|day| day.to_string()),
        "closed" => filter.closed_only = true,
        _ => {}
    }
    let (page, count, offices) = site.office.read(|tx| {
        let page = office::docket::page(tx, &ctx, &filter, PAGE)?;
        // A list that fits on its first page needs no counting.
        let count = if filter.after.is_none() && page.next.is_none() {
            Some(page.rows.len())
        } else {
            office::docket::count(tx, &ctx, &filter, COUNTED + 1)?
        };
        Ok((page, count, office::docket::offices(tx, &ctx)?))
    })?;
    let count = match count {
        None => String::new(),
        Some(n) if n <= COUNTED => format!("共 {n} 件"),
        Some(_) => format!("{COUNTED} 件以上"),
    };
    let links = Links::of(&asked, &state);
    let trail: Vec<&str> = match (asked.get("trail"), &filter.after) {
        (Some(trail), Some(_)) => trail.split('.').take(TRAIL).collect(),
        (None, Some(_)) => vec![""],
        (_, None) => Vec::new(),
    };
    let back = trail
        .split_last()
        .map(|(last, before)| links.at(last, before));
    let next = page.next.as_ref().map(|after| {
        let mut way = trail.clone();
        way.push(filter.after.as_deref().unwrap_or_default());
        links.at(after, &way[way.len().saturating_sub(TRAIL)..])
    });
    let titles: HashMap<String, String> = site
        .office
        .pack
        .files()
        .map(|f| (f.procedure.code.clone(), f.procedure.title.clone()))
        .collect();
    let order = filter.order();
    let rows = page
        .rows
        .into_iter()
        .map(|case| row(case, &titles, today, soon))
        .collect();
    let stages = filter
        .procedure
        .as_deref()
        .and_then(|code| site.office.pack.file(code))
        .map(|law| stages_of(&law.procedure))
        .unwrap_or_default();
    let mut procedures: Vec<(String, String)> = titles.into_iter().collect();
    procedures.sort();
    show(&Register {
        shell,
        rows,
        procedures,
        stages,
        offices,
        filtered: links.pairs.iter().any(|(name, _)| name != "sort"),
        states: STATES
            .map(|(word, name)| (word, name, links.in_state(word)))
            .to_vec(),
        procedure: filter.procedure.clone().unwrap_or_default(),
        stage: filter.stage.clone().unwrap_or_default(),
        office: filter.office.clone().unwrap_or_default(),
        query: filter.query.clone().unwrap_or_default(),
        from: filter.from.clone().unwrap_or_default(),
        until: filter.until.clone().unwrap_or_default(),
        state,
        sort: order.code(),
        sortable: order == filter.sort,
        count,
        page: trail.len() + 1,
        back,
        next,
    })
}

/// The last of three working days.
pub fn soon(site: &Site, now: jiff::civil::DateTime) -> Date {
    let calendar = &site.office.pack.calendar;
    let term = law::clock::due(calendar, now, 3, law::procedure::Unit::WorkingDay, &[]);
    term.hi.unwrap_or(term.lo)
}

fn row(case: CaseRow, titles: &HashMap<String, String>, today: Date, soon: Date) -> Row {
    let due: Option<Date> = case.due_on.as_deref().and_then(|day| day.parse().ok());
    let (chip, class) = match due {
        _ if case.closed_on.is_some() => ("已结".to_owned(), "ok"),
        Some(due) if due < today => (format!("逾期 {} 日", (today - due).get_days()), "late"),
        Some(due) if due <= soon => (due.to_string(), "soon"),
        Some(due) => (due.to_string(), ""),
        None => (String::new(), ""),
    };
    Row {
        procedure: titles.get(&case.procedure).cloned().unwrap_or_default(),
        case,
        chip,
        class,
    }
}

/// Addresses of this list.
struct Links {
    /// What is looked at, without the page.
    pairs: Vec<(String, String)>,
}

impl Links {
    fn of(asked: &HashMap<String, String>, state: &str) -> Links {
        const KNOWN: [&str; 7] = ["procedure", "stage", "office", "q", "from", "until", "sort"];
        let mut pairs: Vec<(String, String)> = KNOWN
            .iter()
            .filter_map(|name| asked.get_key_value(*name))
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !state.is_empty() {
            pairs.push(("state".into(), state.to_owned()));
        }
        Links { pairs }
    }

    fn address(pairs: impl Iterator<Item = (String, String)>) -> String {
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", percent(&value)))
            .collect();
        if pairs.is_empty() {
            return "/office/cases".into();
        }
        format!("/office/cases?{}", pairs.join("&"))
    }

    /// The page that begins after a key, with the keys of the pages before it.
    fn at(&self, after: &str, trail: &[&str]) -> String {
        let place = (!after.is_empty()).then(|| {
            [
                ("after".to_owned(), after.to_owned()),
                ("trail".to_owned(), trail.join(".")),
            ]
        });
        Links::address(
            self.pairs
                .iter()
                .cloned()
                .chain(place.into_iter().flatten()),
        )
    }

    /// The first page in another state.
    fn in_state(&self, state: &str) -> String {
        let others = self.pairs.iter().filter(|(name, _)| name != "state");
        let this = (!state.is_empty()).then(|| ("state".to_owned(), state.to_owned()));
        Links::address(others.cloned().chain(this))
    }
}

/// Stages of 主线, in the order of the law file.
fn stages_of(procedure: &law::procedure::Procedure) -> Vec<String> {
    procedure.lines[0]
        .stages
        .iter()
        .map(|stage| procedure.stages[stage.at()].name.clone())
        .collect()
}
