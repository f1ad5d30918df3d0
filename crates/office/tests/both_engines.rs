//! The operations, on both engines.

use office::cases::{self, Done};
use office::error::{Bar, Error};
use office::inputs::{Draft, Input};
use office::records::CaseRow;
use std::path::Path;
use testkit::{Town, on_each_engine};

fn draft(step: &str, persons: &[(&str, &[&str])], values: &[(&str, &str)]) -> Draft {
    Draft {
        step: step.into(),
        persons: persons
            .iter()
            .map(|(role, people)| {
                (
                    (*role).to_owned(),
                    people.iter().map(|p| (*p).to_owned()).collect(),
                )
            })
            .collect(),
        values: values
            .iter()
            .map(|(field, text)| ((*field).to_owned(), Input::from(*text)))
            .collect(),
        ..Draft::default()
    }
}

fn confirmation(town: &Town, day: &str) -> Done {
    let register = draft(
        "登记申请",
        &[("窗口人员", &["a"])],
        &[
            ("确认事项", "生育登记"),
            ("申请人信息", "某人"),
            ("申请内容", "登记"),
        ],
    );
    cases::open(&town.office, &town.ctx(day), "confirmation", &register).expect("lawful")
}

fn take(town: &Town, at: &str, case: &str, draft: &Draft) -> Result<Done, Error> {
    cases::take_step(&town.office, &town.ctx(at), case, draft)
}

fn faults(town: &Town) -> Vec<String> {
    office::verify::run(&town.office, &town.ctx("2023-12-31"), |_, _, _| {})
        .expect("readable")
        .faults
}

#[test]
fn every_statement_is_read_by_both_engines() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let statements = store::statements_in(&source).expect("sources are readable");
    assert!(
        statements.len() > 60,
        "only {} statements found",
        statements.len()
    );
    on_each_engine(|town| {
        let wrong: Vec<String> = statements
            .iter()
            .filter_map(|s| {
                let answer: Result<usize, Error> = town.office.read(|tx| Ok(tx.prepare(&s.text)?));
                answer
                    .err()
                    .map(|e| format!("{}:{} {e:?}", s.file.display(), s.line))
            })
            .collect();
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    });
}

#[test]
fn a_lawful_case_runs_to_its_end_and_verifies() {
    on_each_engine(|town| {
        let case = confirmation(town, "2023-04-10").case;
        take(
            town,
            "2023-04-11",
            &case,
            &draft(
                "核实",
                &[("核实人员", &["b"])],
                &[("核实情况", "属实"), ("属实", "是")],
            ),
        )
        .expect("lawful");
        take(
            town,
            "2023-04-12",
            &case,
            &draft("确认", &[("负责人", &["c"])], &[]),
        )
        .expect("lawful");
        take(
            town,
            "2023-04-12",
            &case,
            &draft("送达", &[("窗口人员", &["a"])], &[]),
        )
        .expect("lawful");
        let row = town
            .office
            .read(|tx| office::records::find(tx, "test", &case))
            .expect("there");
        assert_eq!(
            (row.stage.as_str(), row.closed_on.as_deref()),
            ("已送达", Some("2023-04-12"))
        );
        assert_eq!(faults(town), Vec::<String>::new());
    });
}

