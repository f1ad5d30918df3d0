//! Parties (当事人): personal data lies here and nowhere else; facts and the log carry only the id.

use crate::ctx::Ctx;
use crate::error::Result;
use store::{Tx, params, sql};

/// A citizen, firm or other body on the other side of the counter.
#[derive(Debug, Clone)]
pub struct Party {
    /// ULID.
    pub id: String,
    /// 类别: 公民, 个体工商户, 企业, 农民专业合作社, 其他组织.
    pub class: String,
    /// 姓名或者名称.
    pub name: String,
    /// 联系方式.
    pub contact: String,
    /// 住址.
    pub address: String,
}

/// Registers a party and answers its id; the same name, class and contact is the same party.
pub fn register(
    tx: &mut Tx,
    ctx: &Ctx,
    class: &str,
    name: &str,
    contact: &str,
    address: &str,
) -> Result<String> {
    let known: Option<String> = tx.query_opt(
        sql!("SELECT id FROM parties WHERE org = $1 AND name = $2 AND class = $3 AND contact = $4 ORDER BY id LIMIT 1"),
        params![ctx.org, name, class, contact],
        |row| row.get(0),
    )?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = ctx.fresh_id();
    tx.execute(
        sql!("INSERT INTO parties (org, id, class, name, contact, address) VALUES ($1, $2, $3, $4, $5, $6)"),
        params![ctx.org, id, class, name, contact, address],
    )?;
    Ok(id)
}

/// One party.
pub fn find(tx: &mut Tx, org: &str, id: &str) -> Result<Option<Party>> {
    Ok(tx.query_opt(
        sql!("SELECT id, class, name, contact, address FROM parties WHERE org = $1 AND id = $2"),
        params![org, id],
        |row| {
            Ok(Party {
                id: row.get(0)?,
                class: row.get(1)?,
                name: row.get(2)?,
                contact: row.get(3)?,
                address: row.get(4)?,
            })
        },
    )?)
}

/// A name as the public may see it: a citizen keeps the surname, an organisation its whole name.
pub fn masked(class: &str, name: &str) -> String {
    if class == "公民" {
        let mut letters = name.chars();
        let first = letters.next().map(String::from).unwrap_or_default();
        format!("{first}{}", "某".repeat(letters.count().clamp(1, 2)))
    } else {
        name.to_owned()
    }
}
