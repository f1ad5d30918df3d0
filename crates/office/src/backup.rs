//! Backup (备份): the database at one instant, the evidence, the keys, and a list of the SHA-256 of every file.
//!
//! The list is written last: a backup without it is not whole. `sha256sum -c` reads it too.

use crate::ctx::hex;
use crate::error::{Error, Result};
use crate::office::Office;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

/// The list of files and their hashes.
pub const LIST: &str = "SHA256SUMS";
const DATABASE: &str = "yifa.db";
/// Folders beside the database that belong to it.
const FOLDERS: &[&str] = &["files", "keys"];

/// What was copied.
#[derive(Debug, Clone, Copy, Default)]
pub struct Copied {
    /// Number of files.
    pub files: u64,
    /// Bytes altogether.
    pub bytes: u64,
}

/// Writes a backup into an empty or new folder, while others write to the office.
pub fn write(office: &Office, to: &Path) -> Result<Copied> {
    let data = office.folder();
    make_empty(to)?;
    let inside = to.canonicalize().map_err(|e| unusable(to, &e))?;
    if inside.starts_with(data.canonicalize().map_err(|e| unusable(data, &e))?) {
        return Err(refuse(format!(
            "备份目录 {} 在数据目录里面，一坏就都坏；请放到数据目录之外，最好是另一块盘",
            to.display()
        )));
    }
    let database = to.join(DATABASE);
    create(&database).map_err(|e| unusable(&database, &e))?;
    if let Err(e) = office.copy_store(&database) {
        std::fs::remove_file(&database).map_err(|e| unusable(&database, &e))?;
        return Err(e);
    }
    let mut listed = BTreeMap::new();
    let mut copied = Copied::default();
    let (hash, bytes) = sync(&database)
        .and_then(|()| hash(&database))
        .map_err(|e| unusable(&database, &e))?;
    listed.insert(DATABASE.to_owned(), hash);
    copied.add(bytes);
    // After the database: a file is durable before anything refers to it, so all that the copy refers to is there by now.
    for folder in FOLDERS {
        for path in files_under(data, Path::new(folder))? {
            let (hash, bytes) = copy(&data.join(&path), &to.join(&path))
                .map_err(|e| unusable(&to.join(&path), &e))?;
            listed.insert(slashed(&path), hash);
            copied.add(bytes);
        }
    }
    let text: String = listed
        .iter()
        .map(|(path, hash)| format!("{hash}  {path}\n"))
        .collect();
    let list = to.join(LIST);
    create(&list)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| sync(to))
        .map_err(|e| unusable(&list, &e))?;
    Ok(copied)
}

/// Checks every file of a backup against its list, then copies it into an empty or new data folder.
pub fn restore(from: &Path, to: &Path) -> Result<Copied> {
    let listed = check(from)?;
    make_empty(to)?;
    let mut copied = Copied::default();
    for (path, expected) in &listed {
        let target = to.join(path);
        let (hash, bytes) = copy(&from.join(path), &target).map_err(|e| unusable(&target, &e))?;
        if hash != *expected {
            return Err(refuse(format!(
                "备份里的 {path} 在恢复中变了，没有恢复完；请删掉 {} 再来",
                to.display()
            )));
        }
        copied.add(bytes);
    }
    sync(to).map_err(|e| unusable(to, &e))?;
    Ok(copied)
}

/// The list of a backup, after every file was found to be as listed and none to be besides.
fn check(from: &Path) -> Result<BTreeMap<String, String>> {
    let list = std::fs::read_to_string(from.join(LIST)).map_err(|e| {
        refuse(format!(
            "读不到 {}：{e}；没有它就不是一份完整的备份",
            from.join(LIST).display()
        ))
    })?;
    let mut listed = BTreeMap::new();
    for line in list.lines() {
        let (hash, path) = line
            .split_once("  ")
            .filter(|(_, path)| is_ours(path))
            .ok_or_else(|| refuse(format!("备份的 {LIST} 里有一行读不懂：“{line}”")))?;
        listed.insert(path.to_owned(), hash.to_owned());
    }
    let mut faults = Vec::new();
    if !listed.contains_key(DATABASE) {
        faults.push(format!("{LIST} 里没有 {DATABASE}"));
    }
    for (path, expected) in &listed {
        match hash(&from.join(path)) {
            Ok((found, _)) if found == *expected => {}
            Ok(_) => faults.push(format!("{path} 的内容和备份时不一样")),
            Err(e) => faults.push(format!("{path} 读不到：{e}")),
        }
    }
    for folder in FOLDERS {
        for path in files_under(from, Path::new(folder))? {
            let path = slashed(&path);
            if !listed.contains_key(&path) {
                faults.push(format!("{path} 不在 {LIST} 里"));
            }
        }
    }
    if faults.is_empty() {
        return Ok(listed);
    }
    Err(refuse(format!(
        "备份有 {} 处不对，没有恢复；请用别的备份：\n{}",
        faults.len(),
        faults.join("\n")
    )))
}

impl Copied {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// A path that a backup may name: the database, or something below one of the folders.
fn is_ours(path: &str) -> bool {
    let plain = Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let below = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    plain && (path == DATABASE || FOLDERS.iter().any(|folder| below(folder)))
}

/// Files below a folder, as paths from `root`; half-written ones are left out.
fn files_under(root: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let at = root.join(folder);
    if !at.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&at).map_err(|e| unusable(&at, &e))? {
        let entry = entry.map_err(|e| unusable(&at, &e))?;
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() {
            found.extend(files_under(root, &path)?);
        } else if path.extension().is_none_or(|ending| ending != "part") {
            found.push(path);
        }
    }
    Ok(found)
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

/// Makes a folder that only the owner can read, or takes one that is empty.
fn make_empty(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(|e| unusable(folder, &e))?;
    let mut entries = std::fs::read_dir(folder).map_err(|e| unusable(folder, &e))?;
    if entries.next().is_some() {
        return Err(refuse(format!(
            "目录 {} 里已经有东西，没有写入；请换一个空目录或者新目录",
            folder.display()
        )));
    }
    Ok(())
}

/// Copies durably and answers the hash and the size of what was copied.
fn copy(from: &Path, to: &Path) -> std::io::Result<(String, u64)> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut target = create(to)?;
    let read = each_block(from, |block| target.write_all(block))?;
    target.sync_all()?;
    Ok(read)
}

fn hash(path: &Path) -> std::io::Result<(String, u64)> {
    each_block(path, |_| Ok(()))
}

fn each_block(
    path: &Path,
    mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<(String, u64)> {
    let mut file = std::fs::File::open(path)?;
    let mut block = vec![0u8; 1 << 16];
    let (mut digest, mut bytes) = (Sha256::new(), 0u64);
    loop {
        let n = file.read(&mut block)?;
        if n == 0 {
            return Ok((hex(&digest.finalize()), bytes));
        }
        digest.update(&block[..n]);
        take(&block[..n])?;
        bytes += n as u64;
    }
}

/// A new file that only the owner can read.
fn create(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn sync(path: &Path) -> std::io::Result<()> {
    std::fs::File::open(path)?.sync_all()
}

fn refuse(why: String) -> Error {
    Error::Store(store::Error::Unusable(why))
}

fn unusable(path: &Path, e: &std::io::Error) -> Error {
    refuse(format!("{} 用不了：{e}", path.display()))
}
