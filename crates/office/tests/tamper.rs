//! Tampering with the database behind the program's back: what is altered, removed, added or swapped is found. The tables
//! and columns come from the schema, so a new one is either covered or stands in a list here with its reason.

use office::cases;
use office::inputs::{Draft, Input};
use office::log::Line;
use std::collections::BTreeMap;
use store::{Store, Tx, params};
use testkit::Town;

/// Tables that are not derived from the log, or are built again from what is.
const NOT_COVERED: &[(&str, &str)] = &[
    ("migrations", "checked when the database is opened"),
    (
        "numbers",
        "only the next number; an index refuses a double one",
    ),
    (
        "settings",
        "a mark that a derived table was filled; without it, it is filled again",
    ),
    ("search_docs", "built again from the cases"),
    ("search_text", "built again from the cases"),
    ("search_text_config", "built again from the cases"),
    ("search_text_data", "built again from the cases"),
    ("search_text_docsize", "built again from the cases"),
    ("search_text_idx", "built again from the cases"),
];

/// Columns that nothing can be derived from.
const NOT_COVERED_COLUMNS: &[(&str, &str, &str)] = &[
    (
        "checkpoints",
        "org",
        "a signed head that is gone is missed by whoever holds one",
    ),
    ("orgs", "demo", "any number but 0 says yes"),
];

const DAY: &str = "2023-03-06";

fn text(sql: String) -> store::Sql {
    store::Sql(Box::leak(sql.into_boxed_str()))
}

/// A town with one case, one evidence file, and two signed heads.
fn town() -> Town {
    let town = Town::on_sqlite();
    let draft = Draft {
        step: "登记申请".into(),
        persons: BTreeMap::from([("窗口人员".to_owned(), vec!["a".to_owned()])]),
        values: [
            ("确认事项", "生育登记"),
            ("申请人信息", "某人"),
            ("申请内容", "登记"),
        ]
        .map(|(field, text)| (field.to_owned(), Input::from(text)))
        .into(),
        ..Draft::default()
    };
    let ctx = town.ctx(DAY);
    cases::open(&town.office, &ctx, "confirmation", &draft).expect("lawful");
    office::townships::checkpoint(&town.office, &ctx).expect("signed");
    write(&town, "{}");
    office::townships::checkpoint(&town.office, &ctx).expect("signed");
    town
}

fn write(town: &Town, body: &str) {
    let ctx = town.ctx(DAY);
    let line = Line {
        kind: "register",
        case: None,
        n: None,
        subject: "test",
        at: ctx.now,
        body,
    };
    town.office
        .act(|tx| Ok(office::log::append(tx, &ctx, &line)?.map(|_| ())))
        .expect("written");
}

fn faults(town: &Town) -> Vec<String> {
    match office::verify::run(&town.office, &town.ctx(DAY), |_, _, _| {}) {
        Ok(findings) => findings.faults,
        Err(e) => vec![format!("cannot be verified: {e:?}")],
    }
}

fn names(tx: &mut Tx, sql: String) -> Vec<String> {
    tx.query(text(sql), params![], |row| row.get(0))
        .expect("readable")
}

/// Runs changes on a table and verifies after each; the table is put back in between.
fn drill(town: &Town, store: &Store, table: &str, changes: &[String]) -> Vec<String> {
    let run = |sql: String| -> Result<u64, store::Error> {
        store.write(|tx| tx.execute(text(sql), params![]))
    };
    let mut missed = Vec::new();
    run(format!("CREATE TABLE kept AS SELECT * FROM {table}")).expect("copied");
    for change in changes {
        // A change that the schema itself refuses is no danger.
        if run(change.clone()).is_ok_and(|n| n > 0) && faults(town).is_empty() {
            missed.push(change.clone());
        }
        run(format!("DELETE FROM {table}")).expect("emptied");
        run(format!("INSERT INTO {table} SELECT * FROM kept")).expect("put back");
    }
    run("DROP TABLE kept".into()).expect("dropped");
    missed
}

