//! The second factor (动态码): a six-digit code of half a minute (RFC 6238) beside the password, and ten codes for the day the
//! telephone is gone. A code counts once. The secret is sealed; of the ten only hashes are kept.

use crate::accounts::{self, begin_session, secret_hash};
use crate::ctx::Ctx;
use crate::error::{Bar, Error, Result, fault};
use crate::office::Office;
use crate::people::register;
use crate::seal;
use crate::sign_ins::{self, Visit};
use ledger::Recorded;
use store::{Tx, params, sql};
use totp_rs::{Builder, Secret, Totp};

/// Codes for the day the telephone is gone.
const SPARE_CODES: usize = 10;

/// What is known of an account's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    /// A right code was given once: from then on it is asked for.
    pub confirmed: bool,
    /// Spare codes that were not used.
    pub spare_left: i64,
}

/// A factor that waits for its first code.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret, to be typed where no picture can be taken.
    pub secret: String,
    /// The same as a link for a QR code (otpauth).
    pub link: String,
}

/// The factor of an account.
pub fn of(tx: &mut Tx, org: &str, account: &str) -> Result<Option<Factor>> {
    Ok(tx.query_opt(
        sql!(
            "SELECT confirmed, (SELECT count(*) FROM recovery_codes r WHERE r.org = f.org AND r.account = f.account)
               FROM second_factors f WHERE org = $1 AND account = $2"
        ),
        params![org, account],
        |row| {
            Ok(Factor {
                confirmed: row.get::<i64>(0)? == 1,
                spare_left: row.get(1)?,
            })
        },
    )?)
}

/// Begins to set up the factor of the account in `ctx`, or shows again what was begun.
///
/// # Errors
/// A form error when there is a confirmed one already.
pub fn begin(office: &Office, ctx: &Ctx) -> Result<Enrolment> {
    let kept: Option<(String, i64)> = office.read(|tx| kept(tx, ctx))?;
    let secret = match kept {
        Some((_, 1)) => return Err(wrong("已经设置过动态码，要换先停用")),
        Some((sealed, _)) => seal::open(ctx, &owner(ctx), &sealed)?,
        None => {
            let fresh = ctx.bytes32()[..20].to_vec();
            let sealed = seal::seal(ctx, &owner(ctx), &fresh)?;
            office.jot(|tx| {
                tx.execute(
                    sql!(
                        "INSERT INTO second_factors (org, account, sealed, confirmed, last_step)
                         VALUES ($1, $2, $3, 0, 0)"
                    ),
                    params![ctx.org, ctx.account, sealed],
                )?;
                Ok(())
            })?;
            fresh
        }
    };
    let secret = Secret::from(secret).to_base32();
    // Both parts are plain: an account is ASCII letters or Chinese, which every reader of such links percent-decodes.
    let link = format!(
        "otpauth://totp/yifa:{}?secret={secret}&issuer=yifa",
        encoded(&ctx.account)
    );
    Ok(Enrolment { secret, link })
}

/// The first right code: from now on the factor is asked for. Other sessions end; answers the secret of this one and the
/// spare codes, shown once.
pub fn confirm(
    office: &Office,
    ctx: &Ctx,
    visit: &Visit,
    code: &str,
) -> Result<(String, Vec<String>)> {
    let attempt = sign_ins::attempt(office, ctx, &ctx.account, visit)?;
    let step = step_of(office, ctx, code)?
        .ok_or_else(|| wrong("不对。看手机上现在的六位数字，手机的时间要准"))?;
    let spare: Vec<String> = (0..SPARE_CODES)
        .map(|_| {
            let text = ctx.secret();
            format!("{}-{}", &text[..6], &text[6..12])
        })
        .collect();
    let secret = ctx.secret();
    office.act(|tx| {
        let changed = tx.execute(
            sql!(
                "UPDATE second_factors SET confirmed = 1, last_step = $3
                  WHERE org = $1 AND account = $2 AND confirmed = 0 AND last_step < $3"
            ),
            params![ctx.org, ctx.account, step],
        )?;
        if changed == 0 {
            return Err(Error::Bar(Bar::Stale));
        }
        for code in &spare {
            tx.execute(
                sql!("INSERT INTO recovery_codes (org, account, code_hash) VALUES ($1, $2, $3)"),
                params![ctx.org, ctx.account, secret_hash(code)],
            )?;
        }
        accounts::end_all(tx, &ctx.org, &ctx.account)?;
        begin_session(tx, ctx, visit, &ctx.account, &secret, true)?;
        entry(tx, ctx, &ctx.account, "set")
    })?;
    sign_ins::succeeded(office, ctx, &ctx.account, visit, &attempt)?;
    Ok((secret, spare))
}

