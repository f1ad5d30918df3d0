//! The frequent reasons for which penalties are lost (高频败因): each is tried in a running example, or in a test here,
//! and stopped. A stranger finds defect 05 by looking for 缺陷05 in the law file named beside it.

use law::calendar::Calendar;
use law::engine::{Act, History, Register, permit};
use law::procedure::{
    ExampleBody, Expect, FieldId, Procedure, Qualification, RoleId, Span, StepId,
};
use law::value::{Ratio, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// Number, what goes wrong, and the law files that must show where it is stopped.
const DEFECTS: &[(&str, &str, &[&str])] = &[
    ("01", "无权处罚、赋权未公布、超出清单", BOTH),
    ("02", "一人执法、证件过期、无证人员签名", BOTH),
    ("03", "先处罚后立案、补日期", BOTH),
    ("04", "未告知、告知期内作出决定", BOTH),
    ("05", "告知内容与决定不一致", BOTH),
    ("06", "应听证未告知", ORDINARY),
    ("07", "主持人是调查人，审核人是承办人", ORDINARY),
    ("08", "未法审、审后改动", ORDINARY),
    ("09", "集体讨论形式化", ORDINARY),
    ("10", "证据只有照片无笔录、无原始载体", ORDINARY),
    ("11", "依据写法名不写条款项，引用失效法", BOTH),
    ("12", "裁量无理由、畸重", BOTH),
    ("13", "责令改正与处罚混同、没有期限", BOTH),
    ("14", "送达无效", BOTH),
    ("15", "救济告知错误", BOTH),
    ("16", "以罚代刑", BOTH),
];
const ORDINARY: &[&str] = &["general-penalty.md"];
const BOTH: &[&str] = &["general-penalty.md", "summary-penalty.md"];

fn procedure(file: &str) -> Procedure {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../law/procedures")
        .join(file);
    let text = std::fs::read_to_string(path).expect("the law pack stands beside the crates");
    let (procedure, problems) = law::parse::read(&text);
    procedure.unwrap_or_else(|| panic!("{file}: {problems:?}"))
}

#[test]
fn every_frequent_defect_is_tried_and_stopped_in_an_example() {
    let mut missing = Vec::new();
    for (number, says, files) in DEFECTS {
        for file in *files {
            let stopped = procedure(file)
                .examples
                .iter()
                .filter(|example| example.name.starts_with(&format!("缺陷{number} ")))
                .flat_map(|example| &example.lines)
                .any(|line| {
                    matches!(
                        line.body,
                        ExampleBody::Act {
                            expect: Expect::Refused { .. },
                            ..
                        }
                    )
                });
            if !stopped {
                missing.push(format!("{file} 没有拦住“{number} {says}”的例"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn no_example_names_a_defect_that_is_not_on_the_list() {
    for file in BOTH {
        for example in procedure(file).examples {
            if let Some(rest) = example.name.strip_prefix("缺陷") {
                assert!(
                    DEFECTS.iter().any(|(number, ..)| rest.starts_with(number)),
                    "{file} {}",
                    example.name
                );
            }
        }
    }
}

/// Certificates with a last day; posts by name.
struct Certificates(BTreeMap<&'static str, jiff::civil::Date>);

impl Register for Certificates {
    fn qualified(&self, person: &str, wanted: &Qualification, on: jiff::civil::Date) -> bool {
        match wanted {
            Qualification::None => true,
            Qualification::Certificate(_) => self.0.get(person).is_some_and(|last| on <= *last),
            Qualification::Post(posts) => posts.iter().any(|post| post == person),
        }
    }

    fn indicator(
        &self,
        _: &str,
        _: &[(FieldId, &Value)],
        _: Span,
        _: jiff::civil::Date,
    ) -> Option<Ratio> {
        Some(Ratio::ZERO)
    }
}

/// What the law says to a step taken in an empty case by these people on that day.
fn first_step(procedure: &Procedure, people: &[&str], day: &str) -> Result<(), Vec<String>> {
    let day: jiff::civil::Date = day.parse().expect("a day");
    let at = day.at(9, 0, 0, 0);
    let step = procedure.starts_with;
    let role = procedure.steps[step.at()].actors.roles[0].0;
    answer(procedure, step, role, people, at)
}

fn answer(
    procedure: &Procedure,
    step: StepId,
    role: RoleId,
    people: &[&str],
    at: jiff::civil::DateTime,
) -> Result<(), Vec<String>> {
    let register = Certificates(BTreeMap::from([
        ("有证甲", jiff::civil::date(2026, 12, 31)),
        ("有证乙", jiff::civil::date(2026, 12, 31)),
        ("过期丙", jiff::civil::date(2026, 2, 28)),
    ]));
    let act = Act {
        step,
        at,
        recorded: at,
        item: None,
        actors: vec![(role, people.iter().map(|p| (*p).to_owned()).collect())],
        values: BTreeMap::new(),
        waivers: Vec::new(),
    };
    permit(
        procedure,
        &Calendar::default(),
        &History::default(),
        &register,
        act,
    )
    .map(|_| ())
    .map_err(|refusal| {
        refusal
            .grounds
            .iter()
            .filter(|ground| ground.kind == law::engine::GroundKind::Person)
            .map(|ground| ground.sentence.clone())
            .collect()
    })
}

#[test]
fn defect_02_nobody_signs_without_a_certificate_valid_that_day() {
    let summary = procedure("summary-penalty.md");
    let persons = |people: &[&str], day: &str| {
        first_step(&summary, people, day)
            .expect_err("the form is empty")
            .len()
    };
    assert_eq!(persons(&["有证甲", "有证乙"], "2026-03-02"), 0);
    assert_eq!(persons(&["有证甲", "过期丙"], "2026-02-28"), 0);
    assert!(persons(&["有证甲", "过期丙"], "2026-03-01") > 0);
    assert!(persons(&["有证甲", "辅助人员"], "2026-03-02") > 0);
    assert!(persons(&["有证甲"], "2026-03-02") > 0);
}

#[test]
fn defect_09_heads_of_sections_do_not_make_a_panel() {
    let general = procedure("general-penalty.md");
    let at = jiff::civil::date(2026, 3, 2).at(9, 0, 0, 0);
    let step = general
        .steps
        .iter()
        .position(|step| step.name == "集体讨论")
        .expect("the file has a panel");
    let step = StepId(u16::try_from(step).expect("few steps"));
    let role = general.steps[step.at()].actors.roles[0].0;
    let said = answer(&general, step, role, &["镇长", "股长", "中队长"], at).expect_err("refused");
    assert!(!said.is_empty());
}
