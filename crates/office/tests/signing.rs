//! An account acts for its own person: others are told, and speak for themselves.

use office::accounts::Role;
use office::cases::{self, Done};
use office::ctx::Ctx;
use office::error::{Bar, Error};
use office::inputs::{Draft, Input};
use office::signing;
use testkit::{Town, on_each_engine};

fn account(town: &Town, person: &str, at: &str) -> Ctx {
    Ctx {
        account: format!("账号{person}"),
        person: Some(person.into()),
        role: Some(Role::Staff),
        ..town.ctx(at)
    }
}

fn draft(step: &str, persons: &[(&str, &[&str])], values: &[(&str, &str)]) -> Draft {
    Draft {
        step: step.into(),
        persons: persons
            .iter()
            .map(|(role, people)| {
                let people = people.iter().map(|p| (*p).to_owned()).collect();
                ((*role).to_owned(), people)
            })
            .collect(),
        values: values
            .iter()
            .map(|(field, text)| ((*field).to_owned(), Input::from(*text)))
            .collect(),
        ..Draft::default()
    }
}

fn found_on_the_spot(officers: &[&str]) -> Draft {
    draft(
        "当场发现",
        &[("执法人员", officers)],
        &[
            ("当事人", "某人"),
            ("地点", "场镇"),
            ("违法事实", "占道"),
            ("处罚事项", "占道经营"),
            ("已出示证件", "是"),
        ],
    )
}

fn confirmation(town: &Town) -> String {
    let register = draft(
        "登记申请",
        &[("窗口人员", &["a"])],
        &[
            ("确认事项", "生育登记"),
            ("申请人信息", "某人"),
            ("申请内容", "登记"),
        ],
    );
    let case = cases::open(
        &town.office,
        &account(town, "a", "2023-04-10"),
        "confirmation",
        &register,
    )
    .expect("lawful")
    .case;
    let verify = draft(
        "核实",
        &[("核实人员", &["b"])],
        &[("核实情况", "属实"), ("属实", "是")],
    );
    cases::take_step(
        &town.office,
        &account(town, "b", "2023-04-11"),
        &case,
        &verify,
    )
    .expect("lawful");
    case
}

