//! Walking over leaves in both directions. A cursor holds a leaf at each end; the next one is found from the
//! top by the key that separates them, so leaves need no links and a walk holds no path.

use std::cmp::Ordering;
use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::page::{Kind, PAGE_SIZE, PageBytes};
use graven_core::{Error, Memory, Result};

use super::cell::{CellHead, compare};
use super::node;
use super::tree::{Found, Place, Tree};

/// The keys between which a leaf's keys are.
#[derive(Debug, Default)]
pub(crate) struct LeafBounds {
    /// The leaf's keys are not below.
    pub(crate) low: Option<KeyBuf>,
    /// The leaf's keys are below.
    pub(crate) high: Option<KeyBuf>,
}

/// A leaf read as a whole.
struct Leaf {
    page: u32,
    bytes: Box<PageBytes>,
    count: usize,
    bounds: LeafBounds,
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
    /// The leaf in which `key` would be, and between which keys it lies. The tree is not empty.
    pub(crate) fn leaf_bounds(&self, key: &[u8]) -> Result<(u32, LeafBounds)> {
        self.descend(|page, bytes, level| self.child(page, bytes, level, key).map(|(_, index)| index))
    }

    /// The leaf with the greatest keys below `key`, or with the greatest of all.
    fn leaf_below(&self, key: Option<&[u8]>) -> Result<(u32, LeafBounds)> {
        self.descend(|page, bytes, level| {
            let Some(key) = key else {
                let count = node::header(page, bytes)?.count.get() as usize;
                return count.checked_sub(1).ok_or(Error::Damaged { page, why: "an inner node is empty" });
            };
            let (_, index) = self.child(page, bytes, level, key)?;
            let at = self.separator_at(page, bytes, index)?;
            Ok(if index > 0 && compare(at.as_slice(), key).is_eq() { index - 1 } else { index })
        })
    }

    fn separator_at(&self, page: u32, bytes: &[u8; PAGE_SIZE], index: usize) -> Result<KeyBuf> {
        let count = node::header(page, bytes)?.count.get() as usize;
        let slot = node::slot(page, bytes, index, count)?;
        let (head, cell) = node::cell(page, bytes, slot, self.inner_format())?;
        Ok(KeyBuf::from(&cell[head.key()]))
    }

    /// Goes down to a leaf by the child that `choose` takes at each node.
    fn descend(&self, choose: impl Fn(u32, &PageBytes, u32) -> Result<usize>) -> Result<(u32, LeafBounds)> {
        let state = self.root.state();
        let (mut page, mut bounds) = (state.top.get(), LeafBounds::default());
        for level in (1..state.height.get()).rev() {
            page = self.root.pager().with_node(page, |bytes| {
                if u32::from(bytes[1]) != level {
                    return Err(Error::Damaged { page, why: "it is not an inner node of its level" });
                }
                let index = choose(page, bytes, level)?;
                let count = node::header(page, bytes)?.count.get() as usize;
                if index > 0 {
                    bounds.low = Some(self.separator_at(page, bytes, index)?);
                }
                if index + 1 < count {
                    bounds.high = Some(self.separator_at(page, bytes, index + 1)?);
                }
                let slot = node::slot(page, bytes, index, count)?;
                Ok(node::cell(page, bytes, slot, self.inner_format())?.0.page)
            })?;
        }
        Ok((page, bounds))
    }

    fn read_leaf(&self, at: (u32, LeafBounds), mut bytes: Box<PageBytes>) -> Result<Leaf> {
        let (page, bounds) = at;
        self.root.pager().read(page, 0, bytes.as_mut_slice())?;
        let header = node::header(page, &bytes[..])?;
        if header.kind != Kind::Node as u8 || header.level != 0 {
            return Err(Error::Damaged { page, why: "it is not a leaf" });
        }
        Ok(Leaf { page, bytes, count: header.count.get() as usize, bounds })
    }

