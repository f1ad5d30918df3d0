//! Two townships in one database, a case of every kind that matters, and one of each kind of reader before the router.
#![allow(dead_code, reason = "each test file uses some of it")]

pub mod plant;
pub mod routes;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use office::accounts::{self, Role};
use office::ctx::Ctx;
use office::people::{Person, Post};
use testkit::{NEIGHBOUR, ORG, Town, random};
use tower::ServiceExt as _;

pub const NOW: &str = "2024-06-01T09:00";

pub fn now() -> jiff::civil::DateTime {
    NOW.parse().expect("an instant")
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    /// Status line, headers and body in one text, so that nothing is overlooked.
    pub whole: String,
    pub body: String,
}

/// Somebody before the router.
#[derive(Clone)]
pub struct Reader {
    /// One word, as tables name it.
    pub name: &'static str,
    pub cookie: String,
    pub form_token: String,
    pub bearer: String,
}

/// Everything that the tests of access share.
pub struct Crowd<'t> {
    pub town: &'t Town,
    runtime: tokio::runtime::Runtime,
    here: Router,
    there: Router,
    pub readers: Vec<Reader>,
}

/// Name, account, person, role. Everybody is of this township but 邻.
const READERS: &[(&str, &str, Option<&str>, Role)] = &[
    // Staff without a post, who have nothing to do with any planted case.
    ("生", "sheng", Some("mo"), Role::Staff),
    // Staff without a post, who work on the cases called 己 and 承.
    ("办", "ban", Some("jing"), Role::Staff),
    // Staff with every post.
    ("职", "zhi", Some("b"), Role::Staff),
    ("领", "ling", Some("c"), Role::Leader),
    // A leader whom a petition accuses.
    ("被", "bei", Some("bei"), Role::Leader),
    ("管", "guan", Some("d"), Role::Admin),
    ("县", "xian", None, Role::County),
    ("停", "ting", Some("e"), Role::Leader),
];

const PASSWORD: &str = "一二三四五六七八九十";

pub fn ctx_of(town: &Town, org: &str) -> Ctx {
    Ctx {
        org: org.into(),
        ..town.ctx(NOW)
    }
}

