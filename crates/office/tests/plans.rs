//! No page walks through a whole township: what SQLite's planner means to do with each statement of the read paths.

use std::path::Path;
use store::{Param, Sql};
use testkit::Town;

/// Files whose statements pages run; the others verify, fold again, import, back up.
const READ_PATHS: &[&str] = &[
    "access.rs",
    "casefile.rs",
    "cases.rs",
    "docket.rs",
    "figures.rs",
    "numbers.rs",
    "publications.rs",
    "records.rs",
    "requests.rs",
    "signing.rs",
    "stocks.rs",
    "tiles.rs",
    "today.rs",
];

/// Tables that grow with the work of a township.
const LARGE: &[&str] = &[
    "cases",
    "case_links",
    "case_people",
    "clocks",
    "entries",
    "evidence",
    "log_nodes",
    "marks",
    "parties",
    "publications",
    "repeats",
    "requests",
    "search_docs",
    "stocks",
];

/// Walks that are meant: a piece of the statement, and why.
const MEANT: &[(&str, &str)] = &[(
    "FROM publications\n              WHERE org = $1 AND withdrawn_at IS NULL",
    "back from the newest until a page is full; only a kind that is rarely published is read to its beginning",
)];

/// What a plan says of each table, in its own words.
fn plan(town: &Town, text: &str) -> Vec<String> {
    let values = (1..100)
        .rev()
        .find(|n| text.contains(&format!("${n}")))
        .unwrap_or(0);
    let asked: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {text}").into_boxed_str());
    let nothing = vec![Param::Null; values];
    let lines: Result<Vec<String>, store::Error> = town
        .office
        .read(|tx| Ok(tx.query(Sql(asked), &nothing, |row| row.get(3))))
        .expect("readable");
    lines.expect("a plan")
}

/// Does this line of a plan walk through all rows that a township has in a large table?
fn walks(text: &str, line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (Some(how), Some(name)) = (words.next(), words.next()) else {
        return false;
    };
    // A plan names a table by its short name in the statement.
    let all: Vec<&str> = text.split_whitespace().collect();
    let large = LARGE.iter().any(|table| {
        let short = |pair: &[&str]| pair[0] == *table && pair[1].trim_matches([',', ')']) == name;
        name == *table || all.windows(2).any(short)
    });
    large && (how == "SCAN" || (how == "SEARCH" && line.ends_with("(org=?)")))
}

#[test]
fn no_page_walks_through_a_whole_township() {
    let town = Town::on_sqlite();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let statements = store::statements_in(&source).expect("sources are readable");
    let mut seen = 0;
    let mut found = Vec::new();
    for statement in &statements {
        let file = statement.file.file_name().unwrap_or_default();
        let read = READ_PATHS.iter().any(|name| **name == *file);
        if !read || statement.text.trim_start().starts_with("INSERT") {
            continue;
        }
        seen += 1;
        let meant = MEANT
            .iter()
            .any(|(piece, _)| statement.text.contains(piece));
        for line in plan(&town, &statement.text) {
            if walks(&statement.text, &line) && !meant {
                found.push(format!(
                    "{}:{} {line}",
                    statement.file.display(),
                    statement.line
                ));
            }
        }
    }
    assert!(40 < seen, "only {seen} statements were looked at");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
