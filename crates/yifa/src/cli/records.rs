//! Commands on the records: report, verify, accounts, tokens.

use super::{Failure, Outcome, Place, log};
use crate::machine;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use office::Office;
use office::accounts::Role;
use office::ctx::Ctx;
use office::login_rules::{LoginRules, Owed};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Subcommand)]
pub enum UserCommand {
    /// 新建账号或者改密码；密码由程序随机给出，只显示一次
    Put {
        /// 账号
        name: String,
        /// 权限：staff 经办、leader 领导、admin 管理员、county 县级查看
        #[arg(long, default_value = "staff", value_parser = ["staff", "leader", "admin", "county"])]
        role: String,
        /// 对应的人员编号
        #[arg(long)]
        person: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// 解除一个账号的动态码：手机和备用码都没有了的时候
    ResetFactor {
        /// 账号
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// 看或者改本单位的登录规则
    Rules {
        /// 换成这一套：普通（密码长就行，动态码自愿）、等保三级（全员动态码，密码 90 天一换）
        #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(office::login_rules::PROFILES))]
        profile: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// 列出账号
    List {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// 新建令牌，只显示一次
    Create {
        /// 账号
        account: String,
        /// 用途
        #[arg(long, default_value = "程序")]
        label: String,
        /// 多少天后失效
        #[arg(long, default_value_t = 90)]
        days: i64,
        #[command(flatten)]
        place: Place,
    },
}

/// Opens the office at a place.
pub fn open(place: &Place) -> Result<Office, Failure> {
    let pack = match &place.law {
        None => office::pack::Pack::embedded(),
        Some(folder) => office::pack::Pack::from_folder(folder),
    };
    let pack = pack.map_err(|problems| {
        Failure::No(format!(
            "法条文件有毛病，没有启动：\n{}",
            problems.join("\n")
        ))
    })?;
    let location = match &place.database {
        Some(url) => store::Location::Postgres(url.clone()),
        None => store::Location::Sqlite(place.data.join("yifa.db")),
    };
    std::fs::create_dir_all(&place.data).map_err(|e| {
        Failure::No(format!(
            "数据目录 {} 用不了：{e}；请换一个目录（--data），或者请管理员改权限",
            place.data.display()
        ))
    })?;
    Ok(Office::open(&location, &place.data, Arc::new(pack))?)
}

/// The township meant: the one named, or the only one.
pub fn org(office: &Office, place: &Place) -> Result<String, Failure> {
    let all = office.read(office::townships::all)?;
    match (&place.org, all.as_slice()) {
        (Some(org), all) if all.iter().any(|t| t.org == *org) => Ok(org.clone()),
        (Some(org), _) => Err(Failure::No(format!("库里没有乡镇“{org}”"))),
        (None, [one]) => Ok(one.org.clone()),
        (None, []) => Err(Failure::No(
            "库里还没有乡镇；先运行 yifa found 建一个，或者用 yifa demo 建一个演示乡镇".into(),
        )),
        (None, all) => {
            let names: Vec<&str> = all.iter().map(|t| t.org.as_str()).collect();
            Err(Failure::No(format!(
                "库里有多个乡镇（{}），请用 --org 指明",
                names.join("、")
            )))
        }
    }
}

/// The circumstances of a command.
pub fn ctx(office: &Office, place: &Place) -> Result<Ctx, Failure> {
    let org = org(office, place)?;
    Ok(machine::ctx(office, &org, "命令行", None, machine::now()))
}

pub fn report(year: i16, format: &str, out: Option<PathBuf>, place: &Place) -> Outcome {
    let office = open(place)?;
    let ctx = ctx(&office, place)?;
    let frozen = office.read(|tx| office::reports::find(tx, &ctx.org, year))?;
    let (report, published) = match frozen {
        Some((report, published, _)) => (report, published),
        None => (
            office.read(|tx| office::reports::compute(tx, &ctx, year))?,
            None,
        ),
    };
    let deadlines = office.read(|tx| office::reports::deadlines(tx, &ctx, year))?;
    let text = match format {
        "json" => serde_json::to_string_pretty(&report.json(&deadlines))
            .map_err(|e| Failure::Fault(e.to_string()))?,
        "html" => web::report_page(&report, published.as_deref(), deadlines),
        _ => report.markdown(),
    };
    match out {
        // Whoever reads the head of it and hangs up has read enough.
        None => match writeln!(std::io::stdout(), "{text}") {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                return Err(Failure::No(format!("写不出：{e}")));
            }
            _ => {}
        },
        Some(path) => {
            std::fs::write(&path, text)
                .map_err(|e| Failure::No(format!("写不了 {}：{e}", path.display())))?;
            say!("已写入 {}", path.display());
        }
    }
    Ok(())
}

pub fn verify(
    receipt: Option<PathBuf>,
    key: Option<String>,
    since: &[PathBuf],
    place: &Place,
) -> Outcome {
    let key = key.as_deref().map(log::key).transpose()?;
    if let (Some(path), Some(key)) = (receipt, &key) {
        return log::receipt(&path, key);
    }
    let office = open(place)?;
    let ctx = ctx(&office, place)?;
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template("核验{msg}　{bar:32} {pos}/{len}　还要 {eta}")
    {
        bar.set_style(style);
    }
    let mut findings = office::verify::run(&office, &ctx, |what, done, of| {
        bar.set_message(what.to_owned());
        bar.set_length(of.unsigned_abs());
        bar.set_position(done.unsigned_abs());
    })?;
    for path in since {
        let note = log::note(path)?;
        let told = office.read(|tx| office::since::check(tx, &ctx, &note, key.as_deref()))?;
        match told {
            Ok(size) => findings.read.push((
                format!("{} 里的旧账本头，条目", path.display()),
                i64::try_from(size).unwrap_or(i64::MAX),
            )),
            Err(why) => findings.faults.push(format!("{}：{why}", path.display())),
        }
    }
    if since.is_empty()
        && let Some(key) = &key
        && *key != office.read(|tx| office::townships::verifier_key(tx, &ctx.org))?
    {
        findings
            .faults
            .push("库里的账本公钥和您手里的不一样".into());
    }
    bar.finish_and_clear();
    tell(&findings)
}

/// Says what a verification found.
pub fn tell(findings: &office::verify::Findings) -> Outcome {
    for (what, n) in &findings.read {
        say!("读过：{what} {n}");
    }
    for what in &findings.left_out {
        say!("没有读：{what}");
    }
    say!("账本根：{}", findings.root);
    if findings.faults.is_empty() {
        say!("读过的全部一致。这说明入账以后没有改过，不说明入账的内容是真的。");
        return Ok(());
    }
    Err(Failure::No(format!(
        "有 {} 处不一致：\n{}",
        findings.faults.len(),
        findings.faults.join("\n")
    )))
}

pub fn user(command: UserCommand) -> Outcome {
    match command {
        UserCommand::Put {
            name,
            role,
            person,
            place,
        } => {
            let office = open(&place)?;
            let ctx = ctx(&office, &place)?;
            let role =
                Role::from_word(&role).ok_or_else(|| Failure::No(format!("没有权限“{role}”")))?;
            let password = ctx.secret()[..16].to_owned();
            office.act(|tx| {
                office::accounts::put(tx, &ctx, &name, person.as_deref(), role, &password)
            })?;
            say!("账号 {name}　密码 {password}（只显示这一次）");
            Ok(())
        }
        UserCommand::ResetFactor { name, place } => {
            let office = open(&place)?;
            let ctx = ctx(&office, &place)?;
            office.act(|tx| office::second_factor::reset(tx, &ctx, &name))?;
            say!("账号 {name} 的动态码解除了，登录全部退出");
            Ok(())
        }
        UserCommand::Rules { profile, place } => {
            let office = open(&place)?;
            let ctx = ctx(&office, &place)?;
            if let Some(rules) = profile.as_deref().and_then(LoginRules::profile) {
                office.act(|tx| office::login_rules::put(tx, &ctx, &rules))?;
            }
            let rules = office.read(|tx| office::login_rules::rules(tx, &ctx.org))?;
            let owed = match rules.second_factor {
                Owed::Nobody => "自愿",
                Owed::Heads => "领导和管理员必须有",
                Owed::Everyone => "全员必须有",
            };
            say!("动态码：{owed}\n密码：{}", rules.wanted());
            match rules.password_days {
                0 => say!("换密码：不定期"),
                days => say!("换密码：每 {days} 天；别人给的密码第一次登录就换"),
            }
            say!(
                "退出：{} 分钟不用，或者满 {} 小时",
                rules.idle_minutes,
                rules.session_hours
            );
            Ok(())
        }
        UserCommand::List { place } => {
            let office = open(&place)?;
            let org = org(&office, &place)?;
            for account in office.read(|tx| office::accounts::all(tx, &org))? {
                say!(
                    "{}\t{}\t{}",
                    account.account,
                    account.role.label(),
                    account.name
                );
            }
            Ok(())
        }
    }
}

pub fn token(command: TokenCommand) -> Outcome {
    let TokenCommand::Create {
        account,
        label,
        days,
        place,
    } = command;
    let office = open(&place)?;
    let ctx = ctx(&office, &place)?;
    let expires = ctx
        .today()
        .checked_add(jiff::Span::new().days(days.clamp(1, 3650)))
        .map_err(|e| Failure::Fault(e.to_string()))?;
    let secret = office::accounts::create_token(&office, &ctx, &account, &label, expires)?;
    say!("{secret}");
    eprintln!("只显示这一次；{expires} 失效。用法：Authorization: Bearer 令牌");
    Ok(())
}

fn kind_of(name: &str) -> Result<&'static office::imports::Kind, Failure> {
    let found = office::imports::KINDS.iter().find(|kind| kind.name == name);
    found.ok_or_else(|| Failure::No(format!("没有“{name}”这种台账")))
}

pub fn import(
    file: &std::path::Path,
    kind: &str,
    map: Option<&std::path::Path>,
    handing: office::imports::Handing,
    place: &Place,
) -> Outcome {
    let unreadable = |path: &std::path::Path, e: std::io::Error| {
        Failure::No(format!("读不到 {}：{e}", path.display()))
    };
    let map: BTreeMap<String, String> = match map {
        None => BTreeMap::new(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| unreadable(path, e))?;
            toml::from_str(&text)
                .map_err(|e| Failure::No(format!("{} 读不懂：{}", path.display(), e.message())))?
        }
    };
    let bytes = std::fs::read(file).map_err(|e| unreadable(file, e))?;
    let office = open(place)?;
    let ctx = ctx(&office, place)?;
    let name = file.display().to_string();
    let sheet = office::imports::Sheet {
        name: &name,
        bytes: &bytes,
        map,
    };
    let done = office::imports::run(&office, &ctx, kind_of(kind)?, &sheet, handing)?;
    let verb = if handing.dry_run {
        "可以导入"
    } else {
        "导入"
    };
    say!(
        "{verb} {} 行，后来的步骤 {} 步；已经有的 {} 行，没有重复。",
        done.opened,
        done.steps,
        done.known
    );
    if done.waived > 0 {
        say!(
            "没有照片，写明理由免去的要求 {} 项，记在各案里。",
            done.waived
        );
    }
    if !done.skipped.is_empty() {
        let rows: Vec<String> = done.skipped.iter().map(usize::to_string).collect();
        say!("合计、签名这样的行没有导入：第 {} 行。", rows.join("、"));
    }
    Ok(())
}

/// Writes the register of a year.
pub fn export(kind: &str, year: i16, out: &std::path::Path, place: &Place) -> Outcome {
    let office = open(place)?;
    let ctx = ctx(&office, place)?;
    let kind = kind_of(kind)?;
    let file = std::fs::File::create(out)
        .map_err(|e| Failure::No(format!("写不了 {}：{e}", out.display())))?;
    let name = out.display().to_string();
    let target = std::io::BufWriter::new(file);
    let mut writer = document::table::Writer::begin(&name, target, "台账").map_err(Failure::No)?;
    let fault = |why: String| office::error::Error::Fault(why);
    let done = office::imports::export::export(&office, &ctx, kind, year, |cells| {
        writer.row(cells).map_err(fault)
    })?;
    writer
        .finish()
        .and_then(|mut target| target.flush().map_err(|e| format!("写不出：{e}")))
        .map_err(Failure::No)?;
    say!("导出 {} 件，写入 {}", done.rows, out.display());
    if done.left_out > 0 {
        say!(
            "另有 {} 步这种台账没有列（例如协办、延期、第二个问题），没有写；全部记录在案件里。",
            done.left_out
        );
    }
    Ok(())
}

/// Writes an empty register.
pub fn template(kind: &str, out: &std::path::Path, place: &Place) -> Outcome {
    let office = open(place)?;
    let ctx = machine::ctx(&office, "", "命令行", None, machine::now());
    let kind = kind_of(kind)?;
    let columns = office::imports::columns(&ctx, kind)?;
    let bytes = document::table::template("台账", &columns).map_err(Failure::Fault)?;
    std::fs::write(out, bytes)
        .map_err(|e| Failure::No(format!("写不了 {}：{e}", out.display())))?;
    say!("模板已写入 {}", out.display());
    Ok(())
}
