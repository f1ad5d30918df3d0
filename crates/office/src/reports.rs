//! The annual report (年度报告): the layout of the law pack, with every figure computed, frozen at a log position.

mod deadlines;
mod findings;

pub use deadlines::{Deadlines, Standing, Timeliness, deadlines, timeliness};
pub use findings::plain;

use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::figures::{Figure, Figures, Item, Period};
use crate::log::{self, Line};
use law::report::{Block, Claim, Span, View};
use ledger::Recorded;
use serde::{Deserialize, Serialize};
use store::{Tx, params, sql};

/// A computed report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// The year reported on.
    pub year: i16,
    /// Title.
    pub title: String,
    /// Issuing body.
    pub issuer: String,
    /// Headings and paragraphs.
    pub parts: Vec<Part>,
    /// Every figure, once.
    pub figures: Vec<Figure>,
    /// The same figures a year before, in the same order.
    pub last_year: Vec<Figure>,
    /// Balances that do not balance, and equal figures in two registers that somebody should look at.
    pub findings: Vec<String>,
    /// Claims without proof.
    pub unproven: Vec<String>,
    /// Number of entries in the log when it was computed.
    pub log_size: i64,
}

/// A heading or a paragraph.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Level and words.
    Heading(u8, String),
    /// Kind of claim and pieces.
    Paragraph(String, Vec<Piece>),
}

/// A piece of a paragraph.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Words.
    Text(String),
    /// Index into [`Report::figures`].
    Figure(usize),
    /// What the list behind a figure holds, and the index of that figure.
    Listed(String, usize),
}

impl Report {
    /// A figure by reference.
    pub fn figure(&self, reference: &str) -> Option<&Figure> {
        self.figures.iter().find(|f| f.indicator == reference)
    }

    /// Plain Markdown with an annex of definitions.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n", self.title);
        for part in &self.parts {
            match part {
                Part::Heading(level, words) => {
                    out.push_str(&format!("\n{} {words}\n", "#".repeat(usize::from(*level))));
                }
                Part::Paragraph(claim, pieces) => {
                    out.push('\n');
                    if claim == Claim::Unproven.word() {
                        out.push_str("〔未举证〕");
                    }
                    for piece in pieces {
                        match piece {
                            Piece::Text(text) | Piece::Listed(text, _) => out.push_str(text),
                            Piece::Figure(at) => out.push_str(&self.figures[*at].with_unit()),
                        }
                    }
                    out.push('\n');
                }
            }
        }
        out.push_str("\n## 附表　指标、分子、分母、上年和口径\n\n| 指标 | 本年 | 分子 | 分母 | 上年 | 口径 |\n|---|---|---|---|---|---|\n");
        for (figure, last) in self.figures.iter().zip(&self.last_year) {
            let number = |n: Option<i64>| n.map_or(String::from("—"), |n| n.to_string());
            out.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} |\n",
                figure.label,
                figure.with_unit(),
                number(figure.numerator),
                number(figure.denominator),
                before(last),
                figure.definition.replace('|', "｜")
            ));
        }
        out.push_str(&format!(
            "\n截止 {}-12-31 24:00，账本位置 {}。\n",
            self.year, self.log_size
        ));
        out
    }

    /// Every claim: its kind, its words, the figures that it is bound to.
    pub fn claims(&self) -> Vec<(&str, String, Vec<&str>)> {
        self.parts
            .iter()
            .filter_map(|part| match part {
                Part::Heading(..) => None,
                Part::Paragraph(claim, pieces) => {
                    let mut words = String::new();
                    let mut bound = Vec::new();
                    for piece in pieces {
                        match piece {
                            Piece::Text(text) => words.push_str(text),
                            Piece::Figure(at) => {
                                words.push_str(&self.figures[*at].with_unit());
                                bound.push(self.figures[*at].indicator.as_str());
                            }
                            Piece::Listed(text, at) => {
                                words.push_str(text);
                                bound.push(self.figures[*at].indicator.as_str());
                            }
                        }
                    }
                    Some((claim.as_str(), words, bound))
                }
            })
            .collect()
    }

    /// The figures as other programs read them, this year's and the last year's; beside them the claims and the deadlines.
    pub fn json(&self, deadlines: &Deadlines) -> serde_json::Value {
        let claims: Vec<serde_json::Value> = self
            .claims()
            .into_iter()
            .map(|(kind, words, bound)| serde_json::json!({ "kind": kind, "text": words, "figures": bound }))
            .collect();
        let parts: serde_json::Map<String, serde_json::Value> = self
            .figures
            .iter()
            .filter(|f| !f.by.is_empty())
            .map(|f| (f.indicator.clone(), serde_json::json!(f.by)))
            .collect();
        let duty = |duty: &Timeliness| {
            serde_json::json!({
                "before": duty.before.to_string(), "done_at": duty.published_at, "state": duty.word(),
                "days_late": duty.days_late,
            })
        };
        serde_json::json!({
            "year": self.year, "title": self.title, "issuer": self.issuer, "log_size": self.log_size,
            "figures": self.figures.iter().map(figure_json).collect::<Vec<_>>(),
            "last_year": self.last_year.iter().map(figure_json).collect::<Vec<_>>(),
            "by": parts, "claims": claims, "findings": self.findings, "unproven": self.unproven,
            "published_at": deadlines.publication.published_at,
            "due_before": deadlines.publication.before.to_string(),
            "days_late": deadlines.publication.days_late,
            "publication": duty(&deadlines.publication), "submission": duty(&deadlines.submission),
            "submitted_to": deadlines.submitted_to,
        })
    }
}

