//! PostgreSQL: pooled connections with prepared statements, one transaction an operation.

use crate::error::{Error, Result};
use crate::tx::{Connection as Either, Param, Tx};
use ::postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use ::postgres::{Client, NoTls, Statement};
use std::collections::HashMap;

pub(crate) type Pool = r2d2::Pool<Manager>;

/// Opens connections.
pub(crate) struct Manager {
    config: ::postgres::Config,
}

/// A connection with the statements it has prepared.
pub(crate) struct Connection {
    pub client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Connection;
    type Error = ::postgres::Error;

    fn connect(&self) -> std::result::Result<Connection, ::postgres::Error> {
        Ok(Connection {
            client: self.config.connect(NoTls)?,
            statements: HashMap::new(),
        })
    }

    fn is_valid(&self, connection: &mut Connection) -> std::result::Result<(), ::postgres::Error> {
        connection
            .client
            .is_valid(std::time::Duration::from_secs(2))
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.client.is_closed()
    }
}

impl Connection {
    pub fn statement(&mut self, text: &'static str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text)?;
        self.statements.insert(text, statement.clone());
        Ok(statement)
    }

    pub fn prepare(&mut self, text: &str) -> Result<usize> {
        Ok(self.client.prepare(text)?.columns().len())
    }

    pub fn batch(&mut self, text: &str) -> Result<()> {
        Ok(self.client.batch_execute(text)?)
    }
}

/// Connects and refuses a database that sorts text otherwise than by bytes.
pub(crate) fn open(url: &str) -> Result<Pool> {
    let config: ::postgres::Config = url
        .parse()
        .map_err(|e| Error::Unusable(format!("读不懂 PostgreSQL 的连接地址：{e}")))?;
    let pool = r2d2::Pool::builder()
        .max_size(16)
        .min_idle(Some(1))
        .test_on_check_out(false)
        .connection_timeout(std::time::Duration::from_secs(10))
        .build(Manager { config })
        .map_err(|e| Error::Unusable(format!("连不上 PostgreSQL：{e}")))?;
    let mut connection = pool.get()?;
    let row = connection.client.query_one(
        "SELECT datcollate, current_database() FROM pg_database WHERE datname = current_database()",
        &[],
    )?;
    let (collation, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    if !matches!(collation.as_str(), "C" | "POSIX" | "C.UTF-8" | "C.utf8") {
        return Err(Error::Unusable(format!(
            "数据库 {name} 的排序规则是 {collation}，应当是 C：请用 CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' 建库"
        )));
    }
    drop(connection);
    Ok(pool)
}

/// Runs `f` in a transaction of its own.
pub(crate) fn run<T, E: From<Error>>(
    pool: &Pool,
    begin: &str,
    f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let connection = pool.get().map_err(Error::from)?;
    let mut tx = Tx {
        connection: Either::Postgres(Box::new(connection)),
        unindexed: Vec::new(),
    };
    tx.batch(begin)?;
    // A panic drops the connection inside its transaction; the guard rolls back before the pool sees it again.
    let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f(&mut tx)));
    match answer {
        Ok(Ok(answer)) => match tx.batch("COMMIT") {
            Ok(()) => Ok(answer),
            Err(Error::Other(why)) => Err(Error::Unknown(why).into()),
            Err(e) => Err(e.into()),
        },
        Ok(Err(e)) => {
            tx.batch("ROLLBACK")?;
            Err(e)
        }
        Err(panic) => {
            if let Err(e) = tx.batch("ROLLBACK") {
                tracing::error!(error = ?e, "transaction could not be rolled back");
            }
            std::panic::resume_unwind(panic)
        }
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut ::postgres::types::private::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(n) if *ty == Type::INT4 => i32::try_from(*n)?.to_sql(ty, out),
            Param::Int(n) => n.to_sql(ty, out),
            Param::Text(text) => text.to_sql(ty, out),
            Param::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Does a server answer at this address?
pub fn reachable(url: &str) -> bool {
    Client::connect(url, NoTls).is_ok()
}

/// Creates an empty database that sorts bytes, as the store asks for.
///
/// # Errors
/// The server's.
pub fn create_database(url: &str, name: &str) -> Result<()> {
    let mut client = Client::connect(url, NoTls)?;
    let name: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    Ok(client.batch_execute(&format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    ))?)
}
