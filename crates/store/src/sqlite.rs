//! SQLite: one writer that groups commits, readers beside it.

use crate::error::{Error, Result};
use crate::tx::Tx;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Versions before this one can corrupt a file when its log is reset under several connections.
const OLDEST: i32 = 3_051_003;
/// A group is committed when it has this many writers …
const GROUP: usize = 512;
/// … or has been open this long, whoever still waits.
const PATIENCE: Duration = Duration::from_millis(20);

/// After this many writers the write-ahead log is copied into the database.
const SETTLE: usize = 256;

/// Connections for reading: each holds its pages and its statements in memory, and a few keep every processor busy.
const READERS: usize = 8;

/// So long a reader waits for one of them before it opens another: who reads inside a read must not wait for itself.
const READER_PATIENCE: Duration = Duration::from_millis(100);

/// Connections to one file.
pub(crate) struct Pool {
    path: PathBuf,
    readers: Mutex<Readers>,
    reader_back: Condvar,
    writer: Mutex<Writer>,
    settler: Settler,
    /// Writers on their way to the lock: while there are any, the one inside leaves the commit to them.
    coming: AtomicUsize,
}

#[derive(Default)]
struct Readers {
    idle: Vec<Tx>,
    busy: usize,
}

struct Writer {
    tx: Tx,
    group: Option<Arc<Group>>,
    members: usize,
    since: Instant,
    /// Writers since the write-ahead log was last asked to be copied into the database.
    unsettled: usize,
}

/// Copies the write-ahead log into the database beside the writers, so that none of them waits for it. Under load that never
/// pauses the log is not emptied by this; then the engine's own copying at a commit finds little left to do.
struct Settler {
    bell: SyncSender<()>,
}

impl Settler {
    fn start(connection: Connection) -> Settler {
        let (bell, rung) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || {
            while rung.recv().is_ok() {
                let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
                    row.get::<_, i64>(0)
                });
                if let Err(e) = copied {
                    tracing::warn!(error = ?e, "write-ahead log could not be copied; a later commit will");
                }
            }
        });
        Settler { bell }
    }

    fn wake(&self) {
        // A full channel means that it is about to look anyway.
        let _already_rung = self.bell.try_send(());
    }
}

/// Writers whose work becomes durable in one sync.
struct Group {
    outcome: Mutex<Option<std::result::Result<(), Outcome>>>,
    done: Condvar,
}

/// Why a group did not become durable; told to each of its members.
#[derive(Clone)]
enum Outcome {
    Full,
    Busy(String),
    Other(String),
}

impl From<Outcome> for Error {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Full => Error::Full,
            Outcome::Busy(why) => Error::Busy(why),
            Outcome::Other(why) => Error::Other(why),
        }
    }
}

impl Pool {
    pub fn open(path: &Path) -> Result<Pool> {
        if rusqlite::version_number() < OLDEST {
            return Err(Error::Unusable(format!(
                "SQLite {} 太旧，需要 3.51.3 或者更新的版本",
                rusqlite::version()
            )));
        }
        let connection = Connection::open(path)
            .map_err(|e| Error::Unusable(format!("打不开数据库文件 {}：{e}", path.display())))?;
        ready(&connection)?;
        let mode: String = connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .map_err(|e| {
                Error::Unusable(format!(
                    "数据库文件 {} 不能用，可能已经损坏或者被占用：{e}；先停掉别的程序再试，仍不行就用备份恢复",
                    path.display()
                ))
            })?;
        if mode != "wal" {
            return Err(Error::Unusable(format!(
                "数据库文件 {} 不能用预写日志",
                path.display()
            )));
        }
        connection.execute_batch(
            // Savepoints keep what they may have to undo in memory: a file for it costs more than the act.
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -24000; PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 33554432;",
        )?;
        let writer = Writer {
            tx: Tx::sqlite(connection),
            group: None,
            members: 0,
            since: Instant::now(),
            unsettled: 0,
        };
        let beside = Connection::open(path)?;
        ready(&beside)?;
        Ok(Pool {
            path: path.to_owned(),
            settler: Settler::start(beside),
            readers: Mutex::default(),
            reader_back: Condvar::new(),
            writer: Mutex::new(writer),
            coming: AtomicUsize::new(0),
        })
    }

