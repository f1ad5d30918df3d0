//! What the store can say.

use std::fmt;

/// Why the store did not do it.
#[derive(Debug)]
pub enum Error {
    /// A unique or other constraint says no.
    Constraint(String),
    /// Somebody else holds the database, or two writers collided; trying again may help.
    Busy(String),
    /// The disk is full.
    Full,
    /// A row was expected and there was none.
    NoRow,
    /// The commit was sent and its outcome is not known.
    Unknown(String),
    /// The database cannot be used as it is; a Chinese sentence for the person who starts the program.
    Unusable(String),
    /// Anything else, for the log.
    Other(String),
}

/// The store's result.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Constraint(_) => write!(f, "同样的记录已经有了，没有重复写入"),
            Error::Busy(_) => write!(f, "数据库正忙，没有写入，请稍后再试"),
            Error::Full => write!(f, "磁盘已满或者写不进，没有写入，请管理员清理后再试"),
            Error::NoRow => write!(f, "没有找到"),
            Error::Unknown(_) => write!(f, "提交时断线，不知道是否已经写入，请刷新后查看"),
            Error::Unusable(why) => write!(f, "{why}"),
            Error::Other(_) => write!(f, "数据库出了问题，没有写入，请告诉管理员"),
        }
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match (&e, e.sqlite_error_code()) {
            (rusqlite::Error::QueryReturnedNoRows, _) => Error::NoRow,
            (_, Some(ErrorCode::ConstraintViolation)) => Error::Constraint(e.to_string()),
            (_, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => {
                Error::Busy(e.to_string())
            }
            (_, Some(ErrorCode::DiskFull)) => Error::Full,
            // A quota or a limit on the size of files stops a write under another name.
            (rusqlite::Error::SqliteFailure(f, _), _)
                if f.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE =>
            {
                Error::Full
            }
            (_, Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)) => Error::Unusable(
                format!("数据库文件已经损坏（{e}），没有写入；请停用，用备份恢复"),
            ),
            _ => Error::Other(e.to_string()),
        }
    }
}

impl From<::postgres::Error> for Error {
    fn from(e: ::postgres::Error) -> Self {
        let code = e.code().map(|c| c.code().to_owned()).unwrap_or_default();
        let text = e
            .as_db_error()
            .map_or_else(|| e.to_string(), ToString::to_string);
        match code.as_str() {
            c if c.starts_with("23") => Error::Constraint(text),
            "40001" | "40P01" | "55P03" => Error::Busy(text),
            "53100" => Error::Full,
            _ => Error::Other(text),
        }
    }
}

impl From<r2d2::Error> for Error {
    fn from(e: r2d2::Error) -> Self {
        Error::Busy(e.to_string())
    }
}
