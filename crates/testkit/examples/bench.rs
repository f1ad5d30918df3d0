//! Figures by hand: `bench/run [CASES [postgres]]`. Prints what docs/performance.md records.

use office::accounts::Role;
use office::cases;
use office::inputs::{Draft, Input};
use std::io::Write as _;
use std::time::{Duration, Instant};
use testkit::Town;

/// Where somebody lives: 500 villages of seven groups, so that words of one to seven characters are common, middling and rare.
fn place(n: usize) -> String {
    let one: Vec<char> = "东南西北上下前后大小新老高低青白红黄长短深浅古石木"
        .chars()
        .collect();
    let other: Vec<char> = "山河湾坪沟桥堰坝岭坡塘井寨院铺店庙岩嘴垭".chars().collect();
    format!(
        "家住{}{}村第{}组",
        one[n % 25],
        other[n / 25 % 20],
        n % 7 + 1
    )
}

/// A hotline ticket as it comes in: the register that grows fastest.
fn draft(n: usize) -> Draft {
    let mut draft = Draft {
        step: "派单".into(),
        ..Draft::default()
    };
    for (field, text) in [
        ("热线工单号", format!("SN{n:09}")),
        ("工单类型", ["求助", "咨询", "意见建议"][n % 3].into()),
        ("紧急程度", "一般".into()),
        ("来电时间", "2023-05-08 08:40".into()),
        ("诉求人", format!("演示群众{}", n % 20_000)),
        ("诉求内容", "演示诉求".into()),
        ("地点", place(n)),
        ("延期上限", "5".into()),
        ("时限档", "求助".into()),
    ] {
        draft.values.insert(field.into(), Input::Text(text));
    }
    draft
}

fn rate(clients: usize, span: Duration, act: impl Fn(usize) + Sync) -> f64 {
    let counter = std::sync::atomic::AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                while start.elapsed() < span {
                    act(counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
                }
            });
        }
    });
    counter.into_inner() as f64 / start.elapsed().as_secs_f64()
}

fn spread(n: usize, mut act: impl FnMut(usize)) -> String {
    let mut times: Vec<Duration> = (0..n)
        .map(|i| {
            let start = Instant::now();
            act(i);
            start.elapsed()
        })
        .collect();
    times.sort();
    format!(
        "p50 {:.3} ms, p99 {:.3} ms",
        times[n / 2].as_secs_f64() * 1e3,
        times[n * 99 / 100].as_secs_f64() * 1e3
    )
}

