//! 例 blocks (law language §2.5).

use super::blocks::{Block, Numbered};
use super::conditions;
use super::lines::short;
use super::names::{Names, find};
use crate::problem::Problem;
use crate::procedure::{Example, ExampleBody, ExampleLine, Expect, ItemId, StepId};
use crate::value::Ratio;
use jiff::civil::{DateTime, Time};

/// Reads one 例 block.
pub fn example(block: &Block, names: &Names, problems: &mut Vec<Problem>) -> Option<Example> {
    let mut lines = block.lines.iter();
    let name = lines.next()?;
    let mut example = Example {
        name: name.text.clone(),
        continues: None,
        lines: Vec::new(),
        line_no: name.no,
    };
    for line in lines {
        if let Some(other) = line.text.strip_prefix("承：") {
            example.continues = Some(other.trim().to_owned());
        } else if let Some(given) = line.text.strip_prefix("假设：") {
            if let Some(body) = self::given(given, line.no, names, problems) {
                example.lines.push(ExampleLine {
                    line_no: line.no,
                    body,
                });
            }
        } else if let Some(body) = dated(line, names, problems) {
            example.lines.push(ExampleLine {
                line_no: line.no,
                body,
            });
        }
    }
    Some(example)
}

fn given(text: &str, no: usize, names: &Names, problems: &mut Vec<Problem>) -> Option<ExampleBody> {
    let (name, number) = text.trim().rsplit_once(' ').or_else(|| {
        problems.push(Problem::fault(no, "“假设”读不懂").hint("应当写成 假设：指标 数"));
        None
    })?;
    let indicator = find(&names.indicators, "指标", name.trim(), no, problems)?;
    let Some(number) = Ratio::parse(number) else {
        problems.push(Problem::fault(no, format!("“{number}”不是数")));
        return None;
    };
    Some(ExampleBody::Given(indicator, number))
}

fn dated(line: &Numbered, names: &Names, problems: &mut Vec<Problem>) -> Option<ExampleBody> {
    let bad = |what: &str| {
        Problem::fault(line.no, what.to_owned())
            .hint("例的每一行写成 日期 步骤（字段 值；…） 或者 日期 → 条件")
    };
    if line.text.contains("->") {
        problems.push(Problem::fault(line.no, "“->”不是箭头").hint("写 →"));
        return None;
    }
    let (day, rest) = line.text.split_once(' ').unwrap_or((&line.text, ""));
    let day = match super::lines::day(day) {
        Ok(day) => day,
        Err(why) if day.starts_with(|c: char| c.is_ascii_digit()) => {
            problems.push(Problem::fault(line.no, format!("“{}”{why}", short(day))));
            return None;
        }
        Err(_) => {
            problems.push(bad("例的这一行没有以日期开头"));
            return None;
        }
    };
    let mut rest = rest.trim();
    let mut at = day.at(0, 0, 0, 0);
    if let Some((clock, after)) = rest.split_once(' ')
        && let Some(time) = time(clock)
    {
        at = day.to_datetime(time);
        rest = after.trim();
    }
    match rest.strip_prefix('→') {
        Some(claim) => claimed(at, claim.trim(), line.no, names, problems),
        None => act(at, rest, line.no, names, problems),
    }
}

fn time(text: &str) -> Option<Time> {
    let (hours, minutes) = text.split_once(':')?;
    Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()
}

