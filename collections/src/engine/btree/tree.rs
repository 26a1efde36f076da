//! The tree below a map, over encoded keys and values, and lookups of single entries.

use crate::engine::btree::end::KnownEnd;
use crate::engine::cell::{Convert, StoredValue};
use crate::engine::leaf::context::LeafContext;
use crate::engine::migrate::MigrationProgress;
use std::cell::Cell;

use graven_core::key::KeyBuf;
use graven_core::store::Root;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::Sizes;
use crate::engine::cell::ValueLocation;
use crate::engine::leaf::reader::NodeReader;

/// The tree of one map.
pub(crate) struct Tree<M> {
    pub(crate) context: LeafContext<M>,
    pub(crate) pass: Cell<MigrationProgress>,
    /// How often the walks that exist were ended.
    pub(crate) ended_walks: Cell<u32>,
    pub(crate) end: KnownEnd,
}

impl<M: Memory> Tree<M> {
    pub(crate) fn new(root: Root<M>, sizes: Sizes, convert: Convert) -> Self {
        Tree {
            context: LeafContext::new(root, sizes, convert),
            pass: Cell::default(),
            ended_walks: Cell::new(0),
            end: KnownEnd::default(),
        }
    }

    /// Returns the root.
    #[inline(always)]
    pub(crate) fn root(&self) -> &Root<M> {
        &self.context.root
    }

    /// Ends the walks that exist, with an error once they leave their leaf. For changes that come
    /// through another collection, which the borrow checker does not see.
    pub(crate) fn end_walks(&self) {
        self.ended_walks.set(self.ended_walks.get().wrapping_add(1));
    }

    /// Returns `true` if there are no entries.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.root().state().top.get().is_none()
    }

    /// Calls `read` with the value of `key`, if there is one, and returns the result.
    #[inline(always)]
    pub(crate) fn lookup<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_empty() {
            return Ok(None);
        }
        let leaf = self.leaf(sizes, key)?;
        let pager = self.root().pager();
        let mut scratch = pager.take_scratch();
        let mut part = NodeReader::open_node(pager, self.root().page(), leaf, &mut scratch.0)?;
        let mut other;
        let found = match part.current_cells(&self.context, sizes) {
            Some(fixed) => part
                .seek_value((fixed, self.root().current()), key)
                .map(|found| found.map(|(_, found)| found)),
            None => {
                // Moved, so that the compiler keeps the fields of `part` out of memory.
                other = part;
                self.find_other(&mut other, key).map(|found| found.map(|(_, found)| found))
            }
        };
        // One place reads the value, so that it is moved once.
        let found = match found {
            Ok(Some(found)) => read(found).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        pager.put_scratch(scratch);
        found
    }

    /// Returns the location of the value of `key`, if there is one, without reading the value.
    #[inline(always)]
    pub(crate) fn location(&self, sizes: Sizes, key: &[u8]) -> Result<Option<ValueLocation>> {
        if self.is_empty() {
            return Ok(None);
        }
        let leaf = self.leaf(sizes, key)?;
        let pager = self.root().pager();
        pager.with_scratch(|bytes| {
            let mut part = NodeReader::open_node(pager, self.root().page(), leaf, bytes)?;
            if let Some(fixed) = part.current_cells(&self.context, sizes) {
                return part.location_in_cells((fixed, self.root().current()), key);
            }
            if let Some(previous) = part.previous_cells(&self.context)? {
                return part.location_in_cells(previous, key);
            }
            match part.search(&self.context, key)? {
                Ok((index, head)) => part.location(index, &head).map(Some),
                Err(_) => Ok(None),
            }
        })
    }

    /// Calls `read` with the least key and its value, and returns the result.
    pub(crate) fn first<R>(
        &self,
        read: impl FnOnce(KeyBuf, StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_empty() {
            return Ok(None);
        }
        let leaf = self.leaf(self.context.sizes, &[])?;
        let pager = self.root().pager();
        pager.with_scratch(|bytes| {
            let mut part = NodeReader::open_node(pager, self.root().page(), leaf, bytes)?;
            if part.count() == 0 {
                return Err(self.root().damaged(leaf.page, Damage::EmptyNode));
            }
            let (key, head) = part.key(&self.context, 0)?;
            read(key, part.found(0, &head)?).map(Some)
        })
    }
}
