//! The demo year (演示年): a township's whole year played through the real engine.
//!
//! Nothing is inserted behind the engine's back: every act below is a draft that the law file must permit on its day.

mod cases;
mod script;
mod town;

use crate::machine;
use indicatif::{ProgressBar, ProgressStyle};
use office::Office;
use office::cases::{open_in, take_step_in};
use office::ctx::Ctx;
use office::error::{Error, Result};
use office::inputs::Input;
use script::{Event, Script};
use std::io::Write as _;
use std::path::Path;

/// A demo account: name, person, role, what for.
pub const ACCOUNTS: &[(&str, Option<&str>, office::accounts::Role, &str)] = &[
    (
        "admin",
        None,
        office::accounts::Role::Admin,
        "管理员：人员、账号、清单",
    ),
    (
        "shuji",
        Some("p01"),
        office::accounts::Role::Leader,
        "党委书记",
    ),
    (
        "zhenzhang",
        Some("p02"),
        office::accounts::Role::Leader,
        "镇长",
    ),
    (
        "fenguan",
        Some("p04"),
        office::accounts::Role::Leader,
        "分管副镇长",
    ),
    (
        "zhifa1",
        Some("p14"),
        office::accounts::Role::Staff,
        "执法人员",
    ),
    (
        "zhifa2",
        Some("p15"),
        office::accounts::Role::Staff,
        "执法人员",
    ),
    (
        "rexian",
        Some("p10"),
        office::accounts::Role::Staff,
        "12345专员",
    ),
    (
        "xinfang",
        Some("p11"),
        office::accounts::Role::Staff,
        "信访专员",
    ),
    (
        "tiaojie",
        Some("p40"),
        office::accounts::Role::Staff,
        "调解员",
    ),
    (
        "dangzhengban",
        Some("p07"),
        office::accounts::Role::Staff,
        "党政办主任",
    ),
    (
        "fashen",
        Some("p13"),
        office::accounts::Role::Staff,
        "法制审核员",
    ),
    (
        "chuangkou",
        Some("p09"),
        office::accounts::Role::Staff,
        "便民服务中心主任",
    ),
    ("xianji", None, office::accounts::Role::County, "县级查看"),
];

/// Lies in the data folder from before the founding until the year has been played to its end.
pub const UNFINISHED: &str = "demo-unfinished.txt";

/// The latest year whose days off were announced when the demo was written.
pub const LAST_YEAR: i16 = 2025;

/// The first year from `year` on in which every procedure of the demo is in force on the day it is first used.
pub fn earliest_year(office: &Office, year: i16) -> Option<i16> {
    let in_force = |script: &Script| {
        let file = office.pack.file(script.procedure);
        let first = script.events.iter().map(|event| event.at.date()).min();
        file.is_some_and(|file| first.is_none_or(|first| file.procedure.in_force_from <= first))
    };
    (year..=LAST_YEAR).find(|year| {
        cases::year(office, *year, machine::now().date())
            .iter()
            .all(in_force)
    })
}

/// Founds the demo township and plays its year. Prints progress; leaves the passwords in a file only the owner can read.
pub fn play(office: &Office, folder: &Path, year: i16) -> Result<()> {
    let unfinished = folder.join(UNFINISHED);
    std::fs::write(&unfinished, "演示乡镇还没有建完。\n")
        .map_err(|e| Error::Fault(format!("cannot mark the demo as unfinished: {e}")))?;
    let first = jiff::civil::date(year, 1, 1).at(8, 0, 0, 0);
    let ctx = machine::ctx(office, town::ORG, "演示", None, first);
    office::townships::found(office, &ctx, &town::township())?;
    town::settle(office, &ctx, year)?;
    let scripts = cases::year(office, year, machine::now().date());
    let mut events: Vec<(usize, usize)> = scripts
        .iter()
        .enumerate()
        .flat_map(|(s, script)| (0..script.events.len()).map(move |e| (s, e)))
        .collect();
    events.sort_by_key(|(s, e)| (scripts[*s].events[*e].at, *s, *e));
    let bar = ProgressBar::new(events.len() as u64).with_message(format!("演示 {year} 年"));
    if let Ok(style) =
        ProgressStyle::with_template("{msg}　{bar:32} {pos}/{len} 步　{elapsed}　还要 {eta}")
    {
        bar.set_style(style);
    }
    let mut ids: Vec<Option<String>> = vec![None; scripts.len()];
    for day in events
        .chunk_by(|a, b| scripts[a.0].events[a.1].at.date() == scripts[b.0].events[b.1].at.date())
    {
        one_day(office, &scripts, day, &mut ids)?;
        bar.inc(day.len() as u64);
    }
    bar.finish();
    publish_report(office, year)?;
    accounts(office, &ctx, folder)?;
    let now = machine::ctx(office, town::ORG, "演示", None, machine::now());
    office::townships::checkpoint(office, &now)?;
    std::fs::remove_file(&unfinished)
        .map_err(|e| Error::Fault(format!("cannot mark the demo as finished: {e}")))
}

