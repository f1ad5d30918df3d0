//! Legal advice, law publicity, supervision by the township congress, appraisal of party members, duties of the two heads.

use super::Year;
use crate::demo::script::{Script, step};

/// 12 questions to the legal adviser, by kind; one opinion is not followed, with the reason.
pub fn legal_advice(year: &mut Year) {
    const KINDS: [&str; 6] = [
        "合同",
        "行政执法",
        "信访调解",
        "重大决策",
        "规范性文件",
        "复议诉讼",
    ];
    for n in 0..12 {
        let d = 7 + n * (year.last - 30) / 12;
        let at = |days: usize| year.days.at(d + days, 9, 30);
        let mut case = Script::new("legal_request");
        case.at(
            at(0),
            step("提出咨询")
                .by("提出人", &["p13"])
                .set("事项类型", KINDS[n % 6])
                .set("咨询事项", "演示咨询事项"),
        );
        case.at(at(1), step("接收咨询").set("利益冲突", "否"));
        case.at(
            at(3),
            step("出具法律意见")
                .set("意见结论", ["合法", "修改后合法", "提示风险"][n % 3])
                .set("意见内容", "演示法律意见")
                .set("用时小时", &(1 + n % 4).to_string()),
        );
        let mut decide = step("定采纳").by("分管负责人", &["p06"]);
        decide = if n == 7 {
            decide
                .set("采纳情况", "不采纳")
                .set("不采纳理由", "已与对方另行议定")
        } else {
            decide.set("采纳情况", "全部采纳")
        };
        case.at(at(4), decide);
        case.at(
            at(6),
            step("办结咨询")
                .by("提出人", &["p13"])
                .set("办理结果", "按采纳情况办理"),
        );
        year.scripts.push(case);
    }
}

/// One event on each of the four days that the reference report names, and one a month in villages, schools and firms.
pub fn publicity(year: &mut Year) {
    const NODES: [(&str, i8, i8, &str); 4] = [
        ("消费者权益日", 3, 15, "社区"),
        ("安全宣传咨询日", 6, 16, "企业"),
        ("国际禁毒日", 6, 26, "学校"),
        ("国家宪法日", 12, 4, "机关"),
    ];
    const CLASSES: [&str; 5] = ["乡村", "学校", "社区", "企业", "单位"];
    let first = year.days.day(0).year();
    for n in 0..16 {
        let (kind, node, class, d) = match NODES.get(n) {
            Some((node, month, day, class)) => {
                let on = jiff::civil::date(first, *month, *day);
                ("集中宣传", *node, *class, year.days.until(on) - 1)
            }
            None => {
                let kind = ["日常宣传", "以案释法", "法治讲座", "法律咨询"][n % 4];
                let d = 12 + (n - 4) * (year.last - 25) / 12;
                (kind, "不在节点", CLASSES[n % 5], d)
            }
        };
        let before = d.saturating_sub(4);
        let mut case = Script::new("publicity_activity");
        case.at(
            year.days.at(before, 10, 0),
            step("计划活动")
                .by("普法专员", &["p59"])
                .set("活动类型", kind)
                .set("宣传节点", node)
                .set("七进类别", class)
                .set("活动日期", &year.days.day(d).to_string())
                .set("活动主题", "演示普法主题"),
        );
        let mut review = step("审核内容")
            .by("内容审核人", &["p13"])
            .set("内容无误", "是");
        if kind == "以案释法" {
            review = review.set("案例已隐名", "是");
        }
        case.at(year.days.at(before + 1, 10, 0), review);
        case.at(
            year.days.at(d, 15, 0),
            step("举办活动")
                .by("主讲人", &["p14"])
                .set("活动地点", "演示地点")
                .set("到场人次", &(30 + n * 7 % 60).to_string())
                .set("清点方法", "现场清点")
                .set("咨询件数", &(n % 6).to_string())
                .set("资料份数", "80"),
        );
        case.at(
            year.days.at(d, 17, 0),
            step("记录活动")
                .by("普法专员", &["p59"])
                .set("效果记录", "演示效果记录"),
        );
        case.at(
            year.days.at(d + 2, 10, 0),
            step("普法活动公开").by("公开员", &["p07"]),
        );
        case.at(
            year.days.at(d + 3, 10, 0),
            step("归档活动").by("普法专员", &["p59"]),
        );
        year.scripts.push(case);
    }
}

