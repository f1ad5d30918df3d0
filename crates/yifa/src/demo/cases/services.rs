//! Licences and confirmations.

use super::Year;
use crate::demo::script::{Dice, Script, step};

/// 53 applications: 46 granted, 3 refused, 1 not accepted, 2 withdrawn, 1 open at the end of the year.
pub fn licenses(year: &mut Year) {
    let mut dice = Dice::new(46);
    let items = ["农村村民住宅用地审批", "乡村建设规划许可", "临时占用街道"];
    for n in 0..53 {
        let d = if n == 52 {
            year.last - 3
        } else {
            3 + n * (year.last - 30) / 52
        };
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let mut case = Script::new("license");
        case.at(
            at(0, 9, 10),
            step("提出申请")
                .set("许可事项", dice.of(&items))
                .set("申请方式", if n % 4 == 0 { "网上" } else { "窗口" })
                .party("申请人信息", "公民", &format!("演示申请人{:03}", n + 1))
                .set("申请内容", "演示申请事项"),
        );
        match n {
            50 => {
                let reject = step("不予受理")
                    .by("窗口人员", &["p50"])
                    .set("不受理理由", "依法不需要取得许可");
                case.at(
                    at(1, 10, 0),
                    reject.set("救济告知", "六十日内可以申请行政复议"),
                );
            }
            17 | 34 => {
                case.at(at(1, 10, 0), step("撤回申请"));
            }
            _ => {
                if n % 9 == 0 {
                    case.at(
                        at(1, 10, 0),
                        step("要求补正")
                            .by("窗口人员", &["p50"])
                            .set("补正内容", "四至图"),
                    );
                    case.at(at(2, 10, 0), step("补正"));
                }
                case.at(
                    at(2, 11, 0),
                    step("受理").by("窗口人员", &["p50"]).set("材料齐全", "是"),
                );
                {
                    let examine = step("审查")
                        .by("审查人员", &["p51"])
                        .set("核查情况", "材料与现场一致")
                        .set("需现场核查", if n % 3 == 0 { "是" } else { "否" })
                        .set("涉及他人重大利益", "否");
                    case.at(at(4, 9, 0), examine);
                    if n % 3 == 0 {
                        let check = step("现场核查")
                            .by("审查人员", &["p51", "p52"])
                            .set("核查情况", "四至清楚");
                        case.at(at(5, 9, 0), check);
                    }
                    decide(year, &mut case, n, d);
                }
            }
        }
        year.scripts.push(case);
    }
}

fn decide(year: &Year, case: &mut Script, n: usize, d: usize) {
    let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
    if matches!(n, 8 | 23 | 41) {
        let deny = step("不予许可")
            .by("负责人", &["p04"])
            .set("决定理由", "影响公共通行")
            .set("决定依据", "行政许可法 第38条")
            .set("救济告知", "六十日内申请行政复议，六个月内提起诉讼");
        case.at(at(7, 15, 0), deny);
        case.at(at(8, 9, 0), step("送达").by("窗口人员", &["p50"]));
        return;
    }
    let grant = step("准予许可")
        .by("负责人", &["p04"])
        .set("许可内容", "准予")
        .set("决定依据", "行政许可法 第38条");
    case.at(at(7, 15, 0), grant);
    case.at(at(8, 9, 0), step("送达").by("窗口人员", &["p50"]));
    case.at(at(9, 10, 0), step("许可公开").by("公开员", &["p07"]));
    if n.is_multiple_of(2) {
        case.at(at(10, 10, 0), step("评价").set("评价等次", "满意"));
    }
}

/// 111 applications: 105 confirmed, 3 refused, 2 withdrawn, 1 open at the end of the year.
pub fn confirmations(year: &mut Year) {
    let mut dice = Dice::new(105);
    let items = [
        "生育登记",
        "居住情况证明",
        "农村土地承包合同备案确认",
        "老年人优待身份确认",
    ];
    for n in 0..111 {
        let d = if n == 110 {
            year.last - 2
        } else {
            1 + n * (year.last - 20) / 110
        };
        let at = |days: usize, hour: i8, minute: i8| year.days.at(d + days, hour, minute);
        let mut case = Script::new("confirmation");
        let register = step("登记申请")
            .by("窗口人员", &["p53"])
            .set("确认事项", dice.of(&items))
            .party("申请人信息", "公民", &format!("演示群众{:03}", n + 1))
            .set("申请内容", "演示确认申请");
        case.at(at(0, 9, 30), register);
        if matches!(n, 30 | 77) {
            case.at(at(1, 9, 0), step("撤回申请"));
        } else {
            let refused = matches!(n, 15 | 52 | 90);
            let verify = step("核实")
                .by("核实人员", &["p54"])
                .set("核实情况", "村（社区）核实")
                .set("属实", if refused { "否" } else { "是" });
            case.at(at(2, 10, 0), verify);
            let decision = if refused {
                step("不予确认")
                    .set("不予理由", "与事实不符")
                    .set("救济告知", "六十日内可以申请行政复议")
            } else {
                step("确认")
            };
            case.at(at(3, 10, 0), decision.by("负责人", &["p09"]));
            case.at(at(3, 15, 0), step("送达").by("窗口人员", &["p53"]));
        }
        year.scripts.push(case);
    }
}
