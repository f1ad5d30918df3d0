//! The annual report (年度报告): the layout of the law pack, with every figure computed, frozen at a log position.

use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::figures::{Figure, Figures, Item, Period};
use crate::log::{self, Line};
use jiff::civil::{Date, date};
use law::report::{Block, Claim, Span};
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
}

/// When it was due and when it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeliness {
    /// The first day on which it is too late: 1 April of the next year.
    pub before: Date,
    /// 发布时间, local; absent while it is not published.
    pub published_at: Option<String>,
    /// Days from `before` to the publication, if it was late; counted to today while it is not published.
    pub days_late: i64,
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
                            Piece::Text(text) => out.push_str(text),
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
                last.with_unit(),
                figure.definition.replace('|', "｜")
            ));
        }
        out.push_str(&format!(
            "\n截止 {}-12-31 24:00，账本位置 {}。\n",
            self.year, self.log_size
        ));
        out
    }

    /// The figures as other programs read them.
    pub fn json(&self) -> serde_json::Value {
        let figures: Vec<serde_json::Value> = self
            .figures
            .iter()
            .map(|f| {
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
                    "indicator": f.indicator, "label": f.label, "value": value, "text": f.text(), "unit": f.unit,
                    "numerator": f.numerator, "denominator": f.denominator, "definition": f.definition,
                    "cutoff": f.cutoff, "log_size": f.log_size, "by": f.by,
                })
            })
            .collect();
        serde_json::json!({
            "year": self.year, "title": self.title, "issuer": self.issuer, "log_size": self.log_size,
            "figures": figures, "findings": self.findings, "unproven": self.unproven,
        })
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
    let (figures, log_size) = {
        let mut now = Figures::new(tx, ctx, Period::year(year))?;
        let figures = references
            .iter()
            .map(|r| now.figure(r))
            .collect::<Result<Vec<_>>>()?;
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
    findings.extend(twins(&figures));
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
                        Span::Figure(reference) => Piece::Figure(
                            references
                                .iter()
                                .position(|r| r == reference)
                                .expect("references are read off the spans"),
                        ),
                    })
                    .collect();
                if *claim == Claim::Unproven {
                    unproven.extend(pieces.iter().filter_map(|p| match p {
                        Piece::Text(text) => Some(text.clone()),
                        Piece::Figure(_) => None,
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

/// Equal counts above a hundred in two registers: perhaps copied by hand somewhere, worth a look (X02).
fn twins(figures: &[Figure]) -> Vec<String> {
    let mut found = Vec::new();
    for (i, one) in figures.iter().enumerate() {
        for other in &figures[i + 1..] {
            let owner = |f: &Figure| f.indicator.split('.').next().unwrap_or_default().to_owned();
            if owner(one) != owner(other)
                && one.micros == other.micros
                && one.unit == other.unit
                && one.micros.is_some_and(|m| m >= 100_000_000)
                && one.unit != "%"
            {
                found.push(format!(
                    "提示：“{}”和“{}”都是 {}，请核对是否各自有清单",
                    one.label,
                    other.label,
                    one.text()
                ));
            }
        }
    }
    found
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

/// Was the report of a year public before 1 April of the next (督察工作规定 第24条)?
pub fn timeliness(year: i16, published_at: Option<&str>, today: Date) -> Timeliness {
    let before = date(year + 1, 4, 1);
    let day = published_at
        .and_then(|at| at.get(..10))
        .and_then(|day| day.parse::<Date>().ok())
        .unwrap_or(today);
    let days_late = if before <= day {
        i64::from((day - before).get_days())
    } else {
        0
    };
    Timeliness {
        before,
        published_at: published_at.map(str::to_owned),
        days_late,
    }
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