/// Two inspections of enforcement by deputies, with opinions put right and an anonymous appraisal.
pub fn congress(year: &mut Year) {
    for (n, topic) in ["秸秆禁烧执法", "商户经营执法"].iter().enumerate() {
        let d = 60 + n * 90;
        let at = |days: usize, minute: i8| year.days.at(d + days, 10, minute);
        let mut case = Script::new("npc_supervision");
        let chair = |name: &str| step(name).by("人大主席", &["p03"]);
        let unit = |name: &str| step(name).by("受评单位", &["p08"]);
        case.at(
            at(0, 0),
            chair("确定议题")
                .set("监督方式", "执法检查")
                .set("监督议题", topic),
        );
        case.at(at(1, 0), chair("通知受评"));
        case.at(at(6, 0), unit("报告自查").set("自查情况", "演示自查"));
        case.at(
            at(9, 0),
            chair("代表检查")
                .set("参加代表人数", "9")
                .set("检查情况", "演示检查"),
        );
        for no in 1..=2u32 {
            case.at(
                at(10, i8::try_from(no).unwrap_or(0)),
                step("提出意见")
                    .item(no)
                    .set("监督意见", "演示意见")
                    .set("整改到期日", &year.days.day(d + 40).to_string()),
            );
        }
        case.at(at(11, 0), chair("转交意见"));
        for no in 1..=2u32 {
            case.at(
                at(25, i8::try_from(no).unwrap_or(0)),
                unit("整改意见").item(no).set("意见整改情况", "演示整改"),
            );
        }
        case.at(at(27, 0), unit("报告整改").set("整改报告", "演示报告"));
        case.at(
            at(30, 0),
            chair("无记名评议")
                .set("评议人数", "9")
                .set("执法意识分", "91")
                .set("执法能力分", "86")
                .set("执法水平分", "87"),
        );
        case.at(at(31, 0), chair("归档监督"));
        year.scripts.push(case);
    }
}

/// The yearly appraisal of party members in three branches.
pub fn appraisal(year: &mut Year) {
    for (n, (branch, members, excellent)) in [
        ("机关支部", 31, 10),
        ("示范一村支部", 24, 7),
        ("场镇社区支部", 18, 6),
    ]
    .iter()
    .enumerate()
    {
        let d = year.last - 35 + n;
        let at = |days: usize| year.days.at(d + days, 14, 30);
        let secretary = |name: &str| step(name).by("支部书记", &["p06"]);
        let mut case = Script::new("party_appraisal");
        case.at(
            at(0),
            secretary("部署评议")
                .set("支部名称", branch)
                .set("党员人数", &members.to_string()),
        );
        case.at(at(3), secretary("自评互评").set("互评情况", "已开展"));
        let part = members - 1;
        case.at(
            at(5),
            step("民主测评")
                .by("监票人", &["p55"])
                .set("参评人数", &part.to_string())
                .set("发出票数", &part.to_string())
                .set("收回票数", &part.to_string()),
        );
        case.at(
            at(7),
            secretary("综合评定")
                .set("优秀人数", &excellent.to_string())
                .set("合格人数", &(part - excellent).to_string())
                .set("基本合格人数", "0")
                .set("不合格人数", "0"),
        );
        case.at(
            at(12),
            secretary("反馈评议").set("反馈情况", "已向本人反馈"),
        );
        year.scripts.push(case);
    }
}

/// What the two heads deployed, asked about, coordinated and supervised: one record each, every one with a result.
pub fn duties(year: &mut Year) {
    const KINDS: [&str; 4] = [
        "部署重要工作",
        "过问重大问题",
        "协调重点环节",
        "督办重要任务",
    ];
    for n in 0..14 {
        let d = 9 + n * (year.last - 40) / 14;
        let at = |days: usize| year.days.at(d + days, 11, 0);
        let (person, post) = if n % 2 == 0 {
            ("p01", "党委主要负责人")
        } else {
            ("p02", "政府主要负责人")
        };
        let mut case = Script::new("duty_event");
        case.at(
            at(0),
            step("登记履职")
                .by("第一责任人", &[person])
                .set("履职类型", KINDS[n / 2 % 4])
                .set("责任人职务", post)
                .set("履职事项", "演示履职事项")
                .set("书面依据", &format!("演示批示{:02}号", n + 1))
                .set("办理期限", &year.days.day(d + 15).to_string()),
        );
        case.at(
            at(1),
            step("交办履职事项")
                .by("第一责任人", &[person])
                .set("交办内容", "演示交办"),
        );
        case.at(
            at(10),
            step("报告履职结果")
                .by("承办人", &["p60"])
                .set("事项结果", "演示结果"),
        );
        case.at(
            at(12),
            step("核对办结")
                .by("核对人", &["p07"])
                .set("核对情况", "属实"),
        );
        year.scripts.push(case);
    }
}
