//! What has happened, what may happen next, and why not (准与不准). Law language §3.

use crate::calendar::Calendar;
use crate::procedure::{FieldId, Force, Procedure, Qualification, RoleId, Span, StepId};
use crate::value::{Ratio, Value};
use jiff::civil::{Date, DateTime};
use std::collections::BTreeMap;

/// A step that was done (事实).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Serial number in the case, from 1.
    pub n: u32,
    pub step: StepId,
    /// Legal instant, local civil time.
    pub at: DateTime,
    /// When it was written down; never before `at`.
    pub recorded: DateTime,
    /// Number of the item (`子项#号`), for item steps.
    pub item: Option<u32>,
    /// Person ids by role.
    pub actors: Vec<(RoleId, Vec<String>)>,
    pub values: BTreeMap<FieldId, Value>,
    pub waivers: Vec<Waiver>,
}

/// A requirement set aside (免) by a person of the 可免 role, with a reason; counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Line of the 须 in the law file.
    pub line_no: usize,
    pub person: String,
    pub reason: String,
}

/// All facts of one case, in order of (`at`, `n`).
#[derive(Debug, Clone, Default)]
pub struct History {
    pub facts: Vec<Fact>,
}

/// What somebody wants to do.
#[derive(Debug, Clone)]
pub struct Act {
    pub step: StepId,
    pub at: DateTime,
    pub recorded: DateTime,
    /// For item steps; for the step that opens an item, `None` takes the next number.
    pub item: Option<u32>,
    pub actors: Vec<(RoleId, Vec<String>)>,
    pub values: BTreeMap<FieldId, Value>,
    pub waivers: Vec<Waiver>,
}

/// What the engine asks of the outside world: posts, certificates, counts. Listings are already in the values ([`Value::Entry`]).
pub trait Register {
    /// Does this person hold the post or certificate on that day?
    fn qualified(&self, person: &str, qualification: &Qualification, on: Date) -> bool;
    /// `指标 按 字段 期间` of this procedure, up to `on`; `None` if it cannot be known.
    fn indicator(
        &self,
        indicator: &str,
        same: &[(FieldId, &Value)],
        span: Span,
        on: Date,
    ) -> Option<Ratio>;
}

/// Leave to write. Only [`permit`] makes one: what the law did not allow cannot be written.
#[derive(Debug)]
pub struct Permit {
    deemed: Vec<Fact>,
    fact: Fact,
}

impl Permit {
    /// Deemed steps that fell due before the act, to be written first.
    pub fn deemed(&self) -> &[Fact] {
        &self.deemed
    }
    /// The fact to write.
    pub fn fact(&self) -> &Fact {
        &self.fact
    }
}

/// The law or the form says no (不准). Lists every failed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub step: String,
    pub grounds: Vec<Ground>,
    /// First day on which the same act would be permitted if nothing else happened; within 400 days.
    pub earliest: Option<Date>,
}

/// One failed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    pub kind: GroundKind,
    /// Absent for plain form and stage faults.
    pub force: Option<Force>,
    /// Citation as written, or empty.
    pub citation: String,
    pub unverified: bool,
    /// One Chinese sentence.
    pub sentence: String,
    /// Line in the law file, 0 if none.
    pub line_no: usize,
    /// The form field at fault.
    pub field: Option<FieldId>,
    /// Who may waive it.
    pub waivable_by: Option<RoleId>,
}

/// Where the no comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroundKind {
    Stage,
    Order,
    Item,
    Person,
    Form,
    Requirement,
    Extension,
}

/// May this act be done? See law language §3.4.
pub fn permit(
    _procedure: &Procedure,
    _calendar: &Calendar,
    _history: &History,
    _register: &dyn Register,
    _act: Act,
) -> Result<Permit, Refusal> {
    unreachable!()
}

/// 效力 as a word for refusals.
impl Force {
    /// What a breach may be called (违法 only for 法定).
    pub fn breach_word(self) -> &'static str {
        match self {
            Force::Statute => "违法",
            Force::NationalRule => "不合国家规定",
            Force::LocalRule => "不合省市规定",
            Force::PartyRule => "不合党内法规",
            Force::ByReference => "不合参照程序",
            Force::TownRule => "不合镇规",
            Force::Advice => "提示",
        }
    }
}
