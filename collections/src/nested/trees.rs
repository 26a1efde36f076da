//! The two trees of a `Nested` or `Records`, as bytes: the entries of all collections, and the
//! index of the collections.

use std::cell::Cell;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::KeyBuf;
use graven_core::layout::field::Source;
use graven_core::store::{Budget, OnPage, Root, RootStats};
use graven_core::{Damage, Error, Memory, Result};

use crate::codec::value::no_conversion;
use crate::engine::btree::Tree;
use crate::engine::btree::edit::{Edit, Editor};
use crate::engine::cell::Sizes;
use crate::engine::cell::ValueLocation;
use crate::engine::cell::{Convert, StoredValue};
use crate::engine::progress::Step;
use crate::engine::verify::check_top;
use crate::nested::row;
use crate::nested::row::{RECORD_ROW, Row};

/// The offset of two `u64` in the bytes of the collection: the number of the next collection and
/// how many are in use.
const COUNTS_AT: usize = 0;

/// The number of leaves that are freed when memory is exhausted.
const LEAVES: usize = 16;

/// The two trees and the counts of collections.
pub(crate) struct Trees<M> {
    /// The entries of all collections. A key is the number of the collection and the entry's own
    /// key.
    pub(crate) entries: Tree<M>,
    /// The row of each collection.
    pub(crate) index: Tree<M>,
    /// The size of a row in bytes, with or without the number of a record.
    row: usize,
    next: Cell<u64>,
    in_use: Cell<u64>,
}

impl<M: Memory> Trees<M> {
    #[track_caller]
    pub(crate) fn new(root: Root<M>, sizes: Sizes, convert: Convert, row: usize) -> Self {
        // A checked root has a page, so this does not fail.
        let second = root.second(Some(row)).or_fail();
        let mut counts = [[0; 8]; 2];
        let _ = root.read_extra(COUNTS_AT, counts.as_flattened_mut());
        let [next, in_use] = counts.map(|count| Cell::new(u64::from_le_bytes(count)));
        let index = Tree::new(second, index(row), no_conversion);
        Trees { entries: Tree::new(root, sizes, convert), index, row, next, in_use }
    }

    #[inline(always)]
    fn index_sizes(&self) -> Sizes {
        index(self.row)
    }

    /// Returns the number of collections in use.
    pub(crate) fn in_use(&self) -> u64 {
        self.in_use.get()
    }

    /// Returns the number of the next collection. All used numbers are lower.
    pub(crate) fn next(&self) -> u64 {
        self.next.get()
    }

    fn set_counts(&self, next: u64, in_use: u64) -> Result<()> {
        let counts = [next.to_le_bytes(), in_use.to_le_bytes()];
        self.entries.root().write_extra(COUNTS_AT, counts.as_flattened())?;
        self.next.set(next);
        self.in_use.set(in_use);
        Ok(())
    }

    /// Returns the row with a key and its location.
    pub(crate) fn row(&self, key: &KeyBuf) -> Result<Option<(Row, ValueLocation)>> {
        let Some(location) = self.index.location(self.index_sizes(), key.as_slice())? else {
            return Ok(None);
        };
        let broken = || self.broken(Damage::InvalidRow);
        if location.len != self.row {
            return Err(broken());
        }
        let mut bytes = [0; RECORD_ROW];
        let bytes = bytes.get_mut(..self.row).ok_or_else(broken)?;
        location.bytes(self.index.root().pager()).read(0, bytes)?;
        Ok(Some((Row::from_slice(bytes).ok_or_else(broken)?, location)))
    }

    /// Writes a row. Returns `true` if there was one.
    pub(super) fn set_row(&self, key: &KeyBuf, row: Row) -> Result<bool> {
        let bytes = row.bytes();
        let bytes = bytes.get(..self.row).unwrap_or(&bytes);
        let before = self.index.insert(self.index_sizes(), key.as_slice(), bytes, |_| Ok(()))?;
        Ok(before.is_some())
    }

    /// Returns the number after the given one.
    fn after(&self, number: u64) -> Result<u64> {
        number.checked_add(1).ok_or_else(|| self.broken(Damage::NumbersUsedUp))
    }

    /// Creates the row of an empty collection.
    pub(crate) fn create(&self, key: &KeyBuf, first: u64) -> Result<()> {
        let number = self.next.get();
        self.create_row(key, Row { number, len: 0, first, record: 0 })
    }

    /// Adds the row of a new collection. If memory is exhausted, frees removed entries and tries
    /// again.
    fn create_row(&self, key: &KeyBuf, row: Row) -> Result<()> {
        let next = self.after(row.number)?;
        match self.set_row(key, row) {
            Err(Error::OutOfMemory { .. }) if self.make_room() => self.set_row(key, row)?,
            done => done?,
        };
        self.set_counts(next, self.in_use.get().saturating_add(1))
    }

