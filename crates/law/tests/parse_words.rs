//! The word table, the glossary page and the parser say the same.

use std::path::Path;

#[test]
fn the_glossary_page_is_the_word_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/glossary.md");
    if std::env::var_os("YIFA_WRITE_GLOSSARY").is_some() {
        std::fs::write(&path, law::words::glossary()).expect("the docs folder can be written");
    }
    let page = std::fs::read_to_string(&path).expect("the glossary stands in docs");
    assert!(
        page == law::words::glossary(),
        "docs/glossary.md differs from law::words; run this test with YIFA_WRITE_GLOSSARY=1"
    );
}

#[test]
fn no_word_stands_twice_in_its_group_and_every_block_kind_is_read() {
    for group in [
        law::words::BLOCKS,
        law::words::FORCES,
        law::words::CONDITION_WORDS,
    ] {
        let mut words: Vec<&str> = law::words::chinese(group).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }
    for kind in law::words::chinese(law::words::BLOCKS) {
        let text = format!("# 甲\n\n```{kind}\n```\n\n## 未尽\n");
        let (_, problems) = law::parse::read(&text);
        assert!(
            problems.iter().all(|p| !p.sentence.contains("这种块")),
            "{kind}"
        );
    }
}

#[test]
fn every_force_of_the_table_can_stand_before_a_citation() {
    for force in law::words::chinese(law::words::FORCES) {
        let text = format!(
            "# 甲\n\n```程序\n代号：a\n施行：2026-01-01 起\n起步：申请\n```\n\n```阶段\n主线：待办\n```\n\n\
             | 角色 | 代号 | 属 | 资格 |\n|---|---|---|---|\n| 人 | one | 本机关 | — |\n\n\
             ```步骤\n申请 apply\n由：人\n须：在 待办 ｜{force}：依据\n```\n\n## 未尽\n"
        );
        let (procedure, problems) = law::parse::read(&text);
        assert!(procedure.is_some(), "{force}: {problems:?}");
    }
}
