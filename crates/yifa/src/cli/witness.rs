//! Commands on witnesses: being one for a neighbour, asking one.

use super::records::{ctx, open};
use super::{Failure, Outcome, Place};
use clap::Subcommand;
use office::witness::{self, Answer};
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Subcommand)]
pub enum WitnessCommand {
    /// 打印本镇作见证用的公钥，交给请本镇见证的邻镇
    Key {
        #[command(flatten)]
        place: Place,
    },
    /// 替邻镇的账本作见证
    Watch {
        /// 邻镇的账本公钥
        key: String,
        #[command(flatten)]
        place: Place,
    },
    /// 请一位见证人见证本镇的账本
    Trust {
        /// 见证人的公钥
        key: String,
        /// 见证人的地址，例如 http://10.0.0.2:8080/log；不写就靠人工传递
        #[arg(long, value_name = "地址", default_value = "")]
        url: String,
        #[command(flatten)]
        place: Place,
    },
    /// 列出替谁见证、请谁见证
    List {
        #[command(flatten)]
        place: Place,
    },
    /// 向每一位有地址的见证人请一次见证；可以放进定时任务
    Ask {
        #[command(flatten)]
        place: Place,
    },
    /// 不联网时：写出请求，带到见证人那里
    Request {
        /// 见证人上次见过多少条
        #[arg(long, value_name = "条数", default_value_t = 0)]
        old: u64,
        #[command(flatten)]
        place: Place,
    },
    /// 不联网时：回答邻镇带来的请求，打印见证签名
    Answer {
        /// 请求文件
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// 不联网时：收下见证人的签名
    Take {
        /// 当初的请求文件
        request: PathBuf,
        /// 见证人打印的签名
        signatures: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

pub fn run(command: WitnessCommand) -> Outcome {
    match command {
        WitnessCommand::Key { place } => {
            let office = open(&place)?;
            say!("{}", witness::key(&office, &ctx(&office, &place)?)?);
        }
        WitnessCommand::Watch { key, place } => {
            let key = super::log::key(&key)?;
            let office = open(&place)?;
            witness::watch(&office, &ctx(&office, &place)?, &key)?;
            say!("开始替 {} 见证", key.split('+').next().unwrap_or(&key));
        }
        WitnessCommand::Trust { key, url, place } => {
            if !url.is_empty() && !url.starts_with("http://") {
                return Err(Failure::No(
                    "见证人地址要以 http:// 开头；对方只有 https 时，用 yifa witness request 写出请求，由别的程序送去".into(),
                ));
            }
            let office = open(&place)?;
            let name = witness::trust(&office, &ctx(&office, &place)?, &key, &url)?;
            say!("以后请 {name} 见证");
        }
        WitnessCommand::List { place } => list(&place)?,
        WitnessCommand::Ask { place } => ask(&place)?,
        WitnessCommand::Request { old, place } => {
            let office = open(&place)?;
            let request = witness::request(&office, &ctx(&office, &place)?, old)?;
            print!("{}", request.ok_or_else(|| shorter(old))?);
        }
        WitnessCommand::Answer { file, place } => {
            let office = open(&place)?;
            let request = read(&file)?;
            match witness::add_checkpoint(&office, &ctx(&office, &place)?, &request)? {
                Answer::Cosigned(line) => print!("{line}"),
                refusal => return Err(Failure::No(why(&refusal))),
            }
        }
        WitnessCommand::Take {
            request,
            signatures,
            place,
        } => {
            let office = open(&place)?;
            let request = read(&request)?;
            let note = request.split_once("\n\n").map_or("", |(_, note)| note);
            let names = witness::take(&office, &ctx(&office, &place)?, note, &read(&signatures)?)?;
            taken(&names)?;
        }
    }
    Ok(())
}

fn list(place: &Place) -> Outcome {
    let office = open(place)?;
    let org = super::records::org(&office, place)?;
    for log in office.read(|tx| witness::watched(tx, &org))? {
        let forks = match log.forks {
            0 => String::new(),
            n => format!("　有 {n} 个账本头和见过的矛盾，两份都已留存"),
        };
        say!("替 {} 见证，见过 {} 条{forks}", log.origin, log.size);
    }
    for asked in office.read(|tx| witness::witnesses(tx, &org))? {
        say!(
            "请 {} 见证，签到第 {} 条　{}",
            asked.name,
            asked.size,
            asked.url
        );
    }
    Ok(())
}

fn ask(place: &Place) -> Outcome {
    let office = open(place)?;
    let ctx = ctx(&office, place)?;
    let mut refused = Vec::new();
    for asked in office.read(|tx| witness::witnesses(tx, &ctx.org))? {
        if asked.url.is_empty() {
            continue;
        }
        let old = u64::try_from(asked.size).unwrap_or(0);
        let outcome = (|| {
            let request = witness::request(&office, &ctx, old)?.ok_or_else(|| shorter(old))?;
            let (mut status, mut answer) = post(&asked.url, &request)?;
            let mut sent = request;
            if status == 409 {
                let seen = answer
                    .trim()
                    .parse()
                    .map_err(|_| Failure::No("见证人答得不对".into()))?;
                sent = witness::request(&office, &ctx, seen)?.ok_or_else(|| shorter(seen))?;
                (status, answer) = post(&asked.url, &sent)?;
            }
            if status != 200 {
                return Err(Failure::No(format!("见证人没有签，答 {status}")));
            }
            let note = sent.split_once("\n\n").map_or("", |(_, note)| note);
            taken(&witness::take(&office, &ctx, note, &answer)?)
        })();
        if let Err(Failure::No(why) | Failure::Fault(why)) = outcome {
            refused.push(format!("{}：{why}", asked.name));
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(Failure::No(refused.join("\n")))
}

fn taken(names: &[String]) -> Outcome {
    if names.is_empty() {
        return Err(Failure::No("没有一个签名是信任的见证人签的".into()));
    }
    say!("已见证：{}", names.join("、"));
    Ok(())
}

fn shorter(seen: u64) -> Failure {
    Failure::No(format!(
        "见证人见过 {seen} 条，本镇的账本没有这么长：账本被截短过，或者恢复了旧备份。先查清，不要再记"
    ))
}

fn why(refusal: &Answer) -> String {
    match refusal {
        Answer::Cosigned(_) => String::new(),
        Answer::Malformed => "请求写得不对".into(),
        Answer::Unsigned => "账本头不是登记的那把密钥签的，没有签".into(),
        Answer::Unknown => "没有替这个账本见证；先用 yifa witness watch 登记它的公钥".into(),
        Answer::Conflict(size) => format!("上次见过 {size} 条，请对方用 --old {size} 重写请求"),
        Answer::Inconsistent => {
            "和见过的账本接不上，没有签：对方的历史被改写过，两份账本头都已留存".into()
        }
    }
}

/// One request over plain HTTP; answers status and body.
fn post(url: &str, body: &str) -> Result<(u16, String), Failure> {
    let no = |e: std::io::Error| Failure::No(format!("连不上 {url}：{e}"));
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let wait = Duration::from_secs(10);
    let place = address.to_socket_addrs().map_err(no)?.next();
    let place = place.ok_or_else(|| Failure::No(format!("找不到 {host}")))?;
    let mut stream = TcpStream::connect_timeout(&place, wait).map_err(no)?;
    stream.set_read_timeout(Some(wait)).map_err(no)?;
    stream.set_write_timeout(Some(wait)).map_err(no)?;
    let path = path.trim_end_matches('/');
    let slash = if path.is_empty() { "" } else { "/" };
    write!(
        stream,
        "POST {slash}{path}/add-checkpoint HTTP/1.0\r\nHost: {host}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .map_err(no)?;
    let mut answer = String::new();
    stream
        .take(64 * 1024)
        .read_to_string(&mut answer)
        .map_err(no)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Ok((status.unwrap_or(0), body.to_owned()))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|e| Failure::No(format!("读不到 {}：{e}", path.display())))
}
