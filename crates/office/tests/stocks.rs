//! Stocks at a cut-off, on both engines.

use office::cases;
use office::figures::{Figures, Period};
use office::inputs::{Draft, Input};
use testkit::{Town, on_each_engine};

fn draft(step: &str, role: &str, person: &str, values: &[(&str, &str)]) -> Draft {
    Draft {
        step: step.into(),
        persons: [(role.to_owned(), vec![person.to_owned()])].into(),
        values: values
            .iter()
            .map(|(field, text)| ((*field).to_owned(), Input::from(*text)))
            .collect(),
        ..Draft::default()
    }
}

fn open(town: &Town, at: &str) -> String {
    let values = [
        ("确认事项", "生育登记"),
        ("申请人信息", "某人"),
        ("申请内容", "登记"),
    ];
    let draft = draft("登记申请", "窗口人员", "a", &values);
    cases::open(&town.office, &town.ctx(at), "confirmation", &draft)
        .expect("lawful")
        .case
}

/// Cases in stock at the end of a day of 2023, and whether the balance of the days up to it holds.
fn in_stock(town: &Town, until: &str) -> (Vec<String>, Vec<String>) {
    let period = Period {
        from: Period::year(2023).from,
        until: until.parse().expect("tests write days as they should"),
    };
    let ctx = town.ctx("2023-12-31");
    town.office
        .read(|tx| {
            let mut figures = Figures::new(tx, &ctx, period)?;
            let items = figures.list("confirmation.confirmations_open")?;
            let cases = items.into_iter().map(|item| item.case_id).collect();
            Ok((cases, figures.unbalanced("confirmation")?))
        })
        .expect("readable")
}

#[test]
fn a_stock_holds_what_was_open_at_the_cutoff_whatever_came_later() {
    on_each_engine(|town| {
        let first = open(town, "2023-03-01T09:00");
        let second = open(town, "2023-03-02T09:00");
        let checked = [("核实情况", "属实"), ("属实", "是")];
        for (at, draft) in [
            ("2023-03-06T23:59", draft("核实", "核实人员", "b", &checked)),
            ("2023-03-07T10:00", draft("确认", "负责人", "c", &[])),
            ("2023-03-09T10:00", draft("送达", "窗口人员", "a", &[])),
        ] {
            cases::take_step(&town.office, &town.ctx(at), &first, &draft).expect("lawful");
        }
        let both = vec![first, second.clone()];
        let rest = vec![second];
        for (until, expect) in [
            ("2023-02-28", &Vec::new()),
            ("2023-03-01", &both[..1].to_vec()),
            ("2023-03-02", &both),
            ("2023-03-06", &both),
            ("2023-03-07", &rest),
            ("2023-03-08", &rest),
            ("2023-03-09", &rest),
            ("2023-12-31", &rest),
        ] {
            let (cases, unbalanced) = in_stock(town, until);
            assert_eq!(&cases, expect, "at the end of {until}");
            assert_eq!(unbalanced, Vec::<String>::new(), "up to {until}");
        }
    });
}
