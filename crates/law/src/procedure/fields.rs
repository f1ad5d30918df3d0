//! What is filled in, and what has a name (字段、定义).

use super::{Basis, Condition, ListingId, Quantity};

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
    /// 统一社会信用代码, 组织机构代码, 居民身份证号, 区划代码: codes with a check of their own.
    Code(crate::identifiers::Identifier),
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
    /// The Chinese name, as rules cite it.
    pub name: String,
    /// The name for programs.
    pub code: String,
    /// What may be filled in.
    pub kind: FieldKind,
    /// Who may read it.
    pub openness: Openness,
    /// 说明: what to tell whoever fills it in.
    pub note: String,
    /// Its line in the law file.
    pub line_no: usize,
}

/// 定义: a named condition or quantity.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The Chinese name, as rules cite it.
    pub name: String,
    /// The name for programs.
    pub code: String,
    /// What it stands for.
    pub body: DefinitionBody,
    /// What the meaning rests on, if a rule says so.
    pub basis: Option<Basis>,
    /// Its line in the law file.
    pub line_no: usize,
}

/// What a definition stands for.
#[derive(Debug, Clone)]
pub enum DefinitionBody {
    /// Something that is so or not.
    Condition(Condition),
    /// A number or a day.
    Quantity(Quantity),
}
