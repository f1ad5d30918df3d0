//! Study sessions, meetings, disputes, tickets, petitions and hand-overs.

use super::Year;
use crate::demo::script::{Dice, Script, step};
use crate::demo::town::{COMMITTEE, MEDIATORS};

const LAWS: [&str; 13] = [
    "中华人民共和国宪法",
    "中华人民共和国监察法",
    "中华人民共和国土地管理法",
    "中华人民共和国行政处罚法",
    "中华人民共和国行政许可法",
    "中华人民共和国行政复议法",
    "中华人民共和国乡村振兴促进法",
    "中华人民共和国民法典",
    "中华人民共和国安全生产法",
    "中华人民共和国环境保护法",
    "中华人民共和国人民调解法",
    "信访工作条例",
    "中华人民共和国政府信息公开条例",
];

/// 15 sessions before committee meetings, 20 at staff assemblies, 13 different laws.
pub fn study(year: &mut Year) {
    for n in 0..35 {
        let party = n < 15;
        let d = if party {
            5 + n * (year.last - 20) / 15
        } else {
            8 + (n - 15) * (year.last - 20) / 20
        };
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let law = LAWS[n % 13];
        let mut case = Script::new("study_session");
        let plan = step("安排学法")
            .by("组织人", &["p07"])
            .set(
                "学法类型",
                if party {
                    "党委会会前学法"
                } else {
                    "干部大会学法"
                },
            )
            .set("计划日期", &year.days.day(d + 1).to_string())
            .set("主题", law);
        case.at(at(0, 9, 0), plan);
        let (expected, attended) = if party {
            (9, 9 - n % 2)
        } else {
            (62, 56 + n % 6)
        };
        let hold = step("举行学法")
            .by("主讲人", &[COMMITTEE[n % 9]])
            .set("地点", "镇机关会议室")
            .set("应到人数", &expected.to_string())
            .set("实到人数", &attended.to_string())
            .set("时长分钟", if party { "30" } else { "50" });
        case.at(at(1, 9, 0), hold);
        let recorder = "p56";
        case.at(
            at(1, 10, 0),
            step("登记法律")
                .by("记录人", &[recorder])
                .set("法律", law)
                .set("学习条款", "重点条款"),
        );
        case.at(
            at(2, 9, 0),
            step("记录学法")
                .by("记录人", &[recorder])
                .set("学习记录", "演示学习记录"),
        );
        year.scripts.push(case);
    }
}

/// 15 committee meetings, 20 staff assemblies, 4 special meetings on the rule of law.
pub fn meetings(year: &mut Year) {
    for n in 0..39 {
        let (kind, d) = match n {
            0..15 => ("党委会", 6 + n * (year.last - 20) / 15),
            15..35 => ("干部大会", 9 + (n - 15) * (year.last - 20) / 20),
            _ => ("专题会", 30 + (n - 35) * 55),
        };
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let on_law = kind == "专题会" || (kind == "党委会" && n % 5 == 0);
        let mut case = Script::new("meeting");
        let call = step("召集")
            .by("党政办", &["p07"])
            .set("会议类型", kind)
            .set(
                "议题",
                if on_law {
                    "法治建设工作汇报"
                } else {
                    "演示议题"
                },
            )
            .set(
                "议题类别",
                if on_law {
                    "法治建设"
                } else if n % 4 == 1 {
                    "三重一大"
                } else {
                    "一般事项"
                },
            )
            .set("涉法治", if on_law { "是" } else { "否" })
            .set("开会日期", &year.days.day(d).to_string())
            .set("应到人数", if kind == "干部大会" { "62" } else { "9" });
        case.at(year.days.at(d.saturating_sub(2), 9, 0), call);
        case.at(
            year.days.at(d.saturating_sub(2), 9, 30),
            step("通知").by("党政办", &["p07"]),
        );
        let present = &COMMITTEE[..7];
        case.at(
            at(0, 14, 30),
            step("开会")
                .by("主持人", &["p01"])
                .set("到会成员", &present.join("、")),
        );
        let voted = kind == "党委会";
        if voted {
            for (i, member) in present[1..].iter().enumerate() {
                let minute = i8::try_from(i).unwrap_or(0) * 4;
                case.at(
                    at(0, 15, minute),
                    step("发言").by("成员", &[member]).set("发言内容", "同意"),
                );
            }
        }
        let mut close = step("末位表态")
            .by("主持人", &["p01"])
            .set("主持人意见", "按大家意见办")
            .set("会议决定", if voted { "通过" } else { "通报" });
        if voted {
            close = close.set("赞成票", "7").set("反对票", "0");
        }
        case.at(at(0, 15, 40), close);
        case.at(
            at(1, 10, 0),
            step("形成纪要")
                .by("记录人", &["p56"])
                .set("纪要", "演示纪要"),
        );
        year.scripts.push(case);
    }
}

