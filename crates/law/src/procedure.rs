//! A procedure (程序) as read from a law file: the resolved tree that the engine, the prover, the pages and the counts share.
//!
//! Every name is resolved to an index by `parse`; nothing above the parser looks names up in text. A `公开` block is
//! already expanded here into its steps and clocks (law language §3.6), so nobody else needs to know of it.

mod clocks;
mod conditions;
mod fields;
mod figures;
mod people;
mod properties;
mod steps;

use jiff::civil::Date;

pub use clocks::{Clock, Event, Extension, Happening, Length, Pause, Unit};
pub use conditions::{ClockTest, Comparison, Condition, FieldRef, Quantity, Span};
pub use fields::{Definition, DefinitionBody, Field, FieldKind, Openness};
pub use figures::{Balance, Formula, Indicator};
pub use people::{Actors, Incompatible, Qualification, Role, Side};
pub use properties::{Example, ExampleBody, ExampleLine, Expect, Property, PropertyKind};
pub use steps::{
    FormField, Item, Line, Link, LinkKind, Paper, Publication, Requirement, Stage, Step, Transition,
};

/// Declares an index newtype into one of the vectors of [`Procedure`].
macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);
        impl $name {
            /// The position in its vector.
            pub fn at(self) -> usize { usize::from(self.0) }
        }
    )+};
}
index! {
    /// A step (步骤), see [`Procedure::steps`].
    StepId,
    /// A line of stages (阶段线), see [`Procedure::lines`]. Line 0 is 主线, the case itself.
    LineId,
    /// A stage (阶段), see [`Procedure::stages`].
    StageId,
    /// A field (字段), see [`Procedure::fields`].
    FieldId,
    /// A clock (期限), see [`Procedure::clocks`].
    ClockId,
    /// An item kind (子项), see [`Procedure::items`].
    ItemId,
    /// A definition (定义), see [`Procedure::definitions`].
    DefinitionId,
    /// A role (角色), see [`Procedure::roles`].
    RoleId,
    /// A listing (清单), see [`Procedure::listings`].
    ListingId,
    /// A version (版), see [`Procedure::versions`].
    VersionId,
    /// An indicator (指标), see [`Procedure::indicators`].
    IndicatorId,
    /// A publication (公开), see [`Procedure::publications`].
    PublicationId,
}

/// One law file, resolved.
#[derive(Debug, Clone)]
pub struct Procedure {
    /// The Chinese title (line 1 of the file).
    pub title: String,
    /// The prose between the title and the first fence: what the procedure is, for the service guide.
    pub summary: String,
    /// 代号.
    pub code: String,
    /// First day in force (施行 … 起).
    pub in_force_from: Date,
    /// Last day in force (止), if it has ended.
    pub in_force_until: Option<Date>,
    /// 依据, as written.
    pub basis: String,
    /// 编号: forms joined by 或, each with `{机关代字}` `{年}` `{序}` or `{字段}`; the first whose parts are known counts.
    pub numbering: String,
    /// 起步: the step that opens a case.
    pub starts_with: StepId,
    /// 保管, in years; `None` is 永久.
    pub retention_years: Option<u16>,
    /// 机制: M-numbers of the mechanisms served.
    pub mechanisms: Vec<String>,
    /// 知悉: its cases are closed to whoever has nothing to do with them.
    pub known_to: Option<KnownTo>,
    /// 清单 read by this file.
    pub listings: Vec<Listing>,
    /// 版.
    pub versions: Vec<Version>,
    /// 角色.
    pub roles: Vec<Role>,
    /// 不兼.
    pub incompatible: Vec<Incompatible>,
    /// Lines of stages; case lines first, then those of items. Line 0 is 主线.
    pub lines: Vec<Line>,
    /// All stages of all lines.
    pub stages: Vec<Stage>,
    /// 字段.
    pub fields: Vec<Field>,
    /// 定义.
    pub definitions: Vec<Definition>,
    /// 子项.
    pub items: Vec<Item>,
    /// 步骤, those made by 公开 included.
    pub steps: Vec<Step>,
    /// 期限, those made by 公开 included.
    pub clocks: Vec<Clock>,
    /// 公开.
    pub publications: Vec<Publication>,
    /// 指标.
    pub indicators: Vec<Indicator>,
    /// 平衡.
    pub balances: Vec<Balance>,
    /// 性质.
    pub properties: Vec<Property>,
    /// 例, as written (names are checked, values are text).
    pub examples: Vec<Example>,
    /// 未尽: what is not formalised, one line each.
    pub left_unsaid: Vec<String>,
    /// Headings of the prose with the line they stand on, to group steps on the guide and the flow chart.
    pub headings: Vec<(usize, String)>,
}

/// 知悉：承办. Cases are known to those who work on them, to holders of the posts and certificates that the file names, and to
/// leaders; never to those whom 除 names, whatever they are.
#[derive(Debug, Clone)]
pub struct KnownTo {
    /// 除: fields that name accused persons or units.
    pub except_fields: Vec<FieldId>,
    /// 除: roles in which an accused person is heard.
    pub except_roles: Vec<RoleId>,
    /// Why the matter is closed.
    pub basis: Basis,
}

/// The force of a rule (效力), strongest first. Only a breach of [`Force::Statute`] may be called 违法.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Force {
    /// 法定: law, administrative regulation, judicial interpretation.
    Statute,
    /// 国规: document or rule of the State Council and its departments.
    NationalRule,
    /// 省市规: provincial or city rule.
    LocalRule,
    /// 党规: party rule.
    PartyRule,
    /// 参照: applies to others, followed here.
    ByReference,
    /// 镇规: the town's own rule.
    TownRule,
    /// 建议: a proposal of this project, no rule.
    Advice,
}

/// What a rule rests on: `效力：法名 第N条…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// How strong the rule is.
    pub force: Force,
    /// The citation or, for 建议 and 镇规, the sentence; as written, without the 〔未核〕 mark.
    pub text: String,
    /// Marked 〔未核〕: nobody on the project has read the source.
    pub unverified: bool,
}

/// Conditions under which a rule line exists or applies: 版 and 当, either may be absent.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// 版: the line exists only under this version.
    pub version: Option<VersionId>,
    /// 当.
    pub when: Option<Condition>,
}

/// 清单 as declared: `名（列、列）`.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Its name, as 列于 and 清单项 cite it.
    pub name: String,
    /// Columns that rules may read with 之.
    pub columns: Vec<String>,
}

/// 版: a period, and whether the day of the case's first fact (起始日) or of the step (步骤日) chooses.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its name, as 版 cites it.
    pub name: String,
    /// First day in force; open if absent.
    pub from: Option<Date>,
    /// Last day in force; open if absent.
    pub until: Option<Date>,
    /// Marked 〔未核〕: nobody on the project has read when it begins or ends.
    pub unverified: bool,
    /// True: 步骤日; false: 起始日.
    pub by_step_day: bool,
}
