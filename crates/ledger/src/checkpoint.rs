//! Signed tree heads: the C2SP checkpoint text in a signed note (Ed25519).

use crate::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

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
    let signing = SigningKey::from_bytes(key);
    let signature = signing.sign(text.as_bytes());
    let mut blob = key_id(origin, &signing.verifying_key()).to_vec();
    blob.extend(signature.to_bytes());
    format!("{text}\n— {origin} {}\n", STANDARD.encode(blob))
}

/// The verifier key: `name+hex(key id)+base64(0x01 ‖ public key)`.
pub fn vkey(origin: &str, key: &[u8; 32]) -> String {
    let public = SigningKey::from_bytes(key).verifying_key();
    let mut typed = vec![1u8];
    typed.extend(public.as_bytes());
    format!(
        "{origin}+{}+{}",
        crate::hex(&key_id(origin, &public)),
        STANDARD.encode(typed)
    )
}

/// Opens a signed note with a verifier key; `None` if it is not signed by that key, or not a checkpoint.
pub fn open(note: &str, vkey: &str) -> Option<Checkpoint> {
    let mut parts = vkey.splitn(3, '+');
    let (name, id, typed) = (
        parts.next()?,
        parts.next()?,
        STANDARD.decode(parts.next()?).ok()?,
    );
    let public: [u8; 32] = typed.strip_prefix(&[1u8])?.try_into().ok()?;
    let public = VerifyingKey::from_bytes(&public).ok()?;
    let expected = key_id(name, &public);
    if crate::hex(&expected) != id {
        return None;
    }
    let (text, signatures) = note.split_once("\n\n")?;
    let text = format!("{text}\n");
    let signed = signatures
        .lines()
        .filter_map(|line| line.strip_prefix("— "))
        .any(|line| {
            let Some((signer, blob)) = line.split_once(' ') else {
                return false;
            };
            let Ok(blob) = STANDARD.decode(blob) else {
                return false;
            };
            signer == name
                && blob.len() == 68
                && blob[..4] == expected
                && Signature::from_slice(&blob[4..])
                    .is_ok_and(|s| public.verify_strict(text.as_bytes(), &s).is_ok())
        });
    if !signed {
        return None;
    }
    let mut lines = text.lines();
    let origin = lines.next()?.to_owned();
    let size = lines.next()?.parse().ok()?;
    let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
    Some(Checkpoint { origin, size, root })
}

/// The first four bytes of SHA-256 over name, line feed, 0x01 and the public key.
fn key_id(name: &str, public: &VerifyingKey) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update(b"\n\x01");
    hasher.update(public.as_bytes());
    let hash: Hash = hasher.finalize().into();
    [hash[0], hash[1], hash[2], hash[3]]
}
