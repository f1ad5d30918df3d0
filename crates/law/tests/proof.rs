//! The prover: what the law files forbid cannot happen, and what a damaged file lets happen is told as a story.

use law::calendar::Calendar;
use law::proof::{Report, Verdict, prove};

const PENALTY: &str = include_str!("../../../law/procedures/general-penalty.md");
const HOTLINE: &str = include_str!("../../../law/procedures/hotline-ticket.md");
const DISPUTE: &str = include_str!("../../../law/procedures/dispute.md");

fn report(text: &str) -> Report {
    let (procedure, problems) = law::parse::read(text);
    let procedure = procedure.unwrap_or_else(|| panic!("{problems:?}"));
    prove(&procedure, &Calendar::default())
}

fn story<'a>(report: &'a Report, source: &str) -> &'a Verdict {
    let found = report.properties.iter().find(|p| p.source.contains(source));
    &found
        .unwrap_or_else(|| panic!("no property {source}"))
        .verdict
}

/// Takes a line out of a law file.
fn without(text: &str, line: &str) -> String {
    assert!(
        text.contains(line),
        "the file no longer has the line: {line}"
    );
    text.replacen(line, "", 1)
}

#[test]
fn no_decision_without_the_review_that_is_due() {
    assert_eq!(
        *story(&report(PENALTY), "已 决定 且 需法制审核"),
        Verdict::Proved
    );
    let gate = "须：在 审核通过 ｜当：需法制审核 ｜法定：行政处罚法 第58条第1款 ｜言：未经法制审核或者审核未通过，不得作出决定\n";
    let Verdict::Broken(told) =
        story(&report(&without(PENALTY, gate)), "已 决定 且 需法制审核").clone()
    else {
        panic!("the missing gate was not noticed");
    };
    assert!(told.ends_with("决定"), "{told}");
}

#[test]
fn no_fine_above_the_notice() {
    assert_eq!(
        *story(&report(PENALTY), "罚款 多于 拟罚款"),
        Verdict::Proved
    );
    let gate = "须：罚款 不多于 拟罚款 ｜当：罚款 有值 ｜法定：行政处罚法 第44条、第45条第2款 ｜言：罚款高于告知的数额，须重新告知\n";
    let report = report(&without(PENALTY, gate));
    assert!(matches!(
        story(&report, "罚款 多于 拟罚款"),
        Verdict::Broken(_)
    ));
}

#[test]
fn no_ticket_is_reported_with_privacy_unchecked() {
    let hotline = report(HOTLINE);
    assert_eq!(*story(&hotline, "隐私已核 为 否"), Verdict::Proved);
    assert_eq!(*story(&hotline, "在 已提交 且 未 核对"), Verdict::Proved);
    let gate = "须：隐私已核 为 是 ｜法定：个人信息保护法 第51条 ｜言：答复未核隐私，不能报出\n";
    let damaged = report(&without(HOTLINE, gate));
    assert!(matches!(
        story(&damaged, "隐私已核 为 否"),
        Verdict::Broken(_)
    ));
}

#[test]
fn a_stage_without_a_way_out_is_told() {
    assert_eq!(
        *story(&report(DISPUTE), "在 已结案、已分流、不予受理、已撤回"),
        Verdict::Proved
    );
    let exit = "自：已达成协议、调解不成\n至：已结案";
    let damaged = report(&DISPUTE.replacen(exit, "自：调解不成\n至：已结案", 1));
    assert!(matches!(
        story(&damaged, "在 已结案、已分流、不予受理、已撤回"),
        Verdict::Broken(_)
    ));
}