#[test]
fn an_unlawful_step_is_refused_with_its_article_and_recorded() {
    on_each_engine(|town| {
        let dispute = draft(
            "登记纠纷",
            &[("登记人", &["a"])],
            &[
                ("来源", "排查发现"),
                ("纠纷种类", "邻里"),
                ("地点", "长坪村"),
                ("层级", "村级"),
                ("当事人甲", "甲"),
                ("当事人乙", "乙"),
                ("争议事项", "水沟"),
                ("激化风险", "低"),
            ],
        );
        let case = cases::open(&town.office, &town.ctx("2023-03-06"), "dispute", &dispute)
            .expect("lawful")
            .case;
        let before = town
            .office
            .read(|tx| office::log::size(tx, "test"))
            .expect("readable");
        let refused = take(
            town,
            "2023-03-07",
            &case,
            &draft(
                "受理",
                &[("调解员", &["b"])],
                &[("双方同意", "否"), ("权利已告知", "是")],
            ),
        );
        let Err(Error::Refused(refusal)) = refused else {
            panic!("not refused: {refused:?}")
        };
        assert!(
            refusal
                .grounds
                .iter()
                .any(|g| g.citation.contains("人民调解法 第17条"))
        );
        let row = town
            .office
            .read(|tx| office::records::find(tx, "test", &case))
            .expect("there");
        assert_eq!(row.stage, "已登记", "a refused step moves nothing");
        let after = town
            .office
            .read(|tx| office::log::size(tx, "test"))
            .expect("readable");
        assert_eq!(after, before + 1, "a refused step is an entry");
        assert_eq!(faults(town), Vec::<String>::new());
    });
}

#[test]
fn an_expired_certificate_counts_for_nothing() {
    on_each_engine(|town| {
        let discover = draft(
            "当场发现",
            &[("执法人员", &["a", "b"])],
            &[
                ("当事人", "某人"),
                ("地点", "场镇"),
                ("违法事实", "占道"),
                ("处罚事项", "占道经营"),
                ("已出示证件", "是"),
            ],
        );
        let late = cases::open(
            &town.office,
            &town.ctx("2027-01-04"),
            "summary_penalty",
            &discover,
        );
        let Err(Error::Refused(refusal)) = late else {
            panic!("not refused")
        };
        assert!(
            refusal
                .grounds
                .iter()
                .any(|g| g.sentence.contains("执法证") && g.citation.contains("第42条"))
        );
        cases::open(
            &town.office,
            &town.ctx("2023-06-05"),
            "summary_penalty",
            &discover,
        )
        .expect("lawful in time");
    });
}

#[test]
fn the_same_request_twice_is_one_act() {
    on_each_engine(|town| {
        let case = confirmation(town, "2023-04-10").case;
        let mut ctx = town.ctx("2023-04-11");
        ctx.request = Some("r-1".into());
        let verify = draft(
            "核实",
            &[("核实人员", &["b"])],
            &[("核实情况", "属实"), ("属实", "是")],
        );
        let first = cases::take_step(&town.office, &ctx, &case, &verify).expect("lawful");
        let second = cases::take_step(&town.office, &ctx, &case, &verify).expect("the same answer");
        assert_eq!((first.n, first.seq), (second.n, second.seq));
        let row = town
            .office
            .read(|tx| office::records::find(tx, "test", &case))
            .expect("there");
        assert_eq!(row.facts, 2);
    });
}

#[test]
fn a_stale_page_changes_nothing() {
    on_each_engine(|town| {
        let case = confirmation(town, "2023-04-10").case;
        let verify = draft(
            "核实",
            &[("核实人员", &["b"])],
            &[("核实情况", "属实"), ("属实", "是")],
        );
        take(town, "2023-04-11", &case, &verify).expect("lawful");
        let stale = Draft {
            seen: Some(1),
            ..verify
        };
        assert!(matches!(
            take(town, "2023-04-11", &case, &stale),
            Err(Error::Bar(Bar::Stale))
        ));
    });
}

#[test]
fn numbers_have_no_gaps_when_many_open_at_once() {
    on_each_engine(|town| {
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        confirmation(town, "2023-05-08");
                    }
                });
            }
        });
        let rows = town
            .office
            .read(|tx| {
                let filter = office::docket::Filter {
                    procedure: Some("confirmation".into()),
                    ..Default::default()
                };
                office::docket::page(tx, &town.ctx("2023-05-08"), &filter, 1000)
            })
            .expect("readable");
        let mut numbers: Vec<String> = rows.rows.into_iter().map(|r| r.number).collect();
        numbers.sort();
        let mut wanted: Vec<String> = (1..=80).map(|n| format!("测确〔2023〕{n}号")).collect();
        wanted.sort();
        assert_eq!(numbers, wanted);
        assert_eq!(faults(town), Vec::<String>::new());
    });
}

