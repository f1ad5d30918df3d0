//! Migrations: numbered, checked, applied in one transaction each.

use crate::error::{Error, Result};
use crate::{Engine, Store, params, sql};
use sha2::{Digest, Sha256};

/// One step of the schema. The text is portable; `BYTEA` becomes `BLOB` on SQLite, and a table marked `/*clustered*/`
/// is stored in the order of its key there.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// From 1, without gaps.
    pub version: i64,
    /// A short name.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

pub(crate) fn apply(store: &Store, migrations: &[Migration]) -> Result<()> {
    store.write(|tx| -> Result<()> {
        tx.batch("CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)")?;
        crate::search::create(tx)
    })?;
    for migration in migrations {
        let checksum: String = Sha256::digest(migration.sql.as_bytes())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        store.write(|tx| -> Result<()> {
            let known: Option<String> = tx.query_opt(
                sql!("SELECT checksum FROM migrations WHERE version = $1"),
                params![migration.version],
                |row| row.get(0),
            )?;
            match known {
                Some(known) if known == checksum => Ok(()),
                Some(_) => Err(Error::Unusable(format!(
                    "数据库的第 {} 步升级（{}）和程序里的不一样，请用原来的程序版本打开",
                    migration.version, migration.name
                ))),
                None => {
                    tx.batch(&for_engine(tx.engine(), migration.sql))?;
                    tx.execute(
                        sql!(
                            "INSERT INTO migrations (version, name, checksum) VALUES ($1, $2, $3)"
                        ),
                        params![migration.version, migration.name, checksum],
                    )?;
                    Ok(())
                }
            }
        })?;
    }
    let newest = migrations.iter().map(|m| m.version).max().unwrap_or(0);
    store.read(|tx| -> Result<()> {
        let applied: i64 = tx.query_one(
            sql!("SELECT COALESCE(MAX(version), 0) FROM migrations"),
            params![],
            |row| row.get(0),
        )?;
        if applied > newest {
            return Err(Error::Unusable(
                "数据库是更新的程序写的，请用那个版本的程序打开".into(),
            ));
        }
        Ok(())
    })
}

fn for_engine(engine: Engine, text: &str) -> String {
    match engine {
        Engine::Sqlite => text
            .replace("BYTEA", "BLOB")
            .replace("/*clustered*/", "WITHOUT ROWID"),
        Engine::Postgres => text.to_owned(),
    }
}
