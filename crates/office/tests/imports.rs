//! Old registers whose rows are closed: every column of a later day is a further step, by the engine, at its own day.

use office::error::{Error, Result};
use office::imports::{self, Handing, Imported, KINDS, Kind, Sheet};
use testkit::{Town, on_each_engine};

fn kind(name: &str) -> &'static Kind {
    KINDS.iter().find(|k| k.name == name).expect("a kind")
}

const BY_A: Handing = Handing {
    by: Some("a"),
    waived_by: None,
    dry_run: false,
};

fn import(town: &Town, name: &str, text: &str) -> Result<Imported> {
    let sheet = Sheet {
        name: "台账.csv",
        bytes: text.as_bytes(),
        map: Default::default(),
    };
    let ctx = town.ctx("2024-12-31");
    imports::run(&town.office, &ctx, kind(name), &sheet, BY_A)
}

fn size(town: &Town) -> i64 {
    let size = town.office.read(|tx| office::log::size(tx, testkit::ORG));
    size.expect("readable")
}

/// Stage, day of closing and number of facts of every case.
fn cases(town: &Town) -> Vec<(String, Option<String>, i64)> {
    let read = town.office.read(|tx| {
        Ok(tx.query(
            store::sql!("SELECT stage, closed_on, facts FROM cases WHERE org = $1 ORDER BY opened_on, number"),
            store::params![testkit::ORG],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?)
    });
    read.expect("readable")
}

fn refused(answer: Result<Imported>) -> String {
    match answer {
        Err(Error::Form(faults)) => format!("{faults:?}"),
        other => panic!("not refused: {other:?}"),
    }
}

const TICKETS: &str = "派单时间,工单类型,诉求人,主要诉求,所属村,签收时间,承办单位,首次联系,办理情况,答复时间,事实,措施,解决情况,隐私已核,审核领导,办结时间,回访时间,回访结果,关闭时间
2023-05-08 09:30,求助,甲,路灯,长坪村,2023-05-08,便民中心,2023.5.9,换灯,2023年5月10日,属实,已换灯,已解决,是,测试b,2023-05-11,2023-05-12,满意,2023-05-15
2023-06-05,求助,乙,水管,长坪村,2023-06-05,便民中心,,,,,,,,,,,,
";

#[test]
fn a_closed_ticket_is_replayed_to_its_end_and_an_open_one_as_far_as_it_went() {
    on_each_engine(|town| {
        let done = import(town, "hotline-ticket", TICKETS).expect("lawful");
        assert_eq!((done.opened, done.known, done.steps), (2, 0, 12));
        let closed = Some("2023-05-15".to_owned());
        let found = cases(town);
        assert_eq!(found[0], ("已关闭".into(), closed, 11));
        assert_eq!(found[1], ("已交办".into(), None, 3));
        let before = size(town);
        let again = import(town, "hotline-ticket", TICKETS).expect("known");
        assert_eq!((again.opened, again.known, again.steps), (0, 2, 0));
        assert_eq!(size(town), before, "the same file twice changes nothing");
        let grown = TICKETS.replace("便民中心,,,", "便民中心,2023-06-06,,");
        let more = import(town, "hotline-ticket", &grown).expect("lawful");
        assert_eq!((more.opened, more.known, more.steps), (0, 2, 1));
    });
}

#[test]
fn a_step_that_the_law_refuses_is_named_by_its_cell_and_nothing_is_kept() {
    on_each_engine(|town| {
        let before = size(town);
        let unchecked = TICKETS.replace("已解决,是,", "已解决,否,");
        let why = refused(import(town, "hotline-ticket", &unchecked));
        assert!(
            why.contains("N2 隐私已核") && why.contains("个人信息保护法"),
            "{why}"
        );
        let own = TICKETS.replace("测试b", "测试a");
        let why = refused(import(town, "hotline-ticket", &own));
        assert!(why.contains("自己办的不自己审"), "{why}");
        let stranger = TICKETS.replace("测试b", "某人");
        let why = refused(import(town, "hotline-ticket", &stranger));
        assert!(
            why.contains("O2 审核领导") && why.contains("没有在岗人员“某人”"),
            "{why}"
        );
        let dayless = TICKETS.replace(",2023-05-12,满意", ",,满意");
        let why = refused(import(town, "hotline-ticket", &dayless));
        assert!(
            why.contains("R2 回访结果") && why.contains("没有写“回访时间”"),
            "{why}"
        );
        assert_eq!(size(town), before, "whole file or nothing");
    });
}

const DISPUTES: &str = "登记时间,纠纷类型,所属村,申请人,被申请人,纠纷简述,受理时间,双方同意,权利已告知,调解日期,调解人,调解情况,调解结果,协议形式,协议内容,履行期限,不成原因,其他途径已告知,履行时间,结案时间
2023-03-06,邻里,长坪村,甲,乙,排水沟,2023-03-07,是,是,2023-03-09,测试c,各自让步,成功,口头,共修,2023-03-31,,,2023-03-28,2023-03-29
2023-05-08,合同债务,长坪村,丙,丁,欠款,2023-05-09,是,是,2023-05-15,测试c,分歧大,调解不成,,,,分歧大,是,,2023-05-23
";

#[test]
fn a_dispute_ends_as_its_result_says() {
    on_each_engine(|town| {
        let refusing = DISPUTES.replace("2023-03-07,是,", "2023-03-07,否,");
        let why = refused(import(town, "dispute", &refusing));
        assert!(
            why.contains("G2 受理时间") && why.contains("人民调解法"),
            "{why}"
        );
        let vague = DISPUTES.replace("成功,口头", "还行,口头");
        let why = refused(import(town, "dispute", &vague));
        assert!(why.contains("M2 调解结果") && why.contains("还行"), "{why}");
        let done = import(town, "dispute", DISPUTES).expect("lawful");
        assert_eq!((done.opened, done.steps), (2, 11));
        for (stage, closed, _) in cases(town) {
            assert!(stage.contains("已结案") && closed.is_some(), "{stage}");
        }
    });
}

const INSPECTIONS: &str = "检查日期,单位名称,检查事项,检查内容,拟派人员,批准时间,负责人,通知时间,通知次数,有碍检查,开始时刻,扫码编号,检查地点,已出示证件,记录仪编号,执法人员,结束时刻,在场人,实查内容,检查结果,告知时间,办结时间,存在问题
2023-04-24,某商行,商户经营检查,商户经营,测试a、测试b,2023-04-25,测试c,2023-04-26,1,否,2023-04-27 9:00,A1,店内,是,07,测试a、测试b,2023-04-27 10:00,店主,商户经营,未发现问题,2023-04-28,2023-05-04,
";

#[test]
fn an_inspection_needs_two_officers_and_a_photograph_of_what_it_found() {
    on_each_engine(|town| {
        let before = size(town);
        let alone = INSPECTIONS.replace("07,测试a、测试b", "07,测试a");
        let why = refused(import(town, "inspection", &alone));
        assert!(
            why.contains("K2 开始时刻") && why.contains("不准开始检查"),
            "{why}"
        );
        let found = INSPECTIONS.replace("2023-05-04,", "2023-05-04,占道");
        let why = refused(import(town, "inspection", &found));
        assert!(
            why.contains("W2 问题") && why.contains("整改前照片") && why.contains("--waive-by"),
            "{why}"
        );
        assert_eq!(size(town), before);
        let done = import(town, "inspection", INSPECTIONS).expect("lawful");
        assert_eq!((done.opened, done.steps), (1, 6));
        assert!(cases(town)[0].0.contains("检查已办结"));
    });
}

#[test]
fn templates_list_the_later_columns_once() {
    on_each_engine(|town| {
        let ctx = town.ctx("2024-12-31");
        for (name, wanted) in [
            ("hotline-ticket", ["签收时间", "首次联系时间", "回访结果"]),
            ("dispute", ["受理时间", "调解结果", "协议内容"]),
            ("inspection", ["问题", "复查时间", "复查结论"]),
        ] {
            let columns = imports::columns(&ctx, kind(name)).expect("columns");
            let mut names: Vec<_> = columns.into_iter().map(|(column, _)| column).collect();
            for column in wanted {
                assert!(names.iter().any(|n| n == column), "{name} {column}");
            }
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all, "{name}");
        }
    });
}

