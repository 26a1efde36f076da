//! Iteration over the entries of a root.

use std::ops::{Bound, Range};

use graven_core::key::KeyBuf;
use graven_core::store::{CollectionKind, OnPage};
use graven_core::{Damage, Memory, Result};

use super::body::Body;
use super::entry::StoredEntry;
use super::keys::EncodedRange;
use super::root::StoredRoot;
use crate::engine::array::Values;
use crate::engine::btree::Tree;
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::{StoredValue, ValueLocation, ValueRef};
use crate::engine::hash::walk::Walk;
use crate::nested::row::{Row, border, key_of};
use crate::nested::trees::{Trees, entries_of};

/// An iterator over entries. In a map or set they are in the order of their encoded keys, in a list
/// in that of their indices, in a queue in that of its heap, and in a `HashMap` or `HashSet` in
/// that of their buckets.
pub struct Entries<'a, M: Memory> {
    root: &'a StoredRoot<M>,
    walk: Kind<'a, M>,
    /// The range, if the walk itself does not keep to it.
    range: Option<EncodedRange>,
}

enum Kind<'a, M: Memory> {
    Cell(bool),
    Tree(Box<RangeIter<'a, M>>),
    Hash(Walk<'a, M>),
    /// The values, and the number of the next one.
    List(Values<'a, M>, u64),
    Queue(Values<'a, M>),
    Nested(Box<NestedWalk<'a, M>>),
}

/// A walk over the collections of a `Nested` or `Records`.
struct NestedWalk<'a, M: Memory> {
    trees: &'a Trees<M>,
    rows: RangeIter<'a, M>,
    /// The key and the row of the collection, and its entries, if there is one.
    current: Option<(Vec<u8>, Row, RangeIter<'a, M>)>,
}

impl<M: Memory> core::fmt::Debug for Entries<'_, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Entries").field("root", &self.root).finish_non_exhaustive()
    }
}

impl<M: Memory> StoredRoot<M> {
    /// Returns an iterator over all entries. Reads a page at a time.
    #[must_use]
    pub fn entries(&self) -> Entries<'_, M> {
        self.range((Bound::Unbounded, Bound::Unbounded))
    }

    /// Returns an iterator over the entries in a range. Those of a `HashMap`, `HashSet` or
    /// `PriorityQueue` are compared one by one.
    #[must_use]
    pub fn range(&self, range: EncodedRange) -> Entries<'_, M> {
        let is_empty = !is_range(&range);
        let (walk, kept) = match &self.body {
            Body::Cell(cell) => (Kind::Cell(cell.is_some()), None),
            Body::Tree(tree) | Body::Ranked(tree, _) => (
                Kind::Tree(Box::new(tree.cursor(range.0.clone(), range.1.clone()))),
                is_empty.then_some(range),
            ),
            Body::Hash(table) => (Kind::Hash(table.walk()), Some(range)),
            Body::Sequence(sequence) => {
                let dropped = if self.kind() == CollectionKind::Log { sequence.dropped() } else { 0 };
                let Range { start, end } = numbers(&range);
                let indices = start.saturating_sub(dropped)..end.saturating_sub(dropped);
                let start = indices.start.min(sequence.len());
                let values = Values::new(sequence, start..indices.end.max(start));
                (Kind::List(values, start.saturating_add(dropped)), None)
            }
            Body::Queue(heap, _) => (Kind::Queue(Values::new(heap, 0..heap.len())), Some(range)),
            Body::Nested(trees) => {
                let rows = trees.index.cursor(row_bound(&range.0), row_bound_after(&range.1));
                (Kind::Nested(Box::new(NestedWalk { trees, rows, current: None })), is_empty.then_some(range))
            }
        };
        Entries { root: self, walk, range: kept }
    }

    /// Returns the entries of one key. There may be several in a `Nested`, in `Records`, in an
    /// index and in `Blobs`.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn find(&self, range: EncodedRange) -> Result<Vec<StoredEntry>> {
        if let (Body::Hash(table), (Bound::Included(key), _)) = (&self.body, &range) {
            let pager = table.root.pager();
            let read = |found: StoredValue<'_>| StoredEntry::new(pager, key.as_slice(), found);
            return Ok(table.lookup_uncached(table.sizes, key.as_slice(), read)?.into_iter().collect());
        }
        let (mut found, mut entries) = (Vec::new(), self.range(range));
        while let Some(entry) = entries.try_next()? {
            found.push(entry);
        }
        Ok(found)
    }
}

