//! Taking steps on the case page: what goes wrong is said in a sentence, and what was typed is still there.

mod desk;

use axum::http::StatusCode;
use desk::Desk;
use office::accounts::Role;
use office::cases;
use office::inputs::{Draft, Input};
use testkit::{Town, on_each_engine};

const CONFIRMATION: &[(&str, &str)] = &[
    ("v.item", "生育登记"),
    ("v.applicant.class", "公民"),
    ("v.applicant.name", "<b>某人</b>"),
    ("v.request", "打了很久的字"),
];

fn act(
    town: &Town,
    case: Option<&str>,
    step: &str,
    role: &str,
    at: &str,
    values: &[(&str, &str)],
) -> String {
    let mut draft = Draft {
        step: step.into(),
        ..Draft::default()
    };
    if !role.is_empty() {
        draft.persons.insert(role.into(), vec!["a".into()]);
    }
    for (field, text) in values {
        draft.values.insert((*field).into(), Input::from(*text));
    }
    let ctx = town.ctx(at);
    match case {
        None => cases::open(&town.office, &ctx, "hotline_ticket", &draft),
        Some(case) => cases::take_step(&town.office, &ctx, case, &draft),
    }
    .expect("lawful")
    .case
}

/// A ticket that somebody else still helps with.
fn ticket(town: &Town) -> String {
    let case = act(
        town,
        None,
        "派单",
        "",
        "2023-05-30T09:00",
        &[
            ("工单类型", "求助"),
            ("紧急程度", "一般"),
            ("来电时间", "2023-05-30 08:40"),
            ("诉求人", "测试甲"),
            ("诉求内容", "路灯不亮"),
            ("地点", "长坪村"),
            ("延期上限", "5"),
        ],
    );
    let step = |step: &str, role: &str, at: &str, values: &[(&str, &str)]| {
        act(town, Some(&case), step, role, at, values);
    };
    step("签收", "热线专员", "2023-05-30T09:30", &[]);
    step(
        "交办",
        "热线专员",
        "2023-05-30T10:00",
        &[("承办单位", "测试办")],
    );
    step(
        "请协办",
        "热线专员",
        "2023-05-30T11:00",
        &[("协办事项", "供电"), ("协办期限", "2023-06-05")],
    );
    step(
        "联系",
        "承办人",
        "2023-05-30T15:00",
        &[("首联情况", "已联系上")],
    );
    step(
        "处置",
        "承办人",
        "2023-05-31T09:00",
        &[("办理记录", "已换灯")],
    );
    case
}

fn facts(town: &Town, case: &str) -> usize {
    town.office
        .read(|tx| office::records::load(tx, &town.ctx("2023-06-01"), case))
        .expect("readable")
        .history
        .facts
        .len()
}

const REPLY: &[(&str, &str)] = &[
    ("v.reply_facts", "灯坏了"),
    ("v.reply_action", "换了灯"),
    ("v.resolution", "已解决"),
];

#[test]
fn a_requirement_is_set_aside_by_whoever_may_with_a_reason() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "jingban", Role::Staff);
        let case = ticket(town);
        let page = desk.get(&format!("/office/cases/{case}"));
        assert!(
            page.contains("免去要求后办理"),
            "the page offers it: {page}"
        );
        let line = page
            .split("name=\"w.")
            .nth(1)
            .and_then(|rest| rest.split('.').next())
            .expect("a line that may be set aside")
            .to_owned();
        let path = format!("/office/cases/{case}/steps/reply");
        let (status, page) = desk.upload(&path, REPLY, &[]);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.contains("协办都回复了再答复") && page.contains("换了灯"),
            "{page}"
        );
        let (who, why) = (format!("w.{line}.who"), format!("w.{line}.why"));
        let mut waived = REPLY.to_vec();
        waived.extend([(who.as_str(), "a"), (why.as_str(), "供电所电话里已经答复")]);
        assert_eq!(desk.upload(&path, &waived, &[]).0, StatusCode::SEE_OTHER);
        assert!(
            desk.get(&format!("/office/cases/{case}"))
                .contains("免了 1 项要求")
        );
    });
}

