//! The API, through the router, on both engines.

mod desk;

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