fn figure_json(f: &Figure) -> serde_json::Value {
    let value = f.micros.map_or(serde_json::Value::Null, |micros| {
        if f.unit == "%" {
            serde_json::json!(micros as f64 / 10_000.0)
        } else if micros % 1_000_000 == 0 {
            serde_json::json!(micros / 1_000_000)
        } else {
            serde_json::json!(micros as f64 / 1_000_000.0)
        }
    });
    serde_json::json!({
        "indicator": f.indicator, "label": f.label, "value": value, "unit": f.unit, "numerator": f.numerator,
        "denominator": f.denominator, "definition": f.definition, "cutoff": f.cutoff, "log_size": f.log_size,
    })
}

/// Last year's figure, or that there is none: a register nobody kept is not a nought.
pub fn before(last: &Figure) -> String {
    if last.micros.unwrap_or(0) == 0 {
        "上年没有记录".into()
    } else {
        last.with_unit()
    }
}

/// The list behind a figure in words, at most forty things and then how many there are.
fn listed(view: View, items: &[Item]) -> String {
    const MOST: usize = 40;
    let mut all: Vec<String> = Vec::new();
    for item in items {
        let words = match view {
            View::Days => match item.on.parse::<jiff::civil::Date>() {
                Ok(day) => format!("{}月{}日", day.month(), day.day()),
                Err(_) => item.on.clone(),
            },
            View::Numbers => item.number.clone(),
            View::Titles => item.title.clone(),
        };
        if !all.contains(&words) {
            all.push(words);
        }
    }
    match all.len() {
        0 => "（无此类事项）".into(),
        n if n > MOST => format!("{}，共{n}项", all[..MOST].join("、")),
        _ => all.join("、"),
    }
}

