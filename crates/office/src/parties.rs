//! Parties (当事人): personal data lies here and nowhere else; facts and the log carry only the id. How to reach somebody is
//! sealed, and opened for a purpose that is itself put on record.

use crate::access::{self, Sight};
use crate::ctx::{Ctx, hex};
use crate::error::{Bar, Error, Result, fault};
use crate::log::{self, Line};
use crate::office::Office;
use crate::{records, seal, townships};
use law::engine::History;
use law::value::Value;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use store::{Tx, params, sql};

/// A citizen, firm or other body on the other side of the counter, without how to reach them.
#[derive(Debug, Clone)]
pub struct Party {
    /// ULID.
    pub id: String,
    /// 类别: 公民, 个体工商户, 企业, 农民专业合作社, 其他组织.
    pub class: String,
    /// 姓名或者名称.
    pub name: String,
}

/// How to reach a party; only sealed at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// 联系方式.
    pub contact: String,
    /// 住址.
    pub address: String,
}

/// What is sealed: how to reach the party, and who it is, so that a changed name is noticed.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    #[serde(default)]
    class: String,
    #[serde(default)]
    name: String,
    #[serde(flatten)]
    reach: Reach,
}

/// Why somebody looks: chosen from these, or written out after 其他.
pub const PURPOSES: &[&str] = &["办案联系", "送达文书", "核实身份", "回访", "其他"];

/// Registers a party and answers its id; the same name, class and contact is the same party.
pub fn register(
    tx: &mut Tx,
    ctx: &Ctx,
    class: &str,
    name: &str,
    contact: &str,
    address: &str,
) -> Result<String> {
    let mark = mark(ctx, contact)?;
    let known: Option<String> = tx.query_opt(
        sql!("SELECT id FROM parties WHERE org = $1 AND name = $2 AND class = $3 AND mark = $4 ORDER BY id LIMIT 1"),
        params![ctx.org, name, class, mark],
        |row| row.get(0),
    )?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = ctx.fresh_id();
    let sealed = Sealed {
        class: class.into(),
        name: name.into(),
        reach: Reach {
            contact: contact.into(),
            address: address.into(),
        },
    };
    let sealed = seal_one(ctx, &id, &sealed)?;
    tx.execute(
        sql!(
            "INSERT INTO parties (org, id, class, name, contact, address, sealed, mark)
             VALUES ($1, $2, $3, $4, '', '', $5, $6)"
        ),
        params![ctx.org, id, class, name, sealed, mark],
    )?;
    Ok(id)
}

/// One party.
pub fn find(tx: &mut Tx, org: &str, id: &str) -> Result<Option<Party>> {
    Ok(tx.query_opt(
        sql!("SELECT id, class, name FROM parties WHERE org = $1 AND id = $2"),
        params![org, id],
        |row| {
            Ok(Party {
                id: row.get(0)?,
                class: row.get(1)?,
                name: row.get(2)?,
            })
        },
    )?)
}

/// The parties of a case with how to reach them, for somebody who works on it and says why; the look is an entry of the log.
///
/// # Errors
/// [`Bar::NotFound`] for whoever does not see the case, [`Bar::NotYours`] for whoever sees it and does not work on it, a form
/// error without a purpose.
pub fn reveal(
    office: &Office,
    ctx: &Ctx,
    case: &str,
    purpose: &str,
) -> Result<Vec<(Party, Reach)>> {
    access::may_act(ctx)?;
    let purpose = purpose.trim();
    let length = purpose.chars().count();
    if !(2..=100).contains(&length) || purpose == "其他" {
        let why = "要写明为什么看，2 到 100 个字".to_owned();
        return Err(Error::Form(vec![("用途".into(), why)]));
    }
    office.act(|tx| {
        log::lock(tx, ctx)?;
        let sight = Sight::of(tx, ctx)?;
        sight.check(tx, case)?;
        if !sight.handles(tx, case)? {
            return Err(Error::Bar(Bar::NotYours(
                "只有承办人和领导能看当事人的联系方式",
            )));
        }
        let ids = named(&records::load(tx, ctx, case)?.history);
        let mut found = Vec::new();
        for id in &ids {
            let sealed: Option<String> = tx.query_opt(
                sql!("SELECT sealed FROM parties WHERE org = $1 AND id = $2"),
                params![ctx.org, id],
                |row| row.get(0),
            )?;
            if let (Some(party), Some(sealed)) = (find(tx, &ctx.org, id)?, sealed) {
                found.push((party, opened(ctx, id, &sealed)?.reach));
            }
        }
        let body = serde_json::json!({ "parties": ids, "purpose": purpose }).to_string();
        let line = Line {
            kind: "disclosure",
            case: Some(case),
            n: None,
            subject: "parties",
            at: ctx.now,
            body: &body,
        };
        Ok(log::append(tx, ctx, &line)?.map(|_: i64| found))
    })
}

