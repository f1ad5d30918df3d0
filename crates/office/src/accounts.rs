//! Accounts (账号), sessions (登录), tokens (令牌). Only hashes of secrets are kept; no account exists until somebody makes it.

pub mod administration;
mod sessions;
mod tokens;

use crate::ctx::{Ctx, hex};
use crate::error::{Bar, Error, Result, fault};
use crate::login_rules;
use crate::office::Office;
use crate::people::register;
use crate::second_factor;
use crate::sign_ins::{self, Visit};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use ledger::Recorded;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{Tx, params, sql};

pub use sessions::{OwnSession, end_session, session, sessions, sign_out};
pub(crate) use sessions::{begin_session, end_all};
pub use tokens::{OwnToken, TOKEN_DAYS, create_token, revoke_token, token, tokens};

/// What an account may do in the program; what it may do in law comes from its person's posts and certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// 经办: works on cases.
    Staff,
    /// 领导: works on cases, reads everything of the township, publishes.
    Leader,
    /// 管理员: people, accounts, listings; no cases.
    Admin,
    /// 县级: reads reports, boards and registers.
    County,
}

impl Role {
    /// The word kept in the database.
    pub fn word(self) -> &'static str {
        match self {
            Role::Staff => "staff",
            Role::Leader => "leader",
            Role::Admin => "admin",
            Role::County => "county",
        }
    }

    /// The word shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Role::Staff => "经办",
            Role::Leader => "领导",
            Role::Admin => "管理员",
            Role::County => "县级查看",
        }
    }

    /// Reads the word kept in the database.
    pub fn from_word(word: &str) -> Option<Role> {
        [Role::Staff, Role::Leader, Role::Admin, Role::County]
            .into_iter()
            .find(|r| r.word() == word)
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Township.
    pub org: String,
    /// Account name.
    pub account: String,
    /// The person behind it.
    pub person: Option<String>,
    /// Their name, or the account's.
    pub name: String,
    /// Role.
    pub role: Role,
    /// What the session still owes before it opens the office.
    pub owes: Option<Owes>,
}

/// What stands between a right password and the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owes {
    /// 动态码: the code of the second factor.
    Code,
    /// 设置动态码: the rules want a second factor and there is none.
    Factor,
    /// 换密码: the password is too old, or was handed out by somebody else.
    Password,
}

/// Shortest password.
pub const MIN_PASSWORD: usize = 10;
/// Longest password, so that nobody makes the program hash a book.
pub const MAX_PASSWORD: usize = 256;
/// Passwords of sufficient length that are tried first by whoever guesses; lower case.
const COMMON: &[&str] = &[
    "0123456789",
    "1234567890",
    "12345678910",
    "0987654321",
    "9876543210",
    "123123123123",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "a123456789",
    "aa123456789",
    "abc1234567",
    "abcd123456",
    "abcd1234567",
    "admin12345",
    "admin123456",
    "administrator",
    "iloveyou1314",
    "password01",
    "password12",
    "password123",
    "passw0rd123",
    "p@ssw0rd123",
    "qwer123456",
    "qwerty12345",
    "qwertyuiop",
    "woaini1314",
    "woaini520520",
    "zaq12wsxcde3",
];

#[derive(Serialize)]
struct AccountEntry<'a> {
    name: &'a str,
    person: Option<&'a str>,
    role: &'a str,
}

/// Makes an account, or gives an existing one a new password, person and role.
pub fn put(
    tx: &mut Tx,
    ctx: &Ctx,
    name: &str,
    person: Option<&str>,
    role: Role,
    password: &str,
) -> Result<Recorded<()>> {
    let hash = hash_password(ctx, password)?;
    put_hashed(tx, ctx, name, person, role, &hash)
}

/// [`put`] with a hash made beforehand, because hashing is slow on purpose and must not hold up the writer.
pub fn put_hashed(
    tx: &mut Tx,
    ctx: &Ctx,
    name: &str,
    person: Option<&str>,
    role: Role,
    hash: &str,
) -> Result<Recorded<()>> {
    tx.execute(
        sql!(
            "INSERT INTO accounts (org, name, person, role, password) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (org, name) DO UPDATE SET person = excluded.person, role = excluded.role,
               password = excluded.password, password_at = '', disabled_at = NULL"
        ),
        params![ctx.org, name, person, role.word(), hash],
    )?;
    end_all(tx, &ctx.org, name)?;
    register(
        tx,
        ctx,
        "account",
        &AccountEntry {
            name,
            person,
            role: role.word(),
        },
    )
}

/// The stored form of a password (argon2id, 19 MiB, two passes).
pub fn hash_password(ctx: &Ctx, password: &str) -> Result<String> {
    let length = password.chars().count();
    let lower = password.to_lowercase();
    let first = password.chars().next();
    let fault_of = |why: String| Error::Form(vec![("密码".into(), why)]);
    if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&length) {
        return Err(fault_of(format!(
            "至少 {MIN_PASSWORD} 个字，至多 {MAX_PASSWORD} 个字"
        )));
    }
    if COMMON.contains(&lower.as_str()) || password.chars().all(|c| Some(c) == first) {
        return Err(fault_of("太常见，一猜就中，换一个".into()));
    }
    let salt = &ctx.bytes32()[..16];
    Ok(Argon2::default()
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(fault)?
        .to_string())
}

