//! The lock file: parsing and display.

use core::fmt;

use super::{Entry, RetiredName};

const HEADER: &str = "\
# The layout of every version that was shipped. `cargo graven lock` adds new ones. A version in here may not
# change: the code would no longer understand what was stored. Commit this file; in a merge keep both sides.
";

/// A lock: the versions of types, and the names that roots may no longer have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// The versions of types, by name, then version.
    pub entries: Vec<Entry>,
    /// Names of roots that were dropped or renamed, in order.
    pub retired: Vec<RetiredName>,
}

/// The first line that is not valid in a lock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {why}")]
pub struct SyntaxError {
    /// The number of the line, from 1.
    pub line: usize,
    /// The reason, in words.
    pub why: &'static str,
}

impl Lock {
    /// Parses a lock.
    ///
    /// # Errors
    /// [`SyntaxError`] for the first line that is not valid.
    pub fn parse(text: &str) -> Result<Lock, SyntaxError> {
        let mut entries: Vec<Entry> = Vec::new();
        let (mut retired, mut in_entry) = (Vec::new(), false);
        for (index, line) in text.lines().enumerate() {
            let wrong = |why| SyntaxError { line: index + 1, why };
            if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
                return Err(wrong("is the mark of a merge that was not finished: keep both sides"));
            }
            let content = line.trim();
            if content.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                let entry = entries.last_mut().filter(|_| in_entry);
                let entry = entry.ok_or_else(|| wrong("belongs to no version"))?;
                entry.lines.push(content.to_owned());
                continue;
            }
            if let Some(name) = RetiredName::parse(content) {
                retired.push(name);
                in_entry = false;
                continue;
            }
            in_entry = true;
            entries.push(
                heading(content)
                    .ok_or_else(|| wrong("is no version: those read `Name v1` and a fingerprint"))?,
            );
        }
        let mut lock = Lock { entries, retired };
        lock.sort();
        Ok(lock)
    }

    pub(super) fn sort(&mut self) {
        self.entries.sort();
        self.entries.dedup();
        self.retired.sort();
        self.retired.dedup();
    }
}

fn heading(line: &str) -> Option<Entry> {
    let mut words = line.rsplitn(3, ' ');
    let (fingerprint, version, name) = (words.next()?, words.next()?, words.next()?);
    let hex = fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    let version = version.strip_prefix('v')?.parse().ok()?;
    let known = hex && version > 0 && !name.is_empty();
    known.then(|| Entry {
        name: name.to_owned(),
        version,
        lines: Vec::new(),
        fingerprint: fingerprint.to_owned(),
    })
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEADER)?;
        self.entries.iter().try_for_each(|entry| write!(f, "\n{entry}"))?;
        if !self.retired.is_empty() {
            f.write_str("\n")?;
        }
        self.retired.iter().try_for_each(|retired| write!(f, "{retired}"))
    }
}
