//! Who sees which case, on both engines: lists, search, today, the case page and links answer alike.

use office::accounts::Role;
use office::ctx::Ctx;
use office::docket::{self, Filter};
use office::error::{Bar, Error};
use office::inputs::{Draft, Input};
use office::people::{Person, Post};
use office::{access, casefile, cases, today};
use std::collections::BTreeSet;
use testkit::{Town, on_each_engine};

const DAY: &str = "2023-06-01T09:00";

fn reader(town: &Town, account: &str, person: Option<&str>, role: Role) -> Ctx {
    Ctx {
        account: account.into(),
        person: person.map(str::to_owned),
        role: Some(role),
        ..town.ctx(DAY)
    }
}

fn draft(step: &str, persons: &[(&str, &str)], values: &[(&str, &str)]) -> Draft {
    Draft {
        step: step.into(),
        persons: persons
            .iter()
            .map(|(role, person)| ((*role).to_owned(), vec![(*person).to_owned()]))
            .collect(),
        values: values
            .iter()
            .map(|(field, text)| ((*field).to_owned(), Input::from(*text)))
            .collect(),
        ..Draft::default()
    }
}

/// Somebody in service, with a post if one is given.
fn hire(town: &Town, id: &str, unit: &str, post: Option<&str>) {
    let ctx = town.ctx("2022-01-01");
    let person = Person {
        id: id.into(),
        name: format!("人员{id}"),
        office: unit.into(),
        stationed: false,
        from_on: "2022-01-01".into(),
        until_on: None,
    };
    town.office
        .act(|tx| office::people::put_person(tx, &ctx, &person))
        .expect("hired");
    if let Some(post) = post {
        give(town, id, post, None);
    }
}

fn give(town: &Town, id: &str, post: &str, until: Option<&str>) {
    let post = Post {
        person: id.into(),
        post: post.into(),
        from_on: "2022-01-01".into(),
        until_on: until.map(str::to_owned),
    };
    town.office
        .act(|tx| office::people::put_post(tx, &town.ctx(DAY), &post))
        .expect("a post");
}

fn petition(town: &Town, more: &[(&str, &str)]) -> String {
    let mut values = vec![
        ("渠道", "来信"),
        ("来源", "直接提出"),
        ("信访人信息", "某人"),
        ("信访人数", "1"),
        ("信访内容", "保密的内容"),
        ("领域", "村务"),
    ];
    values.extend(more);
    let draft = draft("登记信访", &[("信访专员", "a")], &values);
    cases::open(&town.office, &town.ctx(DAY), "petition", &draft)
        .expect("lawful")
        .case
}

fn listed(town: &Town, ctx: &Ctx, filter: &Filter) -> BTreeSet<String> {
    town.office
        .read(|tx| docket::page(tx, ctx, filter, 100))
        .expect("readable")
        .rows
        .into_iter()
        .map(|row| row.id)
        .collect()
}

