//! Rules for signing in (登录规则): a setting of the township, with two profiles. 等保三级 asks for kinds of characters, regular
//! change and a second factor for all (GB/T 22239-2019 §8.1.4.1); 普通 asks for length, which guards better against guessing.

use crate::accounts::Role;
use crate::ctx::Ctx;
use crate::error::{Error, Result, fault};
use crate::people::register;
use ledger::Recorded;
use serde::{Deserialize, Serialize};
use store::{Tx, params, sql};

/// Who owes a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// 自愿: whoever sets one up.
    Nobody,
    /// 领导和管理员.
    Heads,
    /// 全员.
    Everyone,
}

/// The rules of one township.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRules {
    /// Who owes a second factor.
    pub second_factor: Owed,
    /// Shortest password, characters.
    pub min_password: usize,
    /// Kinds of characters (upper, lower, digit, other) in a password shorter than [`LONG_PASSWORD`].
    pub kinds: usize,
    /// Days after which a password is to be changed; 0: never. A password that somebody else handed out is due at once.
    pub password_days: i64,
    /// Idle sessions end after this many minutes.
    pub idle_minutes: i64,
    /// No session lives longer than this many hours, however busy.
    pub session_hours: i64,
}

/// From this length on a password needs no kinds of characters.
pub const LONG_PASSWORD: usize = 16;

/// Names of the profiles, as one types them.
pub const PROFILES: &[&str] = &["普通", "等保三级"];

impl LoginRules {
    /// 普通: a long password, a second factor for those who want one.
    pub fn ordinary() -> LoginRules {
        LoginRules {
            second_factor: Owed::Nobody,
            min_password: crate::accounts::MIN_PASSWORD,
            kinds: 0,
            password_days: 0,
            idle_minutes: 30,
            session_hours: 12,
        }
    }

    /// A profile by name.
    pub fn profile(name: &str) -> Option<LoginRules> {
        match name {
            "普通" => Some(LoginRules::ordinary()),
            "等保三级" => Some(LoginRules {
                second_factor: Owed::Everyone,
                kinds: 3,
                password_days: 90,
                idle_minutes: 15,
                ..LoginRules::ordinary()
            }),
            _ => None,
        }
    }

    /// Does an account of this role owe a second factor?
    pub fn owes_factor(&self, role: Role) -> bool {
        match self.second_factor {
            Owed::Nobody => false,
            Owed::Heads => matches!(role, Role::Leader | Role::Admin),
            Owed::Everyone => true,
        }
    }

    /// Is the password as these rules want it?
    ///
    /// # Errors
    /// A form error that says what is wanted.
    pub fn accept(&self, password: &str) -> Result<()> {
        let length = password.chars().count();
        let kinds = [
            password.chars().any(|c| c.is_ascii_lowercase()),
            password.chars().any(|c| c.is_ascii_uppercase()),
            password.chars().any(|c| c.is_ascii_digit()),
            password.chars().any(|c| !c.is_ascii_alphanumeric()),
        ];
        let found = kinds.iter().filter(|kind| **kind).count();
        if self.min_password <= length && (LONG_PASSWORD <= length || self.kinds <= found) {
            return Ok(());
        }
        Err(Error::Form(vec![("新密码".into(), self.wanted())]))
    }

    /// What a password must be, in words.
    pub fn wanted(&self) -> String {
        if self.kinds == 0 {
            return format!("至少 {} 个字，可以是一句话", self.min_password);
        }
        format!(
            "至少 {} 个字，含大写、小写、数字、其他字符中的 {} 种；满 {LONG_PASSWORD} 个字的不论种类",
            self.min_password, self.kinds
        )
    }
}

/// The township's rules; 普通 until others are set.
pub fn rules(tx: &mut Tx, org: &str) -> Result<LoginRules> {
    let kept: Option<String> = tx.query_opt(
        sql!("SELECT setting FROM settings WHERE org = $1 AND name = 'login'"),
        params![org],
        |row| row.get(0),
    )?;
    match kept {
        None => Ok(LoginRules::ordinary()),
        Some(text) => serde_json::from_str(&text).map_err(fault),
    }
}

/// Sets the rules; they hold from the next request on.
pub fn put(tx: &mut Tx, ctx: &Ctx, rules: &LoginRules) -> Result<Recorded<()>> {
    let text = serde_json::to_string(rules).map_err(fault)?;
    tx.execute(
        sql!(
            "INSERT INTO settings (org, name, setting) VALUES ($1, 'login', $2)
             ON CONFLICT (org, name) DO UPDATE SET setting = excluded.setting"
        ),
        params![ctx.org, text],
    )?;
    register(tx, ctx, "login-rules", rules)
}
