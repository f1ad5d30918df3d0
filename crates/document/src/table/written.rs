//! Days and numbers as people write them in registers: 二〇二三年三月五日, 2023.3.5, 三百二十.

use super::day_and_time;
use calamine::{ExcelDateTime, ExcelDateTimeType};

/// Full-width digits and signs as the narrow ones, and the circle that stands for zero as zero.
fn narrow(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            '　' => ' ',
            '。' => '.',
            '号' => '日',
            '○' | '◯' | '零' => '〇',
            '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect()
}

/// A day that was typed as a bare number: `20230305`, or the serial number of a spreadsheet, `44990` or `44990.5`.
fn bare_number(text: &str) -> Option<String> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return date(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]));
    }
    let whole = text.split('.').next().unwrap_or_default();
    if whole.len() != 5 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let serial: f64 = text.parse().ok()?;
    let at = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, false);
    (20_000.0..73_000.0)
        .contains(&serial)
        .then(|| day_and_time(&at))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// [`date`], or a day and month alone (`三月五日`, `3.5`) in the year that the register is of.
pub fn date_in(text: &str, year: Option<i64>) -> Option<String> {
    date(text).or_else(|| {
        let text = narrow(text);
        let bare = text.split(['月', '日', '.', '/', '-', ' ']).next()?;
        let month = numeral(bare).filter(|month| (1..=12).contains(month))?;
        let rest = &text[bare.len()..];
        (!rest.is_empty()).then(|| date(&format!("{}年{month}{rest}", year?)))?
    })
}

/// The one year that a title names: `2023年度台账`, `二〇二三年台账`. `None` if it names several.
pub fn year_in(title: &str) -> Option<i64> {
    let title = narrow(title);
    let mut years: Vec<i64> = title
        .match_indices('年')
        .filter_map(|(at, _)| {
            let before: Vec<char> = title[..at].chars().rev().take(4).collect();
            let text: String = before.into_iter().rev().collect();
            (text.chars().count() == 4).then(|| numeral(&text))?
        })
        .filter(|year| (1900..2100).contains(year))
        .collect();
    years.sort_unstable();
    years.dedup();
    match years.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// A date as townships write it, in the standard form: `2023年5月6日`, `2023.5.6`, `2023/5/6`, `２０２３年５月６日`,
/// `二〇二三年五月六日`, the serial number of a spreadsheet; with an optional time.
pub fn date(text: &str) -> Option<String> {
    let text = narrow(text);
    if let Some(found) = bare_number(&text) {
        return Some(found);
    }
    let (day, time) = match text.find([' ', 'T']) {
        Some(at) => (text[..at].to_owned(), text[at + 1..].trim().to_owned()),
        None => match text.split_once('日') {
            Some((day, time)) => (format!("{day}日"), time.trim().to_owned()),
            None => (text.clone(), String::new()),
        },
    };
    let mut parts = Vec::new();
    for part in day
        .split(['年', '月', '日', '.', '/', '-'])
        .filter(|p| !p.is_empty())
    {
        parts.push(numeral(part)?);
    }
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    if !(1900..2100).contains(year)
        || !(1..=12).contains(month)
        || !(1..=days_in(*year, *month)).contains(day)
    {
        return None;
    }
    if time.is_empty() {
        return Some(format!("{year:04}-{month:02}-{day:02}"));
    }
    let (afternoon, time) = match time.strip_prefix("下午") {
        Some(rest) => (true, rest),
        None => (false, time.strip_prefix("上午").unwrap_or(&time)),
    };
    let mut clock = time.split([':', '时', '分']).filter(|p| !p.is_empty());
    let hour = clock.next().and_then(numeral)?;
    let minute = clock.next().map_or(Some(0), numeral)?;
    let hour = if afternoon && hour < 12 {
        hour + 12
    } else {
        hour
    };
    (hour < 24 && minute < 60)
        .then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"))
}

/// [`numeral`] with full-width digits too, as plain digits.
pub fn number(text: &str) -> Option<String> {
    numeral(&narrow(text)).map(|n| n.to_string())
}

/// A whole number in digits or in Chinese: `320`, `三百二十`, `二〇二三`, `十二`.
pub fn numeral(text: &str) -> Option<i64> {
    if let Ok(n) = text.parse() {
        return Some(n);
    }
    let digit = |c: char| {
        "〇一二三四五六七八九"
            .chars()
            .position(|d| d == c)
            .or(match c {
                '零' => Some(0),
                '两' => Some(2),
                '壹' => Some(1),
                '贰' => Some(2),
                '叁' => Some(3),
                '肆' => Some(4),
                '伍' => Some(5),
                '陆' => Some(6),
                '柒' => Some(7),
                '捌' => Some(8),
                '玖' => Some(9),
                _ => None,
            })
    };
    let letters: Vec<char> = text.chars().collect();
    if letters.is_empty() || letters.len() > 16 {
        return None;
    }
    if letters.len() > 1 && letters.iter().all(|c| digit(*c).is_some()) {
        return letters
            .iter()
            .try_fold(0i64, |n, c| Some(n * 10 + i64::try_from(digit(*c)?).ok()?));
    }
    let (mut total, mut section, mut last) = (0i64, 0i64, None);
    for letter in letters {
        match letter {
            '十' | '拾' => section += last.take().unwrap_or(1) * 10,
            '百' | '佰' => section += last.take()? * 100,
            '千' | '仟' => section += last.take()? * 1000,
            '万' => {
                total += (section + last.take().unwrap_or(0)) * 10_000;
                section = 0;
            }
            other => last = Some(i64::try_from(digit(other)?).ok()?),
        }
    }
    Some(total + section + last.unwrap_or(0))
}
