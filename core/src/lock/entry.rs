//! The lock's entry for a version of a type.

use crate::evolution::TypeVersion;
use crate::layout::Fingerprint;
use crate::layout::stored::{OwnedField, OwnedLayout, OwnedVariant};

/// A version of a type in the lock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The type's name.
    pub name: String,
    /// The version.
    pub version: u32,
    /// Its fields or variants. Types with versions of their own appear by name only.
    pub lines: Vec<String>,
    /// The fingerprint in the lock.
    pub fingerprint: String,
}

impl Entry {
    /// Returns the entry that the lock should have for a version.
    #[must_use]
    pub fn of(TypeVersion { name, version, layout, .. }: &TypeVersion) -> Entry {
        let lines = match layout {
            OwnedLayout::Struct { fields, .. } => fields.iter().map(field).collect(),
            OwnedLayout::Enum { variants, .. } => variants.iter().map(variant).collect(),
            _ => Vec::new(),
        };
        let lines: Vec<String> = lines;
        let lines = lines.iter().map(|line| printable(line)).collect();
        let mut entry = Entry { name: printable(name), version: *version, lines, fingerprint: String::new() };
        entry.fingerprint = entry.computed();
        entry
    }

    /// Computes the fingerprint of the entry's name, version and lines.
    #[must_use]
    pub fn computed(&self) -> String {
        let mut text = format!("{} v{}\n", self.name, self.version);
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        format!("{:#}", Fingerprint::of(text.as_bytes()))
    }

    /// Returns the entry's name and version for messages, as in `User` version 1.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("`{}` version {}", self.name, self.version)
    }

    /// Returns `true` if another entry differs only in the types of fields, as instances of a
    /// generic type do.
    #[must_use]
    pub fn same_but_types(&self, other: &Entry) -> bool {
        self.lines.len() == other.lines.len()
            && self.lines.iter().zip(&other.lines).all(|(a, b)| names(a).eq(names(b)))
    }
}

impl core::fmt::Display for Entry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        writeln!(f, "{} v{} {}", self.name, self.version, self.fingerprint)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

fn field(OwnedField { name, layout }: &OwnedField) -> String {
    format!("{name}: {layout}")
}

fn variant(OwnedVariant { name, tag, fields }: &OwnedVariant) -> String {
    let join = |parts: Vec<String>| parts.join(", ");
    match fields.first() {
        None => format!("{tag} {name}"),
        Some(first) if first.name == "0" => {
            let types = fields.iter().map(|field| field.layout.to_string()).collect();
            format!("{tag} {name}({})", join(types))
        }
        Some(_) => format!("{tag} {name} {{ {} }}", join(fields.iter().map(field).collect())),
    }
}

/// Returns the parts of a line that are not types: its beginning, and the words before a colon.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let head = line.split(['(', '{', ':']).next().unwrap_or(line).trim();
    let words = line.split_whitespace().filter(|word| word.ends_with(':'));
    core::iter::once(head).chain(words)
}

/// Escapes control characters: names come from the source, but attributes can hold anything.
fn printable(text: &str) -> String {
    let escape = |c: char| {
        let escaped = c.is_control().then(|| c.escape_default().to_string());
        escaped.unwrap_or_else(|| c.to_string())
    };
    text.chars().map(escape).collect()
}