/// Alters, removes and doubles rows of a table: the first, the last and one between.
fn changes(tx: &mut Tx, table: &str) -> Vec<String> {
    let columns = names(tx, format!("SELECT name FROM pragma_table_info('{table}')"));
    let keys = names(
        tx,
        format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0"),
    )
    .join(", ");
    let n: i64 = tx
        .query_one(
            text(format!("SELECT count(*) FROM {table}")),
            params![],
            |row| row.get(0),
        )
        .expect("counted");
    let mut rows = vec![0, n / 2, n - 1];
    rows.dedup();
    let mut all = Vec::new();
    for at in rows {
        let row =
            format!("({keys}) = (SELECT {keys} FROM {table} ORDER BY {keys} LIMIT 1 OFFSET {at})");
        // Nothing inside can tell that a signed head is gone; whoever holds one can.
        if table != "checkpoints" {
            all.push(format!("DELETE FROM {table} WHERE {row}"));
        }
        for column in &columns {
            if NOT_COVERED_COLUMNS
                .iter()
                .any(|(t, c, _)| *t == table && c == column)
            {
                continue;
            }
            all.push(format!(
                "UPDATE {table} SET {column} = CASE typeof({column}) WHEN 'integer' THEN {column} + 1
                    WHEN 'blob' THEN substr({column}, 1, length({column}) - 1) || X'FF' WHEN 'null' THEN 'x'
                    ELSE substr({column}, 1, length({column}) - 1) || '〇' END WHERE {row}"
            ));
        }
    }
    all
}

#[test]
fn whatever_is_changed_in_a_derived_table_is_found() {
    let town = town();
    assert_eq!(faults(&town), Vec::<String>::new());
    let store = Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
    let tables: Vec<(String, Vec<String>)> = store
        .read(|tx| -> Result<_, store::Error> {
            let tables = names(
                tx,
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name".into(),
            );
            Ok(tables
                .into_iter()
                .map(|t| (changes(tx, &t), t))
                .map(|(c, t)| (t, c))
                .collect())
        })
        .expect("readable");
    let mut missed = Vec::new();
    for (table, changes) in &tables {
        if !NOT_COVERED.iter().any(|(t, _)| t == table) {
            missed.extend(drill(&town, &store, table, changes));
        }
    }
    assert!(missed.is_empty(), "not found:\n{}", missed.join("\n"));
    assert_eq!(
        faults(&town),
        Vec::<String>::new(),
        "everything was put back"
    );
}

#[test]
fn every_byte_of_an_entry_and_of_the_tree_above_it_is_covered() {
    let town = town();
    let store = Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
    let last = "(SELECT max(seq) FROM entries)";
    let mut missed = Vec::new();
    for (table, column, row) in [
        ("entries", "kind", format!("seq = {last}")),
        ("entries", "subject", format!("seq = {last}")),
        ("entries", "at", format!("seq = {last}")),
        ("entries", "recorded", format!("seq = {last}")),
        ("entries", "actor", format!("seq = {last}")),
        ("entries", "body", format!("seq = {last} - 2")),
        ("entries", "salt", format!("seq = {last}")),
        ("log_nodes", "hash", format!("level = 0 AND idx = {last}")),
        ("log_nodes", "hash", "level = 3 AND idx = 1".into()),
        ("log_heads", "frontier", "size > 0".into()),
        (
            "checkpoints",
            "note",
            "size = (SELECT max(size) FROM checkpoints)".into(),
        ),
    ] {
        let whole: Vec<u8> = store
            .read(|tx| {
                let sql = format!("SELECT CAST({column} AS BLOB) FROM {table} WHERE {row}");
                tx.query_one(text(sql), params![], |row| row.get(0))
            })
            .expect("readable");
        let kind = if matches!(column, "salt" | "hash") {
            "BLOB"
        } else {
            "TEXT"
        };
        let put = |bytes: &[u8]| {
            let sql = format!("UPDATE {table} SET {column} = CAST($1 AS {kind}) WHERE {row}");
            let n: Result<u64, store::Error> =
                store.write(|tx| tx.execute(text(sql), params![bytes.to_vec()]));
            assert_eq!(n.expect("possible"), 1, "{table}.{column}");
        };
        for at in 0..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 1 << (at % 8);
            put(&altered);
            if faults(&town).is_empty() {
                missed.push(format!("{table}.{column} byte {at}"));
            }
        }
        put(&whole);
    }
    assert!(missed.is_empty(), "not found:\n{}", missed.join("\n"));
    assert_eq!(
        faults(&town),
        Vec::<String>::new(),
        "everything was put back"
    );
}

