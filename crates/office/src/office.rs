//! The door to the store: reading, and acting with the log.

use crate::ctx::Ctx;
use crate::error::Result;
use crate::pack::Pack;
use crate::vault::Vault;
use ledger::Recorded;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Location, Store, Tx};

/// One running office: a store, a law pack, a folder for files and keys.
#[derive(Clone)]
pub struct Office {
    store: Store,
    /// The law in force here.
    pub pack: Arc<Pack>,
    folder: PathBuf,
    /// Keys beside the database.
    pub vault: Vault,
}

impl Office {
    /// Opens the store, applies migrations, remembers earlier law texts.
    pub fn open(location: &Location, folder: &Path, pack: Arc<Pack>) -> Result<Office> {
        let files = folder.join("files");
        std::fs::create_dir_all(&files).map_err(|e| {
            store::Error::Unusable(format!(
                "证据目录 {} 用不了：{e}；请管理员查看这个目录和它的权限",
                files.display()
            ))
        })?;
        let store = Store::open(location, crate::schema::MIGRATIONS)?;
        let office = Office {
            store,
            pack,
            folder: folder.to_owned(),
            vault: Vault::below(folder),
        };
        office.remember_law()?;
        crate::parties::seal_once(&office)?;
        crate::access::fill_once(&office)?;
        crate::refold::bring_up(&office)?;
        Ok(office)
    }

    /// The circumstances of what the program itself does while it opens its data: nobody asks, no time counts.
    pub(crate) fn own_ctx(&self, org: &str) -> Ctx {
        Ctx {
            org: org.to_owned(),
            account: "程序".into(),
            person: None,
            role: None,
            now: jiff::civil::DateTime::default(),
            request: None,
            pack: self.pack.clone(),
            vault: self.vault.clone(),
            random: |bytes| {
                getrandom::fill(bytes).expect("the operating system gives random bytes");
            },
        }
    }

    /// Reads in one snapshot.
    pub fn read<T>(&self, f: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.store.read(f)
    }

    /// Acts: everything in `f` and its entries in the log become durable together, or none of it.
    pub fn act<T>(&self, f: impl FnOnce(&mut Tx) -> Result<Recorded<T>>) -> Result<T> {
        self.store.write(|tx| f(tx).map(Recorded::into_inner))
    }

    /// Writes what is no act and no legal fact: sessions, view counters. Not for anything that a figure, a case or a
    /// register depends on, and not reachable from outside this crate.
    pub(crate) fn jot<T>(&self, f: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.store.write(f)
    }

    /// Where files and keys lie.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Copies the database as it stands at one instant into a new file.
    pub(crate) fn copy_store(&self, target: &Path) -> Result<()> {
        Ok(self.store.copy_to(target)?)
    }

    /// Structural faults that the engine itself finds.
    pub fn check_store(&self) -> Result<Vec<String>> {
        Ok(self.store.check()?)
    }

    /// Cases run under the text they began with, so every text in use must be readable.
    fn remember_law(&self) -> Result<()> {
        let texts = self.read(crate::cases::law_texts)?;
        for (hash, text) in texts {
            if self.pack.by_hash(&hash).is_none()
                && let (Some(procedure), _) = law::parse::read(&text)
            {
                self.pack
                    .remember(Arc::new(crate::pack::LawFile::new(procedure, &text)));
            }
        }
        Ok(())
    }
}
