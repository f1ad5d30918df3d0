//! Inspections, penalties, and a few cases of the last days.

use super::Year;
use crate::demo::script::{Days, Dice, Script, step};
use crate::demo::town::OFFICERS;

const FIELDS: [(&str, &str, &str); 5] = [
    ("场镇街道秩序检查", "场镇秩序", "个体工商户"),
    ("商户经营检查", "商户经营", "个体工商户"),
    ("环境保护检查", "环境保护", "企业"),
    ("秸秆禁烧检查", "秸秆禁烧", "公民"),
    ("道路交通安全检查", "道路交通", "企业"),
];

fn pair(n: usize) -> [&'static str; 2] {
    [OFFICERS[n % 18], OFFICERS[(n + 1) % 18]]
}

/// 475 inspections over the five fields of the reference; 23 findings, all rectified and checked again.
pub fn inspections(year: &mut Year) {
    let mut dice = Dice::new(475);
    for n in 0..475 {
        let d = n * (year.last - 30) / 474;
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let (item, field, class) = FIELDS[[0, 1, 1, 2, 3, 4, 0, 1][n % 8]];
        let found = n % 20 == 7 && n / 20 < 23;
        let officers = pair(n);
        let mut case = Script::new("inspection");
        let apply = step("申请检查")
            .by("执法人员", &officers[..1])
            .set("检查类型", if n % 11 == 0 { "专项" } else { "日常" })
            .set(
                "启动缘由",
                if n % 13 == 0 {
                    "投诉举报"
                } else {
                    "年度计划"
                },
            )
            .party(
                "检查对象",
                class,
                &format!(
                    "演示{}{:03}",
                    if class == "公民" {
                        "农户"
                    } else {
                        "商户"
                    },
                    1 + n % 190
                ),
            )
            .set("检查事项", item)
            .set(
                "频次档",
                if class == "公民" {
                    "公民"
                } else {
                    "一般企业"
                },
            )
            .set("检查内容", field)
            .set("拟派人员", &officers.join("、"))
            .set("协助人数", "0");
        case.at(at(0, 9, 0), apply);
        case.at(at(0, 14, 0), step("批准检查").by("负责人", &["p05"]));
        let notify = step("通知")
            .by("执法人员", &officers[..1])
            .set("通知次数", "1")
            .set("有碍检查", "否");
        case.at(at(1, 9, 0), notify);
        let begin = step("开始检查")
            .by("执法人员", &officers)
            .set("扫码编号", &format!("演示码{n:04}"))
            .set("检查地点", "天福镇")
            .set("已出示证件", "是")
            .set(
                "开始时刻",
                &at(2, 9, 30).strftime("%Y-%m-%d %H:%M").to_string(),
            )
            .set("记录仪编号", &format!("{:02}", 1 + dice.below(9)));
        case.at(at(2, 9, 30), begin);
        if found {
            let record = step("登记问题")
                .by("执法人员", &officers)
                .set("问题", "演示问题：物品堆放占用通道")
                .set("问题依据", "有关管理规定")
                .set("危害程度", "一般")
                .file("整改前照片", &year.photo);
            case.at(at(2, 9, 50), record);
            let order = step("责令整改")
                .by("执法人员", &officers)
                .item(1)
                .set("责令内容", "清理")
                .set("整改期限", &year.days.day(d + 9).to_string());
            case.at(at(2, 10, 0), order);
        }
        let finish = step("结束检查")
            .by("执法人员", &officers)
            .set(
                "结束时刻",
                &at(2, 10, 20).strftime("%Y-%m-%d %H:%M").to_string(),
            )
            .set("在场人", "当事人")
            .set("实查内容", field)
            .set(
                "检查结论",
                if found {
                    "发现问题"
                } else {
                    "未发现问题"
                },
            );
        case.at(at(2, 10, 20), finish);
        case.at(at(3, 9, 0), step("告知结果").by("执法人员", &officers[..1]));
        case.at(at(5, 9, 0), step("检查结果公开").by("公开员", &["p07"]));
        if found {
            case.at(
                at(8, 9, 0),
                step("报告整改").item(1).file("整改后照片", &year.photo),
            );
            let recheck = step("复查")
                .by("执法人员", &officers)
                .item(1)
                .set("复查结论", "合格")
                .file("复查照片", &year.photo);
            case.at(at(9, 10, 0), recheck);
        }
        case.at(
            at(10, 9, 0),
            step("办结检查").by("承办机构负责人", &["p08"]),
        );
        year.scripts.push(case);
    }
}

