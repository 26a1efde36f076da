//! The tree below a map, over encoded keys and values: finding the leaf of a key, and finding the key in
//! it by reading just what the search needs.

use std::cmp::Ordering;

use graven_core::evolution::Plan;
use graven_core::layout::Invalid;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, PAGE_SIZE, PageBytes, Pager};
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

use super::cell::{CellFormat, CellHead, Form, ROOM, SLOT, compare};
use super::node;

/// Reads a value of an older layout and writes it in the newest one.
pub(crate) type Convert = fn(&Plan, &[u8]) -> Result<Vec<u8>, Invalid>;

/// The tree of one map.
pub(crate) struct Tree<M> {
    pub(crate) root: Root<M>,
    pub(crate) key_size: Option<usize>,
    pub(crate) convert: Convert,
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
pub(crate) struct Found<'a> {
    /// The leaf.
    pub(crate) page: u32,
    /// Index of its layout in the registry.
    pub(crate) layout: u16,
    pub(crate) place: Place<'a>,
}

/// A leaf of which just the parts that were needed have been read, each to where it stands in the page.
pub(crate) struct Part<'a, M> {
    pub(crate) pager: &'a Pager<M>,
    pub(crate) page: u32,
    pub(crate) bytes: &'a mut PageBytes,
    pub(crate) header: NodeHeader,
}

impl<'a, M: Memory> Part<'a, M> {
    /// Reads header and slots.
    #[inline]
    pub(crate) fn open(pager: &'a Pager<M>, page: u32, bytes: &'a mut PageBytes) -> Result<Self> {
        pager.read(page, 0, &mut bytes[..HEADER_SIZE])?;
        let header = node::header(page, &bytes[..HEADER_SIZE])?;
        let count = header.count.get() as usize;
        if header.kind != Kind::Node as u8 || header.level != 0 || count * SLOT > ROOM {
            return Err(Error::Damaged { page, why: "it is not a leaf" });
        }
        pager.read(page, HEADER_SIZE, &mut bytes[HEADER_SIZE..HEADER_SIZE + SLOT * count])?;
        Ok(Part { pager, page, bytes, header })
    }

    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.header.count.get() as usize
    }

    #[inline]
    pub(crate) fn slot(&self, index: usize) -> Result<Slot> {
        node::slot(self.page, &self.bytes[..], index, self.count())
    }

    /// Reads `len` bytes at `at`.
    #[inline]
    pub(crate) fn load(&mut self, at: usize, len: usize) -> Result<&[u8]> {
        let outside = Error::Damaged { page: self.page, why: "a cell reaches beyond its node" };
        let out = self.bytes.get_mut(at..at + len).ok_or(outside)?;
        self.pager.read(self.page, at, out)?;
        Ok(out)
    }

    /// The form of the cell in a slot.
    #[inline]
    pub(crate) fn format(&self, tree: &Tree<M>, slot: Slot) -> Result<CellFormat> {
        tree.leaf_format(self.page, slot, self.header.layouts[slot.tag()].get())
    }

    /// Compares the key in a slot with `key`. Reads no more of it than may matter.
    #[inline]
    fn compare(&mut self, tree: &Tree<M>, index: usize, key: &[u8]) -> Result<(Ordering, CellHead)> {
        let slot = self.slot(index)?;
        let (format, at) = (self.format(tree, slot)?, slot.place());
        let guess = match format.key_size {
            Some(size) => format.prefix() + size,
            None => (format.prefix() + key.len() + 1).min(48).min(PAGE_SIZE - at),
        };
        let broken = Error::Damaged { page: self.page, why: "a cell is too short" };
        let bytes = self.load(at, guess)?;
        let head = format.head(bytes).ok_or(broken)?;
        let key_at = at + head.prefix;
        let known = head.key_len.min(guess - head.prefix);
        let common = known.min(key.len());
        let order = compare(&self.bytes[key_at..key_at + common], &key[..common]);
        if order.is_ne() || common == head.key_len || common == key.len() {
            return Ok((order.then(head.key_len.cmp(&key.len())), head));
        }
        let found = self.load(key_at, head.key_len)?;
        Ok((compare(found, key), head))
    }

    /// The slot of `key` with what its cell says, or where it would have to be.
    #[inline]
    pub(crate) fn search(&mut self, tree: &Tree<M>, key: &[u8]) -> Result<Result<(usize, CellHead), usize>> {
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = (low + high) / 2;
            match self.compare(tree, middle, key)? {
                (Ordering::Less, _) => low = middle + 1,
                (Ordering::Greater, _) => high = middle,
                (Ordering::Equal, head) => return Ok(Ok((middle, head))),
            }
        }
        Ok(Err(low))
    }

    /// The value in a slot.
    #[inline]
    pub(crate) fn found(&mut self, index: usize, head: &CellHead) -> Result<Found<'_>> {
        let slot = self.slot(index)?;
        let (page, layout) = (self.page, self.header.layouts[slot.tag()].get());
        let place = if slot.owns() {
            Place::Chain { page: head.page, len: head.value_len }
        } else {
            let value = head.value();
            Place::Inline(self.load(slot.place() + value.start, value.len())?)
        };
        Ok(Found { page, layout, place })
    }
}

