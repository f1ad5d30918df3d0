//! The procedure that the language page teaches is a procedure.

use law::calendar::Calendar;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The file written out in the lesson, between its four backticks.
fn lesson() -> String {
    let page = std::fs::read_to_string(root().join("docs/law-language.md"))
        .expect("the language page stands in docs");
    let (_, rest) = page
        .split_once("````markdown\n")
        .expect("the page writes one file out");
    let (file, _) = rest.split_once("````").expect("the file is closed");
    file.to_owned()
}

#[test]
fn the_lesson_reads_and_passes_its_checks_without_a_word() {
    let (procedure, mut problems) = law::parse::read(&lesson());
    if let Some(procedure) = &procedure {
        problems.extend(law::check::check(procedure));
    }
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        procedure.is_some() && said.is_empty(),
        "{}",
        said.join("\n")
    );
}

#[test]
fn the_examples_of_the_lesson_come_out_as_written() {
    let folder = root().join("law/calendars");
    let files: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("calendars stand in the pack")
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (
                name,
                std::fs::read_to_string(entry.path()).expect("calendars are UTF-8"),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    let calendar = Calendar::from_files(&files).expect("calendar files are sound");
    let procedure = law::parse::read(&lesson()).0.expect("the lesson reads");
    let results = law::example::run_all(&procedure, &calendar);
    assert_eq!(results.len(), 2);
    for result in results {
        assert_eq!(result.failure, None, "例“{}”", result.name);
    }
}