/// Two penalties by ordinary procedure, three on the spot.
pub fn penalties(year: &mut Year) {
    for n in 0..2 {
        let script = ordinary(year.days, 40 + n * 90, n, true, &year.photo);
        year.scripts.push(script);
    }
    for n in 0..3 {
        let d = 60 + n * 50;
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let officers = pair(n * 5);
        let mut case = Script::new("summary_penalty");
        let discover = step("当场发现")
            .by("执法人员", &officers)
            .party("当事人", "公民", &format!("演示摊主{:02}", n + 1))
            .set("地点", "场镇")
            .set("违法事实", "演示事实：占道经营经劝导不改")
            .set("处罚事项", "占道经营")
            .set("已出示证件", "是");
        case.at(at(0, 10, 0), discover);
        let notice = step("当场告知")
            .by("执法人员", &officers)
            .set("拟处罚种类", "罚款")
            .set("处罚依据", "公路法第77条")
            .set("涉嫌犯罪", "否");
        case.at(at(0, 10, 5), notice.set("拟罚款", "100"));
        let decide = step("当场决定")
            .by("执法人员", &officers)
            .set("处罚种类", "罚款")
            .set("罚款", "100")
            .set("裁量档", "占道较轻")
            .set("裁量说理", "经劝导后当场收摊，按较轻的档")
            .set("无需改正理由", "已当场收摊");
        // Reconsideration comes first only since the act of 2023 is in force.
        let decide = if year.days.day(d).year() >= 2024 {
            decide.set("救济告知", "当场处罚救济")
        } else {
            decide.set("救济告知", "当场处罚旧法救济")
        };
        case.at(at(0, 10, 15), decide);
        case.at(
            at(0, 10, 18),
            step("当场交付")
                .by("执法人员", &officers[..1])
                .set("签收情况", "本人签收"),
        );
        case.at(at(1, 9, 0), step("备案").by("备案员", &["p55"]));
        case.at(
            at(3, 9, 0),
            step("缴清")
                .by("收款人", &["p12"])
                .set("票据号", &format!("演示票{:03}", n + 1)),
        );
        case.at(at(4, 9, 0), step("结案").by("备案员", &["p55"]));
        year.scripts.push(case);
    }
}

