//! The API, through the router, on both engines.

mod desk;
#[path = "crowd/routes.rs"]
mod routes;

use axum::http::StatusCode;
use desk::Desk;
use office::accounts::Role;
use serde_json::{Value, json};
use testkit::{ORG, Town, on_each_engine};

fn size(town: &Town) -> i64 {
    town.office
        .read(|tx| office::log::size(tx, ORG))
        .expect("readable")
}

/// Sends JSON, and reads the answer, which is always JSON.
fn ask(desk: &Desk, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let (status, text) = desk.call(
        method,
        path,
        "application/json",
        body.to_string().as_bytes(),
    );
    let value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{method} {path}: {e}: {text}"));
    (status, value)
}

fn confirmation(request: &str, words: &str) -> Value {
    json!({ "procedure": "confirmation", "request": request, "values": {
        "item": "生育登记", "applicant": { "class": "公民", "name": "测试甲" }, "request": words } })
}

#[test]
fn one_request_id_is_one_act_whatever_is_sent_with_it_later() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "jingban", Role::Leader);
        let send = |body: &Value| ask(&desk, "POST", "/api/v1/cases", body);
        let (status, first) = send(&confirmation("r-1", "登记"));
        assert_eq!(status, StatusCode::CREATED, "{first}");
        let stranger = Desk::of(town, "bieren", Role::Leader);
        let after = size(town);
        let (status, again) = send(&confirmation("r-1", "登记"));
        assert_eq!(
            (status, &again["case"]),
            (StatusCode::CREATED, &first["case"])
        );
        let (status, other) = send(&confirmation("r-1", "另一件事"));
        assert_eq!(status, StatusCode::CONFLICT, "{other}");
        let path = format!(
            "/api/v1/cases/{}/steps/accept",
            first["case"].as_str().expect("an id")
        );
        let (status, other) = ask(&desk, "POST", &path, &json!({ "request": "r-1" }));
        assert_eq!(status, StatusCode::CONFLICT, "{other}");
        assert_eq!(size(town), after, "nothing more was written");
        let same = confirmation("r-1", "登记");
        let (status, other) = ask(&stranger, "POST", "/api/v1/cases", &same);
        assert_eq!(status, StatusCode::CREATED, "{other}");
        assert_ne!(other["case"], first["case"], "ids are each account's own");
        let long = confirmation(&"长".repeat(65), "登记");
        let (status, told) = send(&long);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(told["fields"][0]["field"], "request");
    });
}

#[test]
fn a_register_keeps_what_a_change_leaves_out_and_one_request_is_one_change() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "guanli", Role::Admin);
        let known = || ask(&desk, "GET", "/api/v1/people/b", &json!({})).1["person"].clone();
        let put = |body: Value| ask(&desk, "PUT", "/api/v1/people/b", &body).0;
        let body = json!({ "name": "测试b", "office": "甲办", "from_on": "2022-01-01", "until_on": "2023-07-01",
                           "stationed": true, "request": "p-1" });
        assert_eq!(put(body.clone()), StatusCode::OK);
        let after = size(town);
        assert_eq!(put(body), StatusCode::OK);
        assert_eq!(size(town), after, "the second one wrote nothing");
        let other =
            json!({ "name": "测试b", "office": "乙办", "from_on": "2022-01-01", "request": "p-1" });
        assert_eq!(put(other), StatusCode::CONFLICT);
        let moved = json!({ "name": "测试b", "office": "乙办", "from_on": "2022-01-01" });
        assert_eq!(put(moved), StatusCode::OK);
        let kept = known();
        assert_eq!(
            (&kept["until_on"], &kept["stationed"]),
            (&json!("2023-07-01"), &json!(true))
        );
        let back =
            json!({ "name": "测试b", "office": "乙办", "from_on": "2022-01-01", "until_on": null });
        assert_eq!(put(back), StatusCode::OK);
        assert_eq!(known()["until_on"], Value::Null);
    });
}

#[test]
fn every_page_stands_in_the_table_of_the_documentation_with_what_a_program_does_instead() {
    let text = include_str!("../../../docs/api.md");
    let routes: Vec<String> = routes::all()
        .into_iter()
        .map(|(path, method)| format!("{method} {path}"))
        .collect();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            line.split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect()
        })
        .collect();
    for row in &rows {
        assert!(
            routes.iter().any(|route| route == row[1]),
            "{} is no route",
            row[1]
        );
        let known = routes.iter().any(|route| route == row[2]);
        assert!(
            known && row[2].contains(" /api/v1/") || row[2] == "—" && !row[3].is_empty(),
            "{}: {} is no operation of the API, and no reason is given",
            row[1],
            row[2]
        );
    }
    for route in routes.iter().filter(|route| !route.contains(" /api/v1/")) {
        let n = rows.iter().filter(|row| row[1] == route).count();
        assert_eq!(n, 1, "{route} stands {n} times in the table of docs/api.md");
    }
}

