//! Marked words in every compartment, and every other reader sent through pages, search, lists, receipts, files and API after them.

mod crowd;

use crowd::plant::{
    self, ACCUSING, CLOSED, FOREIGN, GIVEN, Planted, RESTRICTED, plant, plant_file,
};
use crowd::{Crowd, Reader, Sent, ctx_of, percent};
use std::collections::{BTreeSet, VecDeque};
use testkit::{NEIGHBOUR, ORG, Town, on_each_engine};

/// What one may search for, and what must not come back.
type Word = (&'static str, &'static str);

const WORDS: &[Word] = &[CLOSED, GIVEN, RESTRICTED, ACCUSING, FOREIGN];

/// Pages that a crawl may take; more is a loop.
const MOST: usize = 4_000;

/// Everything of this site that a reader could try, whether a link leads there or not.
fn seeds(town: &Town) -> Vec<String> {
    let mut found: Vec<String> = ["/", "/office", "/office/cases", "/procedures", "/nothing"]
        .map(str::to_owned)
        .to_vec();
    let (mut cases, mut files, mut facts) = (Vec::new(), Vec::new(), BTreeSet::new());
    let store = store::Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
    store
        .read(|tx| -> Result<(), store::Error> {
            cases = tx.query(
                store::Sql("SELECT id FROM cases ORDER BY id"),
                store::params![],
                |row| row.get::<String>(0),
            )?;
            files = tx.query(
                store::Sql("SELECT case_id, hash FROM evidence ORDER BY hash"),
                store::params![],
                |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
            )?;
            facts = tx
                .query(
                    store::Sql("SELECT seq FROM entries WHERE case_id IS NOT NULL ORDER BY seq"),
                    store::params![],
                    |row| row.get::<i64>(0),
                )?
                .into_iter()
                .collect();
            Ok(())
        })
        .expect("readable");
    assert!(!files.is_empty() && !facts.is_empty());
    let of_a_case: Vec<String> = crowd::routes::all()
        .into_iter()
        .filter(|(route, method)| method == "GET" && route.contains("/cases/{id}"))
        .map(|(route, _)| route)
        .filter(|route| route.matches('{').count() == 1)
        .collect();
    for case in &cases {
        found.extend(of_a_case.iter().map(|route| route.replace("{id}", case)));
        // A file of one case asked of every other.
        for (_, hash) in &files {
            found.push(format!("/office/cases/{case}/evidence/{hash}"));
        }
    }
    for seq in facts {
        found.push(format!("/log/proof/{seq}"));
        found.push(format!("/log/proof/{seq}?format=json"));
    }
    for base in ["/office/cases", "/api/v1/cases"] {
        for (half, _) in WORDS {
            found.push(format!("{base}?q={}", percent(half)));
            found.push(format!("{base}?q={}&open=true", percent(half)));
        }
        for query in [
            "open=true",
            "late=true",
            "sort=due",
            "sort=opened",
            "from=2000-01-01",
            "q=%E9%82%BB",
            "procedure=petition",
            "procedure=inspection_item",
            "procedure=license",
            "procedure=petition&stage=%E5%BC%82%E8%AE%AE%E5%BE%85%E5%AE%9A",
            "after=~",
            "after=x~y",
        ] {
            found.push(format!("{base}?{query}"));
        }
    }
    for law in town.office.pack.files() {
        let code = &law.procedure.code;
        found.push(format!("/office/new/{code}"));
        for indicator in &law.procedure.indicators {
            let reference = format!("{code}.{}", indicator.code);
            let planted = ["petition", "inspection_item", "confirmation", "license"];
            if planted.contains(&code.as_str()) {
                found.push(format!("/figures/2024/{reference}"));
                found.push(format!("/office/figures/2024/{reference}"));
                found.push(format!("/api/v1/figures/2024/{reference}"));
            }
        }
    }
    for figure in &town.office.pack.registers {
        found.push(format!("/office/figures/2024/registers.{}", figure.code));
        found.push(format!("/figures/2024/registers.{}", figure.code));
    }
    for path in [
        "/api/v1/people",
        "/api/v1/people/fremd",
        "/api/v1/people/noch",
        "/api/v1/lists",
        "/api/v1/confirmations",
        "/office/people/noch",
        "/office/reports/2024",
        "/office/board?year=2024",
        "/report/2024",
        "/api/v1/reports/2024",
        "/progress?code=AAAA",
        "/log/checkpoint",
    ] {
        found.push(path.to_owned());
    }
    found
}

/// Addresses on this site that a page names.
fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for mark in ["href=\"", "action=\"", "src=\""] {
        for part in page.split(mark).skip(1) {
            let Some((address, _)) = part.split_once('"') else {
                continue;
            };
            let address = address.replace("&amp;", "&").replace("&#38;", "&");
            let address = address.split('#').next().unwrap_or_default();
            if address.starts_with('/') && !address.starts_with("//") {
                found.push(address.to_owned());
            }
        }
    }
    found
}

