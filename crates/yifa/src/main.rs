//! yifa 依法.
fn main() {}
