//! The registers' pages and API, through the router, on both engines.

mod desk;

use axum::http::StatusCode;
use desk::{Desk, percent};
use office::accounts::Role;
use testkit::{ORG, on_each_engine};

const NEW: &[(&str, &str)] = &[
    ("form", "hire"),
    ("id", "neu"),
    ("name", "<script>新人"),
    ("office", "测试办"),
    ("from_on", "2023-06-01"),
    ("request", "r-1"),
];

#[test]
fn an_administrator_registers_a_person_with_post_and_certificate() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "guanli", Role::Admin);
        assert_eq!(desk.form("/office/people", NEW).0, StatusCode::SEE_OTHER);
        let page = desk.get("/office/people/neu");
        assert!(page.contains("&#60;script&#62;新人"), "a name is escaped");
        assert!(!page.contains("<script>"), "a name is no markup");
        let post = [
            ("form", "post"),
            ("post", "镇长"),
            ("from_on", "2023-06-01"),
        ];
        assert_eq!(
            desk.form("/office/people/neu", &post).0,
            StatusCode::SEE_OTHER
        );
        let (status, page) = desk.form("/office/people/neu", &post);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.contains("没有再写") && page.contains("value=\"镇长\""),
            "says why, keeps what was typed"
        );
        let wrong = [
            ("form", "certificate"),
            ("kind", "执法证"),
            ("number", "新1"),
            ("from_on", "2023-06-01"),
            ("until_on", "2022-06-01"),
        ];
        let (status, page) = desk.form("/office/people/neu", &wrong);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.contains("早于起始日") && page.contains("value=\"新1\""),
            "says why, keeps what was typed"
        );
        let leave = [
            ("form", "person"),
            ("name", "新人"),
            ("office", "测试办"),
            ("from_on", "2023-06-01"),
            ("until_on", "2023-06-30"),
        ];
        assert_eq!(
            desk.form("/office/people/neu", &leave).0,
            StatusCode::SEE_OTHER
        );
        let posts = town
            .office
            .read(|tx| office::people::posts_of(tx, ORG, "neu"))
            .expect("readable");
        assert_eq!(
            posts[0].until_on.as_deref(),
            Some("2023-06-30"),
            "leaving ends the post"
        );
        let faults = office::verify::run(&town.office, &town.ctx("2023-12-31"), |_, _, _| {})
            .expect("readable")
            .faults;
        assert_eq!(faults, Vec::<String>::new());
    });
}

#[test]
fn the_same_form_twice_is_one_change_and_a_clerk_may_not_change() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "guanli", Role::Admin);
        let size = || {
            town.office
                .read(|tx| office::log::size(tx, ORG))
                .expect("readable")
        };
        let nameless: Vec<_> = NEW.iter().filter(|(k, _)| *k != "id").copied().collect();
        assert_eq!(
            desk.form("/office/people", &nameless).0,
            StatusCode::SEE_OTHER
        );
        let after = size();
        assert_eq!(
            desk.form("/office/people", &nameless).0,
            StatusCode::SEE_OTHER
        );
        assert_eq!(size(), after, "the second one wrote nothing");
        let clerk = Desk::of(town, "jingban", Role::Staff);
        let (status, page) = clerk.form("/office/people", NEW);
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(page.contains("由管理员登记"), "says whom to ask");
        let body = r#"{"post":"镇长","from_on":"2023-06-01"}"#;
        assert_eq!(
            clerk.api("/api/v1/people/a/posts", body).0,
            StatusCode::FORBIDDEN
        );
    });
}

#[test]
fn a_listing_entry_is_added_published_and_shows_as_a_difference() {
    on_each_engine(|town| {
        let desk = Desk::of(town, "guanli", Role::Admin);
        let path = format!("/api/v1/lists/{}", percent("村（社区）"));
        let body =
            r#"{"key":"新村","from_on":"2023-05-01","published_on":"2023-05-02","source":"测试"}"#;
        let (status, answer) = desk.api(&path, body);
        assert_eq!(status, StatusCode::OK, "{answer}");
        let twice = r#"{"key":"新村","from_on":"2023-05-05","source":"测试"}"#;
        let (status, answer) = desk.api(&path, twice);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.contains("先给它写终止日"), "{answer}");
        let page = desk.get(&format!(
            "/office/lists?name={}&earlier=2023-05-01&later=2023-05-02",
            percent("村（社区）")
        ));
        assert!(
            page.contains("新村 <span class=\"chip ok\">新增</span>"),
            "the difference is shown"
        );
    });
}
