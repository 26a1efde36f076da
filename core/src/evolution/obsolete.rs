//! Which versions may be deleted from the code: those that it still reads, and that are stored
//! nowhere.

use core::fmt;
use std::collections::BTreeSet;

use super::{History, VersionUse};
use crate::layout::stored::OwnedLayout;

/// A version of a derived type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionName {
    /// The name of the newest type, also where a `previous` one reads the version.
    pub name: String,
    /// The version; 0 is what was stored before the type had versions.
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

/// A version of which nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusedVersion {
    /// The name of the newest type, also where a `previous` one reads the version.
    pub name: String,
    /// The version; 0 is what was stored before the type had versions.
    pub version: u32,
    /// Tells whether an older version is still stored, which is read through this one's history.
    pub needed: bool,
}

/// Goes through what is stored, then through what the code reads.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    used: BTreeSet<VersionName>,
}

impl Usage {
    /// Values are stored in a layout, and read by a history.
    pub(crate) fn stored(&mut self, layout: &OwnedLayout, history: &History) {
        history.versions_in(layout, &mut |name, version| {
            self.used.insert(VersionName { name: name.to_owned(), version });
        });
    }

    /// The versions besides the newest ones that histories tell of and that were not met, in order.
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
