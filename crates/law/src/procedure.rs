//! A procedure (程序) as read from a law file: the resolved tree that the engine, the prover, the pages and the counts share.
//!
//! Every name is resolved to an index by `parse`; nothing above the parser looks names up in text. A `公开` block is
//! already expanded here into its steps and clocks (law language §3.6), so nobody else needs to know of it.

use jiff::civil::Date;

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
    pub name: String,
    pub columns: Vec<String>,
}

/// 版: a period, and whether the day of the case's first fact (起始日) or of the step (步骤日) chooses.
#[derive(Debug, Clone)]
pub struct Version {
    pub name: String,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub unverified: bool,
    /// True: 步骤日; false: 起始日.
    pub by_step_day: bool,
}

/// 属 of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// 本机关.
    Own,
    /// 相对人.
    Party,
    /// 外部.
    Outside,
}

/// 资格 of a role. Several posts mean any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Qualification {
    /// —: anybody of that side.
    None,
    /// 证：one of these certificates, valid that day.
    Certificate(Vec<String>),
    /// 职：one of these posts, held that day.
    Post(Vec<String>),
}

/// 角色.
#[derive(Debug, Clone)]
pub struct Role {
    pub name: String,
    pub code: String,
    pub side: Side,
    pub qualification: Qualification,
}

/// 不兼: `one` may not be the same person as any of `others` in one case.
#[derive(Debug, Clone)]
pub struct Incompatible {
    pub one: RoleId,
    pub others: Vec<RoleId>,
    pub basis: Basis,
    pub line_no: usize,
}

/// A line of stages. The first stage is where it begins.
#[derive(Debug, Clone)]
pub struct Line {
    pub name: String,
    pub stages: Vec<StageId>,
    /// `None`: a line of the case.
    pub item: Option<ItemId>,
    pub line_no: usize,
}

/// 阶段.
#[derive(Debug, Clone)]
pub struct Stage {
    pub name: String,
    pub line: LineId,
    pub is_final: bool,
}

/// 类型 of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// 文
    Text,
    /// 数
    Number,
    /// 金额
    Money,
    /// 日期
    Date,
    /// 时刻
    Instant,
    /// 是否
    YesNo,
    /// 选项（…）
    Choice(Vec<String>),
    /// 多选（…）
    Choices(Vec<String>),
    /// 当事人
    Party,
    /// 人员
    People,
    /// 机构
    Organ,
    /// 地点
    Place,
    /// 附件
    File,
    /// 法条
    Article,
    /// 清单项（清单）
    ListingEntry(ListingId),
    /// 案件（程序、…）: codes of procedures.
    Case(Vec<String>),
}

/// 公开 column of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// 公开
    Public,
    /// 脱敏
    Masked,
    /// 本人
    PartyOnly,
    /// 内部
    Internal,
    /// 限办
    HandlersOnly,
}

/// 字段.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub code: String,
    pub kind: FieldKind,
    pub openness: Openness,
    pub note: String,
    pub line_no: usize,
}

/// 定义: a named condition or quantity.
#[derive(Debug, Clone)]
pub struct Definition {
    pub name: String,
    pub code: String,
    pub body: DefinitionBody,
    pub basis: Option<Basis>,
    pub line_no: usize,
}

/// What a definition stands for.
#[derive(Debug, Clone)]
pub enum DefinitionBody {
    Condition(Condition),
    Quantity(Quantity),
}

/// 子项: one kind of item inside a case.
#[derive(Debug, Clone)]
pub struct Item {
    pub name: String,
    pub code: String,
    pub starts_with: StepId,
    pub line: LineId,
    pub line_no: usize,
}

/// Who acts (由): all of `roles` together, or any one of them.
#[derive(Debug, Clone)]
pub struct Actors {
    /// By operation of law (法律拟制): only deemed steps; then `roles` is empty.
    pub by_law: bool,
    /// Each role with the least number of persons (至少 N 名; otherwise 1).
    pub roles: Vec<(RoleId, u8)>,
    /// True: 或 (any one role suffices); false: 、 (all together).
    pub any: bool,
    /// 除: a 人员 field naming recused persons.
    pub except: Option<FieldId>,
    pub basis: Option<Basis>,
}

/// 步骤.
#[derive(Debug, Clone)]
pub struct Step {
    pub name: String,
    pub code: String,
    /// `Some`: an item step.
    pub item: Option<ItemId>,
    /// `Some`: made by a 公开 block.
    pub publication: Option<PublicationId>,
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
    pub line_no: usize,
}

/// 至.
#[derive(Debug, Clone)]
pub struct Transition {
    pub stage: StageId,
    pub guard: Guard,
}

/// One 填 or 选填 entry.
#[derive(Debug, Clone)]
pub struct FormField {
    pub field: FieldId,
    pub required: bool,
    pub guard: Guard,
}

/// 须.
#[derive(Debug, Clone)]
pub struct Requirement {
    pub condition: Condition,
    /// The condition as written, for the refusal when 言 is absent.
    pub source: String,
    pub guard: Guard,
    pub basis: Basis,
    /// 言.
    pub message: Option<String>,
    /// 可免.
    pub waivable_by: Option<RoleId>,
    pub line_no: usize,
}