/// All acts of one day in one transaction: one sync a day.
fn one_day(
    office: &Office,
    scripts: &[Script],
    day: &[(usize, usize)],
    ids: &mut [Option<String>],
) -> Result<()> {
    let mut opened: Vec<(usize, String)> = Vec::new();
    office.act(|tx| {
        let mut recorded = None;
        for (s, e) in day {
            let event = &scripts[*s].events[*e];
            let ctx = machine::ctx(office, town::ORG, "演示", None, event.at);
            let known = |at: usize| {
                ids[at].clone().or_else(|| {
                    opened
                        .iter()
                        .find(|(o, _)| *o == at)
                        .map(|(_, id)| id.clone())
                })
            };
            let draft = with_links(event, known);
            let one = match known(*s) {
                None => open_in(tx, &ctx, scripts[*s].procedure, &draft)?,
                Some(id) => take_step_in(tx, &ctx, &id, &draft)?,
            };
            match one.get() {
                Ok(done) => {
                    if known(*s).is_none() {
                        opened.push((*s, done.case.clone()));
                    }
                }
                Err(refusal) => {
                    let error = Error::Refused(refusal.clone());
                    return Err(Error::Fault(format!(
                        "demo: {} {} on {}: {error}",
                        scripts[*s].procedure, draft.step, event.at
                    )));
                }
            }
            recorded = Some(match recorded.take() {
                None => one,
                Some(earlier) => ledger::Recorded::and(earlier, one).map(|(_, last)| last),
            });
        }
        recorded
            .map(|r| r.map(|_| ()))
            .ok_or_else(|| Error::Fault("demo: an empty day".into()))
    })?;
    for (s, id) in opened {
        ids[s] = Some(id);
    }
    Ok(())
}

fn with_links(event: &Event, known: impl Fn(usize) -> Option<String>) -> office::inputs::Draft {
    let mut draft = event.draft.clone();
    for (field, at) in &event.links {
        if let Some(id) = known(*at) {
            draft.values.insert((*field).to_owned(), Input::Text(id));
        }
    }
    draft
}

/// Runs the annual report of the year through its procedure: late, as the report it is modelled on.
fn publish_report(office: &Office, year: i16) -> Result<()> {
    let next = year + 1;
    let at = |month: i8, day: i8, hour: i8, minute: i8| {
        jiff::civil::date(next, month, day).at(hour, minute, 0, 0)
    };
    let ctx = |when| machine::ctx(office, town::ORG, "演示", None, when);
    let report = office.read(|tx| office::reports::compute(tx, &ctx(at(1, 8, 9, 0)), year))?;
    let balanced = if report.findings.iter().all(|f| f.starts_with("提示")) {
        "是"
    } else {
        "否"
    };
    let begin = script::step("启动编制")
        .by("起草人", &["p07"])
        .set("报告年度", &year.to_string())
        .set(
            "报送期限",
            &jiff::civil::date(next, 3, 1)
                .yesterday()
                .map(|d| d.to_string())
                .unwrap_or_default(),
        )
        .set("公开期限", &format!("{next}-03-31"));
    let done = office::cases::open(office, &ctx(at(1, 5, 9, 0)), "annual_report", &begin.draft)?;
    let take = |when, step: script::Step| {
        office::cases::take_step(office, &ctx(when), &done.case, &step.draft)
    };
    let freeze = script::step("冻结数据")
        .by("起草人", &["p07"])
        .set("账本位置", &report.log_size.to_string());
    take(at(1, 8, 9, 0), freeze)?;
    let unproven = format!("未举证陈述 {} 条，见报告标注", report.unproven.len());
    take(
        at(1, 19, 9, 0),
        script::step("起草")
            .by("起草人", &["p07"])
            .set("报告标题", &report.title)
            .set("未举证说明", &unproven),
    )?;
    let check = script::step("检查")
        .by("合法性审查员", &["p13"])
        .set("平衡无差", balanced)
        .set("涉密已查", "是")
        .set("隐私已查", "是");
    take(at(1, 22, 9, 0), check)?;
    take(
        at(6, 12, 9, 0),
        script::step("上会").by("主要负责人", &["p01"]),
    )?;
    take(
        at(6, 20, 9, 0),
        script::step("报送")
            .by("主要负责人", &["p01"])
            .set("报送对象", "县委、县政府，抄送县委依法治县办"),
    )?;
    take(
        at(7, 4, 10, 14),
        script::step("公开").by("公开员", &["p07"]),
    )?;
    Ok(())
}

/// Makes the demo accounts with random passwords.
fn accounts(office: &Office, ctx: &Ctx, folder: &Path) -> Result<()> {
    let mut lines = String::new();
    let mut hashed = Vec::new();
    for (name, person, role, what) in ACCOUNTS {
        let password = ctx.secret()[..14].to_owned();
        hashed.push((
            *name,
            *person,
            *role,
            office::accounts::hash_password(ctx, &password)?,
        ));
        lines.push_str(&format!("{name}\t{password}\t{what}\n"));
    }
    office.act(|tx| {
        let all = hashed
            .iter()
            .map(|(name, person, role, hash)| {
                office::accounts::put_hashed(tx, ctx, name, *person, *role, hash)
            })
            .collect::<Result<Vec<_>>>()?;
        office::townships::together(all).ok_or_else(|| Error::Fault("demo: no accounts".into()))
    })?;
    let path = folder.join("demo-logins.txt");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options
        .open(&path)
        .and_then(|mut file| file.write_all(lines.as_bytes()));
    written.map_err(|e| Error::Fault(format!("cannot write the demo logins: {e}")))
}
