//! Witnesses (见证): a neighbour keeps the newest head that it saw of a log and signs only what continues it
//! (C2SP tlog-witness), so that one key cannot show two histories to two people.

use crate::ctx::Ctx;
use crate::error::{Error, Result, fault};
use crate::office::Office;
use crate::townships;
use ledger::checkpoint::{self, Checkpoint};
use ledger::{Hash, cosignature};
use store::{Tx, params, sql};

/// Longest consistency proof that can be needed.
const MAX_PROOF: usize = 63;

/// What a witness answers; each is a status of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200: the cosignature line.
    Cosigned(String),
    /// 400: not written as the protocol says.
    Malformed,
    /// 403: not signed by the log's key.
    Unsigned,
    /// 404: this log is not watched here.
    Unknown,
    /// 409: another size was the newest seen, this one.
    Conflict(i64),
    /// 422: does not continue what was seen.
    Inconsistent,
}

/// A log that is watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Its name.
    pub origin: String,
    /// Its public key.
    pub key: String,
    /// Entries in the newest head seen.
    pub size: i64,
    /// The newest head with both signatures; empty before the first.
    pub note: String,
    /// Heads seen that contradict one another.
    pub forks: i64,
}

/// A witness that is asked.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Its name.
    pub name: String,
    /// Its public key.
    pub key: String,
    /// Where it answers; empty if requests are carried by hand.
    pub url: String,
    /// Entries in the newest head that it cosigned.
    pub size: i64,
}

fn name(tx: &mut Tx, org: &str) -> Result<String> {
    let code = townships::find(tx, org)?.code;
    Ok(format!("{}/witness", townships::origin(&code)))
}

fn signing_key(office: &Office, ctx: &Ctx) -> Result<[u8; 32]> {
    office
        .vault
        .key(&format!("{}.witness", ctx.org), ctx.bytes32())
}

/// The key under which this township cosigns; another one than the key of its own log.
pub fn key(office: &Office, ctx: &Ctx) -> Result<String> {
    let name = office.read(|tx| name(tx, &ctx.org))?;
    Ok(cosignature::vkey(&name, &signing_key(office, ctx)?))
}

/// Watches a neighbour's log from now on.
pub fn watch(office: &Office, ctx: &Ctx, key: &str) -> Result<()> {
    let origin = checkpoint::name_of(key)
        .ok_or_else(|| Error::Form(vec![("公钥".into(), "不是账本公钥".into())]))?;
    office.jot(|tx| {
        tx.execute(
            sql!(
                "INSERT INTO watched_logs (org, origin, key_text, size, root, note) VALUES ($1, $2, $3, 0, '', '')
                 ON CONFLICT (org, origin) DO NOTHING"
            ),
            params![ctx.org, origin, key.trim()],
        )?;
        Ok(())
    })
}

/// Logs that are watched here.
pub fn watched(tx: &mut Tx, org: &str) -> Result<Vec<Watched>> {
    Ok(tx.query(
        sql!(
            "SELECT w.origin, w.key_text, w.size, w.note,
                    (SELECT count(*) FROM watched_forks f WHERE f.org = w.org AND f.origin = w.origin)
               FROM watched_logs w WHERE w.org = $1 ORDER BY w.origin"
        ),
        params![org],
        |row| {
            Ok(Watched {
                origin: row.get(0)?,
                key: row.get(1)?,
                size: row.get(2)?,
                note: row.get(3)?,
                forks: row.get(4)?,
            })
        },
    )?)
}

