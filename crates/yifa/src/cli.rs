//! The command line (命令行). Errors in Chinese with a hint; exit codes: 0 done, 1 no, 2 wrong words, 3 fault.

mod backup;
mod found;
mod law;
mod log;
mod records;
mod site;
mod witness;
mod words;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Why a command did not succeed.
pub enum Failure {
    /// What was asked does not hold: one Chinese sentence.
    No(String),
    /// The command was written wrongly, or asks for what cannot be: one Chinese sentence.
    Words(String),
    /// A fault of the program or the machine.
    Fault(String),
}

type Outcome = Result<(), Failure>;

impl From<office::error::Error> for Failure {
    fn from(e: office::error::Error) -> Self {
        match e {
            office::error::Error::Fault(cause) => Failure::Fault(cause),
            office::error::Error::Store(store::Error::Other(cause)) => Failure::Fault(cause),
            other => Failure::No(other.to_string()),
        }
    }
}

#[derive(Parser)]
#[command(
    name = "yifa",
    version,
    term_width = 0,
    about = "依法：乡镇依法办事的平台。一份法条文件，办案、拦阻、证明、出文书、公开、计数、写年报。",
    after_help = "第一次用：yifa demo　会建一个演示乡镇，演完一年，然后打开网站。真的乡镇用 yifa found 建。\n\
                  退出码：0 办成；1 不能办（原因见最后一句）；2 命令写错；3 程序或者机器出了问题。"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args, Clone)]
