//! Backups (备份): taken while the site writes, restored and verified; a damaged one is refused by name.

mod program;

use program::{PROGRAM, Site, ask, open, run, token};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn word(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

fn check(ended: &Output, code: i32, expect: &[&str]) {
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    );
    assert_eq!(ended.status.code(), Some(code), "{said}");
    for words in expect {
        assert!(said.contains(words), "“{words}” is not said: {said}");
    }
}

fn serve(data: &Path) -> Site {
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    Site::start(command.arg(data))
}

fn an_evidence_file(folder: &Path) -> PathBuf {
    let below = |folder: &Path| {
        let mut entries = std::fs::read_dir(folder).expect("a folder");
        entries.next().expect("not empty").expect("readable").path()
    };
    below(&below(&folder.join("files")))
}

#[test]
fn a_backup_taken_during_writes_is_restored_whole() {
    let town = testkit::Town::on_sqlite();
    let kept = office::evidence::keep(&town.office, "说明.txt", "一份证据".as_bytes());
    let kept = kept.expect("a sound file");
    let folder = town.close();
    let token = token(folder.path());
    let site = serve(folder.path());
    let acknowledge = |request: String| {
        let (status, done) = open(&site.address, &token, &request).expect("an answer");
        assert_eq!(status, 201, "{done}");
        done["case"].as_str().expect("a case id").to_owned()
    };
    let before: Vec<String> = (0..20)
        .map(|n| acknowledge(format!("before-{n}")))
        .collect();
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let backup = elsewhere.path().join("backup");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0;
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                acknowledge(format!("during-{n}"));
                n += 1;
            }
            assert!(0 < n, "nothing was written during the backup");
        });
        let ended = run(folder.path(), &["backup", word(&backup)]);
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        check(&ended, 0, &["已备份到", "签名密钥"]);
    });
    drop(site);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = std::fs::metadata(backup.join("keys/test.key")).expect("a key");
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
    let new = elsewhere.path().join("new");
    let restored = run(&new, &["restore", word(&backup)]);
    check(&restored, 0, &["都和 SHA256SUMS 一致", "读过的全部一致"]);
    assert_eq!(
        std::fs::read(an_evidence_file(&new)).expect("evidence"),
        "一份证据".as_bytes()
    );
    assert!(an_evidence_file(&new).ends_with(&kept.hash));
    let site = serve(&new);
    for case in &before {
        let path = format!("/api/v1/cases/{case}");
        let found = ask(&site.address, &token, &path, None).expect("an answer");
        assert_eq!(found.0, 200, "case {case} is not in the backup");
    }
    let going_on = open(&site.address, &token, "after").expect("an answer");
    assert_eq!(going_on.0, 201, "{}", going_on.1);
    drop(site);

    check(
        &run(&new, &["restore", word(&backup)]),
        1,
        &["已经有东西", "没有写入"],
    );
    check(
        &run(folder.path(), &["backup", word(&backup)]),
        1,
        &["已经有东西"],
    );
}

#[test]
fn a_backup_changed_by_one_byte_is_refused_by_name() {
    let town = testkit::Town::on_sqlite();
    office::evidence::keep(&town.office, "说明.txt", b"evidence").expect("a sound file");
    let folder = town.close();
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let backup = elsewhere.path().join("backup");
    check(&run(folder.path(), &["backup", word(&backup)]), 0, &[]);
    let evidence = an_evidence_file(&backup);
    for (file, name) in [
        (backup.join("yifa.db"), "yifa.db"),
        (backup.join("keys/test.key"), "keys/test.key"),
        (evidence, "files/"),
    ] {
        let sound = std::fs::read(&file).expect("readable");
        let mut flipped = sound.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        std::fs::write(&file, flipped).expect("writable");
        let new = elsewhere.path().join("new");
        let ended = run(&new, &["restore", word(&backup)]);
        check(&ended, 1, &["1 处不对", "没有恢复", name, "不一样"]);
        assert!(
            !new.exists(),
            "something was restored from a damaged backup"
        );
        std::fs::write(&file, sound).expect("writable");
    }
    std::fs::remove_file(backup.join("SHA256SUMS")).expect("removable");
    let ended = run(&elsewhere.path().join("new"), &["restore", word(&backup)]);
    check(&ended, 1, &["SHA256SUMS", "不是一份完整的备份"]);
}

#[test]
fn a_backup_inside_the_data_folder_is_refused() {
    let folder = testkit::Town::on_sqlite().close();
    let inside = folder.path().join("backup");
    check(
        &run(folder.path(), &["backup", word(&inside)]),
        1,
        &["数据目录里面"],
    );
}

#[test]
fn postgresql_has_its_own_tool() {
    testkit::on_each_engine(|town| {
        let elsewhere = tempfile::tempdir().expect("a temporary folder");
        let ended = office::backup::write(&town.office, elsewhere.path());
        match town.location {
            store::Location::Sqlite(_) => assert!(ended.is_ok(), "{ended:?}"),
            store::Location::Postgres(_) => {
                let why = ended.expect_err("no copy of a server").to_string();
                assert!(why.contains("pg_dump"), "{why}");
            }
        }
    });
}
