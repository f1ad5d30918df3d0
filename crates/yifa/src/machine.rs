//! What only the program may ask the machine: time, randomness, folders.

use jiff::civil::DateTime;
use office::Office;
use office::ctx::Ctx;

/// Local civil time in China (UTC+8), whatever the machine's zone.
pub fn now() -> DateTime {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let now = jiff::Timestamp::now().to_zoned(zone).datetime();
    now.with().subsec_nanosecond(0).build().unwrap_or(now)
}

/// Unpredictable bytes from the operating system.
pub fn random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// The circumstances of an operation.
pub fn ctx(office: &Office, org: &str, account: &str, person: Option<&str>, now: DateTime) -> Ctx {
    Ctx {
        org: org.to_owned(),
        account: account.to_owned(),
        person: person.map(str::to_owned),
        role: None,
        now,
        request: None,
        pack: office.pack.clone(),
        vault: office.vault.clone(),
        random,
    }
}

/// Writes a line, see [`say!`].
pub fn say(words: std::fmt::Arguments) {
    use std::io::Write as _;
    // The reader may be gone; nothing that the program does depends on being read.
    let _ = writeln!(std::io::stdout(), "{words}");
}
