//! Two engines, one SQL (存储). Knows no domain noun.
//!
//! SQLite by default, PostgreSQL for a county or more. Every statement is written once, in the subset both read alike.
//! On SQLite writes go through one connection that groups commits; on PostgreSQL each write has its own transaction.

mod error;
mod migrate;
mod postgres;
pub mod search;
mod sqlite;
mod statements;
mod tx;

pub use error::{Error, Result};
pub use migrate::Migration;
pub use postgres::{create_database, reachable};
pub use statements::{Statement, statements_in};
pub use tx::{Bind, FromColumn, Param, Row, Sql, Tx};

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the data lies.
#[derive(Debug, Clone)]
pub enum Location {
    /// One file.
    Sqlite(PathBuf),
    /// A connection URL. The database must sort bytes (C collation), as SQLite does.
    Postgres(String),
}

/// Which engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<sqlite::Pool>),
    Postgres(postgres::Pool),
}

/// An open store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
}

impl Store {
    /// Opens the store and applies what migrations are missing.
    ///
    /// # Errors
    /// When the engine is too old, the place cannot be written, or an applied migration has changed since.
    pub fn open(location: &Location, migrations: &[Migration]) -> Result<Store> {
        let backend = match location {
            Location::Sqlite(path) => Backend::Sqlite(Arc::new(sqlite::Pool::open(path)?)),
            Location::Postgres(url) => Backend::Postgres(postgres::open(url)?),
        };
        let store = Store { backend };
        migrate::apply(&store, migrations)?;
        Ok(store)
    }

    /// Reads in one snapshot.
    ///
    /// # Errors
    /// What `f` answers, or the store's own.
    pub fn read<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        match &self.backend {
            Backend::Sqlite(pool) => pool.read(f),
            Backend::Postgres(pool) => {
                postgres::run(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", f)
            }
        }
    }

    /// Writes; answers only after everything in `f` is durable. If `f` fails, nothing of it remains.
    ///
    /// # Errors
    /// What `f` answers, or the store's own; [`Error::Unknown`] when the commit's outcome is not known.
    pub fn write<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        match &self.backend {
            Backend::Sqlite(pool) => pool.write(f),
            Backend::Postgres(pool) => postgres::run(pool, "BEGIN", f),
        }
    }

    /// Copies the database as it stands at one instant into a new file, beside readers and writers.
    ///
    /// # Errors
    /// When the file exists and is not empty, or cannot be written; on PostgreSQL, which has its own tool.
    pub fn copy_to(&self, target: &Path) -> Result<()> {
        match &self.backend {
            Backend::Sqlite(pool) => pool.copy_to(target),
            Backend::Postgres(_) => Err(Error::Unusable(
                "数据在 PostgreSQL 里：请用 pg_dump 备份数据库，再另外复制数据目录里的 files 和 keys".into(),
            )),
        }
    }

    /// Which engine runs.
    pub fn engine(&self) -> Engine {
        match self.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// Structural faults that the engine itself finds.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub fn check(&self) -> Result<Vec<String>> {
        match &self.backend {
            Backend::Sqlite(pool) => pool.check(),
            Backend::Postgres(_) => Ok(Vec::new()),
        }
    }
}

/// A statement: its text, written beside the operation that uses it.
#[macro_export]
macro_rules! sql {
    ($text:literal) => {
        $crate::Sql($text)
    };
}

/// Values for `$1`, `$2`, … of a statement.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::Bind::bind(&$value)),*] as &[$crate::Param<'_>]
    };
}
