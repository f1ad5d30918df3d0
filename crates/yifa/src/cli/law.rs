//! `yifa law check`, `yifa law deadline`.

use super::{Failure, Outcome};
use clap::Subcommand;
use jiff::civil::Date;
use law::clock::StripKind;
use law::procedure::Unit;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum LawCommand {
    /// 检查法条文件：读、查、跑例子；不写文件就检查自带的全部。没有毛病退出码是 0，有毛病或者读不到是 1
    Check {
        /// 法条文件或者目录
        path: Option<PathBuf>,
    },
    /// 推算期限：yifa law deadline 2024-02-05 7工作日
    Deadline {
        /// 起算日（当日不计），例如 2024-02-05
        start: Option<String>,
        /// 长度，例如 7工作日、15日、6月、2年
        length: Option<String>,
        /// 给程序看的格式
        #[arg(long)]
        json: bool,
        /// 把 2004 年到 2026 年每一天、1 到 60 的工作日和自然日期限全部列出
        #[arg(long, conflicts_with_all = ["start", "length", "json"])]
        table: bool,
    },
}

pub fn run(command: LawCommand) -> Outcome {
    match command {
        LawCommand::Check { path } => check(path.as_deref()),
        LawCommand::Deadline { table: true, .. } => table(),
        LawCommand::Deadline {
            start: Some(start),
            length: Some(length),
            json,
            ..
        } => deadline(&start, &length, json),
        LawCommand::Deadline { .. } => Err(Failure::No(
            "要写起算日和长度，例如：yifa law deadline 2024-02-05 7工作日".into(),
        )),
    }
}

fn embedded() -> Result<office::pack::Pack, Failure> {
    office::pack::Pack::embedded().map_err(|problems| Failure::Fault(problems.join("\n")))
}

fn check(path: Option<&Path>) -> Outcome {
    let pack = embedded()?;
    let files: Vec<(String, Vec<u8>)> = match path {
        None => pack
            .files()
            .map(|f| (f.procedure.title.clone(), f.text.clone().into_bytes()))
            .collect(),
        Some(path) => read_files(path)?,
    };
    let mut faults = 0;
    let mut examples = 0;
    let (mut proved, mut unproved) = (0, 0);
    for (name, bytes) in &files {
        let text = match law::parse::decode(bytes) {
            Ok(text) => text,
            Err(problem) => {
                println!("{name}　{problem}");
                faults += 1;
                continue;
            }
        };
        let (procedure, problems) = law::parse::read(text);
        for problem in &problems {
            say!("{name}　{problem}");
            faults += usize::from(problem.is_fault());
        }
        let Some(procedure) = procedure else { continue };
        for note in law::check::check(&procedure) {
            say!("{name}　{note}");
            faults += usize::from(note.is_fault());
        }
        for result in law::example::run_all(&procedure, &pack.calendar) {
            examples += 1;
            if let Some(failure) = result.failure {
                say!(
                    "{name}　第 {} 行：例“{}”没有通过：{failure}。",
                    result.line_no,
                    result.name
                );
                faults += 1;
            }
        }
        let report = law::proof::prove(&procedure, &pack.calendar);
        for note in &report.notes {
            say!("{name}　注意：{note}。");
        }
        for property in &report.properties {
            match &property.verdict {
                law::proof::Verdict::Proved | law::proof::Verdict::Witnessed => proved += 1,
                law::proof::Verdict::Unproved(why) => {
                    unproved += 1;
                    say!(
                        "{name}　第 {} 行：未证“{}”：{why}",
                        property.line_no,
                        property.source
                    );
                }
                law::proof::Verdict::Broken(story) => {
                    say!(
                        "{name}　第 {} 行：性质不成立“{}”：\n{story}",
                        property.line_no,
                        property.source
                    );
                    faults += 1;
                }
            }
        }
    }
    if faults > 0 {
        return Err(Failure::No(format!(
            "共 {} 个文件，{faults} 处毛病。",
            files.len()
        )));
    }
    say!(
        "共 {} 个文件，{examples} 个例子，性质 {proved} 条已证、{unproved} 条未证，没有毛病。",
        files.len()
    );
    Ok(())
}

