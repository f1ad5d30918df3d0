//! What a procedure cites as statute stands in `law/statutes`, article by article.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../law")
        .join(name)
}

fn texts(name: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder(name))
        .expect("the law pack stands beside the crates")
        .flatten()
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                std::fs::read_to_string(entry.path()).expect("law files are UTF-8"),
            )
        })
        .collect();
    found.sort();
    found
}

/// Articles of every statute by its title, as written in the first column: `第9条（2017）`.
fn statutes() -> BTreeMap<String, BTreeSet<String>> {
    texts("statutes")
        .into_iter()
        .map(|(_, text)| {
            let title = text.lines().next().unwrap_or_default();
            let articles = text
                .lines()
                .filter_map(|line| line.strip_prefix("| 第"))
                .filter_map(|rest| rest.split_once(" |"))
                .map(|(article, _)| format!("第{article}"))
                .collect();
            (title.trim_start_matches("# ").to_owned(), articles)
        })
        .collect()
}

/// The laws cited after `法定：` on one line: name without its year, the year, the articles without 款 and 项.
fn citations(line: &str) -> Vec<(String, String, Vec<String>)> {
    line.split('｜')
        .filter_map(|part| part.trim().strip_prefix("法定："))
        .flat_map(|basis| basis.trim_end_matches("〔未核〕").split('；'))
        .filter(|part| part.contains(" 第"))
        .map(|part| {
            let (name, articles) = part.split_once(" 第").unwrap_or((part, ""));
            let (name, year) = name.split_once('（').unwrap_or((name, ""));
            let articles = articles
                .split('、')
                .map(|article| article.trim_start_matches('第'))
                .filter_map(|article| article.split_once('条'))
                .map(|(number, _)| format!("第{number}条"))
                .collect();
            (
                name.trim().to_owned(),
                year.trim_end_matches('）').to_owned(),
                articles,
            )
        })
        .collect()
}

#[test]
fn every_article_cited_as_statute_stands_in_the_statutes() {
    let statutes = statutes();
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for (file, text) in texts("procedures") {
        for line in text.lines() {
            for (name, year, articles) in citations(line) {
                let known = statutes.get(&name);
                for article in articles {
                    seen += 1;
                    let dated = format!("{article}（{year}）");
                    if !known.is_some_and(|k| k.contains(&article) || k.contains(&dated)) {
                        missing.insert(format!("{file} {name} {article}"));
                    }
                }
            }
        }
    }
    assert!(seen > 100, "only {seen} citations were read");
    assert!(
        missing.is_empty(),
        "\n{}",
        missing.into_iter().collect::<Vec<_>>().join("\n")
    );
}
