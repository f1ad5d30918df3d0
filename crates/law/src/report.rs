//! The layout of a report (报告版式): headings, paragraphs, claims, figures; and what makes a claim refused.
//!
//! A file under `law/reports/` is Markdown. `# ` is the title, `## ` and `### ` are headings. A paragraph begins with the
//! kind of its claim in brackets, `［数据］` for example, and holds figures as `{程序代号.指标代号}`.

use crate::problem::{Problem, nearest};

/// The seven kinds of claim, and the mark for one that nobody can prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// 数据: every number in it is a figure.
    Metric,
    /// 文件: names a dated document.
    Document,
    /// 事件: names a meeting or activity on record.
    Event,
    /// 清单: enumerates a list.
    List,
    /// 定性: a judgement; somebody must approve it.
    Qualitative,
    /// 引文: quotes.
    Quotation,
    /// 计划: what is to be done, by whom, by when.
    Plan,
    /// 未举证: said without proof, and shown as such.
    Unproven,
}

const CLAIMS: &[(&str, Claim)] = &[
    ("数据", Claim::Metric),
    ("文件", Claim::Document),
    ("事件", Claim::Event),
    ("清单", Claim::List),
    ("定性", Claim::Qualitative),
    ("引文", Claim::Quotation),
    ("计划", Claim::Plan),
    ("未举证", Claim::Unproven),
];

impl Claim {
    /// The word of the file.
    pub fn word(self) -> &'static str {
        CLAIMS
            .iter()
            .find(|(_, claim)| *claim == self)
            .map_or("", |(word, _)| word)
    }
}

/// A layout.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Title; `{年}` and `{机关}` are filled in.
    pub title: String,
    /// In order.
    pub blocks: Vec<Block>,
}

/// A heading or a paragraph.
#[derive(Debug, Clone)]
pub enum Block {
    /// Level 2 or 3.
    Heading(u8, String),
    /// A claim.
    Paragraph {
        /// Its kind.
        claim: Claim,
        /// Its parts.
        spans: Vec<Span>,
        /// Line in the file.
        line_no: usize,
    },
}

/// A part of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// A figure by reference.
    Figure(String),
}

impl Layout {
    /// Every figure that the layout refers to, once, in order.
    pub fn references(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for block in &self.blocks {
            if let Block::Paragraph { spans, .. } = block {
                for span in spans {
                    if let Span::Figure(reference) = span
                        && !all.contains(reference)
                    {
                        all.push(reference.clone());
                    }
                }
            }
        }
        all
    }
}

/// Reads a layout; all problems at once.
pub fn read(text: &str) -> (Layout, Vec<Problem>) {
    let mut layout = Layout::default();
    let mut problems = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let no = i + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with("> ") {
            continue;
        }
        if let Some(heading) = line.strip_prefix("### ") {
            layout.blocks.push(Block::Heading(3, heading.to_owned()));
        } else if let Some(heading) = line.strip_prefix("## ") {
            layout.blocks.push(Block::Heading(2, heading.to_owned()));
        } else if let Some(title) = line.strip_prefix("# ") {
            title.clone_into(&mut layout.title);
        } else {
            paragraph(line, no, &mut layout, &mut problems);
        }
    }
    (layout, problems)
}

fn paragraph(line: &str, no: usize, layout: &mut Layout, problems: &mut Vec<Problem>) {
    let Some((kind, rest)) = line
        .strip_prefix('［')
        .and_then(|rest| rest.split_once('］'))
    else {
        problems.push(Problem::fault(no, "段落没有写明是哪一类陈述").hint("段首写 ［数据］、［文件］、［事件］、［清单］、［定性］、［引文］、［计划］ 或者 ［未举证］"));
        return;
    };
    let Some(claim) = CLAIMS
        .iter()
        .find(|(word, _)| *word == kind)
        .map(|(_, claim)| *claim)
    else {
        let mut problem = Problem::fault(no, format!("没有“{kind}”这类陈述"));
        if let Some(near) = nearest(kind, CLAIMS.iter().map(|(word, _)| *word)) {
            problem = problem.hint(format!("是不是“{near}”？"));
        }
        problems.push(problem);
        return;
    };
    let mut spans = Vec::new();
    let mut rest = rest;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            spans.push(Span::Text(before.to_owned()));
        }
        match after.split_once('}') {
            Some((name @ ("年" | "下年" | "机关"), tail)) => {
                spans.push(Span::Text(format!("{{{name}}}")));
                rest = tail;
            }
            Some((reference, tail)) => {
                if !reference.contains('.') {
                    problems.push(Problem::fault(
                        no,
                        format!("“{{{reference}}}”应当写成 {{程序代号.指标代号}}"),
                    ));
                }
                spans.push(Span::Figure(reference.trim().to_owned()));
                rest = tail;
            }
            None => {
                problems.push(Problem::fault(no, "花括号没有收口"));
                rest = "";
            }
        }
    }
    if !rest.is_empty() {
        spans.push(Span::Text(rest.to_owned()));
    }
    let words: String = spans
        .iter()
        .filter_map(|s| {
            if let Span::Text(t) = s {
                Some(t.as_str())
            } else {
                None
            }
        })
        .collect();
    for finding in lint(
        claim,
        &words,
        spans.iter().any(|s| matches!(s, Span::Figure(_))),
    ) {
        problems.push(Problem::fault(no, finding));
    }
    layout.blocks.push(Block::Paragraph {
        claim,
        spans,
        line_no: no,
    });
}

/// Words that stand in for a count nobody made.
const VAGUE: &[&str] = &[
    "余件",
    "余起",
    "余部",
    "余次",
    "余人",
    "多次",
    "若干次",
    "大量",
    "广泛开展",
    "定期组织",
];
/// Names of rates that nobody has defined.
const UNDEFINED: &[&str] = &["处理度", "办理度", "化解度", "落实度"];

/// What is wrong with the wording of a claim, in Chinese sentences.
pub fn lint(claim: Claim, words: &str, has_figure: bool) -> Vec<String> {
    let mut found = Vec::new();
    for vague in VAGUE.iter().filter(|vague| words.contains(**vague)) {
        if claim != Claim::Quotation {
            found.push(format!(
                "“{vague}”是约数或者泛称：数得清的写数，数不清的标［未举证］"
            ));
        }
    }
    for name in UNDEFINED.iter().filter(|name| words.contains(**name)) {
        found.push(format!(
            "“{name}”没有定义，不能用：改用办结率、按期办结率等有分子分母的率"
        ));
    }
    if words.contains("热线办共受理") || words.contains("热线共受理") {
        found.push("乡镇是承办，不是受理热线工单".into());
    }
    let counted = ["次", "件", "起", "部", "人", "场", "个", "%"];
    let typed = counted.iter().any(|unit| {
        words.match_indices(unit).any(|(at, _)| {
            words[..at]
                .trim_end()
                .ends_with(|c: char| c.is_ascii_digit())
        })
    });
    match claim {
        Claim::Metric if !has_figure => found.push("标为［数据］的段落没有绑定指标".into()),
        Claim::Metric | Claim::Qualitative | Claim::Event if typed => {
            found.push("有手写的数字：改成 {程序代号.指标代号}，由记录算出".into());
        }
        _ => {}
    }
    found
}