impl<'t> Crowd<'t> {
    pub fn gather(town: &'t Town) -> Crowd<'t> {
        town.neighbour();
        let here = ctx_of(town, ORG);
        let there = ctx_of(town, NEIGHBOUR);
        for (id, unit) in [("mo", "农业办"), ("jing", "经发办"), ("bei", "党政办")] {
            hire(town, &here, id, unit);
        }
        hire(town, &there, "fremd", "邻镇办");
        let hash = accounts::hash_password(&here, PASSWORD).expect("a password");
        let mut readers = vec![Reader {
            name: "无",
            cookie: String::new(),
            form_token: String::new(),
            bearer: String::new(),
        }];
        for (name, account, person, role) in READERS {
            readers.push(sign_in(town, &here, name, account, *person, *role, &hash));
        }
        readers.push(sign_in(
            town,
            &there,
            "邻",
            "lin",
            Some("fremd"),
            Role::Leader,
            &hash,
        ));
        let disabled = store::Store::open(&town.location, office::schema::MIGRATIONS)
            .expect("opens")
            .write(|tx| -> Result<u64, store::Error> {
                tx.execute(
                    store::Sql(
                        "UPDATE accounts SET disabled_at = '2024-06-01' WHERE name = 'ting'",
                    ),
                    store::params![],
                )
            });
        assert_eq!(disabled.expect("possible"), 1);
        let site = |org: &str| web::Site {
            office: town.office.clone(),
            org: org.into(),
            now,
            random,
        };
        Crowd {
            town,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .expect("a runtime"),
            here: web::router(site(ORG)),
            there: web::router(site(NEIGHBOUR)),
            readers,
        }
    }

    pub fn reader(&self, name: &str) -> &Reader {
        self.readers
            .iter()
            .find(|reader| reader.name == name)
            .expect("a reader of that name")
    }

    fn send(&self, router: &Router, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let answer = router
                .clone()
                .oneshot(request)
                .await
                .expect("the router answers");
            let status = answer.status();
            let headers: String = answer
                .headers()
                .iter()
                .map(|(name, value)| {
                    format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))
                })
                .collect();
            let bytes = to_bytes(answer.into_body(), 1 << 26).await.expect("whole");
            let body = String::from_utf8_lossy(&bytes).into_owned();
            Answer {
                status,
                whole: format!("{status}\n{headers}\n{body}"),
                body,
            }
        })
    }

    /// A request of a reader, at this township's site or at the neighbour's. Pages by cookie, the API by token.
    pub fn ask(&self, reader: &Reader, site: &str, method: &str, path: &str, sent: Sent) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if path.starts_with("/api/") {
            if !reader.bearer.is_empty() {
                request = request.header(header::AUTHORIZATION, &reader.bearer);
            }
        } else if !reader.cookie.is_empty() {
            request = request.header(header::COOKIE, &reader.cookie);
        }
        let (media, body) = match sent {
            Sent::Nothing => (None, String::new()),
            Sent::Json(text) => (Some("application/json"), text.to_owned()),
            Sent::Form(fields) => {
                let mut pairs = vec![format!("token={}", reader.form_token)];
                pairs.extend(fields.iter().map(|(k, v)| format!("{k}={}", percent(v))));
                (Some("application/x-www-form-urlencoded"), pairs.join("&"))
            }
            Sent::Parts(fields) => {
                let mut body = String::new();
                for (name, value) in [("token", reader.form_token.as_str())].iter().chain(fields) {
                    body.push_str(&format!(
                        "--crowd\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    ));
                }
                body.push_str("--crowd--\r\n");
                (Some("multipart/form-data; boundary=crowd"), body)
            }
        };
        if let Some(media) = media {
            request = request.header(header::CONTENT_TYPE, media);
        }
        let router = if site == ORG { &self.here } else { &self.there };
        self.send(router, request.body(Body::from(body)).expect("a request"))
    }

    pub fn get(&self, reader: &Reader, path: &str) -> Answer {
        self.ask(reader, ORG, "GET", path, Sent::Nothing)
    }
}

/// What a request carries.
#[derive(Clone, Copy)]
pub enum Sent<'a> {
    Nothing,
    Json(&'a str),
    Form(&'a [(&'a str, &'a str)]),
    Parts(&'a [(&'a str, &'a str)]),
}

pub fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

pub fn hire(town: &Town, ctx: &Ctx, id: &str, unit: &str) {
    let person = Person {
        id: id.into(),
        name: format!("人员{id}"),
        office: unit.into(),
        stationed: false,
        from_on: "2022-01-01".into(),
        until_on: None,
    };
    town.office
        .act(|tx| office::people::put_person(tx, ctx, &person))
        .expect("hired");
}

pub fn give_post(town: &Town, ctx: &Ctx, person: &str, post: &str, until: Option<&str>) {
    let post = Post {
        person: person.into(),
        post: post.into(),
        from_on: "2022-01-01".into(),
        until_on: until.map(str::to_owned),
    };
    town.office
        .act(|tx| office::people::put_post(tx, ctx, &post))
        .expect("a post");
}

fn sign_in(
    town: &Town,
    ctx: &Ctx,
    name: &'static str,
    account: &str,
    person: Option<&str>,
    role: Role,
    hash: &str,
) -> Reader {
    town.office
        .act(|tx| accounts::put_hashed(tx, ctx, account, person, role, hash))
        .expect("an account");
    let visit = office::sign_ins::Visit::default();
    let (secret, _) =
        accounts::sign_in(&town.office, ctx, &visit, account, PASSWORD).expect("signs in");
    let until = jiff::civil::date(2024, 12, 31);
    let token = accounts::create_token(&town.office, ctx, account, "测试", until).expect("a token");
    Reader {
        name,
        cookie: format!("yifa_session={secret}"),
        form_token: accounts::form_token(&secret),
        bearer: format!("Bearer {token}"),
    }
}
