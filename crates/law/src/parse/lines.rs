//! One rule line: `键：主句 ｜修饰：值 ｜修饰：值`, its forces and lists.

use super::blocks::Numbered;
use crate::problem::Problem;
use crate::procedure::{Basis, Force};
use jiff::civil::Date;

/// A rule line, split.
#[derive(Debug, Clone)]
pub struct Line {
    pub no: usize,
    pub key: String,
    pub main: String,
    pub qualifiers: Vec<(String, String)>,
}

impl Line {
    /// Splits a line; reports one that has no key.
    pub fn split(line: &Numbered, problems: &mut Vec<Problem>) -> Option<Line> {
        let mut parts = line.text.split('｜');
        let head = parts.next().unwrap_or_default();
        let Some((key, main)) = head.split_once('：') else {
            problems.push(
                Problem::fault(line.no, format!("“{}”读不懂", short(head)))
                    .hint("应当写成 键：内容 ｜修饰：值"),
            );
            return None;
        };
        let mut qualifiers = Vec::new();
        for part in parts {
            match part.split_once('：') {
                Some((key, value)) => {
                    qualifiers.push((key.trim().to_owned(), value.trim().to_owned()))
                }
                None => problems.push(
                    Problem::fault(line.no, format!("修饰“{}”没有冒号", short(part.trim())))
                        .hint("应当写成 ｜修饰：值"),
                ),
            }
        }
        for (key, value) in &qualifiers {
            if force(key).is_some() {
                source(key, value, line.no, problems);
            }
        }
        Some(Line {
            no: line.no,
            key: key.trim().to_owned(),
            main: main.trim().to_owned(),
            qualifiers,
        })
    }

    /// The value of a qualifier.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    }

    /// The basis, whichever force it has.
    pub fn basis(&self) -> Option<Basis> {
        self.qualifiers
            .iter()
            .find_map(|(key, value)| basis(key, value))
    }

    /// Reports qualifiers that this line does not take.
    pub fn only(&self, allowed: &[&str], problems: &mut Vec<Problem>) {
        for (key, _) in &self.qualifiers {
            if force(key).is_none() && !allowed.contains(&key.as_str()) {
                let mut problem =
                    Problem::fault(self.no, format!("“{}”行没有修饰“{key}”", self.key));
                if let Some(near) = crate::problem::nearest(
                    key,
                    allowed.iter().copied().chain(FORCES.iter().map(|f| f.0)),
                ) {
                    problem = problem.hint(format!("是不是“{near}”？"));
                }
                problems.push(problem);
            }
        }
    }
}

/// A basis must say what it is based on; articles belong to a law that is named.
fn source(key: &str, value: &str, no: usize, problems: &mut Vec<Problem>) {
    let text = value.replace("〔未核〕", "");
    if text.trim().is_empty() {
        problems.push(
            Problem::fault(no, format!("“{key}”后面没有写依据"))
                .hint("写法名和条款号，例如 行政处罚法 第64条"),
        );
    }
    for part in text.split('；').map(str::trim) {
        let article = part
            .strip_prefix('第')
            .and_then(|rest| rest.split_once('条'))
            .is_some_and(|(number, _)| !number.is_empty() && number.chars().count() <= 6);
        if article {
            problems.push(
                Problem::fault(no, format!("“{}”没有写是哪部法的", short(part)))
                    .hint("条号前面写法名，例如 行政处罚法 第64条"),
            );
        }
    }
}

/// A day as the language writes it.
///
/// # Errors
/// What is wrong with it.
pub fn day(text: &str) -> Result<Date, &'static str> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return Err("不是日期，要写成 2026-03-02 的样子");
    };
    let number = |text: &str, places: usize| -> Option<i16> {
        (text.len() == places && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse().ok())
            .flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return Err("不是日期，要写成 2026-03-02 的样子");
    };
    if !(1949..2200).contains(&year) {
        return Err("的年份不对");
    }
    let month = i8::try_from(month).unwrap_or_default();
    let day = i8::try_from(day).unwrap_or_default();
    Date::new(year, month, day).map_err(|_| "历书上没有这一天")
}

/// 效力 words.
pub const FORCES: &[(&str, Force)] = &[
    ("法定", Force::Statute),
    ("国规", Force::NationalRule),
    ("省市规", Force::LocalRule),
    ("党规", Force::PartyRule),
    ("参照", Force::ByReference),
    ("镇规", Force::TownRule),
    ("建议", Force::Advice),
];

/// The force that a qualifier key names.
pub fn force(key: &str) -> Option<Force> {
    FORCES
        .iter()
        .find(|(word, _)| *word == key)
        .map(|(_, force)| *force)
}

/// A basis from its qualifier.
pub fn basis(key: &str, value: &str) -> Option<Basis> {
    let force = force(key)?;
    Some(Basis {
        force,
        text: value.replace("〔未核〕", "").trim().to_owned(),
        unverified: value.contains("〔未核〕"),
    })
}

/// A list parted by 、 outside brackets.
pub fn list(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0usize;
    for letter in text.chars() {
        match letter {
            '（' => depth += 1,
            '）' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if letter == '、' && depth == 0 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    parts
        .into_iter()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// `名（…）` as name and inside.
pub fn bracketed(text: &str) -> (&str, Option<&str>) {
    match text.split_once('（') {
        Some((name, rest)) => (name.trim(), Some(rest.strip_suffix('）').unwrap_or(rest))),
        None => (text.trim(), None),
    }
}

/// The first letters of a long text, for messages.
pub fn short(text: &str) -> String {
    if text.chars().count() > 24 {
        format!("{}…", text.chars().take(24).collect::<String>())
    } else {
        text.to_owned()
    }
}
