//! The annual report (年度报告): each figure opens its definition, parts, cut-off, log position and list.

use crate::Site;
use crate::errors::{Page, show};
use crate::parts::shell::Shell;
use crate::session::cookie;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use office::error::{Bar, Error};
use office::figures::{Figure, Item};
use office::reports::{Deadlines, Part, Piece, Report, Standing};

/// A heading, or a paragraph with the panels of its figures.
pub struct Block {
    /// Level of a heading.
    pub heading: Option<u8>,
    /// Its words.
    pub words: String,
    /// Kind of a paragraph's claim.
    pub claim: String,
    /// Words, with the figure that they stand for.
    pub pieces: Vec<(String, Option<usize>)>,
    /// Figures of the paragraph, each once.
    pub panels: Vec<usize>,
    /// Where a panel closes to.
    pub anchor: String,
}

#[derive(Template)]
#[template(path = "portal/report.html")]
struct ReportPage {
    shell: Shell,
    report: Report,
    blocks: Vec<Block>,
    deadlines: Deadlines,
    published: String,
    views: i64,
    qr: String,
    size: String,
    standalone: bool,
}

impl ReportPage {
    fn figure(&self, at: &usize) -> &Figure {
        &self.report.figures[*at]
    }

    fn last(&self, at: &usize) -> String {
        office::reports::before(&self.report.last_year[*at])
    }

    fn late(&self) -> bool {
        matches!(
            self.deadlines.publication.standing,
            Standing::Late(_) | Standing::Overdue(_)
        )
    }

    fn rows(&self) -> Vec<usize> {
        (0..self.report.figures.len()).collect()
    }

    fn parts(&self, n: &Option<i64>) -> String {
        n.map_or("无".into(), |n| n.to_string())
    }

    fn change(&self, at: &usize) -> String {
        let (now, last) = (&self.report.figures[*at], &self.report.last_year[*at]);
        match (now.micros, last.micros) {
            (Some(a), Some(b)) if b != 0 => {
                if now.unit == "%" {
                    format!("{:+.2} 点", (a - b) as f64 / 10_000.0)
                } else {
                    format!("{:+}", (a - b) / 1_000_000)
                }
            }
            _ => "—".into(),
        }
    }
}

/// The published report of a year.
pub async fn page(State(site): State<Site>, Path(year): Path<i16>, headers: HeaderMap) -> Page {
    let shell = Shell::portal(&site, &headers, "home")?;
    let ctx = site.ctx("门户");
    let (found, deadlines) = site.office.read(|tx| {
        Ok::<_, Error>((
            office::reports::find(tx, &site.org, year)?,
            office::reports::deadlines(tx, &ctx, year)?,
        ))
    })?;
    let (report, published) = match found {
        Some((report, Some(published), _)) => (report, published),
        _ => return Err(Error::Bar(Bar::NotFound).into()),
    };
    let views = office::publications::viewed(&site.office, &site.org, &format!("report/{year}"))?;
    let qr = document::qr_svg(&super::address(&headers, &format!("/report/{year}")));
    let size = cookie(&headers, "size")
        .filter(|s| matches!(*s, "small" | "big"))
        .unwrap_or("normal")
        .to_owned();
    show(&page_of(
        shell, report, &published, deadlines, views, qr, size, false,
    ))
}

/// The report as a file of its own.
pub fn standalone(report: &Report, published: Option<&str>, deadlines: Deadlines) -> String {
    let page = page_of(
        Shell {
            town: report.issuer.trim_end_matches("人民政府").to_owned(),
            ..Shell::bare()
        },
        report.clone(),
        published.unwrap_or_default(),
        deadlines,
        0,
        String::new(),
        "normal".into(),
        true,
    );
    page.render().unwrap_or_else(|_| report.markdown())
}

#[allow(clippy::too_many_arguments)]
fn page_of(
    shell: Shell,
    report: Report,
    published: &str,
    deadlines: Deadlines,
    views: i64,
    qr: String,
    size: String,
    standalone: bool,
) -> ReportPage {
    let blocks = blocks(&report);
    let published = published.replace('T', " ").chars().take(16).collect();
    ReportPage {
        shell,
        report,
        blocks,
        deadlines,
        published,
        views,
        qr,
        size,
        standalone,
    }
}

/// The parts of a report as a page shows them.
pub fn blocks(report: &Report) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (i, part) in report.parts.iter().enumerate() {
        blocks.push(match part {
            Part::Heading(level, words) => Block {
                heading: Some(*level),
                words: words.clone(),
                claim: String::new(),
                pieces: Vec::new(),
                panels: Vec::new(),
                anchor: format!("s{i}"),
            },
            Part::Paragraph(claim, pieces) => Block {
                heading: None,
                words: String::new(),
                claim: claim.clone(),
                pieces: pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Text(text) => (text.clone(), None),
                        Piece::Figure(at) => (report.figures[*at].with_unit(), Some(*at)),
                        Piece::Listed(text, at) => (text.clone(), Some(*at)),
                    })
                    .collect(),
                panels: panels(pieces),
                anchor: format!("s{i}"),
            },
        });
    }
    blocks
}

/// The figures of a paragraph, each once.
fn panels(pieces: &[Piece]) -> Vec<usize> {
    let mut all = Vec::new();
    for piece in pieces {
        if let Piece::Figure(at) | Piece::Listed(_, at) = piece
            && !all.contains(at)
        {
            all.push(*at);
        }
    }
    all
}

#[derive(Template)]
#[template(path = "portal/figure.html")]
struct FigurePage {
    shell: Shell,
    figure: Figure,
    year: i16,
    items: Vec<Item>,
    total: usize,
    from: usize,
}

/// Rows of a list on one page.
const PAGE: usize = 200;

/// The list behind a figure of a published report. Numbers of cases and days; nobody is named.
pub async fn figure(
    State(site): State<Site>,
    Path((year, reference)): Path<(i16, String)>,
    axum::extract::Query(query): axum::extract::Query<std::collections::HashMap<String, String>>,
    headers: HeaderMap,
) -> Page {
    let shell = Shell::portal(&site, &headers, "home")?;
    let ctx = site.ctx("门户");
    let from: usize = query.get("from").and_then(|f| f.parse().ok()).unwrap_or(0);
    let (figure, mut items) = site.office.read(|tx| {
        let Some((report, Some(_), _)) = office::reports::find(tx, &site.org, year)? else {
            return Err(Error::Bar(Bar::NotFound));
        };
        let figure = report
            .figure(&reference)
            .cloned()
            .ok_or(Error::Bar(Bar::NotFound))?;
        let items = office::reports::list(tx, &ctx, year, &reference, figure.log_size)?;
        let items = office::access::without_closed_titles(tx, &ctx, items)?;
        Ok((figure, items))
    })?;
    let total = items.len();
    items = items.into_iter().skip(from).take(PAGE).collect();
    if figure.indicator.starts_with("registers.staff") {
        for item in &mut items {
            item.title = "在岗人员".into();
        }
    }
    show(&FigurePage {
        shell,
        figure,
        year,
        items,
        total,
        from,
    })
}