struct Place {
    /// 数据目录
    #[arg(
        long,
        value_name = "目录",
        default_value = "yifa-data",
        env = "YIFA_DATA"
    )]
    data: PathBuf,
    /// 数据库地址（postgres://…）；不写就用数据目录里的文件
    #[arg(long, value_name = "地址", env = "YIFA_DATABASE")]
    database: Option<String>,
    /// 另用磁盘上的法条目录，不用程序里自带的
    #[arg(long, value_name = "目录")]
    law: Option<PathBuf>,
    /// 哪个乡镇（库里只有一个时可以不写）
    #[arg(long, value_name = "代号")]
    org: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// 建一个演示乡镇，演完一年，然后打开网站；再次运行接着用同样的数据
    Demo {
        #[command(flatten)]
        place: Place,
        /// 网站地址
        #[arg(long, value_name = "地址", default_value = "127.0.0.1:8080")]
        listen: String,
        /// 演哪一年
        #[arg(long, value_name = "年", default_value_t = 2023)]
        year: i16,
        /// 只建数据，不开网站
        #[arg(long)]
        no_serve: bool,
    },
    /// 建一个真的乡镇：空的，只有第一个管理员
    Found(found::Founding),
    /// 打开网站
    Serve {
        #[command(flatten)]
        place: Place,
        /// 网站地址
        #[arg(long, value_name = "地址", default_value = "127.0.0.1:8080")]
        listen: String,
        /// 前面的反向代理的地址，可以写几次；只信它说的来访地址（X-Forwarded-For）
        #[arg(long = "proxy", value_name = "地址")]
        proxies: Vec<std::net::IpAddr>,
    },
    /// 法条：检查法条文件，推算期限
    #[command(subcommand)]
    Law(law::LawCommand),
    /// 年度报告：由记录算出，写成文件
    Report {
        /// 年度
        year: i16,
        /// 格式
        #[arg(long, value_parser = ["md", "html", "json"], default_value = "md")]
        format: String,
        /// 写到哪个文件；不写就打印出来
        #[arg(long, value_name = "文件")]
        out: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// 核验：逐条重读账本、登记簿和证据文件，重新推算
    Verify {
        /// 核验一份回执文件（JSON），不用联网，不读数据目录
        #[arg(long, value_name = "文件", requires = "key")]
        receipt: Option<PathBuf>,
        /// 您另外保存的账本公钥，或者存着它的文件
        #[arg(long, value_name = "公钥")]
        key: Option<String>,
        /// 以前保存的账本头或者回执：现在的账本必须是它的延续
        #[arg(long, value_name = "文件")]
        since: Vec<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// 账本：公钥、账本头、回执
    #[command(subcommand)]
    Log(log::LogCommand),
    /// 见证：替邻镇的账本作见证，请别人见证本镇的账本
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
    /// 导入：把表格台账变成案件（标“补录”）；有一处不对就一行也不导
    Import {
        /// 表格文件（.xlsx 或者 .csv）
        file: PathBuf,
        /// 是什么台账
        #[arg(long = "as", value_parser = ["hotline-ticket", "dispute", "inspection"])]
        kind: String,
        /// 表头对照（TOML，每行："表头" = "字段"）
        #[arg(long, value_name = "文件")]
        map: Option<PathBuf>,
        /// 台账没写由谁办的，按这个人：人员编号或者姓名，几个人用、分开
        #[arg(long, value_name = "人员")]
        by: Option<String>,
        /// 台账没有照片的，由谁免去照片的要求（法条文件写明可免的职务，办那一步的当天在任）
        #[arg(long, value_name = "人员")]
        waive_by: Option<String>,
        /// 只试一遍，不写入
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        place: Place,
    },
    /// 导出：一年的台账，或者空白的模板；列和导入的一样
    #[command(group(clap::ArgGroup::new("what").required(true).args(["template", "kind"])))]
    Export {
        /// 哪种台账的模板
        #[arg(long, value_name = "台账", value_parser = ["hotline-ticket", "dispute", "inspection"])]
        template: Option<String>,
        /// 导出哪种台账（含当事人姓名，请保管好）
        #[arg(long = "as", value_name = "台账", requires = "year", value_parser = ["hotline-ticket", "dispute", "inspection"])]
        kind: Option<String>,
        /// 哪一年开始的
        #[arg(long, value_name = "年", value_parser = clap::value_parser!(i16).range(2000..2100))]
        year: Option<i16>,
        /// 写到哪个文件（.xlsx 或者 .csv）
        #[arg(long, value_name = "文件")]
        out: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// 备份：网站开着也能备，数据库、证据、密钥一起复制，附每个文件的 sha256
    Backup {
        /// 备份写到哪个目录（不存在，或者是空的）
        #[arg(value_name = "备份目录")]
        folder: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// 恢复：先核对备份的每个文件，再写进空的数据目录（--data），然后核验
    Restore {
        /// 备份目录
        #[arg(value_name = "备份目录")]
        folder: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// 账号：新建、改密码、列出
    #[command(subcommand)]
    User(records::UserCommand),
    /// 令牌：给程序用的口令
    #[command(subcommand)]
    Token(records::TokenCommand),
}

/// Reads the command line and runs it.
pub fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => return words::tell(&error),
    };
    let outcome = match command {
        Command::Demo {
            place,
            listen,
            year,
            no_serve,
        } => site::demo(&place, &listen, year, no_serve),
        Command::Found(founding) => found::found(&founding),
        Command::Serve {
            place,
            listen,
            proxies,
        } => site::serve(&place, &listen, proxies),
        Command::Law(command) => law::run(command),
        Command::Report {
            year,
            format,
            out,
            place,
        } => records::report(year, &format, out, &place),
        Command::Verify {
            receipt,
            key,
            since,
            place,
        } => records::verify(receipt, key, &since, &place),
        Command::Log(command) => log::run(command),
        Command::Witness(command) => witness::run(command),
        Command::Import {
            file,
            kind,
            map,
            by,
            waive_by,
            dry_run,
            place,
        } => {
            let handing = office::imports::Handing {
                by: by.as_deref(),
                waived_by: waive_by.as_deref(),
                dry_run,
            };
            records::import(&file, &kind, map.as_deref(), handing, &place)
        }
        Command::Export {
            template,
            kind,
            year,
            out,
            place,
        } => match (template, kind, year) {
            (_, Some(kind), Some(year)) => records::export(&kind, year, &out, &place),
            (template, ..) => records::template(&template.unwrap_or_default(), &out, &place),
        },
        Command::Backup { folder, place } => backup::backup(&folder, &place),
        Command::Restore { folder, place } => backup::restore(&folder, &place),
        Command::User(command) => records::user(command),
        Command::Token(command) => records::token(command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::No(why)) => {
            eprintln!("{why}");
            ExitCode::from(1)
        }
        Err(Failure::Words(why)) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
        Err(Failure::Fault(cause)) => {
            eprintln!("程序或者机器出了问题：{cause}");
            ExitCode::from(3)
        }
    }
}
