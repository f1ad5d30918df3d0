//! 指标, 平衡 and 性质 lines.

use super::blocks::{Block, Numbered};
use super::conditions;
use super::lines::{Line, list};
use super::names::{Names, find};
use crate::problem::Problem;
use crate::procedure::{Balance, Formula, Indicator, Property, PropertyKind};

/// Reads an 指标 block.
pub fn indicators(
    block: &Block,
    names: &Names,
    indicators: &mut Vec<Indicator>,
    balances: &mut Vec<Balance>,
    problems: &mut Vec<Problem>,
) {
    for numbered in &block.lines {
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        if line.key == "平衡" {
            balances.extend(balance(&line, names, problems));
            continue;
        }
        let Some((name, code)) = line.key.split_once(' ') else {
            continue;
        };
        line.only(&["当", "维", "单位"], problems);
        let Some(formula) = formula(&line, names, problems) else {
            continue;
        };
        let when = line
            .qualifier("当")
            .and_then(|text| conditions::condition(text, line.no, names, problems));
        let by = line
            .qualifier("维")
            .map(list)
            .unwrap_or_default()
            .iter()
            .filter_map(|field| find(&names.fields, "字段", field, line.no, problems))
            .collect();
        let unit = match (line.qualifier("单位"), &formula) {
            (Some(unit), _) => unit.to_owned(),
            (None, Formula::Rate(..)) => "%".into(),
            (None, _) => "件".into(),
        };
        let source = numbered
            .text
            .split_once('：')
            .map(|(_, rest)| rest.to_owned())
            .unwrap_or_default();
        indicators.push(Indicator {
            name: name.trim().to_owned(),
            code: code.trim().to_owned(),
            formula,
            when,
            by,
            unit,
            source,
            line_no: line.no,
        });
    }
}

fn formula(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Option<Formula> {
    let main = line.main.as_str();
    if let Some(rest) = main.strip_prefix("计 不同 ") {
        let (field, step) = rest.split_once(" 于 ").or_else(|| {
            problems.push(
                Problem::fault(line.no, "“计 不同”读不懂").hint("应当写成 计 不同 字段 于 步骤"),
            );
            None
        })?;
        let field = find(&names.fields, "字段", field.trim(), line.no, problems)?;
        return Some(Formula::Distinct(
            field,
            find(&names.steps, "步骤", step.trim(), line.no, problems)?,
        ));
    }
    if let Some(rest) = main.strip_prefix("计 ") {
        return Some(Formula::Count(steps(rest, line.no, names, problems)?));
    }
    if let Some(rest) = main.strip_prefix("和 ") {
        let (quantity, step) = rest.rsplit_once(" 于 ").or_else(|| {
            problems.push(Problem::fault(line.no, "“和”读不懂").hint("应当写成 和 量 于 步骤"));
            None
        })?;
        let quantity = conditions::quantity(quantity, line.no, names, problems)?;
        return Some(Formula::Sum(
            quantity,
            steps(step, line.no, names, problems)?,
        ));
    }
    if let Some(rest) = main.strip_prefix("存 ") {
        let first = rest.split([' ', '（']).next().unwrap_or_default();
        if let Some(item) = names.items.get(first) {
            let inner = rest[first.len()..].trim();
            let inner = inner
                .strip_prefix('（')
                .and_then(|t| t.strip_suffix('）'))
                .unwrap_or(inner);
            return Some(Formula::StockOfItems(
                *item,
                conditions::condition(inner, line.no, names, problems)?,
            ));
        }
        return Some(Formula::StockOfCases(conditions::condition(
            rest, line.no, names, problems,
        )?));
    }
    if let Some((top, bottom)) = main.split_once('÷') {
        let top = find(&names.indicators, "指标", top.trim(), line.no, problems);
        let bottom = find(&names.indicators, "指标", bottom.trim(), line.no, problems);
        return Some(Formula::Rate(top?, bottom?));
    }
    let mut parts = Vec::new();
    let mut adds = true;
    for word in main.split_whitespace() {
        match word {
            "＋" => adds = true,
            "－" => adds = false,
            name => parts.push((
                adds,
                find(&names.indicators, "指标", name, line.no, problems)?,
            )),
        }
    }
    Some(Formula::Total(parts))
}

fn steps(
    text: &str,
    no: usize,
    names: &Names,
    problems: &mut Vec<Problem>,
) -> Option<Vec<crate::procedure::StepId>> {
    list(text)
        .iter()
        .map(|name| find(&names.steps, "步骤", name, no, problems))
        .collect()
}

/// 平衡：期初 存 ＋ 流入 ＝ 流出 ＋ 期末 存.
fn balance(line: &Line, names: &Names, problems: &mut Vec<Problem>) -> Option<Balance> {
    let bad = || {
        Problem::fault(line.no, "平衡式读不懂")
            .hint("应当写成 平衡：期初 存 ＋ 流入 ＝ 流出 ＋ 期末 存")
    };
    let Some((left, right)) = line.main.split_once('＝') else {
        problems.push(bad());
        return None;
    };
    let mut stock = None;
    let mut flow = |side: &str, edge: &str, problems: &mut Vec<Problem>| -> Option<Vec<_>> {
        let mut found = Vec::new();
        for part in side.split('＋') {
            let part = part.trim();
            if let Some(name) = part.strip_prefix(edge) {
                let id = find(&names.indicators, "指标", name.trim(), line.no, problems)?;
                if stock.is_some_and(|known| known != id) {
                    problems.push(Problem::fault(line.no, "期初和期末不是同一个指标"));
                }
                stock = Some(id);
            } else {
                found.push(find(&names.indicators, "指标", part, line.no, problems)?);
            }
        }
        Some(found)
    };
    let inflow = flow(left, "期初", problems)?;
    let outflow = flow(right, "期末", problems)?;
    let Some(stock) = stock else {
        problems.push(bad());
        return None;
    };
    Some(Balance {
        stock,
        inflow,
        outflow,
        source: line.main.clone(),
        line_no: line.no,
    })
}

/// Reads a 性质 block.
pub fn properties(
    block: &Block,
    names: &Names,
    properties: &mut Vec<Property>,
    problems: &mut Vec<Problem>,
) {
    for numbered in &block.lines {
        let numbered: &Numbered = numbered;
        let Some(line) = Line::split(numbered, problems) else {
            continue;
        };
        line.only(&[], problems);
        let kind = match line.key.as_str() {
            "禁止" => PropertyKind::Never,
            "可达" => PropertyKind::Sometimes,
            "终将" => PropertyKind::Eventually,
            other => {
                problems.push(
                    Problem::fault(line.no, format!("没有“{other}”这种性质"))
                        .hint("只有 禁止、可达、终将"),
                );
                continue;
            }
        };
        if let Some(condition) = conditions::condition(&line.main, line.no, names, problems) {
            properties.push(Property {
                kind,
                condition,
                basis: line.basis(),
                source: line.main.clone(),
                line_no: line.no,
            });
        }
    }
}
