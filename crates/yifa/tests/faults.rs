//! The machine fails (机器出毛病): a clear Chinese sentence, the exit code told in `--help`, nothing half-written.

mod program;

use program::{PROGRAM, Site, ask, open, run, token};
use std::path::Path;
use std::process::{Command, Output};

fn check(ended: &Output, code: i32, expect: &[&str]) {
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(code), "{said}");
    for words in expect {
        assert!(said.contains(words), "“{words}” is not said: {said}");
    }
}

fn town() -> tempfile::TempDir {
    testkit::Town::on_sqlite().close()
}

fn law() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../law"))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

#[test]
fn a_port_in_use_is_named() {
    let folder = town();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = holder.local_addr().expect("an address").to_string();
    let ended = run(folder.path(), &["serve", "--listen", &address]);
    check(&ended, 1, &[&address, "用不了", "--listen"]);
    assert!(ended.stdout.is_empty(), "said to be serving when it is not");
}

#[test]
fn a_damaged_database_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("yifa.db");
    let text = "这不是数据库。".repeat(1000);
    std::fs::write(&file, &text).expect("writable");
    check(
        &run(folder.path(), &["verify"]),
        1,
        &["数据库文件", "损坏", "备份"],
    );
    let after = std::fs::read_to_string(&file).expect("still there");
    assert_eq!(after, text, "the damaged file was written to");
}

#[test]
fn folders_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("writable");
    check(
        &run(&file, &["verify"]),
        1,
        &["数据目录", "用不了", "--data"],
    );
    std::fs::write(folder.path().join("files"), "").expect("writable");
    check(&run(folder.path(), &["verify"]), 1, &["证据目录", "用不了"]);
}

#[test]
fn an_evidence_folder_that_was_removed_is_made_again() {
    let folder = town();
    let files = folder.path().join("files");
    std::fs::remove_dir_all(&files).expect("removable");
    check(&run(folder.path(), &["verify"]), 0, &[]);
    assert!(files.is_dir());
}

#[test]
fn a_wrong_or_damaged_law_folder_stops_the_start() {
    let folder = town();
    let with = |law: &Path| {
        let law = law.to_str().expect("a UTF-8 path").to_owned();
        run(
            folder.path(),
            &["serve", "--listen", "127.0.0.1:0", "--law", &law],
        )
    };
    check(
        &with(&folder.path().join("nowhere")),
        1,
        &["没有启动", "读不到"],
    );
    check(
        &with(&law().join("calendars")),
        1,
        &["没有启动", "procedures"],
    );
    let damaged = folder.path().join("law");
    copy(law(), &damaged);
    let file = damaged.join("procedures/confirmation.md");
    let text = std::fs::read_to_string(&file).expect("a law file");
    let line = text
        .lines()
        .position(|l| l.starts_with("由："))
        .expect("a role line");
    let text = text.replacen("由：", "油：", 1);
    std::fs::write(&file, text).expect("writable");
    let place = format!("{}", line + 1);
    check(
        &with(&damaged),
        1,
        &["没有启动", "confirmation.md", &place, "油"],
    );
}

#[test]
fn a_database_held_by_another_program_is_said_to_be_busy() {
    let folder = town();
    let location = store::Location::Sqlite(folder.path().join("yifa.db"));
    let held = store::Store::open(&location, office::schema::MIGRATIONS).expect("a database");
    let ended = held.write(|_| -> Result<Output, store::Error> {
        Ok(run(folder.path(), &["user", "put", "wang"]))
    });
    check(
        &ended.expect("nothing to write"),
        1,
        &["数据库正忙", "稍后再试"],
    );
    check(&run(folder.path(), &["user", "put", "wang"]), 0, &[]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing_and_work_goes_on_when_there_is_space() {
    let folder = town();
    let token = token(folder.path());
    let size = std::fs::metadata(folder.path().join("yifa.db"))
        .expect("a database")
        .len();
    // A limit on the size of files stands for the full disk: it needs no privilege and can be lifted from outside.
    let script = format!(
        "trap '' XFSZ; ulimit -S -f {}; exec \"$0\" serve --listen 127.0.0.1:0 --data \"$1\"",
        size / 512 + 600
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script, PROGRAM]).arg(folder.path());
    let site = Site::start(&mut command);
    let mut kept = Vec::new();
    let refused = (0..5000).find_map(|n| {
        let (status, done) = open(&site.address, &token, &format!("full-{n}")).expect("an answer");
        if status == 201 {
            kept.push(done["case"].as_str().expect("a case id").to_owned());
            return None;
        }
        Some((status, done, n))
    });
    let (status, said, n) = refused.expect("the disk fills up");
    assert_eq!(status, 503, "{said}");
    assert!(
        said["reason"]
            .as_str()
            .is_some_and(|why| why.contains("磁盘已满")),
        "{said}"
    );
    let pid = site.child.id().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited"])
        .status()
        .expect("prlimit is part of every Linux");
    assert!(lifted.success());
    let again = open(&site.address, &token, &format!("full-{n}")).expect("an answer");
    assert_eq!(again.0, 201, "{}", again.1);
    for case in &kept {
        let found = ask(
            &site.address,
            &token,
            &format!("/api/v1/cases/{case}"),
            None,
        );
        assert_eq!(
            found.map(|(status, _)| status),
            Some(200),
            "case {case} lost"
        );
    }
    drop(site);
    check(&run(folder.path(), &["verify"]), 0, &[]);
}
