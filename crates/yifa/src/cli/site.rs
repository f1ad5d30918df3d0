//! `yifa demo`, `yifa serve`.

use super::records::{open, org};
use super::{Failure, Outcome, Place};
use crate::{demo, machine};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

pub fn demo(place: &Place, listen: &str, year: i16, no_serve: bool) -> Outcome {
    if !(2012..=demo::LAST_YEAR).contains(&year) {
        return Err(Failure::Words(format!(
            "演示年份可以是 2012 到 {}，这些年的放假安排都已经公布",
            demo::LAST_YEAR
        )));
    }
    let before = entries(&place.data);
    let office = open(place)?;
    let logins = place.data.join("demo-logins.txt");
    if place.data.join(demo::UNFINISHED).exists() {
        return Err(Failure::No(format!(
            "{0} 里的演示乡镇上次没有建完，不能接着用；请删掉 {0}，或者用 --data 换一个目录，再运行 yifa demo",
            place.data.display()
        )));
    }
    if office.read(office::townships::all)?.is_empty() {
        let first = demo::earliest_year(&office, year);
        if first != Some(year) {
            drop(office);
            // Nothing was founded: what lies there now only looks like a township.
            for made in entries(&place.data).difference(&before) {
                let _ = match made.is_dir() {
                    true => std::fs::remove_dir_all(made),
                    false => std::fs::remove_file(made),
                };
            }
            return Err(Failure::Words(match first {
                Some(first) => format!(
                    "演不了 {year} 年：有的程序那一年还没有施行；最早可以演 {first} 年，请用 --year {first}"
                ),
                None => format!(
                    "演不了 {year} 年：有的程序到 {} 年还没有施行，请换法条目录",
                    demo::LAST_YEAR
                ),
            }));
        }
        say!("正在建演示乡镇：蓬溪县天福镇，演 {year} 年");
        demo::play(&office, &place.data, year)?;
    } else {
        say!("接着用 {} 里的数据", place.data.display());
    }
    say!("演示账号和密码在 {}：", logins.display());
    if let Ok(text) = std::fs::read_to_string(&logins) {
        for line in text.lines() {
            say!("  {line}");
        }
    }
    if no_serve {
        return Ok(());
    }
    say!("年度报告：http://{listen}/report/{year}");
    drop(office);
    serve(place, listen, Vec::new())
}

/// What lies in a folder.
fn entries(folder: &Path) -> BTreeSet<PathBuf> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect()
}

pub fn serve(place: &Place, listen: &str, proxies: Vec<IpAddr>) -> Outcome {
    let office = open(place)?;
    let org = org(&office, place)?;
    let site = web::Site {
        office,
        org,
        now: machine::now,
        random: machine::random,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::Fault(e.to_string()))?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(|e| {
            Failure::No(format!(
                "{listen} 用不了：{e}；换一个地址试试，例如 --listen 127.0.0.1:8090"
            ))
        })?;
        // Said only once it is true, and with the port that was really given.
        let listen = listener
            .local_addr()
            .map_err(|e| Failure::Fault(e.to_string()))?;
        say!("网站：http://{listen}　工作台：http://{listen}/office　（Ctrl+C 停止）");
        let door = web::Door {
            proxies,
            ..web::Door::default()
        };
        web::serve(site, listener, door, asked_to_stop())
            .await
            .map_err(|e| Failure::Fault(e.to_string()))
    })
}

/// Resolves when the terminal or the service manager asks the program to stop.
async fn asked_to_stop() {
    let terminal = async {
        if let Err(e) = tokio::signal::ctrl_c().await {
            tracing::error!(error = %e, "cannot listen for the stop signal");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let manager = async {
            match signal(SignalKind::terminate()) {
                Ok(mut asked) => asked.recv().await,
                Err(e) => {
                    tracing::error!(error = %e, "cannot listen for the service manager");
                    std::future::pending().await
                }
            }
        };
        tokio::select! { () = terminal => {}, _ = manager => {} }
    }
    #[cfg(not(unix))]
    terminal.await;
}
