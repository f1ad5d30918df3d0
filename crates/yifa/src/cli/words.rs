//! What is said to a command that was written wrongly: Chinese, and what would be right.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use std::io::Write as _;
use std::process::ExitCode;

/// The words of help that are not ours.
const HELP: &[(&str, &str)] = &[
    ("Usage: ", "用法："),
    ("Commands:", "命令："),
    ("Arguments:", "参数："),
    ("Options:", "选项："),
    ("[default: ", "[不写就是 "),
    ("[possible values: ", "[可以写 "),
    ("[env: ", "[环境变量 "),
    ("[OPTIONS]", "[选项]"),
    ("<COMMAND>", "<命令>"),
    ("<YEAR>", "<年度>"),
    ("<KIND>", "<台账>"),
    ("<FILE>", "<文件>"),
    ("<FORMAT>", "<格式>"),
    ("<NAME>", "<账号>"),
    ("<ROLE>", "<权限>"),
    ("<PERSON>", "<编号>"),
    ("<ACCOUNT>", "<账号>"),
    ("<LABEL>", "<用途>"),
    ("<DAYS>", "<天数>"),
    ("<INDEX>", "<序号>"),
    ("<KEY>", "<公钥>"),
    ("<PROFILE>", "<口径>"),
    ("<REQUEST>", "<请求文件>"),
    ("<SIGNATURES>", "<签名文件>"),
    ("[PATH]", "[路径]"),
    ("[START]", "[起算日]"),
    ("[LENGTH]", "[长度]"),
    (
        "Print this message or the help of the given subcommand(s)",
        "显示帮助，或者一个命令的帮助",
    ),
    ("Print help", "显示帮助"),
    ("Print version", "显示版本"),
];

/// Answers what the reader of the command line could not take as a command.
pub fn tell(error: &Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Whoever hangs up on the help has read enough.
            let _ = write!(
                std::io::stdout(),
                "{}",
                chinese(&error.render().to_string())
            );
            return ExitCode::SUCCESS;
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprintln!("{}", chinese(&error.render().to_string()));
            eprintln!("后面还要写一个命令");
            return ExitCode::from(2);
        }
        _ => {}
    }
    eprintln!("{}", chinese(&sentence(error)));
    if let Some(hint) = hint(error) {
        eprintln!("是不是想写：{hint}");
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        eprintln!("{}", chinese(usage.to_string().trim()));
    }
    eprintln!("全部命令：yifa --help；一个命令怎么写：yifa 命令 --help");
    ExitCode::from(2)
}

fn chinese(help: &str) -> String {
    HELP.iter()
        .fold(help.to_owned(), |text, (english, chinese)| {
            text.replace(english, chinese)
        })
}

fn sentence(error: &Error) -> String {
    let told = |kind| told(error, kind);
    let argument = told(ContextKind::InvalidArg);
    let value = told(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("没有“{}”这个命令", told(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("没有“{argument}”这个选项")
        }
        ErrorKind::UnknownArgument => format!("多写了“{argument}”"),
        ErrorKind::MissingRequiredArgument => format!("少写了：{argument}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 后面要写内容"),
        ErrorKind::InvalidValue => format!(
            "{argument} 不能写“{value}”；可以写：{}",
            told(ContextKind::ValidValue)
        ),
        ErrorKind::ValueValidation => format!("“{value}”不能用在 {argument}"),
        ErrorKind::ArgumentConflict => {
            let other = told(ContextKind::PriorArg);
            if other == argument {
                format!("{argument} 写了不止一次")
            } else {
                format!("{argument} 和 {other} 不能一起写")
            }
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooManyValues => {
            format!("{argument} 后面写的个数不对")
        }
        ErrorKind::InvalidUtf8 => "命令里有不是 UTF-8 的字".into(),
        _ => "命令写得不对".into(),
    }
}

fn hint(error: &Error) -> Option<String> {
    let kinds = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    kinds
        .into_iter()
        .map(|kind| told(error, kind))
        .find(|hint| !hint.is_empty())
}

fn told(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(all)) => all.join("、"),
        _ => String::new(),
    }
}
