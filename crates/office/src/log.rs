//! The log (账本): appending inside the act's own transaction, checkpoints, proofs, receipts.

use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result, fault};
use ledger::{Entry, Head, Recorded};
use store::{Tx, params, sql};

/// What is about to be written into the log.
pub struct Line<'a> {
    /// `fact`, `refused`, `register`, `publication`, `report`, `import`.
    pub kind: &'static str,
    /// The case, if it belongs to one.
    pub case: Option<&'a str>,
    /// Serial number of the fact in its case.
    pub n: Option<u32>,
    /// Step code, or what kind of register row this is.
    pub subject: &'a str,
    /// Legal instant, local civil time.
    pub at: jiff::civil::DateTime,
    /// A JSON object with sorted keys.
    pub body: &'a str,
}

/// Takes the township's place in line, before anything is read that the act depends on.
pub fn lock(tx: &mut Tx, ctx: &Ctx) -> Result<()> {
    let n = tx.execute(
        sql!("UPDATE log_heads SET size = size WHERE org = $1"),
        params![ctx.org],
    )?;
    if n == 1 {
        Ok(())
    } else {
        Err(Error::Bar(Bar::NotFound))
    }
}

/// Appends one entry; the only maker of [`Recorded`] above the ledger.
pub fn append(tx: &mut Tx, ctx: &Ctx, line: &Line) -> Result<Recorded<i64>> {
    let (size, frontier) = tx.query_one(
        sql!("SELECT size, frontier FROM log_heads WHERE org = $1"),
        params![ctx.org],
        |row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?)),
    )?;
    let head = Head::from_text(u64::try_from(size).map_err(fault)?, &frontier).map_err(fault)?;
    let at = line.at.to_string();
    let recorded = ctx.recorded();
    let salt = ctx.bytes32();
    let entry = Entry {
        org: &ctx.org,
        seq: head.size(),
        kind: line.kind,
        case: line.case,
        n: line.n,
        subject: line.subject,
        at: &at,
        recorded: &recorded,
        actor: &ctx.account,
        body: line.body,
    };
    let (head, leaf) = ledger::append(&head, &entry, &salt).map_err(fault)?;
    tx.execute(
        sql!(
            "INSERT INTO entries (org, seq, kind, case_id, n, subject, at, recorded, actor, body, salt)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        params![
            ctx.org,
            size,
            line.kind,
            line.case,
            line.n.map(i64::from),
            line.subject,
            at,
            recorded,
            ctx.account,
            line.body,
            salt.to_vec()
        ],
    )?;
    for node in &leaf.get().new_nodes {
        tx.execute(
            sql!("INSERT INTO log_nodes (org, level, idx, hash) VALUES ($1, $2, $3, $4)"),
            params![
                ctx.org,
                i64::from(node.level),
                i64::try_from(node.index).map_err(fault)?,
                node.hash.to_vec()
            ],
        )?;
    }
    tx.execute(
        sql!("UPDATE log_heads SET size = $2, frontier = $3 WHERE org = $1"),
        params![ctx.org, size + 1, head.to_text()],
    )?;
    Ok(leaf.map(|_| size))
}

/// Number of entries now in the log.
pub fn size(tx: &mut Tx, org: &str) -> Result<i64> {
    Ok(tx.query_one(
        sql!("SELECT size FROM log_heads WHERE org = $1"),
        params![org],
        |row| row.get(0),
    )?)
}
