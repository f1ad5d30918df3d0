//! Every route × every kind of reader × what the route is asked of, as a table under review. A route that is not in it fails the
//! test; so does a right that has changed.

mod crowd;

use axum::http::StatusCode;
use crowd::plant::{Planted, plant};
use crowd::{Crowd, Reader, Sent};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use testkit::{ORG, on_each_engine};

/// A route asked of something: what it is called, and where it is.
type Place = (String, String);

fn places(route: &str, planted: &[Planted]) -> Vec<Place> {
    let one = |name: &str, value: &str| (name.to_owned(), replaced(route, value));
    let cases = |value: &dyn Fn(&Planted) -> String| -> Vec<Place> {
        planted
            .iter()
            .map(|p| (p.name.to_owned(), replaced(route, &value(p))))
            .collect()
    };
    let absent = "01HABSENT0000000000000000A";
    if !route.contains('{') {
        return vec![(String::new(), route.to_owned())];
    }
    if route.contains("/cases/{id}") {
        // 无 is what was never there.
        let mut all = cases(&|p| p.case.clone());
        all.push(one("无", absent));
        return all;
    }
    if route == "/log/proof/{seq}" {
        let mut all: Vec<Place> = planted
            .iter()
            .filter(|p| p.name != "外")
            .map(|p| one(p.name, &p.seq.to_string()))
            .collect();
        all.extend([one("镇", "0"), one("无", "999999")]);
        return all;
    }
    if route == "/api/v1/confirmations/{seq}" {
        return vec![one("无", "999999")];
    }
    if route.contains("/figures/{year}/{reference}") {
        return [
            "petition.petitions_received",
            "confirmation.confirmations_applied",
            "registers.staff",
            "nothing.at_all",
        ]
        .iter()
        .map(|name| {
            let path = route.replace("{year}", "2024").replace("{reference}", name);
            ((*name).to_owned(), path)
        })
        .collect();
    }
    if route.contains("/people/{id}") {
        return ["a", "fremd", "niemand"].map(|id| one(id, id)).to_vec();
    }
    match route {
        "/assets/{name}"
        | "/draws/{id}"
        | "/publications/{id}"
        | "/log/{hash}/checkpoint"
        | "/api/v1/publications/{id}"
        | "/api/v1/account/sessions/{id}"
        | "/api/v1/account/tokens/{id}" => {
            vec![one("无", "absent")]
        }
        "/api/v1/lists/{name}" => vec![one("镇", &crowd::percent("村（社区）"))],
        "/office/new/{procedure}" | "/procedures/{code}" | "/api/v1/procedures/{code}" => {
            vec![
                one("开", "confirmation"),
                one("闭", "petition"),
                one("无", "nothing"),
            ]
        }
        "/office/reports/{year}"
        | "/office/tables/{year}"
        | "/report/{year}"
        | "/api/v1/reports/{year}"
        | "/api/v1/reports/{year}/draft" => {
            vec![one("未出", "2024")]
        }
        "/api/v1/figures/{year}" => vec![one("镇", "2024")],
        "/log/tile/{*path}" => vec![one("0/000.p/1", "0/000.p/1")],
        other => panic!("say in crates/web/tests/access.rs what {other} is asked of"),
    }
}

/// The pattern with its parameters filled in; a step that no file knows moves nothing.
fn replaced(route: &str, value: &str) -> String {
    let mut out = String::new();
    let mut rest = route;
    let mut first = true;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a closed parameter");
        out.push_str(before);
        out.push_str(match (first, name) {
            (true, _) => value,
            (false, "step") => "nothing",
            (false, "hash") => "00",
            (false, other) => panic!("a second parameter {other}"),
        });
        first = false;
        rest = after;
    }
    out.push_str(rest);
    out
}

