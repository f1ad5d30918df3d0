//! The program as a whole: started, asked over its own port, killed.
#![allow(dead_code, reason = "each test file uses some of it")]

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The program's file.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_yifa");

/// Runs a command on a data folder to its end.
pub fn run(data: &Path, words: &[&str]) -> Output {
    let data = data.to_str().expect("a UTF-8 path");
    Command::new(PROGRAM)
        .args(words)
        .args(["--data", data])
        .output()
        .expect("the program starts")
}

/// A token of a new account on a data folder.
pub fn token(data: &Path) -> String {
    let account = run(data, &["user", "put", "jingban", "--person", "a"]);
    assert!(account.status.success(), "{account:?}");
    let token = run(data, &["token", "create", "jingban"]);
    assert!(token.status.success(), "{token:?}");
    String::from_utf8_lossy(&token.stdout).trim().to_owned()
}

/// A served site; killed when it goes out of scope.
pub struct Site {
    /// The process.
    pub child: Child,
    /// Where it listens.
    pub address: String,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Site {
    /// Starts a command that serves, and waits until it says where.
    pub fn start(command: &mut Command) -> Site {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut said = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        said.read_line(&mut line).expect("the program speaks");
        let address = line
            .split_once("http://")
            .and_then(|(_, rest)| rest.split('　').next())
            .unwrap_or_default()
            .to_owned();
        Site { child, address }
    }

    /// Ends the process at once, as a power cut would.
    pub fn kill(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request; the status and the JSON, or nothing if no whole answer came.
pub fn ask(address: &str, token: &str, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (_, text) = answer.split_once("\r\n\r\n")?;
    Some((status, serde_json::from_str(text).ok()?))
}

/// Opens a case.
pub fn open(address: &str, token: &str, request: &str) -> Option<(u16, Value)> {
    let submission = json!({
        "procedure": "confirmation", "request": request, "persons": { "窗口人员": ["a"] },
        "values": { "确认事项": "生育登记", "申请人信息": "某人", "申请内容": request },
    });
    ask(address, token, "/api/v1/cases", Some(&submission))
}
