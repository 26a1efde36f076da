//! The tree below a map, over encoded keys and values: finding the leaf of a key over the inner nodes.

use std::borrow::Cow;
use std::cell::Cell;

use graven_core::evolution::Plan;
use graven_core::key::KeyBuf;
use graven_core::layout::Invalid;
use graven_core::page::{CachedNode, PageBytes, Pager};
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

use super::cell::{CellFormat, CellHead, Form, ROOM, SLOT, Sizes, compare};
use super::node;
use super::part::Part;
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

    /// The child of an inner node below which `key` is, and its position.
    #[inline(always)]
    pub(crate) fn child(
        &self,
        sizes: Sizes,
        page: u32,
        node: &CachedNode,
        level: u32,
        key: &[u8],
    ) -> Result<(u32, usize)> {
        let bytes = node.bytes();
        let count = usize::from(u16::from_le_bytes([bytes[2], bytes[3]]));
        if u32::from(bytes[1]) != level || count == 0 || count * SLOT > ROOM {
            return Err(Error::Damaged { page, why: "it is not an inner node of its level" });
        }
        let format = CellFormat { key_size: sizes.key, form: Form::Child };
        let low = match node.heads(|bytes| self.read_heads(bytes, count)) {
            Some(heads) if heads.len() == count => {
                let head = head_of(key);
                let above = partition(heads, 1, |found| found <= head);
                if sizes.key == Some(8) {
                    above
                } else {
                    let below = partition(heads, 1, |found| found < head);
                    self.separators_up_to(page, bytes, below..above, count, format, key)?
                }
            }
            _ => self.separators_up_to(page, bytes, 1..count, count, format, key)?,
        };
        let at = node::slot(page, bytes, low - 1, count)?.place();
        let broken = || Error::Damaged { page, why: "a cell reaches beyond its node" };
        let child = bytes.get(at..).and_then(<[u8]>::first_chunk).ok_or_else(broken)?;
        Ok((u32::from_le_bytes(*child), low - 1))
    }

    /// How many children begin at or below `key`, known to be within `range`.
    #[inline(never)]
    fn separators_up_to(
        &self,
        page: u32,
        bytes: &PageBytes,
        range: core::ops::Range<usize>,
        count: usize,
        format: CellFormat,
        key: &[u8],
    ) -> Result<usize> {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = (low + high) / 2;
            let (head, cell) = node::cell(page, bytes, node::slot(page, bytes, middle, count)?, format)?;
            if compare(&cell[head.key()], key).is_le() { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// The first eight bytes of every separator of a node; none at all if the node is damaged.
    #[inline(never)]
    fn read_heads(&self, bytes: &PageBytes, count: usize) -> Vec<u64> {
        let mut heads = Vec::with_capacity(count);
        for index in 0..count {
            let Ok(slot) = node::slot(0, bytes, index, count) else { return Vec::new() };
            let Ok((head, cell)) = node::cell(0, bytes, slot, self.inner_format()) else { return Vec::new() };
            heads.push(head_of(&cell[head.key()]));
        }
        heads
    }

    /// Writes an inner node and gets it ready for searching while its content is at hand: what a query
    /// prepares is lost with the query.
    pub(crate) fn write_node(&self, page: u32, bytes: Box<PageBytes>) -> Result<()> {
        let (level, count) = (bytes[1], usize::from(u16::from_le_bytes([bytes[2], bytes[3]])));
        self.root.pager().write_page(page, bytes)?;
        if level == 0 {
            return Ok(());
        }
        self.root.pager().with_node(page, |node| {
            node.heads(|bytes| self.read_heads(bytes, count));
            Ok(())
        })
    }

    /// The leaf of `key`. The tree is not empty.
    #[inline(always)]
    pub(crate) fn leaf(&self, sizes: Sizes, key: &[u8]) -> Result<u32> {
        let state = self.root.state();
        let mut page = state.top.get();
        let mut level = state.height.get();
        while level > 1 {
            level -= 1;
            let pager = self.root.pager();
            let child = pager.with_node(page, |node| self.child(sizes, page, node, level, key))?;
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
            let mut part = Part::open(pager, leaf, bytes)?;
            match part.search(self, sizes, key)? {
                Ok((index, head)) => read(part.found(index, &head)?).map(Some),
                Err(_) => Ok(None),
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
            let mut part = Part::open(pager, leaf, bytes)?;
            match part.search(self, sizes, key)? {
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
        let page = self.leaf(self.sizes, &[])?;
        let pager = self.root.pager();
        pager.with_scratch(|bytes| {
            let mut part = Part::open(pager, page, bytes)?;
            if part.count() == 0 {
                return Err(Error::Damaged { page, why: "a leaf is empty" });
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

/// The first eight bytes of a key as a number, in the order of the bytes; zeros where it is shorter.
#[inline(always)]
fn head_of(key: &[u8]) -> u64 {
    match (key.first_chunk(), key.first_chunk()) {
        (Some(head), _) => u64::from_be_bytes(*head),
        (None, Some(head)) if key.len() == 4 => u64::from(u32::from_be_bytes(*head)) << 32,
        _ => key.iter().enumerate().fold(0, |head, (i, byte)| head | u64::from(*byte) << (56 - 8 * i)),
    }
}

/// How many numbers from `start` on belong to the front part, `start` itself added.
#[inline(always)]
fn partition(heads: &[u64], start: usize, in_front: impl Fn(u64) -> bool) -> usize {
    let (mut low, mut high) = (start, heads.len());
    while low < high {
        let middle = (low + high) / 2;
        if heads.get(middle).is_some_and(|head| in_front(*head)) { low = middle + 1 } else { high = middle }
    }
    low
}