fn claimed(
    at: DateTime,
    claim: &str,
    no: usize,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<ExampleBody> {
    let mut claim = claim;
    let mut item: Option<(ItemId, u32)> = None;
    if let Some((head, rest)) = claim.split_once(' ')
        && let Some((name, number)) = head.split_once('#')
        && let Ok(number) = number.parse()
    {
        item = Some((find(&names.items, "子项", name, no, problems)?, number));
        claim = rest.trim();
    }
    if let Some((clock, due)) = claim.split_once(" 届满 ") {
        let clock = find(&names.clocks, "期限", clock.trim(), no, problems)?;
        let due = due.trim();
        if due == "未定" {
            return Some(ExampleBody::Due {
                at,
                item,
                clock,
                due: None,
                with_time: false,
            });
        }
        let (day, clock_time) = due
            .split_once(' ')
            .map_or((due, None), |(day, t)| (day, time(t)));
        let day = match super::lines::day(day) {
            Ok(day) => day,
            Err(why) => {
                problems.push(Problem::fault(no, format!("“{}”{why}", short(day))));
                return None;
            }
        };
        let with_time = clock_time.is_some();
        let due = day.to_datetime(clock_time.unwrap_or_else(Time::midnight));
        return Some(ExampleBody::Due {
            at,
            item,
            clock,
            due: Some(due),
            with_time,
        });
    }
    let condition = conditions::condition(claim, no, names, problems)?;
    Some(ExampleBody::Holds {
        at,
        item,
        condition,
    })
}

fn act(
    at: DateTime,
    text: &str,
    no: usize,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<ExampleBody> {
    let (before, form, after) = match matching(text) {
        Some((open, close)) => (
            &text[..open],
            &text[open + '（'.len_utf8()..close],
            &text[close + '）'.len_utf8()..],
        ),
        None => {
            let end = text
                .find(" 由 ")
                .or_else(|| text.find(" →"))
                .unwrap_or(text.len());
            (&text[..end], "", &text[end..])
        }
    };
    let mut head = before.split_whitespace();
    let name = head.next().unwrap_or_default();
    let step: StepId = find(&names.steps, "步骤", name, no, problems)?;
    let item_no = match head.next() {
        Some(word) => match word.strip_prefix('#').and_then(|n| n.parse().ok()) {
            Some(number) => Some(number),
            None => {
                problems.push(
                    Problem::fault(no, format!("“{word}”不是子项的号"))
                        .hint("应当写成 步骤 #1（字段 值）"),
                );
                None
            }
        },
        None => None,
    };
    let values = form
        .split('；')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .filter_map(|part| {
            let (name, value) = part.split_once(' ').or_else(|| {
                problems
                    .push(Problem::fault(no, format!("“{part}”没有值")).hint("应当写成 字段 值"));
                None
            })?;
            let (name, column) = name
                .split_once('.')
                .map_or((name, None), |(n, c)| (n, Some(c.to_owned())));
            let field = find(&names.fields, "字段", name, no, problems)?;
            Some((field, column, value.trim().to_owned()))
        })
        .collect();
    let (people, expected) = after
        .split_once('→')
        .map_or((after, ""), |(a, b)| (a, b.trim()));
    let by = people
        .trim()
        .strip_prefix('由')
        .map(|rest| super::lines::list(rest.trim()))
        .unwrap_or_default();
    let expect = expected_outcome(expected, no, problems)?;
    Some(ExampleBody::Act {
        at,
        step,
        item_no,
        values,
        by,
        expect,
    })
}

/// `准`, nothing, or `不准：片段[，最早 日期]`.
fn expected_outcome(text: &str, no: usize, problems: &mut Vec<Problem>) -> Option<Expect> {
    if matches!(text, "" | "准") {
        return Some(Expect::Permitted);
    }
    let Some(rest) = text.strip_prefix("不准：").filter(|rest| !rest.is_empty()) else {
        problems.push(
            Problem::fault(no, format!("“→ {}”读不懂", short(text)))
                .hint("应当写成 → 准 或者 → 不准：拒绝里的一段话"),
        );
        return None;
    };
    let (fragment, earliest) = match rest.rsplit_once("，最早 ") {
        Some((fragment, day)) => match super::lines::day(day.trim()) {
            Ok(day) => (fragment, Some(day)),
            Err(why) => {
                problems.push(Problem::fault(no, format!("“{}”{why}", short(day.trim()))));
                return None;
            }
        },
        None => (rest, None),
    };
    Some(Expect::Refused {
        fragment: fragment.trim().to_owned(),
        earliest,
    })
}

/// The first bracket and the one that closes it.
fn matching(text: &str) -> Option<(usize, usize)> {
    let arrow = text.find('→').unwrap_or(text.len());
    let open = text.find('（').filter(|open| *open < arrow)?;
    let mut depth = 0usize;
    for (at, letter) in text[open..].char_indices() {
        match letter {
            '（' => depth += 1,
            '）' => {
                depth -= 1;
                if depth == 0 {
                    return Some((open, open + at));
                }
            }
            _ => {}
        }
    }
    None
}
