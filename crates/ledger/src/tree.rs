//! The RFC 6962 tree: heads, roots, proofs.

use crate::Hash;
use crate::recorded::Node;
use sha2::{Digest, Sha256};
use std::fmt;

/// Hash of a leaf: SHA-256 over 0x00 and the data.
pub fn leaf_hash(data: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0u8]);
    hasher.update(data);
    hasher.finalize().into()
}

/// Hash of an inner node: SHA-256 over 0x01 and both children.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1u8]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// A tree head as text could not be read, or an entry does not continue it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadError;

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("log head is damaged or does not fit the entry")
    }
}

impl std::error::Error for HeadError {}

/// The open end of a log: its size and the hashes of the complete subtrees along its right edge, largest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    size: u64,
    edge: Vec<Hash>,
}

impl Head {
    /// An empty log.
    pub fn empty() -> Head {
        Head {
            size: 0,
            edge: Vec::new(),
        }
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root hash; of an empty log, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut edge = self.edge.iter().rev();
        match edge.next() {
            None => Sha256::digest([]).into(),
            Some(last) => edge.fold(*last, |right, left| node_hash(left, &right)),
        }
    }

    /// The edge as text for one database column: hashes in hexadecimal, parted by blanks.
    pub fn to_text(&self) -> String {
        self.edge
            .iter()
            .map(|hash| crate::hex(hash))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Reads [`Head::to_text`].
    ///
    /// # Errors
    /// When the text is not the edge of a tree of that size.
    pub fn from_text(size: u64, text: &str) -> Result<Head, HeadError> {
        let edge = text
            .split_whitespace()
            .map(crate::unhex)
            .collect::<Option<Vec<Hash>>>()
            .ok_or(HeadError)?;
        if edge.len() == size.count_ones() as usize {
            Ok(Head { size, edge })
        } else {
            Err(HeadError)
        }
    }

    /// Adds a leaf; answers the new head and the subtrees that became complete.
    pub(crate) fn push(&self, leaf: Hash) -> (Head, Vec<Node>) {
        let mut edge = self.edge.clone();
        let mut hash = leaf;
        let mut nodes = vec![Node {
            level: 0,
            index: self.size,
            hash,
        }];
        let mut level = 0u8;
        let mut size = self.size;
        while size & 1 == 1 {
            let left = edge
                .pop()
                .expect("one edge hash for every set bit of the size");
            hash = node_hash(&left, &hash);
            level += 1;
            size >>= 1;
            nodes.push(Node {
                level,
                index: size,
                hash,
            });
        }
        edge.push(hash);
        (
            Head {
                size: self.size + 1,
                edge,
            },
            nodes,
        )
    }
}

/// The root over leaf hashes, from the definition; for verifiers that read everything.
pub fn root_of_leaves(leaves: impl Iterator<Item = Hash>) -> Hash {
    leaves
        .fold(Head::empty(), |head, leaf| head.push(leaf).0)
        .root()
}

/// Hash of the subtree over leaves `from..to` by kept nodes. `None` if a node is missing.
fn range_hash(from: u64, to: u64, node: &mut dyn FnMut(u8, u64) -> Option<Hash>) -> Option<Hash> {
    let width = to - from;
    if width.is_power_of_two() && from.is_multiple_of(width) {
        let level = u8::try_from(width.trailing_zeros()).ok()?;
        return node(level, from >> level);
    }
    let split = largest_power_below(width);
    let left = range_hash(from, from + split, node)?;
    let right = range_hash(from + split, to, node)?;
    Some(node_hash(&left, &right))
}

fn largest_power_below(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// Inclusion proof of entry `index` in the tree of `size` entries; `None` if it is not there or a node is missing.
pub fn inclusion(
    size: u64,
    index: u64,
    mut node: impl FnMut(u8, u64) -> Option<Hash>,
) -> Option<Vec<Hash>> {
    if index >= size {
        return None;
    }
    let mut proof = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + largest_power_below(to - from);
        if index < middle {
            proof.push(range_hash(middle, to, &mut node)?);
            to = middle;
        } else {
            proof.push(range_hash(from, middle, &mut node)?);
            from = middle;
        }
    }
    proof.reverse();
    Some(proof)
}

/// Does this proof show that the leaf stands at `index` under the root?
pub fn verify_inclusion(size: u64, index: u64, leaf: Hash, proof: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    let mut proof = proof.iter();
    while last > 0 {
        if at & 1 == 1 || at == last {
            let Some(sibling) = proof.next() else {
                return false;
            };
            hash = node_hash(sibling, &hash);
            if at & 1 == 0 {
                while at & 1 == 0 && at != 0 {
                    at >>= 1;
                    last >>= 1;
                }
            }
        } else {
            let Some(sibling) = proof.next() else {
                return false;
            };
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    proof.next().is_none() && hash == root
}

/// Consistency proof between the trees of `old` and `new` entries; `None` if `old > new` or a node is missing.
pub fn consistency(
    old: u64,
    new: u64,
    mut node: impl FnMut(u8, u64) -> Option<Hash>,
) -> Option<Vec<Hash>> {
    if old == 0 || old > new {
        return (old == 0).then(Vec::new);
    }
    let mut proof = Vec::new();
    let (mut from, mut to, mut whole) = (0, new, true);
    let mut m = old;
    while m != to - from {
        let split = largest_power_below(to - from);
        if m <= split {
            proof.push(range_hash(from + split, to, &mut node)?);
            to = from + split;
        } else {
            proof.push(range_hash(from, from + split, &mut node)?);
            m -= split;
            from += split;
            whole = false;
        }
    }
    if !whole {
        proof.push(range_hash(from, to, &mut node)?);
    }
    proof.reverse();
    Some(proof)
}

/// Does this proof show that the tree of `new` entries extends the tree of `old` entries?
pub fn verify_consistency(
    old: u64,
    old_root: Hash,
    new: u64,
    new_root: Hash,
    proof: &[Hash],
) -> bool {
    if old > new {
        return false;
    }
    if old == new || old == 0 {
        return proof.is_empty() && (old == 0 || old_root == new_root);
    }
    let mut proof = proof.iter();
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let start = if at == 0 {
        old_root
    } else {
        match proof.next() {
            Some(hash) => *hash,
            None => return false,
        }
    };
    let (mut older, mut newer) = (start, start);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            older = node_hash(sibling, &older);
            newer = node_hash(sibling, &newer);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            newer = node_hash(&newer, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && older == old_root && newer == new_root
}
