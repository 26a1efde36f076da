//! Versions that the code still declares, and those of them that are stored: what is declared and not
//! stored may be deleted from the code.

use core::fmt;

use super::{Derived, FieldHistory, History};

/// A version of a derived type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionName {
    /// The type's name in its layout.
    pub name: String,
    /// The version.
    pub version: u32,
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.name, self.version)
    }
}

/// Versions of a type that are listed at most; beyond, the oldest are enough to know.
const MOST: u32 = 1_000;

impl History {
    /// The versions that the history declares besides the newest ones, those of parts included.
    #[must_use]
    pub fn older_versions(&self) -> Vec<VersionName> {
        let mut versions = Vec::new();
        self.collect(false, &mut versions);
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    fn collect(&self, replaced: bool, out: &mut Vec<VersionName>) {
        if let Some(Derived { layout, first, previous }) = self.derived() {
            let newest = layout.version().unwrap_or(0);
            let end = if replaced { newest.saturating_add(1) } else { newest };
            let versions = first..end.min(first.saturating_add(MOST));
            out.extend(versions.map(|version| VersionName { name: layout.name().to_owned(), version }));
            previous.into_iter().for_each(|previous| previous.collect(true, out));
        }
        match self {
            History::Plain(_) => {}
            History::Option(inner) | History::Vec(inner) | History::Array(inner, _) => {
                inner.collect(false, out)
            }
            History::Result(ok, err) => {
                ok.collect(false, out);
                err.collect(false, out);
            }
            History::Tuple(parts) => parts.iter().for_each(|part| part.collect(false, out)),
            History::Struct(spec) => collect_fields(spec.fields, out),
            History::Enum(spec) => {
                spec.variants.iter().for_each(|variant| collect_fields(variant.fields, out))
            }
        }
    }
}

fn collect_fields(fields: &[FieldHistory], out: &mut Vec<VersionName>) {
    fields.iter().for_each(|field| field.history.collect(false, out));
}
