//! Walking over leaves in both directions. A cursor holds a leaf at each end; the next one is found beside it or from
//! the top, see `leaves`.

use std::cmp::Ordering;
use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, PAGE_SIZE, PageBytes};
use graven_core::{Error, Memory, Result};

use super::cell::{CellHead, SLOT, Sizes, compare};
use super::leaves::LeafBounds;
use super::node;
use super::tree::{Found, Place, Tree};

/// A leaf read as a whole.
struct Leaf {
    page: u32,
    bytes: Box<PageBytes>,
    count: usize,
    bounds: LeafBounds,
    /// All values are inside and in the newest layout.
    plain: bool,
}

impl Leaf {
    /// Reads the entries of a plain leaf, one after another.
    #[inline(always)]
    fn each_plain(
        &self,
        slots: core::ops::Range<usize>,
        key_size: usize,
        value_size: usize,
        layout: u16,
        read: &mut impl FnMut(&[u8], Found<'_>) -> Result<()>,
    ) -> Result<()> {
        let broken = || Error::Damaged { page: self.page, why: "a cell reaches beyond its node" };
        let (all, _) = self.bytes[HEADER_SIZE..].as_chunks();
        for slot in all.get(slots).ok_or_else(broken)? {
            let place = Slot(u16::from_le_bytes(*slot)).place();
            let cell = self.bytes.get(place..place + key_size + value_size).ok_or_else(broken)?;
            let (key, value) = cell.split_at(key_size);
            read(key, Found { page: self.page, layout, place: Place::Inline(value) })?;
        }
        Ok(())
    }
}

/// One end of a walk: the leaf, the next slot, and where the other end's bound cuts the leaf.
struct End {
    leaf: Leaf,
    /// Slots from here on are still to come (front), or those before here (back).
    index: usize,
    /// The other end's bound as a slot, as long as that bound does not move.
    limit: Option<usize>,
}

/// A walk over a part of a tree.
pub(crate) struct Cursor<'a, M> {
    tree: &'a Tree<M>,
    start: Bound<KeyBuf>,
    end: Bound<KeyBuf>,
    front: Option<End>,
    back: Option<End>,
    finished: bool,
}

impl<M: Memory> Tree<M> {
    fn read_leaf(&self, at: (u32, LeafBounds)) -> Result<Leaf> {
        let (page, bounds) = at;
        let mut leaf = Leaf { page, bytes: Box::new([0; PAGE_SIZE]), count: 0, bounds, plain: false };
        self.fill(&mut leaf).map(|()| leaf)
    }

    /// Reads what a leaf's page holds, but not the gap in it.
    fn fill(&self, leaf: &mut Leaf) -> Result<()> {
        let (page, bytes, pager) = (leaf.page, &mut leaf.bytes, self.root.pager());
        let located = pager.locate(page)?;
        let broken = || Error::Damaged { page, why: "its slots and cells overlap" };
        pager.mirror(located, bytes, 0, HEADER_SIZE).ok_or_else(broken)?;
        let header = *NodeHeader::of(bytes);
        let (slots, cells) = (SLOT * header.count.get() as usize, header.cells.get() as usize);
        if cells > PAGE_SIZE || HEADER_SIZE + slots > cells {
            return Err(broken());
        }
        pager.mirror(located, bytes, HEADER_SIZE, slots).ok_or_else(broken)?;
        pager.mirror(located, bytes, cells, PAGE_SIZE - cells).ok_or_else(broken)?;
        if header.kind != Kind::Node as u8 || header.level != 0 {
            return Err(Error::Damaged { page, why: "it is not a leaf" });
        }
        leaf.plain = node::is_plain(&header, self.root.newest());
        leaf.count = header.count.get() as usize;
        Ok(())
    }