impl<M: Memory> Tree<M> {
    /// The child of an inner node below which `key` is, and its position.
    #[inline]
    pub(crate) fn child(&self, page: u32, bytes: &PageBytes, level: u32, key: &[u8]) -> Result<(u32, usize)> {
        let count = usize::from(u16::from_le_bytes([bytes[2], bytes[3]]));
        if u32::from(bytes[1]) != level || count == 0 || count * SLOT > ROOM {
            return Err(Error::Damaged { page, why: "it is not an inner node of its level" });
        }
        let format = self.inner_format();
        let (mut low, mut high) = (1, count);
        while low < high {
            let middle = (low + high) / 2;
            let (head, cell) = node::cell(page, bytes, node::slot(page, bytes, middle, count)?, format)?;
            if compare(&cell[head.key()], key).is_le() { low = middle + 1 } else { high = middle }
        }
        let (head, _) = node::cell(page, bytes, node::slot(page, bytes, low - 1, count)?, format)?;
        Ok((head.page, low - 1))
    }

    /// The leaf of `key`. The tree is not empty.
    #[inline]
    pub(crate) fn leaf(&self, key: &[u8]) -> Result<u32> {
        let state = self.root.state();
        let mut page = state.top.get();
        let mut level = state.height.get();
        while level > 1 {
            level -= 1;
            let child = self.root.pager().with_node(page, |bytes| self.child(page, bytes, level, key))?;
            page = child.0;
        }
        Ok(page)
    }

    /// Whether there are no entries.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.root.state().top.get() == 0
    }

    /// Calls `read` with the value of `key`, if there is one.
    #[inline]
    pub(crate) fn lookup<R>(
        &self,
        key: &[u8],
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_empty() {
            return Ok(None);
        }
        let leaf = self.leaf(key)?;
        let pager = self.root.pager();
        pager.with_scratch(|bytes| {
            let mut part = Part::open(pager, leaf, bytes)?;
            match part.search(self, key)? {
                Ok((index, head)) => read(part.found(index, &head)?).map(Some),
                Err(_) => Ok(None),
            }
        })
    }

    /// Whether there is an entry for `key`.
    pub(crate) fn contains(&self, key: &[u8]) -> Result<bool> {
        if self.is_empty() {
            return Ok(false);
        }
        let leaf = self.leaf(key)?;
        let pager = self.root.pager();
        pager.with_scratch(|bytes| Ok(Part::open(pager, leaf, bytes)?.search(self, key)?.is_ok()))
    }

    /// Reads a value's bytes, wherever they are.
    pub(crate) fn value_bytes(&self, place: Place<'_>) -> Result<Vec<u8>> {
        match place {
            Place::Inline(bytes) => Ok(bytes.to_vec()),
            Place::Chain { page, len } => self.root.pager().read_chain(page, len),
        }
    }

    /// The form in which a value of the newest layout stands in a leaf.
    #[inline]
    pub(crate) fn new_format(&self, key: usize, value: usize) -> CellFormat {
        let size = self.root.newest_size();
        let inline = CellFormat { key_size: self.key_size, form: Form::Inline(size) };
        if inline.len(key, value) <= super::cell::MAX_CELL {
            inline
        } else {
            CellFormat { key_size: self.key_size, form: Form::Chain }
        }
    }
}