/// Answers a request to cosign. What was seen is durable before the answer is given.
pub fn add_checkpoint(office: &Office, ctx: &Ctx, request: &str) -> Result<Answer> {
    let Some((old, proof, note)) = parts(request) else {
        return Ok(Answer::Malformed);
    };
    let Some(told) = checkpoint::peek(note) else {
        return Ok(Answer::Malformed);
    };
    let key = signing_key(office, ctx)?;
    office.jot(|tx| {
        // Takes the row, so that two requests for one log come one after the other.
        tx.execute(
            sql!("UPDATE watched_logs SET size = size WHERE org = $1 AND origin = $2"),
            params![ctx.org, told.origin],
        )?;
        let all = watched(tx, &ctx.org)?;
        let Some(known) = all.into_iter().find(|log| log.origin == told.origin) else {
            return Ok(Answer::Unknown);
        };
        let Some(head) = checkpoint::open(note, &known.key) else {
            return Ok(Answer::Unsigned);
        };
        let size = i64::try_from(head.size).map_err(fault)?;
        if head.size < old {
            return Ok(Answer::Malformed);
        }
        let before = checkpoint::open(&known.note, &known.key);
        let (seen, seen_root) = before
            .map_or((0, head.root), |before| (before.size, before.root));
        let forked = seen > 0 && seen == head.size && seen_root != head.root;
        if old != seen {
            if forked {
                keep_fork(tx, ctx, &known, &head, note)?;
            }
            return Ok(Answer::Conflict(known.size));
        }
        let empty = head.size == 0 && head.root != ledger::Head::empty().root();
        if forked || empty || !ledger::verify_consistency(old, seen_root, head.size, head.root, &proof) {
            if seen > 0 && !empty {
                keep_fork(tx, ctx, &known, &head, note)?;
            }
            return Ok(Answer::Inconsistent);
        }
        let line = cosignature::sign(&name(tx, &ctx.org)?, note, seconds(ctx), &key)
            .ok_or_else(|| fault("a note that opened cannot be cosigned"))?;
        let text = format!("{}{line}", only(note, &head.origin));
        tx.execute(
            sql!("UPDATE watched_logs SET size = $3, root = $4, note = $5 WHERE org = $1 AND origin = $2"),
            params![ctx.org, head.origin, size, ledger::hex(&head.root), text],
        )?;
        Ok(Answer::Cosigned(line))
    })
}

fn keep_fork(
    tx: &mut Tx,
    ctx: &Ctx,
    known: &Watched,
    shown: &Checkpoint,
    note: &str,
) -> Result<()> {
    tracing::error!(origin = %shown.origin, size = shown.size, "a watched log shows two histories");
    tx.execute(
        sql!(
            "INSERT INTO watched_forks (org, origin, size, root, seen_at, kept_note, shown_note)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org, origin, size, root) DO NOTHING"
        ),
        params![
            ctx.org,
            shown.origin,
            i64::try_from(shown.size).map_err(fault)?,
            ledger::hex(&shown.root),
            ctx.recorded(),
            known.note,
            note
        ],
    )?;
    Ok(())
}

/// Old size, proof and checkpoint of a request.
fn parts(request: &str) -> Option<(u64, Vec<Hash>, &str)> {
    let (top, note) = request.split_once("\n\n")?;
    let mut lines = top.split('\n');
    let old = lines.next()?.strip_prefix("old ")?;
    let plain = old.bytes().all(|b| b.is_ascii_digit()) && (old == "0" || !old.starts_with('0'));
    let old = plain.then(|| old.parse().ok()).flatten()?;
    let proof = lines.map(ledger::unbase64).collect::<Option<Vec<_>>>()?;
    (proof.len() <= MAX_PROOF).then_some((old, proof, note))
}

/// The note with the signature lines of one name only.
fn only(note: &str, name: &str) -> String {
    let Some((text, lines)) = note.split_once("\n\n") else {
        return note.to_owned();
    };
    let start = format!("— {name} ");
    let lines = lines.lines().filter(|line| line.starts_with(&start));
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    format!("{text}\n\n{lines}")
}

/// POSIX seconds of now.
fn seconds(ctx: &Ctx) -> u64 {
    let epoch = jiff::civil::date(1970, 1, 1).at(8, 0, 0, 0);
    u64::try_from(ctx.now.duration_since(epoch).as_secs()).unwrap_or(0)
}

/// Asks this witness from now on; the address may be empty.
pub fn trust(office: &Office, ctx: &Ctx, key: &str, url: &str) -> Result<String> {
    let name = cosignature::name_of(key)
        .ok_or_else(|| Error::Form(vec![("公钥".into(), "不是见证人公钥".into())]))?;
    office.jot(|tx| {
        tx.execute(
            sql!(
                "INSERT INTO witnesses (org, name, key_text, url) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (org, name) DO UPDATE SET key_text = excluded.key_text, url = excluded.url"
            ),
            params![ctx.org, name, key.trim(), url],
        )?;
        Ok(())
    })?;
    Ok(name)
}

