//! What the township does.
