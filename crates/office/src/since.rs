//! Held against an older signed head (旧账本头): the one thing that shows a rewrite by the holder of the key.

use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::tiles;
use ledger::checkpoint;
use store::Tx;

/// Entries fetched at a time.
const PAGE: i64 = 2_000;

/// Is the log of today the continuation of the one that this note was signed over? Answers how many entries the note
/// covers, or what is wrong in one Chinese sentence. The key is the one kept by whoever asks, else the one stored here.
pub fn check(
    tx: &mut Tx,
    ctx: &Ctx,
    note: &str,
    kept: Option<&str>,
) -> Result<std::result::Result<u64, String>> {
    let stored = crate::townships::verifier_key(tx, &ctx.org)?;
    let key = kept.map_or(stored.as_str(), str::trim);
    if key != stored {
        return Ok(Err(
            "库里的账本公钥和您手里的不一样：换过密钥，或者不是同一个账本".into(),
        ));
    }
    let Some(old) = checkpoint::open(note, key) else {
        return Ok(Err("旧账本头残缺，或者不是这个账本的密钥签的".into()));
    };
    let size = crate::log::size(tx, &ctx.org)?;
    let covered = i64::try_from(old.size).unwrap_or(i64::MAX);
    if size < covered {
        return Ok(Err(format!(
            "旧账本头有 {covered} 条，现在的账本只有 {size} 条：账本的末尾被截掉了"
        )));
    }
    let mut broken = None;
    let root = {
        let pages = (0..covered).step_by(usize::try_from(PAGE).unwrap_or(1));
        let leaves = pages.map_while(|from| {
            let to = covered.min(from + PAGE);
            tiles::commitments(tx, &ctx.org, from, to)
                .map_err(|e| broken = Some(e))
                .ok()
        });
        ledger::root_of_leaves(leaves.flatten().map(|c| ledger::leaf_hash(&c)))
    };
    match broken {
        Some(Error::Fault(cause)) => Ok(Err(format!("账本读不全：{cause}"))),
        Some(e) => Err(e),
        None if root == old.root => Ok(Ok(old.size)),
        None => Ok(Err(format!(
            "现在账本的前 {covered} 条和旧账本头签的不一样：历史被改写过"
        ))),
    }
}