impl<M: Memory> Entries<'_, M> {
    /// Returns the next entry, or `None` at the end. After damage, entries on other pages may still
    /// follow in lists, and none in other collections.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<StoredEntry>> {
        loop {
            let Some(entry) = self.step()? else { return Ok(None) };
            if self.range.as_ref().is_none_or(|range| has(range, &entry.key)) {
                return Ok(Some(entry));
            }
        }
    }

    fn step(&mut self) -> Result<Option<StoredEntry>> {
        let (stored, pager) = (self.root, self.root.root().pager());
        let read = |key: &[u8], found: StoredValue<'_>| StoredEntry::new(pager, key, found);
        match &mut self.walk {
            Kind::Cell(is_some) => match core::mem::take(is_some) {
                true => stored.cell(),
                false => Ok(None),
            },
            Kind::Tree(walk) => match &stored.body {
                Body::Tree(tree) | Body::Ranked(tree, _) => walk.next(tree.context.sizes, read),
                _ => Ok(None),
            },
            Kind::Hash(walk) => match &stored.body {
                Body::Hash(table) => walk.next(table.sizes, read),
                _ => Ok(None),
            },
            Kind::List(values, number) => {
                let key = number.to_be_bytes();
                *number = number.saturating_add(1);
                values.next_with(|found| read(&key, found)).transpose()
            }
            Kind::Queue(values) => values.next_with(|found| stored.queued(read(&[], found)?)).transpose(),
            Kind::Nested(walk) => walk.step(stored),
        }
    }
}

impl<M: Memory> StoredRoot<M> {
    /// Returns the value of a cell.
    fn cell(&self) -> Result<Option<StoredEntry>> {
        let (Body::Cell(cell), root) = (&self.body, self.root()) else { return Ok(None) };
        let Some(ValueLocation { page, layout, len, .. }) = cell.location()? else { return Ok(None) };
        let found = StoredValue { page, layout, value: ValueRef::Overflow { page, len } };
        StoredEntry::new(root.pager(), &[], found).map(Some)
    }

    /// Returns an entry of a queue from a value of the heap: the key, and the handle.
    pub(super) fn queued(&self, entry: StoredEntry) -> Result<StoredEntry> {
        let Body::Queue(heap, handles) = &self.body else { return Ok(entry) };
        let short = || heap.root().damaged(entry.page, Damage::InvalidRow);
        let value = entry.value.as_deref().map_err(|_| short())?;
        let (key, index) = value.split_last_chunk().ok_or_else(short)?;
        let handle = handles.handle(u32::from_le_bytes(*index))?;
        Ok(StoredEntry {
            key: key.to_vec(),
            item: None,
            layout: None,
            value: Ok(handle.to_u64().to_be_bytes().to_vec()),
            page: entry.page,
        })
    }
}

impl<M: Memory> NestedWalk<'_, M> {
    fn step(&mut self, stored: &StoredRoot<M>) -> Result<Option<StoredEntry>> {
        let (trees, pager) = (self.trees, stored.root().pager());
        loop {
            if let Some((key, row, entries)) = &mut self.current {
                let entry = entries
                    .next(trees.entries.context.sizes, |key, found| StoredEntry::new(pager, key, found))?;
                if let Some(entry) = entry {
                    return stored.nested(key, *row, entry).map(Some);
                }
                self.current = None;
            }
            let next = self.rows.next(trees.index.context.sizes, |key, found| {
                let row = Row::read(found).on_page(trees.index.root(), found.page)?;
                let key = key_of(key).ok_or(Damage::InvalidRow).on_page(trees.index.root(), found.page)?;
                Ok((key.to_vec(), row))
            })?;
            let Some((key, row)) = next else { return Ok(None) };
            if trees.has_records() {
                let record = record(&trees.entries, row)?;
                let record = record.ok_or_else(|| trees.broken(Damage::MissingEntry))?;
                self.current = Some((key.clone(), row, entries(trees, row)));
                return Ok(Some(StoredEntry { key, ..record }));
            }
            self.current = Some((key, row, entries(trees, row)));
        }
    }
}

