//! The dossier: papers in order, those to come, and a trial that writes nothing.

mod desk;

use axum::http::StatusCode;
use desk::Desk;
use office::accounts::Role;
use office::cases;
use office::inputs::{Draft, Input};
use testkit::{Town, on_each_engine};

fn act(town: &Town, case: Option<&str>, step: &str, values: &[(&str, &str)]) -> String {
    let mut draft = Draft {
        step: step.into(),
        ..Draft::default()
    };
    draft
        .persons
        .insert("执法人员".into(), vec!["a".into(), "b".into()]);
    for (field, text) in values {
        draft.values.insert((*field).into(), Input::from(*text));
    }
    let ctx = town.ctx("2023-06-01T08:30");
    match case {
        None => cases::open(&town.office, &ctx, "summary_penalty", &draft),
        Some(case) => cases::take_step(&town.office, &ctx, case, &draft),
    }
    .expect("lawful")
    .case
}

/// A penalty on the spot, with its notice given.
fn notified(town: &Town) -> String {
    let found = [
        ("当事人", "某人"),
        ("地点", "场镇"),
        ("违法事实", "占道"),
        ("处罚事项", "占道经营"),
        ("已出示证件", "是"),
    ];
    let case = act(town, None, "当场发现", &found);
    let correct = [
        ("改正要求", "收摊"),
        ("改正期限", "2023-06-01"),
        ("改正救济", "责令改正救济"),
    ];
    act(town, Some(&case), "责令改正", &correct);
    let notice = [
        ("拟处罚种类", "罚款"),
        ("拟罚款", "100"),
        ("处罚依据", "公路法第77条"),
        ("涉嫌犯罪", "否"),
    ];
    act(town, Some(&case), "当场告知", &notice);
    case
}

#[test]
fn the_dossier_lists_papers_that_stand_and_that_are_to_come() {
    on_each_engine(|town| {
        let case = notified(town);
        let desk = Desk::of(town, "fenguan", Role::Leader);
        let page = desk.get(&format!("/office/cases/{case}/dossier"));
        for said in [
            "责令改正通知书",
            "CF23",
            "当场行政处罚决定书",
            "在当场处罚的限额内",
            "公路法第77条",
        ] {
            assert!(page.contains(said), "the page does not say {said}");
        }
    });
}

#[test]
fn a_trial_says_what_the_law_would_say_and_writes_nothing() {
    on_each_engine(|town| {
        let case = notified(town);
        let desk = Desk::of(town, "fenguan", Role::Leader);
        let path = format!("/api/v1/cases/{case}/steps/decide/trial");
        let body = |fine: &str, remedy: &str| {
            format!(
                r#"{{"persons": {{"officer": ["a", "b"]}}, "values": {{"kind": "罚款", "fine": "{fine}",
                    "discretion_band": "占道较轻", "discretion_reason": "初次", "remedy_notice": "{remedy}"}}}}"#
            )
        };
        let (status, wrong) = desk.api(&path, &body("300", "当场处罚救济"));
        assert_eq!(status, StatusCode::OK, "{wrong}");
        assert!(wrong.contains(r#""permitted":false"#) && wrong.contains("超过当场处罚的限额"));
        assert!(wrong.contains("应当是“当场处罚旧法救济”"), "{wrong}");
        let (status, right) = desk.api(&path, &body("100", "当场处罚旧法救济"));
        assert_eq!(status, StatusCode::OK, "{right}");
        assert!(right.contains(r#""permitted":true"#), "{right}");
        assert!(right.contains("在裁量档内"), "{right}");
        let record = town
            .office
            .read(|tx| office::records::load(tx, &town.ctx("2023-06-01T09:00"), &case))
            .expect("the case is there");
        assert_eq!(record.row.facts, 3);
    });
}
