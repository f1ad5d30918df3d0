//! What a computed report is told before anybody signs it (程序发现的问题), and how a definition reads in plain words.

use crate::figures::Figure;

/// Equal counts above a hundred in two registers: perhaps copied by hand somewhere, worth a look (X02).
pub(super) fn twins(figures: &[Figure]) -> Vec<String> {
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

/// Rates above one hundred in a hundred: the numerator counts what the denominator does not.
pub(super) fn above_the_whole(figures: &[Figure]) -> Vec<String> {
    figures
        .iter()
        .filter(|f| f.unit == "%" && f.numerator > f.denominator)
        .map(|f| {
            format!(
                "“{}”的分子 {} 多于分母 {}，两边的口径对不上",
                f.label,
                f.numerator.unwrap_or_default(),
                f.denominator.unwrap_or_default()
            )
        })
        .collect()
}

/// A line of a 指标 block as a sentence for readers who do not know the law language.
pub fn plain(source: &str) -> String {
    let mut parts = source.split('｜').map(str::trim);
    let first = parts.next().unwrap_or_default();
    let formula = first
        .split_once('：')
        .map_or(first, |(_, formula)| formula.trim());
    let mut out = sentence(formula);
    for part in parts {
        match part.split_once('：') {
            Some(("当", condition)) => out.push_str(&format!("，只计“{condition}”的")),
            Some(("维", fields)) => out.push_str(&format!("，按{fields}分列")),
            Some(("以", _)) => out.push_str("，互相登记为同一事项的只计一次"),
            _ => {}
        }
    }
    out.push('。');
    out
}

fn sentence(formula: &str) -> String {
    let either = |steps: &str| steps.replace('、', "”或者“");
    if let Some(rest) = formula.strip_prefix("计 不同 ")
        && let Some((field, step)) = rest.split_once(" 于 ")
    {
        return format!("“{}”时登记的“{field}”，相同的只计一次", either(step));
    }
    if let Some(steps) = formula.strip_prefix("计 ") {
        return format!("期间内每办一次“{}”计一", either(steps));
    }
    if let Some(rest) = formula.strip_prefix("和 ")
        && let Some((field, step)) = rest.split_once(" 于 ")
    {
        return format!("期间内每次“{}”时的“{field}”相加", either(step));
    }
    if let Some(rest) = formula.strip_prefix("存 在 ")
        && !rest.contains(' ')
    {
        return format!("截止时停在“{}”的", either(rest));
    }
    if let Some(rest) = formula.strip_prefix("存 ") {
        return format!("截止时符合“{rest}”的");
    }
    if let Some(kind) = formula.strip_prefix("证件 ") {
        return format!("截止日{kind}有效的本镇人员，不含派驻");
    }
    if formula == "在岗人员" {
        return "截止日在岗的本镇人员，不含派驻".into();
    }
    if let Some(name) = formula.strip_prefix("清单 ") {
        return format!("截止日有效并已公布的“{name}”条目");
    }
    if formula.starts_with("并集 ") {
        return "两本台账的清单合并".into();
    }
    if formula.starts_with("重合 ") {
        return "两本台账里都有的事项".into();
    }
    if let Some((top, bottom)) = formula.split_once(" ÷ ") {
        return format!("“{top}”除以“{bottom}”");
    }
    if formula.contains(" ＋ ") || formula.contains(" － ") {
        let words = formula.replace(" ＋ ", "”加“").replace(" － ", "”减“");
        return format!("“{words}”");
    }
    formula.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn figure(indicator: &str, micros: Option<i64>, unit: &str) -> Figure {
        Figure {
            indicator: indicator.into(),
            label: indicator.into(),
            micros,
            unit: unit.into(),
            numerator: None,
            denominator: None,
            definition: String::new(),
            cutoff: String::new(),
            log_size: 0,
            by: BTreeMap::new(),
        }
    }

    fn rate(top: i64, bottom: i64) -> Figure {
        Figure {
            numerator: Some(top),
            denominator: Some(bottom),
            ..figure("a.rate", Some(top * 1_000_000 / bottom), "%")
        }
    }

    #[test]
    fn equal_counts_in_two_registers_are_pointed_out() {
        let all = [
            figure("dispute.n", Some(635_000_000), "件"),
            figure("hotline_ticket.n", Some(635_000_000), "件"),
            figure("hotline_ticket.m", Some(635_000_000), "件"),
            figure("petition.n", Some(12_000_000), "件"),
            figure("inspection_item.n", Some(12_000_000), "件"),
        ];
        let found = twins(&all);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("635"), "{found:?}");
    }

    #[test]
    fn rates_print_to_two_places_and_never_round_up_to_the_whole() {
        for (top, bottom, text) in [
            (635, 642, "98.91%"),
            (632, 637, "99.22%"),
            (635, 635, "100.00%"),
            (610, 628, "97.13%"),
            (99_999, 100_000, "99.99%"),
        ] {
            assert_eq!(rate(top, bottom).text(), text);
        }
        assert_eq!(figure("a.b", None, "%").text(), "无此类事项（0 件）");
    }

    #[test]
    fn a_rate_above_the_whole_is_pointed_out() {
        assert_eq!(above_the_whole(&[rate(635, 642)]).len(), 0);
        assert_eq!(above_the_whole(&[rate(643, 642)]).len(), 1);
    }

    #[test]
    fn definitions_read_as_sentences() {
        for (source, says) in [
            (
                "办结数 closed：计 办结 ｜当：办结 次数 等于 1 ｜维：工单类型 ｜单位：件",
                "期间内每办一次“办结”计一，只计“办结 次数 等于 1”的，按工单类型分列。",
            ),
            ("计 记录学法 ｜单位：次", "期间内每办一次“记录学法”计一。"),
            ("率 rate：办结数 ÷ 承办工单", "“办结数”除以“承办工单”。"),
            (
                "部数 laws：计 不同 法律 于 登记法律 ｜单位：部",
                "“登记法律”时登记的“法律”，相同的只计一次。",
            ),
            (
                "在办 open：存 在 已受理、调解中",
                "截止时停在“已受理”或者“调解中”的。",
            ),
            (
                "承办 n：派单数 － 退单数 － 并单数",
                "“派单数”减“退单数”减“并单数”。",
            ),
        ] {
            assert_eq!(plain(source), says);
        }
    }
}
