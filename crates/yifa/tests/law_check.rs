//! `yifa law check` on what a stranger may hand it: every fault in Chinese with its line, exit code 1, and soon.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Exit code, and everything that was said.
fn run(path: &Path) -> (Option<i32>, String) {
    let begun = Instant::now();
    let ended = Command::new(env!("CARGO_BIN_EXE_yifa"))
        .args(["law", "check"])
        .arg(path)
        .output()
        .expect("the program starts");
    let took = begun.elapsed();
    assert!(
        took < Duration::from_secs(10),
        "{took:?}: an unoptimised program on a busy machine has ten seconds"
    );
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8(said).expect("UTF-8");
    assert!(!said.contains("panicked"), "{said}");
    (ended.status.code(), said)
}

fn check(code: i32, path: &Path, expect: &[&str]) {
    let (ended, said) = run(path);
    assert_eq!(ended, Some(code), "{said}");
    for words in expect {
        assert!(said.contains(words), "“{words}” is not said: {said}");
    }
}

const LESSON: &str = include_str!("../../../docs/law-language.md");

fn lesson() -> String {
    let (_, rest) = LESSON
        .split_once("````markdown\n")
        .expect("the page writes one file out");
    let (file, _) = rest.split_once("````").expect("it is closed");
    file.to_owned()
}

#[test]
fn a_sound_file_and_its_folder_pass() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("certificate.md");
    std::fs::write(&file, lesson()).expect("writable");
    check(0, &file, &["共 1 个文件", "没有毛病"]);
    check(0, folder.path(), &["共 1 个文件", "没有毛病"]);
}

#[test]
fn every_file_of_a_folder_is_judged_whatever_the_others_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).expect("writable");
    };
    put("a.md", b"# \xd3\xc3\xd3\xa1\n");
    put("b.md", b"PK\x03\x04\x00");
    put("c.md", b"");
    put("d.md", &vec![b'x'; 5_000_000]);
    put(
        "e.md",
        lesson()
            .replace("由：签发人", "由:签发员")
            .replace("3 工作日", "３ 周")
            .as_bytes(),
    );
    put("f.md", lesson().as_bytes());
    check(
        1,
        folder.path(),
        &[
            "a.md　第 1 行：文件像是 GBK",
            "b.md　第 1 行：这不是文本文件",
            "c.md　文件是空的",
            "d.md　第 1 行：文件太长",
            "“:”是半角；标点要写全角",
            "没有这个角色“签发员”；是不是“签发人”？",
            "“３”是全角",
            "“周”不是期限的单位",
            "共 6 个文件",
        ],
    );
}

#[test]
fn a_path_that_leads_to_no_law_file_is_told_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    check(
        1,
        &folder.path().join("没有.md"),
        &["读不到", "没有这个文件或者目录"],
    );
    check(1, folder.path(), &["没有法条文件（.md）"]);
    check(1, Path::new("/dev/null"), &["不是法条文件"]);
}

#[test]
fn an_example_that_fails_is_told_with_its_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("certificate.md");
    let wrong = lesson().replace("办理期 届满 2026-03-05", "办理期 届满 2026-03-06");
    std::fs::write(&file, wrong).expect("writable");
    check(1, &file, &["没有通过", "2026-03-05", "1 处毛病"]);
}