/// Every page that a reader reaches, each given to `look`.
fn crawl(
    crowd: &Crowd,
    reader: &Reader,
    site: &str,
    seeds: &[String],
    mut look: impl FnMut(&str, &str),
) -> usize {
    let mut waiting: VecDeque<String> = seeds.iter().cloned().collect();
    let mut known: BTreeSet<String> = seeds.iter().cloned().collect();
    let mut n = 0;
    while let Some(path) = waiting.pop_front() {
        n += 1;
        assert!(n < MOST, "{}: more than {MOST} pages", reader.name);
        let answer = crowd.ask(reader, site, "GET", &path, Sent::Nothing);
        assert!(
            answer.status.as_u16() < 500,
            "{} {path}: {}",
            reader.name,
            answer.whole
        );
        look(&path, &answer.whole);
        for link in links(&answer.body) {
            let skipped = ["/assets/", "/look", "/log/tile", "/office/logout"];
            if !skipped.iter().any(|s| link.starts_with(s)) && known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
    n
}

/// A published report, so that the portal has lists to show.
fn publish(town: &Town) {
    let ctx = ctx_of(town, ORG);
    let report = town
        .office
        .read(|tx| office::reports::compute(tx, &ctx, 2024))
        .expect("computed");
    let content = serde_json::to_string(&report).expect("JSON");
    let store = store::Store::open(&town.location, office::schema::MIGRATIONS).expect("opens");
    let kept = store.write(|tx| -> Result<u64, store::Error> {
        tx.execute(
            store::Sql(
                "INSERT INTO reports (org, year, case_id, log_size, content, published_at, seq)
                 VALUES ($1, 2024, 'x', $2, $3, '2024-06-01T08:00:00', 0)",
            ),
            store::params![ORG, report.log_size, content],
        )
    });
    assert_eq!(kept.expect("possible"), 1);
}

fn prepared(crowd: &Crowd) -> (Vec<String>, Vec<Planted>) {
    let planted = plant(crowd);
    plant_file(crowd);
    publish(crowd.town);
    (seeds(crowd.town), planted)
}

/// Ids and numbers of the planted cases whose page a reader does not get.
fn unseen(crowd: &Crowd, reader: &Reader, planted: &[Planted]) -> Vec<(String, String)> {
    planted
        .iter()
        .filter(|p| p.name != "外")
        .filter(|p| {
            let page = crowd.get(reader, &format!("/office/cases/{}", p.case));
            !page.status.is_success()
        })
        .map(|p| {
            let row = crowd
                .town
                .office
                .read(|tx| office::records::find(tx, ORG, &p.case))
                .expect("planted");
            (p.case.clone(), row.number)
        })
        .collect()
}

#[test]
fn no_planted_word_reaches_a_reader_it_is_not_for() {
    // Who must not meet which words at this township's site.
    let forbidden: &[(&str, &[Word])] = &[
        ("无", WORDS),
        ("停", WORDS),
        ("邻", WORDS),
        ("管", WORDS),
        ("县", WORDS),
        ("生", WORDS),
        ("办", &[CLOSED, RESTRICTED, ACCUSING, FOREIGN]),
        ("职", &[RESTRICTED, FOREIGN]),
        ("领", &[FOREIGN]),
        ("被", &[ACCUSING, FOREIGN]),
    ];
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        let (seeds, planted) = prepared(&crowd);
        let mut leaks = Vec::new();
        for (name, words) in forbidden {
            let reader = crowd.reader(name);
            let unseen = unseen(&crowd, reader, &planted);
            crawl(&crowd, reader, ORG, &seeds, |path, page| {
                // Lists of a published report name numbers and days to everybody.
                let published = path.starts_with("/figures/");
                for (id, number) in &unseen {
                    if page.contains(id) || (page.contains(number.as_str()) && !published) {
                        leaks.push(format!("{name} meets {number} at {path}"));
                    }
                }
                for (_, secret) in *words {
                    if page.contains(secret) {
                        leaks.push(format!("{name} reads {secret} at {path}"));
                    }
                }
            });
        }
        assert!(leaks.is_empty(), "\n{}", leaks.join("\n"));
    });
}

#[test]
fn the_crawler_finds_what_is_there_to_be_found() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        let (seeds, _) = prepared(&crowd);
        let mut met = BTreeSet::new();
        let n = crawl(&crowd, crowd.reader("领"), ORG, &seeds, |_, page| {
            met.extend(
                WORDS
                    .iter()
                    .filter(|(_, s)| page.contains(s))
                    .map(|(_, s)| *s),
            );
        });
        let own: BTreeSet<&str> = [CLOSED, GIVEN, RESTRICTED, ACCUSING].map(|w| w.1).into();
        assert_eq!(met, own, "of {n} pages");
    });
}