/// The largest file that is looked at; law files are far smaller, and say so themselves.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The bytes of a file, or of every `.md` in a folder.
fn read_files(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let unreadable = |path: &Path, e: &std::io::Error| {
        use std::io::ErrorKind;
        let why = match e.kind() {
            ErrorKind::NotFound => "没有这个文件或者目录".to_owned(),
            ErrorKind::PermissionDenied => "没有权限读".to_owned(),
            _ => e.to_string(),
        };
        Failure::No(format!("读不到 {}：{why}", path.display()))
    };
    let one = |path: &Path| -> Result<(String, Vec<u8>), Failure> {
        let about = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?;
        if !about.is_file() || about.len() > LARGEST {
            let why = "不是法条文件：法条文件是几十 KB 的文本";
            return Err(Failure::No(format!("{} {why}", path.display())));
        }
        let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
        Ok((path.display().to_string(), bytes))
    };
    if !path.is_dir() {
        return Ok(vec![one(path)?]);
    }
    let folder = if path.join("procedures").is_dir() {
        path.join("procedures")
    } else {
        path.to_owned()
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|e| unreadable(&folder, &e))? {
        let path = entry.map_err(|e| unreadable(&folder, &e))?.path();
        if path.extension().is_some_and(|e| e == "md") {
            found.push(one(&path)?);
        }
    }
    if found.is_empty() {
        return Err(Failure::No(format!(
            "{} 里没有法条文件（.md）",
            folder.display()
        )));
    }
    found.sort();
    Ok(found)
}

fn deadline(start: &str, length: &str, json: bool) -> Outcome {
    let calendar = embedded()?.calendar;
    let start: Date = start
        .parse()
        .map_err(|_| Failure::No(format!("“{start}”不是日期，请写成 2024-02-05 的样子")))?;
    let digits: String = length.chars().take_while(char::is_ascii_digit).collect();
    let unit = match length[digits.len()..].trim() {
        "工作日" => Unit::WorkingDay,
        "日" | "天" | "自然日" => Unit::Day,
        "月" | "个月" => Unit::Month,
        "年" => Unit::Year,
        other => {
            return Err(Failure::No(format!(
                "“{other}”不是期限的单位，可用：工作日、日、月、年"
            )));
        }
    };
    let amount: i64 = digits
        .parse()
        .ok()
        .filter(|n| (1..=20_000).contains(n))
        .ok_or_else(|| Failure::No(format!("“{length}”读不懂，请写成 7工作日 的样子")))?;
    let term = law::clock::term(&calendar, start, amount, unit);
    if json {
        let strip: Vec<serde_json::Value> = term
            .strip
            .iter()
            .map(|day| {
                let (kind, n, why) = plain(&day.kind);
                serde_json::json!({ "date": day.date.to_string(), "kind": kind, "n": n, "why": why })
            })
            .collect();
        let due = term.due.hi.map(|d| d.to_string());
        say!(
            "{}",
            serde_json::json!({ "start": start.to_string(), "length": length, "due": due,
                "not_before": term.due.lo.to_string(), "undetermined": term.due.hi.is_none(), "days": strip })
        );
        return Ok(());
    }
    match term.due.hi {
        Some(day) => say!("{day}（{}）届满", weekday(day)),
        None => say!("未定：有一年的放假安排还没有公布；不早于 {}", term.due.lo),
    }
    for day in &term.strip {
        let (_, n, why) = plain(&day.kind);
        let said = match (&day.kind, n) {
            (StripKind::Start, _) => "起算日，不计".to_owned(),
            (StripKind::Last(_), Some(n)) => format!("第 {n} 天，届满"),
            (_, Some(n)) => format!("第 {n} 天"),
            _ => format!("不计：{why}"),
        };
        say!("  {}　{}　{said}", day.date, weekday(day.date));
    }
    Ok(())
}

fn plain(kind: &StripKind) -> (&'static str, Option<i64>, String) {
    match kind {
        StripKind::Start => ("start", None, String::new()),
        StripKind::Counted(n) => ("counted", Some(*n), String::new()),
        StripKind::Skipped(why) => ("skipped", None, why.clone()),
        StripKind::Rolled(why) => ("rolled", None, why.clone()),
        StripKind::Last(n) => ("last", Some(*n), String::new()),
    }
}

fn weekday(day: Date) -> &'static str {
    ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
        [usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0)]
}

/// Every start day and term, for comparing with other calendars: `start unit amount due`.
fn table() -> Outcome {
    use std::io::Write as _;
    let calendar = embedded()?.calendar;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut day = jiff::civil::date(2004, 1, 1);
    while day.year() <= 2026 {
        for (unit, word) in [(Unit::WorkingDay, 'w'), (Unit::Day, 'd')] {
            for amount in 1..=60 {
                let due = law::clock::due(&calendar, day.at(0, 0, 0, 0), amount, unit, &[]);
                let due = due.hi.map_or("-".to_owned(), |d| d.to_string());
                writeln!(out, "{day} {word} {amount} {due}")
                    .map_err(|e| Failure::Fault(e.to_string()))?;
            }
        }
        day = day.tomorrow().map_err(|e| Failure::Fault(e.to_string()))?;
    }
    Ok(())
}
