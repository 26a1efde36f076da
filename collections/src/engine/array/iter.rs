//! Iteration over values from both ends, a leaf at a time.

use graven_core::page::{PAGE_SIZE, PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::leaf;
use crate::engine::array::leaf::LeafKind;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::bounds::Left;
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::leaf::node;

/// A leaf with all of its bytes.
#[derive(Clone)]
struct Loaded {
    leaf: Leaf,
    bytes: Box<PageBytes>,
    kind: LeafKind,
}

/// A reader of the values in a range of indices, from both ends.
pub(crate) struct Values<'a, M: Memory> {
    sequence: &'a Sequence<M>,
    next: u64,
    end: u64,
    front: Option<Loaded>,
    back: Option<Loaded>,
    run: Run,
}

/// The slots of the front leaf, if it is an array of the current layout.
#[derive(Clone, Copy, Default)]
struct Run {
    /// The index of the first slot, which wraps around below zero if the slot is dead.
    base: u64,
    /// Number of slots that the array covers.
    len: u64,
    width: usize,
}

impl<M: Memory> Clone for Values<'_, M> {
    fn clone(&self) -> Self {
        Values { front: self.front.clone(), back: self.back.clone(), ..*self }
    }
}

impl<'a, M: Memory> Values<'a, M> {
    pub(crate) fn new(sequence: &'a Sequence<M>, range: core::ops::Range<u64>) -> Self {
        let end = range.end.min(sequence.len());
        Values { sequence, next: range.start.min(end), end, front: None, back: None, run: Run::default() }
    }

    pub(crate) fn left(&self) -> Left {
        Left::exactly(self.end - self.next)
    }

    /// Skips values at the front.
    pub(crate) fn skip_front(&mut self, count: u64) {
        self.next = self.next.saturating_add(count).min(self.end);
    }

    /// Skips values at the end.
    pub(crate) fn skip_back(&mut self, count: u64) {
        self.end = self.end.saturating_sub(count).max(self.next);
    }

    /// Returns the page and the bytes of the next value, if it is in a cached array of the current
    /// layout.
    #[inline(always)]
    pub(crate) fn next_at_hand(&mut self, size: usize) -> Option<(PageNumber, &[u8])> {
        let slot = self.next.wrapping_sub(self.run.base);
        if self.next == self.end || slot >= self.run.len || self.run.width != size {
            return None;
        }
        let loaded = self.front.as_ref()?;
        let at = leaf::ARRAY_AT + slot as usize * size;
        let value = loaded.bytes.get(at..at + size)?;
        self.next += 1;
        Some((loaded.leaf.page, value))
    }

    /// Caches the slots of the front leaf.
    fn see_front(&mut self) {
        self.run = Run::default();
        if let Some(Loaded { leaf, kind: LeafKind::Array { layout, width }, .. }) = &self.front
            && *layout == self.sequence.root().current()
        {
            let base = leaf.start.wrapping_sub(self.sequence.first.get());
            self.run = Run { base, len: leaf.len().min(leaf::capacity(*width)), width: *width };
        }
    }