/// Signs in and answers the session's secret; the session is half open while the account has a second factor. Wrong account and wrong password take the same time and say the same.
pub fn sign_in(
    office: &Office,
    ctx: &Ctx,
    visit: &Visit,
    name: &str,
    password: &str,
) -> Result<(String, SignedIn)> {
    let (who, _) = prove(office, ctx, visit, name, password)?;
    let secret = ctx.secret();
    office.jot(|tx| {
        let factor = second_factor::of(tx, &ctx.org, name)?;
        let whole = !factor.is_some_and(|factor| factor.confirmed);
        begin_session(tx, ctx, visit, name, &secret, whole)
    })?;
    Ok((secret, who))
}

/// Is this the account's password? Answers the account and the hash that it was held against.
fn prove(
    office: &Office,
    ctx: &Ctx,
    visit: &Visit,
    name: &str,
    password: &str,
) -> Result<(SignedIn, String)> {
    // Longer names are nobody's, and are not kept as tries.
    if 64 < name.chars().count() || MAX_PASSWORD < password.chars().count() {
        return Err(Error::Bar(Bar::NotSignedIn));
    }
    let attempt = sign_ins::attempt(office, ctx, name, visit)?;
    let known = office.read(|tx| find_with_hash(tx, &ctx.org, name))?;
    let stand_in = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let hash = known.as_ref().map_or(stand_in, |(_, hash)| hash.as_str());
    let right = PasswordHash::new(hash).is_ok_and(|parsed| {
        Argon2::default()
            .verify_password(password.as_bytes(), &parsed)
            .is_ok()
    });
    let proven = known
        .filter(|_| right)
        .ok_or(Error::Bar(Bar::NotSignedIn))?;
    sign_ins::succeeded(office, ctx, name, visit, &attempt)?;
    Ok(proven)
}

/// Changes one's own password. All sessions end; answers the secret of the new one.
pub fn change_password(
    office: &Office,
    ctx: &Ctx,
    visit: &Visit,
    old: &str,
    new: &str,
) -> Result<String> {
    let name = ctx.account.as_str();
    let wrong = |field: &str, why: &str| Error::Form(vec![(field.into(), why.into())]);
    let (_, old_hash) = prove(office, ctx, visit, name, old).map_err(|e| match e {
        Error::Bar(Bar::NotSignedIn) => wrong("原密码", "不对"),
        other => other,
    })?;
    if new == old || new.to_lowercase().contains(&name.to_lowercase()) {
        return Err(wrong("新密码", "不能和原密码一样，也不能含账号名"));
    }
    office
        .read(|tx| login_rules::rules(tx, &ctx.org))?
        .accept(new)?;
    let hash = hash_password(ctx, new)?;
    let secret = ctx.secret();
    office.act(|tx| {
        let changed = tx.execute(
            sql!(
                "UPDATE accounts SET password = $3, password_at = $5
                  WHERE org = $1 AND name = $2 AND password = $4"
            ),
            params![ctx.org, name, hash, old_hash, ctx.recorded()],
        )?;
        if changed == 0 {
            return Err(Error::Bar(Bar::Stale));
        }
        end_all(tx, &ctx.org, name)?;
        begin_session(tx, ctx, visit, name, &secret, true)?;
        register(tx, ctx, "password", &serde_json::json!({ "name": name }))
    })?;
    Ok(secret)
}

/// Accounts of a township with person and role.
pub fn all(tx: &mut Tx, org: &str) -> Result<Vec<SignedIn>> {
    let names: Vec<String> = tx.query(
        sql!("SELECT name FROM accounts WHERE org = $1 ORDER BY name"),
        params![org],
        |row| row.get(0),
    )?;
    let mut found = Vec::new();
    for name in names {
        found.extend(find_with_hash(tx, org, &name)?.map(|(who, _)| who));
    }
    Ok(found)
}

fn find_with_hash(tx: &mut Tx, org: &str, name: &str) -> Result<Option<(SignedIn, String)>> {
    let row: Option<(Option<String>, String, String, Option<String>)> = tx.query_opt(
        sql!(
            "SELECT a.person, a.role, a.password, p.name
               FROM accounts a LEFT JOIN people p ON p.org = a.org AND p.id = a.person
              WHERE a.org = $1 AND a.name = $2 AND a.disabled_at IS NULL"
        ),
        params![org, name],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    row.map(|(person, role, password, person_name)| {
        let role =
            Role::from_word(&role).ok_or_else(|| fault(format!("unknown account role {role}")))?;
        let who = SignedIn {
            org: org.to_owned(),
            account: name.to_owned(),
            person,
            name: person_name.unwrap_or_else(|| name.to_owned()),
            role,
            owes: None,
        };
        Ok((who, password))
    })
    .transpose()
}

/// The token that every form of a session carries, so that another site cannot hand one in.
pub fn form_token(secret: &str) -> String {
    hex(&Sha256::digest(format!("form\n{secret}").as_bytes()))[..32].to_owned()
}

/// How the secret of a session or token is kept.
pub(crate) fn secret_hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}
