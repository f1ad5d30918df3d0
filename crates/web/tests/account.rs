//! The page of one's own account, over HTTP: nothing is done for a form that is not ours.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use office::accounts::{self, Role};
use testkit::{ORG, Town, on_each_engine};
use tower::ServiceExt as _;

const RIGHT: &str = "渡口的槐树又开花了吧";
/// Every form of the office that is handed in URL-encoded.
const FORMS: &[&str] = &[
    "/office/logout",
    "/office/account/password",
    "/office/account/sessions/end",
    "/office/account/tokens",
    "/office/account/tokens/revoke",
    "/office/accounts",
];

fn now() -> jiff::civil::DateTime {
    jiff::civil::date(2023, 3, 6).at(9, 0, 0, 0)
}

/// Status, cookie that was set, body.
fn send(town: &Town, path: &str, cookie: &str, form: Option<&str>) -> (StatusCode, String, String) {
    let site = web::Site {
        office: town.office.clone(),
        org: ORG.into(),
        now,
        random: testkit::random,
    };
    let request = Request::builder().uri(path).header(header::COOKIE, cookie);
    let request = match form {
        None => request.body(Body::empty()),
        Some(form) => request
            .method("POST")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned())),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let answer = web::router(site)
            .oneshot(request.expect("a request"))
            .await
            .expect("an answer");
        let set = answer.headers().get(header::SET_COOKIE);
        let set = set.map(|v| v.to_str().expect("plain").to_owned());
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        (status, set.unwrap_or_default(), text)
    })
}

#[test]
fn an_account_is_looked_after_by_its_owner_and_by_no_foreign_form() {
    on_each_engine(|town| {
        let ctx = town.ctx("2023-03-06T08:00");
        town.office
            .act(|tx| accounts::put(tx, &ctx, "jia", Some("a"), Role::Staff, RIGHT))
            .expect("an account can be made");
        let login = format!("account=jia&password={RIGHT}");
        let (status, set, _) = send(town, "/office/login", "", Some(&login));
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert!(
            set.contains("HttpOnly") && set.contains("SameSite=Lax"),
            "{set}"
        );
        let cookie = set.split(';').next().expect("a cookie").to_owned();
        let (status, _, page) = send(town, "/office/account", &cookie, None);
        assert_eq!(status, StatusCode::OK);
        assert!(
            page.contains("本机"),
            "the session at hand is not in the list"
        );
        assert!(
            !page.contains("style=")
                && !page.contains("<script>")
                && page.matches("<script").count() == 1
        );

        for path in FORMS {
            let form = "token=00000000000000000000000000000000&id=x&old=x&new=x&again=x&label=x&days=1&act=reset&account=x";
            let (status, _, _) = send(town, path, &cookie, Some(form));
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} took a foreign form");
        }
        let token = page
            .split("name=\"token\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a form token");
        let form = format!("token={token}&label=x&days=9");
        let (status, _, page) = send(town, "/office/account/tokens", &cookie, Some(&form));
        assert_eq!(status, StatusCode::CREATED);
        assert!(page.contains("yifa_"), "the new token is not shown");
        let (_, _, page) = send(town, "/office/account", &cookie, None);
        assert!(!page.contains("yifa_"), "the token is shown twice");

        let form = format!(
            "token={token}&old={RIGHT}&new=另一句够长的话在这里&again=另一句够长的话在这里"
        );
        let (status, set, _) = send(town, "/office/account/password", &cookie, Some(&form));
        assert_eq!(status, StatusCode::SEE_OTHER);
        let (status, _, _) = send(town, "/office/account", &cookie, None);
        assert_eq!(
            status,
            StatusCode::SEE_OTHER,
            "the old session is still alive"
        );
        let fresh = set.split(';').next().expect("a cookie");
        assert_eq!(send(town, "/office/account", fresh, None).0, StatusCode::OK);
    });
}

#[test]
fn half_a_session_opens_no_page() {
    on_each_engine(|town| {
        let ctx = office::ctx::Ctx {
            account: "jia".into(),
            now: now(),
            ..town.ctx("2023-03-06T08:00")
        };
        town.office
            .act(|tx| accounts::put(tx, &ctx, "jia", Some("a"), Role::Staff, RIGHT))
            .expect("an account can be made");
        let visit = office::sign_ins::Visit::default();
        let begun = office::second_factor::begin(&town.office, &ctx).expect("begins");
        let secret = totp_rs::Secret::try_from_base32(&begun.secret).expect("base 32");
        let machine = totp_rs::Builder::new()
            .with_secret(secret)
            .build()
            .expect("a machine");
        let epoch = jiff::civil::date(1970, 1, 1).at(8, 0, 0, 0);
        let seconds = now().duration_since(epoch).as_secs().unsigned_abs();
        let code = machine.generate(seconds).to_string();
        let (_, spare) = office::second_factor::confirm(&town.office, &ctx, &visit, &code)
            .expect("the code is right");

        let login = format!("account=jia&password={RIGHT}");
        let (_, set, _) = send(town, "/office/login", "", Some(&login));
        let half = set.split(';').next().expect("a cookie").to_owned();
        for path in [
            "/office",
            "/office/cases",
            "/office/board",
            "/office/account",
            "/office/account/factor",
            "/office/people",
        ] {
            let (status, _, body) = send(town, path, &half, None);
            assert_eq!(status, StatusCode::SEE_OTHER, "{path} opened: {body}");
        }
        let (_, _, page) = send(town, "/office/login/code", &half, None);
        let token = page
            .split("name=\"token\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a form token");
        let form = |code: &str| format!("token={token}&code={code}");
        let (status, _, page) = send(town, "/office/login/code", &half, Some(&form("12")));
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("不对"), "{page}");
        let (_, set, _) = send(town, "/office/login/code", &half, Some(&form(&spare[0])));
        let whole = set.split(';').next().expect("a cookie");
        assert_eq!(send(town, "/office/account", whole, None).0, StatusCode::OK);
    });
}
