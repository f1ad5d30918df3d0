//! An append-only Merkle log of acts (账本): pure, no I/O, no randomness of its own.
//!
//! One township has one log. An entry is encoded canonically, salted and committed; the commitment is the leaf of an
//! RFC 6962 tree. Erasing an entry and its salt leaves the tree verifiable. The format is in `docs/ledger-format.md`.

pub mod checkpoint;
mod entry;
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
