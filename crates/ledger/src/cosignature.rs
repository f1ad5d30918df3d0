//! Cosignatures (见证签名): a witness says that it saw a log only grow (C2SP cosignature/v1, Ed25519).

use crate::note::{self, Key, Kind, Note};

/// The witness's verifier key: `name+hex(key id)+base64(0x04 ‖ public key)`.
pub fn vkey(name: &str, key: &[u8; 32]) -> String {
    note::vkey(name, Kind::Witness, key)
}

/// The witness that a verifier key speaks for; `None` if it is no verifier key of a witness.
pub fn name_of(vkey: &str) -> Option<String> {
    Key::read(vkey, Kind::Witness).map(|key| key.name)
}

/// The signature line for a checkpoint, at a time in POSIX seconds; `None` if the note is none.
pub fn sign(name: &str, checkpoint: &str, time: u64, key: &[u8; 32]) -> Option<String> {
    let note = Note::read(checkpoint)?;
    let message = message(note.text, time);
    Some(note::line(
        name,
        Kind::Witness,
        key,
        &time.to_be_bytes(),
        message.as_bytes(),
    ))
}

/// When this witness cosigned the checkpoint; `None` if it did not, or if a line of its key is wrong.
pub fn time(checkpoint: &str, vkey: &str) -> Option<u64> {
    let key = Key::read(vkey, Kind::Witness)?;
    let note = Note::read(checkpoint)?;
    let mut latest = None;
    for line in note.by(&key) {
        let (time, signature) = line.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        if !key.signed(message(note.text, time).as_bytes(), signature) {
            return None;
        }
        latest = latest.max(Some(time));
    }
    latest
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