/// Returns a walk over the entries of the collection of a row.
fn entries<M: Memory>(trees: &Trees<M>, row: Row) -> RangeIter<'_, M> {
    let (start, end) = entries_of(row.number);
    trees.entries.cursor(start, end)
}

fn record<M: Memory>(tree: &Tree<M>, row: Row) -> Result<Option<StoredEntry>> {
    let pager = tree.root().pager();
    let read = |found: StoredValue<'_>| StoredEntry::new(pager, &[], found);
    tree.lookup(tree.context.sizes, &row.record.to_be_bytes(), read)
}

impl<M: Memory> StoredRoot<M> {
    /// Returns an entry of a nested collection with the key of the collection.
    pub(super) fn nested(&self, key: &[u8], row: Row, entry: StoredEntry) -> Result<StoredEntry> {
        let damaged = || self.root().damaged(entry.page, Damage::EntryKeyLength);
        let own = entry.key.get(8..).ok_or_else(damaged)?;
        let item = match self.kind().has_lists() {
            true => {
                let position = u64::from_be_bytes(own.try_into().map_err(|_| damaged())?);
                position.wrapping_sub(row.first).to_be_bytes().to_vec()
            }
            false => own.to_vec(),
        };
        Ok(StoredEntry { key: key.to_vec(), item: Some(item), ..entry })
    }
}

/// Returns `true` if a range is not the wrong way round, which walks do not expect.
fn is_range((start, end): &EncodedRange) -> bool {
    match (start, end) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => true,
        (Bound::Included(start), Bound::Included(end)) => start.as_slice() <= end.as_slice(),
        (Bound::Included(start) | Bound::Excluded(start), Bound::Included(end) | Bound::Excluded(end)) => {
            start.as_slice() < end.as_slice()
        }
    }
}

fn has((start, end): &EncodedRange, key: &[u8]) -> bool {
    let is_after = match start {
        Bound::Included(start) => start.as_slice() <= key,
        Bound::Excluded(start) => start.as_slice() < key,
        Bound::Unbounded => true,
    };
    let is_before = match end {
        Bound::Included(end) => key <= end.as_slice(),
        Bound::Excluded(end) => key < end.as_slice(),
        Bound::Unbounded => true,
    };
    is_after && is_before
}

/// Returns the numbers in a range of encoded ones.
fn numbers((start, end): &EncodedRange) -> Range<u64> {
    let number = |key: &KeyBuf| key.as_slice().first_chunk().map_or(u64::MAX, |key| u64::from_be_bytes(*key));
    let start = match start {
        Bound::Included(start) => number(start),
        Bound::Excluded(start) => number(start).saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match end {
        Bound::Included(end) => number(end).saturating_add(1),
        Bound::Excluded(end) => number(end),
        Bound::Unbounded => u64::MAX,
    };
    start..end.max(start)
}

/// Returns the bound of the rows of collections in use from that of their keys.
fn row_bound(bound: &Bound<KeyBuf>) -> Bound<KeyBuf> {
    match bound {
        Bound::Unbounded => Bound::Included(border()),
        bound => row_bound_after(bound),
    }
}

fn row_bound_after(bound: &Bound<KeyBuf>) -> Bound<KeyBuf> {
    bound.as_ref().map(|key| {
        let mut row = border();
        row.extend(key.as_slice());
        row
    })
}
