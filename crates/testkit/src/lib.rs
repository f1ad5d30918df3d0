//! A township to test in, on each engine.