/// Witnesses that are asked.
pub fn witnesses(tx: &mut Tx, org: &str) -> Result<Vec<Witness>> {
    Ok(tx.query(
        sql!(
            "SELECT w.name, w.key_text, w.url,
                    COALESCE((SELECT max(c.size) FROM cosignatures c WHERE c.org = w.org AND c.witness = w.name), 0)
               FROM witnesses w WHERE w.org = $1 ORDER BY w.name"
        ),
        params![org],
        |row| {
            Ok(Witness {
                name: row.get(0)?,
                key: row.get(1)?,
                url: row.get(2)?,
                size: row.get(3)?,
            })
        },
    )?)
}

/// The request for the log as it stands, to a witness whose newest head is `old` entries long. `None` if it has seen
/// more than there is: the log was cut off, or an old backup was put back.
pub fn request(office: &Office, ctx: &Ctx, old: u64) -> Result<Option<String>> {
    let note = townships::checkpoint(office, ctx)?;
    let head = checkpoint::peek(&note).ok_or_else(|| fault("own checkpoint does not open"))?;
    if old > head.size {
        return Ok(None);
    }
    let proof = office.read(|tx| {
        let mut broken = None;
        let proof = ledger::consistency(old, head.size, |level, at| {
            crate::log::node(tx, &ctx.org, level, at).unwrap_or_else(|e| {
                broken = Some(e);
                None
            })
        });
        match broken {
            Some(e) => Err(e),
            None => proof.ok_or_else(|| fault("tree nodes are missing")),
        }
    })?;
    let proof: String = proof
        .iter()
        .map(|hash| format!("{}\n", ledger::base64(hash)))
        .collect();
    Ok(Some(format!("old {old}\n{proof}\n{note}")))
}

/// Keeps what witnesses answered, if it is signed by one that is trusted; answers who signed.
pub fn take(office: &Office, ctx: &Ctx, note: &str, lines: &str) -> Result<Vec<String>> {
    let all = office.read(|tx| witnesses(tx, &ctx.org))?;
    let own = office.read(|tx| townships::verifier_key(tx, &ctx.org))?;
    let size = match checkpoint::open(note, &own) {
        Some(head) => i64::try_from(head.size).map_err(fault)?,
        None => return Ok(Vec::new()),
    };
    let signed = format!("{}{lines}", only(note, &name_of_log(&own)));
    let mut names = Vec::new();
    for witness in all {
        if cosignature::time(&signed, &witness.key).is_none() {
            continue;
        }
        let start = format!("— {} ", witness.name);
        let line: String = lines
            .lines()
            .filter(|line| line.starts_with(&start))
            .map(|line| format!("{line}\n"))
            .collect();
        office.jot(|tx| {
            tx.execute(
                sql!(
                    "INSERT INTO cosignatures (org, size, witness, line) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (org, size, witness) DO UPDATE SET line = excluded.line"
                ),
                params![ctx.org, size, witness.name, line],
            )?;
            Ok(())
        })?;
        names.push(witness.name);
    }
    Ok(names)
}

fn name_of_log(key: &str) -> String {
    checkpoint::name_of(key).unwrap_or_default()
}

/// The head as it stands, with the lines of the witnesses who signed this very head.
pub fn published(office: &Office, ctx: &Ctx) -> Result<String> {
    let note = townships::checkpoint(office, ctx)?;
    let size = checkpoint::peek(&note).map_or(0, |head| head.size);
    let size = i64::try_from(size).map_err(fault)?;
    let lines = office.read(|tx| lines(tx, &ctx.org, size))?;
    Ok(format!("{note}{lines}"))
}

/// The newest head that a witness signed, with its lines.
pub fn cosigned(tx: &mut Tx, org: &str) -> Result<Option<String>> {
    let newest: Option<(i64, String)> = tx.query_opt(
        sql!(
            "SELECT p.size, p.note FROM checkpoints p
              WHERE p.org = $1 AND p.size = (SELECT max(size) FROM cosignatures WHERE org = $1)"
        ),
        params![org],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match newest {
        None => Ok(None),
        Some((size, note)) => Ok(Some(format!("{note}{}", lines(tx, org, size)?))),
    }
}

fn lines(tx: &mut Tx, org: &str, size: i64) -> Result<String> {
    let lines: Vec<String> = tx.query(
        sql!("SELECT line FROM cosignatures WHERE org = $1 AND size = $2 ORDER BY witness"),
        params![org, size],
        |row| row.get(0),
    )?;
    Ok(lines.concat())
}
