//! The traps of a published report (governance.md, the list X01 to X22): a layout that falls into one is refused with a sentence.

use law::report::{Block, Claim, Span, read};

/// Reads one paragraph under a sound title and answers the sentences of refusal.
fn refused(paragraph: &str) -> Vec<String> {
    let text = format!("# {{机关}}{{年}}年度报告\n\n{paragraph}\n");
    read(&text).1.iter().map(ToString::to_string).collect()
}

fn check(paragraph: &str, sentence: &str) {
    let found = refused(paragraph);
    assert!(
        found.iter().any(|f| f.contains(sentence)),
        "“{paragraph}” should be refused with “{sentence}”, got {found:?}"
    );
}

fn lawful(paragraph: &str) {
    assert_eq!(refused(paragraph), Vec::<String>::new(), "{paragraph}");
}

#[test]
fn a_rate_that_nobody_defined_is_refused() {
    check(
        "［数据］承办{hotline_ticket.hotline_orders_accepted}，处理度达{a.b}。",
        "“处理度”没有定义",
    );
}

#[test]
fn a_number_written_by_hand_is_refused_in_any_script() {
    for typed in [
        "检查475次",
        "检查４７５次",
        "检查二十起",
        "办结率100%",
        "持证18人",
    ] {
        check(&format!("［数据］{typed}，其余{{a.b}}。"), "手写的数");
    }
    lawful("［数据］一个对象、一次到场计一次，共{a.b}，依据某条例第24条。");
}

#[test]
fn approximations_of_countable_things_are_refused() {
    for about in ["635余件", "20余起", "10余部", "近百次", "约30户"] {
        check(&format!("［定性］排查{about}。"), "是约数");
    }
    lawful("［数据］其余三类另计，约束机制见附件，共{a.b}。");
}

#[test]
fn the_mediation_rate_does_not_stand_without_the_success_rate() {
    check("［数据］调解率{dispute.mediation_rate}。", "要并列");
}

#[test]
fn two_registers_are_not_added_without_their_overlap() {
    check(
        "［数据］信访{petition.petitions_accepted}，巡察移交{inspection_item.items_received}。",
        "去重合计",
    );
}

#[test]
fn one_all_for_two_registers_is_refused() {
    check(
        "［数据］信访和巡察移交{a.b}，均已全部结案。",
        "没有清单可以核对",
    );
}

#[test]
fn inspections_come_with_the_whole_chain_even_at_zero() {
    check(
        "［数据］检查{inspection.inspections_done}，问题{inspection.problems_found}。",
        "零也写",
    );
}

#[test]
fn licences_and_confirmations_come_with_their_flow() {
    check("［数据］准予{license.licenses_granted}。", "来去相符");
    check(
        "［数据］确认{confirmation.confirmations_done}。",
        "来去相符",
    );
}

#[test]
fn certificates_come_with_the_staff_they_are_a_part_of() {
    check("［数据］持证{registers.valid_certificates}。", "作分母");
}

#[test]
fn vague_frequency_is_refused_and_praise_is_marked_as_judgement() {
    check("［定性］镇党委多次召开专题会议。", "泛称");
    check("［数据］定期评议，共{a.b}。", "另起一段标［定性］");
    lawful("［定性］执法人员评议定期开展，由审议会议负责。");
}

#[test]
fn a_shortfall_without_a_figure_is_refused() {
    check(
        "## 三、存在的不足和原因\n\n［定性］决策程序还需增强。",
        "没有一个数",
    );
    lawful("## 三、存在的不足和原因\n\n［数据］调解不成{a.b}。");
    lawful("## 三、存在的不足和原因\n\n［未举证］合同审查没有记录。");
}

#[test]
fn nobody_lost_is_refused_without_population_and_confirmation() {
    check("［定性］无脱管漏管情况。", "主管机关确认");
}

#[test]
fn four_regimes_in_one_sentence_are_refused() {
    check("［定性］加强对四类特殊人群的管理。", "分开写");
}

#[test]
fn the_title_takes_its_body_from_the_register() {
    let (_, problems) = read("# 中共蓬溪县天福镇2023年度报告\n");
    assert!(
        problems.iter().any(|p| p.to_string().contains("不手写")),
        "{problems:?}"
    );
}

#[test]
fn slips_of_the_pen_are_named() {
    check("［定性］明确权力服务于权力的目的性。", "疑是笔误");
}

#[test]
fn a_township_does_not_accept_hotline_orders_but_handles_them() {
    check("［数据］12345热线办共受理有效工单{a.b}。", "写承办");
}

#[test]
fn a_plan_without_owner_base_target_and_term_is_refused() {
    for key in ["责任：", "基数：", "目标：", "期限："] {
        check("［计划］进一步提高思想认识。", key);
    }
    lawful("［计划］组织考试。责任：执法办；基数：{a.b}；目标：20人；期限：{下年}年第三季度末。");
}

#[test]
fn a_system_said_to_be_improved_names_its_document() {
    check("［定性］健全党委议事决策规则。", "连到写明日期的文件");
    lawful("［文件］健全党委议事决策规则：《本镇议事规则》（天府委发〔2023〕3号）。");
    lawful("［未举证］健全党委议事决策规则。");
}

#[test]
fn each_kind_of_claim_wants_its_own_binding() {
    check("［数据］成效显著。", "没有绑定指标");
    check("［事件］召开专题会议。", "没有绑定会议");
    check("［清单］学习了监察法等。", "没有绑定清单");
    check("［文件］印发了制度。", "没有绑定文件");
    check("［引文］上级要求公开。", "写明出处");
    check("［计划］加强宣传。", "没有绑定基数");
    check("成效显著。", "没有写明是哪一类");
    check("［数椐］{a.b}。", "是不是“数据”");
    lawful("［事件］会议分别在{日期 meeting.rule_of_law_meetings}召开。");
    lawful("［清单］学习了{名目 study_session.laws_studied}。");
    lawful("［引文］《督察工作规定》第24条：“每年4月1日之前”公开。");
}

#[test]
fn what_a_website_prints_around_a_report_is_dropped() {
    let (layout, problems) = read(
        "# {机关}{年}年度报告\n来源:某镇 发布时间:2024-07-04 10:14 浏览次数: 12\n［数据］共{a.b}。\n扫一扫在手机打开当前页\n",
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(layout.blocks.len(), 1);
}

#[test]
fn the_layout_of_the_pack_is_sound_and_uses_every_kind_of_claim() {
    let (layout, problems) = read(include_str!("../../../law/reports/annual-report.md"));
    assert!(problems.is_empty(), "{problems:?}");
    for claim in [
        Claim::Metric,
        Claim::Document,
        Claim::Event,
        Claim::List,
        Claim::Qualitative,
        Claim::Quotation,
        Claim::Plan,
        Claim::Unproven,
    ] {
        let used = layout
            .blocks
            .iter()
            .any(|b| matches!(b, Block::Paragraph { claim: c, .. } if *c == claim));
        assert!(used, "no paragraph is a {}", claim.word());
    }
    let listed = layout.blocks.iter().any(|b| {
        matches!(b, Block::Paragraph { spans, .. } if spans.iter().any(|s| matches!(s, Span::Listed(..))))
    });
    assert!(listed);
}

#[test]
fn nobody_sets_a_target_for_inspections_or_fines() {
    for figure in [
        "inspection.inspections_done",
        "general_penalty.fines_decided",
    ] {
        check(
            &format!(
                "［计划］加强执法。责任：执法办；基数：{{{figure}}}；目标：五百次；期限：{{下年}}年底。"
            ),
            "不得定目标",
        );
    }
}
