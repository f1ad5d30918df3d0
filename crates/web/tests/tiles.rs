//! The served log, read by a client written from C2SP tlog-tiles and RFC 6962; it uses nothing of the ledger.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use office::log::Line;
use office::tiles::{Kind, Tile};
use sha2::{Digest, Sha256};
use testkit::{ORG, Town, on_each_engine};
use tower::ServiceExt as _;

type Hash = [u8; 32];

fn now() -> jiff::civil::DateTime {
    jiff::civil::date(2023, 3, 6).at(9, 0, 0, 0)
}

fn get(town: &Town, path: &str) -> (StatusCode, String, Vec<u8>) {
    send(
        town,
        Request::get(path).body(Body::empty()).expect("a request"),
    )
}

fn send(town: &Town, request: Request<Body>) -> (StatusCode, String, Vec<u8>) {
    let site = web::Site {
        office: town.office.clone(),
        org: ORG.into(),
        now,
        random: testkit::random,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let answer = web::router(site).oneshot(request).await.expect("an answer");
        let kept = answer.headers().get(header::CACHE_CONTROL);
        let kept = kept.map(|v| v.to_str().expect("plain").to_owned());
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (status, kept.unwrap_or_default(), bytes.to_vec())
    })
}

/// Writes entries until the log holds `size`.
fn grow(town: &Town, size: i64) {
    let ctx = town.ctx("2023-03-06");
    town.office
        .act(|tx| {
            let mut last = None;
            while office::log::size(tx, ORG)? < size {
                let line = Line {
                    kind: "register",
                    case: None,
                    n: None,
                    subject: "test",
                    at: now(),
                    body: "{}",
                };
                last = Some(office::log::append(tx, &ctx, &line)?.map(|_| ()));
            }
            last.ok_or_else(|| office::error::Error::Fault("nothing to grow".into()))
        })
        .expect("entries can be written");
}

fn hash(parts: &[&[u8]]) -> Hash {
    parts
        .iter()
        .fold(Sha256::new(), |h, part| h.chain_update(part))
        .finalize()
        .into()
}

fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => hash(&[]),
        [one] => *one,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            hash(&[&[1], &root(&leaves[..split]), &root(&leaves[split..])])
        }
    }
}

fn path(kind: &str, index: usize, width: usize) -> String {
    let index = match index {
        0..=999 => format!("{index:03}"),
        _ => format!("x{:03}/{:03}", index / 1000, index % 1000),
    };
    let partial = if width < 256 {
        format!(".p/{width}")
    } else {
        String::new()
    };
    format!("/log/tile/{kind}/{index}{partial}")
}

fn fetch(town: &Town, path: &str) -> Vec<u8> {
    let (status, kept, bytes) = get(town, path);
    assert_eq!(status, StatusCode::OK, "{path}");
    assert!(kept.contains("immutable"), "{path}: {kept}");
    bytes
}

#[test]
fn a_stranger_reads_the_whole_log_from_its_tiles() {
    on_each_engine(|town| {
        let mut size = town
            .office
            .read(|tx| office::log::size(tx, ORG))
            .expect("readable");
        for wanted in [size, 511, 512, 700] {
            if wanted > size {
                grow(town, wanted);
                size = wanted;
            }
            let (_, kept, note) = get(town, "/log/checkpoint");
            assert_eq!(kept, "public, max-age=2");
            let note = String::from_utf8(note).expect("text");
            let lines: Vec<&str> = note.lines().collect();
            assert_eq!(lines[0], "yifa/510000000");
            let size = usize::try_from(size).expect("small");
            assert_eq!(lines[1], size.to_string());
            let mut leaves = Vec::new();
            for n in 0..size.div_ceil(256) {
                let width = (size - n * 256).min(256);
                let bundle = fetch(town, &path("entries", n, width));
                assert_eq!(bundle.len(), width * 34);
                for entry in bundle.chunks(34) {
                    assert_eq!(entry[..2], [0, 32]);
                    leaves.push(hash(&[&[0], &entry[2..]]));
                }
                let tile = fetch(town, &path("0", n, width));
                assert_eq!(tile, leaves[n * 256..].concat());
            }
            let above: Vec<Hash> = leaves.chunks_exact(256).map(root).collect();
            if !above.is_empty() {
                assert_eq!(fetch(town, &path("1", 0, above.len())), above.concat());
            }
            let root =
                base64::Engine::encode(&base64::engine::general_purpose::STANDARD, root(&leaves));
            assert_eq!(lines[2], root, "the signed root is that of the entries");
        }
    });
}

#[test]
fn tiles_that_are_not_there_or_not_so_written_are_not_served() {
    on_each_engine(|town| {
        grow(town, 300);
        for wrong in [
            "0/000.p/256",
            "0/000.p/0",
            "0/000.p/01",
            "0/001",
            "0/001.p/200",
            "0/002.p/1",
            "00/000",
            "0/0",
            "0/x000/000",
            "0/000/001",
            "0/x001/234",
            "1/000",
            "1/000.p/2",
            "2/000.p/1",
            "8/000",
            "64/000",
            "-1/000",
            "entries/001",
            "entries/+01",
            "data/000",
            "0/000.p/4/5",
        ] {
            let (status, _, _) = get(town, &format!("/log/tile/{wrong}"));
            assert_eq!(status, StatusCode::NOT_FOUND, "{wrong}");
        }
        assert_eq!(fetch(town, "/log/tile/1/000.p/1").len(), 32);
    });
}

#[test]
fn indices_are_written_in_groups_of_three() {
    let tile = |index| Tile {
        kind: Kind::Hashes(0),
        index,
        width: 256,
    };
    for (text, index) in [
        ("0/000", 0),
        ("0/999", 999),
        ("0/x001/234", 1234),
        ("0/x001/x234/067", 1_234_067),
    ] {
        assert_eq!(Tile::read(text), Some(tile(index)), "{text}");
    }
}

#[test]
fn a_pasted_receipt_is_judged_in_plain_words() {
    on_each_engine(|town| {
        let ctx = town.ctx("2023-03-06");
        let old = office::log::receipt(&town.office, &ctx, 7).expect("a receipt");
        grow(town, 400);
        let judge = |receipt: &ledger::Receipt| {
            let text = serde_json::to_string(receipt).expect("text");
            let plain: String = text.bytes().map(|b| format!("%{b:02x}")).collect();
            let request = Request::post("/verify")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(format!("receipt={plain}")))
                .expect("a request");
            String::from_utf8(send(town, request).2).expect("text")
        };
        let page = judge(&old);
        assert!(page.contains("账本第 7 条自签名时起没有改过"), "{page}");
        assert!(page.contains("这不证明它写的是真的"), "{page}");
        let altered = ledger::Receipt {
            salt: "0".repeat(64),
            ..old.clone()
        };
        assert!(judge(&altered).contains("回执不成立"));
        let tamper = store::Store::open(&town.location, office::schema::MIGRATIONS);
        let changed: Result<u64, store::Error> = tamper.expect("opens").write(|tx| {
            tx.execute(
                store::sql!("UPDATE entries SET actor = '别人' WHERE seq = 7"),
                store::params![],
            )
        });
        assert_eq!(changed.expect("possible"), 1);
        assert!(judge(&old).contains("库里的这一条已经不一样"));
    });
}
