//! Every law file in the pack is read without faults, and its examples come out as written.

use law::calendar::Calendar;
use std::path::{Path, PathBuf};

fn pack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")
}

fn texts(folder: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = std::fs::read_dir(pack().join(folder))
        .expect("the law pack stands beside the crates")
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (
                name,
                std::fs::read_to_string(entry.path()).expect("law files are UTF-8"),
            )
        })
        .collect();
    found.sort();
    found
}

fn calendar() -> Calendar {
    let files = texts("calendars");
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Calendar::from_files(&files).expect("calendar files are sound")
}

#[test]
fn every_law_file_reads_without_faults() {
    let mut faults = Vec::new();
    for (name, text) in texts("procedures") {
        let (_, problems) = law::parse::read(&text);
        faults.extend(
            problems
                .iter()
                .filter(|p| p.is_fault())
                .map(|p| format!("{name} {p}")),
        );
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_example_comes_out_as_written() {
    let calendar = calendar();
    let mut failures = Vec::new();
    for (name, text) in texts("procedures") {
        let Some(procedure) = law::parse::read(&text).0 else {
            continue;
        };
        for result in law::example::run_all(&procedure, &calendar) {
            if let Some(failure) = result.failure {
                failures.push(format!(
                    "{name} 第 {} 行 例“{}”：{failure}",
                    result.line_no, result.name
                ));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
