//! Founding a real township: empty, with one administrator; what is wrong is said and nothing is founded.

mod program;

use program::{PROGRAM, Site, run};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

const WORDS: &[&str] = &[
    "found",
    "--name",
    "某县某镇",
    "--county",
    "某县",
    "--mark",
    "某府",
];

fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connects");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("is written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn a_township_begins_empty_and_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    let found = |code: &str| {
        let mut words = WORDS.to_vec();
        words.extend(["--code", code, "--sample-lists"]);
        run(data, &words)
    };
    let wrong = found("51092110");
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    let done = found("510921999");
    assert!(done.status.success(), "{done:?}");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("只显示这一次"), "{said}");
    let again = found("510921999");
    assert_eq!(again.status.code(), Some(1), "{again:?}");

    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    let mut site = Site::start(command.arg(data));
    for path in [
        "/",
        "/procedures",
        "/publications",
        "/verify",
        "/office/login",
    ] {
        let answer = page(&site.address, path);
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        assert!(!answer.contains("演示数据"), "{path} says demo");
    }
    site.kill();
    let verified = run(data, &["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}
