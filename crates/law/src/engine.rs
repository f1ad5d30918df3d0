//! What has happened, what may happen next, and why not (准与不准). Law language §3.

pub(crate) mod eval;
pub(crate) mod fold;
mod judge;
pub(crate) mod standing;

use crate::calendar::Calendar;
use crate::procedure::{FieldId, Force, Procedure, Qualification, RoleId, Span, StepId};
use crate::value::{Ratio, Value};
use jiff::civil::{Date, DateTime};
use std::collections::BTreeMap;

pub use judge::permit;
pub use standing::{Choice, ClockRun, Entry, ItemStatus, Status, Verdict, options, status};

/// A step that was done (事实).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Serial number in the case, from 1.
    pub n: u32,
    /// The step.
    pub step: StepId,
    /// Legal instant, local civil time.
    pub at: DateTime,
    /// When it was written down; never before `at`.
    pub recorded: DateTime,
    /// Number of the item (`子项#号`), for item steps.
    pub item: Option<u32>,
    /// Person ids by role.
    pub actors: Vec<(RoleId, Vec<String>)>,
    /// What was filled in.
    pub values: BTreeMap<FieldId, Value>,
    /// Requirements set aside.
    pub waivers: Vec<Waiver>,
}

/// A requirement set aside (免) by a person of the 可免 role, with a reason; counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Line of the 须 in the law file.
    pub line_no: usize,
    /// Who.
    pub person: String,
    /// Why.
    pub reason: String,
}

/// All facts of one case, in order of (`at`, `n`).
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The facts.
    pub facts: Vec<Fact>,
}

/// What somebody wants to do.
#[derive(Debug, Clone)]
pub struct Act {
    /// The step.
    pub step: StepId,
    /// Legal instant.
    pub at: DateTime,
    /// When it is written down.
    pub recorded: DateTime,
    /// For item steps; for the step that opens an item, `None` takes the next number.
    pub item: Option<u32>,
    /// Person ids by role.
    pub actors: Vec<(RoleId, Vec<String>)>,
    /// What is filled in.
    pub values: BTreeMap<FieldId, Value>,
    /// Requirements to be set aside.
    pub waivers: Vec<Waiver>,
}

/// What the engine asks of the outside world: posts, certificates, counts. Listings are already in the values
/// ([`Value::Entry`]).
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
///
/// ```compile_fail
/// fn forge(fact: law::engine::Fact) -> law::engine::Permit {
///     law::engine::Permit { deemed: Vec::new(), fact, idle: Vec::new() }
/// }
/// ```
#[derive(Debug)]
pub struct Permit {
    deemed: Vec<Fact>,
    fact: Fact,
    idle: Vec<Waiver>,
}

impl Permit {
    /// Deemed steps that fell due before the act, to be written first.
    pub fn deemed(&self) -> &[Fact] {
        &self.deemed
    }

    /// The fact to write, with the waivers that were needed.
    pub fn fact(&self) -> &Fact {
        &self.fact
    }

    /// Waivers that were sent and set nothing aside, because their requirement was met, does not apply or cannot be waived.
    /// They are not part of the fact: nothing was waived, and nothing is to be counted.
    pub fn idle_waivers(&self) -> &[Waiver] {
        &self.idle
    }
}

/// The law or the form says no (不准). Lists every failed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The step's name.
    pub step: String,
    /// Every failed line, the strongest force first.
    pub grounds: Vec<Ground>,
    /// First day on which the same act would be permitted if nothing else happened; within 400 days.
    pub earliest: Option<Date>,
}

/// One failed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// Where the no comes from.
    pub kind: GroundKind,
    /// Absent for plain form and stage faults.
    pub force: Option<Force>,
    /// Citation as written, or empty.
    pub citation: String,
    /// Nobody on the project has read the source.
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
    /// The line stands elsewhere.
    Stage,
    /// Before the last fact, or before the case began.
    Order,
    /// No such item.
    Item,
    /// Not enough persons, not qualified, recused, incompatible.
    Person,
    /// Missing or wrong field.
    Form,
    /// A 须.
    Requirement,
    /// An extension too late, too long, or too often.
    Extension,
}

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

    /// The word of the law file.
    pub fn word(self) -> &'static str {
        match self {
            Force::Statute => "法定",
            Force::NationalRule => "国规",
            Force::LocalRule => "省市规",
            Force::PartyRule => "党规",
            Force::ByReference => "参照",
            Force::TownRule => "镇规",
            Force::Advice => "建议",
        }
    }
}

/// A fold to an instant, for everything in this crate that reads a history.
pub(crate) fn fold_to<'a>(
    procedure: &'a Procedure,
    calendar: &'a Calendar,
    history: &History,
    register: &'a dyn Register,
    at: DateTime,
) -> fold::Fold<'a> {
    fold::Fold::new(procedure, calendar, register).to(&history.facts, at)
}