/// Whoever holds the database and the signing key writes another history: one body, and every node and head above it.
fn rewrite(town: &Town, store: &Store, seq: i64, body: &str) {
    let run = |sql: String| -> u64 {
        let n: Result<u64, store::Error> = store.write(|tx| tx.execute(text(sql), params![]));
        n.expect("possible")
    };
    run(format!(
        "UPDATE entries SET body = '{body}' WHERE seq = {seq}"
    ));
    run("DELETE FROM log_nodes".into());
    run("DELETE FROM checkpoints".into());
    let size = town
        .office
        .read(|tx| office::log::size(tx, testkit::ORG))
        .expect("readable");
    let commitments = town
        .office
        .read(|tx| office::tiles::commitments(tx, testkit::ORG, 0, size))
        .expect("readable");
    let mut level: Vec<ledger::Hash> = commitments.iter().map(|c| ledger::leaf_hash(c)).collect();
    let (mut height, mut frontier) = (0, Vec::new());
    while !level.is_empty() {
        for (at, hash) in level.iter().enumerate() {
            run(format!(
                "INSERT INTO log_nodes (org, level, idx, hash) VALUES ('{}', {height}, {at}, X'{}')",
                testkit::ORG,
                ledger::hex(hash)
            ));
        }
        if level.len() % 2 == 1 {
            frontier.insert(0, ledger::hex(&level[level.len() - 1]));
        }
        level = level
            .chunks_exact(2)
            .map(|pair| ledger::node_hash(&pair[0], &pair[1]))
            .collect();
        height += 1;
    }
    run(format!(
        "UPDATE log_heads SET frontier = '{}'",
        frontier.join(" ")
    ));
    office::townships::checkpoint(&town.office, &town.ctx(DAY)).expect("signed again");
}

#[test]
fn a_rewrite_with_the_signing_key_is_exposed_by_one_old_receipt() {
    let town = town();
    let neighbour = Town::on_sqlite();
    let (ctx, theirs) = (town.ctx(DAY), neighbour.ctx(DAY));
    let key = town
        .office
        .read(|tx| office::townships::verifier_key(tx, testkit::ORG))
        .expect("a key");
    office::witness::watch(&neighbour.office, &theirs, &key).expect("watched");
    let size = town
        .office
        .read(|tx| office::log::size(tx, testkit::ORG))
        .expect("readable");
    // Somebody else's receipt: of another entry than the one to be rewritten.
    let receipt = office::log::receipt(&town.office, &ctx, 3).expect("a receipt");
    let request = office::witness::request(&town.office, &ctx, 0).expect("readable");
    let seen =
        office::witness::add_checkpoint(&neighbour.office, &theirs, &request.expect("there"));
    assert!(
        matches!(seen, Ok(office::witness::Answer::Cosigned(_))),
        "{seen:?}"
    );
    let since = || {
        town.office
            .read(|tx| office::since::check(tx, &ctx, &receipt.checkpoint, Some(&key)))
            .expect("readable")
    };
    assert_eq!(since(), Ok(u64::try_from(size).expect("small")));
    write(&town, "{}");
    assert!(since().is_ok(), "a log may grow");

    let store = Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
    rewrite(&town, &store, size - 1, "{\"never\":\"happened\"}");
    assert_eq!(
        faults(&town),
        Vec::<String>::new(),
        "from inside it looks sound"
    );
    assert_eq!(receipt.verify(&key), Ok(()), "the receipt still holds");
    assert!(since().is_err_and(|why| why.contains("历史被改写过")));
    let text = serde_json::to_string(&receipt).expect("text");
    let (finding, _) = office::receipts::check(&town.office, &ctx, &text).expect("judged");
    assert_eq!(finding, office::receipts::Finding::Rewritten);
    let request =
        office::witness::request(&town.office, &ctx, size.unsigned_abs()).expect("readable");
    let seen =
        office::witness::add_checkpoint(&neighbour.office, &theirs, &request.expect("there"));
    assert!(
        matches!(seen, Ok(office::witness::Answer::Inconsistent)),
        "{seen:?}"
    );
}
