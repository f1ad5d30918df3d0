//! Killed in the middle of work (突然断电), the program has lost nothing that it acknowledged.
//!
//! `YIFA_KILLS=100 cargo test -p yifa --test kills` for a long run.

mod program;

use program::{PROGRAM, Site, ask, open, run, token};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;

const CLIENTS: usize = 6;

fn serve(data: &Path) -> Site {
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    Site::start(command.arg(data))
}

#[test]
fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let kills: usize = match std::env::var("YIFA_KILLS") {
        Ok(text) => text.parse().expect("YIFA_KILLS is a number"),
        Err(_) => 5,
    };
    let folder = testkit::Town::on_sqlite().close();
    let token = token(folder.path());
    let mut total = 0;
    for round in 0..kills {
        let mut site = serve(folder.path());
        let (told, acknowledged) = channel();
        // Each round is cut at another number of acts: the cut falls before, in and after a commit.
        let enough = 1 + round * 37 % 90;
        let mut kept: Vec<(String, String)> = Vec::new();
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (told, address, token) = (told.clone(), site.address.clone(), token.clone());
                scope.spawn(move || {
                    for n in 0.. {
                        let request = format!("kill-{round}-{client}-{n}");
                        let Some((status, done)) = open(&address, &token, &request) else {
                            return;
                        };
                        assert_eq!(status, 201, "{done}");
                        let case = done["case"].as_str().expect("a case id").to_owned();
                        if told.send((case, request)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(told);
            kept.extend(acknowledged.iter().take(enough));
            site.kill();
            kept.extend(acknowledged.iter());
        });
        assert!(
            enough <= kept.len(),
            "the site stopped by itself in round {round}"
        );
        let site = serve(folder.path());
        for (case, request) in &kept {
            let path = format!("/api/v1/cases/{case}");
            let (status, file) = ask(&site.address, &token, &path, None).expect("an answer");
            assert_eq!(status, 200, "case {case} lost in round {round}: {file}");
            assert_eq!(file["values"]["申请内容"], *request, "round {round}");
            let again = open(&site.address, &token, request).expect("an answer");
            assert_eq!(again.1["case"], **case, "asked again, done twice");
        }
        total += kept.len();
        if round % 10 == 4 || round + 1 == kills {
            let verified = run(folder.path(), &["verify"]);
            let said = String::from_utf8_lossy(&verified.stderr).into_owned();
            assert!(verified.status.success(), "round {round}: {said}");
        }
    }
    println!("{kills} kills, {total} acknowledged acts, none lost");
}