/// The code after the password. The half-open session of `half` ends; answers the secret of a whole one.
///
/// # Errors
/// A form error for a wrong or used code, [`Bar::TooManyTries`] when no more is heard.
pub fn prove(office: &Office, ctx: &Ctx, visit: &Visit, half: &str, code: &str) -> Result<String> {
    let attempt = sign_ins::attempt(office, ctx, &ctx.account, visit)?;
    let step = step_of(office, ctx, code)?;
    let secret = ctx.secret();
    office.jot(|tx| {
        spend(tx, ctx, code, step)?;
        let ended = tx.execute(
            sql!("DELETE FROM sessions WHERE id_hash = $1 AND org = $2 AND account = $3"),
            params![secret_hash(half), ctx.org, ctx.account],
        )?;
        if ended == 0 {
            return Err(Error::Bar(Bar::NotSignedIn));
        }
        begin_session(tx, ctx, visit, &ctx.account, &secret, true)
    })?;
    sign_ins::succeeded(office, ctx, &ctx.account, visit, &attempt)?;
    Ok(secret)
}

/// Takes the factor of the account in `ctx` away; asks for a code, because a session alone may be somebody else's.
pub fn remove(office: &Office, ctx: &Ctx, visit: &Visit, code: &str) -> Result<()> {
    let attempt = sign_ins::attempt(office, ctx, &ctx.account, visit)?;
    let step = step_of(office, ctx, code)?;
    office.act(|tx| {
        spend(tx, ctx, code, step)?;
        forget(tx, ctx, &ctx.account)?;
        entry(tx, ctx, &ctx.account, "removed")
    })?;
    sign_ins::succeeded(office, ctx, &ctx.account, visit, &attempt)
}

/// Takes the factor of another account away, whose telephone and spare codes are gone; its sessions end.
pub fn reset(tx: &mut Tx, ctx: &Ctx, account: &str) -> Result<Recorded<()>> {
    if of(tx, &ctx.org, account)?.is_none() {
        return Err(Error::Form(vec![(
            "账号".into(),
            format!("“{account}”没有设置动态码"),
        )]));
    }
    forget(tx, ctx, account)?;
    accounts::end_all(tx, &ctx.org, account)?;
    entry(tx, ctx, account, "reset")
}

fn forget(tx: &mut Tx, ctx: &Ctx, account: &str) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM second_factors WHERE org = $1 AND account = $2"),
        params![ctx.org, account],
    )?;
    tx.execute(
        sql!("DELETE FROM recovery_codes WHERE org = $1 AND account = $2"),
        params![ctx.org, account],
    )?;
    Ok(())
}

/// Uses a code up: a right one of the telephone, by its step, or a spare one.
fn spend(tx: &mut Tx, ctx: &Ctx, code: &str, step: Option<i64>) -> Result<()> {
    let spent = match step {
        Some(step) => tx.execute(
            sql!(
                "UPDATE second_factors SET last_step = $3
                  WHERE org = $1 AND account = $2 AND confirmed = 1 AND last_step < $3"
            ),
            params![ctx.org, ctx.account, step],
        )?,
        None => tx.execute(
            sql!("DELETE FROM recovery_codes WHERE org = $1 AND account = $2 AND code_hash = $3"),
            params![ctx.org, ctx.account, secret_hash(code.trim())],
        )?,
    };
    if spent == 0 {
        return Err(wrong("不对，或者已经用过一次；等手机换了新的再填"));
    }
    Ok(())
}

/// The half minute whose code this is, one before and after allowed.
fn step_of(office: &Office, ctx: &Ctx, code: &str) -> Result<Option<i64>> {
    let Some((sealed, _)) = office.read(|tx| kept(tx, ctx))? else {
        return Err(Error::Bar(Bar::NotFound));
    };
    let secret = seal::open(ctx, &owner(ctx), &sealed)?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = machine(secret)?.check(&code, ctx.unix_seconds());
    step.map(|step| i64::try_from(step).map_err(fault))
        .transpose()
}

fn machine(secret: Vec<u8>) -> Result<Totp> {
    Builder::new()
        .with_secret(Secret::from(secret))
        .build()
        .map_err(fault)
}

fn kept(tx: &mut Tx, ctx: &Ctx) -> Result<Option<(String, i64)>> {
    Ok(tx.query_opt(
        sql!("SELECT sealed, confirmed FROM second_factors WHERE org = $1 AND account = $2"),
        params![ctx.org, ctx.account],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?)
}

/// What the secret is sealed as belonging to.
fn owner(ctx: &Ctx) -> String {
    format!("second-factor\n{}\n{}", ctx.org, ctx.account)
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

fn wrong(why: &str) -> Error {
    Error::Form(vec![("动态码".into(), why.into())])
}

fn entry(tx: &mut Tx, ctx: &Ctx, account: &str, what: &str) -> Result<Recorded<()>> {
    let body = serde_json::json!({ "name": account, "second_factor": what });
    register(tx, ctx, "second-factor", &body)
}
