//! Pieces that several pages share.

pub mod assets;
pub mod clocks;
pub mod flow;
pub mod forms;
pub mod shell;
