//! The log (账本): appending inside the act's own transaction, checkpoints, proofs, receipts.

use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result, fault};
use ledger::{Entry, Head, Recorded};
use store::{Tx, params, sql};

/// What is about to be written into the log.
pub struct Line<'a> {
    /// `fact`, `refused`, `register`, `publication`, `report`, `import`, `confirmation`, `disclosure`.
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
    lock_org(tx, &ctx.org)
}

pub(crate) fn lock_org(tx: &mut Tx, org: &str) -> Result<()> {
    let n = tx.execute(
        sql!("UPDATE log_heads SET size = size WHERE org = $1"),
        params![org],
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

/// A receipt for one entry, under the head signed now.
pub fn receipt(office: &crate::Office, ctx: &Ctx, seq: i64) -> Result<ledger::Receipt> {
    let checkpoint = crate::townships::checkpoint(office, ctx)?;
    let key = office.read(|tx| crate::townships::verifier_key(tx, &ctx.org))?;
    let head = ledger::checkpoint::open(&checkpoint, &key)
        .ok_or_else(|| fault("own checkpoint does not open"))?;
    office.read(|tx| {
        type Columns = (
            String,
            Option<String>,
            Option<i64>,
            String,
            String,
            String,
            String,
            String,
            Vec<u8>,
        );
        let row: Option<Columns> = tx.query_opt(
            sql!(
                "SELECT kind, case_id, n, subject, at, recorded, actor, body, salt FROM entries
                  WHERE org = $1 AND seq = $2"
            ),
            params![ctx.org, seq],
            |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                    row.get(6)?,
                    row.get(7)?,
                    row.get(8)?,
                ))
            },
        )?;
        let Some((kind, case, n, subject, at, recorded, actor, body, salt)) = row else {
            return Err(Error::Bar(Bar::NotFound));
        };
        // A receipt holds the whole entry, 限办 fields and all.
        if let Some(case) = &case {
            let sight = crate::access::Sight::of(tx, ctx)?;
            sight.check(tx, case)?;
            if kind == "fact" {
                if !sight.handles(tx, case)? {
                    return Err(Error::Bar(Bar::NotYours(
                        "回执里有这一步的全部内容，只给承办人和领导，请由他们下载",
                    )));
                }
                let named = crate::facts::cases_named(&body)?;
                let named: Vec<&str> = named.iter().map(String::as_str).collect();
                if !sight.hidden(tx, &named)?.is_empty() {
                    return Err(Error::Bar(Bar::NotYours(
                        "这一步提到不在您权限之内的案件，回执不能给您，请由看得到的人下载",
                    )));
                }
            }
        }
        let index = u64::try_from(seq).map_err(fault)?;
        let entry = Entry {
            org: &ctx.org,
            seq: index,
            kind: &kind,
            case: case.as_deref(),
            n: n.and_then(|n| u32::try_from(n).ok()),
            subject: &subject,
            at: &at,
            recorded: &recorded,
            actor: &actor,
            body: &body,
        };
        let mut broken = None;
        let proof = ledger::inclusion(head.size, index, |level, at| {
            match node(tx, &ctx.org, level, at) {
                Ok(hash) => hash,
                Err(e) => {
                    broken = Some(e);
                    None
                }
            }
        });
        if let Some(e) = broken {
            return Err(e);
        }
        let proof = proof.ok_or(Error::Bar(Bar::NotFound))?;
        Ok(ledger::Receipt {
            entry: entry.canonical(),
            salt: crate::ctx::hex(&salt),
            index,
            proof: proof.iter().map(|hash| ledger::hex(hash)).collect(),
            checkpoint,
        })
    })
}

/// One kept subtree hash.
pub(crate) fn node(tx: &mut Tx, org: &str, level: u8, index: u64) -> Result<Option<ledger::Hash>> {
    let hash: Option<Vec<u8>> = tx.query_opt(
        sql!("SELECT hash FROM log_nodes WHERE org = $1 AND level = $2 AND idx = $3"),
        params![org, i64::from(level), i64::try_from(index).map_err(fault)?],
        |row| row.get(0),
    )?;
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}
