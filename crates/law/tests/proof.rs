//! The prover: what the law files forbid cannot happen, and what a damaged file lets happen is told as a story.

use law::calendar::Calendar;
use law::proof::{Verdict, prove};

const PENALTY: &str = include_str!("../../../law/procedures/general-penalty.md");
const HOTLINE: &str = include_str!("../../../law/procedures/hotline-ticket.md");
const DISPUTE: &str = include_str!("../../../law/procedures/dispute.md");

/// What comes of the one property whose text contains `source`.
fn verdict(text: &str, source: &str) -> Verdict {
    let (procedure, problems) = law::parse::read(text);
    let mut procedure = procedure.unwrap_or_else(|| panic!("{problems:?}"));
    procedure.properties.retain(|p| p.source.contains(source));
    assert_eq!(procedure.properties.len(), 1, "one property says {source}");
    prove(&procedure, &Calendar::default())
        .properties
        .remove(0)
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
    let source = "已 决定 且 需法制审核";
    assert_eq!(verdict(PENALTY, source), Verdict::Proved);
    let gate = "须：在 审核通过 ｜当：需法制审核 ｜法定：行政处罚法 第58条第1款 ｜言：未经法制审核或者审核未通过，不得作出决定\n";
    let Verdict::Broken(told) = verdict(&without(PENALTY, gate), source) else {
        panic!("the missing gate was not noticed");
    };
    assert!(told.ends_with("决定"), "{told}");
}

#[test]
fn no_fine_above_the_notice() {
    let source = "罚款 多于 拟罚款";
    assert_eq!(verdict(PENALTY, source), Verdict::Proved);
    let gate = "须：罚款 不多于 拟罚款 ｜当：罚款 有值 ｜法定：行政处罚法 第44条、第45条第2款 ｜言：罚款高于告知的数额，须重新告知\n";
    // Which of the many other fields matter is more than the walk can tell apart here, but it must not call it proved.
    assert_ne!(verdict(&without(PENALTY, gate), source), Verdict::Proved);
}

#[test]
fn no_ticket_is_reported_with_privacy_unchecked() {
    let source = "隐私已核 为 否";
    assert_eq!(verdict(HOTLINE, source), Verdict::Proved);
    assert_eq!(verdict(HOTLINE, "在 已提交 且 未 核对"), Verdict::Proved);
    let gate = "须：隐私已核 为 是 ｜法定：个人信息保护法 第51条 ｜言：答复未核隐私，不能报出\n";
    assert!(matches!(
        verdict(&without(HOTLINE, gate), source),
        Verdict::Broken(_)
    ));
}

#[test]
fn a_stage_without_a_way_out_is_told() {
    let source = "在 已结案、已分流、不予受理、已撤回";
    assert_eq!(verdict(DISPUTE, source), Verdict::Proved);
    let exit = "自：已达成协议、调解不成\n至：已结案";
    let damaged = DISPUTE.replacen(exit, "自：调解不成\n至：已结案", 1);
    assert!(matches!(verdict(&damaged, source), Verdict::Broken(_)));
}
