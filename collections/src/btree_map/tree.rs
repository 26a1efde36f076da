//! The tree below a map, over encoded keys and values: finding the leaf of a key, and finding the key in
//! it by reading just what the search needs.

use std::cell::Cell;
use std::cmp::Ordering;

use graven_core::evolution::Plan;
use graven_core::layout::Invalid;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{CachedNode, Kind, Located, PAGE_SIZE, PageBytes, Pager};
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

use super::cell::{CellFormat, CellHead, Form, ROOM, SLOT, Sizes, compare, compare_fixed};
use super::node;
use super::sweep::Pass;

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