#[test]
fn a_waiver_that_was_not_needed_is_not_on_record_and_the_sender_is_told() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "jingban", Role::Staff);
        let case = ticket(town);
        let answer = Draft {
            step: "协办答复".into(),
            item: Some(1),
            persons: [("协办人".into(), vec!["b".into()])].into(),
            values: [("协办结果".into(), Input::from("已恢复供电"))].into(),
            ..Draft::default()
        };
        cases::take_step(&town.office, &town.ctx("2023-05-31T10:00"), &case, &answer)
            .expect("lawful");
        let law = town
            .office
            .pack
            .file("hotline_ticket")
            .expect("in the pack");
        let reply = law.step("答复").expect("a step");
        let requires = &law.procedure.steps[reply.at()].requires;
        let line = requires.iter().find(|r| r.waivable_by.is_some());
        let line = line.expect("a requirement that may be waived").line_no;
        let (who, why) = (format!("w.{line}.who"), format!("w.{line}.why"));
        let mut waived = REPLY.to_vec();
        waived.extend([(who.as_str(), "a"), (why.as_str(), "电话里已经答复")]);
        let path = format!("/office/cases/{case}/steps/reply");
        let (status, page) = desk.upload(&path, &waived, &[]);
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let record = town
            .office
            .read(|tx| office::records::load(tx, &town.ctx("2023-06-01"), &case))
            .expect("readable");
        let last = record.history.facts.last().expect("the reply");
        assert_eq!(last.waivers, Vec::new());
        let page = desk.get(&format!("/office/cases/{case}?idle=1"));
        assert!(page.contains("1 项免去没有用上"), "{page}");
        assert!(!page.contains("免了 1 项要求"), "{page}");
    });
}

#[test]
fn a_stale_page_and_a_second_click_change_nothing() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "jingban", Role::Staff);
        let case = ticket(town);
        let n = facts(town, &case);
        let path = format!("/office/cases/{case}/steps/handle");
        let stale = [("v.action_record", "又去了一次"), ("seen", "1")];
        let (status, page) = desk.upload(&path, &stale, &[]);
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(page.contains("又去了一次"), "what was typed is kept");
        assert_eq!(facts(town, &case), n);
        let click = [("v.action_record", "又去了一次"), ("request", "click-1")];
        for _ in 0..2 {
            assert_eq!(desk.upload(&path, &click, &[]).0, StatusCode::SEE_OTHER);
        }
        assert_eq!(facts(town, &case), n + 1);
    });
}

#[test]
fn a_file_that_cannot_be_taken_costs_nobody_what_was_typed() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "jingban", Role::Staff);
        let program: &[u8] = b"MZ\x90\x00 a program";
        let heavy = vec![0u8; 50 * 1024 * 1024];
        for (name, bytes, says) in [
            ("照片.jpg", program, "不能收"),
            ("录像.mp4", heavy.as_slice(), "超过 20 MB"),
        ] {
            let (status, page) = desk.upload(
                "/office/new/confirmation",
                CONFIRMATION,
                &[("v.request", name, bytes)],
            );
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(page.contains(says), "{name}: {page}");
            assert!(page.contains("打了很久的字"), "{name}: typed text is kept");
            assert!(
                page.contains("&#60;b&#62;某人"),
                "{name}: the party is kept, and escaped"
            );
        }
        let (status, _) = desk.upload("/office/new/confirmation", CONFIRMATION, &[]);
        assert_eq!(status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn an_unlawful_step_is_refused_with_its_article_to_a_program() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "jingban", Role::Staff);
        let case = ticket(town);
        let (status, body) = desk.api(
            &format!("/api/v1/cases/{case}/steps/reply"),
            r#"{"values":{"事实":"灯坏了","措施":"换了灯","解决情况":"已解决"},"persons":{"承办人":["a"]}}"#,
        );
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        for key in ["article", "force", "reason", "earliest"] {
            assert!(told.get(key).is_some(), "{key} is missing: {body}");
        }
        let line = told["grounds"][0]["line"].as_u64().expect("a line");
        let (status, body) = desk.api(
            &format!("/api/v1/cases/{case}/steps/reply"),
            &format!(
                r#"{{"values":{{"事实":"灯坏了","措施":"换了灯","解决情况":"已解决"}},"persons":{{"承办人":["a"]}},
                    "waivers":[{{"line":{line},"person":"a","reason":"电话里已经答复"}}]}}"#
            ),
        );
        assert_eq!(status, StatusCode::OK, "{body}");
        let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(told["notes"], serde_json::json!([]), "it was needed");
    });
}