    fn leaf_cell<'a>(&self, leaf: &'a Leaf, index: usize) -> Result<(CellHead, &'a [u8], u16, bool)> {
        let slot = node::slot(leaf.page, &leaf.bytes[..], index, leaf.count)?;
        let at = 16 + 2 * slot.tag();
        let layout = u16::from_le_bytes([leaf.bytes[at], leaf.bytes[at + 1]]);
        let format = self.leaf_format(leaf.page, slot, layout)?;
        let (head, cell) = node::cell(leaf.page, &leaf.bytes, slot, format)?;
        Ok((head, cell, layout, slot.owns()))
    }

    /// The first slot whose key is not below `key`, or is above it.
    fn slot_at(&self, leaf: &Leaf, key: &[u8], above: bool) -> Result<usize> {
        let (mut low, mut high) = (0, leaf.count);
        while low < high {
            let middle = (low + high) / 2;
            let (head, cell, ..) = self.leaf_cell(leaf, middle)?;
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
    /// Steps forward: `read` gets the key and the value.
    pub(crate) fn next<R>(&mut self, read: impl FnOnce(&[u8], Found<'_>) -> Result<R>) -> Result<Option<R>> {
        self.step(true, read)
    }

    /// Steps backward.
    pub(crate) fn next_back<R>(
        &mut self,
        read: impl FnOnce(&[u8], Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        self.step(false, read)
    }

    fn step<R>(
        &mut self,
        forward: bool,
        read: impl FnOnce(&[u8], Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.finished {
            return Ok(None);
        }
        let arrived = if forward { self.settle_front() } else { self.settle_back() };
        let arrived = arrived.inspect_err(|_| self.finished = true)?;
        let (end, other) =
            if forward { (&mut self.front, &mut self.back) } else { (&mut self.back, &mut self.front) };
        let Some(end) = end.as_mut().filter(|_| arrived) else {
            self.finished = true;
            return Ok(None);
        };
        let index = if forward { end.index } else { end.index - 1 };
        let (head, cell, layout, owns) = self.tree.leaf_cell(&end.leaf, index)?;
        let key = &cell[head.key()];
        let place = if owns {
            Place::Chain { page: head.page, len: head.value_len }
        } else {
            Place::Inline(&cell[head.value()])
        };
        let result = read(key, Found { page: end.leaf.page, layout, place })?;
        end.index = if forward { index + 1 } else { index };
        if let Some(other) = other {
            other.limit = None;
            let bound = Bound::Excluded(KeyBuf::from(key));
            if forward { self.start = bound } else { self.end = bound }
        }
        Ok(Some(result))
    }

    /// Where the front has got to, for a back that begins now.
    fn front_bound(&self) -> Result<Option<Bound<KeyBuf>>> {
        let Some(End { leaf, index, .. }) = &self.front else { return Ok(None) };
        if let Some(last) = index.checked_sub(1) {
            let (head, cell, ..) = self.tree.leaf_cell(leaf, last)?;
            return Ok(Some(Bound::Excluded(KeyBuf::from(&cell[head.key()]))));
        }
        Ok(leaf.bounds.low.clone().map(Bound::Included))
    }

    /// Where the back has got to, for a front that begins now.
    fn back_bound(&self) -> Result<Option<Bound<KeyBuf>>> {
        let Some(End { leaf, index, .. }) = &self.back else { return Ok(None) };
        if *index < leaf.count {
            let (head, cell, ..) = self.tree.leaf_cell(leaf, *index)?;
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
            let leaf =
                tree.read_leaf(tree.leaf_bounds(key.unwrap_or_default())?, Box::new([0; PAGE_SIZE]))?;
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
            let End { leaf, .. } = self.front.take().unwrap_or_else(|| unreachable!("it was there above"));
            let at = tree.leaf_bounds(high.as_slice())?;
            progress(at.0, at.1.high.as_ref(), &high, Ordering::Greater)?;
            let leaf = tree.read_leaf(at, leaf.bytes)?;
            self.front = Some(End { leaf, index: 0, limit: None });
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
                Some(key) if above => tree.leaf_bounds(key)?,
                key => tree.leaf_below(key)?,
            };
            let leaf = tree.read_leaf(at, Box::new([0; PAGE_SIZE]))?;
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
            let End { leaf, .. } = self.back.take().unwrap_or_else(|| unreachable!("it was there above"));
            let at = tree.leaf_below(Some(low.as_slice()))?;
            progress(at.0, at.1.low.as_ref(), &low, Ordering::Less)?;
            let leaf = tree.read_leaf(at, leaf.bytes)?;
            let index = leaf.count;
            self.back = Some(End { leaf, index, limit: None });
        }
    }
}

/// Damaged separators must not make a walk go in circles.
fn progress(page: u32, next: Option<&KeyBuf>, last: &KeyBuf, expected: Ordering) -> Result<()> {
    if next.is_none_or(|next| compare(next.as_slice(), last.as_slice()) == expected) {
        return Ok(());
    }
    Err(Error::Damaged { page, why: "the keys above it are not in order" })
}
