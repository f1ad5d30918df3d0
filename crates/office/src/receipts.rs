//! Receipts held against the log of today (回执核验). What this site says of its own log is no independent proof.

use crate::ctx::Ctx;
use crate::error::{Result, fault};
use crate::office::Office;
use crate::{log, tiles, townships};
use ledger::checkpoint;
use ledger::{Receipt, ReceiptError};

/// What a receipt and the log of today say of one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It does not hold by itself.
    Broken(ReceiptError),
    /// It holds, and the log of today continues what it was signed over.
    Continued {
        /// Does the entry, as it is stored now, still say the same?
        entry_same: bool,
    },
    /// It holds, but the log of today is not the continuation: history was rewritten.
    Rewritten,
}

/// Holds a receipt against the key and the log of this township.
pub fn check(office: &Office, ctx: &Ctx, text: &str) -> Result<(Finding, Option<Receipt>)> {
    let Ok(receipt) = serde_json::from_str::<Receipt>(text.trim()) else {
        return Ok((Finding::Broken(ReceiptError::Damaged), None));
    };
    let key = office.read(|tx| townships::verifier_key(tx, &ctx.org))?;
    if let Err(e) = receipt.verify(&key) {
        return Ok((Finding::Broken(e), Some(receipt)));
    }
    let note = townships::checkpoint(office, ctx)?;
    let (Some(old), Some(now)) = (
        checkpoint::open(&receipt.checkpoint, &key),
        checkpoint::open(&note, &key),
    ) else {
        return Err(fault("own checkpoint does not open"));
    };
    let place = i64::try_from(receipt.index).map_err(fault)?;
    let finding = office.read(|tx| {
        let mut broken = None;
        let proof = ledger::consistency(old.size, now.size, |level, at| {
            log::node(tx, &ctx.org, level, at).unwrap_or_else(|e| {
                broken = Some(e);
                None
            })
        });
        if let Some(e) = broken {
            return Err(e);
        }
        let continued = proof.is_some_and(|proof| {
            ledger::verify_consistency(old.size, old.root, now.size, now.root, &proof)
        });
        if !continued {
            return Ok(Finding::Rewritten);
        }
        let stored = tiles::commitments(tx, &ctx.org, place, place + 1).ok();
        let entry_same = stored.is_some_and(|all| all.first() == receipt.commitment().as_ref());
        Ok(Finding::Continued { entry_same })
    })?;
    Ok((finding, Some(receipt)))
}

/// What the entry of a receipt is about, in the words of the law file: 编号, 标题, 步骤. Empty if it belongs to no case.
pub fn about(tx: &mut store::Tx, ctx: &Ctx, case: &str, step: &str) -> Result<String> {
    if case.is_empty() {
        return Ok(String::new());
    }
    let record = crate::records::load(tx, ctx, case)?;
    let name = match record.law.step(step) {
        Some(step) => record.law.procedure.steps[step.at()].name.clone(),
        None => step.to_owned(),
    };
    Ok(format!(
        "{}　{}　{name}",
        record.row.number, record.row.title
    ))
}
