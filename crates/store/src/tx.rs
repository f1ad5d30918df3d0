//! A transaction on either engine: statements, parameters, rows.

use crate::error::{Error, Result};
use crate::postgres::Connection as PgConnection;
use std::collections::HashMap;

/// A statement's text, with `$1`, `$2`, … for its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sql(pub &'static str);

/// A value on its way into a statement.
#[derive(Debug, Clone, Copy)]
pub enum Param<'a> {
    /// NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// What may stand for `$n`.
pub trait Bind {
    /// The value as the engines take it.
    fn bind(&self) -> Param<'_>;
}

impl Bind for i64 {
    fn bind(&self) -> Param<'_> {
        Param::Int(*self)
    }
}
impl Bind for str {
    fn bind(&self) -> Param<'_> {
        Param::Text(self)
    }
}
impl Bind for String {
    fn bind(&self) -> Param<'_> {
        Param::Text(self)
    }
}
impl Bind for Vec<u8> {
    fn bind(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}
impl<T: Bind> Bind for Option<T> {
    fn bind(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Null, Bind::bind)
    }
}
impl<T: Bind + ?Sized> Bind for &T {
    fn bind(&self) -> Param<'_> {
        (**self).bind()
    }
}

/// A row that a query found.
pub enum Row<'a> {
    #[doc(hidden)]
    Sqlite(&'a rusqlite::Row<'a>),
    #[doc(hidden)]
    Postgres(&'a ::postgres::Row),
}

/// What a column can be read as.
pub trait FromColumn: Sized {
    /// Reads column `idx`, from 0.
    ///
    /// # Errors
    /// When the column is of another type, or NULL where that is not expected.
    fn from_column(row: &Row, idx: usize) -> Result<Self>;
}

impl Row<'_> {
    /// Column `idx`, from 0.
    ///
    /// # Errors
    /// When the column is of another type, or NULL where that is not expected.
    pub fn get<T: FromColumn>(&self, idx: usize) -> Result<T> {
        T::from_column(self, idx)
    }
}

impl FromColumn for i64 {
    fn from_column(row: &Row, idx: usize) -> Result<Self> {
        Option::<i64>::from_column(row, idx)?
            .ok_or_else(|| Error::Other(format!("column {idx} is null")))
    }
}

impl FromColumn for Option<i64> {
    fn from_column(row: &Row, idx: usize) -> Result<Self> {
        match row {
            Row::Sqlite(row) => Ok(row.get(idx)?),
            Row::Postgres(row) if *row.columns()[idx].type_() == ::postgres::types::Type::INT4 => {
                Ok(row.try_get::<_, Option<i32>>(idx)?.map(i64::from))
            }
            Row::Postgres(row) => Ok(row.try_get(idx)?),
        }
    }
}

macro_rules! plain_column {
    ($($kind:ty),+) => {$(
        impl FromColumn for $kind {
            fn from_column(row: &Row, idx: usize) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => Ok(row.get(idx)?),
                    Row::Postgres(row) => Ok(row.try_get(idx)?),
                }
            }
        }
    )+};
}
plain_column!(String, Option<String>, Vec<u8>, Option<Vec<u8>>);

/// A connection inside a transaction.
pub struct Tx {
    pub(crate) connection: Connection,
    /// What full-text search still has to take in before the commit.
    pub(crate) unindexed: Vec<crate::search::Unindexed>,
}

pub(crate) enum Connection {
    Sqlite {
        connection: rusqlite::Connection,
        texts: HashMap<&'static str, String>,
    },
    Postgres(Box<r2d2::PooledConnection<crate::postgres::Manager>>),
}

impl Tx {
    pub(crate) fn sqlite(connection: rusqlite::Connection) -> Tx {
        connection.set_prepared_statement_cache_capacity(512);
        Tx {
            connection: Connection::Sqlite {
                connection,
                texts: HashMap::new(),
            },
            unindexed: Vec::new(),
        }
    }