const VILLAGES: [&str; 8] = [
    "长坪村",
    "示范一村",
    "示范二村",
    "示范三村",
    "示范四村",
    "示范五村",
    "示范六村",
    "场镇社区",
];

/// 638 disputes found by screening: 612 agreed, 14 failed, 5 withdrawn, 7 in mediation at the end of the year.
pub fn disputes(year: &mut Year) {
    let mut dice = Dice::new(638);
    let kinds = [
        "邻里",
        "婚姻家庭",
        "房屋宅基地",
        "合同债务",
        "损害赔偿",
        "土地承包流转",
        "劳动报酬",
        "道路交通",
        "消费",
        "其他",
    ];
    for n in 0..638 {
        let open = n >= 631;
        let d = if open {
            year.last - 6 + n % 4
        } else {
            n * (year.last - 24) / 630
        };
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let mediator = MEDIATORS[n % 8];
        let kind = dice.of(&kinds);
        let mut case = Script::new("dispute");
        let register = step("登记纠纷")
            .by("登记人", &["p49"])
            .set("来源", "排查发现")
            .set("纠纷种类", kind)
            .set("地点", VILLAGES[n % 8])
            .set("层级", if n % 7 == 0 { "镇级" } else { "村级" })
            .party("当事人甲", "公民", &format!("演示当事人甲{n:03}"))
            .party("当事人乙", "公民", &format!("演示当事人乙{n:03}"))
            .set("争议事项", "演示纠纷")
            .set("涉及金额", &(dice.below(40) * 500).to_string())
            .set("激化风险", if n % 40 == 0 { "中" } else { "低" });
        case.at(at(0, 9, 0), register);
        case.at(
            at(0, 15, 0),
            step("受理")
                .by("调解员", &[mediator])
                .set("双方同意", "是")
                .set("权利已告知", "是"),
        );
        case.at(
            at(1, 9, 0),
            step("指派调解员")
                .by("调委会主任", &["p48"])
                .set("调解员名单", mediator),
        );
        case.at(
            at(2, 10, 0),
            step("调解")
                .by("调解员", &[mediator])
                .set("调解情况", "演示调解记录"),
        );
        // What is open at the cut-off is settled in the new year, after it.
        let from = if open { year.last + 1 } else { d };
        settle(year, &mut case, n, from, mediator, kind);
        year.scripts.push(case);
    }
}

/// Disputes over contracted land are settled in writing, as the law asks; of the others every third.
fn settle(year: &Year, case: &mut Script, n: usize, d: usize, mediator: &str, kind: &str) {
    let written = n.is_multiple_of(3) || kind == "土地承包流转";
    let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
    let failed = n % 45 == 44 && n < 631;
    let withdrawn = n % 126 == 100 && n < 631;
    if n.is_multiple_of(5) {
        case.at(
            at(3, 10, 0),
            step("调解")
                .by("调解员", &[mediator])
                .set("调解情况", "第二次调解"),
        );
    }
    if withdrawn {
        case.at(at(4, 9, 0), step("撤回申请"));
        return;
    }
    if failed {
        let fail = step("终止调解")
            .by("调解员", &[mediator])
            .set("不成原因", "分歧较大")
            .set("其他途径已告知", "是");
        case.at(at(6, 9, 0), fail);
    } else {
        let mut agree = step("达成协议")
            .by("调解员", &[mediator])
            .set("协议形式", if written { "书面" } else { "口头" })
            .set("协议内容", "演示协议内容")
            .set("履行期限", &year.days.day(d + 9).to_string());
        if written {
            agree = agree
                .set("双方已签字", "是")
                .set("调解员已签字", "是")
                .set("已加盖印章", "是");
        }
        case.at(at(4, 10, 0), agree);
        case.at(at(8, 10, 0), step("登记履行").by("调解员", &[mediator]));
    }
    case.at(at(9, 10, 0), step("结案").by("调解员", &[mediator]));
}

