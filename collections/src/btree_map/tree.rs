//! The tree below a map, over encoded keys and values: finding the leaf of a key over the inner nodes.

use std::borrow::Cow;
use std::cell::Cell;

use graven_core::evolution::Plan;
use graven_core::key::KeyBuf;
use graven_core::layout::Invalid;
use graven_core::page::Pager;
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

use super::cell::{CellFormat, CellHead, Form, Sizes};
use super::part::Part;
use super::probe::NEAR;
use super::sweep::Pass;
use crate::fields::spot::Spot;

/// Reads a value of an older layout and writes it in the newest one.
pub(crate) type Convert = fn(&Plan, &[u8]) -> Result<Vec<u8>, Invalid>;

/// The tree of one map.
pub(crate) struct Tree<M> {
    pub(crate) root: Root<M>,
    pub(crate) sizes: Sizes,
    pub(crate) convert: Convert,
    pub(super) pass: Cell<Pass>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// In the leaf.
    Inline(&'a [u8]),
    /// In a chain of extents.
    Chain { page: u32, len: usize },
}

/// A value as it was found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The leaf.
    pub(crate) page: u32,
    /// Index of its layout in the registry.
    pub(crate) layout: u16,
    pub(crate) place: Place<'a>,
}

impl<'a> Found<'a> {
    /// The value of a whole cell.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the cell is too short for it.
    pub(crate) fn in_cell(
        page: u32,
        layout: u16,
        cell: &'a [u8],
        owns: bool,
        head: &CellHead,
    ) -> Result<Self> {
        let place = if owns {
            Place::Chain { page: head.page, len: head.value_len }
        } else {
            let value = cell.get(head.value());
            Place::Inline(value.ok_or_else(|| Error::Damaged { page, why: "a cell is too short" })?)
        };
        Ok(Found { page, layout, place })
    }

    /// The bytes of the value, wherever it is.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub(crate) fn read(self, pager: &Pager<impl Memory>) -> Result<Cow<'a, [u8]>> {
        match self.place {
            Place::Inline(bytes) => Ok(Cow::Borrowed(bytes)),
            Place::Chain { page, len } => pager.read_chain(page, len).map(Cow::Owned),
        }
    }

    /// Bytes of the value.
    pub(crate) fn len(&self) -> usize {
        match self.place {
            Place::Inline(bytes) => bytes.len(),
            Place::Chain { len, .. } => len,
        }
    }
}

impl<M: Memory> Tree<M> {
    pub(crate) fn new(root: Root<M>, sizes: Sizes, convert: Convert) -> Self {
        Tree { root, sizes, convert, pass: Cell::default() }
    }

    /// Whether there are no entries.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.root.state().top.get() == 0
    }

    /// Calls `read` with the value of `key`, if there is one.
    #[inline(always)]
    pub(crate) fn lookup<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_empty() {
            return Ok(None);
        }
        let leaf = self.leaf(sizes, key)?;
        let pager = self.root.pager();
        pager.with_scratch(|bytes| {
            let mut part = Part::open_node(pager, leaf, bytes)?;
            let newest = self.root.newest();
            if let Some(near) = part.newest_value(self, sizes, key) {
                let Some(at) = near? else { return Ok(None) };
                let len = sizes.value.unwrap_or(0);
                if len > NEAR {
                    part.load(at, len)?;
                }
                let value = part.bytes.get(at..at + len);
                let place = Place::Inline(value.ok_or_else(|| part.broken())?);
                return read(Found { page: leaf.page, layout: newest, place }).map(Some);
            }
            match part.found_slowly(self, key)? {
                Some(found) => read(found).map(Some),
                None => Ok(None),
            }
        })
    }

    /// Where the value of `key` stands, if there is one: as [`Tree::lookup`], without reading the value.
    #[inline(always)]
    pub(crate) fn spot(&self, sizes: Sizes, key: &[u8]) -> Result<Option<Spot>> {
        if self.is_empty() {
            return Ok(None);
        }
        let leaf = self.leaf(sizes, key)?;
        let pager = self.root.pager();
        pager.with_scratch(|bytes| {
            let mut part = Part::open_node(pager, leaf, bytes)?;
            if let Some(near) = part.newest_value(self, sizes, key) {
                let Some(at) = near? else { return Ok(None) };
                let len = sizes.value.unwrap_or(0);
                return Spot::in_page(leaf.page, self.root.newest(), at, len).map(Some);
            }
            match part.search_any(self, sizes, key)? {
                Ok((index, head)) => part.spot(index, &head).map(Some),
                Err(_) => Ok(None),
            }
        })
    }

    /// Calls `read` with the least key and its value.
    pub(crate) fn first<R>(&self, read: impl FnOnce(KeyBuf, Found<'_>) -> Result<R>) -> Result<Option<R>> {
        if self.is_empty() {
            return Ok(None);
        }
        let leaf = self.leaf(self.sizes, &[])?;
        let pager = self.root.pager();
        pager.with_scratch(|bytes| {
            let mut part = Part::open_node(pager, leaf, bytes)?;
            if part.count() == 0 {
                return Err(Error::Damaged { page: leaf.page, why: "a leaf is empty" });
            }
            let (key, head) = part.key(self, 0)?;
            read(key, part.found(0, &head)?).map(Some)
        })
    }

    /// The form in which a value of the newest layout stands in a leaf.
    #[inline(always)]
    pub(crate) fn new_format(sizes: Sizes, key: usize, value: usize) -> CellFormat {
        let inline = CellFormat { key_size: sizes.key, form: Form::Inline(sizes.value) };
        if inline.len(key, value) <= super::cell::MAX_CELL {
            inline
        } else {
            CellFormat { key_size: sizes.key, form: Form::Chain }
        }
    }
}
