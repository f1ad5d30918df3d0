//! What lists, search, today, figures and API show is what the case page allows, for every reader, in a town with every procedure.
//! And rights that change, change at the next request.

mod crowd;

use crowd::plant::{by_law, plant, plant_file};
use crowd::{Crowd, Reader, Sent, ctx_of, give_post, percent};
use law::procedure::FieldKind;
use office::pack::LawFile;
use std::collections::BTreeSet;
use testkit::{ORG, Town, on_each_engine};

/// One case of every procedure in force, whose first step may be taken on any day by anybody who may.
fn one_of_each(town: &Town) {
    let ctx = ctx_of(town, ORG);
    // Whoever asks for another case at once comes after it.
    let names_another = |law: &LawFile| {
        let procedure = &law.procedure;
        let step = &procedure.steps[procedure.starts_with.at()];
        step.form.iter().any(|form| {
            form.required && matches!(procedure.fields[form.field.at()].kind, FieldKind::Case(_))
        })
    };
    let all = town.office.pack.files();
    let (later, first): (Vec<_>, Vec<_>) = all
        .filter(|law| law.procedure.in_force_from <= ctx.today())
        .partition(|law| names_another(law));
    for law in first.into_iter().chain(later) {
        let code = &law.procedure.code;
        let draft = by_law(town, &ctx, law, "同样的字");
        if let Err(e) = office::cases::open(&town.office, &ctx, code, &draft) {
            panic!("{code} is not opened by its form alone: {e}");
        }
    }
}

fn all_cases(town: &Town) -> BTreeSet<String> {
    let store = store::Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
    let all: Result<Vec<String>, store::Error> = store.read(|tx| {
        tx.query(
            store::Sql("SELECT id FROM cases ORDER BY id"),
            store::params![],
            |row| row.get(0),
        )
    });
    all.expect("readable").into_iter().collect()
}

/// Ids of cases that a page or an answer of the API names, in links or as fields.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for mark in ["/office/cases/", "\"id\":\"", "\"case\":\""] {
        for part in text.split(mark).skip(1) {
            let id: String = part
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            if id.len() == 26 {
                found.insert(id);
            }
        }
    }
    found
}

/// All pages of a list.
fn whole(crowd: &Crowd, reader: &Reader, path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next.take() {
        let answer = crowd.get(reader, &path);
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.body);
        found.extend(named(&answer.body));
        let after = match path.starts_with("/api/") {
            true => {
                serde_json::from_str::<serde_json::Value>(&answer.body).expect("JSON")["next_after"]
                    .as_str()
                    .map(|after| format!("after={}", percent(after)))
            }
            false => answer
                .body
                .split("after=")
                .nth(1)
                .and_then(|rest| rest.split(['"', '&']).next())
                .map(|after| format!("after={after}")),
        };
        next = after.map(|after| {
            let base = path.split("after=").next().unwrap_or_default();
            let base = base.trim_end_matches(['?', '&']);
            let sign = if base.contains('?') { '&' } else { '?' };
            format!("{base}{sign}{after}")
        });
    }
    found
}

#[test]
fn what_lists_show_is_what_the_page_allows() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        one_of_each(town);
        plant(&crowd);
        plant_file(&crowd);
        let all = all_cases(town);
        let codes: Vec<&str> = town
            .office
            .pack
            .files()
            .map(|law| law.procedure.code.as_str())
            .collect();
        for name in ["生", "办", "职", "领", "被", "管", "县"] {
            let reader = crowd.reader(name);
            let detail: BTreeSet<String> = all
                .iter()
                .filter(|id| {
                    let page = crowd.get(reader, &format!("/office/cases/{id}")).status;
                    let api = crowd.get(reader, &format!("/api/v1/cases/{id}")).status;
                    assert_eq!(page, api, "{name}: page and API of {id}");
                    page.is_success()
                })
                .cloned()
                .collect();
            assert_eq!(
                detail.is_empty(),
                matches!(name, "管" | "县"),
                "{name} sees {} cases",
                detail.len()
            );
            for base in ["/office/cases", "/api/v1/cases"] {
                let list = |query: &str| whole(&crowd, reader, &format!("{base}?{query}"));
                let same = [
                    "sort=newest".to_owned(),
                    "sort=opened".to_owned(),
                    "from=2000-01-01".to_owned(),
                    // Every number has it.
                    format!("q={}", percent("号")),
                ];
                for query in &same {
                    assert_eq!(list(query), detail, "{name} {base}?{query}");
                }
                for query in ["open=true", "sort=due", "late=true"] {
                    let shown = list(query);
                    assert!(shown.is_subset(&detail), "{name} {base}?{query}");
                }
                let by_procedure: BTreeSet<String> = codes
                    .iter()
                    .flat_map(|code| list(&format!("procedure={code}")))
                    .collect();
                assert_eq!(
                    by_procedure, detail,
                    "{name} {base}, procedure by procedure"
                );
            }
            let today = named(&crowd.get(reader, "/office").body);
            assert!(today.is_subset(&detail), "{name}: today");
            for law in town.office.pack.files() {
                let code = &law.procedure.code;
                for indicator in &law.procedure.indicators {
                    for base in ["/office/figures", "/api/v1/figures"] {
                        let path = format!("{base}/2024/{code}.{}", indicator.code);
                        let shown = named(&crowd.get(reader, &path).body);
                        let lost: Vec<_> = shown.difference(&detail).collect();
                        assert!(lost.is_empty(), "{name}: {path} shows {lost:?}");
                    }
                }
            }
        }
    });
}