    /// Creates a record, and its row with an empty collection.
    pub(crate) fn create_record(&self, key: &KeyBuf, first: u64, value: &[u8]) -> Result<()> {
        let record = self.next.get();
        let row = Row { number: self.after(record)?, len: 0, first, record };
        self.put_record(record, value, |_| Ok(()))?;
        let made = self.create_row(key, row);
        if made.is_err() {
            self.take_record(record)?;
        }
        made
    }

    /// Writes the record with a number. Calls `old` with the old record, if there is one, before
    /// the write.
    pub(crate) fn put_record<R>(
        &self,
        number: u64,
        value: &[u8],
        old: impl Fn(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let insert = || self.entries.insert(self.entries.context.sizes, &number.to_be_bytes(), value, &old);
        match insert() {
            Err(Error::OutOfMemory { .. }) if self.make_room() => insert(),
            done => done,
        }
    }

    /// Reads the record of a row.
    pub(crate) fn record<R>(&self, row: Row, read: impl FnOnce(StoredValue<'_>) -> Result<R>) -> Result<R> {
        let found = self.entries.lookup(self.entries.context.sizes, &row.record.to_be_bytes(), read)?;
        found.ok_or_else(|| self.broken(Damage::MissingEntry))
    }

    fn take_record(&self, number: u64) -> Result<()> {
        self.entries.remove(self.entries.context.sizes, &number.to_be_bytes(), |_| Ok(())).map(|_| ())
    }

    /// Returns `true` if records are in the same tree.
    pub(crate) fn has_records(&self) -> bool {
        self.row == RECORD_ROW
    }

    /// Moves the collection of one row to another row, which must not exist. Returns `false` if
    /// there is no such collection.
    pub(crate) fn rename(&self, from: &KeyBuf, to: &KeyBuf) -> Result<bool> {
        let Some((row, _)) = self.row(from)? else { return Ok(false) };
        self.set_row(to, row)?;
        self.remove_row(from)?;
        Ok(true)
    }

    /// Removes a row. Returns `true` if there was one.
    fn remove_row(&self, key: &KeyBuf) -> Result<bool> {
        let before = self.index.remove(self.index_sizes(), key.as_slice(), |_| Ok(()))?;
        Ok(before.is_some())
    }

    /// Removes a collection and its record. The entries of a long collection are freed later.
    pub(crate) fn remove(&self, key: &KeyBuf, row: Row) -> Result<()> {
        self.give_up(key, row)?;
        if self.has_records() {
            self.take_record(row.record)?;
        }
        self.remove_row(key)?;
        self.set_counts(self.next.get(), self.in_use.get().saturating_sub(1))?;
        self.free_short(row.len);
        Ok(())
    }

    /// Empties a collection: it gets another number, and its entries become those of a removed
    /// collection. Its record keeps its number.
    pub(crate) fn empty(&self, key: &KeyBuf, before: Row, first: u64) -> Result<()> {
        let number = self.next.get();
        let next = self.after(number)?;
        self.give_up(key, before)?;
        self.set_row(key, Row { number, len: 0, first, ..before })?;
        self.set_counts(next, self.in_use.get())?;
        self.free_short(before.len);
        Ok(())
    }

    /// Marks the entries of a row's collection as removed. `key` is the key of the row in use. If
    /// no page is left for the mark, frees some entries at once, which makes room. If that frees
    /// all entries, no mark is needed.
    fn give_up(&self, key: &KeyBuf, row: Row) -> Result<()> {
        match self.note_removed(row) {
            Err(Error::OutOfMemory { .. }) => {}
            noted => return noted,
        }
        let mut left = row;
        let noted = match self.free_leaves(&mut left, LEAVES) {
            Ok(true) => return Ok(()),
            Ok(false) => self.note_removed(left),
            Err(error) => Err(error),
        };
        if noted.is_err() {
            // The collection is still in use, with fewer entries.
            self.set_row(key, left)?;
        }
        noted
    }

    fn note_removed(&self, row: Row) -> Result<()> {
        if row.len == 0 {
            return Ok(());
        }
        self.set_row(&row::removed(row.number), Row { record: 0, ..row }).map(drop)
    }

    /// Frees the given number of leaves of a collection and subtracts their entries from the row.
    /// Returns `true` if nothing is left.
    fn free_leaves(&self, row: &mut Row, leaves: usize) -> Result<bool> {
        let ((mut start, end), mut freed) = (entries_of(row.number), 0_usize);
        // Three more steps may free nothing: the first leaf may end before the collection, the last
        // may end with it, and after a leaf is freed the search finds the leaf before it again.
        for _ in 0..leaves.saturating_add(3) {
            let (removed, next) = self.free_first(row.number, &start, &end)?;
            row.len = row.len.saturating_sub(removed);
            // The rest of a list is still a list.
            row.first = row.first.wrapping_add(removed);
            freed = freed.saturating_add(usize::from(removed > 0));
            match next {
                None => return Ok(true),
                Some(_) if removed > 0 && row.len > 0 && freed >= leaves => return Ok(false),
                Some(next) => start = next,
            }
        }
        Err(self.broken(Damage::EntriesOutOfOrder))
    }

    /// Removes all collections.
    pub(crate) fn clear(&self) -> Result<()> {
        check_top(self.index.root())?;
        self.entries.clear()?;
        self.index.clear()?;
        self.set_counts(self.next.get(), 0)
    }

    /// Returns `true` if removed collections still have entries. Reads nothing.
    pub(crate) fn has_removed(&self) -> bool {
        self.index.root().state().len.get() > self.in_use.get()
    }

    /// Removes the entries in one leaf of a removed collection, and its row when nothing is left.
    pub(crate) fn free_leaf(&self) -> Result<()> {
        if !self.has_removed() {
            return Ok(());
        }
        let mut cursor = self.index.cursor(Bound::Unbounded, Bound::Excluded(row::border()));
        let found = cursor.next(self.index_sizes(), |key, found| {
            let row = Row::read(found);
            let row = row.on_page(self.index.root(), found.page)?;
            Ok((KeyBuf::from(key), row))
        })?;
        let Some((key, mut row)) = found else {
            return Err(self.broken(Damage::EntryCount));
        };
        if key.as_slice() != row::removed(row.number).as_slice() {
            return Err(self.broken(Damage::DuplicateNumber));
        }
        // A row that its key does not find would be freed first again and again.
        let misplaced = || self.broken(Damage::EntriesOutOfOrder);
        if self.free_leaves(&mut row, 1)? {
            return self.remove_row(&key)?.then_some(()).ok_or_else(misplaced);
        }
        self.set_row(&key, row)?.then_some(()).ok_or_else(misplaced)
    }

    /// Removes the entries of a collection in its first leaf. Returns their number and where to
    /// continue.
    fn free_first(
        &self,
        number: u64,
        start: &Bound<KeyBuf>,
        end: &Bound<KeyBuf>,
    ) -> Result<(u64, Option<Bound<KeyBuf>>)> {
        let prefix = number.to_be_bytes();
        if let Bound::Included(key) = start
            && let Some(removed) = self.entries.drop_leaf(key.as_slice(), &prefix)?
        {
            return Ok((removed, Some(start.clone())));
        }
        let edited = self.entries.edit_leaf(start, end, &mut Remove)?;
        Ok((edited.removed, edited.next))
    }

    /// Frees the entries of a short collection after it was removed. Ignores errors, because the
    /// removal is done: the next call that reads the damage reports it. A long collection is freed
    /// later, because freeing a leaf costs about 200,000 instructions.
    fn free_short(&self, len: u64) {
        const SHORT: u64 = 64;
        if len <= SHORT {
            let _ = self.free_leaf();
        }
    }

    /// Frees removed entries until the budget is spent. Returns `true` when nothing is left.
    pub(crate) fn free_removed_within(&self, budget: &mut Budget<'_>) -> Result<Step> {
        let mut count = 0_u64;
        while self.has_removed() && !budget.is_spent() {
            budget.charge_read();
            budget.charge_write();
            self.free_leaf()?;
            count = count.saturating_add(1);
        }
        Ok(Step::until(count, !self.has_removed()))
    }

    /// Returns the size and the layouts of both trees. Reads nothing.
    pub(crate) fn stats(&self) -> RootStats {
        let mut stats = self.entries.root().stats();
        stats.pages = stats.pages.saturating_add(self.index.root().state().pages.get().saturating_sub(1));
        stats
    }

    /// When memory is exhausted, frees part of the removed collections. Returns `true` if a retry
    /// may succeed. In either case, rows of the index may have moved.
    pub(crate) fn make_room(&self) -> bool {
        self.has_removed() && (0..LEAVES).try_for_each(|_| self.free_leaf()).is_ok()
    }

    pub(crate) fn broken(&self, reason: Damage) -> Error {
        self.entries.root().damaged(self.entries.root().page(), reason)
    }
}

/// Returns the sizes of a row. Keys vary in length: those of removed collections differ from those
/// in use.
const fn index(row: usize) -> Sizes {
    Sizes { key: None, value: Some(row) }
}

/// Returns the range of the keys of a collection's entries.
pub(crate) fn entries_of(number: u64) -> (Bound<KeyBuf>, Bound<KeyBuf>) {
    let start = KeyBuf::from(&number.to_be_bytes()[..]);
    let end = start.after_prefix().map_or(Bound::Unbounded, Bound::Excluded);
    (Bound::Included(start), end)
}

/// An editor that removes every entry.
struct Remove;

impl Editor for Remove {
    const MAY_PUT: bool = false;

    fn decide(&mut self, _: &[u8], _: StoredValue<'_>) -> Result<Edit> {
        Ok(Edit::Remove)
    }

    fn is_spent(&mut self) -> bool {
        false
    }
}
