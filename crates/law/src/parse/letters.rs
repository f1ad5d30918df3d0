//! Letters (文字): what a file is made of before its lines mean anything.
//!
//! Whoever types a law file in a word processor gets the marks wrong first. A wrong mark is a fault, and is then read as it
//! was meant, so that the rest of the line is judged too.

use super::blocks::Numbered;
use crate::problem::Problem;

/// The text of a law file from its bytes.
///
/// # Errors
/// What kind of file it is instead, and from which line on it cannot be read.
pub fn decode(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Problem::fault(1, "文件是 UTF-16 编码").hint("另存为 UTF-8"));
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => return Ok(text),
        Ok(_) => return Err(binary(bytes)),
        Err(error) => error,
    };
    if bytes.contains(&0) {
        return Err(binary(bytes));
    }
    let sound = error.valid_up_to();
    let line_no = 1 + bytes[..sound].iter().filter(|b| **b == b'\n').count();
    Err(if reads_as_gbk(&bytes[sound..]) {
        Problem::fault(line_no, "文件像是 GBK（ANSI）编码，不是 UTF-8")
            .hint("在编辑器里另存，编码选 UTF-8")
    } else {
        Problem::fault(line_no, "从这里起不是 UTF-8 文字")
            .hint("在编辑器里另存，编码选 UTF-8；如果本来就不是文本文件，换成法条文件")
    })
}

fn binary(bytes: &[u8]) -> Problem {
    let zero = bytes.iter().position(|b| *b == 0).unwrap_or_default();
    let line_no = 1 + bytes[..zero].iter().filter(|b| **b == b'\n').count();
    Problem::fault(line_no, "这不是文本文件")
        .hint("法条文件是 UTF-8 的 Markdown；Word、WPS 文件要先另存为纯文本")
}

/// Do all bytes beyond ASCII come in the pairs of GBK?
fn reads_as_gbk(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        let pair = match byte {
            0..=0x7f => continue,
            0x81..=0xfe => rest.next(),
            _ => return false,
        };
        if !pair.is_some_and(|second| matches!(second, 0x40..=0x7e | 0x80..=0xfe)) {
            return false;
        }
    }
    true
}

/// Marks of the whole file: a byte order mark, line ends of other machines. Gives back what is to be read.
pub fn whole<'t>(text: &'t str, problems: &mut Vec<Problem>) -> &'t str {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    if body.len() < text.len() {
        problems.push(
            Problem::note(1, "文件开头有一个看不见的记号（BOM），已略过")
                .hint("另存为不带 BOM 的 UTF-8"),
        );
    }
    if body.trim().is_empty() {
        problems
            .push(Problem::fault(0, "文件是空的").hint("从 docs/law-language.md 第五节的样子写起"));
    } else if body.contains('\r') && !body.contains('\n') {
        problems
            .push(Problem::fault(1, "整个文件只有一行").hint("行尾是单个回车，另存时选 LF 换行"));
    } else if let Some(at) = body.lines().position(|line| line.ends_with('\r')) {
        problems.push(Problem::fault(at + 1, "行尾有多余的回车").hint("另存时选 LF 换行"));
    } else if body.contains("\r\n") {
        problems.push(Problem::note(1, "行尾是 Windows 的换行（CRLF）").hint("另存时选 LF 换行"));
    }
    body
}

/// How a letter was meant, and how wrong letters of its kind are called.
fn meant(letter: char, before: Option<char>, after: Option<char>) -> Option<(char, &'static str)> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let half = |right| Some((right, "是半角，标点要写全角"));
    match letter {
        '(' => half('（'),
        ')' => half('）'),
        ',' => half('，'),
        ';' => half('；'),
        '|' => half('｜'),
        ':' if !(digit(before) && digit(after)) => half('：'),
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '％' | '＃' | '．' => {
            let plain = u32::from(letter) - 0xfee0;
            char::from_u32(plain).map(|c| (c, "是全角，数字、日期、代号要写半角"))
        }
        '\t' => Some((' ', "是制表符，词之间要空一个半角空格")),
        '\u{3000}' => Some((' ', "是全角空格，词之间要空一个半角空格")),
        '\u{a0}' => Some((' ', "是不换行空格，词之间要空一个半角空格")),
        _ if hidden(letter) => Some((' ', "看不见，要删去重打")),
        _ => None,
    }
}

fn hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// Reports wrong marks of a line once for each kind, and sets them right.
pub fn set_right(line: &mut Numbered, problems: &mut Vec<Problem>) {
    let letters: Vec<char> = line.text.chars().collect();
    let mut wrong: Vec<(&'static str, Vec<char>)> = Vec::new();
    let mut text = String::with_capacity(line.text.len());
    for (at, letter) in letters.iter().copied().enumerate() {
        let before = at.checked_sub(1).and_then(|i| letters.get(i).copied());
        match meant(letter, before, letters.get(at + 1).copied()) {
            None => text.push(letter),
            Some((right, why)) => {
                text.push(right);
                match wrong.iter_mut().find(|(known, _)| *known == why) {
                    Some((_, all)) if all.contains(&letter) => {}
                    Some((_, all)) => all.push(letter),
                    None => wrong.push((why, vec![letter])),
                }
            }
        }
    }
    for (why, letters) in wrong {
        let said: String = letters.iter().map(|c| said(*c)).collect();
        let (what, hint) = why.split_once('，').unwrap_or((why, "改过来"));
        problems.push(Problem::fault(line.no, format!("{said}{what}")).hint(hint));
    }
    line.text = text;
}

fn said(letter: char) -> String {
    if letter.is_whitespace() || hidden(letter) {
        format!("（U+{:04X}）", u32::from(letter))
    } else {
        format!("“{letter}”")
    }
}
