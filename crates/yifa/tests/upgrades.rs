//! Upgrades: the data of every earlier schema is opened by this program, verified, counted and worked on.
//!
//! A fixture is the database and evidence of a synthetic township as the program of that time left them, without keys.

mod program;

use program::{PROGRAM, Site, open, run, token};
use std::path::Path;
use std::process::Command;

/// Schema, figures of 2023 that its records must still tell.
const FIXTURES: &[(&str, &[(&str, i64)])] = &[(
    "schema-7.zip",
    &[
        ("hotline_ticket.hotline_orders_accepted", 2),
        ("hotline_ticket.hotline_orders_closed", 1),
        ("hotline_ticket.orders_open", 1),
        ("registers.villages", 8),
    ],
)];

fn unpack(fixture: &str, target: &Path) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(fixture);
    let file = std::fs::File::open(path).expect("a fixture");
    let mut archive = zip::ZipArchive::new(file).expect("an archive");
    archive.extract(target).expect("unpacked");
}

fn verified(data: &Path) {
    let ended = run(data, &["verify"]);
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(
        ended.status.success() && said.contains("读过的全部一致"),
        "{said}{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

#[test]
fn every_earlier_schema_is_carried_over() {
    for (fixture, figures) in FIXTURES {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path();
        unpack(fixture, data);
        verified(data);

        let out = data.join("report.json");
        let out = out.to_str().expect("a UTF-8 path");
        let ended = run(data, &["report", "2023", "--format", "json", "--out", out]);
        assert!(ended.status.success(), "{fixture}: {ended:?}");
        let text = std::fs::read_to_string(out).expect("written");
        let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for (indicator, value) in *figures {
            let found = report["figures"]
                .as_array()
                .expect("figures")
                .iter()
                .find(|figure| figure["indicator"] == *indicator);
            assert_eq!(
                found.map(|figure| &figure["value"]),
                Some(&serde_json::json!(value)),
                "{fixture}: {indicator}"
            );
        }

        let token = token(data);
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        let mut site = Site::start(command.arg(data));
        let (status, done) = open(&site.address, &token, "after-the-upgrade").expect("an answer");
        assert_eq!(status, 201, "{fixture}: {done}");
        site.kill();
        verified(data);
    }
}
