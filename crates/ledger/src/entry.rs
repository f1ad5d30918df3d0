//! An entry and its canonical bytes (入账内容).

use crate::Hash;
use sha2::{Digest, Sha256};

/// What one act leaves in the log. Borrowed, because the caller keeps the row.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Township.
    pub org: &'a str,
    /// Position in the log, from 0.
    pub seq: u64,
    /// `fact`, `refused`, `register`, `publication`, `report`, `import`, `confirmation`.
    pub kind: &'a str,
    /// Case id.
    pub case: Option<&'a str>,
    /// Serial number of the fact in its case.
    pub n: Option<u32>,
    /// Step code or kind of register row.
    pub subject: &'a str,
    /// Legal instant, local civil time.
    pub at: &'a str,
    /// When it was written down, RFC 3339 UTC.
    pub recorded: &'a str,
    /// Account that typed.
    pub actor: &'a str,
    /// A JSON object, already canonical: sorted keys, no blanks.
    pub body: &'a str,
}

/// Separates commitments of this format from every other use of the hash.
const DOMAIN: &[u8] = b"yifa entry v1\n";

impl Entry<'_> {
    /// Canonical JSON: keys in byte order, no blanks, absent values left out, the body as given.
    pub fn canonical(&self) -> String {
        let mut out = String::with_capacity(self.body.len() + 256);
        out.push_str("{\"actor\":");
        quote(self.actor, &mut out);
        out.push_str(",\"at\":");
        quote(self.at, &mut out);
        out.push_str(",\"body\":");
        out.push_str(self.body);
        if let Some(case) = self.case {
            out.push_str(",\"case\":");
            quote(case, &mut out);
        }
        out.push_str(",\"kind\":");
        quote(self.kind, &mut out);
        if let Some(n) = self.n {
            out.push_str(&format!(",\"n\":{n}"));
        }
        out.push_str(",\"org\":");
        quote(self.org, &mut out);
        out.push_str(",\"recorded\":");
        quote(self.recorded, &mut out);
        out.push_str(&format!(",\"seq\":{},\"subject\":", self.seq));
        quote(self.subject, &mut out);
        out.push_str(",\"v\":1}");
        out
    }

    /// The public commitment: SHA-256 over the domain, the salt and the canonical bytes.
    pub fn commitment(&self, salt: &[u8; 32]) -> Hash {
        commitment_of(self.canonical().as_bytes(), salt)
    }
}

/// The commitment of canonical bytes that came from elsewhere, such as a receipt.
pub(crate) fn commitment_of(canonical: &[u8], salt: &[u8; 32]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    hasher.update(salt);
    hasher.update(canonical);
    hasher.finalize().into()
}

/// A JSON string with the shortest escapes; everything above U+001F stands as it is.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < '\u{20}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
