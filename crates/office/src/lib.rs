//! What the township does (乡镇办事): operations, the SQL they use, access, migrations.
//!
//! An operation takes a transaction and a [`ctx::Ctx`], asks the law, writes, and appends to the log. Those that write
//! return [`ledger::Recorded`], and [`Office::act`] runs nothing else: a write that forgets the log does not compile.

pub mod access;
pub mod accounts;
pub mod backup;
pub mod casefile;
pub mod cases;
pub mod ctx;
mod derived;
pub mod docket;
pub mod dossier;
pub mod draws;
pub mod error;
pub mod evidence;
pub mod facts;
pub mod figures;
pub mod imports;
pub mod inputs;
pub mod listings;
pub mod log;
pub mod login_rules;
pub mod numbers;
pub mod pack;
pub mod parties;
pub mod people;
pub mod projections;
pub mod publications;
pub mod receipts;
pub mod records;
mod refold;
pub mod registers;
pub mod reports;
mod requests;
pub mod schema;
mod seal;
pub mod second_factor;
pub mod sign_ins;
pub mod signing;
pub mod since;
mod stocks;
pub mod tables;
pub mod tiles;
pub mod today;
pub mod townships;
pub mod vault;
pub mod verify;
pub mod witness;

mod office;

pub use office::Office;
