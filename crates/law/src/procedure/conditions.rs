//! Conditions and quantities (条件、量).

use super::{ClockId, DefinitionId, FieldId, IndicatorId, ItemId, ListingId, StageId, StepId};

/// 条件.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// 且: all of them.
    And(Vec<Condition>),
    /// 或: at least one.
    Or(Vec<Condition>),
    /// 非.
    Not(Box<Condition>),
    /// 已 (true) or 未 (false) of a step.
    Done(StepId, bool),
    /// 在
    At(Vec<StageId>),
    /// 期限 未起 / 未满 / 已满 / 已止
    Clock(ClockId, ClockTest),
    /// 字段式 为 值、值
    Is(FieldRef, Vec<String>),
    /// 字段 含 值、值
    Contains(FieldId, Vec<String>),
    /// 有值 (true) / 无值 (false)
    Present(FieldRef, bool),
    /// 字段 列于 清单
    Listed(FieldId, ListingId),
    /// 字段 不超出 字段
    Within(FieldId, FieldId),
    /// 每个 子项 （…）
    Each(ItemId, Box<Condition>),
    /// 有 子项 （…）
    Some(ItemId, Box<Condition>),
    /// Two quantities; false if one of them is absent.
    Compare(Quantity, Comparison, Quantity),
    /// A condition that has a name.
    Defined(DefinitionId),
}

/// The four tests of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockTest {
    /// 未起
    NotStarted,
    /// 未满
    Running,
    /// 已满
    Expired,
    /// 已止
    Met,
}

/// 比较; the date words (晚于 …) map onto the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// 多于, 晚于
    More,
    /// 少于, 早于
    Less,
    /// 不多于, 不晚于
    AtMost,
    /// 不少于, 不早于
    AtLeast,
    /// 等于
    Equal,
}

/// 字段 [之 列名]: a column of the listing entry, or 类别 of a party.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldRef {
    /// The field.
    pub field: FieldId,
    /// 之: a column of its entry, or 类别 of a party.
    pub column: Option<String>,
}

/// 量. Dates are quantities too (days); a difference of dates is a number of days.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// As written.
    Number(crate::value::Ratio),
    /// What was filled in.
    Field(FieldRef),
    /// A quantity that has a name.
    Defined(DefinitionId),
    /// 今日: the day of the question.
    Today,
    /// 步骤 次数
    Times(StepId),
    /// 步骤 人数: different persons over all live facts of the step.
    StepPersons(StepId),
    /// 步骤 之 日
    DayOf(StepId),
    /// 人员字段 人数
    FieldPersons(FieldId),
    /// 期限 届满日
    DueOn(ClockId),
    /// 期限 逾期日数
    DaysLate(ClockId),
    /// 指标 按 字段 本年…
    Per(IndicatorId, Vec<FieldId>, Span),
    /// 取小.
    Min(Box<Quantity>, Box<Quantity>),
    /// 取大.
    Max(Box<Quantity>, Box<Quantity>),
    /// ＋
    Add(Box<Quantity>, Box<Quantity>),
    /// －
    Sub(Box<Quantity>, Box<Quantity>),
    /// ×
    Mul(Box<Quantity>, Box<Quantity>),
    /// ÷, exact; absent if divided by zero.
    Div(Box<Quantity>, Box<Quantity>),
}

/// 本年 / 本月 / 近 N 年.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// 本年
    ThisYear,
    /// 本月
    ThisMonth,
    /// 近 N 年
    LastYears(u8),
}
