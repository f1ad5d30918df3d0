//! Terms (期限): what starts, pauses, extends and ends them.

use super::{Basis, ClockId, FieldId, Guard, ItemId, PublicationId, Quantity, RoleId, StepId};

/// Something a clock listens to: a fact of a step, or the expiry of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happening {
    /// A step was taken.
    Step(StepId),
    /// A clock ran out.
    Expiry(ClockId),
}

/// An event line with its 当 and 版.
#[derive(Debug, Clone)]
pub struct Event {
    /// What is listened to.
    pub happening: Happening,
    /// When it counts.
    pub guard: Guard,
    /// 起 `步骤 之 日期字段`: the clock starts on the day in that field.
    pub day_from: Option<FieldId>,
}

/// 单位 of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 工作日
    WorkingDay,
    /// 日
    Day,
    /// 月
    Month,
    /// 年
    Year,
    /// 小时
    Hour,
}

/// 长 or 到.
#[derive(Debug, Clone)]
pub enum Length {
    /// 长：量 单位.
    Term(Quantity, Unit),
    /// 到：the day in a field.
    Until(FieldId),
}

/// 停: a pause opens at `from` and closes at any of `to`.
#[derive(Debug, Clone)]
pub struct Pause {
    /// What opens the pause.
    pub from: Vec<Event>,
    /// What closes it.
    pub to: Vec<Event>,
    /// Why those days do not count.
    pub basis: Basis,
}

/// 延: `步骤 加 字段 至多 量 限 N 次`.
#[derive(Debug, Clone)]
pub struct Extension {
    /// The step that extends.
    pub step: StepId,
    /// Its field that says by how much.
    pub add: FieldId,
    /// The longest extension.
    pub at_most: Quantity,
    /// How often.
    pub times: u8,
    /// When it is allowed.
    pub guard: Guard,
    /// What allows it.
    pub basis: Basis,
}

/// 期限.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The Chinese name, as rules cite it.
    pub name: String,
    /// The name for programs.
    pub code: String,
    /// `Some`: each item of that kind has its own.
    pub item: Option<ItemId>,
    /// `Some`: made by a 公开 block.
    pub publication: Option<PublicationId>,
    /// 起: only while 未起.
    pub starts: Vec<Event>,
    /// 重起: every time.
    pub restarts: Vec<Event>,
    /// The first whose guard holds.
    pub lengths: Vec<(Length, Guard, Basis)>,
    /// 停: days that do not count.
    pub pauses: Vec<Pause>,
    /// 延: how it may be made longer.
    pub extensions: Vec<Extension>,
    /// 止. A clock without any is a mere period and cannot be breached.
    pub stops: Vec<Event>,
    /// 销.
    pub cancels: Vec<Event>,
    /// 视为: the deemed step at expiry.
    pub deems: Option<(StepId, Basis)>,
    /// 责: name of the role that owes; `None` is the organ (本机关).
    pub owed_by: Option<RoleId>,
    /// Its line in the law file.
    pub line_no: usize,
}
