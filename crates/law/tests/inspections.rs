//! An inspection can be counted, and nobody can be told how many to make.

use std::path::Path;

const FILES: &[&str] = &["inspection", "inspection-draw", "inspection-plan", "patrol"];

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../law/procedures")
        .join(format!("{name}.md"));
    std::fs::read_to_string(path).expect("the law pack stands beside the crates")
}

#[test]
fn no_file_of_inspections_has_a_field_for_a_quota() {
    for name in FILES {
        let procedure = law::parse::read(&text(name)).0.expect("reads");
        for field in &procedure.fields {
            for word in ["指标", "任务", "排名", "目标", "定额"] {
                assert!(!field.name.contains(word), "{name}: {}", field.name);
            }
        }
    }
}

#[test]
fn the_language_has_no_word_for_a_target() {
    let whole = text("inspection");
    let with_target = whole.replacen("检查对象数 ", "目标：检查户次 500\n检查对象数 ", 1);
    assert_ne!(whole, with_target);
    let problems = law::parse::read(&with_target).1;
    assert!(problems.iter().any(law::problem::Problem::is_fault));
}

#[test]
fn patrols_are_never_among_the_inspections() {
    let inspection = law::parse::read(&text("inspection")).0.expect("reads");
    let patrol = law::parse::read(&text("patrol")).0.expect("reads");
    for indicator in &patrol.indicators {
        assert!(
            inspection
                .indicators
                .iter()
                .all(|i| i.code != indicator.code),
            "{} is counted twice",
            indicator.code
        );
    }
}

#[test]
fn only_a_certificate_lets_anybody_inspect() {
    let procedure = law::parse::read(&text("inspection")).0.expect("reads");
    for code in [
        "begin",
        "begin_urgently",
        "finish",
        "record_finding",
        "recheck",
    ] {
        let step = procedure.steps.iter().find(|s| s.code == code).expect(code);
        let (role, least) = step.actors.roles[0];
        assert_eq!(least, 2, "{code}");
        assert_eq!(
            procedure.roles[role.at()].qualification,
            law::procedure::Qualification::Certificate(vec!["执法证".into()]),
            "{code}"
        );
    }
}
