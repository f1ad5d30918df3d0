//! A receipt (回执): one entry, its place in the log, and the signed head; verifies offline.

use crate::{Hash, checkpoint, entry, leaf_hash, unhex, verify_inclusion};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A receipt as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Canonical text of the entry.
    pub entry: String,
    /// Salt, hexadecimal.
    pub salt: String,
    /// Position in the log, from 0.
    pub index: u64,
    /// Inclusion proof, hashes in hexadecimal, the leaf's sibling first.
    pub proof: Vec<String>,
    /// Signed note of the head that contains the entry.
    pub checkpoint: String,
}

/// Why a receipt does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptError {
    /// Not readable as a receipt.
    Damaged,
    /// The head is not signed by this key.
    Signature,
    /// The entry is not under the signed root.
    NotIncluded,
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReceiptError::Damaged => "回执残缺或者写法不对",
            ReceiptError::Signature => "回执里的账本头不是这个密钥签的",
            ReceiptError::NotIncluded => "回执里的记录不在签过的账本里：内容、位置或者证明被改过",
        })
    }
}

impl std::error::Error for ReceiptError {}

impl Receipt {
    /// Holds if the entry, unchanged, stands at its place under a head signed by `vkey`. Says nothing about truth.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, vkey: &str) -> Result<(), ReceiptError> {
        let salt = unhex(&self.salt).ok_or(ReceiptError::Damaged)?;
        let proof = self
            .proof
            .iter()
            .map(|text| unhex(text))
            .collect::<Option<Vec<Hash>>>();
        let proof = proof.ok_or(ReceiptError::Damaged)?;
        // The place named in the entry; a quote inside a value is escaped, so the last such key is the real one.
        let said = self.entry.rsplit_once(",\"seq\":").map(|(_, rest)| rest);
        let place = format!("{},\"subject\":", self.index);
        if !said.is_some_and(|rest| rest.starts_with(&place)) {
            return Err(ReceiptError::Damaged);
        }
        let head = checkpoint::open(&self.checkpoint, vkey).ok_or(ReceiptError::Signature)?;
        let leaf = leaf_hash(&entry::commitment_of(self.entry.as_bytes(), &salt));
        if verify_inclusion(head.size, self.index, leaf, &proof, head.root) {
            Ok(())
        } else {
            Err(ReceiptError::NotIncluded)
        }
    }

    /// The commitment to the entry as this receipt tells it; `None` if the salt is damaged.
    pub fn commitment(&self) -> Option<Hash> {
        unhex(&self.salt).map(|salt| entry::commitment_of(self.entry.as_bytes(), &salt))
    }
}
