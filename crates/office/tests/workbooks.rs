//! Registers as townships keep them in spreadsheets: a title, a header in two merged rows, days written in every way, full-width
//! digits, hidden and empty rows, a row of totals, signatures below. Whole cases come of them, on both engines.

use office::error::{Error, Result};
use office::imports::{self, Handing, Imported, KINDS, Sheet};
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use testkit::{ORG, Town, on_each_engine};

fn import(town: &Town, kind: &str, bytes: &[u8], handing: Handing) -> Result<Imported> {
    let kind = KINDS.iter().find(|k| k.name == kind).expect("a kind");
    let sheet = Sheet {
        name: "台账.xlsx",
        bytes,
        map: Default::default(),
    };
    imports::run(&town.office, &town.ctx("2024-12-31"), kind, &sheet, handing)
}

fn told(answer: Result<Imported>) -> String {
    match answer {
        Err(Error::Form(faults)) => format!("{faults:?}"),
        other => panic!("not refused: {other:?}"),
    }
}

/// Stage, first day, day of closing and number of facts of every case.
fn cases(town: &Town) -> Vec<(String, String, Option<String>, i64)> {
    let read = town.office.read(|tx| {
        Ok(tx.query(
            store::sql!(
                "SELECT stages, opened_on, closed_on, facts FROM cases WHERE org = $1 ORDER BY opened_on, number"
            ),
            store::params![ORG],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?)
    });
    read.expect("readable")
}

/// A sheet with its title, who filled it in, and a header in two rows; columns in a group stand under one merged cell.
fn sheet(book: &mut Workbook, title: &str, groups: &[(&str, &[&str])]) {
    let middle = Format::new();
    let sheet = book.add_worksheet();
    let wide = groups.iter().map(|(_, all)| all.len()).sum::<usize>();
    let last = u16::try_from(wide).expect("few columns") - 1;
    let merge = |sheet: &mut Worksheet, row, from, until_row, until, text: &str| {
        if (row, from) == (until_row, until) {
            sheet.write_string(row, from, text).expect("written");
        } else {
            sheet
                .merge_range(row, from, until_row, until, text, &middle)
                .expect("merged");
        }
    };
    merge(sheet, 0, 0, 0, last, title);
    merge(
        sheet,
        1,
        0,
        1,
        last,
        "填报单位：综合行政执法办　填报时间：2024年1月5日",
    );
    let mut column = 0;
    for (group, names) in groups {
        let n = u16::try_from(names.len()).expect("few columns");
        if group.is_empty() {
            for (i, name) in names.iter().enumerate() {
                let at = column + u16::try_from(i).expect("few columns");
                merge(sheet, 2, at, 3, at, name);
            }
        } else {
            merge(sheet, 2, column, 2, column + n - 1, group);
            for (i, name) in names.iter().enumerate() {
                let at = column + u16::try_from(i).expect("few columns");
                sheet.write_string(3, at, *name).expect("written");
            }
        }
        column += n;
    }
}

/// Cells of a row separated by `|`; one that begins with `#` is a number.
fn row(book: &mut Workbook, at: u32, cells: &str) {
    let sheet = book.worksheet_from_index(0).expect("a sheet");
    for (i, cell) in cells.split('|').enumerate() {
        let column = u16::try_from(i).expect("few columns");
        match cell.strip_prefix('#') {
            Some(number) => {
                let number: f64 = number.parse().expect("a number");
                sheet.write_number(at, column, number).expect("written");
            }
            None if cell.is_empty() => {}
            None => {
                sheet.write_string(at, column, cell).expect("written");
            }
        }
    }
}

/// Four inspections: one found nothing, one was put right in time, one is hidden by a filter and was put right on the spot, one
/// waits for its re-check.
fn inspections() -> Vec<u8> {
    let mut book = Workbook::new();
    sheet(
        &mut book,
        "测试镇２０２３年度行政检查台账",
        &[
            (
                "",
                &[
                    "序号",
                    "检查时间",
                    "单位名称",
                    "检查事项",
                    "检查内容",
                    "拟派人员",
                    "批准日期",
                    "负责人",
                    "通知日期",
                    "通知次数",
                    "有碍检查",
                ],
            ),
            (
                "检查实施",
                &[
                    "开始时刻",
                    "扫码编号",
                    "检查地点",
                    "已出示证件",
                    "记录仪编号",
                    "执法人员",
                    "结束时刻",
                    "在场人",
                    "实查内容",
                    "检查结果",
                ],
            ),
            (
                "问题整改",
                &[
                    "存在问题",
                    "问题依据",
                    "危害程度",
                    "当场纠正时间",
                    "责令内容",
                    "整改期限",
                    "报告整改时间",
                    "复查日期",
                    "复查结果",
                ],
            ),
            ("", &["告知日期", "办结日期"]),
        ],
    );
    let known = "商户经营检查|商户经营|测试a、测试b";
    let done = "店内|是|07|测试a、测试b";
    row(
        &mut book,
        4,
        &format!(
            "#1|2023年3月1日|甲店|{known}|2023.3.2|测试c|2023.3.3|1|否|2023年3月6日9:00|A1|{done}|2023年3月6日10时|店主|商户经营|未发现问题||||||||||2023/3/7|2023.3.20"
        ),
    );
    row(
        &mut book,
        5,
        &format!(
            "#2|三月五日|乙店|{known}|3.6|测试c|３月７日|１|否|２０２３．３．８　９：００|A2|{done}|2023-03-08 10:20|店主|商户经营|发现问题|占道经营|城镇管理规定|一般||三日内清理|2023.3.20|三月十五日|2023年3月16日|合格|2023.3.9|3月31日"
        ),
    );
    row(
        &mut book,
        7,
        &format!(
            "#3|#45000|丙店|{known}|#45001|测试c|#45002|1|否|2023-03-20 9:00|A3|{done}|2023-03-20 10:00|店主|商户经营|发现问题|杂物堆放|城镇管理规定|轻微|2023-03-20||||||2023-03-21|二〇二三年四月三日"
        ),
    );
    row(
        &mut book,
        8,
        &format!(
            "#4|2023-04-03|丁店|{known}|2023-04-04|测试c|2023-04-05|1|否|2023-04-06 9:00|A4|{done}|2023-04-06 10:00|店主|商户经营|发现问题|占道|城镇管理规定|一般||清理|2023-04-20|2023-04-18|||2023-04-07|"
        ),
    );
    row(&mut book, 9, "合　计|||||||||#4");
    row(&mut book, 10, "制表人：测试a　　审核人：测试c");
    let sheet = book.worksheet_from_index(0).expect("a sheet");
    sheet.set_row_hidden(7).expect("hidden");
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn inspections_with_findings_become_whole_cases_once_somebody_answers_for_the_missing_photographs()
{
    let bytes = inspections();
    on_each_engine(|town| {
        let handing = Handing {
            by: Some("测试d"),
            ..Handing::default()
        };
        let why = told(import(town, "inspection", &bytes, handing));
        assert!(
            why.contains("V6 问题") && why.contains("没有整改前照片") && why.contains("--waive-by"),
            "{why}"
        );
        assert!(cases(town).is_empty(), "nothing half imported");
        let stranger = Handing {
            waived_by: Some("某人"),
            ..handing
        };
        let why = told(import(town, "inspection", &bytes, stranger));
        assert!(
            why.contains("--waive-by") && why.contains("没有人员“某人”"),
            "{why}"
        );
        let handing = Handing {
            waived_by: Some("测试e"),
            ..handing
        };
        let done = import(town, "inspection", &bytes, handing).expect("lawful");
        assert_eq!((done.opened, done.known), (4, 0));
        // Found and reported: three findings, one put right on the spot, two reports, one re-check.
        assert_eq!(done.waived, 3 + 1 + 2 + 1);
        assert_eq!(done.skipped, [10, 11]);
        let found = cases(town);
        let days: Vec<_> = found
            .iter()
            .map(|(_, opened, closed, _)| (opened.as_str(), closed.as_deref()))
            .collect();
        assert_eq!(
            days,
            [
                ("2023-03-01", Some("2023-03-20")),
                ("2023-03-05", Some("2023-03-31")),
                ("2023-03-15", Some("2023-04-03")),
                ("2023-04-03", None),
            ]
        );
        assert!(found[3].0.contains("已告知结果"), "{}", found[3].0);
        let before = town
            .office
            .read(|tx| office::log::size(tx, ORG))
            .expect("readable");
        let again = import(town, "inspection", &bytes, handing).expect("known");
        assert_eq!(
            (again.opened, again.known, again.steps, again.waived),
            (0, 4, 0, 0)
        );
        let after = town
            .office
            .read(|tx| office::log::size(tx, ORG))
            .expect("readable");
        assert_eq!(before, after, "the same file twice changes nothing");
        let faults = office::verify::run(&town.office, &town.ctx("2024-12-31"), |_, _, _| {})
            .expect("readable")
            .faults;
        assert_eq!(faults, Vec::<String>::new());
    });
}

#[test]
fn who_did_not_hold_the_post_that_day_cannot_answer_for_a_missing_photograph() {
    let bytes = inspections();
    on_each_engine(|town| {
        let ctx = town.ctx("2022-01-02");
        let late = office::people::Person {
            id: "late".into(),
            name: "后来人".into(),
            office: "测试办".into(),
            stationed: false,
            from_on: "2022-01-01".into(),
            until_on: None,
        };
        town.office
            .act(|tx| office::people::put_person(tx, &ctx, &late))
            .expect("registered");
        let handing = Handing {
            by: Some("测试d"),
            waived_by: Some("后来人"),
            dry_run: false,
        };
        let why = told(import(town, "inspection", &bytes, handing));
        assert!(
            why.contains("“后来人”当日没有可以免去这一项的职务"),
            "{why}"
        );
        assert!(cases(town).is_empty(), "nothing half imported");
    });
}

#[test]
fn disputes_end_in_success_or_failure_as_the_workbook_says() {
    let mut book = Workbook::new();
    sheet(
        &mut book,
        "测试镇二〇二三年矛盾纠纷排查调处台账",
        &[
            (
                "",
                &[
                    "序号",
                    "登记时间",
                    "纠纷类型",
                    "所属村",
                    "申请人",
                    "被申请人",
                    "纠纷简述",
                ],
            ),
            (
                "调处",
                &[
                    "受理时间",
                    "双方同意",
                    "权利已告知",
                    "调解日期",
                    "调解人",
                    "调解情况",
                    "调解结果",
                    "协议形式",
                    "协议内容",
                    "履行期限",
                    "不成原因",
                    "其他途径已告知",
                    "履行时间",
                ],
            ),
            ("", &["结案时间"]),
        ],
    );
    row(
        &mut book,
        4,
        "#1|三月六日|邻里|长坪村|甲|乙|排水沟|2023.3.7|是|是|#44994|测试c|各自让步|成功|口头|共修|３月３１日|||2023年3月28日|2023.3.29",
    );
    row(
        &mut book,
        6,
        "#2|5月8日|合同债务|长坪村|丙|丁|欠款|5.9|是|是|五月十五日|测试c|分歧大|调解不成||||分歧大|是||5月23日",
    );
    row(&mut book, 7, "小计|||||||||||||#1");
    let bytes = book.save_to_buffer().expect("a workbook");
    on_each_engine(|town| {
        let handing = Handing {
            by: Some("a"),
            ..Handing::default()
        };
        let done = import(town, "dispute", &bytes, handing).expect("lawful");
        assert_eq!(
            (done.opened, done.steps, &done.skipped[..]),
            (2, 11, &[8][..])
        );
        let closed: Vec<_> = cases(town).into_iter().map(|(.., c, _)| c).collect();
        let day = |text: &str| Some(text.to_owned());
        assert_eq!(closed, [day("2023-03-29"), day("2023-05-23")]);
        let ctx = town.ctx("2024-12-31");
        let rate = |name: &str| {
            town.office
                .read(|tx| {
                    let period = office::figures::Period::year(2023);
                    let mut figures = office::figures::Figures::new(tx, &ctx, period)?;
                    Ok(figures.figure(name)?.text())
                })
                .expect("a figure")
        };
        let (made, failed) = (rate("dispute.agreed_oral"), rate("dispute.disputes_failed"));
        assert_eq!((made.as_str(), failed.as_str()), ("1", "1"));
    });
}

#[test]
fn a_register_that_was_exported_is_imported_elsewhere_as_the_same_cases() {
    let bytes = inspections();
    let handing = Handing {
        by: Some("测试d"),
        waived_by: Some("测试e"),
        dry_run: false,
    };
    let exported = std::sync::Mutex::new(Vec::new());
    on_each_engine(|town| {
        import(town, "inspection", &bytes, handing).expect("lawful");
        let kind = KINDS
            .iter()
            .find(|k| k.name == "inspection")
            .expect("a kind");
        let write = |town: &Town| {
            let target = std::io::Cursor::new(Vec::new());
            let mut writer =
                document::table::Writer::begin("t.xlsx", target, "台账").expect("begun");
            let ctx = town.ctx("2024-12-31");
            let done = imports::export::export(&town.office, &ctx, kind, 2023, |cells| {
                writer.row(cells).expect("written");
                Ok(())
            })
            .expect("readable");
            assert_eq!((done.rows, done.left_out), (4, 0));
            writer.finish().expect("ended").into_inner()
        };
        exported
            .lock()
            .expect("unshared")
            .push((write(town), cases(town)));
    });
    for (file, before) in exported.into_inner().expect("unshared") {
        on_each_engine(|town| {
            let done = import(town, "inspection", &file, handing).expect("lawful");
            assert_eq!((done.opened, done.waived), (4, 7));
            assert_eq!(cases(town), before);
        });
    }
}