#[test]
fn one_changed_row_is_found() {
    let changes = [
        "UPDATE entries SET body = replace(body, '生育登记', '老年人优待身份确认') WHERE case_id IS NOT NULL",
        "UPDATE entries SET at = '2023-04-09T00:00:00' WHERE case_id IS NOT NULL",
        "UPDATE cases SET stage = '已送达'",
        "UPDATE cases SET number = '测确〔2023〕9号'",
        "UPDATE clocks SET due_from = '2030-01-01'",
        "UPDATE marks SET on_day = '2022-04-10'",
        "UPDATE tallies SET n = n + 1",
        "UPDATE certificates SET until_on = '2029-12-31' WHERE person = 'a'",
        "UPDATE listings SET columns_text = '{}' WHERE listing = '权责清单'",
        "DELETE FROM posts WHERE person = 'b'",
        "DELETE FROM entries WHERE case_id IS NOT NULL",
    ];
    for change in changes {
        on_each_engine(|town| {
            confirmation(town, "2023-04-10");
            assert_eq!(faults(town), Vec::<String>::new());
            let tampered =
                store::Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
            let n: Result<u64, store::Error> =
                tampered.write(|tx| tx.execute(store::Sql(change), store::params![]));
            assert!(
                n.expect("the change is possible") > 0,
                "nothing changed by {change}"
            );
            assert!(!faults(town).is_empty(), "not found: {change}");
        });
    }
}

#[test]
fn search_finds_what_a_substring_search_finds() {
    let texts = [
        "村道排水沟堵塞",
        "低保申请咨询",
        "最低生活保障复核",
        "排水",
        "A1 路灯不亮",
        "沟通会",
        "工单SN000007777的后续",
        "SN00000777",
        "收据 2023050900001234567890",
    ];
    on_each_engine(|town| {
        let ids: Vec<String> = texts
            .iter()
            .map(|text| {
                let dispatch = draft(
                    "派单",
                    &[],
                    &[
                        ("工单类型", "求助"),
                        ("紧急程度", "一般"),
                        ("来电时间", "2023-03-06 08:00"),
                        ("诉求人", "某人"),
                        ("诉求内容", "略"),
                        ("地点", text),
                        ("延期上限", "5"),
                        ("时限档", "求助"),
                    ],
                );
                cases::open(
                    &town.office,
                    &town.ctx("2023-03-06T09:00"),
                    "hotline_ticket",
                    &dispatch,
                )
                .expect("lawful")
                .case
            })
            .collect();
        for query in [
            "村",
            "沟",
            "排水",
            "水沟",
            "低保",
            "排水沟堵塞",
            "最低生活保障",
            "a1",
            "路灯不亮",
            "sn000007777",
            "000077",
            "07777",
            "7777",
            "0900001234567",
            "3050900001234567890",
            "sn000007777的",
            "无此词",
        ] {
            let filter = office::docket::Filter {
                query: Some(query.into()),
                ..Default::default()
            };
            let rows = town
                .office
                .read(|tx| office::docket::page(tx, &town.ctx("2023-03-07"), &filter, 100));
            let mut found: Vec<String> = rows
                .expect("readable")
                .rows
                .into_iter()
                .map(|r| r.id)
                .collect();
            let mut wanted: Vec<String> = texts
                .iter()
                .zip(&ids)
                .filter(|(text, _)| text.to_lowercase().contains(query))
                .map(|(_, id)| id.clone())
                .collect();
            found.sort();
            wanted.sort();
            assert_eq!(found, wanted, "query {query}");
        }
    });
}

#[test]
fn a_program_called_jpg_is_not_taken() {
    on_each_engine(|town| {
        let keep = |name: &str, bytes: &[u8]| office::evidence::keep(&town.office, name, bytes);
        assert!(matches!(
            keep("照片.jpg", b"MZ\x90\0program"),
            Err(Error::Form(_))
        ));
        assert!(matches!(keep("空.png", b""), Err(Error::Form(_))));
        assert!(
            keep("../../照片.png", b"\x89PNG\r\n\x1A\nrest").is_ok_and(|f| f.name == "照片.png")
        );
    });
}

