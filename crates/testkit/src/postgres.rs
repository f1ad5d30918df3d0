//! A private PostgreSQL from the machine's binaries, one for the test process, one database a test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

/// A running server; it ends with its last user.
pub struct Server {
    child: Mutex<Child>,
    folder: tempfile::TempDir,
    port: u16,
    databases: AtomicUsize,
}

static RUNNING: Mutex<Weak<Server>> = Mutex::new(Weak::new());

/// The server of this process, started if need be; absent where the machine has no PostgreSQL, which is said aloud.
pub fn server() -> Option<Arc<Server>> {
    let mut running = RUNNING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(server) = running.upgrade() {
        return Some(server);
    }
    let Some(binaries) = binaries() else {
        assert!(
            std::env::var("YIFA_REQUIRE_POSTGRES").as_deref() != Ok("1"),
            "没有 PostgreSQL，而 YIFA_REQUIRE_POSTGRES=1 要求必须测"
        );
        eprintln!("跳过 PostgreSQL 的一半测试：这台机器没有安装 PostgreSQL");
        return None;
    };
    let server = Arc::new(start(&binaries, "fsync=off"));
    *running = Arc::downgrade(&server);
    Some(server)
}

/// A server of its own whose commits reach the disk, for measuring; none if the machine has none installed.
pub fn durable_server() -> Option<Arc<Server>> {
    Some(Arc::new(start(&binaries()?, "fsync=on")))
}

fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

/// `initdb` and `postgres` refuse to run as root, so as root they run as the user that Debian made for them.
fn command(program: &Path) -> Command {
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|o| o.stdout.starts_with(b"0"));
    if root {
        let mut command = Command::new("setpriv");
        command
            .args([
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                "--",
            ])
            .arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn start(binaries: &Path, syncs: &str) -> Server {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = Command::new("chmod").arg("777").arg(folder.path()).status();
    assert!(
        open.is_ok_and(|s| s.success()),
        "the temporary folder cannot be opened to the server"
    );
    let data = folder.path().join("data");
    let made = command(&binaries.join("initdb"))
        .args([
            "--auth=trust",
            "--username=yifa",
            "--locale=C",
            "--encoding=UTF8",
            "--no-sync",
            "-D",
        ])
        .arg(&data)
        .current_dir("/")
        .stdout(Stdio::null())
        .status();
    assert!(made.is_ok_and(|s| s.success()), "initdb failed");
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a free port")
        .port();
    let child = command(&binaries.join("postgres"))
        .arg("-D")
        .arg(&data)
        .args(["-h", "127.0.0.1", "-k", "", "-p", &port.to_string()])
        .args(["-c", syncs, "-c", "max_connections=200"])
        .current_dir("/")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("postgres starts");
    let server = Server {
        child: Mutex::new(child),
        folder,
        port,
        databases: AtomicUsize::new(0),
    };
    let url = server.url("postgres");
    for _ in 0..600 {
        if store::reachable(&url) {
            return server;
        }
        std::thread::yield_now();
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    panic!(
        "postgres in {} does not answer",
        server.folder.path().display()
    );
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("postgres://yifa@127.0.0.1:{}/{database}", self.port)
    }

    /// A new, empty database that sorts bytes.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        store::create_database(&self.url("postgres"), &name).expect("a database can be created");
        self.url(&name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut child = self
            .child
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if child.kill().is_ok() {
            let _ended = child.wait();
        }
    }
}