/// An account name that nobody can have, and that is not counted as a try.
const NOBODY: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/// What a route is sent, so that nothing but the right to do it decides.
fn sent(route: &str, method: &str) -> Sent<'static> {
    match method {
        "GET" => Sent::Nothing,
        _ if route.starts_with("/api/v1/confirmations") => Sent::Json(r#"{"confirmed":true}"#),
        _ if route.starts_with("/api/v1/cases") => Sent::Json(r#"{"procedure":"confirmation"}"#),
        _ if route.ends_with("/posts") => Sent::Json(r#"{"post":"","from_on":"x"}"#),
        _ if route.ends_with("/certificates") => {
            Sent::Json(r#"{"kind":"x","number":"1","from_on":"x","until_on":"x"}"#)
        }
        _ if route.starts_with("/api/v1/people") => {
            Sent::Json(r#"{"name":"","office":"","from_on":"x"}"#)
        }
        _ if route.starts_with("/api/v1/lists") => {
            Sent::Json(r#"{"key":"","from_on":"x","source":""}"#)
        }
        _ if route.ends_with("/parties") => Sent::Form(&[("purpose", "送达文书")]),
        _ if route.contains("/cases/") || route.contains("/new/") => Sent::Parts(&[]),
        _ => Sent::Form(&[
            ("seq", "999999"),
            ("answer", "yes"),
            ("id", "x"),
            ("old", "x"),
            ("new", "y"),
            ("again", "z"),
            ("label", ""),
            ("days", "0"),
            ("account", NOBODY),
            ("act", "reset"),
            ("password", "x"),
            ("form", "post"),
        ]),
    }
}

/// A status as the table writes it: where one is sent to, if it is the login page.
fn cell(answer: &crowd::Answer) -> String {
    let to_login = answer.whole.contains("location: /office/login");
    if to_login && !answer.whole.contains("set-cookie") {
        "登".into()
    } else {
        answer.status.as_u16().to_string()
    }
}

/// Columns before the first cell.
const WIDTH: usize = 72;

fn table(crowd: &Crowd, planted: &[Planted]) -> String {
    let mut out = String::from(
        "读的人：无 没有登录；生 经办，与案件无关、没有职务；办 经办，己和承的经手人；职 经办，有全部职务；领 领导；被 被检举的领导；\n\
         管 管理员；县 县级查看；停 停用的账号；邻 邻镇的领导。\n\
         问到的：开 谁都看得到的；己 办经手的；闭 知悉承办的信访；承 指定办承办的巡察事项；被 检举被的信访；外 邻镇的；镇 本镇登记的；无 没有的。\n\
         登：请去登录。\n\n",
    );
    let names: Vec<&str> = crowd.readers.iter().map(|r| r.name).collect();
    let _ = writeln!(out, "{}{}", " ".repeat(WIDTH), names.join("    "));
    let (mut last, mut rest): (Vec<_>, Vec<_>) = crowd::routes::all()
        .into_iter()
        .partition(|(path, _)| path == "/office/logout");
    // Signing out ends the session, so it comes last.
    rest.append(&mut last);
    for (route, method) in rest {
        for (name, path) in places(&route, planted) {
            let cells: Vec<String> = crowd
                .readers
                .iter()
                .map(|reader| cell(&crowd.ask(reader, ORG, &method, &path, sent(&route, &method))))
                .map(|cell| format!("{cell:<4}").replace("登   ", "登  "))
                .collect();
            let what = format!("{method} {route} {name}");
            let width: usize = what.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            let gap = " ".repeat(WIDTH.saturating_sub(width).max(1));
            let _ = writeln!(out, "{what}{gap}{}", cells.join("  ").trim_end());
        }
    }
    out
}

#[test]
fn the_table_of_rights_is_as_reviewed() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        let planted = plant(&crowd);
        insta::assert_snapshot!("access", table(&crowd, &planted));
    });
}

#[test]
fn every_route_of_the_sources_is_served_and_described() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        let planted = plant(&crowd);
        let nobody = crowd.reader("无");
        for (route, _) in crowd::routes::all() {
            let (_, path) = places(&route, &planted).remove(0);
            // The router knows the path, if it says that this method is not among its own.
            let answer = crowd.ask(nobody, ORG, "PATCH", &path, Sent::Nothing);
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{route}");
        }
        let described: serde_json::Value =
            serde_json::from_str(&crowd.get(nobody, "/api/openapi.json").body).expect("JSON");
        let described: BTreeSet<(String, String)> = described["paths"]
            .as_object()
            .expect("paths")
            .iter()
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().expect("methods");
                methods.keys().map(|m| (path.clone(), m.to_uppercase()))
            })
            .collect();
        let served: BTreeSet<(String, String)> = crowd::routes::all()
            .into_iter()
            .filter(|(path, _)| path.starts_with("/api/v1/"))
            .collect();
        assert_eq!(described, served, "the description and the router differ");
    });
}

#[test]
fn what_is_not_seen_is_answered_like_what_is_not_there() {
    on_each_engine(|town| {
        let crowd = Crowd::gather(town);
        let planted = plant(&crowd);
        let by_name: BTreeMap<&str, &Planted> = planted.iter().map(|p| (p.name, p)).collect();
        let unseen: &[(&str, &[&str])] = &[
            ("生", &["闭", "承", "被", "外"]),
            ("办", &["闭", "被", "外"]),
            ("职", &["外"]),
            ("领", &["外"]),
            ("被", &["被", "外"]),
            ("管", &["开", "己", "闭", "外"]),
            ("县", &["开", "己", "闭", "外"]),
        ];
        let ask = |reader: &Reader, method: &str, path: &str, id: &str| {
            let answer = crowd.ask(reader, ORG, method, path, sent(path, method));
            // The id that was asked for may come back in the page.
            answer.whole.replace(id, "…")
        };
        for (reader, names) in unseen {
            let reader = crowd.reader(reader);
            for name in *names {
                let id = by_name[name].case.as_str();
                let absent = "01HABSENT0000000000000000A";
                for (method, pattern) in [
                    ("GET", "/office/cases/{id}"),
                    ("GET", "/office/cases/{id}/evidence/00"),
                    ("POST", "/office/cases/{id}/steps/verify"),
                    ("GET", "/api/v1/cases/{id}"),
                    ("POST", "/api/v1/cases/{id}/steps/verify"),
                ] {
                    let unseen = ask(reader, method, &pattern.replace("{id}", id), id);
                    let nothing = ask(reader, method, &pattern.replace("{id}", absent), absent);
                    assert_eq!(unseen, nothing, "{} {method} {pattern} {name}", reader.name);
                }
            }
        }
    });
}
