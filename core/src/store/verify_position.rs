//! The position of a check that goes through the collections of a store in steps.

use ic_stable_structures::Memory;

use super::Root;
use crate::error::{Damage, Result};
use crate::page::LayoutId;

/// The position of a check, and what it has counted so far. A step returns it, and the next one
/// continues from there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct VerifyPosition {
    /// The position of the collection among the fields of the store.
    pub collection: u32,
    /// The part of the collection: one of its trees, or a comparison of two.
    pub part: u32,
    /// The position in the part, or `None` at its beginning.
    pub from: Option<Vec<u8>>,
    /// The counts of the part so far.
    pub counts: VerifyCounts,
    /// The version of the store when the counts were taken.
    pub version: u64,
    /// `true` if the store has changed since the part began, so its counts are not compared.
    pub has_changed: bool,
    /// `true` if the counts of a part of this collection were not compared.
    pub is_uncounted: bool,
}

/// The counts of the pages that a check has visited in a part of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct VerifyCounts {
    /// The number of entries.
    pub entries: u64,
    /// The size of the encoded keys and values in bytes.
    pub bytes: u64,
    /// The bytes of values in overflow pages, where the kind counts these.
    pub overflow_bytes: u64,
    /// The number of buckets of a hash table, or of leaves of a sequence that are no arrays.
    pub leaves: u64,
    /// The number of pages.
    pub pages: u32,
    /// The number of pages with values in each layout.
    pub layouts: Vec<(LayoutNumber, u32)>,
}

/// The number of a layout in the registry.
pub type LayoutNumber = u16;

impl VerifyPosition {
    /// Returns the beginning of the collection after this one.
    #[must_use]
    pub(crate) fn next_collection(&self) -> Self {
        VerifyPosition {
            collection: self.collection.saturating_add(1),
            version: self.version,
            ..VerifyPosition::default()
        }
    }

    /// Notes the version of the store as it is now. Only a part that has begun is affected by a
    /// change.
    pub(crate) fn notice(&mut self, version: u64) {
        self.has_changed |= self.from.is_some() && self.version != version;
        self.version = version;
    }
}

impl VerifyCounts {
    /// Counts a page with values in these layouts.
    #[doc(hidden)]
    pub fn add_page(&mut self, layouts: impl Iterator<Item = LayoutId>) {
        self.pages = self.pages.saturating_add(1);
        for layout in layouts.map(LayoutId::get) {
            match self.layouts.iter_mut().find(|(known, _)| *known == layout) {
                Some((_, pages)) => *pages = pages.saturating_add(1),
                None => self.layouts.push((layout, 1)),
            }
        }
    }

    /// Compares the counts with those of a root. Whatever `others` has is compared before the
    /// bytes.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) with the reason of the first difference.
    #[doc(hidden)]
    pub fn compare<M: Memory>(&self, root: &Root<M>, others: &[(bool, Damage)]) -> Result<()> {
        let state = root.state();
        let counted = |layout: LayoutId| self.layouts.iter().find(|(known, _)| *known == layout.get());
        let has_same_layouts = root.layouts().iter().all(|layout| {
            root.pages_of(layout.index) == counted(layout.index).map_or(0, |(_, pages)| *pages)
        });
        let own = [
            (self.bytes == state.bytes.get(), Damage::ByteCount),
            (self.pages == state.pages.get(), Damage::PageCount),
            (has_same_layouts, Damage::LayoutPages),
        ];
        match others.iter().chain(&own).find(|(is_same, _)| !is_same) {
            Some((_, reason)) => Err(root.damaged(root.page(), *reason)),
            None => Ok(()),
        }
    }
}
