//! The schema of an open store.

use ic_stable_structures::Memory;

use crate::error::Result;
use crate::layout::Fingerprint;
use crate::layout::stored::OwnedLayout;
use crate::page::Pager;
use crate::store::{InspectedRoot, inspect_pages};

/// A stored root: a collection, or an index of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct RootSchema {
    /// Its name.
    pub name: String,
    /// The name of its kind, as in `BTreeMap`.
    pub kind: String,
    /// Its declaration, as in `users: BTreeMap<Principal, User>`.
    pub declaration: String,
    /// The number of entries.
    pub entries: u64,
    /// The size of the encoded keys and values in bytes.
    pub bytes: u64,
    /// The number of pages of 4 KiB, the root's own included.
    pub pages: u32,
    /// The layout of its keys.
    pub key: Option<LayoutSchema>,
    /// The layouts of its values, in the order in which they were first stored.
    pub layouts: Vec<LayoutSchema>,
}

/// A layout of keys or values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct LayoutSchema {
    /// The type, as in `User`.
    pub name: String,
    /// The version of the type, if it is a derived one.
    pub version: Option<u32>,
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    /// The canonical descriptor, from which any program can decode values.
    pub descriptor: Vec<u8>,
    /// The number of pages that hold values of it. 0 for keys.
    pub pages: u32,
    /// `true` if new values are written in it, and for keys.
    pub current: bool,
}

/// Returns the stored roots of an open store, indexes included. Reads a page for each root, and the
/// layout registry.
///
/// # Errors
/// [`Error::Damaged`](crate::Error::Damaged).
pub fn schema<M: Memory>(pager: &Pager<M>) -> Result<Vec<RootSchema>> {
    Ok(inspect_pages(pager)?.iter().map(RootSchema::from).collect())
}

impl From<&InspectedRoot> for RootSchema {
    fn from(root: &InspectedRoot) -> Self {
        let layouts = root.layouts.iter();
        RootSchema {
            name: root.name.clone(),
            kind: root.kind.name().to_owned(),
            declaration: root.declaration(),
            entries: root.entries,
            bytes: root.bytes,
            pages: root.pages,
            key: root.key.as_ref().map(|key| LayoutSchema::new(key, 0, true)),
            layouts: layouts
                .map(|found| LayoutSchema::new(&found.layout, found.pages, found.current))
                .collect(),
        }
    }
}

impl LayoutSchema {
    fn new(layout: &OwnedLayout, pages: u32, current: bool) -> Self {
        LayoutSchema {
            name: layout.to_string(),
            version: layout.version(),
            fingerprint: layout.fingerprint(),
            descriptor: layout.descriptor(),
            pages,
            current,
        }
    }
}
