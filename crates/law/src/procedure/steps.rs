//! Stages, items and steps (阶段、子项、步骤), and what steps make.

use super::{
    Actors, Basis, ClockId, Condition, FieldId, Guard, ItemId, LineId, PublicationId, RoleId,
    StageId, StepId,
};

/// A line of stages. The first stage is where it begins.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its name; 主线 for the first.
    pub name: String,
    /// Its stages in the order written; it begins in the first.
    pub stages: Vec<StageId>,
    /// `None`: a line of the case.
    pub item: Option<ItemId>,
    /// Its line in the law file.
    pub line_no: usize,
}

/// 阶段.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The Chinese name, unique in the file.
    pub name: String,
    /// The line that it belongs to.
    pub line: LineId,
    /// 终: nothing follows; on 主线 the case is over.
    pub is_final: bool,
}

/// 子项: one kind of item inside a case.
#[derive(Debug, Clone)]
pub struct Item {
    /// The Chinese name, as 每个 and 有 cite it.
    pub name: String,
    /// The name for programs.
    pub code: String,
    /// 起步: the step that opens one more.
    pub starts_with: StepId,
    /// The stages that each of them goes through by itself.
    pub line: LineId,
    /// Its line in the law file.
    pub line_no: usize,
}

/// 步骤.
#[derive(Debug, Clone)]
pub struct Step {
    /// The Chinese name.
    pub name: String,
    /// The name for programs.
    pub code: String,
    /// `Some`: an item step.
    pub item: Option<ItemId>,
    /// `Some`: made by a 公开 block.
    pub publication: Option<PublicationId>,
    /// 由: who takes it.
    pub actors: Actors,
    /// 自: stages of one line. Empty: open while 主线 is not final.
    pub from: Vec<StageId>,
    /// 至: per line the first whose guard holds.
    pub to: Vec<Transition>,
    /// 填 and 选填.
    pub form: Vec<FormField>,
    /// 须.
    pub requires: Vec<Requirement>,
    /// 作废.
    pub annuls: Vec<StepId>,
    /// 文书.
    pub papers: Vec<Paper>,
    /// 关联.
    pub links: Vec<Link>,
    /// 音像, as written, with its basis.
    pub recordings: Vec<(String, Guard, Option<Basis>)>,
    /// Its line in the law file.
    pub line_no: usize,
}

/// 至.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Where its line then stands.
    pub stage: StageId,
    /// When.
    pub guard: Guard,
}

/// One 填 or 选填 entry.
#[derive(Debug, Clone)]
pub struct FormField {
    /// What is filled in.
    pub field: FieldId,
    /// 填 rather than 选填.
    pub required: bool,
    /// When it is asked.
    pub guard: Guard,
}

/// 须.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// What must hold.
    pub condition: Condition,
    /// The condition as written, for the refusal when 言 is absent.
    pub source: String,
    /// When it is asked.
    pub guard: Guard,
    /// What it rests on, and how strong that is.
    pub basis: Basis,
    /// 言.
    pub message: Option<String>,
    /// 可免.
    pub waivable_by: Option<RoleId>,
    /// Its line in the law file; a waiver names it.
    pub line_no: usize,
}

/// 文书.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Its name.
    pub name: String,
    /// For example `CF24`.
    pub number: String,
    /// 送达: on whom.
    pub serve_on: Option<RoleId>,
    /// 卷：副 → true.
    pub second_volume: bool,
    /// When it is made.
    pub guard: Guard,
}

/// What a link does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkKind {
    /// 派生: opens a case of that procedure (code).
    Derives(String),
    /// 并入: merges into a case of that procedure (code).
    MergesInto(String),
    /// 移送: to an outside role or body, by name.
    HandsOver(String),
}

/// 关联.
#[derive(Debug, Clone)]
pub struct Link {
    /// What becomes of the other case.
    pub kind: LinkKind,
    /// Fields that go along.
    pub carry: Vec<FieldId>,
    /// When it is made.
    pub guard: Guard,
}

/// 公开.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The Chinese name.
    pub name: String,
    /// The name for programs.
    pub code: String,
    /// The step `X` that publishes, and the clock of the same name.
    pub step: StepId,
    /// How soon it must be published.
    pub clock: ClockId,
    /// `X撤下`, if there is a 撤 line.
    pub withdrawal: Option<(StepId, ClockId)>,
    /// 项
    pub fields: Vec<FieldId>,
    /// 所
    pub places: Vec<String>,
    /// Its line in the law file.
    pub line_no: usize,
}
