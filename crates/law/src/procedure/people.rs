//! Who acts (角色、由、不兼).

use super::{Basis, FieldId, RoleId};

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
    /// The Chinese name.
    pub name: String,
    /// The name for programs.
    pub code: String,
    /// Of the organ, of the party, or from outside.
    pub side: Side,
    /// What a person must hold on the day of the act.
    pub qualification: Qualification,
}

/// 不兼: `one` may not be the same person as any of `others` in one case.
#[derive(Debug, Clone)]
pub struct Incompatible {
    /// The role on the left.
    pub one: RoleId,
    /// The roles on the right.
    pub others: Vec<RoleId>,
    /// Why not.
    pub basis: Basis,
    /// Its line in the law file.
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
    /// What the number of persons or the recusal rests on.
    pub basis: Option<Basis>,
}
