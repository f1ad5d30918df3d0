//! A file as headings, fenced blocks and tables (law language §1).

use super::letters;
use crate::problem::{Problem, nearest};
use crate::words;

/// A line of a block or table, with its number in the file.
#[derive(Debug, Clone)]
pub struct Numbered {
    pub no: usize,
    pub text: String,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    pub kind: String,
    pub line_no: usize,
    pub lines: Vec<Numbered>,
    /// Index of the item block that owns it, among the blocks.
    pub item: Option<usize>,
}

/// The file, split.
#[derive(Debug, Default)]
pub struct Document {
    pub title: String,
    pub summary: String,
    pub headings: Vec<(usize, String)>,
    pub blocks: Vec<Block>,
    /// Rows of the 角色 table.
    pub roles: Vec<(usize, Vec<String>)>,
    /// Rows of the 字段 table.
    pub fields: Vec<(usize, Vec<String>)>,
    pub left_unsaid: Vec<String>,
    pub has_left_unsaid: bool,
}

#[derive(PartialEq)]
enum Table {
    None,
    Roles,
    Fields,
    Other,
}

/// Splits a file.
pub fn split(text: &str, problems: &mut Vec<Problem>) -> Document {
    let mut document = Document::default();
    let mut open: Option<Block> = None;
    let mut item: Option<usize> = None;
    let mut table = Table::None;
    let mut in_left_unsaid = false;
    for (i, line) in text.lines().enumerate() {
        let no = i + 1;
        let line = line.trim_end();
        // A new block or heading inside a block: somebody forgot to close it.
        if let Some(block) = open.take_if(|_| {
            line != "```" && (line.starts_with("```") || heading(line) || table_head(line))
        }) {
            problems.push(unclosed(&block));
            close(block, &mut document, &mut item);
        }
        if let Some(block) = &mut open {
            if line == "```" {
                let block = open.take().expect("just matched");
                close(block, &mut document, &mut item);
            } else if let Some(rest) = line.strip_prefix('｜') {
                match block.lines.last_mut() {
                    Some(last) => {
                        last.text.push('｜');
                        last.text.push_str(rest);
                    }
                    None => problems.push(Problem::fault(no, "续行之前没有可续的行")),
                }
            } else if !line.trim().is_empty() {
                block.lines.push(Numbered {
                    no,
                    text: line.trim().to_owned(),
                });
            }
            continue;
        }
        if no == 1 {
            match line.strip_prefix("# ") {
                Some(title) => title.trim().clone_into(&mut document.title),
                None => problems.push(Problem::fault(1, "第一行应当是“# ”加中文名称")),
            }
            continue;
        }
        if let Some(kind) = line.strip_prefix("```") {
            let kind = kind.trim();
            if !words::has(words::BLOCKS, kind) {
                let mut problem = Problem::fault(no, format!("没有“{kind}”这种块"));
                if let Some(near) = nearest(kind, words::chinese(words::BLOCKS)) {
                    problem = problem.hint(format!("是不是“{near}”？"));
                }
                problems.push(problem);
            }
            open = Some(Block {
                kind: kind.to_owned(),
                line_no: no,
                lines: Vec::new(),
                item,
            });
            table = Table::None;
            continue;
        }
        if line.starts_with('#') {
            let heading = line.trim_start_matches('#').trim().to_owned();
            in_left_unsaid = heading == "未尽";
            document.has_left_unsaid |= in_left_unsaid;
            document.headings.push((no, heading));
            item = None;
            table = Table::None;
            continue;
        }
        if line.starts_with('|') {
            row(&mut document, &mut table, no, line);
            continue;
        }
        if line.starts_with('｜') {
            problems.push(Problem::fault(no, "块外面没有可续的行").hint("表格的竖线写半角“|”"));
        }
        table = Table::None;
        if in_left_unsaid {
            if let Some(point) = line.strip_prefix("- ") {
                document.left_unsaid.push(point.trim().to_owned());
            }
        } else if document.headings.is_empty() && document.blocks.is_empty() && !line.is_empty() {
            document
                .summary
                .push_str(line.trim_start_matches("> ").trim());
        }
    }
    if let Some(block) = open {
        problems.push(unclosed(&block));
        close(block, &mut document, &mut item);
    }
    let lines = document.blocks.iter_mut().flat_map(|b| &mut b.lines);
    for line in lines {
        letters::set_right(line, problems);
    }
    for (no, cells) in document.roles.iter_mut().chain(&mut document.fields) {
        // The last cell is a remark for people.
        for cell in cells.iter_mut().take(4) {
            let mut line = Numbered {
                no: *no,
                text: std::mem::take(cell),
            };
            letters::set_right(&mut line, problems);
            *cell = line.text;
        }
    }
    if !document.has_left_unsaid {
        problems.push(Problem::fault(0, "没有“## 未尽”一节").hint("写明哪些内容没有写成规则"));
    }
    document
}

fn heading(line: &str) -> bool {
    let text = line.trim_start_matches('#');
    text.len() < line.len() && text.starts_with(' ')
}

fn table_head(line: &str) -> bool {
    let cell = line
        .strip_prefix('|')
        .and_then(|rest| rest.split('|').next());
    matches!(cell.map(str::trim), Some("角色" | "字段"))
}

fn unclosed(block: &Block) -> Problem {
    Problem::fault(block.line_no, format!("“{}”块没有收口", block.kind))
        .hint("末尾另起一行写三个反引号")
}

fn close(block: Block, document: &mut Document, item: &mut Option<usize>) {
    if block.kind == "子项" {
        *item = Some(document.blocks.len());
    }
    document.blocks.push(block);
}

fn row(document: &mut Document, table: &mut Table, no: usize, line: &str) {
    let cells: Vec<String> = line
        .trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect();
    if *table == Table::None {
        *table = match cells.first().map(String::as_str) {
            Some("角色") => Table::Roles,
            Some("字段") => Table::Fields,
            _ => Table::Other,
        };
        return;
    }
    if cells
        .iter()
        .all(|cell| cell.chars().all(|c| c == '-' || c == ':'))
    {
        return;
    }
    match table {
        Table::Roles => document.roles.push((no, cells)),
        Table::Fields => document.fields.push((no, cells)),
        Table::None | Table::Other => {}
    }
}
