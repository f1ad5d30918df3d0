//! Keys (密钥): files beside the database that only their owner can read, made on first use, read once.

use crate::error::{Result, fault};
use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The keys of one data folder.
#[derive(Debug, Clone)]
pub struct Vault {
    folder: PathBuf,
    known: Arc<Mutex<HashMap<String, [u8; 32]>>>,
}

impl Vault {
    /// The keys below a data folder.
    pub(crate) fn below(folder: &Path) -> Vault {
        Vault {
            folder: folder.join("keys"),
            known: Arc::default(),
        }
    }

    /// Is there a key of this name?
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(format!("{name}.key")).exists()
    }

    /// A key by name, made of `fresh` bytes if there is none.
    pub(crate) fn key(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32]> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known.get(name) {
            return Ok(*key);
        }
        let key = self.read_or_make(name, fresh)?;
        known.insert(name.to_owned(), key);
        Ok(key)
    }

    fn read_or_make(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32]> {
        std::fs::create_dir_all(&self.folder).map_err(fault)?;
        let path = self.folder.join(format!("{name}.key"));
        if let Ok(text) = std::fs::read_to_string(&path) {
            return from_hex(text.trim()).ok_or_else(|| fault("a key file is damaged"));
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(&path).map_err(fault)?;
        file.write_all(crate::ctx::hex(&fresh).as_bytes())
            .map_err(fault)?;
        file.sync_all().map_err(fault)?;
        Ok(fresh)
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut key = [0u8; 32];
    if text.len() != 64 {
        return None;
    }
    for (i, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(i * 2..i * 2 + 2)?, 16).ok()?;
    }
    Some(key)
}
