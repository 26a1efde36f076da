//! The versions that may be deleted from the code: it still reads them, but they are stored
//! nowhere.

use core::fmt;
use std::collections::BTreeSet;

use super::{History, VersionUse};
use crate::layout::stored::OwnedLayout;

/// A version of a derived type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionName {
    /// The name of the current type, even if a `previous` type reads the version.
    pub name: String,
    /// The version, or 0 for values from before the type had versions.
    pub version: u32,
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            0 => write!(f, "{} before it had versions", self.name),
            version => write!(f, "{} v{version}", self.name),
        }
    }
}

/// A version in which no values are stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusedVersion {
    /// The name of the current type, even if a `previous` type reads the version.
    pub name: String,
    /// The version, or 0 for values from before the type had versions.
    pub version: u32,
    /// `true` if this version's history is needed to read an older one that is still stored.
    pub needed: bool,
}

/// The stored versions, for comparison with those that the code reads.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    used: BTreeSet<VersionName>,
}

impl Usage {
    /// Records that values are stored in a layout that a history reads.
    pub(crate) fn stored(&mut self, layout: &OwnedLayout, history: &History) {
        history.versions_in(layout, &mut |name, version| {
            self.used.insert(VersionName { name: name.to_owned(), version });
        });
    }

    /// Returns the previous versions that the histories read and in which no values are stored.
    pub(crate) fn unused<'a>(&self, histories: impl Iterator<Item = &'a History>) -> Vec<UnusedVersion> {
        let mut unused = BTreeSet::new();
        for history in histories {
            history.each_use(&mut |VersionUse { name, version, newest, .. }| {
                let of_it = || self.used.iter().filter(|used| used.name == name);
                if !newest && of_it().all(|used| used.version != version) {
                    let needed = of_it().any(|used| used.version < version);
                    unused.insert(UnusedVersion { name: name.to_owned(), version, needed });
                }
            });
        }
        unused.into_iter().collect()
    }
}