/// 642 orders: 635 finished, 7 open at the end of the year (one overdue), none returned.
pub fn tickets(year: &mut Year) {
    let mut dice = Dice::new(642);
    let offices = [
        "综合行政执法办",
        "便民服务中心",
        "农业服务中心",
        "平安建设办",
    ];
    for n in 0..642 {
        let open = n >= 635;
        let kind = dice.of(&["求助", "求助", "投诉举报", "咨询", "意见建议"]);
        let d = match n {
            641 => year.last - 10,
            _ if open => year.last - 2 + n % 2,
            _ => n * (year.last - 26) / 634,
        };
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let kind = if n == 641 { "求助" } else { kind };
        let mut case = Script::new("hotline_ticket");
        let dispatch = step("派单")
            .set(
                "热线工单号",
                &format!("演示{}{:05}", at(0, 9, 0).strftime("%Y%m%d"), n + 1),
            )
            .set("工单类型", kind)
            .set("紧急程度", if n % 50 == 0 { "紧急" } else { "一般" })
            .set(
                "来电时间",
                &at(0, 8, 40).strftime("%Y-%m-%d %H:%M").to_string(),
            )
            .party("诉求人", "公民", &format!("演示来电人{:03}", n % 560))
            .set("诉求内容", "演示诉求")
            .set("地点", VILLAGES[n % 8])
            .set("时限档", kind)
            .set("延期上限", "5");
        case.at(at(0, 9, 0), dispatch);
        case.at(
            at(0, if n % 60 == 59 { 15 } else { 10 }, 0),
            step("签收").by("热线专员", &["p10"]),
        );
        let assign = step("交办")
            .by("热线专员", &["p10"])
            .set("承办单位", offices[n % 4]);
        case.at(at(0, 16, 0), assign);
        let handler = ["p33", "p34", "p35", "p36"][n % 4];
        if !open || n == 641 {
            case.at(
                at(1, 9, 0),
                step("联系")
                    .by("承办人", &[handler])
                    .set("首联情况", "已联系上"),
            );
            case.at(
                at(1, 15, 0),
                step("处置")
                    .by("承办人", &[handler])
                    .set("办理记录", "演示办理记录"),
            );
        }
        if !open {
            answer(year, &mut case, n, d, kind, handler);
        } else {
            finish_in_january(year, &mut case, n, handler);
        }
        year.scripts.push(case);
    }
}

fn reply(handler: &str, n: usize) -> crate::demo::script::Step {
    step("答复")
        .by("承办人", &[handler])
        .set("事实", "演示事实")
        .set("措施", "演示措施")
        .set(
            "解决情况",
            if n.is_multiple_of(9) {
                "解释说明"
            } else {
                "已解决"
            },
        )
}

fn answer(year: &Year, case: &mut Script, n: usize, d: usize, kind: &str, handler: &str) {
    // A few are late, and stay late in the figures.
    let late = matches!(n, 100 | 333 | 500);
    let span = if late {
        17
    } else if kind == "咨询" {
        2
    } else {
        4
    };
    let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
    case.at(at(span, 9, 0), reply(handler, n));
    case.at(
        at(span, 11, 0),
        step("核对")
            .by("审核领导", &["p04"])
            .set("核对结论", "同意")
            .set("隐私已核", "是"),
    );
    case.at(at(span, 14, 0), step("提交").by("热线专员", &["p10"]));
    case.at(at(span, 17, 0), step("办结"));
    let rating = if n.is_multiple_of(29) {
        "未联系上"
    } else if n % 97 == 5 {
        "不满意"
    } else {
        "满意"
    };
    case.at(at(span + 2, 9, 0), step("回访").set("回访结果", rating));
    if rating == "不满意" {
        case.at(
            at(span + 3, 9, 0),
            step("认定不合理").file("不合理证据", &year.photo),
        );
    } else {
        case.at(at(span + 3, 9, 0), step("关闭"));
    }
}

/// What was open at the cut-off is finished in the new year, after it.
fn finish_in_january(year: &Year, case: &mut Script, n: usize, handler: &str) {
    let at = |days: usize, hour: i8, minute: i8| year.days.at(year.last + days, hour, minute);
    if n != 641 {
        case.at(
            at(0, 9, 0),
            step("联系")
                .by("承办人", &[handler])
                .set("首联情况", "已联系上"),
        );
        case.at(
            at(0, 15, 0),
            step("处置")
                .by("承办人", &[handler])
                .set("办理记录", "演示办理记录"),
        );
    }
    case.at(at(1, 9, 0), reply(handler, n));
    case.at(
        at(1, 11, 0),
        step("核对")
            .by("审核领导", &["p04"])
            .set("核对结论", "同意")
            .set("隐私已核", "是"),
    );
    case.at(at(1, 14, 0), step("提交").by("热线专员", &["p10"]));
    case.at(at(1, 17, 0), step("办结"));
    case.at(at(3, 9, 0), step("回访").set("回访结果", "满意"));
    case.at(at(4, 9, 0), step("关闭"));
}

