//! Stocks at a cut-off, on both engines.

use jiff::civil::Date;
use law::engine::{History, Register};
use law::procedure::{FieldId, IndicatorId, Qualification, Span};
use law::value::{Ratio, Value};
use office::cases;
use office::figures::{Figures, Period};
use office::inputs::{Draft, Input};
use store::{Store, params};
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

/// A ticket of the hotline: its term runs out by itself.
fn ticket(town: &Town, at: &str) -> String {
    let values = [
        ("热线工单号", at),
        ("工单类型", "求助"),
        ("紧急程度", "一般"),
        ("来电时间", "2023-05-08 08:40"),
        ("诉求人", "某人"),
        ("诉求内容", "断水"),
        ("地点", "某村"),
        ("延期上限", "5"),
        ("时限档", "求助"),
    ];
    let mut dispatch = draft("派单", "热线办", "a", &values);
    dispatch.persons.clear();
    cases::open(&town.office, &town.ctx(at), "hotline_ticket", &dispatch)
        .expect("lawful")
        .case
}

/// A figure of the days up to one, and the length of its list.
fn counted(town: &Town, reference: &str, until: Date) -> (String, usize) {
    let period = Period {
        from: Period::year(2023).from,
        until,
    };
    let ctx = town.ctx("2023-12-31");
    town.office
        .read(|tx| {
            let mut figures = Figures::new(tx, &ctx, period)?;
            let listed = figures.list(reference)?.len();
            Ok((figures.figure(reference)?.text(), listed))
        })
        .expect("readable")
}

/// How many of these cases the law crate finds in stock when it folds each of them to the end of a day.
fn folded(town: &Town, ids: &[String], indicator: &str, day: Date) -> usize {
    let at = day.at(23, 59, 59, 0);
    let ctx = town.ctx("2023-12-31");
    let in_stock = |id: &String| {
        let record = town
            .office
            .read(|tx| office::records::load(tx, &ctx, id))
            .expect("readable");
        let facts = record.history.facts.into_iter();
        let facts: Vec<_> = facts.filter(|fact| fact.at <= at).collect();
        let procedure = &record.law.procedure;
        let stocks = law::indicator::stock(
            procedure,
            &ctx.pack.calendar,
            &History { facts },
            &Nobody,
            at,
        );
        let named = |id: &IndicatorId| procedure.indicators[id.at()].code == indicator;
        record.row.opened_on <= day.to_string() && stocks.iter().any(|(id, _)| named(id))
    };
    ids.iter().filter(|id| in_stock(id)).count()
}

/// Stocks ask for stages and terms, not for persons.
struct Nobody;

impl Register for Nobody {
    fn qualified(&self, _: &str, _: &Qualification, _: Date) -> bool {
        false
    }

    fn indicator(&self, _: &str, _: &[(FieldId, &Value)], _: Span, _: Date) -> Option<Ratio> {
        None
    }
}

const OPEN: &str = "hotline_ticket.orders_open";
const LATE: &str = "hotline_ticket.hotline_orders_overdue_open";

/// Tickets that are merged late, assigned late, signed for, or left lying.
fn tickets(town: &Town) -> Vec<String> {
    let ids: Vec<String> = (2..6)
        .map(|day| ticket(town, &format!("2023-05-0{day}T09:00")))
        .collect();
    let sign = draft("签收", "热线专员", "a", &[]);
    let assign = draft("交办", "热线专员", "a", &[("承办单位", "农业服务中心")]);
    let mut merge = draft("并单", "热线办", "a", &[("主单", &ids[3])]);
    merge.persons.clear();
    for (at, id, act) in [
        ("2023-05-05T10:00", 0, &sign),
        ("2023-05-30T10:00", 0, &merge),
        ("2023-05-05T10:00", 1, &sign),
        ("2023-06-01T10:00", 1, &assign),
        ("2023-05-05T10:00", 2, &sign),
    ] {
        cases::take_step(&town.office, &town.ctx(at), &ids[id], act).expect("lawful");
    }
    ids
}

#[test]
fn a_stock_that_a_term_decides_is_what_folding_each_case_finds() {
    on_each_engine(|town| {
        let ids = tickets(town);
        let mut seen = std::collections::BTreeSet::new();
        let mut day = jiff::civil::date(2023, 4, 30);
        while day < jiff::civil::date(2023, 6, 5) {
            for reference in [OPEN, LATE] {
                let code = reference.split('.').next_back().unwrap_or_default();
                let n = folded(town, &ids, code, day);
                let (figure, listed) = counted(town, reference, day);
                assert_eq!((figure, listed), (n.to_string(), n), "{reference} {day}");
                seen.insert((reference, n));
            }
            day = day.tomorrow().expect("far from the end of time");
        }
        assert!(
            seen.contains(&(LATE, 4)) && seen.contains(&(LATE, 3)),
            "{seen:?}"
        );
        assert_eq!(faults(town), Vec::<String>::new());
    });
}

fn faults(town: &Town) -> Vec<String> {
    office::verify::run(&town.office, &town.ctx("2023-12-31"), |_, _, _| {})
        .expect("readable")
        .faults
}

#[test]
fn a_database_from_before_the_register_is_filled_when_it_is_opened() {
    on_each_engine(|town| {
        tickets(town);
        let store = Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
        let empty = |table: &'static str| {
            store
                .write(|tx| tx.execute(store::Sql(table), params![]))
                .expect("emptied");
        };
        empty("DELETE FROM stocks");
        empty("DELETE FROM stock_tallies");
        assert!(!faults(town).is_empty(), "an empty register is found");
        empty("DELETE FROM settings WHERE org = ''");
        let pack = town.office.pack.clone();
        office::Office::open(&town.location, town.folder(), pack).expect("opens");
        assert_eq!(faults(town), Vec::<String>::new());
        let day = jiff::civil::date(2023, 5, 29);
        assert_eq!(counted(town, LATE, day), ("4".to_owned(), 4));
    });
}
