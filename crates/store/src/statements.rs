//! Every statement of a source tree, so that one test can prepare them all on both engines.

use std::path::{Path, PathBuf};

/// A statement found in the sources.
#[derive(Debug, Clone)]
pub struct Statement {
    /// File.
    pub file: PathBuf,
    /// Line of the macro call.
    pub line: usize,
    /// Text.
    pub text: String,
}

/// All `sql!("…")` literals below a folder.
///
/// # Errors
/// When a file cannot be read.
pub fn statements_in(folder: &Path) -> std::io::Result<Vec<Statement>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                scan(&path, &std::fs::read_to_string(&path)?, &mut found);
            }
        }
    }
    found.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok(found)
}

fn scan(file: &Path, source: &str, found: &mut Vec<Statement>) {
    let mut rest = 0;
    while let Some(at) = source[rest..].find("sql!(") {
        let start = rest + at + "sql!(".len();
        rest = start;
        let body = source[start..].trim_start();
        let Some(body) = body.strip_prefix('"') else {
            continue;
        };
        if let Some(end) = body.find('"') {
            let line = source[..start].lines().count();
            found.push(Statement {
                file: file.to_owned(),
                line,
                text: body[..end].replace("\\n", "\n"),
            });
        }
    }
}
