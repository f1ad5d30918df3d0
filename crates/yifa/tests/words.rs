//! What is said to a wrong command (命令写错): Chinese, with a hint, exit code 2.

use std::process::Command;

fn ends(code: i32, words: &[&str], expect: &[&str]) {
    let ended = Command::new(env!("CARGO_BIN_EXE_yifa"))
        .args(words)
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(code), "{words:?}: {said}");
    for words in expect {
        assert!(said.contains(words), "“{words}” is not said: {said}");
    }
    assert!(
        !said.contains("error:") && !said.contains("Usage:"),
        "English: {said}"
    );
    assert!(ended.stdout.is_empty());
}

fn check(words: &[&str], expect: &[&str]) {
    ends(2, words, expect);
}

#[test]
fn a_demo_year_before_the_law_names_the_earliest_year_and_founds_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().to_str().expect("a UTF-8 path");
    for year in ["2022", "2012"] {
        let words = ["demo", "--no-serve", "--year", year, "--data", data];
        check(&words, &["最早可以演 2023 年", "--year 2023"]);
    }
    let left = std::fs::read_dir(folder.path()).expect("readable").count();
    assert_eq!(left, 0, "no empty database is left behind");
    check(
        &["demo", "--year", "2031", "--data", data],
        &["2012 到 2025"],
    );
    ends(1, &["user", "list", "--data", data], &["还没有乡镇"]);
}

#[test]
fn a_demo_that_was_not_finished_is_not_gone_on_with() {
    let folder = testkit::Town::on_sqlite().close();
    std::fs::write(folder.path().join("demo-unfinished.txt"), "").expect("writable");
    let data = folder.path().to_str().expect("a UTF-8 path");
    let words = ["demo", "--no-serve", "--data", data];
    ends(1, &words, &["没有建完", "删掉", "--data"]);
}

#[test]
fn a_command_written_wrongly_is_answered_in_chinese_with_a_hint() {
    check(
        &["verfy"],
        &["没有“verfy”这个命令", "verify", "yifa --help"],
    );
    check(&["log"], &["用法：", "yifa log"]);
    check(&["log", "keys"], &["没有“keys”这个命令", "是不是想写：key"]);
    check(&["report"], &["少写了：<年度>", "用法：", "--help"]);
    check(&["report", "去年"], &["“去年”", "不能用"]);
    check(
        &["report", "2023", "--format", "pdf"],
        &["“pdf”", "可以写：md、html、json"],
    );
    check(
        &["verify", "--dta", "x"],
        &["没有“--dta”这个选项", "--data"],
    );
    check(&["verify", "--receipt", "x"], &["少写了", "--key"]);
    check(&["export", "--out"], &["--out", "后面要写"]);
}

fn help(words: &[&str]) -> String {
    let ended = Command::new(env!("CARGO_BIN_EXE_yifa"))
        .args(words)
        .arg("--help")
        .output()
        .expect("the program starts");
    assert!(ended.status.success(), "{words:?}");
    String::from_utf8_lossy(&ended.stdout).into_owned()
}

/// Commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let all = help.split_once("命令：").map_or("", |(_, rest)| rest);
    all.lines()
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_help_asks_for_a_word_in_english() {
    let first = listed(&help(&[]));
    assert!(first.len() > 8, "{first:?}");
    for command in &first {
        let text = help(&[command]);
        let mut pages = vec![(command.clone(), text.clone())];
        for under in listed(&text) {
            pages.push((format!("{command} {under}"), help(&[command, &under])));
        }
        for (command, text) in pages {
            let english = text
                .split(['<', '['])
                .skip(1)
                .find(|part| part.starts_with(|c: char| c.is_ascii_uppercase()));
            assert_eq!(english, None, "yifa {command} --help: {text}");
            assert!(
                !text.contains("possible values"),
                "yifa {command} --help: {text}"
            );
        }
    }
}

#[test]
fn whoever_hangs_up_early_is_no_fault() {
    let program = env!("CARGO_BIN_EXE_yifa");
    let ended = Command::new("sh")
        .args([
            "-c",
            &format!("{program} law deadline 2014-01-02 2000日 | head -n 1"),
        ])
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(said, "", "no panic, no complaint");
}