    #[inline(always)]
    fn leaf_cell<'a>(
        &self,
        sizes: Sizes,
        leaf: &'a Leaf,
        index: usize,
    ) -> Result<(CellHead, &'a [u8], u16, bool)> {
        let slot = node::slot(leaf.page, &leaf.bytes, index, leaf.count)?;
        let at = 16 + 2 * slot.tag();
        let layout = u16::from_le_bytes([leaf.bytes[at], leaf.bytes[at + 1]]);
        let format = self.leaf_format(sizes, leaf.page, slot, layout)?;
        let (head, cell) = node::cell(leaf.page, &leaf.bytes, slot, format)?;
        Ok((head, cell, layout, slot.owns()))
    }

    /// The first slot whose key is not below `key`, or is above it.
    fn slot_at(&self, leaf: &Leaf, key: &[u8], above: bool) -> Result<usize> {
        let (mut low, mut high) = (0, leaf.count);
        while low < high {
            let middle = (low + high) / 2;
            let (head, cell, ..) = self.leaf_cell(self.sizes, leaf, middle)?;
            let order = compare(&cell[head.key()], key);
            if order.is_lt() || (above && order.is_eq()) { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// A walk over the keys between two bounds.
    pub(crate) fn cursor(&self, start: Bound<KeyBuf>, end: Bound<KeyBuf>) -> Cursor<'_, M> {
        Cursor { tree: self, start, end, front: None, back: None, finished: self.is_empty() }
    }
}

impl<M: Memory> Cursor<'_, M> {
    /// Steps forward: `read` gets the key and the value. After an error there is nothing more.
    #[inline(always)]
    pub(crate) fn next<R>(
        &mut self,
        sizes: Sizes,
        read: impl FnOnce(&[u8], Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let ready = matches!(&self.front, Some(End { index, limit: Some(limit), .. }) if index < limit);
        if !ready && !self.settle(true)? {
            return Ok(None);
        }
        let Some(end) = &mut self.front else { return Ok(None) };
        let index = end.index;
        end.index += 1;
        let moved = read_at(self.tree, sizes, &end.leaf, index, self.back.is_some(), read);
        let (result, key) = moved.inspect_err(|_| self.finished = true)?;
        if let (Some(back), Some(key)) = (&mut self.back, key) {
            back.limit = None;
            self.start = Bound::Excluded(key);
        }
        Ok(Some(result))
    }

    /// Walks forward to the end, leaf by leaf.
    #[inline(always)]
    pub(crate) fn for_each(
        &mut self,
        sizes: Sizes,
        mut read: impl FnMut(&[u8], Found<'_>) -> Result<()>,
    ) -> Result<()> {
        while self.settle(true)? {
            let Some(End { index, limit: Some(limit), leaf }) = &mut self.front else { break };
            let slots = *index..*limit;
            *index = *limit;
            if let (Some(key_size), Some(value_size), true) = (sizes.key, sizes.value, leaf.plain) {
                leaf.each_plain(slots, key_size, value_size, self.tree.root.newest(), &mut read)?;
                continue;
            }
            for index in slots {
                read_at(self.tree, sizes, leaf, index, false, &mut read)?;
            }
        }
        self.finished = true;
        Ok(())
    }

    /// Steps backward.
    #[inline(always)]
    pub(crate) fn next_back<R>(
        &mut self,
        sizes: Sizes,
        read: impl FnOnce(&[u8], Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let ready = matches!(&self.back, Some(End { index, limit: Some(limit), .. }) if index > limit);
        if !ready && !self.settle(false)? {
            return Ok(None);
        }
        let Some(end) = &mut self.back else { return Ok(None) };
        end.index -= 1;
        let moved = read_at(self.tree, sizes, &end.leaf, end.index, self.front.is_some(), read);
        let (result, key) = moved.inspect_err(|_| self.finished = true)?;
        if let (Some(front), Some(key)) = (&mut self.front, key) {
            front.limit = None;
            self.end = Bound::Excluded(key);
        }
        Ok(Some(result))
    }

    /// Makes an end stand at an entry; false if there is none left.
    #[inline(never)]
    fn settle(&mut self, forward: bool) -> Result<bool> {
        if self.finished {
            return Ok(false);
        }
        let arrived = if forward { self.settle_front() } else { self.settle_back() };
        self.finished = !matches!(arrived, Ok(true));
        arrived
    }

    /// Where the front has got to, for a back that begins now.
    fn front_bound(&self) -> Result<Option<Bound<KeyBuf>>> {
        let Some(End { leaf, index, .. }) = &self.front else { return Ok(None) };
        if let Some(last) = index.checked_sub(1) {
            let (head, cell, ..) = self.tree.leaf_cell(self.tree.sizes, leaf, last)?;
            return Ok(Some(Bound::Excluded(KeyBuf::from(&cell[head.key()]))));
        }
        Ok(leaf.bounds.low.clone().map(Bound::Included))
    }

    /// Where the back has got to, for a front that begins now.
    fn back_bound(&self) -> Result<Option<Bound<KeyBuf>>> {
        let Some(End { leaf, index, .. }) = &self.back else { return Ok(None) };
        if *index < leaf.count {
            let (head, cell, ..) = self.tree.leaf_cell(self.tree.sizes, leaf, *index)?;
            return Ok(Some(Bound::Excluded(KeyBuf::from(&cell[head.key()]))));
        }
        Ok(leaf.bounds.high.clone().map(Bound::Excluded))
    }

    /// Makes the front stand at an entry; false if there is none left.
    fn settle_front(&mut self) -> Result<bool> {
        let tree = self.tree;
        if self.front.is_none() {
            if let Some(end) = self.back_bound()? {
                self.end = end;
            }
            let (key, above) = match &self.start {
                Bound::Included(key) => (Some(key.as_slice()), false),
                Bound::Excluded(key) => (Some(key.as_slice()), true),
                Bound::Unbounded => (None, false),
            };
            let leaf = tree.read_leaf(tree.leaf_of(key.unwrap_or_default())?)?;
            let index = key.map_or(Ok(0), |key| tree.slot_at(&leaf, key, above))?;
            self.front = Some(End { leaf, index, limit: None });
        }
        loop {
            let Some(end) = &mut self.front else { return Ok(false) };
            let limit = match (end.limit, &self.end) {
                (Some(limit), _) => limit,
                (None, Bound::Unbounded) => end.leaf.count,
                (None, Bound::Included(key)) => tree.slot_at(&end.leaf, key.as_slice(), true)?,
                (None, Bound::Excluded(key)) => tree.slot_at(&end.leaf, key.as_slice(), false)?,
            };
            end.limit = Some(limit);
            if end.index < limit {
                return Ok(true);
            }
            let Some(high) = end.leaf.bounds.high.take().filter(|_| limit == end.leaf.count) else {
                return Ok(false);
            };
            let (page, bounds) = tree.leaf_behind(end.leaf.bounds.parent.take(), &high)?;
            progress(page, bounds.high.as_ref(), &high, Ordering::Greater)?;
            (end.leaf.page, end.leaf.bounds, end.index, end.limit) = (page, bounds, 0, None);
            tree.fill(&mut end.leaf)?;
        }
    }

    /// Makes the back stand behind an entry; false if there is none left.
    fn settle_back(&mut self) -> Result<bool> {
        let tree = self.tree;
        if self.back.is_none() {
            if let Some(start) = self.front_bound()? {
                self.start = start;
            }
            let (key, above) = match &self.end {
                Bound::Included(key) => (Some(key.as_slice()), true),
                Bound::Excluded(key) => (Some(key.as_slice()), false),
                Bound::Unbounded => (None, false),
            };
            let at = match key {
                Some(key) if above => tree.leaf_of(key)?,
                key => tree.leaf_below(key)?,
            };
            let leaf = tree.read_leaf(at)?;
            let index = key.map_or(Ok(leaf.count), |key| tree.slot_at(&leaf, key, above))?;
            self.back = Some(End { leaf, index, limit: None });
        }
        loop {
            let Some(end) = &mut self.back else { return Ok(false) };
            let limit = match (end.limit, &self.start) {
                (Some(limit), _) => limit,
                (None, Bound::Unbounded) => 0,
                (None, Bound::Included(key)) => tree.slot_at(&end.leaf, key.as_slice(), false)?,
                (None, Bound::Excluded(key)) => tree.slot_at(&end.leaf, key.as_slice(), true)?,
            };
            end.limit = Some(limit);
            if end.index > limit {
                return Ok(true);
            }
            let Some(low) = end.leaf.bounds.low.take().filter(|_| limit == 0) else { return Ok(false) };
            let (page, bounds) = tree.leaf_in_front(end.leaf.bounds.parent.take(), &low)?;
            progress(page, bounds.low.as_ref(), &low, Ordering::Less)?;
            (end.leaf.page, end.leaf.bounds, end.limit) = (page, bounds, None);
            tree.fill(&mut end.leaf)?;
            end.index = end.leaf.count;
        }
    }
}

/// Reads the entry at `index` of a leaf; also gives its key, if the other end of the walk has to know it.
#[inline(always)]
fn read_at<M: Memory, R>(
    tree: &Tree<M>,
    sizes: Sizes,
    leaf: &Leaf,
    index: usize,
    tell: bool,
    read: impl FnOnce(&[u8], Found<'_>) -> Result<R>,
) -> Result<(R, Option<KeyBuf>)> {
    if let (Some(key_size), Some(value_size), true) = (sizes.key, sizes.value, leaf.plain) {
        let place = Slot::at(&leaf.bytes, index).map_or(PAGE_SIZE, Slot::place);
        let cell = leaf.bytes.get(place..).and_then(|rest| rest.get(..key_size + value_size));
        let Some(cell) = cell else {
            return Err(Error::Damaged { page: leaf.page, why: "a cell reaches beyond its node" });
        };
        let (key, value) = cell.split_at(key_size);
        let found = Found { page: leaf.page, layout: tree.root.newest(), place: Place::Inline(value) };
        return Ok((read(key, found)?, if tell { Some(KeyBuf::from(key)) } else { None }));
    }
    let (head, cell, layout, owns) = tree.leaf_cell(sizes, leaf, index)?;
    let key = &cell[head.key()];
    let place = if owns {
        Place::Chain { page: head.page, len: head.value_len }
    } else {
        Place::Inline(&cell[head.value()])
    };
    let result = read(key, Found { page: leaf.page, layout, place })?;
    Ok((result, if tell { Some(KeyBuf::from(key)) } else { None }))
}

/// Damaged separators must not make a walk go in circles.
fn progress(page: u32, next: Option<&KeyBuf>, last: &KeyBuf, expected: Ordering) -> Result<()> {
    if next.is_none_or(|next| compare(next.as_slice(), last.as_slice()) == expected) {
        return Ok(());
    }
    Err(Error::Damaged { page, why: "the keys above it are not in order" })
}
