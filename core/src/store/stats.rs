//! Facts about a root that a store knows without reading its entries.

use ic_stable_structures::Memory;

use super::Root;

/// The size of a root and the layouts of its pages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct RootStats {
    /// Its name.
    pub name: String,
    /// The number of entries.
    pub entries: u64,
    /// The number of pages of 4 KiB, the root's own included.
    pub pages: u32,
    /// The size of the encoded keys and values in bytes.
    pub bytes: u64,
    /// The layouts of its values, in the order in which they were first stored.
    pub layouts: Vec<LayoutStats>,
    /// The number of indexes of a table that are not complete yet.
    pub incomplete_indexes: u32,
}

/// The part of a root in one layout.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct LayoutStats {
    /// The version of the value's type, if it is a derived one.
    pub version: Option<u32>,
    /// The layout's fingerprint.
    pub fingerprint: crate::layout::Fingerprint,
    /// The number of pages that hold values of it. A page that holds two layouts counts for both.
    pub pages: u32,
    /// `true` if new values are written in it.
    pub current: bool,
}

impl<M: Memory> Root<M> {
    /// Returns the size of this root and the layouts of its pages. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        let state = self.state();
        let rows = self.rows();
        let layouts = rows.iter().map(|row| LayoutStats {
            version: self
                .layouts()
                .iter()
                .find(|known| known.index == row.layout.get())
                .and_then(|l| l.version),
            fingerprint: crate::layout::Fingerprint(row.fingerprint),
            pages: row.pages.get(),
            current: row.layout.get() == self.current(),
        });
        RootStats {
            name: self.name().to_owned(),
            entries: state.len.get(),
            pages: state.pages.get(),
            bytes: state.bytes.get(),
            layouts: layouts.collect(),
            incomplete_indexes: 0,
        }
    }
}
