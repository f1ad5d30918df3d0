//! Today (今天): my work by deadline.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::clocks::weekday;
use crate::parts::shell::Shell;
use crate::session;
use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use office::signing::Waiting;
use office::today::Due;

#[derive(Template)]
#[template(path = "office/today.html")]
struct Today {
    shell: Shell,
    date: String,
    kind: String,
    counts: [String; 4],
    groups: Vec<(&'static str, &'static str, Vec<Line>)>,
    procedures: Vec<(String, String)>,
    waiting: Vec<Waiting>,
}

struct Line {
    id: String,
    number: String,
    title: String,
    procedure: String,
    clock: String,
    basis: String,
    due: String,
    chip: String,
    class: &'static str,
    stage: String,
}

/// Work by deadline, the nearest first.
pub async fn page(State(site): State<Site>, headers: HeaderMap) -> Page {
    let visitor = session::visitor(&site, &headers)?;
    let shell = Shell::office(&site, &headers, &visitor, "today")?;
    let ctx = session::ctx(&site, &visitor.who);
    let today = ctx.today();
    let calendar = &site.office.pack.calendar;
    let soon = super::register::soon(&site, ctx.now);
    let (counts, due, waiting) = site.office.read(|tx| {
        Ok((
            office::today::due_counts(tx, &ctx, soon)?,
            office::today::due(tx, &ctx, None, 60)?,
            office::signing::waiting(tx, &ctx)?,
        ))
    })?;
    let mut groups = vec![
        ("late", "已逾期", Vec::new()),
        ("soon", "三个工作日内", Vec::new()),
        ("later", "之后到期", Vec::new()),
    ];
    for one in due {
        let day = one.due_on.parse().unwrap_or(today);
        let at = if day < today {
            0
        } else if day <= soon {
            1
        } else {
            2
        };
        groups[at].2.push(line(&site, one, at));
    }
    let kind = match calendar.is_working(today) {
        Some(true) => "工作日".to_owned(),
        Some(false) => format!("休息日（{}）", calendar.why(today).unwrap_or("休息")),
        None => "本年放假安排还没有公布，工作日未定".to_owned(),
    };
    let procedures = site
        .office
        .pack
        .files()
        .map(|f| (f.procedure.code.clone(), f.procedure.title.clone()))
        .collect();
    show(&Today {
        shell,
        date: format!("{today} {}", weekday(today)),
        kind,
        counts: counts.map(|n| match n {
            n if n <= office::today::COUNTED => n.to_string(),
            _ => format!("{}+", office::today::COUNTED),
        }),
        groups,
        procedures,
        waiting,
    })
}

fn line(site: &Site, due: Due, group: usize) -> Line {
    let chip = match due.days_left {
        n if n < 0 => format!("逾期 {} 日", -n),
        0 => "今天".to_owned(),
        n => format!("{n} 日"),
    };
    Line {
        procedure: site
            .office
            .pack
            .file(&due.case.procedure)
            .map_or_else(String::new, |f| f.procedure.title.clone()),
        id: due.case.id,
        number: due.case.number,
        title: due.case.title,
        clock: due.clock,
        basis: due.basis,
        due: due.due_on,
        chip,
        class: ["late", "soon", ""][group],
        stage: due.case.stage,
    }
}
