//! Official rest days and make-up working days (放假调休), one file a year under `law/calendars/`.
//!
//! A year without a file is undetermined: nobody guesses what the State Council has not yet announced.

use crate::problem::Problem;
use jiff::civil::{Date, Weekday, date};
use std::collections::BTreeMap;

/// Work or rest, by year.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

#[derive(Debug, Clone)]
struct Year {
    source: String,
    /// One bit a day of the year, set for work.
    work: [u64; 6],
    /// Days that a notice names, with its reason.
    named: BTreeMap<Date, String>,
}

impl Year {
    fn works(&self, day: Date) -> bool {
        let at = usize::try_from(day.day_of_year() - 1).unwrap_or(0);
        self.work[at / 64] >> (at % 64) & 1 == 1
    }

    fn set(&mut self, day: Date, work: bool) {
        let at = usize::try_from(day.day_of_year() - 1).unwrap_or(0);
        if work {
            self.work[at / 64] |= 1 << (at % 64);
        } else {
            self.work[at / 64] &= !(1 << (at % 64));
        }
    }
}

impl Calendar {
    /// Reads the files of a calendar, `(name, text)` each.
    ///
    /// ```text
    /// # 2023 年
    /// 来源：国务院办公厅关于2023年部分节假日安排的通知（国办发明电〔2022〕16号）
    /// 休 01-21..01-27 春节
    /// 班 01-28 春节
    /// ```
    ///
    /// # Errors
    /// All lines that cannot be read.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Calendar, Vec<Problem>> {
        let mut calendar = Calendar::default();
        let mut problems = Vec::new();
        for (name, text) in files {
            read_year(name, text, &mut calendar, &mut problems);
        }
        if problems.is_empty() {
            Ok(calendar)
        } else {
            Err(problems)
        }
    }

    /// Is it a working day? `None`: the year has no published calendar.
    pub fn is_working(&self, day: Date) -> Option<bool> {
        self.years.get(&day.year()).map(|year| year.works(day))
    }

    /// Why the day is what it is: the holiday's name, 周末, 调休上班, or nothing for a plain working day.
    pub fn why(&self, day: Date) -> Option<&str> {
        let year = self.years.get(&day.year())?;
        match year.named.get(&day) {
            Some(name) => Some(name),
            None => is_weekend(day).then_some("周末"),
        }
    }

    /// Years with a published calendar.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years.keys().copied()
    }

    /// The notice behind a year.
    pub fn source(&self, year: i16) -> Option<&str> {
        self.years.get(&year).map(|y| y.source.as_str())
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn read_year(name: &str, text: &str, calendar: &mut Calendar, problems: &mut Vec<Problem>) {
    let mut lines = text.lines().enumerate();
    let year = lines.next().and_then(|(_, line)| {
        line.trim_start_matches('#')
            .trim()
            .trim_end_matches('年')
            .trim()
            .parse::<i16>()
            .ok()
    });
    let Some(number) = year.filter(|y| (1990..2100).contains(y)) else {
        problems.push(
            Problem::fault(1, format!("{name} 的第一行应当写 # 年份")).hint("例如 # 2023 年"),
        );
        return;
    };
    let mut year = Year {
        source: String::new(),
        work: [0; 6],
        named: BTreeMap::new(),
    };
    let mut day = date(number, 1, 1);
    while day.year() == number {
        year.set(day, !is_weekend(day));
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    for (i, line) in lines {
        let line = line.trim();
        if line.is_empty() || line.starts_with("注：") {
            continue;
        }
        if let Some(source) = line.strip_prefix("来源：") {
            source.clone_into(&mut year.source);
            continue;
        }
        let mut words = line.split_whitespace();
        let (kind, days, why) = (words.next(), words.next(), words.next().unwrap_or_default());
        let span = days.and_then(|d| span(number, d));
        match (kind, span) {
            (Some(kind @ ("休" | "班")), Some((from, until))) => {
                let mut day = from;
                while day <= until {
                    let work = kind == "班";
                    year.set(day, work);
                    let named = if work {
                        format!("{why}调休上班")
                    } else {
                        why.to_owned()
                    };
                    year.named.insert(day, named);
                    match day.tomorrow() {
                        Ok(next) => day = next,
                        Err(_) => break,
                    }
                }
            }
            _ => problems.push(
                Problem::fault(i + 1, format!("{name} 的“{line}”读不懂"))
                    .hint("应当写成 休 01-21..01-27 春节 或者 班 01-28 春节"),
            ),
        }
    }
    if year.source.is_empty() {
        problems.push(
            Problem::fault(1, format!("{name} 没有写来源")).hint("加一行 来源：通知的名称和文号"),
        );
    }
    calendar.years.insert(number, year);
}

fn span(year: i16, text: &str) -> Option<(Date, Date)> {
    let day = |t: &str| -> Option<Date> {
        let (month, day) = t.split_once('-')?;
        Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
    };
    match text.split_once("..") {
        Some((from, until)) => Some((day(from)?, day(until)?)),
        None => day(text).map(|d| (d, d)),
    }
}