    /// Which engine runs.
    pub fn engine(&self) -> crate::Engine {
        match self.connection {
            Connection::Sqlite { .. } => crate::Engine::Sqlite,
            Connection::Postgres(_) => crate::Engine::Postgres,
        }
    }

    /// Runs a statement; answers how many rows it touched.
    ///
    /// # Errors
    /// The engine's.
    pub fn execute(&mut self, sql: Sql, params: &[Param]) -> Result<u64> {
        match &mut self.connection {
            Connection::Sqlite { connection, texts } => {
                let mut statement = connection.prepare_cached(numbered(texts, sql))?;
                Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
            }
            Connection::Postgres(connection) => connection.execute(sql, params),
        }
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// The engine's, or what `read` answers.
    pub fn query<T>(
        &mut self,
        sql: Sql,
        params: &[Param],
        mut read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        match &mut self.connection {
            Connection::Sqlite { connection, texts } => {
                let mut statement = connection.prepare_cached(numbered(texts, sql))?;
                let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(read(&Row::Sqlite(row))?);
                }
                Ok(found)
            }
            Connection::Postgres(connection) => connection
                .query(sql, params)?
                .iter()
                .map(|row| read(&Row::Postgres(row)))
                .collect(),
        }
    }

    /// The one row of a query.
    ///
    /// # Errors
    /// [`Error::NoRow`] if there is none.
    pub fn query_one<T>(
        &mut self,
        sql: Sql,
        params: &[Param],
        read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<T> {
        self.query_opt(sql, params, read)?.ok_or(Error::NoRow)
    }

    /// The first row of a query, if any.
    ///
    /// # Errors
    /// The engine's, or what `read` answers.
    pub fn query_opt<T>(
        &mut self,
        sql: Sql,
        params: &[Param],
        read: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.query(sql, params, read)?.into_iter().next())
    }

    /// Prepares a statement and answers its number of columns; for tests that read every statement.
    ///
    /// # Errors
    /// The engine's, when it cannot read the statement.
    pub fn prepare(&mut self, text: &str) -> Result<usize> {
        match &mut self.connection {
            Connection::Sqlite { connection, .. } => {
                Ok(connection.prepare(&rewrite(text))?.column_count())
            }
            Connection::Postgres(connection) => connection.prepare(text),
        }
    }

    /// One statement without values that is run again and again: parsed once.
    pub(crate) fn again(&mut self, text: &'static str) -> Result<()> {
        match &mut self.connection {
            Connection::Sqlite { connection, .. } => {
                connection.prepare_cached(text)?.execute([])?;
                Ok(())
            }
            Connection::Postgres(connection) => connection.batch(text),
        }
    }

    /// Several statements without values.
    pub(crate) fn batch(&mut self, text: &str) -> Result<()> {
        match &mut self.connection {
            Connection::Sqlite { connection, .. } => Ok(connection.execute_batch(text)?),
            Connection::Postgres(connection) => connection.batch(text),
        }
    }
}

/// SQLite numbers `$n` by first appearance; `?n` by its number.
fn numbered<'a>(texts: &'a mut HashMap<&'static str, String>, sql: Sql) -> &'a str {
    texts.entry(sql.0).or_insert_with(|| rewrite(sql.0))
}

fn rewrite(text: &str) -> String {
    text.replace('$', "?")
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(n) => ValueRef::Integer(*n),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl PgConnection {
    fn execute(&mut self, sql: Sql, params: &[Param]) -> Result<u64> {
        let statement = self.statement(sql.0)?;
        let params: Vec<&(dyn ::postgres::types::ToSql + Sync)> = params
            .iter()
            .map(|p| p as &(dyn ::postgres::types::ToSql + Sync))
            .collect();
        Ok(self.client.execute(&statement, &params)?)
    }

    fn query(&mut self, sql: Sql, params: &[Param]) -> Result<Vec<::postgres::Row>> {
        use ::postgres::fallible_iterator::FallibleIterator as _;
        let statement = self.statement(sql.0)?;
        Ok(self.client.query_raw(&statement, params)?.collect()?)
    }
}
