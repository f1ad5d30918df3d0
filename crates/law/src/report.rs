//! The layout of a report (报告版式): headings, paragraphs, claims, figures; and what makes a claim refused.
//!
//! A file under `law/reports/` is Markdown. `# ` is the title, `## ` and `### ` are headings. A paragraph begins with the
//! kind of its claim in brackets, `［数据］` for example, and holds figures as `{程序代号.指标代号}`. What a figure counts
//! is printed by `{日期 …}`, `{文号 …}` and `{名目 …}`: the days, the numbers, the distinct titles of its list.
//!
//! Lines that a website adds around a report (来源, 浏览次数, 扫一扫 …) are dropped when one is pasted in.

mod lint;

pub use lint::{companions, lint, lint_title};

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
    /// What the list behind a figure holds.
    Listed(View, String),
}

/// What is printed of each thing on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// 日期: the days, each once.
    Days,
    /// 文号: the numbers of the records.
    Numbers,
    /// 名目: the titles, each once.
    Titles,
}

const VIEWS: &[(&str, View)] = &[
    ("日期", View::Days),
    ("文号", View::Numbers),
    ("名目", View::Titles),
];

impl Layout {
    /// Every figure that the layout refers to, once, in order.
    pub fn references(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for block in &self.blocks {
            if let Block::Paragraph { spans, .. } = block {
                for span in spans {
                    if let Span::Figure(reference) | Span::Listed(_, reference) = span
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
    let mut title_no = 1;
    for (i, line) in text.lines().enumerate() {
        let no = i + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with("> ") || is_chrome(line) {
            continue;
        }
        if let Some(heading) = line.strip_prefix("### ") {
            layout.blocks.push(Block::Heading(3, heading.to_owned()));
        } else if let Some(heading) = line.strip_prefix("## ") {
            layout.blocks.push(Block::Heading(2, heading.to_owned()));
        } else if let Some(title) = line.strip_prefix("# ") {
            title.clone_into(&mut layout.title);
            title_no = no;
        } else {
            paragraph(line, no, &mut layout, &mut problems);
        }
    }
    for finding in lint_title(&layout.title) {
        problems.push(Problem::fault(title_no, finding));
    }
    for (no, finding) in companions(&layout) {
        problems.push(Problem::fault(no, finding));
    }
    (layout, problems)
}

/// What a website prints around a report, which is no part of it.
fn is_chrome(line: &str) -> bool {
    const CHROME: &[&str] = &[
        "来源:",
        "来源：",
        "发布时间",
        "浏览次数",
        "字体:",
        "字体：",
        "打印",
        "扫一扫",
    ];
    CHROME.iter().any(|words| line.starts_with(words))
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
            Some((inside, tail)) => {
                let view = inside.split_once(' ').and_then(|(word, reference)| {
                    let view = VIEWS.iter().find(|(known, _)| *known == word)?.1;
                    Some((view, reference))
                });
                let reference = view.map_or(inside, |(_, reference)| reference);
                if !reference.contains('.') {
                    problems.push(Problem::fault(
                        no,
                        format!("“{{{inside}}}”应当写成 {{程序代号.指标代号}}，或者前面加 日期、文号、名目 和空格"),
                    ));
                }
                let reference = reference.trim().to_owned();
                spans.push(match view {
                    Some((view, _)) => Span::Listed(view, reference),
                    None => Span::Figure(reference),
                });
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
    for finding in lint(claim, &spans) {
        problems.push(Problem::fault(no, finding));
    }
    layout.blocks.push(Block::Paragraph {
        claim,
        spans,
        line_no: no,
    });
}
