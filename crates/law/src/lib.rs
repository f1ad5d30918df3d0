//! Procedures as data (程序): parse, check, run, prove, count.
//!
//! Pure: no I/O, no clock, no async, no database. Time, persons and listings arrive as arguments.

#![warn(missing_docs)]

pub mod calendar;
pub mod check;
pub mod clock;
pub mod dossier;
pub mod engine;
pub mod example;
pub mod identifiers;
pub mod indicator;
pub mod parse;
pub mod problem;
pub mod procedure;
pub mod proof;
pub mod registers;
pub mod report;
pub mod stocks;
pub mod value;
pub mod words;