/// 9 hand-overs and 12 petitions, 4 of them the same matter; all closed.
pub fn tour_items_and_petitions(year: &mut Year) {
    let mut items = Vec::new();
    for n in 0..9 {
        let d = 60 + n * 9;
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let mut case = Script::new("inspection_item");
        let receive = step("签收移交")
            .by("党政办", &["p07"])
            .set("移交单位", "县委巡察二组")
            .set("移交函号", &format!("演示移交{:02}号", n + 1))
            .set("移交内容", "演示移交事项")
            .set("整改期限", &year.days.day(d + 40).to_string());
        case.at(at(0, 9, 0), receive);
        case.at(
            at(1, 9, 0),
            step("分类")
                .by("党政办", &["p07"])
                .set("类型", if n < 4 { "信访类" } else { "立行立改" }),
        );
        case.at(
            at(2, 9, 0),
            step("制定措施")
                .by("牵头领导", &["p06"])
                .set("整改措施", "演示措施"),
        );
        case.at(
            at(9, 9, 0),
            step("整改")
                .by("承办人", &["p57"])
                .set("整改记录", "演示整改记录"),
        );
        case.at(
            at(20, 9, 0),
            step("回复")
                .by("牵头领导", &["p06"])
                .set("回复内容", "已经整改"),
        );
        case.at(at(26, 9, 0), step("核实").set("核实结论", "销号"));
        items.push(year.scripts.len());
        year.scripts.push(case);
    }
    for n in 0..12 {
        let d = if n < 4 { 62 + n * 9 } else { 5 + n * 17 };
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let mut case = Script::new("petition");
        let mut register = step("登记信访")
            .by("信访专员", &["p11"])
            .set("渠道", ["来信", "网络", "走访", "来电"][n % 4])
            .set(
                "来源",
                if n < 4 {
                    "巡察转交"
                } else {
                    "直接提出"
                },
            )
            .party("信访人信息", "公民", &format!("演示信访人{:02}", n + 1))
            .set("信访人数", "1")
            .set("信访内容", "演示信访事项")
            .set("领域", ["土地房屋", "村务", "民生救助"][n % 3]);
        if n < 4 {
            register = register.link("同一事项", items[n]);
        }
        case.at(at(0, 9, 0), register);
        let advice = n % 5 == 4;
        let kind = if advice {
            "建议意见类"
        } else {
            "申诉求决类"
        };
        case.at(
            at(1, 9, 0),
            step("分类")
                .by("信访专员", &["p11"])
                .set("类别", kind)
                .set("已终结", "否"),
        );
        case.at(
            at(2, 9, 0),
            step("受理").by("信访专员", &["p11"]).set("包案领导", "p06"),
        );
        case.at(
            at(8, 9, 0),
            step("调查")
                .by("承办人", &["p58"])
                .set("事实和理由", "演示调查"),
        );
        if advice {
            let reply = step("答复建议")
                .by("承办人", &["p58"])
                .set("采纳情况", "采纳")
                .set("事实和理由", "列入计划");
            case.at(at(12, 9, 0), reply);
        } else {
            let opine = step("出具意见")
                .by("负责人", &["p06"])
                .set("处理意见", "支持")
                .set("意见依据", "信访工作条例");
            case.at(at(20, 9, 0), opine);
            case.at(
                at(21, 9, 0),
                step("送达意见")
                    .by("承办人", &["p58"])
                    .set("送达方式", "直接"),
            );
            case.at(
                at(23, 9, 0),
                step("落实意见")
                    .by("承办人", &["p58"])
                    .set("落实情况", "演示落实"),
            );
        }
        case.at(at(24, 9, 0), step("评价").set("评价等次", "满意"));
        case.at(
            at(25, 9, 0),
            step("结案")
                .by("信访专员", &["p11"])
                .set("化解状态", "息诉"),
        );
        year.scripts.push(case);
    }
}