/// A penalty from clue to archive, or only to the notice.
fn ordinary(
    days: &Days,
    d: usize,
    n: usize,
    whole: bool,
    photo: &office::evidence::Upload,
) -> Script {
    let at = |ahead: usize, hour: i8, minute: i8| days.at(d + ahead, hour, minute);
    let officers = pair(n * 3);
    let mut case = Script::new("general_penalty");
    let clue = step("登记线索")
        .by("执法人员", &officers[..1])
        .set("来源", "自行发现")
        .set("线索内容", "演示线索：在场镇道路堆放物品")
        .set("违法行为终了日", &days.day(d).to_string())
        .set("涉生命健康或金融安全", "否");
    case.at(at(0, 9, 0), clue);
    let file = step("批准立案")
        .by("负责人", &["p04"])
        .party("当事人", "个体工商户", &format!("演示商户9{:02}", n + 1))
        .set("处罚事项", "占道堆放")
        .set("名义机关", "本镇人民政府")
        .set("承办人", &officers.join("、"));
    case.at(at(1, 9, 0), file);
    let collect = step("取证")
        .by("执法人员", &officers)
        .set("证据种类", "视听资料")
        .set("待证事实", "占道位置和面积")
        .set("证据载体", "原件或者原始载体")
        .set("已出示证件", "是")
        .file("证据", photo);
    case.at(at(2, 10, 0), collect);
    let minute = |hour, minutes| at(2, hour, minutes).strftime("%Y-%m-%d %H:%M").to_string();
    let record = step("制作笔录")
        .by("执法人员", &officers)
        .set("笔录种类", "现场笔录")
        .set("笔录起时", &minute(10, 0))
        .set("笔录止时", &minute(10, 30))
        .set("当事人核对", "已核对签名")
        .file("笔录", photo);
    case.at(at(2, 10, 35), record);
    for (no, point) in [
        (1, "演示要点：占用人行道约六平方米"),
        (2, "演示要点：经劝导未清理"),
    ] {
        let list = step("列出事实点")
            .by("执法人员", &officers[..1])
            .set("事实要点", point);
        case.at(at(2, 11, 0), list);
        let prove = step("证明事实点")
            .by("执法人员", &officers)
            .item(no)
            .set("对应证据", "现场笔录、照片");
        case.at(at(3, 9, 0), prove);
    }
    let close = step("终结调查")
        .by("执法人员", &officers)
        .set("违法事实", "演示事实：占用人行道约六平方米，经劝导未清理")
        .set("涉嫌犯罪", "否")
        .set("涉重大公共利益", "否")
        .set("疑难复杂", "否")
        .set("情节复杂或重大违法", "否");
    case.at(at(4, 15, 0), close);
    let notice = step("告知")
        .by("执法人员", &officers)
        .set("拟处罚种类", "罚款")
        .set("拟处罚依据", "村镇条例第39条")
        .set("听证标准", "公民")
        .set("拟罚款", "800");
    case.at(at(5, 10, 0), notice);
    case.at(
        at(5, 10, 30),
        step("交付送达")
            .by("执法人员", &officers[..1])
            .set("所送文书", "事先告知书"),
    );
    let serve = |no: u32| {
        step("送达")
            .by("执法人员", &officers)
            .item(no)
            .set("送达方式", "直接")
            .set("签收人身份", "本人")
    };
    case.at(at(5, 16, 0), serve(1));
    if !whole {
        return case;
    }
    let correct = step("责令改正")
        .by("执法人员", &officers)
        .set("改正内容", "清理堆放的物品")
        .set("改正依据", "村庄和集镇规划建设管理条例 第39条")
        .set("改正期限", &days.day(d + 15).to_string())
        .set("改正救济", "责令改正救济");
    case.at(at(6, 9, 0), correct);
    let decide = step("决定")
        .by("负责人", &["p04"])
        .set("处罚种类", "罚款")
        .set("处罚依据", "村镇条例第39条")
        .set("裁量档", "占道一般")
        .set("裁量说理", "初次，面积较小，按一般档")
        .set("救济告知", "普通程序处罚救济")
        .set("有社会影响", "是")
        .set("减轻处罚", "否")
        .set("罚款", "800");
    case.at(at(12, 10, 0), decide);
    case.at(
        at(13, 9, 0),
        step("交付送达")
            .by("执法人员", &officers[..1])
            .set("所送文书", "决定书"),
    );
    case.at(at(13, 15, 0), serve(2));
    case.at(at(16, 9, 0), step("处罚公示").by("公开员", &["p07"]));
    let settle = step("缴清")
        .by("收款人", &["p12"])
        .set("缴款额", "800")
        .set("票据号", &format!("演示票9{n:02}"));
    case.at(at(19, 9, 0), settle);
    case.at(
        at(19, 15, 0),
        step("确认履行").by("承办机构负责人", &["p08"]),
    );
    case.at(
        at(20, 9, 0),
        step("结案")
            .by("负责人", &["p04"])
            .set("结案类型", "履行完毕"),
    );
    case.at(at(25, 9, 0), step("归档").by("承办机构负责人", &["p08"]));
    case
}

/// A penalty waiting for the defence period, two tickets and a licence: work for whoever signs in today.
pub fn of_today(recent: &Days, today: usize, photo: &office::evidence::Upload) -> Vec<Script> {
    let mut scripts = vec![ordinary(recent, today - 7, 8, false, photo)];
    for (n, (ago, kind)) in [(6usize, "投诉举报"), (2, "求助")].into_iter().enumerate() {
        let mut case = Script::new("hotline_ticket");
        let at = |hour: i8, minute: i8| recent.at(today - ago, hour, minute);
        let dispatch = step("派单")
            .set(
                "热线工单号",
                &format!("演示{}{n:05}", at(9, 0).strftime("%Y%m%d")),
            )
            .set("工单类型", kind)
            .set("紧急程度", "一般")
            .set(
                "来电时间",
                &at(8, 40).strftime("%Y-%m-%d %H:%M").to_string(),
            )
            .party("诉求人", "公民", &format!("演示来电人9{n:02}"))
            .set("诉求内容", "演示诉求")
            .set("地点", "场镇社区")
            .set("时限档", kind)
            .set("延期上限", "5");
        case.at(at(9, 0), dispatch);
        case.at(at(9, 40), step("签收").by("热线专员", &["p10"]));
        if ago > 3 {
            case.at(
                at(10, 30),
                step("交办")
                    .by("热线专员", &["p10"])
                    .set("承办单位", "综合行政执法办"),
            );
            let contact = step("联系")
                .by("承办人", &["p14"])
                .set("首联情况", "已联系上");
            case.at(recent.at(today - ago + 1, 9, 0), contact);
        }
        scripts.push(case);
    }
    let mut license = Script::new("license");
    let apply = step("提出申请")
        .set("许可事项", "临时占用街道")
        .set("申请方式", "网上")
        .party("申请人信息", "公民", "演示申请人901")
        .set("申请内容", "演示申请：春节前摆摊");
    license.at(recent.at(today - 3, 9, 0), apply);
    scripts.push(license);
    scripts
}
