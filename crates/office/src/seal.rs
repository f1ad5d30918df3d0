//! Sealing (密封): what lies in the database but must not be read from a copy of it. AES-256-GCM under a key that lies in a
//! file beside the database, readable by its owner only; what it belongs to is sealed in with it.

use crate::ctx::Ctx;
use crate::error::{Result, fault};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Length of a nonce, bytes. Random ones are safe for some four thousand million seals under one key.
const NONCE: usize = 12;

/// The township's key.
pub(crate) fn key(ctx: &Ctx) -> Result<[u8; 32]> {
    ctx.vault.key(&name(ctx), ctx.bytes32())
}

/// Is there a key, or would one have to be made?
pub(crate) fn has_key(ctx: &Ctx) -> bool {
    ctx.vault.has(&name(ctx))
}

fn name(ctx: &Ctx) -> String {
    format!("{}.seal", ctx.org)
}

/// Seals `plain` as belonging to `owner`.
pub(crate) fn seal(ctx: &Ctx, owner: &str, plain: &[u8]) -> Result<String> {
    let nonce: [u8; NONCE] = ctx.bytes32()[..NONCE].try_into().map_err(fault)?;
    let payload = Payload {
        msg: plain,
        aad: owner.as_bytes(),
    };
    let sealed = Aes256Gcm::new(&key(ctx)?.into())
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| fault("sealing failed"))?;
    Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
}

/// Opens what was sealed as belonging to `owner`.
///
/// # Errors
/// A fault when the text was changed, belongs to somebody else, or the key file is another one.
pub(crate) fn open(ctx: &Ctx, owner: &str, sealed: &str) -> Result<Vec<u8>> {
    let bytes = STANDARD.decode(sealed).map_err(fault)?;
    let Some((nonce, rest)) = bytes.split_at_checked(NONCE) else {
        return Err(fault("a sealed text is too short"));
    };
    let nonce: [u8; NONCE] = nonce.try_into().map_err(fault)?;
    let payload = Payload {
        msg: rest,
        aad: owner.as_bytes(),
    };
    Aes256Gcm::new(&key(ctx)?.into())
        .decrypt(&Nonce::from(nonce), payload)
        .map_err(|_| fault("a sealed text does not open: changed, or another key"))
}
