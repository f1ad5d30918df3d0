//! Parties (当事人): personal data lies here and nowhere else; facts and the log carry only the id. How to reach somebody is
//! sealed, and opened for a purpose that is itself put on record.

use crate::access::{self, Sight};
use crate::ctx::{Ctx, hex};
use crate::error::{Bar, Error, Result, fault};
use crate::log::{self, Line};
use crate::office::Office;
use crate::{records, seal, townships};
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
    let reach = Reach {
        contact: contact.into(),
        address: address.into(),
    };
    let sealed = sealed(ctx, &id, &reach)?;
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
        let ids = of_case(tx, ctx, case)?;
        let mut found = Vec::new();
        for id in &ids {
            let sealed: Option<String> = tx.query_opt(
                sql!("SELECT sealed FROM parties WHERE org = $1 AND id = $2"),
                params![ctx.org, id],
                |row| row.get(0),
            )?;
            if let (Some(party), Some(sealed)) = (find(tx, &ctx.org, id)?, sealed) {
                found.push((party, opened(ctx, id, &sealed)?));
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

/// Ids of the parties that the facts of a case name.
fn of_case(tx: &mut Tx, ctx: &Ctx, case: &str) -> Result<BTreeSet<String>> {
    let record = records::load(tx, ctx, case)?;
    let values = record.history.facts.iter().flat_map(|f| f.values.values());
    Ok(values
        .filter_map(|value| match value {
            Value::Party { id, .. } => Some(id.clone()),
            _ => None,
        })
        .collect())
}

/// Nothing to hide is not sealed.
fn sealed(ctx: &Ctx, id: &str, reach: &Reach) -> Result<String> {
    if reach.contact.is_empty() && reach.address.is_empty() {
        return Ok(String::new());
    }
    let plain = serde_json::to_vec(reach).map_err(fault)?;
    seal::seal(ctx, &owner(ctx, id), &plain)
}

fn opened(ctx: &Ctx, id: &str, sealed: &str) -> Result<Reach> {
    if sealed.is_empty() {
        return Ok(Reach {
            contact: String::new(),
            address: String::new(),
        });
    }
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

/// Seals what earlier versions left in the open; once.
pub(crate) fn seal_once(office: &Office) -> Result<()> {
    const MARK: &str = "sealed_parties";
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
        while 0 < office.jot(|tx| seal_some(tx, &ctx))? {}
    }
    office.jot(|tx| {
        tx.execute(
            sql!("INSERT INTO settings (org, name, setting) VALUES ('', $1, 'done')"),
            params![MARK],
        )?;
        Ok(())
    })
}

/// Seals the next ones; how many.
fn seal_some(tx: &mut Tx, ctx: &Ctx) -> Result<usize> {
    let open: Vec<(String, Reach)> = tx.query(
        sql!(
            "SELECT id, contact, address FROM parties
              WHERE org = $1 AND (contact <> '' OR address <> '') LIMIT 500"
        ),
        params![ctx.org],
        |row| {
            let (contact, address) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, Reach { contact, address }))
        },
    )?;
    for (id, reach) in &open {
        tx.execute(
            sql!(
                "UPDATE parties SET contact = '', address = '', sealed = $3, mark = $4
                  WHERE org = $1 AND id = $2"
            ),
            params![
                ctx.org,
                id,
                sealed(ctx, id, reach)?,
                mark(ctx, &reach.contact)?
            ],
        )?;
    }
    Ok(open.len())
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