#[test]
fn a_file_is_handed_in_named_in_a_step_and_read_back_by_its_own_token_only() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "jingban", Role::Leader);
        let bytes = b"\x89PNG\r\n\x1A\nrest";
        let path = format!("/api/v1/evidence?name={}", desk::percent("照片.png"));
        let hand_in = |desk: &Desk, path: &str, bytes: &[u8]| {
            let (status, text) = desk.call("POST", path, "application/octet-stream", bytes);
            (status, serde_json::from_str::<Value>(&text).expect("JSON"))
        };
        let (status, kept) = hand_in(&desk, &path, bytes);
        assert_eq!(status, StatusCode::CREATED, "{kept}");
        assert_eq!(
            (&kept["media"], &kept["size"]),
            (&json!("image/png"), &json!(bytes.len()))
        );
        let named = format!("/api/v1/evidence?name={}", desk::percent("照片.jpg"));
        let (status, told) = hand_in(&desk, &named, bytes);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(told["fields"][0]["field"], "附件");
        let large = vec![b'x'; 20 * 1024 * 1024 + 1];
        assert_eq!(
            hand_in(&desk, &path, &large).0,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let huge = vec![b'x'; 22 * 1024 * 1024];
        assert_eq!(
            hand_in(&desk, &path, &huge).0,
            StatusCode::PAYLOAD_TOO_LARGE
        );
        let body = json!({ "procedure": "license", "values": {
            "item": "农村村民住宅用地审批", "channel": "窗口", "request": "建房",
            "applicant": { "class": "公民", "name": "测试甲" }, "materials": { "files": [kept["ticket"]] } } });
        let stranger = Desk::of(town, "bieren", Role::Leader);
        let (status, told) = ask(&stranger, "POST", "/api/v1/cases", &body);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        let (status, done) = ask(&desk, "POST", "/api/v1/cases", &body);
        assert_eq!(status, StatusCode::CREATED, "{done}");
        let case = format!("/api/v1/cases/{}", done["case"].as_str().expect("an id"));
        let (_, file) = ask(&desk, "GET", &case, &json!({}));
        assert_eq!(file["evidence"][0]["sha256"], kept["sha256"]);
        let place = format!(
            "{case}/evidence/{}",
            kept["sha256"].as_str().expect("a hash")
        );
        let (status, text) = desk.call("GET", &place, "text/plain", b"");
        assert_eq!((status, text.contains("PNG")), (StatusCode::OK, true));
    });
}

#[test]
fn every_no_under_the_api_is_told_in_json() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "jingban", Role::Leader);
        let cases: &[(&str, &str, &str, &str, u16)] = &[
            ("GET", "/api/v1/nothing", "application/json", "", 404),
            ("GET", "/api/nothing", "application/json", "", 404),
            ("PATCH", "/api/v1/cases", "application/json", "", 405),
            ("POST", "/api/v1/cases", "text/plain", "{}", 415),
            ("POST", "/api/v1/cases", "application/json", "{", 400),
            ("POST", "/api/v1/cases", "application/json", "[]", 422),
            ("GET", "/api/v1/reports/abc", "application/json", "", 400),
            ("GET", "/api/v1/reports/99999", "application/json", "", 400),
            ("GET", "/api/v1/figures/1900", "application/json", "", 404),
            (
                "GET",
                "/api/v1/cases?from=gestern",
                "application/json",
                "",
                422,
            ),
            ("GET", "/api/v1/cases?open=1", "application/json", "", 422),
            (
                "GET",
                "/api/v1/term?from=2024-02-05",
                "application/json",
                "",
                422,
            ),
            ("POST", "/api/v1/verify", "text/plain", "\u{0}", 200),
        ];
        for (method, path, kind, body, wanted) in cases {
            let (status, text) = desk.call(method, path, kind, body.as_bytes());
            assert_eq!(status.as_u16(), *wanted, "{method} {path}: {text}");
            let told: Value = serde_json::from_str(&text).expect("JSON");
            let says = told["reason"].as_str().or(told["title"].as_str());
            let says = says.unwrap_or_default();
            assert!(says.chars().any(|c| c > '\u{4e00}'), "{path}: {text}");
        }
    });
}
