//! Time, randomness and identity, handed in from above (情境). Nothing below `web` asks the machine.

use crate::accounts::Role;
use crate::pack::Pack;
use crate::vault::Vault;
use jiff::civil::{Date, DateTime};
use std::sync::Arc;

/// The circumstances of one operation.
#[derive(Clone)]
pub struct Ctx {
    /// Whose township.
    pub org: String,
    /// Who typed: an account name, `门户` for the portal, `演示` for the demo year.
    pub account: String,
    /// The person behind the account, if it has one.
    pub person: Option<String>,
    /// Role of the account; absent for the program itself (command line, demo year, portal), which is no reader.
    pub role: Option<Role>,
    /// Local civil time (Asia/Shanghai, UTC+8).
    pub now: DateTime,
    /// Made by the client; the same request twice is one act.
    pub request: Option<String>,
    /// The law in force here.
    pub pack: Arc<Pack>,
    /// The keys beside the database.
    pub vault: Vault,
    /// Fills a buffer with unpredictable bytes.
    pub random: fn(&mut [u8]),
}

impl Ctx {
    /// Today, local.
    pub fn today(&self) -> Date {
        self.now.date()
    }

    /// The request's id as it is remembered. Accounts do not share theirs: one could fetch another's answer with it.
    pub(crate) fn request_key(&self) -> Option<String> {
        let request = self.request.as_ref()?;
        Some(match self.role {
            Some(_) => format!("{}｜{request}", self.account),
            None => request.clone(),
        })
    }

    /// `now` as RFC 3339 in UTC, the form of every recorded instant.
    pub fn recorded(&self) -> String {
        let utc = self.now - jiff::Span::new().hours(8);
        format!("{}Z", utc.strftime("%Y-%m-%dT%H:%M:%S%.3f"))
    }

    /// Seconds since 1970 in UTC.
    pub(crate) fn unix_seconds(&self) -> u64 {
        self.since_epoch().as_secs().max(0).unsigned_abs()
    }

    fn since_epoch(&self) -> jiff::SignedDuration {
        let epoch = jiff::civil::date(1970, 1, 1).at(8, 0, 0, 0);
        self.now.duration_since(epoch)
    }

    /// A new ULID: 48 bits of time, 80 random bits, so that ids sort by time.
    pub fn fresh_id(&self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let millis = self.since_epoch().as_millis().max(0).unsigned_abs();
        let mut tail = [0u8; 10];
        (self.random)(&mut tail);
        let mut bits = millis & ((1 << 48) - 1);
        for byte in tail {
            bits = (bits << 8) | u128::from(byte);
        }
        (0..26)
            .rev()
            .map(|i| char::from(ALPHABET[((bits >> (i * 5)) & 31) as usize]))
            .collect()
    }

    /// 256 unpredictable bits in hexadecimal: session ids, tokens, tracking codes are cut from it.
    pub fn secret(&self) -> String {
        hex(&self.bytes32())
    }

    /// 32 unpredictable bytes.
    pub fn bytes32(&self) -> [u8; 32] {
        let mut bytes = [0u8; 32];
        (self.random)(&mut bytes);
        bytes
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    ledger::hex(bytes)
}