/// The cases that a reader sees, after every way of asking has answered the same.
fn seen(town: &Town, ctx: &Ctx, all: &[&str]) -> BTreeSet<String> {
    let detail: BTreeSet<String> = all
        .iter()
        .filter(
            |id| match town.office.read(|tx| casefile::load(tx, ctx, id)) {
                Ok(_) => true,
                Err(Error::Bar(Bar::NotFound)) => false,
                Err(e) => panic!("{e:?}"),
            },
        )
        .map(|id| (*id).to_owned())
        .collect();
    let filters = [
        Filter::default(),
        Filter {
            open_only: true,
            ..Filter::default()
        },
        Filter {
            from: Some("2023-01-01".into()),
            ..Filter::default()
        },
        Filter {
            query: Some("测".into()),
            ..Filter::default()
        },
    ];
    for filter in filters {
        assert_eq!(listed(town, ctx, &filter), detail, "{filter:?}");
    }
    let (due, counts) = town
        .office
        .read(|tx| {
            Ok((
                today::due(tx, ctx, None, 100)?,
                today::due_counts(tx, ctx, ctx.today())?,
            ))
        })
        .expect("readable");
    let due: BTreeSet<String> = due.into_iter().map(|one| one.case.id).collect();
    assert!(due.is_subset(&detail), "today shows more than the page");
    let counted: i64 = counts.iter().sum();
    assert_eq!(usize::try_from(counted).expect("small"), detail.len());
    detail
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn a_closed_case_is_seen_by_those_it_concerns_and_never_by_the_accused() {
    on_each_engine(|town| {
        hire(town, "clerk", "信访办", Some("信访专员"));
        hire(town, "other", "农业办", None);
        hire(town, "worker", "农业办", None);
        hire(town, "mayor", "党政办", Some("镇长"));
        let open = {
            let values = [
                ("确认事项", "生育登记"),
                ("申请人信息", "某人"),
                ("申请内容", "登记"),
            ];
            let draft = draft("登记申请", &[("窗口人员", "a")], &values);
            cases::open(&town.office, &town.ctx(DAY), "confirmation", &draft)
                .expect("lawful")
                .case
        };
        let plain = petition(town, &[]);
        let against = petition(town, &[("被检举人", "mayor")]);
        let unit = petition(town, &[("被检举单位", "农业办")]);
        let given = petition(town, &[]);
        let classify = draft(
            "分类",
            &[("信访专员", "a")],
            &[("类别", "申诉求决类"), ("已终结", "否")],
        );
        let accept = draft("受理", &[("信访专员", "a")], &[("经办人员", "worker")]);
        for step in [&classify, &accept] {
            cases::take_step(&town.office, &town.ctx(DAY), &given, step).expect("lawful");
        }
        let all = [&open, &plain, &against, &unit, &given].map(String::as_str);
        let sees = |account: &str, person: Option<&str>, role: Role| {
            seen(town, &reader(town, account, person, role), &all)
        };
        assert_eq!(sees("clerk", Some("clerk"), Role::Staff), set(&all));
        assert_eq!(sees("other", Some("other"), Role::Staff), set(&[&open]));
        assert_eq!(sees("nobody", None, Role::Staff), set(&[&open]));
        assert_eq!(
            sees("worker", Some("worker"), Role::Staff),
            set(&[&open, &given]),
            "named in it"
        );
        assert_eq!(
            sees("mayor", Some("mayor"), Role::Leader),
            set(&[&open, &plain, &unit, &given]),
            "a leader sees all but what accuses him"
        );
        assert_eq!(
            sees("head", Some("other"), Role::Leader),
            set(&[&open, &plain, &against, &given]),
            "nor what accuses his office"
        );
        assert_eq!(sees("admin", Some("a"), Role::Admin), set(&[]));
        assert_eq!(sees("county", None, Role::County), set(&[]));
        let faults = office::verify::run(&town.office, &town.ctx(DAY), |_, _, _| {})
            .expect("readable")
            .faults;
        assert_eq!(faults, Vec::<String>::new());
    });
}

#[test]
fn an_account_that_goes_to_somebody_else_does_not_take_its_cases_along() {
    on_each_engine(|town| {
        hire(town, "clerk", "信访办", Some("信访专员"));
        hire(town, "other", "农业办", None);
        let clerk = reader(town, "chuangkou", Some("clerk"), Role::Staff);
        let values = [
            ("渠道", "来信"),
            ("来源", "直接提出"),
            ("信访人信息", "某人"),
            ("信访人数", "1"),
            ("信访内容", "保密的内容"),
            ("领域", "村务"),
        ];
        let register = draft("登记信访", &[("信访专员", "clerk")], &values);
        let case = cases::open(&town.office, &clerk, "petition", &register)
            .expect("lawful")
            .case;
        give(town, "clerk", "信访专员", Some("2023-05-31"));
        assert_eq!(seen(town, &clerk, &[&case]), set(&[&case]), "their own");
        let heir = reader(town, "chuangkou", Some("other"), Role::Staff);
        assert_eq!(seen(town, &heir, &[&case]), set(&[]));
    });
}

#[test]
fn rights_end_on_the_day_the_post_ends() {
    on_each_engine(|town| {
        hire(town, "clerk", "信访办", Some("信访专员"));
        let case = petition(town, &[]);
        let clerk = reader(town, "clerk", Some("clerk"), Role::Staff);
        assert_eq!(seen(town, &clerk, &[&case]), set(&[&case]));
        give(town, "clerk", "信访专员", Some("2023-05-31"));
        assert_eq!(seen(town, &clerk, &[&case]), set(&[]));
    });
}

#[test]
fn what_is_not_seen_is_neither_acted_on_nor_linked_to_nor_proved() {
    on_each_engine(|town| {
        hire(town, "mayor", "党政办", Some("镇长"));
        hire(town, "other", "农业办", None);
        let case = petition(town, &[("被检举人", "mayor")]);
        let mayor = reader(town, "mayor", Some("mayor"), Role::Leader);
        let classify = draft(
            "分类",
            &[("信访专员", "a")],
            &[("类别", "申诉求决类"), ("已终结", "否")],
        );
        let refused = cases::take_step(&town.office, &mayor, &case, &classify);
        assert!(
            matches!(refused, Err(Error::Bar(Bar::NotFound))),
            "{refused:?}"
        );
        let other = reader(town, "other", Some("other"), Role::Staff);
        let ticket = draft(
            "登记信访",
            &[("信访专员", "a")],
            &[
                ("渠道", "来信"),
                ("来源", "直接提出"),
                ("信访人信息", "某人"),
                ("信访人数", "1"),
                ("信访内容", "x"),
                ("领域", "村务"),
                ("同一事项", &case),
            ],
        );
        let refused = cases::open(&town.office, &other, "petition", &ticket);
        let Err(Error::Form(faults)) = refused else {
            panic!("linked to what is not seen: {refused:?}")
        };
        assert!(faults.iter().any(|(_, why)| why.contains("没有案件")));
        let seq = town
            .office
            .read(|tx| office::records::find(tx, testkit::ORG, &case))
            .expect("there")
            .last_seq;
        for ctx in [&mayor, &other] {
            let receipt = office::log::receipt(&town.office, ctx, seq);
            assert!(matches!(receipt, Err(Error::Bar(Bar::NotFound))));
        }
        let confirmation = draft(
            "登记申请",
            &[("窗口人员", "a")],
            &[
                ("确认事项", "生育登记"),
                ("申请人信息", "某人"),
                ("申请内容", "只给承办人"),
            ],
        );
        let done = cases::open(&town.office, &town.ctx(DAY), "confirmation", &confirmation)
            .expect("lawful");
        let receipt = office::log::receipt(&town.office, &other, done.seq);
        assert!(
            matches!(receipt, Err(Error::Bar(Bar::NotYours(_)))),
            "the case is open, the entry holds what is 限办"
        );
    });
}

#[test]
fn the_administrator_and_the_county_take_no_step() {
    on_each_engine(|town| {
        for role in [Role::Admin, Role::County] {
            let ctx = reader(town, "looker", Some("a"), role);
            assert!(access::may_act(&ctx).is_err());
            let draft = draft(
                "登记申请",
                &[("窗口人员", "a")],
                &[
                    ("确认事项", "生育登记"),
                    ("申请人信息", "某人"),
                    ("申请内容", "x"),
                ],
            );
            let refused = cases::open(&town.office, &ctx, "confirmation", &draft);
            assert!(
                matches!(refused, Err(Error::Bar(Bar::NotYours(_)))),
                "{refused:?}"
            );
        }
    });
}

#[test]
fn a_database_from_before_knows_its_people_when_it_is_opened() {
    on_each_engine(|town| {
        let case = petition(town, &[("被检举人", "b")]);
        let store = store::Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
        for text in ["DELETE FROM case_people", "DELETE FROM settings"] {
            let gone: Result<u64, store::Error> =
                store.write(|tx| tx.execute(store::Sql(text), store::params![]));
            assert!(0 < gone.expect("possible"));
        }
        office::Office::open(&town.location, town.folder(), town.office.pack.clone())
            .expect("opens");
        let faults = office::verify::run(&town.office, &town.ctx(DAY), |_, _, _| {})
            .expect("readable")
            .faults;
        assert_eq!(faults, Vec::<String>::new());
        let accused = reader(town, "b", Some("b"), Role::Leader);
        assert_eq!(seen(town, &accused, &[&case]), set(&[]));
    });
}
