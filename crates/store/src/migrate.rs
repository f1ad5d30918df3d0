//! Migrations: numbered, checked, applied in one transaction each.

use crate::error::{Error, Result};
use crate::tx::{Sql, Tx};
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
    if store.engine() == Engine::Sqlite {
        store.write(assume_sizes)?;
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

/// Tells SQLite's planner what every index is like in a township that has worked for years: its first column (`org`) picks out
/// nothing, each further one a hundredth, the whole key one row; an index of part of a table holds little. Without that it takes a walk through a whole table for as good
/// as a look-up; with counts taken from the data, plans would change with the data.
fn assume_sizes(tx: &mut Tx) -> Result<()> {
    const ROWS: u64 = 1_000_000;
    const ROWS_OF_A_PART: u64 = 10_000;
    // Makes the table of sizes; what it finds in the data is not wanted.
    tx.batch("ANALYZE migrations; DELETE FROM sqlite_stat1")?;
    // A table's primary key goes by the table's name.
    let indexes: Vec<(String, String, i64, i64, i64)> = tx.query(
        Sql(
            "SELECT m.name, CASE l.origin WHEN 'pk' THEN m.name ELSE l.name END, l.\"unique\", l.partial,
                    (SELECT count(*) FROM pragma_index_info(l.name))
               FROM sqlite_schema m, pragma_index_list(m.name) l WHERE m.type = 'table'",
        ),
        params![],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
    )?;
    for (table, index, unique, partial, columns) in indexes {
        let mut left = if partial == 1 { ROWS_OF_A_PART } else { ROWS };
        let mut stat = vec![left.to_string()];
        for column in 1..=columns {
            if column == columns && unique == 1 {
                left = 1;
            } else if 1 < column {
                left = (left / 100).max(10);
            }
            stat.push(left.to_string());
        }
        stat.push("noskipscan".into());
        tx.execute(
            Sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)"),
            params![table, index, stat.join(" ")],
        )?;
    }
    tx.batch("ANALYZE sqlite_schema")
}

fn for_engine(engine: Engine, text: &str) -> String {
    match engine {
        Engine::Sqlite => text
            .replace("BYTEA", "BLOB")
            .replace("/*clustered*/", "WITHOUT ROWID"),
        Engine::Postgres => text.to_owned(),
    }
}