#[test]
fn a_register_is_imported_whole_or_not_at_all_and_only_once() {
    let good = "2023年台账,,,,\n派单时间,工单类型,诉求人,主要诉求,所属村\n2023年5月6日,求助,甲,路灯,长坪村\n2023.5.7,咨询,乙,社保,场镇社区\n";
    let bad = "派单时间,工单类型,诉求人,主要诉求,所属村\n2023-05-08,求助,丙,水,长坪村\n2023-05-09,抱怨,丁,路,长坪村\n某日,求助,戊,电,长坪村\n";
    on_each_engine(|town| {
        let kind = office::imports::KINDS
            .iter()
            .find(|k| k.name == "hotline-ticket")
            .expect("a kind");
        let ctx = town.ctx("2023-12-31");
        let run = |text: &str, dry: bool| {
            let sheet = office::imports::Sheet {
                name: "台账.csv",
                bytes: text.as_bytes(),
                map: Default::default(),
            };
            let handing = office::imports::Handing {
                dry_run: dry,
                ..Default::default()
            };
            office::imports::run(&town.office, &ctx, kind, &sheet, handing)
        };
        let size = || {
            town.office
                .read(|tx| office::log::size(tx, "test"))
                .expect("readable")
        };
        let before = size();
        assert_eq!(run(good, true).expect("readable").opened, 2);
        assert_eq!(size(), before, "a dry run keeps nothing");
        let done = run(good, false).expect("imported");
        assert_eq!((done.opened, done.known), (2, 0));
        let again = run(good, false).expect("known");
        assert_eq!((again.opened, again.known), (0, 2));
        let after = size();
        let Err(Error::Form(faults)) = run(bad, false) else {
            panic!("not refused")
        };
        assert!(
            faults.iter().any(|(place, _)| place.contains("A4")),
            "{faults:?}"
        );
        let half = bad.lines().take(3).collect::<Vec<_>>().join("\n");
        let Err(Error::Form(faults)) = run(&half, false) else {
            panic!("not refused")
        };
        assert!(
            faults.iter().any(|(place, _)| place.contains("B3")),
            "{faults:?}"
        );
        assert_eq!(size(), after, "nothing half imported");
        let verified = office::verify::run(&town.office, &ctx, |_, _, _| {}).expect("readable");
        assert!(verified.faults.is_empty(), "{:?}", verified.faults);
    });
}

#[test]
fn a_hotline_ticket_keeps_the_hotlines_number_once() {
    on_each_engine(|town| {
        let dispatch = |number: &str| {
            let mut draft = Draft {
                step: "派单".into(),
                ..Draft::default()
            };
            for (field, text) in [
                ("热线工单号", number),
                ("工单类型", "求助"),
                ("紧急程度", "一般"),
                ("来电时间", "2023-05-08 08:40"),
                ("诉求人", "测试甲"),
                ("诉求内容", "路灯不亮"),
                ("地点", "长坪村"),
                ("延期上限", "5"),
            ] {
                draft.values.insert(field.into(), Input::from(text));
            }
            cases::open(
                &town.office,
                &town.ctx("2023-05-08T09:00"),
                "hotline_ticket",
                &draft,
            )
        };
        let number = |answer: office::error::Result<cases::Done>| answer.expect("lawful").number;
        assert_eq!(number(dispatch("SN20230508001")), "SN20230508001");
        let Err(Error::Form(faults)) = dispatch("SN20230508001") else {
            panic!("the same number was taken twice")
        };
        assert!(faults[0].1.contains("已经登记过"), "{faults:?}");
        assert_eq!(number(dispatch("")), "测热〔2023〕1号");
    });
}

