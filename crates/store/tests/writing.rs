//! The grouping writer: what is answered is durable, what fails leaves nothing.

use std::io::Write as _;
use store::{Error, Location, Migration, Store, params, sql};

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "notes",
    sql: "CREATE TABLE notes (n BIGINT NOT NULL, PRIMARY KEY (n));",
}];

fn open(folder: &std::path::Path) -> Store {
    Store::open(&Location::Sqlite(folder.join("t.db")), MIGRATIONS).expect("opens")
}

fn put(store: &Store, n: i64) -> Result<(), Error> {
    store.write(|tx| {
        tx.execute(sql!("INSERT INTO notes (n) VALUES ($1)"), params![n])
            .map(|_| ())
    })
}

fn all(store: &Store) -> Vec<i64> {
    store
        .read(|tx| {
            tx.query(sql!("SELECT n FROM notes ORDER BY n"), params![], |row| {
                row.get(0)
            })
        })
        .expect("readable")
}

#[test]
fn one_that_fails_does_not_hurt_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    std::thread::scope(|scope| {
        for n in 0..40i64 {
            let store = &store;
            scope.spawn(move || match n % 4 {
                1 => {
                    let failed: Result<(), Error> = store.write(|tx| {
                        tx.execute(sql!("INSERT INTO notes (n) VALUES ($1)"), params![n])?;
                        Err(Error::NoRow)
                    });
                    assert!(failed.is_err());
                }
                2 => {
                    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        store.write(|tx| -> Result<(), Error> {
                            tx.execute(sql!("INSERT INTO notes (n) VALUES ($1)"), params![n])?;
                            panic!("on purpose")
                        })
                    }));
                    assert!(panicked.is_err());
                }
                _ => put(store, n).expect("written"),
            });
        }
    });
    let wanted: Vec<i64> = (0..40).filter(|n| n % 4 == 0 || n % 4 == 3).collect();
    assert_eq!(all(&store), wanted);
    assert!(matches!(put(&store, 0), Err(Error::Constraint(_))));
}

#[test]
fn a_changed_migration_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()));
    let changed = [Migration {
        sql: "CREATE TABLE notes (n TEXT);",
        ..MIGRATIONS[0]
    }];
    assert!(matches!(
        Store::open(&Location::Sqlite(folder.path().join("t.db")), &changed),
        Err(Error::Unusable(_))
    ));
    assert!(matches!(
        Store::open(&Location::Sqlite(folder.path().join("t.db")), &[]),
        Err(Error::Unusable(_))
    ));
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.db");
    std::fs::write(&path, "not a database, but somebody's letter").expect("written");
    assert!(matches!(
        Store::open(&Location::Sqlite(path.clone()), MIGRATIONS),
        Err(Error::Unusable(_))
    ));
    assert_eq!(
        std::fs::read_to_string(path).expect("there"),
        "not a database, but somebody's letter"
    );
}

/// Not a test of its own: the process that `what_was_answered_survives_a_kill` kills.
#[test]
fn writer_to_be_killed() {
    let Ok(folder) = std::env::var("YIFA_KILL_FOLDER") else {
        return;
    };
    let first: i64 = std::env::var("YIFA_KILL_FIRST")
        .ok()
        .and_then(|n| n.parse::<i64>().ok())
        .unwrap_or(0);
    let store = open(std::path::Path::new(&folder));
    std::thread::scope(|scope| {
        for lane in 0..8i64 {
            let store = &store;
            scope.spawn(move || {
                for n in 0.. {
                    let n = first + n * 8 + lane;
                    if put(store, n).is_ok() {
                        let mut out = std::io::stdout().lock();
                        let said = writeln!(out, "done {n}").and_then(|()| out.flush());
                        said.expect("somebody listens");
                    }
                }
            });
        }
    });
}

#[test]
fn what_was_answered_survives_a_kill() {
    use std::io::BufRead as _;
    let folder = tempfile::tempdir().expect("a folder");
    let mut answered: Vec<i64> = Vec::new();
    for round in 0..12i64 {
        let mut child = std::process::Command::new(std::env::current_exe().expect("this test"))
            .args(["writer_to_be_killed", "--exact", "--nocapture"])
            .env("YIFA_KILL_FOLDER", folder.path())
            .env("YIFA_KILL_FIRST", (round * 1_000_000).to_string())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = std::io::BufReader::new(child.stdout.take().expect("piped")).lines();
        let enough = 20 + round * 7;
        let mut seen = 0;
        while seen < enough {
            let Some(Ok(line)) = lines.next() else { break };
            if let Some(n) = line
                .split("done ")
                .nth(1)
                .and_then(|n| n.parse::<i64>().ok())
            {
                answered.push(n);
                seen += 1;
            }
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        answered.extend(
            lines
                .map_while(Result::ok)
                .filter_map(|l| l.split("done ").nth(1).and_then(|n| n.parse::<i64>().ok())),
        );
    }
    let kept: std::collections::BTreeSet<i64> = all(&open(folder.path())).into_iter().collect();
    let lost: Vec<i64> = answered
        .iter()
        .copied()
        .filter(|n| !kept.contains(n))
        .collect();
    assert!(answered.len() > 500, "only {} answers", answered.len());
    assert_eq!(lost, Vec::<i64>::new());
}

#[test]
fn a_read_inside_a_read_goes_on_when_all_readers_are_busy() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    put(&store, 7).expect("written");
    let together = std::sync::Barrier::new(12);
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                store
                    .read(|_| -> Result<(), Error> {
                        together.wait();
                        assert_eq!(all(&store), [7]);
                        Ok(())
                    })
                    .expect("readable");
            });
        }
    });
}
