//! The house: arrows only down, and what must be absent from a crate is absent.

use std::path::{Path, PathBuf};

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder)
        .expect("a source folder")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
            found.push((path, text));
        }
    }
}

#[test]
fn arrows_point_only_down() {
    let allowed: &[(&str, &[&str])] = &[
        ("law", &[]),
        ("ledger", &[]),
        ("document", &[]),
        ("store", &[]),
        ("office", &["law", "ledger", "document", "store"]),
        ("web", &["law", "ledger", "document", "office"]),
        (
            "yifa",
            &["law", "ledger", "document", "store", "office", "web"],
        ),
        ("testkit", &["law", "ledger", "document", "store", "office"]),
    ];
    for (name, below) in allowed {
        let manifest = crates().join(name).join("Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(manifest)
            .expect("a manifest")
            .parse()
            .expect("manifests are sound");
        let dependencies = manifest["dependencies"].as_table().expect("a table");
        for (other, _) in allowed
            .iter()
            .filter(|(other, _)| dependencies.contains_key(*other))
        {
            assert!(below.contains(other), "{name} must not depend on {other}");
        }
    }
}

#[test]
fn what_must_be_absent_is_absent() {
    let absent: &[(&str, &[&str])] = &[
        (
            "law",
            &[
                "std::fs",
                "std::net",
                "std::env",
                "Timestamp::now",
                "SystemTime",
                "Instant::now",
                "async fn",
            ],
        ),
        (
            "ledger",
            &[
                "std::fs",
                "std::net",
                "std::env",
                "SystemTime",
                "getrandom",
                "async fn",
            ],
        ),
        (
            "document",
            &["std::fs", "std::net", "std::env", "SystemTime", "async fn"],
        ),
        ("store", &["case_id", "procedure", "async fn"]),
        (
            "office",
            &["Timestamp::now", "SystemTime", "std::env::var", "async fn"],
        ),
        ("web", &["sql!", "store::", "SystemTime", "Timestamp::now"]),
    ];
    for (name, words) in absent {
        let mut files = Vec::new();
        sources(&crates().join(name).join("src"), &mut files);
        assert!(!files.is_empty());
        for (path, text) in files {
            for word in *words {
                assert!(!text.contains(word), "{} says {word}", path.display());
            }
        }
    }
}
