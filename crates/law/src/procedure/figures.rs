//! What is counted (指标、平衡).

use super::{Condition, FieldId, IndicatorId, ItemId, Quantity, StepId};

/// 指标.
#[derive(Debug, Clone)]
pub struct Indicator {
    /// The Chinese name.
    pub name: String,
    /// The name for programs.
    pub code: String,
    /// What it counts.
    pub formula: Formula,
    /// 当
    pub when: Option<Condition>,
    /// 维
    pub by: Vec<FieldId>,
    /// 单位; 件 if not written.
    pub unit: String,
    /// The line as written: the definition shown to readers.
    pub source: String,
    /// Its line in the law file.
    pub line_no: usize,
}

/// What an indicator counts.
#[derive(Debug, Clone)]
pub enum Formula {
    /// 计 步骤、步骤
    Count(Vec<StepId>),
    /// 计 不同 字段 于 步骤
    Distinct(FieldId, StepId),
    /// 和 量 于 步骤
    Sum(Quantity, Vec<StepId>),
    /// 存 条件
    StockOfCases(Condition),
    /// 存 子项 （条件）
    StockOfItems(ItemId, Condition),
    /// 指标 ÷ 指标
    Rate(IndicatorId, IndicatorId),
    /// 指标 ＋ 指标 － 指标; `true` adds.
    Total(Vec<(bool, IndicatorId)>),
}

/// 平衡：期初 存 ＋ 流入 ＝ 流出 ＋ 期末 存.
#[derive(Debug, Clone)]
pub struct Balance {
    /// The 存 indicator read at both ends.
    pub stock: IndicatorId,
    /// What was added between the two ends.
    pub inflow: Vec<IndicatorId>,
    /// What left between the two ends.
    pub outflow: Vec<IndicatorId>,
    /// The line as written.
    pub source: String,
    /// Its line in the law file.
    pub line_no: usize,
}
