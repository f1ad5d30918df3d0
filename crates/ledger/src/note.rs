//! Signed notes (签名便条) as C2SP defines them: a text, an empty line, signature lines.

use crate::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// What a key signs, told by the byte that goes into its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The text itself.
    Log = 1,
    /// The text under the header of a cosignature, with a time.
    Witness = 4,
}

/// A public key with the name that signature lines carry.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub name: String,
    pub id: [u8; 4],
    pub public: VerifyingKey,
}

impl Key {
    /// Reads `name+hex(key id)+base64(kind ‖ public key)`; `None` if the parts do not fit one another.
    pub fn read(vkey: &str, kind: Kind) -> Option<Key> {
        let mut parts = vkey.trim().splitn(3, '+');
        let (name, id, typed) = (parts.next()?, parts.next()?, parts.next()?);
        let typed = STANDARD.decode(typed).ok()?;
        let public: [u8; 32] = typed.strip_prefix(&[kind as u8])?.try_into().ok()?;
        let public = VerifyingKey::from_bytes(&public).ok()?;
        let key = Key {
            name: name.to_owned(),
            id: id_of(name, kind, &public),
            public,
        };
        (crate::hex(&key.id) == id && !name.is_empty() && !name.contains(char::is_whitespace))
            .then_some(key)
    }

    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|s| self.public.verify_strict(message, &s).is_ok())
    }
}

/// Writes [`Key::read`].
pub(crate) fn vkey(name: &str, kind: Kind, key: &[u8; 32]) -> String {
    let public = SigningKey::from_bytes(key).verifying_key();
    let mut typed = vec![kind as u8];
    typed.extend(public.as_bytes());
    let id = crate::hex(&id_of(name, kind, &public));
    format!("{name}+{id}+{}", STANDARD.encode(typed))
}

/// A signature line: key id, `extra`, Ed25519 signature over the message.
pub(crate) fn line(name: &str, kind: Kind, key: &[u8; 32], extra: &[u8], message: &[u8]) -> String {
    let signing = SigningKey::from_bytes(key);
    let mut blob = id_of(name, kind, &signing.verifying_key()).to_vec();
    blob.extend(extra);
    blob.extend(signing.sign(message).to_bytes());
    format!("— {name} {}\n", STANDARD.encode(blob))
}

/// A note taken apart; nothing in it is verified yet.
#[derive(Debug)]
pub(crate) struct Note<'a> {
    /// With its last line feed.
    pub text: &'a str,
    signatures: Vec<(&'a str, Vec<u8>)>,
}

impl Note<'_> {
    pub fn read(note: &str) -> Option<Note<'_>> {
        let end = note.find("\n\n")? + 1;
        let lines = note[end + 1..].strip_suffix('\n')?;
        let signatures = lines
            .split('\n')
            .map(|line| {
                let (name, blob) = line.strip_prefix("— ")?.split_once(' ')?;
                Some((name, STANDARD.decode(blob).ok()?))
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Note {
            text: &note[..end],
            signatures,
        })
    }

    /// What this key's lines hold behind the key id.
    pub fn by<'s>(&'s self, key: &'s Key) -> impl Iterator<Item = &'s [u8]> {
        self.signatures
            .iter()
            .filter(|(name, _)| *name == key.name)
            .filter_map(|(_, blob)| blob.strip_prefix(key.id.as_slice()))
    }
}

/// The first four bytes of SHA-256 over name, line feed, kind and the public key.
fn id_of(name: &str, kind: Kind, public: &VerifyingKey) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', kind as u8]);
    hasher.update(public.as_bytes());
    let hash: Hash = hasher.finalize().into();
    [hash[0], hash[1], hash[2], hash[3]]
}
