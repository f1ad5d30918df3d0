//! Words that fit the grammar but not the field they are said of.

use super::walk::{Part, parts};
use crate::problem::{Problem, nearest};
use crate::procedure::{
    Condition, DefinitionBody, FieldId, FieldKind, FieldRef, Procedure, Quantity,
};

/// Reports comparisons with choices a field does not have, columns a listing does not have, and the like.
pub fn check(procedure: &Procedure, problems: &mut Vec<Problem>) {
    parts(procedure, &mut |no, part| {
        let found = match part {
            Part::Condition(condition) => said_of(procedure, condition),
            Part::Quantity(quantity) => reckoned(procedure, quantity),
        };
        problems.extend(found.map(|(sentence, hint)| Problem {
            hint,
            ..Problem::fault(no, sentence)
        }));
    });
}

type Fault = Option<(String, Option<String>)>;

fn said_of(procedure: &Procedure, condition: &Condition) -> Fault {
    match condition {
        Condition::Is(of, values) => {
            let field = &procedure.fields[of.field.at()];
            if of.column.is_some() {
                return column(procedure, of);
            }
            match &field.kind {
                FieldKind::Choice(choices) => unknown_choice(&field.name, choices, values),
                FieldKind::YesNo => {
                    unknown_choice(&field.name, &["是".into(), "否".into()], values)
                }
                FieldKind::Choices(_) => {
                    wrong(format!("“{}”是多选，不能用“为”", field.name), "多选用 含")
                }
                FieldKind::Number | FieldKind::Money | FieldKind::Date | FieldKind::Instant => {
                    wrong(
                        format!("“{}”是数或者日期，不能用“为”", field.name),
                        "用 等于、多于、晚于 这些词比较",
                    )
                }
                _ => None,
            }
        }
        Condition::Contains(id, values) => match &field(procedure, *id).1 {
            FieldKind::Choices(choices) => unknown_choice(field(procedure, *id).0, choices, values),
            _ => wrong(
                format!("“{}”不是多选，不能用“含”", field(procedure, *id).0),
                "单选用 为",
            ),
        },
        Condition::Within(one, other) => {
            let kinds = (field(procedure, *one).1, field(procedure, *other).1);
            if matches!(kinds, (FieldKind::ListingEntry(a), FieldKind::ListingEntry(b)) if a == b) {
                // The same entry of the same listing.
                return None;
            }
            [one, other].into_iter().find_map(|id| {
                let (name, kind) = field(procedure, *id);
                match kind {
                    FieldKind::Choices(_) => None,
                    _ => wrong(
                        format!("“{name}”不是多选，不能用“不超出”"),
                        "两边都应当是多选字段，或者同一份清单的清单项",
                    ),
                }
            })
        }
        Condition::Listed(id, _) => match field(procedure, *id) {
            (_, FieldKind::ListingEntry(_)) => None,
            (name, _) => wrong(
                format!("“{name}”不是清单项，不能用“列于”"),
                "字段类型写 清单项（清单名）",
            ),
        },
        Condition::Present(of, _) => column(procedure, of),
        Condition::Defined(id) => {
            let definition = &procedure.definitions[id.at()];
            match definition.body {
                DefinitionBody::Condition(_) => None,
                DefinitionBody::Quantity(_) => wrong(
                    format!("定义“{}”是一个量，不是条件", definition.name),
                    "后面加上比较，例如 等于 0",
                ),
            }
        }
        _ => None,
    }
}

fn reckoned(procedure: &Procedure, quantity: &Quantity) -> Fault {
    match quantity {
        Quantity::Field(of) if of.column.is_some() => column(procedure, of),
        Quantity::Field(of) => match field(procedure, of.field) {
            (_, FieldKind::Number | FieldKind::Money | FieldKind::Date | FieldKind::Instant) => {
                None
            }
            (name, _) => wrong(
                format!("“{name}”不是数、金额或者日期，不能计算"),
                "选项用 为，人员用 人数",
            ),
        },
        Quantity::FieldPersons(id) => match field(procedure, *id) {
            (_, FieldKind::People) => None,
            (name, _) => wrong(format!("“{name}”不是人员字段，没有人数"), "字段类型写 人员"),
        },
        Quantity::Defined(id) => {
            let definition = &procedure.definitions[id.at()];
            match definition.body {
                DefinitionBody::Quantity(_) => None,
                DefinitionBody::Condition(_) => wrong(
                    format!("定义“{}”是一个条件，不能计算", definition.name),
                    "去掉后面的比较",
                ),
            }
        }
        _ => None,
    }
}

fn field(procedure: &Procedure, id: FieldId) -> (&str, &FieldKind) {
    let field = &procedure.fields[id.at()];
    (&field.name, &field.kind)
}

fn wrong(sentence: String, hint: &str) -> Fault {
    Some((sentence, Some(hint.to_owned())))
}

/// 字段 之 列.
fn column(procedure: &Procedure, of: &FieldRef) -> Fault {
    let wanted = of.column.as_deref()?;
    let (name, kind) = field(procedure, of.field);
    let columns: Vec<&str> = match kind {
        FieldKind::Party => vec!["类别"],
        FieldKind::ListingEntry(listing) => procedure.listings[listing.at()]
            .columns
            .iter()
            .map(String::as_str)
            .collect(),
        _ => {
            return wrong(
                format!("“{name}”没有列“{wanted}”"),
                "只有清单项和当事人有列",
            );
        }
    };
    if columns.contains(&wanted) {
        return None;
    }
    let hint = match nearest(wanted, columns.iter().copied()) {
        Some(near) => format!("是不是“{near}”？"),
        None => format!("有 {}", columns.join("、")),
    };
    Some((format!("“{name}”没有列“{wanted}”"), Some(hint)))
}

fn unknown_choice(name: &str, choices: &[String], values: &[String]) -> Fault {
    let unknown = values.iter().find(|value| !choices.contains(value))?;
    let hint = match nearest(unknown, choices.iter().map(String::as_str)) {
        Some(near) => format!("是不是“{near}”？"),
        None => format!("有 {}", choices.join("、")),
    };
    Some((format!("“{name}”没有选项“{unknown}”"), Some(hint)))
}