/// The vector of the hotline's balance, in small: what was open before, and what came, is finished or still open.
#[test]
fn what_a_year_takes_over_and_takes_in_is_finished_or_left_over() {
    on_each_engine(|town| {
        let mut lines = vec![TICKETS.lines().next().unwrap_or_default().to_owned()];
        for n in 1..=5 {
            lines.push(format!(
                "2022-12-0{n},求助,甲{n},旧事{n},长坪村,2022-12-0{n},便民中心,,,,,,,,,,,,"
            ));
            lines.push(format!(
                "2023-05-08 09:3{n},求助,乙{n},路灯{n},长坪村,2023-05-08,便民中心,2023.5.9,换灯,2023年5月10日,属实,已换灯,已解决,是,测试b,2023-05-11,2023-05-12,满意,2023-05-15"
            ));
        }
        for n in 1..=2 {
            lines.push(format!(
                "2023-12-2{n},求助,丙{n},新事{n},长坪村,2023-12-2{n},便民中心,,,,,,,,,,,,"
            ));
        }
        let done = import(town, "hotline-ticket", &lines.join("\n")).expect("lawful");
        assert_eq!(done.opened, 12);
        let ctx = town.ctx("2024-12-31");
        let told = town.office.read(|tx| {
            let year = office::figures::Period::year(2023);
            let mut figures = office::figures::Figures::new(tx, &ctx, year)?;
            let mut count = |code: &str| -> Result<Option<i64>> {
                Ok(figures.figure(&format!("hotline_ticket.{code}"))?.micros)
            };
            let counts = [
                count("orders_dispatched")?,
                count("hotline_orders_closed")?,
                count("orders_open")?,
            ];
            Ok((counts, figures.unbalanced("hotline_ticket")?))
        });
        let (counts, unbalanced) = told.expect("readable");
        let whole = |n: i64| Some(n * 1_000_000);
        assert_eq!(counts, [whole(7), whole(5), whole(7)], "5 + 7 = 5 + 7");
        assert_eq!(unbalanced, Vec::<String>::new());
    });
}
