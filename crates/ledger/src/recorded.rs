//! Appending, and the value that only appending makes.

use crate::tree::{Head, leaf_hash};
use crate::{Entry, Hash};

/// Something that has been recorded in the log. The only way to obtain one is [`append`].
///
/// ```compile_fail
/// let forged = ledger::Recorded { value: 1 };
/// ```
///
/// ```compile_fail
/// let forged: ledger::Recorded<i64> = ledger::Recorded::new(1);
/// ```
#[derive(Debug)]
#[must_use = "an act that was recorded has something to tell"]
pub struct Recorded<T> {
    value: T,
}

impl<T> Recorded<T> {
    /// What was recorded, to look at.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// The same record, told differently.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Recorded<U> {
        Recorded {
            value: f(self.value),
        }
    }

    /// Two records as one.
    pub fn and<U>(self, other: Recorded<U>) -> Recorded<(T, U)> {
        Recorded {
            value: (self.value, other.value),
        }
    }

    /// What was recorded, once the transaction is over.
    pub fn into_inner(self) -> T {
        self.value
    }
}

/// A complete subtree of the tree: `level` 0 is a leaf, `index` counts subtrees of that level from the left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Height: the subtree spans 2^level leaves.
    pub level: u8,
    /// Position among subtrees of this height.
    pub index: u64,
    /// Its hash.
    pub hash: Hash,
}

/// What an append adds to the log.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The public leaf data.
    pub commitment: Hash,
    /// Subtrees that became complete, the leaf itself first; kept, they give every proof in O(log n).
    pub new_nodes: Vec<Node>,
}

/// Appends one entry. `entry.seq` must be the size of the log before.
///
/// # Errors
/// When the entry claims another position than the next one.
pub fn append(
    head: &Head,
    entry: &Entry,
    salt: &[u8; 32],
) -> Result<(Head, Recorded<Leaf>), crate::HeadError> {
    if entry.seq != head.size() {
        return Err(crate::HeadError);
    }
    let commitment = entry.commitment(salt);
    let (head, new_nodes) = head.push(leaf_hash(&commitment));
    Ok((
        head,
        Recorded {
            value: Leaf {
                commitment,
                new_nodes,
            },
        },
    ))
}
