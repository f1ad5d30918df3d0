//! An append-only Merkle log of acts, pure.