fn sentence(outcome: Result<Done, Error>) -> String {
    match outcome {
        Err(Error::Refused(refusal)) => refusal.grounds[0].sentence.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

fn notes(town: &Town, case: &str) -> Vec<String> {
    town.office
        .read(|tx| office::casefile::load(tx, &town.ctx("2023-06-01"), case))
        .expect("readable")
        .lines
        .into_iter()
        .map(|line| line.note)
        .filter(|note| !note.is_empty())
        .collect()
}

fn faults(town: &Town) -> Vec<String> {
    office::verify::run(&town.office, &town.ctx("2023-12-31"), |_, _, _| {})
        .expect("readable")
        .faults
}

#[test]
fn nobody_decides_in_the_name_of_the_head() {
    on_each_engine(|town| {
        let case = confirmation(town);
        let decide = draft("确认", &[("负责人", &["c"])], &[]);
        let clerk = account(town, "a", "2023-04-12");
        let told = sentence(cases::take_step(&town.office, &clerk, &case, &decide));
        assert_eq!(
            told,
            "“确认”是测试c的事，别人不能代办：请由测试c本人登录后办"
        );
        assert!(
            notes(town, &case).iter().any(|n| n.contains("本人登录")),
            "the attempt is on record"
        );
        let unbound = Ctx {
            person: None,
            ..clerk
        };
        let told = sentence(cases::take_step(&town.office, &unbound, &case, &decide));
        assert!(told.contains("没有绑定人员"), "{told}");
        let head = account(town, "c", "2023-04-12");
        cases::take_step(&town.office, &head, &case, &decide).expect("their own");
        assert_eq!(faults(town), Vec::<String>::new());
    });
}

#[test]
fn a_second_officer_confirms_or_denies_under_their_own_login() {
    on_each_engine(|town| {
        let first = account(town, "a", "2023-06-05T09:00");
        let open = |officers: &[&str]| {
            let draft = found_on_the_spot(officers);
            cases::open(&town.office, &first, "summary_penalty", &draft)
        };
        let told = sentence(open(&["b", "c"]));
        assert!(told.contains("请由其中一位本人登录后办"), "{told}");
        let done = open(&["a", "b"]).expect("lawful");
        let second = account(town, "b", "2023-06-05T10:00");
        let waiting = |ctx: &Ctx| {
            town.office
                .read(|tx| signing::waiting(tx, ctx))
                .expect("readable")
        };
        assert!(waiting(&first).is_empty());
        let asked = waiting(&second);
        assert_eq!(asked.len(), 1);
        assert_eq!(
            (asked[0].seq, asked[0].step.as_str()),
            (done.seq, "当场发现")
        );
        assert!(notes(town, &done.case).contains(&"待测试b本人确认".to_owned()));
        let stranger = account(town, "d", "2023-06-05T10:00");
        let refused = signing::answer(&town.office, &stranger, done.seq, true, "");
        assert!(matches!(refused, Err(Error::Bar(Bar::NotFound))));
        let bare = signing::answer(&town.office, &second, done.seq, false, " ");
        assert!(matches!(bare, Err(Error::Form(_))), "a no says why");
        signing::answer(&town.office, &second, done.seq, true, "").expect("their word");
        assert!(waiting(&second).is_empty());
        let again = signing::answer(&town.office, &second, done.seq, false, "没有去");
        assert!(matches!(again, Err(Error::Bar(Bar::Stale))), "said once");
        assert!(notes(town, &done.case).contains(&"测试b已确认".to_owned()));
        let denied = open(&["a", "b"]).expect("lawful");
        signing::answer(&town.office, &second, denied.seq, false, "那天在县里")
            .expect("their word");
        assert!(notes(town, &denied.case).contains(&"测试b否认（那天在县里）".to_owned()));
        assert_eq!(faults(town), Vec::<String>::new());
        for change in [
            "UPDATE confirmations SET answer = 'confirmed', note = ''",
            "DELETE FROM confirmations",
        ] {
            let store =
                store::Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
            let n: Result<u64, store::Error> =
                store.write(|tx| tx.execute(store::Sql(change), store::params![]));
            assert!(0 < n.expect("possible"));
            assert!(!faults(town).is_empty(), "not found: {change}");
        }
    });
}

#[test]
fn whoever_sets_a_requirement_aside_does_it_under_their_own_login() {
    on_each_engine(|town| {
        let case = confirmation(town);
        let mut decide = draft("确认", &[("负责人", &["a"])], &[]);
        decide.waivers = vec![(1, "c".into(), "急".into())];
        let clerk = account(town, "a", "2023-04-12");
        let told = sentence(cases::take_step(&town.office, &clerk, &case, &decide));
        assert_eq!(
            told,
            "免去要求的人要自己免：请由测试c本人登录后免，并写明理由"
        );
        decide.persons = [("负责人".to_owned(), vec!["c".to_owned()])].into();
        decide.waivers = vec![(1, "a".into(), "急".into())];
        let told = sentence(cases::take_step(&town.office, &clerk, &case, &decide));
        assert!(
            told.contains("请由测试c本人"),
            "a waiver of nothing gives nobody the step: {told}"
        );
    });
}

#[test]
fn a_register_typed_in_later_names_whom_the_paper_names() {
    on_each_engine(|town| {
        let draft = found_on_the_spot(&["b", "c"]);
        cases::open(
            &town.office,
            &town.ctx("2023-06-05"),
            "summary_penalty",
            &draft,
        )
        .expect("lawful");
        let second = account(town, "b", "2023-06-05");
        let waiting = town
            .office
            .read(|tx| signing::waiting(tx, &second))
            .expect("readable");
        assert!(waiting.is_empty(), "nobody is asked about old papers");
    });
}

#[test]
fn the_request_of_one_account_does_not_fetch_the_answer_of_another() {
    on_each_engine(|town| {
        let open = |person: &str| {
            let register = draft(
                "登记申请",
                &[("窗口人员", &[person])],
                &[
                    ("确认事项", "生育登记"),
                    ("申请人信息", "某人"),
                    ("申请内容", "登记"),
                ],
            );
            let ctx = Ctx {
                request: Some("1".into()),
                ..account(town, person, "2023-04-10")
            };
            cases::open(&town.office, &ctx, "confirmation", &register).expect("lawful")
        };
        let (first, other) = (open("a"), open("b"));
        assert_ne!(first.case, other.case);
        assert_eq!(open("a").case, first.case, "one's own is one act");
    });
}

#[test]
fn a_step_of_a_post_and_a_clerk_wants_the_post_at_the_keyboard() {
    on_each_engine(|town| {
        let propose = draft(
            "提出建议",
            &[("承办人", &["a"])],
            &[
                ("事项名称", "修路"),
                ("提出来源", "领导人员"),
                ("决策类别", "公共政策和措施"),
            ],
        );
        let case = cases::open(
            &town.office,
            &town.ctx("2026-06-01"),
            "major_decision",
            &propose,
        )
        .expect("lawful")
        .case;
        let both = draft("举行听证", &[("承办人", &["a"]), ("记录人", &["b"])], &[]);
        let told = |person: &str| {
            let ctx = account(town, person, "2026-06-02");
            sentence(cases::take_step(&town.office, &ctx, &case, &both))
        };
        assert!(told("a").contains("请由测试b本人"), "{}", told("a"));
        assert!(!told("b").contains("本人登录"), "only the law says no");
    });
}

#[test]
fn whoever_is_accused_is_not_asked_to_confirm() {
    on_each_engine(|town| {
        let values = [
            ("渠道", "来信"),
            ("来源", "直接提出"),
            ("信访人信息", "某人"),
            ("信访人数", "1"),
            ("信访内容", "某事"),
            ("领域", "村务"),
        ];
        let register = draft("登记信访", &[("信访专员", &["a", "b"])], &values);
        let first = account(town, "a", "2023-06-05");
        let done = cases::open(&town.office, &first, "petition", &register).expect("lawful");
        let second = account(town, "b", "2023-06-05");
        let asked = |ctx: &Ctx| {
            town.office
                .read(|tx| signing::waiting(tx, ctx))
                .expect("readable")
                .len()
        };
        assert_eq!(asked(&second), 1);
        let classify = draft(
            "分类",
            &[("信访专员", &["a"])],
            &[("类别", "检举控告类"), ("已终结", "否"), ("被检举人", "b")],
        );
        cases::take_step(&town.office, &first, &done.case, &classify).expect("lawful");
        assert_eq!(asked(&second), 0);
        let answer = signing::answer(&town.office, &second, done.seq, true, "");
        assert!(matches!(answer, Err(Error::Bar(Bar::NotFound))));
    });
}
