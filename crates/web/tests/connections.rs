//! Connections over a real port: slow ones end, one address cannot take all, only a trusted proxy says where a visitor is.

use office::accounts::{self, Role};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use testkit::{ORG, Town, on_each_engine};
use web::Door;

fn now() -> jiff::civil::DateTime {
    jiff::civil::date(2023, 3, 6).at(9, 0, 0, 0)
}

/// Serves the town behind `door` while `f` visits.
fn visit(town: &Town, door: Door, f: impl FnOnce(SocketAddr)) {
    let site = web::Site {
        office: town.office.clone(),
        org: ORG.into(),
        now,
        random: testkit::random,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = runtime.spawn(web::serve(site, listener, door, async {
        // Dropping the sender asks to stop as well.
        let _ = stopped.await;
    }));
    f(address);
    drop(stop);
    runtime
        .block_on(served)
        .expect("the server ends")
        .expect("without a fault");
}

fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.write_all(request.as_bytes()).expect("is written");
    let mut answer = String::new();
    // A connection that is closed at once may answer with a reset.
    let _ = stream.read_to_string(&mut answer);
    answer
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[test]
fn whoever_never_ends_the_head_is_shown_out() {
    on_each_engine(|town| {
        let door = Door {
            head_time: Duration::from_millis(100),
            ..Door::default()
        };
        visit(town, door, |address| {
            let answer = ask(address, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ");
            assert!(!answer.contains("200 OK"), "{answer}");
            assert!(ask(address, HEALTH).contains("200 OK"));
        });
    });
}

#[test]
fn a_head_without_end_is_refused() {
    on_each_engine(|town| {
        visit(town, Door::default(), |address| {
            let long = format!(
                "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n",
                "x".repeat(200_000)
            );
            let answer = ask(address, &long);
            assert!(!answer.contains("200 OK"), "{answer}");
        });
    });
}

#[test]
fn one_address_does_not_take_all_places() {
    on_each_engine(|town| {
        let door = Door {
            per_address: 2,
            ..Door::default()
        };
        visit(town, door, |address| {
            let hold = || {
                let mut held = TcpStream::connect(address).expect("connects");
                held.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                    .expect("is written");
                let mut first = [0u8; 15];
                held.read_exact(&mut first).expect("is answered");
                assert_eq!(&first, b"HTTP/1.1 200 OK");
                held
            };
            let (one, two) = (hold(), hold());
            assert_eq!(ask(address, HEALTH), "", "a third place was given");
            drop((one, two));
        });
    });
}

#[test]
fn only_a_trusted_proxy_is_believed() {
    on_each_engine(|town| {
        let ctx = town.ctx("2023-03-06T08:00");
        town.office
            .act(|tx| {
                accounts::put(
                    tx,
                    &ctx,
                    "jia",
                    Some("a"),
                    Role::Staff,
                    "渡口的槐树又开花了吧",
                )
            })
            .expect("an account");
        let wrong_from = |address: SocketAddr, from: u8| {
            let body = "account=jia&password=0000000000";
            let request = format!(
                "POST /office/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 1.2.3.4, 10.0.0.{from}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let answer = ask(address, &request);
            answer.split(' ').nth(1).unwrap_or_default().to_owned()
        };
        // Believed: each address has its own five tries.
        let door = Door {
            proxies: vec!["127.0.0.1".parse().expect("an address")],
            ..Door::default()
        };
        visit(town, door, |address| {
            for from in 1..=7 {
                assert_eq!(wrong_from(address, from), "401", "try {from}");
            }
        });
        // Not believed: whatever is written there, it is one address.
        visit(town, Door::default(), |address| {
            let answers: Vec<String> = (11..=16).map(|from| wrong_from(address, from)).collect();
            assert_eq!(answers[5], "429", "{answers:?}");
        });
    });
}
