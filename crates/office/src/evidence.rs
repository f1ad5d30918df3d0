//! Evidence (证据): content-addressed files beside the database; the hash goes into the fact and so into the log.

use crate::ctx::hex;
use crate::error::{Error, Result, fault};
use crate::office::Office;
use sha2::{Digest, Sha256};
use std::io::Write as _;
use std::path::PathBuf;
use store::{Tx, params, sql};

/// Largest file taken, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// A file that lies in the folder and may be named in a form.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Upload {
    /// SHA-256 in hexadecimal.
    pub hash: String,
    /// Name given by the sender, only for showing.
    pub name: String,
    /// Kind as its first bytes say.
    pub media: &'static str,
    /// Bytes.
    pub size: i64,
}

/// A file of a case.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// SHA-256 in hexadecimal.
    pub hash: String,
    /// Name given by the sender.
    pub name: String,
    /// Kind as its first bytes say.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// Log position of the fact that brought it.
    pub seq: i64,
}

/// Kinds of file taken: the first bytes, the media type, the endings that may claim it.
const KINDS: &[(&[u8], &str, &[&str])] = &[
    (b"\xFF\xD8\xFF", "image/jpeg", &["jpg", "jpeg"]),
    (b"\x89PNG\r\n\x1A\n", "image/png", &["png"]),
    (b"%PDF-", "application/pdf", &["pdf"]),
    (
        b"PK\x03\x04",
        "application/zip",
        &["docx", "xlsx", "ofd", "zip"],
    ),
    (b"ID3", "audio/mpeg", &["mp3"]),
    (b"\xFF\xFB", "audio/mpeg", &["mp3"]),
];

/// Keeps the bytes and answers what may be named in a form. Durable before anything refers to it.
pub fn keep(office: &Office, name: &str, bytes: &[u8]) -> Result<Upload> {
    let refuse = |why: String| Error::Form(vec![("附件".into(), why)]);
    let shown: String = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .take(120)
        .collect();
    if bytes.is_empty() {
        return Err(refuse(format!("“{shown}”是空文件")));
    }
    if bytes.len() > MAX_BYTES {
        return Err(refuse(format!(
            "“{shown}”超过 20 MB，请压缩或者分成几个文件"
        )));
    }
    let ending = shown.rsplit('.').next().unwrap_or_default().to_lowercase();
    let media = media_of(bytes, &ending).ok_or_else(|| {
        refuse(format!(
            "“{shown}”的内容和名称不符，或者不是照片、PDF、录音录像、办公文档，不能收"
        ))
    })?;
    let hash = hex(&Sha256::digest(bytes));
    let path = path_of(office, &hash);
    if !path.exists() {
        write_durably(&path, bytes).map_err(fault)?;
    }
    Ok(Upload {
        hash,
        name: shown,
        media,
        size: i64::try_from(bytes.len()).map_err(fault)?,
    })
}

/// A file that was kept before, by its hash, under the name it then had.
pub fn kept(office: &Office, hash: &str, name: &str) -> Result<Option<Upload>> {
    if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let bytes = match std::fs::read(path_of(office, hash)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(fault(e)),
    };
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let Some(media) = media_of(&bytes, &ending) else {
        return Ok(None);
    };
    Ok(Some(Upload {
        hash: hash.to_owned(),
        name: name.to_owned(),
        media,
        size: i64::try_from(bytes.len()).map_err(fault)?,
    }))
}

/// The bytes of a file of a case.
pub fn read(office: &Office, hash: &str) -> Result<Vec<u8>> {
    std::fs::read(path_of(office, hash)).map_err(fault)
}

/// Files of a case.
pub fn of_case(tx: &mut Tx, org: &str, case: &str) -> Result<Vec<Evidence>> {
    Ok(tx.query(
        sql!(
            "SELECT hash, name, media, size, seq FROM evidence WHERE org = $1 AND case_id = $2 ORDER BY seq, hash"
        ),
        params![org, case],
        |row| {
            Ok(Evidence {
                hash: row.get(0)?,
                name: row.get(1)?,
                media: row.get(2)?,
                size: row.get(3)?,
                seq: row.get(4)?,
            })
        },
    )?)
}

/// Where a file lies.
pub(crate) fn path_of(office: &Office, hash: &str) -> PathBuf {
    office
        .folder()
        .join("files")
        .join(hash.get(..2).unwrap_or("xx"))
        .join(hash)
}

fn media_of(bytes: &[u8], ending: &str) -> Option<&'static str> {
    if ending == "mp4" && bytes.get(4..8) == Some(b"ftyp") {
        return Some("video/mp4");
    }
    // Other things than sound are kept in the same wrapping.
    if ending == "wav" && bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE") {
        return Some("audio/wav");
    }
    if ending == "txt" && std::str::from_utf8(bytes).is_ok_and(is_writing) {
        return Some("text/plain");
    }
    KINDS
        .iter()
        .find(|(magic, _, endings)| bytes.starts_with(magic) && endings.contains(&ending))
        .map(|(_, media, _)| *media)
}

/// Lines and tabs are the only control characters that people write.
fn is_writing(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Temporary file, sync, rename, sync of the folder: after a power cut the file is whole or absent.
fn write_durably(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let partial = path.with_extension("part");
    let mut file = std::fs::File::create(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::media_of;

    #[test]
    fn a_file_is_what_its_bytes_say_and_its_ending_may_not_say_otherwise() {
        let cases: &[(&[u8], &str, Option<&str>)] = &[
            ("当事人陈述\r\n\t属实".as_bytes(), "txt", Some("text/plain")),
            (b"\x1b[2J", "txt", None),
            (b"ELF\x7f\x01", "txt", None),
            ("\u{85}".as_bytes(), "txt", None),
            (b"\xff\xfe", "txt", None),
            (b"RIFF\x24\0\0\0WAVEfmt ", "wav", Some("audio/wav")),
            (b"RIFF\x24\0\0\0AVI LIST", "wav", None),
            (b"RIFF", "wav", None),
            (b"\0\0\0\x18ftypmp42", "mp4", Some("video/mp4")),
            (b"\xFF\xD8\xFF\xE0", "jpg", Some("image/jpeg")),
            (b"MZ\x90\0", "jpg", None),
            (b"\xFF\xD8\xFF\xE0", "png", None),
        ];
        for (bytes, ending, wanted) in cases {
            assert_eq!(media_of(bytes, ending), *wanted, "{ending} {bytes:?}");
        }
    }
}
