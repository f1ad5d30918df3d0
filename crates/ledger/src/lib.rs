//! An append-only Merkle log of acts (账本): pure, no I/O, no randomness of its own.
//!
//! One township has one log. An entry is encoded canonically, salted and committed; the commitment is the leaf of an
//! RFC 6962 tree. Erasing an entry and its salt leaves the tree verifiable. The format is in `docs/ledger-format.md`.

pub mod checkpoint;
pub mod cosignature;
mod entry;
mod note;
mod receipt;
mod recorded;
mod tree;

pub use entry::Entry;
pub use receipt::{Receipt, ReceiptError};
pub use recorded::{Leaf, Node, Recorded, append};
pub use tree::{
    Head, HeadError, consistency, inclusion, leaf_hash, node_hash, root_of_leaves,
    verify_consistency, verify_inclusion,
};

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Lower-case hexadecimal of a hash.
pub fn hex(hash: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    hash.iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}

/// Base64 of a hash, as checkpoints and requests to witnesses write it.
pub fn base64(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

/// Reads [`base64()`].
pub fn unbase64(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// Reads [`hex`]; one spelling only, so that two texts never mean one hash.
pub fn unhex(text: &str) -> Option<Hash> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    let mut hash = [0u8; 32];
    for (byte, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}