#[test]
fn paging_through_a_list_meets_every_case_once_in_every_order() {
    use office::docket::{Filter, Sort, page};
    on_each_engine(|town| {
        for day in ["2023-05-08", "2023-03-06", "2023-06-20", "2023-05-08"] {
            for _ in 0..3 {
                confirmation(town, day);
            }
        }
        let ctx = town.ctx("2023-12-29");
        let walk = |filter: Filter| {
            let mut filter = filter;
            let mut rows = Vec::new();
            loop {
                let found = town
                    .office
                    .read(|tx| page(tx, &ctx, &filter, 5))
                    .expect("readable");
                rows.extend(found.rows);
                match found.next {
                    Some(next) => filter.after = Some(next),
                    None => return rows,
                }
            }
        };
        let check = |filter: Filter, n: usize, ordered: fn(&CaseRow, &CaseRow) -> bool| {
            let told = format!("{filter:?}");
            let rows = walk(filter);
            let ids: std::collections::BTreeSet<&String> = rows.iter().map(|r| &r.id).collect();
            assert_eq!((rows.len(), ids.len()), (n, n), "{told}");
            assert!(rows.windows(2).all(|w| ordered(&w[0], &w[1])), "{told}");
        };
        let sorted = |sort: Sort| Filter {
            sort,
            ..Filter::default()
        };
        let procedure = || Some("confirmation".into());
        check(sorted(Sort::Newest), 12, |a, b| b.id < a.id);
        check(sorted(Sort::Opened), 12, |a, b| b.opened_on <= a.opened_on);
        check(sorted(Sort::Due), 12, |a, b| a.due_on <= b.due_on);
        check(
            Filter {
                procedure: procedure(),
                stage: Some("已登记".into()),
                ..Filter::default()
            },
            12,
            |a, b| b.id < a.id,
        );
        check(
            Filter {
                from: Some("2023-05-01".into()),
                until: Some("2023-05-31".into()),
                ..Filter::default()
            },
            6,
            |_, b| b.opened_on == "2023-05-08",
        );
        check(
            Filter {
                procedure: procedure(),
                late_only: true,
                ..Filter::default()
            },
            12,
            |a, b| a.due_on <= b.due_on,
        );
        check(
            Filter {
                due_from: Some("2023-06-01".into()),
                due_until: Some("2023-06-30".into()),
                ..Filter::default()
            },
            0,
            |_, _| true,
        );
        check(
            Filter {
                closed_only: true,
                ..Filter::default()
            },
            0,
            |_, _| true,
        );
        check(
            Filter {
                office: Some("没有这个单位".into()),
                ..Filter::default()
            },
            0,
            |_, _| true,
        );
        check(
            Filter {
                query: Some("生育".into()),
                open_only: true,
                ..Filter::default()
            },
            12,
            |_, _| true,
        );
        let lost = town.office.read(|tx| {
            let filter = Filter {
                sort: Sort::Due,
                after: Some("nowhere".into()),
                ..Filter::default()
            };
            page(tx, &ctx, &filter, 5)
        });
        assert!(matches!(lost, Err(Error::Form(_))));
    });
}

#[test]
fn somebody_who_has_left_does_no_act_with_a_certificate_still_valid() {
    on_each_engine(|town| {
        let ctx = town.ctx("2023-06-30");
        let mut person = town
            .office
            .read(|tx| office::people::find(tx, "test", "c"))
            .expect("readable")
            .expect("a person");
        person.until_on = Some("2023-05-31".into());
        town.office
            .act(|tx| office::people::put_person(tx, &ctx, &person))
            .expect("registered");
        let register = |day: &str| {
            let draft = draft(
                "登记线索",
                &[("执法人员", &["c"])],
                &[
                    ("来源", "自行发现"),
                    ("线索内容", "占道"),
                    ("当事人", "测试商户"),
                ],
            );
            cases::open(&town.office, &town.ctx(day), "general_penalty", &draft)
        };
        let Err(Error::Refused(refusal)) = register("2023-06-30") else {
            panic!("a person who has left was let through")
        };
        assert!(
            refusal
                .grounds
                .iter()
                .any(|g| g.sentence.contains("执法证")),
            "{refusal:?}"
        );
    });
}
