//! `docs/mechanisms.md` says which mechanism is served by which running procedure, and what is not served yet.

use law::procedure::Procedure;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Mechanisms of the enforcement half that no running example reaches. A mechanism that falls out of service
/// may not slip in here unseen: the list changes only by hand, in the open.
const NOT_YET: &[&str] = &[];

/// A row of `docs/mechanisms.csv`.
struct Row {
    number: String,
    half: String,
    says: String,
    place: String,
    indicator: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("docs/mechanisms.csv"))
        .expect("the table of mechanisms stands in docs");
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let cell = |i: usize| cells.get(i).copied().unwrap_or_default().to_owned();
            Row {
                number: cell(0),
                half: cell(1),
                says: cell(2),
                place: cell(3),
                indicator: cell(4),
            }
        })
        .collect()
}

fn procedures() -> Vec<Procedure> {
    let mut found: Vec<Procedure> = std::fs::read_dir(root().join("law/procedures"))
        .expect("the law pack stands beside the crates")
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .filter_map(|text| law::parse::read(&text).0)
        .collect();
    found.sort_by(|a, b| a.code.cmp(&b.code));
    found
}

/// The procedures with an example, by mechanism.
fn serving(procedures: &[Procedure]) -> BTreeMap<&str, Vec<&Procedure>> {
    let mut served: BTreeMap<&str, Vec<&Procedure>> = BTreeMap::new();
    for procedure in procedures.iter().filter(|p| !p.examples.is_empty()) {
        for mechanism in &procedure.mechanisms {
            served.entry(mechanism).or_default().push(procedure);
        }
    }
    served
}

/// One line of the table for a procedure that serves a mechanism.
fn line(row: &Row, procedure: &Procedure) -> String {
    let indicator = procedure
        .indicators
        .iter()
        .find(|i| i.code == row.indicator)
        .or(procedure.indicators.first());
    let example = procedure.examples.first().map_or("", |e| &e.name);
    format!(
        "| {} | {} | {} | {} | `/procedures/{}` | {example} | {} |\n",
        row.number,
        row.half,
        row.says,
        procedure.title,
        procedure.code,
        indicator.map_or(String::new(), |i| format!("{} `{}`", i.name, i.code)),
    )
}

fn page(rows: &[Row], procedures: &[Procedure]) -> String {
    let served = serving(procedures);
    let mut table = String::new();
    let mut missing = String::new();
    for row in rows {
        let files = served.get(row.number.as_str());
        for procedure in files.into_iter().flatten() {
            table.push_str(&line(row, procedure));
        }
        if files.is_none() {
            let place = if row.place.is_empty() {
                String::new()
            } else {
                format!("（已有 {}，没有运行的例）", row.place)
            };
            let _ = writeln!(
                missing,
                "- {} {}：{}{place}",
                row.number, row.half, row.says
            );
        }
    }
    let count = rows
        .iter()
        .filter(|row| served.contains_key(row.number.as_str()))
        .count();
    format!(
        "# 机制与实现\n\n\
         年度报告里提到的每一项机制，由哪件程序办，在哪一页看，哪个例走过，哪个数算得出。\n\
         本页由 `docs/mechanisms.csv` 和 `law/procedures` 各文件的“机制”一行写成，\n\
         重写用 `YIFA_WRITE_MECHANISMS=1 cargo test -p law --test mechanisms`；两边不一致，测试不过。\n\n\
         半：治 是治理，执 是执法、许可和公开，共 是两边都用。共 {} 项，有程序并有例的 {count} 项。\n\n\
         ## 已实现\n\n\
         | 号 | 半 | 要做到的 | 程序 | 页 | 例 | 指标 |\n|---|---|---|---|---|---|---|\n{table}\n\
         ## 尚未实现\n\n\
         下面各项没有一个运行的例走到。有清单或者页面的写明，不算实现。\n\n{missing}",
        rows.len()
    )
}

#[test]
fn the_page_of_mechanisms_says_what_the_law_files_say() {
    let path = root().join("docs/mechanisms.md");
    let written = page(&rows(), &procedures());
    if std::env::var_os("YIFA_WRITE_MECHANISMS").is_some() {
        std::fs::write(&path, &written).expect("the docs folder can be written");
    }
    let found = std::fs::read_to_string(&path).expect("the page stands in docs");
    assert!(
        found == written,
        "docs/mechanisms.md differs from the law files; run this test with YIFA_WRITE_MECHANISMS=1"
    );
}

#[test]
fn every_mechanism_stands_once_and_every_file_names_known_ones() {
    let rows = rows();
    let numbers: Vec<String> = rows.iter().map(|row| row.number.clone()).collect();
    let expected: Vec<String> = (1..=128).map(|n| format!("M{n:02}")).collect();
    assert_eq!(numbers, expected);
    for procedure in procedures() {
        assert!(!procedure.mechanisms.is_empty(), "{}", procedure.code);
        for mechanism in &procedure.mechanisms {
            assert!(
                numbers.contains(mechanism),
                "{} {mechanism}",
                procedure.code
            );
        }
    }
}

#[test]
fn no_mechanism_of_enforcement_falls_out_of_service() {
    let procedures = procedures();
    let served = serving(&procedures);
    let missing: BTreeSet<String> = rows()
        .into_iter()
        .filter(|row| row.half == "执" && !served.contains_key(row.number.as_str()))
        .map(|row| row.number)
        .collect();
    let expected: BTreeSet<String> = NOT_YET.iter().map(|&m| m.to_owned()).collect();
    assert_eq!(missing, expected);
}

#[test]
fn every_indicator_named_for_a_mechanism_is_computed_by_some_file() {
    let procedures = procedures();
    for row in rows().iter().filter(|row| !row.indicator.is_empty()) {
        assert!(
            procedures
                .iter()
                .flat_map(|p| &p.indicators)
                .any(|i| i.code == row.indicator),
            "{} {}",
            row.number,
            row.indicator
        );
    }
}