fn main() {
    let wanted: usize = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(10_000);
    let town = if std::env::args().nth(2).as_deref() == Some("postgres") {
        Town::on_postgres().expect("this machine has PostgreSQL")
    } else {
        Town::on_sqlite()
    };
    let office = &town.office;
    let ctx = town.ctx("2023-05-08T09:00");
    let mut file = std::fs::File::create(town.folder().join("sync")).expect("a file");
    let syncs = rate_of_syncs(&mut file);
    println!("disk: {syncs:.0} serial syncs/s");
    // Time goes on between acts, as it does in an office: ids sort by it, and indexes grow at their end.
    let moment = std::sync::atomic::AtomicI64::new(0);
    let open = |_: usize| {
        let passed = moment.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let ctx = office::ctx::Ctx {
            now: ctx.now + jiff::Span::new().milliseconds(passed),
            ..ctx.clone()
        };
        cases::open(
            office,
            &ctx,
            "hotline_ticket",
            &draft(passed.unsigned_abs() as usize),
        )
        .expect("lawful");
    };
    let one = rate(1, Duration::from_secs(3), open);
    let spent = processor();
    let counted = office
        .read(|tx| office::log::size(tx, testkit::ORG))
        .expect("readable");
    let many = rate(64, Duration::from_secs(5), open);
    let acts = office
        .read(|tx| office::log::size(tx, testkit::ORG))
        .expect("readable")
        - counted;
    println!(
        "processor: {:.3} ms an act",
        (processor() - spent).as_secs_f64() * 1e3 / acts as f64
    );
    println!(
        "durable acts/s: {one:.0} with 1 client, {many:.0} with 64 ({:.1} × the serial syncs)",
        many / syncs
    );
    if wanted == 0 {
        return;
    }
    let have = office
        .read(|tx| office::log::size(tx, testkit::ORG))
        .expect("readable") as usize;
    let start = Instant::now();
    rate_until(wanted.saturating_sub(have), open);
    println!(
        "filled to {wanted} cases in {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let filter = office::docket::Filter {
        procedure: Some("hotline_ticket".into()),
        ..Default::default()
    };
    let ids: Vec<String> = office
        .read(|tx| office::docket::page(tx, &ctx, &filter, 500))
        .expect("readable")
        .rows
        .into_iter()
        .map(|row| row.id)
        .collect();
    let reader = office::ctx::Ctx {
        account: "b".into(),
        person: Some("b".into()),
        role: Some(Role::Staff),
        ..ctx.clone()
    };
    let size = |path: &std::path::Path| path.metadata().map_or(0, |m| m.len());
    println!(
        "database: {:.0} MiB for {wanted} cases",
        size(&town.folder().join("yifa.db")) as f64 / 1048576.0
    );
    let mut lists = vec![("of one procedure", filter.clone())];
    lists.push(("of one stage", {
        let stage = Some("已派单".into());
        office::docket::Filter {
            stage,
            ..filter.clone()
        }
    }));
    lists.push(("by deadline", {
        let sort = office::docket::Sort::Due;
        office::docket::Filter {
            sort,
            ..Default::default()
        }
    }));
    let mut hundredth = filter.clone();
    for _ in 0..100 {
        let page = office
            .read(|tx| office::docket::page(tx, &reader, &hundredth, 40))
            .expect("readable");
        hundredth.after = page.next.or(hundredth.after);
    }
    lists.push(("the 100th", hundredth));
    for (what, filter) in lists {
        println!(
            "list page of 40, {what}: {}",
            spread(1000, |_| {
                office
                    .read(|tx| office::docket::page(tx, &reader, &filter, 40))
                    .expect("readable");
            })
        );
    }
    println!(
        "case file: {}",
        spread(1000, |i| {
            let id = &ids[i % ids.len()];
            office
                .read(|tx| office::casefile::load(tx, &reader, id))
                .expect("readable");
        })
    );
    for query in [
        "红",
        "求助",
        "红岩",
        "红岩村",
        "红岩村第3组",
        "家住红岩村第3",
        "SN000007777",
        "红岩村 求助",
        "没有的词",
    ] {
        let filter = office::docket::Filter {
            query: Some(query.into()),
            ..Default::default()
        };
        println!(
            "search {query}: {}",
            spread(300, |_| {
                office
                    .read(|tx| office::docket::page(tx, &reader, &filter, 25))
                    .expect("readable");
            })
        );
    }
    let report = office
        .read(|tx| office::reports::compute(tx, &ctx, 2023))
        .expect("readable");
    for code in ["orders_open", "hotline_orders_overdue_open"] {
        let figure = report.figure(&format!("hotline_ticket.{code}"));
        println!(
            "{code}: {}",
            figure.map_or_else(String::new, |f| f.with_unit())
        );
    }
    println!(
        "today's work: {}",
        spread(300, |_| {
            let read = office.read(|tx| {
                let counts = office::today::due_counts(tx, &ctx, ctx.today())?;
                Ok::<_, office::error::Error>((counts, office::today::due(tx, &ctx, None, 60)?))
            });
            read.expect("readable");
        })
    );
    println!(
        "annual report: {}",
        spread(20, |_| {
            office
                .read(|tx| office::reports::compute(tx, &ctx, 2023))
                .expect("readable");
        })
    );
    let start = Instant::now();
    let found = office::verify::run(office, &ctx, |_, _, _| {}).expect("readable");
    let entries = office
        .read(|tx| office::log::size(tx, testkit::ORG))
        .expect("readable");
    println!(
        "verify: {entries} entries in {:.1} s, {} faults",
        start.elapsed().as_secs_f64(),
        found.faults.len()
    );
}

/// Processor time of this process so far, user and system.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux machine");
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|n| n.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn rate_of_syncs(file: &mut std::fs::File) -> f64 {
    let start = Instant::now();
    let mut n = 0;
    while start.elapsed() < Duration::from_secs(2) {
        file.write_all(&[0u8; 4096]).expect("written");
        file.sync_data().expect("synced");
        n += 1;
    }
    f64::from(n) / start.elapsed().as_secs_f64()
}

fn rate_until(n: usize, act: impl Fn(usize) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if at >= n {
                        return;
                    }
                    act(at);
                }
            });
        }
    });
}
