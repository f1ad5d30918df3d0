//! Refusal, bar, fault: the three ways in which an operation can say no.

use crate::accounts::Owes;
use std::fmt;

/// Why an operation did not happen.
#[derive(Debug)]
pub enum Error {
    /// The law or the form says no (不准); names the article and what would be lawful.
    Refused(Box<law::engine::Refusal>),
    /// The form itself cannot be read: field name and one Chinese sentence each.
    Form(Vec<(String, String)>),
    /// Not found, not yours, or somebody was faster; one Chinese sentence.
    Bar(Bar),
    /// The same request was done before; this was its answer.
    Repeated(Box<crate::cases::Done>),
    /// Everything was tried and, as asked, nothing kept.
    Undone,
    /// A bug or the machine; for the log, in English.
    Fault(String),
    /// The store could not do it now (busy, full, unknown outcome).
    Store(store::Error),
}

/// Why something is out of reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bar {
    /// No such thing, or it is not yours to see.
    NotFound,
    /// Signed in, but this is not for your role.
    NotYours(&'static str),
    /// Wrong account, password, token, or an expired session.
    NotSignedIn,
    /// Signed in by half: something is owed first.
    Owes(crate::accounts::Owes),
    /// Too many wrong tries to sign in; no more is heard for a while.
    TooManyTries,
    /// The page was stale: the case has moved on since it was read.
    Stale,
    /// The request's id was used before, for something else.
    OtherRequest,
}

/// The result of every operation.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Refused(refusal) => {
                write!(f, "不准{}：", refusal.step)?;
                for (i, ground) in refusal.grounds.iter().enumerate() {
                    let sep = if i > 0 { "；" } else { "" };
                    write!(f, "{sep}{}", ground.sentence)?;
                    if !ground.citation.is_empty() {
                        write!(f, "（{}）", ground.citation)?;
                    }
                }
                if let Some(day) = refusal.earliest {
                    write!(f, "；最早 {day}")?;
                }
                Ok(())
            }
            Error::Form(faults) => {
                let all: Vec<String> = faults
                    .iter()
                    .map(|(field, why)| format!("{field}：{why}"))
                    .collect();
                write!(f, "填写有误：{}", all.join("；"))
            }
            Error::Bar(Bar::NotFound) => write!(f, "没有找到，或者不在您的权限之内"),
            Error::Bar(Bar::NotYours(why)) => write!(f, "{why}"),
            Error::Bar(Bar::NotSignedIn) => write!(f, "账号或者密码不对，或者登录已经过期"),
            Error::Bar(Bar::Owes(Owes::Code)) => write!(f, "还要填动态码"),
            Error::Bar(Bar::Owes(Owes::Factor)) => {
                write!(f, "本单位要求动态码登录，请先在“我的账号”里设置")
            }
            Error::Bar(Bar::Owes(Owes::Password)) => {
                write!(f, "密码是别人给的或者用得太久了，请先在“我的账号”里换一个")
            }
            Error::Bar(Bar::TooManyTries) => write!(f, "试错的次数太多，请过一刻钟再试"),
            Error::Bar(Bar::Stale) => {
                write!(f, "页面打开以后，别人已经办过这件事，请看最新的记录再办")
            }
            Error::Bar(Bar::OtherRequest) => write!(
                f,
                "这个请求编号已经用来办过另一件事，没有再办；办新的事请换一个编号，或者刷新页面"
            ),
            Error::Repeated(done) => write!(f, "这一步已经办过，编号 {}", done.number),
            Error::Undone => write!(f, "只试了一遍，没有写入"),
            Error::Fault(_) => write!(f, "程序出了问题，这一步没有写入，请告诉管理员"),
            Error::Store(e) => write!(f, "{e}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<store::Error> for Error {
    fn from(e: store::Error) -> Self {
        Error::Store(e)
    }
}

/// A fault with a plain English cause.
pub(crate) fn fault(cause: impl fmt::Display) -> Error {
    Error::Fault(cause.to_string())
}
