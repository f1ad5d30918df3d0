//! Signed tree heads (账本头): the C2SP checkpoint text in a signed note (Ed25519).

use crate::Hash;
use crate::note::{self, Key, Kind, Note};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
}

/// Signs a tree head; `origin` is also the key's name.
pub fn sign(origin: &str, size: u64, root: &Hash, key: &[u8; 32]) -> String {
    let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
    let line = note::line(origin, Kind::Log, key, &[], text.as_bytes());
    format!("{text}\n{line}")
}

/// The verifier key: `name+hex(key id)+base64(0x01 ‖ public key)`.
pub fn vkey(origin: &str, key: &[u8; 32]) -> String {
    note::vkey(origin, Kind::Log, key)
}

/// The log that a verifier key speaks for; `None` if it is no verifier key of a log.
pub fn name_of(vkey: &str) -> Option<String> {
    Key::read(vkey, Kind::Log).map(|key| key.name)
}

/// Opens a signed note with a verifier key; `None` if it is not signed by that key, or not a checkpoint of that log.
/// Lines of other keys are passed over; a wrong signature under this key's name and id spoils the note.
pub fn open(note: &str, vkey: &str) -> Option<Checkpoint> {
    let key = Key::read(vkey, Kind::Log)?;
    let note = Note::read(note)?;
    let mut lines = note.by(&key).peekable();
    lines.peek()?;
    if !lines.all(|signature| key.signed(note.text.as_bytes(), signature)) {
        return None;
    }
    let head = read(note.text)?;
    (head.origin == key.name).then_some(head)
}

/// What a note says, signed or not: for finding the key to open it with.
pub fn peek(note: &str) -> Option<Checkpoint> {
    read(Note::read(note)?.text)
}

fn read(text: &str) -> Option<Checkpoint> {
    let mut lines = text.split('\n');
    let origin = lines.next().filter(|line| !line.is_empty())?.to_owned();
    let size = number(lines.next()?)?;
    let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
    Some(Checkpoint { origin, size, root })
}

/// A decimal number without sign or leading zeros.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}
