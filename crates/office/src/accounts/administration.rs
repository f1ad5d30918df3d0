//! Looking after other people's accounts (账号管理): the administrator makes, stops and mends them, and never learns a password
//! that somebody chose. Every change stands in the log.

use super::{AccountEntry, Role, end_all, hash_password};
use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result, fault};
use crate::log;
use crate::login_rules;
use crate::office::Office;
use crate::people::{self, register};
use crate::second_factor;
use ledger::Recorded;
use store::{Tx, params, sql};

/// An account as the administrator sees it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Account name.
    pub account: String,
    /// The person behind it.
    pub person: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Role.
    pub role: Role,
    /// Stopped, UTC.
    pub disabled_at: Option<String>,
    /// Living sessions.
    pub sessions: i64,
    /// Signs in with a second factor.
    pub has_factor: bool,
    /// Last signed in within a month, UTC.
    pub signed_in_at: Option<String>,
}

/// A change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new one, for a person in office.
    Create(String, Role),
    /// A new password; the old one and all sessions end.
    Reset,
    /// Nobody can sign in any more; sessions end, tokens are not heard.
    Disable,
    /// After [`Change::Disable`], with a new password.
    Enable,
    /// Another role.
    Role(Role),
    /// All sessions end.
    EndSessions,
    /// The second factor is taken away: telephone and spare codes are gone.
    DropFactor,
}

/// All accounts of the township, stopped ones last.
///
/// # Errors
/// [`Bar::NotYours`] for everybody but the administrator.
pub fn listed(tx: &mut Tx, ctx: &Ctx) -> Result<Vec<Listed>> {
    may_administer(ctx)?;
    let ago = |span: jiff::Span| {
        Ctx {
            now: ctx.now - span,
            ..ctx.clone()
        }
        .recorded()
    };
    let rules = login_rules::rules(tx, &ctx.org)?;
    let seen = ago(jiff::Span::new().minutes(rules.idle_minutes));
    let created = ago(jiff::Span::new().hours(rules.session_hours));
    let rows: Vec<(Listed, String)> = tx.query(
        sql!(
            "SELECT a.name, a.person, p.name, a.role, a.disabled_at,
                    (SELECT count(*) FROM sessions s
                      WHERE s.org = a.org AND s.account = a.name AND s.seen_at >= $2 AND s.created_at >= $3),
                    (SELECT count(*) FROM second_factors f
                      WHERE f.org = a.org AND f.account = a.name AND f.confirmed = 1),
                    (SELECT max(i.at) FROM sign_ins i WHERE i.org = a.org AND i.account = a.name AND i.failed = 0)
               FROM accounts a LEFT JOIN people p ON p.org = a.org AND p.id = a.person
              WHERE a.org = $1
              ORDER BY CASE WHEN a.disabled_at IS NULL THEN 0 ELSE 1 END, a.name"
        ),
        params![ctx.org, seen, created],
        |row| {
            let listed = Listed {
                account: row.get(0)?,
                person: row.get(1)?,
                name: row.get(2)?,
                role: Role::Staff,
                disabled_at: row.get(4)?,
                sessions: row.get(5)?,
                has_factor: 0 < row.get::<i64>(6)?,
                signed_in_at: row.get(7)?,
            };
            Ok((listed, row.get(3)?))
        },
    )?;
    rows.into_iter()
        .map(|(listed, word)| {
            let role = Role::from_word(&word)
                .ok_or_else(|| fault(format!("unknown account role {word}")))?;
            Ok(Listed { role, ..listed })
        })
        .collect()
}

/// Changes an account. Answers the one-time password, where there is a new one; it is kept nowhere.
///
/// # Errors
/// [`Bar::NotYours`] for everybody but the administrator; a form fault for what cannot be.
pub fn change(
    office: &Office,
    ctx: &Ctx,
    account: &str,
    change: &Change,
) -> Result<Option<String>> {
    may_administer(ctx)?;
    // Hashing is slow on purpose and must not hold up the writer.
    let fresh = match change {
        Change::Create(..) | Change::Reset | Change::Enable => {
            let password = one_time_password(ctx);
            let hash = hash_password(ctx, &password)?;
            Some((password, hash))
        }
        _ => None,
    };
    let hash = fresh.as_ref().map_or("", |(_, hash)| hash.as_str());
    office.act(|tx| {
        log::lock(tx, ctx)?;
        change_in(tx, ctx, account, change, hash)
    })?;
    Ok(fresh.map(|(password, _)| password))
}

