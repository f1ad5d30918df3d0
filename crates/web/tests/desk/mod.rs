//! Somebody signed in, before the router: pages and API without a network.
#![allow(dead_code, reason = "each test file uses some of it")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use office::accounts::{self, Role};
use testkit::{ORG, Town, random};
use tower::ServiceExt;

pub fn now() -> jiff::civil::DateTime {
    jiff::civil::date(2023, 6, 1).at(9, 0, 0, 0)
}

pub struct Desk {
    router: Router,
    cookie: String,
    form_token: String,
    bearer: String,
}

impl Desk {
    pub fn of(town: &Town, account: &str, role: Role) -> Desk {
        let ctx = office::ctx::Ctx {
            now: now(),
            ..town.ctx("2023-06-01")
        };
        let password = "一二三四五六七八九十";
        town.office
            .act(|tx| accounts::put(tx, &ctx, account, Some("a"), role, password))
            .expect("an account");
        let (secret, _) = accounts::sign_in(
            &town.office,
            &ctx,
            &office::sign_ins::Visit::default(),
            account,
            password,
        )
        .expect("signs in");
        let day = jiff::civil::date(2023, 12, 31);
        let bearer =
            accounts::create_token(&town.office, &ctx, account, "测试", day).expect("a token");
        let site = web::Site {
            office: town.office.clone(),
            org: ORG.into(),
            now,
            random,
        };
        Desk {
            router: web::router(site),
            cookie: format!("yifa_session={secret}"),
            form_token: accounts::form_token(&secret),
            bearer: format!("Bearer {bearer}"),
        }
    }

    pub fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(async {
                let answer = self
                    .router
                    .clone()
                    .oneshot(request)
                    .await
                    .expect("the router answers");
                let status = answer.status();
                let bytes = to_bytes(answer.into_body(), 1 << 24).await.expect("whole");
                (status, String::from_utf8_lossy(&bytes).into_owned())
            })
    }

    pub fn get(&self, path: &str) -> String {
        let request = Request::get(path)
            .header(header::COOKIE, &self.cookie)
            .body(Body::empty())
            .expect("a request");
        self.send(request).1
    }

    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let mut pairs = vec![("token", self.form_token.as_str())];
        pairs.extend(fields);
        let text: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", percent(value)))
            .collect();
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(text.join("&")))
            .expect("a request");
        self.send(request)
    }

    /// A form with files, as a browser sends it: fields, then (input, file name, bytes).
    pub fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> (StatusCode, String) {
        let mut body = Vec::new();
        let mut part = |disposition: &str, bytes: &[u8]| {
            body.extend_from_slice(
                format!("--desk\r\nContent-Disposition: form-data; {disposition}\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        };
        part("name=\"token\"", self.form_token.as_bytes());
        for (name, value) in fields {
            part(&format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, file, bytes) in files {
            part(&format!("name=\"{name}\"; filename=\"{file}\""), bytes);
        }
        body.extend_from_slice(b"--desk--\r\n");
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=desk")
            .body(Body::from(body))
            .expect("a request");
        self.send(request)
    }

    /// Any request of a program: method, path, kind of body, body.
    pub fn call(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, &self.bearer)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.to_owned()))
            .expect("a request");
        self.send(request)
    }

    pub fn api(&self, path: &str, body: &str) -> (StatusCode, String) {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, &self.bearer)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()))
            .expect("a request");
        self.send(request)
    }
}

pub fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
