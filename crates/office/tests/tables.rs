//! The official tables come out of records, and add up.

use office::cases;
use office::evidence;
use office::inputs::{Draft, Input};
use office::tables;
use testkit::{Town, on_each_engine};

fn draft(town: &Town, step: &str, person: (&str, &str), values: &[(&str, &str)]) -> Draft {
    let input = |field: &str, text: &str| match field {
        "身份证明" => {
            let file = evidence::keep(&town.office, "证件.txt", text.as_bytes());
            Input::Files(vec![file.expect("a file that is taken")])
        }
        _ => Input::from(text),
    };
    Draft {
        step: step.into(),
        persons: [(person.0.to_owned(), vec![person.1.to_owned()])].into(),
        values: values
            .iter()
            .map(|(field, text)| ((*field).to_owned(), input(field, text)))
            .collect(),
        ..Draft::default()
    }
}

fn request(town: &Town, day: &str, kind: &str) -> String {
    let register = draft(
        town,
        "登记申请",
        ("公开员", "a"),
        &[
            ("申请人信息", "某人"),
            ("申请人类型", kind),
            ("渠道", "当面"),
            ("收到日", day),
            ("申请内容", "某方案"),
            ("提供形式", "纸质"),
            ("身份证明", "证"),
        ],
    );
    cases::open(
        &town.office,
        &town.ctx(day),
        "information_request",
        &register,
    )
    .expect("lawful")
    .case
}

fn refuse_as_petition(town: &Town, case: &str, day: &str) {
    let accept = draft(town, "受理", ("公开员", "a"), &[("内容明确", "是")]);
    let reply = draft(
        town,
        "答复",
        ("公开负责人", "c"),
        &[
            ("答复组", "不予处理"),
            ("答复项", "信访举报投诉"),
            ("答复依据", "政府信息公开条例 第39条"),
            ("答复理由", "属信访事项"),
            ("救济告知", "六十日内可以申请行政复议"),
            ("先行复议告知", "否"),
        ],
    );
    for step in [accept, reply] {
        cases::take_step(&town.office, &town.ctx(day), case, &step).expect("lawful");
    }
}

#[test]
fn requests_add_up_column_by_column_and_open_their_lists() {
    on_each_engine(|town| {
        let handled = request(town, "2025-12-01", "自然人");
        refuse_as_petition(town, &handled, "2025-12-02");
        let carried = request(town, "2025-12-29", "商业企业");
        let ctx = town.ctx("2026-06-30");
        let table = |year| {
            town.office
                .read(|tx| tables::requests(tx, &ctx, year))
                .expect("readable")
        };
        let last = table(2025);
        assert_eq!(last.unbalanced(), Vec::<String>::new());
        assert_eq!(last.cell("新收", "").len(), 2);
        assert_eq!(last.cell("信访举报投诉", "自然人")[0].case_id, handled);
        assert_eq!(last.cell("结转下年", "商业企业")[0].case_id, carried);
        refuse_as_petition(town, &carried, "2026-01-05");
        let this = table(2026);
        assert_eq!(this.unbalanced(), Vec::<String>::new());
        assert_eq!(this.cell("上年结转", "商业企业")[0].case_id, carried);
        assert_eq!(this.cell("信访举报投诉", "商业企业")[0].case_id, carried);
        assert!(this.cell("结转下年", "").is_empty());
    });
}

#[test]
fn every_row_of_the_statistics_of_enforcement_is_a_figure() {
    on_each_engine(|town| {
        let ctx = town.ctx("2026-01-31");
        let sections = town
            .office
            .read(|tx| tables::enforcement(tx, &ctx, 2025))
            .expect("every indicator of the table exists");
        assert!(sections.iter().map(|(_, rows)| rows.len()).sum::<usize>() > 30);
        assert!(
            sections
                .iter()
                .flat_map(|(_, rows)| rows)
                .all(|(_, figure)| figure.micros.is_some())
        );
    });
}