#[test]
fn two_townships_in_one_database_do_not_read_each_other() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        let (seeds, _) = prepared(&crowd);
        let own: &[Word] = &[CLOSED, GIVEN, RESTRICTED, ACCUSING];
        let mut met_own_town = false;
        let mut leaks = Vec::new();
        // The neighbour at home, then everybody of this township at the neighbour's door with the same cookies and tokens.
        for reader in &crowd.readers {
            crawl(&crowd, reader, NEIGHBOUR, &seeds, |path, page| {
                let at_home = reader.name == "邻";
                met_own_town |= at_home && page.contains(FOREIGN.1);
                for (_, secret) in own {
                    if page.contains(secret) {
                        leaks.push(format!("{} reads {secret} at {path}", reader.name));
                    }
                }
                if !at_home && page.contains(FOREIGN.1) {
                    leaks.push(format!("{} reads {} at {path}", reader.name, FOREIGN.1));
                }
            });
        }
        assert!(leaks.is_empty(), "\n{}", leaks.join("\n"));
        assert!(met_own_town, "the neighbour reads their own");
    });
}

#[test]
fn nothing_is_written_across_the_border_of_a_township() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        let planted = plant(&crowd);
        let foreign = &planted
            .iter()
            .find(|p| p.name == "外")
            .expect("planted")
            .case;
        let ours = &planted
            .iter()
            .find(|p| p.name == "开")
            .expect("planted")
            .case;
        let there = ctx_of(town, NEIGHBOUR);
        let size = || {
            town.office
                .read(|tx| office::log::size(tx, NEIGHBOUR))
                .expect("readable")
        };
        let before = size();
        let head = crowd.reader("领");
        let lin = crowd.reader("邻");
        let step = |id: &str| format!("/api/v1/cases/{id}/steps/classify");
        let body = r#"{"values":{"类型":"立行立改"},"persons":{"党政办":["c"]}}"#;
        let answer = crowd.ask(head, ORG, "POST", &step(foreign), Sent::Json(body));
        assert_eq!(answer.status.as_u16(), 404, "{}", answer.whole);
        let answer = crowd.ask(lin, NEIGHBOUR, "POST", &step(ours), Sent::Json(body));
        assert_eq!(answer.status.as_u16(), 404, "{}", answer.whole);
        // Tokens and cookies are worth nothing at the other door.
        let answer = crowd.ask(head, NEIGHBOUR, "POST", &step(foreign), Sent::Json(body));
        assert_eq!(answer.status.as_u16(), 401, "{}", answer.whole);
        let path = format!("/office/cases/{foreign}/steps/classify");
        let answer = crowd.ask(
            head,
            NEIGHBOUR,
            "POST",
            &path,
            Sent::Parts(&[("v.kind", "立行立改")]),
        );
        assert!(
            answer.whole.contains("location: /office/login"),
            "{}",
            answer.whole
        );
        // Ids in the body: a linked case, a person.
        let linked = format!(
            r#"{{"procedure":"petition","persons":{{"信访专员":["c"]}},"values":{{"渠道":"来信","来源":"直接提出",
                "信访人信息":"某","信访人数":"1","信访内容":"某","领域":"村务","同一事项":"{foreign}"}}}}"#
        );
        let answer = crowd.ask(head, ORG, "POST", "/api/v1/cases", Sent::Json(&linked));
        assert_eq!(answer.status.as_u16(), 422);
        assert!(answer.body.contains("没有案件"), "{}", answer.body);
        let person = r#"{"procedure":"petition","persons":{"信访专员":["c"]},"values":{"渠道":"来信","来源":"直接提出",
            "信访人信息":"某","信访人数":"1","信访内容":"某","领域":"村务","被检举人":"fremd"}}"#;
        let answer = crowd.ask(head, ORG, "POST", "/api/v1/cases", Sent::Json(person));
        assert_eq!(answer.status.as_u16(), 422, "{}", answer.body);
        let admin = crowd.reader("管");
        let post = r#"{"post":"镇长","from_on":"2024-06-01"}"#;
        let answer = crowd.ask(
            admin,
            ORG,
            "POST",
            "/api/v1/people/fremd/posts",
            Sent::Json(post),
        );
        assert_eq!(answer.status.as_u16(), 404, "{}", answer.body);
        assert_eq!(size(), before, "the neighbour's log has not moved");
        for ctx in [&there, &ctx_of(town, ORG)] {
            let found = office::verify::run(&town.office, ctx, |_, _, _| {}).expect("readable");
            assert_eq!(found.faults, Vec::<String>::new());
        }
    });
}

#[test]
fn the_words_are_planted_where_they_are_said_to_be() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        plant(&crowd);
        let head = crowd.reader("领");
        for (half, secret) in [CLOSED, ACCUSING] {
            let page = crowd.get(head, &format!("/api/v1/cases?q={}", percent(half)));
            assert!(
                page.body.contains("\"id\""),
                "search finds {half}: {}",
                page.body
            );
            assert!(plant::word((half, secret)).contains(secret));
        }
    });
}