fn change_in(
    tx: &mut Tx,
    ctx: &Ctx,
    account: &str,
    change: &Change,
    hash: &str,
) -> Result<Recorded<()>> {
    if let Change::Create(person, role) = change {
        return create(tx, ctx, account, person, *role, hash);
    }
    let known: Option<(Option<String>, String, Option<String>)> = tx.query_opt(
        sql!("SELECT person, role, disabled_at FROM accounts WHERE org = $1 AND name = $2"),
        params![ctx.org, account],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let Some((person, role, disabled_at)) = known else {
        return Err(Error::Bar(Bar::NotFound));
    };
    let own = account == ctx.account;
    match change {
        Change::Disable | Change::Role(_) if own => {
            return Err(wrong(
                "账号",
                "不能停用自己的账号，也不能改自己的角色，请另一位管理员办",
            ));
        }
        Change::EndSessions if own => {
            return Err(wrong("账号", "自己的登录在“我的账号”里退出"));
        }
        Change::DropFactor if own => return Err(wrong("账号", "自己的动态码在“我的账号”里去掉")),
        Change::DropFactor => return second_factor::reset(tx, ctx, account),
        Change::Reset if own => return Err(wrong("账号", "自己的密码在“我的账号”里改")),
        Change::Enable if disabled_at.is_none() => return Err(wrong("账号", "没有停用，不必恢复")),
        Change::Reset | Change::Disable | Change::Role(_) if disabled_at.is_some() => {
            return Err(wrong("账号", "已经停用，先恢复"));
        }
        _ => {}
    }
    let role = match change {
        Change::Role(role) => role.word().to_owned(),
        _ => role,
    };
    let disabled_at = match change {
        Change::Disable => Some(ctx.recorded()),
        Change::Enable => None,
        _ => disabled_at,
    };
    tx.execute(
        sql!(
            "UPDATE accounts
                SET role = $3, disabled_at = $4,
                    password = CASE WHEN $5 = '' THEN password ELSE $5 END,
                    password_at = CASE WHEN $5 = '' THEN password_at ELSE '' END
              WHERE org = $1 AND name = $2"
        ),
        params![ctx.org, account, role, disabled_at, hash],
    )?;
    // A new role begins with a new sign-in too.
    end_all(tx, &ctx.org, account)?;
    let named = serde_json::json!({ "name": account });
    match change {
        Change::Role(_) => register(
            tx,
            ctx,
            "account",
            &AccountEntry {
                name: account,
                person: person.as_deref(),
                role: &role,
            },
        ),
        Change::Disable => register(tx, ctx, "account-disabled", &named),
        Change::Enable => register(tx, ctx, "account-enabled", &named),
        Change::EndSessions => register(tx, ctx, "sessions-ended", &named),
        // A new account and a factor taken away were answered above.
        Change::Reset | Change::Create(..) | Change::DropFactor => {
            register(tx, ctx, "password-reset", &named)
        }
    }
}

fn create(
    tx: &mut Tx,
    ctx: &Ctx,
    account: &str,
    person: &str,
    role: Role,
    hash: &str,
) -> Result<Recorded<()>> {
    let length = account.chars().count();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if !(2..=32).contains(&length) || !account.chars().all(plain) {
        return Err(wrong("账号", "用 2 至 32 个小写字母、数字、点、横线"));
    }
    let day = ctx.today().to_string();
    let known = people::find(tx, &ctx.org, person)?
        .filter(|p| p.from_on <= day && p.until_on.as_ref().is_none_or(|until| *until >= day));
    if known.is_none() {
        return Err(wrong(
            "人员",
            "今天在岗的人里没有这个编号，先到“人员”里登记",
        ));
    }
    let taken: Option<String> = tx.query_opt(
        sql!(
            "SELECT name FROM accounts
              WHERE org = $1 AND (name = $2 OR (person = $3 AND disabled_at IS NULL))"
        ),
        params![ctx.org, account, person],
        |row| row.get(0),
    )?;
    match taken {
        Some(name) if name == account => return Err(wrong("账号", "已经有这个账号")),
        Some(name) => {
            let why = format!("这个人已经有账号“{name}”，一人一个");
            return Err(Error::Form(vec![("人员".into(), why)]));
        }
        None => {}
    }
    super::put_hashed(tx, ctx, account, Some(person), role, hash)
}

/// Bars everybody but the administrator.
fn may_administer(ctx: &Ctx) -> Result<()> {
    match ctx.role {
        Some(Role::Admin) => Ok(()),
        _ => Err(Error::Bar(Bar::NotYours(
            "账号由管理员管理，需要更改的请找管理员",
        ))),
    }
}

fn wrong(field: &str, why: &str) -> Error {
    Error::Form(vec![(field.into(), why.into())])
}

/// Sixty unpredictable bits in letters and digits that cannot be taken for one another.
fn one_time_password(ctx: &Ctx) -> String {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes = ctx.bytes32();
    let mut password = String::with_capacity(14);
    for (i, byte) in bytes.iter().take(12).enumerate() {
        if i > 0 && i % 4 == 0 {
            password.push('-');
        }
        password.push(char::from(SIGNS[usize::from(byte & 31)]));
    }
    password
}
