//! The prover: what the law files forbid cannot happen, and what a damaged file lets happen is told as a story.

use law::calendar::Calendar;
use law::proof::{Verdict, prove};

const PENALTY: &str = include_str!("../../../law/procedures/general-penalty.md");
const HOTLINE: &str = include_str!("../../../law/procedures/hotline-ticket.md");
const DISPUTE: &str = include_str!("../../../law/procedures/dispute.md");
const INSPECTION: &str = include_str!("../../../law/procedures/inspection.md");
const DECISION: &str = include_str!("../../../law/procedures/major-decision.md");
const DISCLOSURE: &str = include_str!("../../../law/procedures/information-request.md");
const STUDY: &str = include_str!("../../../law/procedures/study-session.md");

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

/// Proved as it stands; damaged, broken with a story that holds these acts in this order.
fn breaks(text: &str, source: &str, damaged: &str, acts: &[&str]) {
    assert_eq!(verdict(text, source), Verdict::Proved, "{source}");
    let told = match verdict(damaged, source) {
        Verdict::Broken(told) => told,
        other => panic!("the damage to “{source}” was not told as a story: {other:?}"),
    };
    let mut rest = told.as_str();
    for act in acts {
        let at = rest
            .find(act)
            .unwrap_or_else(|| panic!("no “{act}” at its place in:\n{told}"));
        rest = &rest[at + act.len()..];
    }
}

#[test]
fn no_inspection_is_closed_over_an_open_finding() {
    let source = "在 检查已办结 且 有 问题项 （在 已发现、整改中、待复查）";
    let gate = "须：问题都已了结 ｜建议：每个问题都销号、转立案或者移交了才办结 ｜言：还有问题没有整改了结\n";
    let acts = ["登记问题（这一件问题项）", "办结检查"];
    breaks(INSPECTION, source, &without(INSPECTION, gate), &acts);
    // The gate stands, but one stage too many counts as settled.
    let lax = INSPECTION.replacen("（在 当场改正、已销号", "（在 待复查、当场改正、已销号", 1);
    let acts = [
        "登记问题",
        "责令整改（这一件问题项）",
        "报告整改（这一件问题项）",
        "办结检查",
    ];
    breaks(INSPECTION, source, &lax, &acts);
    // Findings recorded later than on the spot do no harm: the gate looks at all of them, and nothing follows the end.
    let late = without(
        INSPECTION,
        "须：在 检查中 ｜建议：问题在现场登记，不在事后补造\n",
    );
    assert_eq!(verdict(&late, source), Verdict::Proved);
}

#[test]
fn no_finding_is_struck_off_without_a_second_look() {
    let source = "有 问题项 （在 已销号 且 未 复查）";
    let damaged = INSPECTION.replacen("自：已发现\n至：当场改正", "自：已发现\n至：已销号", 1);
    assert_ne!(damaged, INSPECTION);
    let acts = ["登记问题（这一件问题项）", "当场纠正（这一件问题项）"];
    breaks(INSPECTION, source, &damaged, &acts);
}

#[test]
fn no_adoption_is_published_over_an_unanswered_comment() {
    let source = "已 公布采纳情况 且 有 意见 （在 待研究）";
    let gate = "须：每个 意见 （在 已答复） ｜参照：重大行政决策程序暂行条例 第18条〔未核〕 ｜言：还有意见没有研究答复\n";
    let acts = ["收到意见（这一件意见）", "公布采纳情况"];
    breaks(DECISION, source, &without(DECISION, gate), &acts);
    // The gate stands, but comments are taken at any time, also after publication.
    let window = "须：在 征求意见中 ｜参照：重大行政决策程序暂行条例 第15条\n";
    let acts = ["公布采纳情况", "收到意见（这一件意见）"];
    breaks(DECISION, source, &without(DECISION, window), &acts);
}

#[test]
fn no_answer_while_a_third_party_may_still_speak() {
    let source = "有 第三方件 （在 待第三方 且 第三方期 未满）";
    let gate = "须：每个 第三方件 （在 第三方已答 或 第三方期 已满） ｜当：答复组 为 予以公开、部分公开、不予公开 ｜法定：政府信息公开条例 第32条 ｜言：第三方还没有答复，期限也没有届满\n";
    let acts = ["征求第三方（这一件第三方件）", "答复"];
    breaks(DISCLOSURE, source, &without(DISCLOSURE, gate), &acts);
    // The gate stands, but its own clock begins anew whenever somebody confirms receipt.
    let renewed = DISCLOSURE.replacen(
        "起：征求第三方\n长：15",
        "起：征求第三方\n重起：更正公开\n长：15",
        1,
    );
    assert_ne!(renewed, DISCLOSURE);
    let acts = ["第三方期 届满（这一件第三方件）", "答复", "更正公开"];
    breaks(DISCLOSURE, source, &renewed, &acts);
}

#[test]
fn no_study_counts_without_a_statute() {
    let source = "在 已记录 且 未 登记法律";
    let gate = "须：有 所学法律 （已 登记法律） ｜建议：没有法律的学习不算学法 ｜言：还没有登记学了哪部法律\n";
    let acts = ["举行学法", "记录学法"];
    breaks(STUDY, source, &without(STUDY, gate), &acts);
}