/// Computes the report of a year from the records as they stand.
pub fn compute(tx: &mut Tx, ctx: &Ctx, year: i16) -> Result<Report> {
    let township = crate::townships::find(tx, &ctx.org)?;
    let pack = ctx.pack.clone();
    let issuer = format!("{}人民政府", township.name);
    let fill = |text: &str| {
        text.replace("{年}", &year.to_string())
            .replace("{下年}", &(year + 1).to_string())
            .replace("{机关}", &issuer)
    };
    let references = pack.report.references();
    let mut findings = Vec::new();
    let mut lists: Vec<Option<Vec<Item>>> = vec![None; references.len()];
    let (figures, log_size) = {
        let mut now = Figures::new(tx, ctx, Period::year(year))?;
        let mut figures = references
            .iter()
            .map(|r| now.figure(r))
            .collect::<Result<Vec<_>>>()?;
        for figure in &mut figures {
            figure.definition = plain(&figure.definition);
            for declared in pack.registers.iter().filter(|_| figure.unit == "%") {
                let (code, name) = (format!("“{}”", declared.code), &declared.name);
                figure.definition = figure.definition.replace(&code, &format!("“{name}”"));
            }
        }
        for (at, reference) in references.iter().enumerate() {
            if is_listed(&pack.report, reference) {
                lists[at] = Some(now.list(reference)?);
            }
        }
        for law in pack.files() {
            findings.extend(now.unbalanced(&law.procedure.code)?);
        }
        (figures, now.log_size())
    };
    let last_year = {
        let mut before = Figures::new(tx, ctx, Period::year(year - 1))?;
        references
            .iter()
            .map(|r| before.figure(r))
            .collect::<Result<Vec<_>>>()?
    };
    findings.extend(findings::twins(&figures));
    findings.extend(findings::above_the_whole(&figures));
    let index = |reference: &String| {
        references
            .iter()
            .position(|r| r == reference)
            .expect("references are read off the spans")
    };
    let mut unproven = Vec::new();
    let parts = pack
        .report
        .blocks
        .iter()
        .map(|block| match block {
            Block::Heading(level, words) => Part::Heading(*level, fill(words)),
            Block::Paragraph { claim, spans, .. } => {
                let pieces: Vec<Piece> = spans
                    .iter()
                    .map(|span| match span {
                        Span::Text(text) => Piece::Text(fill(text)),
                        Span::Figure(reference) => Piece::Figure(index(reference)),
                        Span::Listed(view, reference) => {
                            let at = index(reference);
                            let items = lists[at].as_deref().unwrap_or_default();
                            Piece::Listed(listed(*view, items), at)
                        }
                    })
                    .collect();
                if *claim == Claim::Unproven {
                    unproven.extend(pieces.iter().filter_map(|p| match p {
                        Piece::Text(text) => Some(text.clone()),
                        Piece::Figure(_) | Piece::Listed(..) => None,
                    }));
                }
                Part::Paragraph(claim.word().to_owned(), pieces)
            }
        })
        .collect();
    Ok(Report {
        year,
        title: fill(&pack.report.title),
        issuer,
        parts,
        figures,
        last_year,
        findings,
        unproven,
        log_size,
    })
}

fn is_listed(layout: &law::report::Layout, reference: &str) -> bool {
    layout.blocks.iter().any(|block| match block {
        Block::Paragraph { spans, .. } => spans
            .iter()
            .any(|span| matches!(span, Span::Listed(_, r) if r == reference)),
        Block::Heading(..) => false,
    })
}

/// A report is a noun of the kernel: the freezing step of its procedure computes and freezes it, the publishing step
/// publishes what was frozen.
pub(crate) fn follow(
    tx: &mut Tx,
    ctx: &Ctx,
    law: &crate::pack::LawFile,
    case: &str,
    history: &law::engine::History,
    fact: &law::engine::Fact,
) -> Result<()> {
    if law.procedure.code != "annual_report" {
        return Ok(());
    }
    match law.procedure.steps[fact.step.at()].code.as_str() {
        "freeze" => {
            let year = law.field("year").and_then(|field| {
                history
                    .facts
                    .iter()
                    .rev()
                    .find_map(|f| f.values.get(&field))
            });
            let year =
                year.and_then(|v| v.texts().first().and_then(|text| text.parse::<i16>().ok()));
            let year = year.ok_or_else(|| {
                crate::error::Error::Form(vec![("报告年度".into(), "应当是四位的年份".into())])
            })?;
            let report = compute(tx, ctx, year)?;
            freeze(tx, ctx, case, &report)?.into_inner();
        }
        "publish" => publish(tx, ctx, case)?.into_inner(),
        _ => {}
    }
    Ok(())
}

