//! The files of the pack stand up to the checks.

use std::path::Path;

#[test]
fn no_law_file_has_a_fault_that_the_checks_can_see() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/procedures");
    let mut said = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the law pack stands beside the crates") {
        let path = entry.expect("the folder can be listed").path();
        let text = std::fs::read_to_string(&path).expect("law files are UTF-8");
        let procedure = law::parse::read(&text)
            .0
            .expect("law files read without faults");
        for problem in law::check::check(&procedure) {
            println!("{} {problem}", path.display());
            if problem.is_fault() {
                said.push(format!("{} {problem}", path.display()));
            }
        }
    }
    assert!(said.is_empty(), "\n{}", said.join("\n"));
}
