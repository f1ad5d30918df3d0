//! The log in public (账本公开) as C2SP tlog-tiles: runs of 256 hashes, and runs of 256 commitments. No personal data:
//! of an entry only its salted commitment is served.

use crate::error::{Bar, Error, Result, fault};
use ledger::{Entry, Hash};
use store::{Tx, params, sql};

/// Hashes in a full tile.
pub const WIDTH: i64 = 256;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Tree hashes at this tile level, which is eight tree levels high.
    Hashes(u8),
    /// The entries themselves, which are commitments.
    Entries,
}

/// A tile, as its path names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// What it holds.
    pub kind: Kind,
    /// Place among the tiles of its level.
    pub index: i64,
    /// 256, or fewer at the right edge.
    pub width: i64,
}

impl Tile {
    /// Reads what follows `tile/`: `0/x001/234`, `entries/000.p/17`. One spelling for one tile.
    pub fn read(path: &str) -> Option<Tile> {
        let (level, rest) = path.split_once('/')?;
        let kind = match level {
            "entries" => Kind::Entries,
            // 64-bit sizes have no tree level above 63.
            level => Kind::Hashes(u8::try_from(plain(level)?).ok().filter(|l| *l < 8)?),
        };
        let (groups, width) = match rest.split_once(".p/") {
            None => (rest, WIDTH),
            Some((groups, width)) => (groups, plain(width).filter(|w| (1..WIDTH).contains(w))?),
        };
        let groups: Vec<&str> = groups.split('/').collect();
        let mut index = 0i64;
        for (i, group) in groups.iter().enumerate() {
            let digits = if i + 1 < groups.len() {
                group.strip_prefix('x')?
            } else {
                group
            };
            if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            if i == 0 && groups.len() > 1 && digits == "000" {
                return None;
            }
            index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        }
        Some(Tile { kind, index, width })
    }

    /// The bytes; not found unless every hash or entry that it names is in the log by now.
    pub fn bytes(self, tx: &mut Tx, org: &str) -> Result<Vec<u8>> {
        let size = crate::log::size(tx, org)?;
        let level = match self.kind {
            Kind::Hashes(level) => i64::from(level) * 8,
            Kind::Entries => 0,
        };
        let from = self.index.checked_mul(WIDTH);
        let to = from.and_then(|from| from.checked_add(self.width));
        let (Some(from), Some(to)) = (from, to) else {
            return Err(Error::Bar(Bar::NotFound));
        };
        if size >> level < to {
            return Err(Error::Bar(Bar::NotFound));
        }
        let mut bytes = Vec::new();
        match self.kind {
            Kind::Hashes(_) => hashes(tx, org, level, from, to)?
                .iter()
                .for_each(|hash| bytes.extend(hash)),
            Kind::Entries => {
                for commitment in commitments(tx, org, from, to)? {
                    bytes.extend(32u16.to_be_bytes());
                    bytes.extend(commitment);
                }
            }
        }
        Ok(bytes)
    }
}

/// A decimal number without sign or leading zeros.
fn plain(text: &str) -> Option<i64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

fn hashes(tx: &mut Tx, org: &str, level: i64, from: i64, to: i64) -> Result<Vec<Hash>> {
    let rows: Vec<Vec<u8>> = tx.query(
        sql!(
            "SELECT hash FROM log_nodes WHERE org = $1 AND level = $2 AND idx >= $3 AND idx < $4 ORDER BY idx"
        ),
        params![org, level, from, to],
        |row| row.get(0),
    )?;
    let hashes: Vec<Hash> = rows
        .into_iter()
        .filter_map(|hash| hash.try_into().ok())
        .collect();
    if i64::try_from(hashes.len()).map_err(fault)? == to - from {
        Ok(hashes)
    } else {
        Err(fault(format!(
            "log nodes of level {level} are missing between {from} and {to}"
        )))
    }
}

/// The commitments of the entries `from` up to `to`, made again from the entries as they are stored.
pub fn commitments(tx: &mut Tx, org: &str, from: i64, to: i64) -> Result<Vec<Hash>> {
    let rows = tx.query(
        sql!(
            "SELECT seq, kind, case_id, n, subject, at, recorded, actor, body, salt FROM entries
              WHERE org = $1 AND seq >= $2 AND seq < $3 ORDER BY seq"
        ),
        params![org, from, to],
        |row| {
            let words: [String; 6] = [
                row.get(1)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
                row.get(7)?,
                row.get(8)?,
            ];
            let case: Option<String> = row.get(2)?;
            let n: Option<i64> = row.get(3)?;
            Ok((row.get::<i64>(0)?, case, n, words, row.get::<Vec<u8>>(9)?))
        },
    )?;
    let mut all = Vec::with_capacity(rows.len());
    for (place, (seq, case, n, words, salt)) in (from..to).zip(rows) {
        let salt: [u8; 32] = salt
            .try_into()
            .map_err(|_| fault(format!("entry {seq} has no salt of 32 bytes")))?;
        if seq != place {
            return Err(fault(format!("entry {place} is missing")));
        }
        let [kind, subject, at, recorded, actor, body] = &words;
        let entry = Entry {
            org,
            seq: u64::try_from(seq).map_err(fault)?,
            kind,
            case: case.as_deref(),
            n: n.and_then(|n| u32::try_from(n).ok()),
            subject,
            at,
            recorded,
            actor,
            body,
        };
        all.push(entry.commitment(&salt));
    }
    if i64::try_from(all.len()).map_err(fault)? == to - from {
        Ok(all)
    } else {
        Err(fault(format!(
            "entries are missing between {from} and {to}"
        )))
    }
}
