//! Every route, read from the sources of the router itself, so that none can be forgotten.

use std::path::{Path, PathBuf};

/// A path pattern and a method.
pub type Route = (String, String);

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("sources are readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// All routes of the crate. A router may be put together by `.route("…", get(…).post(…))` and `.merge` only.
pub fn all() -> Vec<Route> {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("UTF-8");
        for other in [".nest(", ".nest_service(", ".route_service("] {
            assert!(
                !text.contains(other),
                "{}: {other} is not read by the table of access",
                file.display()
            );
        }
        for part in text.split(".route(").skip(1) {
            found.extend(routes_in(part));
        }
    }
    found.sort();
    found.dedup();
    assert!(found.len() > 60, "only {} routes found", found.len());
    found
}

fn routes_in(part: &str) -> Vec<Route> {
    let mut depth = 1;
    let end = part
        .char_indices()
        .find(|(_, letter)| {
            depth += match letter {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        })
        .map_or(part.len(), |(at, _)| at);
    let Some((path, handlers)) = part[..end]
        .trim_start()
        .strip_prefix('"')
        .and_then(|rest| rest.split_once('"'))
    else {
        panic!("a route without a literal path: {}", &part[..end]);
    };
    let words: Vec<&str> = handlers
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '(')
        .collect();
    assert!(
        !words.iter().any(|word| word.starts_with("any(")),
        "{path} answers to every method"
    );
    let mut found = Vec::new();
    for method in ["get", "post", "put", "delete", "patch"] {
        let call = format!("{method}(");
        if words.iter().any(|word| word.starts_with(&call)) {
            found.push((path.to_owned(), method.to_uppercase()));
        }
    }
    assert!(!found.is_empty(), "{path} answers to no method");
    found
}