/// Freezes a computed report under its case; a later freeze of the same year replaces it as long as it is not published.
fn freeze(tx: &mut Tx, ctx: &Ctx, case: &str, report: &Report) -> Result<Recorded<()>> {
    let content = serde_json::to_value(report).map_err(fault)?.to_string();
    let body = serde_json::json!({ "content_sha256": sha256(&content), "log_size": report.log_size, "year": report.year })
        .to_string();
    let line = Line {
        kind: "report",
        case: Some(case),
        n: None,
        subject: "freeze",
        at: ctx.now,
        body: &body,
    };
    let recorded = log::append(tx, ctx, &line)?;
    let seq = *recorded.get();
    tx.execute(
        sql!(
            "INSERT INTO reports (org, year, case_id, log_size, content, seq) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (org, year) DO UPDATE SET case_id = excluded.case_id, log_size = excluded.log_size,
               content = excluded.content, seq = excluded.seq, published_at = NULL"
        ),
        params![ctx.org, i64::from(report.year), case, report.log_size, content, seq],
    )?;
    Ok(recorded.map(|_| ()))
}

/// Marks the frozen report of a case as published; called when its 公开 step has been taken.
fn publish(tx: &mut Tx, ctx: &Ctx, case: &str) -> Result<Recorded<()>> {
    let (year, title): (i64, String) = tx.query_one(
        sql!("SELECT year, content FROM reports WHERE org = $1 AND case_id = $2"),
        params![ctx.org, case],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let report: Report = serde_json::from_str(&title).map_err(fault)?;
    let body = serde_json::json!({ "year": year }).to_string();
    let line = Line {
        kind: "publication",
        case: Some(case),
        n: None,
        subject: "report",
        at: ctx.now,
        body: &body,
    };
    let recorded = log::append(tx, ctx, &line)?;
    let seq = *recorded.get();
    tx.execute(
        sql!("UPDATE reports SET published_at = $3 WHERE org = $1 AND case_id = $2"),
        params![ctx.org, case, ctx.now.to_string()],
    )?;
    tx.execute(
        sql!(
            "INSERT INTO publications (org, id, kind, case_id, title, body, published_at, seq)
             VALUES ($1, $2, 'report', $3, $4, '[]', $5, $6)"
        ),
        params![
            ctx.org,
            format!("{seq:012}"),
            case,
            report.title,
            ctx.now.to_string(),
            seq
        ],
    )?;
    Ok(recorded.map(|_| ()))
}

/// The frozen report of a year with its publication time.
pub fn find(tx: &mut Tx, org: &str, year: i16) -> Result<Option<(Report, Option<String>, String)>> {
    tx.query_opt(
        sql!("SELECT content, published_at, case_id FROM reports WHERE org = $1 AND year = $2"),
        params![org, i64::from(year)],
        |row| {
            Ok((
                row.get::<String>(0)?,
                row.get::<Option<String>>(1)?,
                row.get::<String>(2)?,
            ))
        },
    )?
    .map(|(content, published, case)| {
        Ok((
            serde_json::from_str(&content).map_err(fault)?,
            published,
            case,
        ))
    })
    .transpose()
}

/// Years with a frozen report: year, publication time, case.
pub fn years(tx: &mut Tx, org: &str) -> Result<Vec<(i64, Option<String>, String)>> {
    Ok(tx.query(
        sql!("SELECT year, published_at, case_id FROM reports WHERE org = $1 ORDER BY year DESC"),
        params![org],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?)
}

/// The list behind a figure of a frozen report: what it counted, pinned to its log position.
pub fn list(
    tx: &mut Tx,
    ctx: &Ctx,
    year: i16,
    reference: &str,
    log_size: i64,
) -> Result<Vec<Item>> {
    Figures::new(tx, ctx, Period::year(year))?
        .pinned(log_size)
        .list(reference)
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    crate::ctx::hex(&sha2::Sha256::digest(text.as_bytes()))
}
