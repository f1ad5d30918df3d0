//! Values of fields (字段的值) and exact numbers.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An exact number: `numerator / denominator`, in lowest terms, denominator positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

/// A value filled into a form. Text forms are what the ledger stores; see `docs/ledger-format.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// 文, 地点, 机构, 法条, 选项.
    Text(String),
    /// 数, as decimal text with at most six places (`"12.5"`).
    Number(String),
    /// 金额, in 分.
    Fen(i64),
    /// 日期.
    Date(Date),
    /// 时刻.
    Instant(DateTime),
    /// 是否.
    YesNo(bool),
    /// 多选.
    Choices(Vec<String>),
    /// 当事人: identity by id; `class` is 类别 (公民, 企业, 个体工商户 …). The name lives with the party, not here.
    Party { id: String, class: String },
    /// 人员: ids.
    People(Vec<String>),
    /// 附件: SHA-256 in hex, in the order attached.
    Files(Vec<String>),
    /// 清单项: key, the listings in which it stood in force and published that day, and the columns read that day.
    Entry {
        key: String,
        listed_in: Vec<String>,
        columns: BTreeMap<String, String>,
    },
    /// 案件: ids.
    Cases(Vec<String>),
}
