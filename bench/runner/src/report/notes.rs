//! bounds.txt: what keeps a bar from being met, in words.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

/// Texts by the ids of bars.
#[derive(Debug, Default)]
pub struct Notes(BTreeMap<String, String>);

impl Notes {
    /// Reads lines `id: text`; those that begin with `#`, and empty ones, are for who writes there.
    ///
    /// # Errors
    /// Where the file cannot be read, or a line has another form.
    pub fn read(file: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("in {}", file.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let note = |line: &str| {
            let (id, note) = line.split_once(": ").with_context(|| format!("`{line}` is not `id: text`"))?;
            Ok((id.trim().to_owned(), note.trim().to_owned()))
        };
        lines.map(note).collect::<Result<_>>().map(Self)
    }

    /// Returns the text for a bar.
    #[must_use]
    pub fn get(&self, id: &str) -> &str {
        self.0.get(id).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_found_by_their_ids() {
        let notes = Notes::parse("# why\n\nbtree-u64/get/random: two reads: slots, keys\n").unwrap();
        assert_eq!(notes.get("btree-u64/get/random"), "two reads: slots, keys");
        assert_eq!(notes.get("other"), "");
        assert!(Notes::parse("nonsense").is_err());
    }
}
