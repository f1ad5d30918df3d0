//! Townships (乡镇): founding one, its key, its checkpoint.

use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result, fault};
use crate::log::{self, Line};
use crate::office::Office;
use ledger::Recorded;
use serde::{Deserialize, Serialize};
use store::{Tx, params, sql};

/// A township (乡镇人民政府).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Township {
    /// Short id, first in every key.
    pub org: String,
    /// 全称, for example 蓬溪县天福镇.
    pub name: String,
    /// 机关代字 in numbers, for example 天府.
    pub mark: String,
    /// 区划代码, 9 digits.
    pub code: String,
    /// The county's name.
    pub county: String,
    /// Synthetic data only; every page says so.
    pub demo: bool,
}

/// Founds a township: its log begins with its own name.
pub fn found(office: &Office, ctx: &Ctx, township: &Township) -> Result<()> {
    let key = office.vault.key(&township.org, ctx.bytes32())?;
    let key_text = ledger::checkpoint::vkey(&origin(&township.code), &key);
    office.act(|tx| {
        tx.execute(
            sql!(
                "INSERT INTO orgs (org, name, mark, code, county, demo, key_text) VALUES ($1, $2, $3, $4, $5, $6, $7)"
            ),
            params![
                township.org,
                township.name,
                township.mark,
                township.code,
                township.county,
                i64::from(township.demo),
                key_text
            ],
        )?;
        tx.execute(
            sql!("INSERT INTO log_heads (org, size, frontier) VALUES ($1, 0, $2)"),
            params![township.org, ledger::Head::empty().to_text()],
        )?;
        let body = serde_json::to_value(township).map_err(fault)?.to_string();
        let line = Line { kind: "register", case: None, n: None, subject: "township", at: ctx.now, body: &body };
        Ok(log::append(tx, ctx, &line)?.map(|_: i64| ()))
    })
}

/// All townships of this database.
pub fn all(tx: &mut Tx) -> Result<Vec<Township>> {
    Ok(tx.query(
        sql!("SELECT org, name, mark, code, county, demo FROM orgs ORDER BY org"),
        params![],
        |row| {
            Ok(Township {
                org: row.get(0)?,
                name: row.get(1)?,
                mark: row.get(2)?,
                code: row.get(3)?,
                county: row.get(4)?,
                demo: row.get::<i64>(5)? != 0,
            })
        },
    )?)
}

/// One township.
pub fn find(tx: &mut Tx, org: &str) -> Result<Township> {
    all(tx)?
        .into_iter()
        .find(|t| t.org == org)
        .ok_or(Error::Bar(Bar::NotFound))
}

/// The public key of the township's log, in verifier-key form.
pub fn verifier_key(tx: &mut Tx, org: &str) -> Result<String> {
    tx.query_opt(
        sql!("SELECT key_text FROM orgs WHERE org = $1"),
        params![org],
        |row| row.get(0),
    )?
    .ok_or(Error::Bar(Bar::NotFound))
}

/// The origin line of the township's checkpoints.
pub fn origin(code: &str) -> String {
    format!("yifa/{code}")
}

/// Signs the log as it stands, once per size, and answers the signed note.
pub fn checkpoint(office: &Office, ctx: &Ctx) -> Result<String> {
    let (township, size, frontier, known) = office.read(|tx| {
        let township = find(tx, &ctx.org)?;
        let (size, frontier): (i64, String) = tx.query_one(
            sql!("SELECT size, frontier FROM log_heads WHERE org = $1"),
            params![ctx.org],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let known: Option<String> = tx.query_opt(
            sql!("SELECT note FROM checkpoints WHERE org = $1 AND size = $2"),
            params![ctx.org, size],
            |row| row.get(0),
        )?;
        Ok((township, size, frontier, known))
    })?;
    if let Some(note) = known {
        return Ok(note);
    }
    let key = office.vault.key(&ctx.org, ctx.bytes32())?;
    let head =
        ledger::Head::from_text(u64::try_from(size).map_err(fault)?, &frontier).map_err(fault)?;
    let note = ledger::checkpoint::sign(&origin(&township.code), head.size(), &head.root(), &key);
    office.jot(|tx| {
        tx.execute(
            sql!("INSERT INTO checkpoints (org, size, note) VALUES ($1, $2, $3) ON CONFLICT (org, size) DO NOTHING"),
            params![ctx.org, size, note],
        )?;
        Ok(())
    })?;
    Ok(note)
}

/// Turns a list of recorded register writes into one.
pub fn together(all: Vec<Recorded<()>>) -> Option<Recorded<()>> {
    all.into_iter()
        .reduce(|a, b| Recorded::and(a, b).map(|_| ()))
}
