//! What must never be and what must come of it (性质、例).

use super::{Basis, ClockId, Condition, FieldId, IndicatorId, ItemId, StepId};
use jiff::civil::Date;

/// 性质.
#[derive(Debug, Clone)]
pub struct Property {
    /// Never, sometimes or eventually.
    pub kind: PropertyKind,
    /// Of what.
    pub condition: Condition,
    /// What it rests on; only 禁止 has one.
    pub basis: Option<Basis>,
    /// The condition as written.
    pub source: String,
    /// Its line in the law file.
    pub line_no: usize,
}

/// 禁止, 可达, 终将.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyKind {
    /// 禁止: in no state.
    Never,
    /// 可达: in at least one example.
    Sometimes,
    /// 终将: from every state some way leads there.
    Eventually,
}

/// 例.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its first line.
    pub name: String,
    /// 承
    pub continues: Option<String>,
    /// What happens, in order.
    pub lines: Vec<ExampleLine>,
    /// Its line in the law file.
    pub line_no: usize,
}

/// One line of an example.
#[derive(Debug, Clone)]
pub struct ExampleLine {
    /// Its line in the law file.
    pub line_no: usize,
    /// What it says.
    pub body: ExampleBody,
}

/// What an example line says.
#[derive(Debug, Clone)]
pub enum ExampleBody {
    /// 假设：指标 数
    Given(IndicatorId, crate::value::Ratio),
    /// `日期 [时刻] 步骤 [#号]（…）[由 人、人] [→ 准 | → 不准：片段[，最早 日期]]`
    Act {
        /// The legal instant.
        at: jiff::civil::DateTime,
        /// Which step.
        step: StepId,
        /// `子项#号`.
        item_no: Option<u32>,
        /// Field, column (for `字段.列`), text as written.
        values: Vec<(FieldId, Option<String>, String)>,
        /// 由: persons; made up by role if absent.
        by: Vec<String>,
        /// What must come of it.
        expect: Expect,
    },
    /// `日期 → [子项#号] 条件`
    Holds {
        /// When it is asked.
        at: jiff::civil::DateTime,
        /// Of which item, if of one.
        item: Option<(ItemId, u32)>,
        /// What must hold.
        condition: Condition,
    },
    /// `日期 → [子项#号] 期限 届满 日期|未定`
    Due {
        /// When it is asked.
        at: jiff::civil::DateTime,
        /// Of which item, if of one.
        item: Option<(ItemId, u32)>,
        /// Which clock.
        clock: ClockId,
        /// The last day or instant; `None` is 未定.
        due: Option<jiff::civil::DateTime>,
        /// Compare the time of day too.
        with_time: bool,
    },
}

/// What must come of an act.
#[derive(Debug, Clone)]
pub enum Expect {
    /// 准, or nothing written.
    Permitted,
    /// 不准：fragment, earliest day.
    Refused {
        /// Text that a ground must contain.
        fragment: String,
        /// The first lawful day that must be named.
        earliest: Option<Date>,
    },
}