    #[inline]
    pub(crate) fn next_with<R>(
        &mut self,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Option<Result<R>> {
        if self.next == self.end {
            return None;
        }
        self.next += 1;
        let value = self.sequence.look(&mut self.front, self.next - 1, read);
        self.see_front();
        Some(value)
    }

    pub(crate) fn next_back_with<R>(
        &mut self,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Option<Result<R>> {
        if self.next == self.end {
            return None;
        }
        self.end -= 1;
        Some(self.sequence.look(&mut self.back, self.end, read))
    }

    /// Returns the page and the remaining values of the next leaf, and skips these. Returns `None`
    /// at the end, or if the leaf is not an array of the current layout with values of `size`
    /// bytes.
    pub(crate) fn next_array(&mut self, size: usize) -> Result<Option<(PageNumber, &[u8])>> {
        if self.next == self.end {
            return Ok(None);
        }
        let position = self.sequence.position(self.next);
        if !self.front.as_ref().is_some_and(|at_hand| at_hand.leaf.holds(position)) {
            self.front = Some(self.sequence.load(position)?);
        }
        let Some(loaded) = &self.front else { return Ok(None) };
        let (leaf, current) = (loaded.leaf, self.sequence.root().current());
        if loaded.kind != (LeafKind::Array { layout: current, width: size }) {
            return Ok(None);
        }
        let count = (leaf.end - position).min(self.end - self.next);
        let root = self.sequence.root();
        let at = leaf::place(&leaf, position, size).on_page(root, leaf.page)?;
        let values = loaded.bytes.get(at..at.saturating_add((count as usize).saturating_mul(size)));
        let Some(values) = values else {
            return Err(root.damaged(leaf.page, Damage::LengthMismatch));
        };
        self.next += count;
        Ok(Some((leaf.page, values)))
    }

    /// Ends the iteration, after an error.
    pub(crate) fn stop(&mut self) {
        self.next = self.end;
    }
}

/// Returns the number of values of an array up to the last one that is not zero.
fn used(bytes: &PageBytes, width: usize) -> u64 {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    let values = end.saturating_sub(leaf::ARRAY_AT).div_ceil(width.max(1)) as u64;
    values.min(leaf::capacity(width.max(1)))
}

impl<M: Memory> Sequence<M> {
    /// Calls `read` with the value at an index. Loads its leaf if that is not cached.
    #[inline(always)]
    fn look<R>(
        &self,
        loaded: &mut Option<Loaded>,
        index: u64,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<R> {
        let position = self.position(index);
        let loaded = match loaded {
            Some(at_hand) if at_hand.leaf.holds(position) => at_hand,
            _ => loaded.insert(self.load(position)?),
        };
        self.read_in(loaded, position, read)
    }

    /// Calls `read` with the value at a position of a leaf.
    #[inline(always)]
    fn read_in<R>(
        &self,
        loaded: &Loaded,
        position: u64,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<R> {
        let page = loaded.leaf.page;
        if let LeafKind::Array { layout, width } = loaded.kind {
            let at = leaf::place(&loaded.leaf, position, width).on_page(self.root(), loaded.leaf.page)?;
            let Some(value) = loaded.bytes.get(at..at + width) else {
                return Err(self.root().damaged(page, Damage::LengthMismatch));
            };
            return read(StoredValue { page, layout, value: ValueRef::Inline(value) });
        }
        self.look_in_node(loaded, position, read)
    }

    /// Calls `read` with each value of one leaf and its position, or with its fault. A leaf that
    /// nothing leads to covers no known positions: then it has as many as it has room or slots for,
    /// from the first one of the sequence on.
    pub(crate) fn each_in_leaf(
        &self,
        page: PageNumber,
        positions: Option<(u64, u64)>,
        read: &mut dyn FnMut(u64, Result<StoredValue<'_>>) -> Result<()>,
    ) -> Result<()> {
        let first = self.first.get();
        let (start, end) = positions.unwrap_or((first, first));
        let mut loaded = self.load_leaf(Leaf { page, start, end })?;
        if positions.is_none() {
            let room = match loaded.kind {
                LeafKind::Array { width, .. } => used(&loaded.bytes, width),
                LeafKind::Node => {
                    node::header(loaded.bytes.as_slice()).on_page(self.root(), page)?.count.get().into()
                }
            };
            loaded.leaf.end = first.saturating_add(room);
        }
        let end = loaded.leaf.end.min(loaded.leaf.start.saturating_add(PAGE_SIZE as u64));
        for position in loaded.leaf.start.max(first)..end {
            // The value of `read` is what matters: a fault is given to it, and not returned.
            let mut told = None;
            let found = self.read_in(&loaded, position, |found| {
                told = Some(read(position, Ok(found)));
                Ok(())
            });
            match (told, found) {
                (Some(told), _) => told?,
                (None, Err(error)) => read(position, Err(error))?,
                (None, Ok(())) => {}
            }
        }
        Ok(())
    }

    fn load(&self, position: u64) -> Result<Loaded> {
        self.load_leaf(self.leaf(position)?)
    }

    fn load_leaf(&self, leaf: Leaf) -> Result<Loaded> {
        let bytes = self.root().pager().read_page(leaf.page)?;
        let kind = self.kind_of(leaf.page, bytes.as_slice())?;
        Ok(Loaded { leaf, bytes, kind })
    }

    fn look_in_node<R>(
        &self,
        loaded: &Loaded,
        position: u64,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<R> {
        let (page, bytes) = (loaded.leaf.page, &loaded.bytes);
        let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
        let (count, index) = (header.count.get() as usize, self.slot_of(&loaded.leaf, position));
        if index >= count {
            return Err(self.root().damaged(page, Damage::LengthMismatch));
        }
        let slot = node::slot(bytes, index, count).on_page(self.root(), page)?;
        let layout = header.layout_of(slot);
        let format = self.context.leaf_format(self.context.sizes, page, slot, layout)?;
        let (head, cell) = node::cell(bytes, slot, format).on_page(self.root(), page)?;
        read(StoredValue::in_cell(page, layout, cell, slot.owns(), &head).on_page(self.root(), page)?)
    }
}
