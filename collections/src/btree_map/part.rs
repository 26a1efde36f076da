//! A leaf of which just some parts are read: finding a key in it by reading no more than the search needs.

use std::cmp::Ordering;

use graven_core::key::KeyBuf;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, Located, PAGE_SIZE, PageBytes, Pager};
use graven_core::{Error, Memory, Result};

use super::cell::{CellFormat, CellHead, Form, ROOM, SLOT, Sizes, compare, compare_fixed};
use super::node;
use super::tree::{Found, Place, Tree};
use crate::fields::spot::Spot;

/// A leaf of which just the parts that were needed have been read, each to where it stands in the page.
pub(crate) struct Part<'a, M> {
    pub(crate) pager: &'a Pager<M>,
    pub(crate) page: u32,
    pub(crate) bytes: &'a mut PageBytes,
    pub(crate) header: NodeHeader,
    located: Located,
}

impl<'a, M: Memory> Part<'a, M> {
    /// Reads header and slots.
    #[inline]
    pub(crate) fn open(pager: &'a Pager<M>, page: u32, bytes: &'a mut PageBytes) -> Result<Self> {
        let located = pager.locate(page)?;
        let short = || Error::Damaged { page, why: "it is too short" };
        let head = pager.mirror(located, bytes, 0, HEADER_SIZE).ok_or_else(short)?;
        let header = node::header(page, head)?;
        let slots = header.count.get() as usize * SLOT;
        if header.kind != Kind::Node as u8 || header.level != 0 || slots > ROOM {
            return Err(Error::Damaged { page, why: "it is not a leaf" });
        }
        pager.mirror(located, bytes, HEADER_SIZE, slots).ok_or_else(short)?;
        Ok(Part { pager, page, bytes, header, located })
    }

    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.header.count.get() as usize
    }

    #[inline(always)]
    pub(crate) fn slot(&self, index: usize) -> Result<Slot> {
        node::slot(self.page, self.bytes, index, self.count())
    }

    /// Reads `len` bytes at `at`.
    #[inline(always)]
    pub(crate) fn load(&mut self, at: usize, len: usize) -> Result<&[u8]> {
        let page = self.page;
        let read = self.pager.mirror(self.located, self.bytes, at, len);
        read.ok_or_else(|| Error::Damaged { page, why: "a cell reaches beyond its node" })
    }

    /// The form of the cell in a slot.
    #[inline(always)]
    fn format(&self, tree: &Tree<M>, sizes: Sizes, slot: Slot) -> Result<CellFormat> {
        tree.leaf_format(sizes, self.page, slot, self.header.layouts[slot.tag()].get())
    }

    /// What the cell in a slot says about itself.
    #[inline(always)]
    fn head(&mut self, format: CellFormat, at: usize) -> Result<CellHead> {
        let page = self.page;
        let bytes = if format.prefix() == 0 { &[] } else { self.load(at, format.prefix())? };
        format.head(bytes).ok_or_else(|| Error::Damaged { page, why: "a cell is too short" })
    }

    /// The order of the key in a slot and the one looked for. Reads no more than may matter.
    #[inline(always)]
    fn compare(&mut self, tree: &Tree<M>, sizes: Sizes, index: usize, key: &[u8]) -> Result<Ordering> {
        let slot = self.slot(index)?;
        let format = self.format(tree, sizes, slot)?;
        match sizes.key {
            Some(size) => Ok(compare(self.load(slot.place() + format.prefix(), size)?, key)),
            None => self.compare_dynamic(format, slot, key),
        }
    }

    /// Keys of any length: first as many bytes as the one looked for may take, up to a limit.
    fn compare_dynamic(&mut self, format: CellFormat, slot: Slot, key: &[u8]) -> Result<Ordering> {
        let (page, at, prefix) = (self.page, slot.place(), format.prefix());
        let guess = (prefix + key.len() + 1).min(48).min(PAGE_SIZE - at);
        let broken = || Error::Damaged { page, why: "a cell is too short" };
        let bytes = self.load(at, guess)?;
        let head = format.head(bytes).ok_or_else(broken)?;
        let common = head.key_len.min(guess - prefix).min(key.len());
        let order = compare(&bytes[prefix..prefix + common], &key[..common]);
        if order.is_ne() || common == head.key_len || common == key.len() {
            return Ok(order.then(head.key_len.cmp(&key.len())));
        }
        Ok(compare(self.load(at + prefix, head.key_len)?, key))
    }

    /// The slot of `key` with what its cell says, or where it would have to be.
    #[inline(always)]
    pub(crate) fn search(
        &mut self,
        tree: &Tree<M>,
        sizes: Sizes,
        key: &[u8],
    ) -> Result<Result<(usize, CellHead), usize>> {
        if let Some(searched) = self.try_plain(tree, sizes, key) {
            let index = match searched? {
                Ok(index) => index,
                Err(index) => return Ok(Err(index)),
            };
            let format = if node::is_plain(&self.header, tree.root.newest()) {
                CellFormat { key_size: sizes.key, form: Form::Inline(sizes.value) }
            } else {
                self.format(tree, sizes, self.slot(index)?)?
            };
            return format.head(&[]).map(|head| Ok((index, head))).ok_or_else(|| self.broken());
        }
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = (low + high) / 2;
            match self.compare(tree, sizes, middle, key)? {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => {
                    let slot = self.slot(middle)?;
                    let format = self.format(tree, sizes, slot)?;
                    return Ok(Ok((middle, self.head(format, slot.place())?)));
                }
            }
        }
        Ok(Err(low))
    }

    /// The same where all cells are a key of a usual length, a value of some constant size, and nothing else.
    /// Slots that point astray are bent to where reading does no harm, and found out when the cell is used.
    #[inline(always)]
    fn search_plain<const N: usize>(&mut self, key: &[u8]) -> Result<Result<usize, usize>> {
        let (mut low, mut high) = (0, self.count());
        let lowest = HEADER_SIZE + SLOT * high;
        let Some(key) = key.first_chunk::<N>().filter(|_| lowest + N <= PAGE_SIZE) else {
            return Err(self.broken());
        };
        while low < high {
            let middle = (low + high) / 2;
            let place = Slot::at(self.bytes, middle).map_or(0, Slot::place);
            let place = place.max(lowest).min(PAGE_SIZE - N);
            let found = self.pager.mirror(self.located, self.bytes, place, N);
            let Some(found) = found.and_then(<[u8]>::first_chunk::<N>) else { return Err(self.broken()) };
            match compare_fixed(found, key) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(Ok(middle)),
            }
        }
        Ok(Err(low))
    }

    /// Calls [`Part::search_plain`] if the leaf and the keys are such.
    #[inline(always)]
    fn try_plain(
        &mut self,
        tree: &Tree<M>,
        sizes: Sizes,
        key: &[u8],
    ) -> Option<Result<Result<usize, usize>>> {
        if sizes.value.is_none() || self.count() == 0 {
            return None;
        }
        if !node::is_plain(&self.header, tree.root.newest()) && !self.is_constant(tree) {
            return None;
        }
        match sizes.key {
            Some(4) => Some(self.search_plain::<4>(key)),
            Some(8) => Some(self.search_plain::<8>(key)),
            Some(30) => Some(self.search_plain::<30>(key)),
            Some(32) => Some(self.search_plain::<32>(key)),
            _ => None,
        }
    }

    /// Whether all values are inside the leaf, and in layouts of constant sizes: then keys stand in front.
    fn is_constant(&self, tree: &Tree<M>) -> bool {
        let constant = |layout| matches!(tree.root.size_of(layout, self.page), Ok(Some(_)));
        self.header.refs.get() == 0 && node::listed(&self.header).all(constant)
    }

    #[cold]
    fn broken(&self) -> Error {
        Error::Damaged { page: self.page, why: "a slot or a cell is not where it can be" }
    }

    /// The key in a slot, and what its cell says.
    pub(crate) fn key(&mut self, tree: &Tree<M>, index: usize) -> Result<(KeyBuf, CellHead)> {
        let slot = self.slot(index)?;
        let format = self.format(tree, tree.sizes, slot)?;
        let head = self.head(format, slot.place())?;
        let key = self.load(slot.place() + head.prefix, head.key_len)?;
        Ok((KeyBuf::from(key), head))
    }

    /// What the cell in a slot says about itself.
    pub(crate) fn entry(&mut self, tree: &Tree<M>, index: usize) -> Result<CellHead> {
        if index >= self.count() {
            return Err(self.broken());
        }
        let slot = self.slot(index)?;
        let format = self.format(tree, tree.sizes, slot)?;
        self.head(format, slot.place())
    }

    /// The value in a slot.
    #[inline(always)]
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

    /// Where the value in a slot stands.
    #[inline(always)]
    pub(crate) fn spot(&self, index: usize, head: &CellHead) -> Result<Spot> {
        let slot = self.slot(index)?;
        let (page, layout) = (self.page, self.header.layouts[slot.tag()].get());
        if slot.owns() {
            return Ok(Spot::in_chain(page, layout, head.page, head.value_len));
        }
        Spot::in_page(page, layout, slot.place() + head.value().start, head.value_len)
    }
}
