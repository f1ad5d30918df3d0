//! Commands on the log: its key, its signed head, receipts, and checking what others hold of it.

use super::records::{ctx, open};
use super::{Failure, Outcome, Place};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum LogCommand {
    /// 打印账本公钥；请另外保存，不要只信网站上的
    Key {
        #[command(flatten)]
        place: Place,
    },
    /// 打印现在的账本头（签过名的）
    Checkpoint {
        #[command(flatten)]
        place: Place,
    },
    /// 取一条记录的回执（JSON）
    Receipt {
        /// 账本第几条，从 0 数起
        index: i64,
        /// 写到哪个文件
        #[arg(long, value_name = "文件")]
        out: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

pub fn run(command: LogCommand) -> Outcome {
    match command {
        LogCommand::Key { place } => {
            let office = open(&place)?;
            let ctx = ctx(&office, &place)?;
            let key = office.read(|tx| office::townships::verifier_key(tx, &ctx.org))?;
            say!("{key}");
        }
        LogCommand::Checkpoint { place } => {
            let office = open(&place)?;
            let ctx = ctx(&office, &place)?;
            print!("{}", office::townships::checkpoint(&office, &ctx)?);
        }
        LogCommand::Receipt { index, out, place } => {
            let office = open(&place)?;
            let ctx = ctx(&office, &place)?;
            let receipt = office::log::receipt(&office, &ctx, index)?;
            let text =
                serde_json::to_string(&receipt).map_err(|e| Failure::Fault(e.to_string()))?;
            std::fs::write(&out, text)
                .map_err(|e| Failure::No(format!("写不了 {}：{e}", out.display())))?;
            say!("已写入 {}", out.display());
        }
    }
    Ok(())
}

/// A key as given, or the file that holds it.
pub fn key(given: &str) -> Result<String, Failure> {
    let text = match Path::new(given) {
        path if path.is_file() => read(path)?,
        _ => given.to_owned(),
    };
    let key = text.trim().to_owned();
    match ledger::checkpoint::name_of(&key) {
        Some(_) => Ok(key),
        None => Err(Failure::No(
            "账本公钥写得不对；应当是“名称+编号+一串字母”，见网站“核验”页".into(),
        )),
    }
}

/// One receipt, offline, with a key that came from elsewhere.
pub fn receipt(path: &Path, key: &str) -> Outcome {
    let receipt: ledger::Receipt = serde_json::from_str(&read(path)?)
        .map_err(|_| Failure::No("回执残缺或者写法不对".into()))?;
    receipt
        .verify(key)
        .map_err(|e| Failure::No(format!("回执不成立：{e}")))?;
    say!(
        "回执成立：账本第 {} 条自签名时起没有改过。这不证明它写的是真的。",
        receipt.index
    );
    Ok(())
}

/// The signed head in a file: a note, or a receipt that carries one.
pub fn note(path: &Path) -> Result<String, Failure> {
    let text = read(path)?;
    if !text.trim_start().starts_with('{') {
        return Ok(text);
    }
    serde_json::from_str::<ledger::Receipt>(&text)
        .map(|receipt| receipt.checkpoint)
        .map_err(|_| Failure::No("回执残缺或者写法不对".into()))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|e| Failure::No(format!("读不到 {}：{e}", path.display())))
}