/// 文书.
#[derive(Debug, Clone)]
pub struct Paper {
    pub name: String,
    /// For example `CF24`.
    pub number: String,
    /// 送达: on whom.
    pub serve_on: Option<RoleId>,
    /// 卷：副 → true.
    pub second_volume: bool,
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
    pub kind: LinkKind,
    pub carry: Vec<FieldId>,
    pub guard: Guard,
}

/// Something a clock listens to: a fact of a step, or the expiry of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happening {
    Step(StepId),
    Expiry(ClockId),
}

/// An event line with its 当 and 版.
#[derive(Debug, Clone)]
pub struct Event {
    pub happening: Happening,
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
    pub from: Vec<Event>,
    pub to: Vec<Event>,
    pub basis: Basis,
}

/// 延: `步骤 加 字段 至多 量 限 N 次`.
#[derive(Debug, Clone)]
pub struct Extension {
    pub step: StepId,
    pub add: FieldId,
    pub at_most: Quantity,
    pub times: u8,
    pub guard: Guard,
    pub basis: Basis,
}

/// 期限.
#[derive(Debug, Clone)]
pub struct Clock {
    pub name: String,
    pub code: String,
    pub item: Option<ItemId>,
    pub publication: Option<PublicationId>,
    /// 起: only while 未起.
    pub starts: Vec<Event>,
    /// 重起: every time.
    pub restarts: Vec<Event>,
    /// The first whose guard holds.
    pub lengths: Vec<(Length, Guard, Basis)>,
    pub pauses: Vec<Pause>,
    pub extensions: Vec<Extension>,
    /// 止. A clock without any is a mere period and cannot be breached.
    pub stops: Vec<Event>,
    /// 销.
    pub cancels: Vec<Event>,
    /// 视为: the deemed step at expiry.
    pub deems: Option<(StepId, Basis)>,
    /// 责: name of the role that owes; `None` is the organ (本机关).
    pub owed_by: Option<RoleId>,
    pub line_no: usize,
}

/// 公开.
#[derive(Debug, Clone)]
pub struct Publication {
    pub name: String,
    pub code: String,
    /// The step `X` that publishes, and the clock of the same name.
    pub step: StepId,
    pub clock: ClockId,
    /// `X撤下`, if there is a 撤 line.
    pub withdrawal: Option<(StepId, ClockId)>,
    /// 项
    pub fields: Vec<FieldId>,
    /// 所
    pub places: Vec<String>,
    pub line_no: usize,
}

/// 条件.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
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
    Compare(Quantity, Comparison, Quantity),
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
    pub field: FieldId,
    pub column: Option<String>,
}

/// 量. Dates are quantities too (days); a difference of dates is a number of days.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    Number(crate::value::Ratio),
    Field(FieldRef),
    Defined(DefinitionId),
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
    Min(Box<Quantity>, Box<Quantity>),
    Max(Box<Quantity>, Box<Quantity>),
    Add(Box<Quantity>, Box<Quantity>),
    Sub(Box<Quantity>, Box<Quantity>),
    Mul(Box<Quantity>, Box<Quantity>),
    Div(Box<Quantity>, Box<Quantity>),
}

/// 本年 / 本月 / 近 N 年.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    ThisYear,
    ThisMonth,
    LastYears(u8),
}

/// 指标.
#[derive(Debug, Clone)]
pub struct Indicator {
    pub name: String,
    pub code: String,
    pub formula: Formula,
    /// 当
    pub when: Option<Condition>,
    /// 维
    pub by: Vec<FieldId>,
    /// 单位; 件 if not written.
    pub unit: String,
    /// The line as written: the definition shown to readers.
    pub source: String,
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
    pub inflow: Vec<IndicatorId>,
    pub outflow: Vec<IndicatorId>,
    pub source: String,
    pub line_no: usize,
}

/// 性质.
#[derive(Debug, Clone)]
pub struct Property {
    pub kind: PropertyKind,
    pub condition: Condition,
    pub basis: Option<Basis>,
    pub source: String,
    pub line_no: usize,
}

/// 禁止, 可达, 终将.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyKind {
    Never,
    Sometimes,
    Eventually,
}

/// 例.
#[derive(Debug, Clone)]
pub struct Example {
    pub name: String,
    /// 承
    pub continues: Option<String>,
    pub lines: Vec<ExampleLine>,
    pub line_no: usize,
}

/// One line of an example.
#[derive(Debug, Clone)]
pub struct ExampleLine {
    pub line_no: usize,
    pub body: ExampleBody,
}

/// What an example line says.
#[derive(Debug, Clone)]
pub enum ExampleBody {
    /// 假设：指标 数
    Given(IndicatorId, crate::value::Ratio),
    /// `日期 [时刻] 步骤 [#号]（…）[由 人、人] [→ 准 | → 不准：片段[，最早 日期]]`
    Act {
        at: jiff::civil::DateTime,
        step: StepId,
        item_no: Option<u32>,
        /// Field, column (for `字段.列`), text as written.
        values: Vec<(FieldId, Option<String>, String)>,
        by: Vec<String>,
        expect: Expect,
    },
    /// `日期 → [子项#号] 条件`
    Holds {
        at: jiff::civil::DateTime,
        item: Option<(ItemId, u32)>,
        condition: Condition,
    },
    /// `日期 → [子项#号] 期限 届满 日期|未定`
    Due {
        at: jiff::civil::DateTime,
        item: Option<(ItemId, u32)>,
        clock: ClockId,
        due: Option<jiff::civil::DateTime>,
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
        fragment: String,
        earliest: Option<Date>,
    },
}