/// Ids of the parties that the facts of a history name.
fn named(history: &History) -> BTreeSet<String> {
    let values = history.facts.iter().flat_map(|f| f.values.values());
    values
        .filter_map(|value| match value {
            Value::Party { id, .. } => Some(id.clone()),
            _ => None,
        })
        .collect()
}

fn seal_one(ctx: &Ctx, id: &str, sealed: &Sealed) -> Result<String> {
    let plain = serde_json::to_vec(sealed).map_err(fault)?;
    seal::seal(ctx, &owner(ctx, id), &plain)
}

fn opened(ctx: &Ctx, id: &str, sealed: &str) -> Result<Sealed> {
    let plain = seal::open(ctx, &owner(ctx, id), sealed)?;
    serde_json::from_slice(&plain).map_err(fault)
}

fn owner(ctx: &Ctx, id: &str) -> String {
    format!("party\n{}\n{id}", ctx.org)
}

/// A keyed hash: telephone numbers are few enough to try them all against a plain one.
fn mark(ctx: &Ctx, contact: &str) -> Result<String> {
    if contact.is_empty() {
        return Ok(String::new());
    }
    let key = seal::key(ctx)?;
    let text = format!("contact\n{}\n{contact}", hex(&key));
    Ok(hex(&Sha256::digest(text.as_bytes()))[..32].to_owned())
}

/// A row of the register: id, class, name, contact, address, sealed, mark.
type Row = [String; 7];

/// The next rows of the register after an id.
fn page(tx: &mut Tx, ctx: &Ctx, after: &str) -> Result<Vec<Row>> {
    Ok(tx.query(
        sql!(
            "SELECT id, class, name, contact, address, sealed, mark FROM parties
              WHERE org = $1 AND id > $2 ORDER BY id LIMIT 500"
        ),
        params![ctx.org, after],
        |row| {
            Ok([
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
            ])
        },
    )?)
}

/// Rows that are not as they were sealed, one Chinese sentence each, and how many were read; nothing without the key.
pub(crate) fn damaged(tx: &mut Tx, ctx: &Ctx) -> Result<Option<(Vec<String>, i64)>> {
    if !seal::has_key(ctx) {
        return Ok(None);
    }
    let (mut faults, mut read, mut after) = (Vec::new(), 0, String::new());
    loop {
        let rows = page(tx, ctx, &after)?;
        let Some(last) = rows.last() else {
            return Ok(Some((faults, read)));
        };
        after.clone_from(&last[0]);
        for [id, class, name, contact, address, sealed, kept_mark] in rows {
            read += 1;
            let whole = opened(ctx, &id, &sealed).is_ok_and(|s| {
                s.class == class
                    && s.name == name
                    && contact.is_empty()
                    && address.is_empty()
                    && mark(ctx, &s.reach.contact).is_ok_and(|mark| mark == kept_mark)
            });
            if !whole {
                faults.push(format!("当事人 {id} 的登记和密封的内容不一致"));
            }
        }
    }
}

/// Parties that a history names and the register does not know.
pub(crate) fn unknown(tx: &mut Tx, ctx: &Ctx, history: &History) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    for id in named(history) {
        if find(tx, &ctx.org, &id)?.is_none() {
            gone.push(id);
        }
    }
    Ok(gone)
}

/// Seals what earlier versions left in the open, or sealed without the name; once.
pub(crate) fn seal_once(office: &Office) -> Result<()> {
    const MARK: &str = "sealed_parties_with_names";
    let done: Option<String> = office.read(|tx| {
        Ok(tx.query_opt(
            sql!("SELECT setting FROM settings WHERE org = '' AND name = $1"),
            params![MARK],
            |row| row.get(0),
        )?)
    })?;
    if done.is_some() {
        return Ok(());
    }
    for township in office.read(townships::all)? {
        let ctx = office.own_ctx(&township.org);
        let mut after = String::new();
        while let Some(last) = office.jot(|tx| seal_some(tx, &ctx, &after))? {
            after = last;
        }
    }
    office.jot(|tx| {
        tx.execute(
            sql!("INSERT INTO settings (org, name, setting) VALUES ('', $1, 'done')"),
            params![MARK],
        )?;
        Ok(())
    })
}

/// Seals the next ones; the last of them.
fn seal_some(tx: &mut Tx, ctx: &Ctx, after: &str) -> Result<Option<String>> {
    let rows = page(tx, ctx, after)?;
    let last = rows.last().map(|row| row[0].clone());
    for [id, class, name, contact, address, sealed, _] in rows {
        let reach = if sealed.is_empty() {
            Reach { contact, address }
        } else {
            opened(ctx, &id, &sealed)?.reach
        };
        let mark = mark(ctx, &reach.contact)?;
        let whole = Sealed { class, name, reach };
        tx.execute(
            sql!(
                "UPDATE parties SET contact = '', address = '', sealed = $3, mark = $4
                  WHERE org = $1 AND id = $2"
            ),
            params![ctx.org, id, seal_one(ctx, &id, &whole)?, mark],
        )?;
    }
    Ok(last)
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
