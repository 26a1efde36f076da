//! A root that is read without its types.

use graven_core::layout::stored::OwnedLayout;
use graven_core::page::LayoutId;
use graven_core::store::{CollectionKind, OpenedRoot, Root, RootStats};
use graven_core::{Memory, Result};

use super::body::{Body, Tables, row_key};
use crate::engine::hash::Table;

/// The offset in the extra bytes of an index of the byte that says which rows have entries.
const STATE_AT: usize = 0;

/// The rows of a table that have entries in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexState {
    /// No row.
    Nothing,
    /// The rows up to the one with this encoded key.
    UpTo(Vec<u8>),
    /// All rows.
    Complete,
}

/// A root of a [`StoredStore`](super::StoredStore).
pub struct StoredRoot<M: Memory> {
    kind: CollectionKind,
    key: Option<OwnedLayout>,
    /// The layout of the keys of the rows, if this is an index.
    row_key: Option<OwnedLayout>,
    layouts: Vec<(LayoutId, OwnedLayout)>,
    declaration: String,
    stats: RootStats,
    pub(super) body: Body<M>,
}

impl<M: Memory> core::fmt::Debug for StoredRoot<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("StoredRoot").field("declaration", &self.declaration).finish_non_exhaustive()
    }
}

impl<M: Memory> StoredRoot<M> {
    pub(super) fn new(opened: OpenedRoot<M>, tables: &Tables) -> Result<Self> {
        let row_key = row_key(opened.root.name(), tables).filter(|_| opened.kind.is_index()).cloned();
        Ok(StoredRoot {
            kind: opened.kind,
            key: opened.key.clone(),
            row_key,
            layouts: opened.layouts.clone(),
            declaration: opened.declaration(),
            stats: opened.stats(),
            body: Body::open(opened, tables)?,
        })
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.body.root().name()
    }

    /// Returns the kind of the collection.
    #[must_use]
    pub fn kind(&self) -> CollectionKind {
        self.kind
    }

    /// Returns the declaration, as in `users: BTreeMap<Principal, User>`.
    #[must_use]
    pub fn declaration(&self) -> &str {
        &self.declaration
    }

    /// Returns the layout of the keys as the registry has it. In a `Nested` and in an index it is a
    /// tuple of two keys.
    #[must_use]
    pub fn stored_key(&self) -> Option<&OwnedLayout> {
        self.key.as_ref()
    }

    /// Returns the layout of the keys of rows, if this is an index of a table that is stored.
    #[must_use]
    pub fn row_key(&self) -> Option<&OwnedLayout> {
        self.row_key.as_ref()
    }

    /// Returns the layouts that values may have, in the order in which they were first stored.
    /// Those of an index are a description of it.
    #[must_use]
    pub fn layouts(&self) -> &[(LayoutId, OwnedLayout)] {
        &self.layouts
    }

    /// Returns the layout with a number, if values of this root may have it.
    #[must_use]
    pub fn layout(&self, index: LayoutId) -> Option<&OwnedLayout> {
        self.layouts.iter().find(|(known, _)| *known == index).map(|(_, layout)| layout)
    }

    /// Returns `true` if the value of an entry is in a previous layout.
    #[must_use]
    pub fn is_previous(&self, entry: &super::StoredEntry) -> bool {
        entry.layout.is_some_and(|layout| layout != self.root().current())
    }

    /// Returns the size and the layouts of the pages, those of a second tree included. Reads
    /// nothing.
    #[must_use]
    pub fn stats(&self) -> &RootStats {
        &self.stats
    }

    /// Returns the rows that have entries, if this is an index. Reads the root's page.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn index_state(&self) -> Result<Option<IndexState>> {
        if !self.kind.is_index() {
            return Ok(None);
        }
        let (root, mut state) = (self.root(), [0]);
        root.read_extra(STATE_AT, &mut state)?;
        Ok(Some(match state {
            [2] => IndexState::Complete,
            [1] => IndexState::UpTo(root.cursor()?.as_slice().to_vec()),
            _ => IndexState::Nothing,
        }))
    }

    /// Returns the words in which an index says how its entries follow from a row.
    #[must_use]
    pub fn definition(&self) -> Option<&str> {
        match self.layouts.last() {
            Some((_, OwnedLayout::Struct { fields, .. })) if self.kind.is_index() => {
                fields.first().map(|field| field.name.as_str())
            }
            _ => None,
        }
    }

    /// Returns the fields of rows that an index includes: a struct of no bytes and these, in the
    /// order in which they are stored.
    #[must_use]
    pub fn included(&self) -> Option<&OwnedLayout> {
        match self.layouts.last() {
            Some((_, layout @ OwnedLayout::Struct { fields, .. })) if self.kind.is_index() => {
                (fields.len() > 1).then_some(layout)
            }
            _ => None,
        }
    }

    /// Returns the seed of the hash of a `HashMap` or `HashSet`.
    #[must_use]
    pub fn seed(&self) -> Option<u64> {
        match &self.body {
            Body::Hash(table) => Some(Table::seed(table)),
            _ => None,
        }
    }

    pub(super) fn root(&self) -> &Root<M> {
        self.body.root()
    }
}