    pub fn read<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let place = self.take_reader();
        let mut tx = match place.idle() {
            Some(tx) => tx,
            None => Tx::sqlite(self.reader()?),
        };
        tx.again("BEGIN")?;
        let answer = f(&mut tx);
        tx.again("ROLLBACK")?;
        place.give_back(tx);
        answer
    }

    /// A place among the readers, given back when it is dropped.
    fn take_reader(&self) -> ReaderPlace<'_> {
        let (mut readers, _) = self
            .reader_back
            .wait_timeout_while(lock(&self.readers), READER_PATIENCE, |readers| {
                READERS <= readers.busy
            })
            .unwrap_or_else(PoisonError::into_inner);
        readers.busy += 1;
        ReaderPlace(self)
    }

    pub fn write<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.coming.fetch_add(1, Ordering::SeqCst);
        let mut writer = lock(&self.writer);
        self.coming.fetch_sub(1, Ordering::SeqCst);
        let group = writer.join()?;
        let answer = catch_unwind(AssertUnwindSafe(|| writer.attempt(f)));
        let full = writer.members >= GROUP || writer.since.elapsed() > PATIENCE;
        let last = full || self.coming.load(Ordering::SeqCst) == 0;
        if last {
            writer.commit();
        }
        let settle = last && writer.wants_settling();
        drop(writer);
        if settle {
            self.settler.wake();
        }
        match answer {
            Err(panic) => resume_unwind(panic),
            Ok(Err(e)) => Err(e),
            Ok(Ok(answer)) => {
                group.wait()?;
                Ok(answer)
            }
        }
    }

    pub fn check(&self) -> Result<Vec<String>> {
        let connection = self.reader()?;
        let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
        let found = statement
            .query_map([], |row| row.get::<_, String>(0))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    pub fn copy_to(&self, target: &Path) -> Result<()> {
        // A connection of its own: one that may only query may not write the copy either.
        let connection = Connection::open(&self.path)?;
        ready(&connection)?;
        let target = target
            .to_str()
            .ok_or_else(|| Error::Unusable(format!("路径 {} 不是 UTF-8", target.display())))?;
        connection.execute("VACUUM INTO ?1", [target])?;
        Ok(())
    }

    fn reader(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        ready(&connection)?;
        connection.execute_batch(
            "PRAGMA query_only = ON; PRAGMA cache_size = -2000; PRAGMA mmap_size = 33554432;",
        )?;
        Ok(connection)
    }
}

struct ReaderPlace<'a>(&'a Pool);

impl ReaderPlace<'_> {
    fn idle(&self) -> Option<Tx> {
        lock(&self.0.readers).idle.pop()
    }

    fn give_back(&self, tx: Tx) {
        let mut readers = lock(&self.0.readers);
        if readers.idle.len() < READERS {
            readers.idle.push(tx);
        }
    }
}

impl Drop for ReaderPlace<'_> {
    fn drop(&mut self) {
        lock(&self.0.readers).busy -= 1;
        self.0.reader_back.notify_one();
    }
}

/// What every connection has. Plans do not depend on the values bound: looking at them again for each act costs a tenth of it.
fn ready(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

impl Writer {
    /// The open group, or a new one in a new transaction.
    fn join(&mut self) -> Result<Arc<Group>> {
        if let Some(group) = &self.group {
            return Ok(group.clone());
        }
        self.tx.again("BEGIN IMMEDIATE")?;
        let group = Arc::new(Group {
            outcome: Mutex::new(None),
            done: Condvar::new(),
        });
        self.group = Some(group.clone());
        self.members = 0;
        self.since = Instant::now();
        Ok(group)
    }

    /// One writer's work in a savepoint of its own.
    fn attempt<T, E: From<Error>>(
        &mut self,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.members += 1;
        let unindexed = self.tx.unindexed.len();
        self.tx.again("SAVEPOINT one")?;
        let answer = catch_unwind(AssertUnwindSafe(|| f(&mut self.tx)));
        match answer {
            Ok(Ok(answer)) => {
                self.tx.again("RELEASE one")?;
                Ok(answer)
            }
            Ok(Err(e)) => {
                self.undo(unindexed);
                Err(e)
            }
            Err(panic) => {
                self.undo(unindexed);
                resume_unwind(panic)
            }
        }
    }

    /// Takes back one writer's work. If even that fails (disk full may have ended the transaction), the commit will tell everybody.
    fn undo(&mut self, unindexed: usize) {
        self.tx.unindexed.truncate(unindexed);
        if let Err(e) = self.tx.batch("ROLLBACK TO one; RELEASE one") {
            tracing::error!(error = ?e, "savepoint could not be rolled back");
        }
    }

    fn wants_settling(&mut self) -> bool {
        let wants = SETTLE < self.unsettled;
        if wants {
            self.unsettled = 0;
        }
        wants
    }

    fn commit(&mut self) {
        let Some(group) = self.group.take() else {
            return;
        };
        self.unsettled += self.members;
        let indexed = crate::search::flush(&mut self.tx);
        let outcome = indexed.and_then(|()| self.tx.again("COMMIT")).map_err(|e| {
            tracing::error!(error = ?e, "group commit failed");
            if let Err(e) = self.tx.batch("ROLLBACK") {
                tracing::debug!(error = ?e, "nothing left to roll back");
            }
            match e {
                Error::Full => Outcome::Full,
                Error::Busy(why) => Outcome::Busy(why),
                other => Outcome::Other(format!("{other:?}")),
            }
        });
        *lock(&group.outcome) = Some(outcome);
        group.done.notify_all();
    }
}

impl Group {
    /// Waits until somebody has committed the group.
    fn wait(&self) -> Result<()> {
        let mut outcome = lock(&self.outcome);
        loop {
            match outcome.as_ref() {
                Some(Ok(())) => return Ok(()),
                Some(Err(why)) => return Err(why.clone().into()),
                None => {
                    outcome = self
                        .done
                        .wait(outcome)
                        .unwrap_or_else(PoisonError::into_inner)
                }
            }
        }
    }
}

/// A panic in one operation has been caught and undone before the lock is left, so what it guards is sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