fn sees(crowd: &Crowd, reader: &Reader, case: &str) -> bool {
    let page = crowd.get(reader, &format!("/office/cases/{case}"));
    let api = crowd.get(reader, &format!("/api/v1/cases/{case}"));
    assert_eq!(page.status.is_success(), api.status.is_success());
    page.status.is_success()
}

#[test]
fn rights_that_change_change_at_the_next_request() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        let planted = plant(&crowd);
        let ctx = ctx_of(town, ORG);
        let case = |name: &str| {
            &planted
                .iter()
                .find(|p| p.name == name)
                .expect("planted")
                .case
        };
        // A post that is given, and taken away.
        let plain = crowd.reader("生");
        assert!(!sees(&crowd, plain, case("闭")));
        give_post(town, &ctx, "mo", "信访专员", None);
        assert!(sees(&crowd, plain, case("闭")), "the post counts at once");
        give_post(town, &ctx, "mo", "信访专员", Some("2024-05-31"));
        assert!(!sees(&crowd, plain, case("闭")), "and no longer");
        // A person who leaves the service.
        let officer = crowd.reader("职");
        assert!(sees(&crowd, officer, case("闭")));
        let gone = office::people::Person {
            id: "b".into(),
            name: "测试b".into(),
            office: "测试办".into(),
            stationed: false,
            from_on: "2022-01-01".into(),
            until_on: Some("2024-05-31".into()),
        };
        town.office
            .act(|tx| office::people::put_person(tx, &ctx, &gone))
            .expect("left");
        assert!(
            !sees(&crowd, officer, case("闭")),
            "posts end with the service"
        );
        // An accusation that is written down later.
        let head = crowd.reader("领");
        assert!(sees(&crowd, head, case("闭")));
        let accuse = office::inputs::Draft {
            step: "不同意退回".into(),
            ..Default::default()
        };
        office::cases::take_step(&town.office, &ctx, case("闭"), &accuse).expect("lawful");
        let mut classify = office::inputs::Draft {
            step: "分类".into(),
            ..Default::default()
        };
        classify
            .persons
            .insert("信访专员".into(), vec!["a".to_owned()]);
        for (field, text) in [("类别", "检举控告类"), ("已终结", "否"), ("被检举人", "c")]
        {
            classify.values.insert(field.into(), text.into());
        }
        office::cases::take_step(&town.office, &ctx, case("闭"), &classify).expect("lawful");
        assert!(
            !sees(&crowd, head, case("闭")),
            "the accused is out at once"
        );
        // A session that is ended by its owner; the token goes on.
        let worker = crowd.reader("办");
        let out = crowd.ask(worker, ORG, "POST", "/office/logout", Sent::Form(&[]));
        assert_eq!(out.status.as_u16(), 303);
        let page = crowd.get(worker, "/office");
        assert!(page.whole.contains("location: /office/login"));
        assert_eq!(crowd.get(worker, "/api/v1/cases").status.as_u16(), 200);
        // An account that is disabled: session and token alike.
        let store = store::Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
        let n: Result<u64, store::Error> = store.write(|tx| {
            tx.execute(
                store::Sql("UPDATE accounts SET disabled_at = '2024-06-01' WHERE name = 'ling'"),
                store::params![],
            )
        });
        assert_eq!(n.expect("possible"), 1);
        assert!(
            crowd
                .get(head, "/office")
                .whole
                .contains("location: /office/login")
        );
        assert_eq!(crowd.get(head, "/api/v1/cases").status.as_u16(), 401);
    });
}
