//! The two trees below a `Nested`, as bytes: the entries of all collections, and the index of these.

use std::cell::Cell;
use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::layout::field::Source;
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

use super::row::{self, ROW, Row};
use crate::btree_map::cell::Sizes;
use crate::btree_map::edit::{Edit, Editor};
use crate::btree_map::tree::{Convert, Found, Tree};
use crate::fields::spot::Spot;
use crate::value::no_conversion;

/// Offset, in the bytes of the collection, of the number that the next one gets and of how many are in use (two
/// `u64`).
const COUNTS_AT: usize = 0;

/// Rows have keys of any length: those of removed collections have another one than those in use.
const INDEX: Sizes = Sizes { key: None, value: Some(ROW) };

/// Leaves that are freed at once where memory has ended.
const LEAVES: usize = 16;

/// Both trees and what is counted beside them.
pub(super) struct Trees<M> {
    /// What all collections hold, by their number and the entry's own key.
    pub(super) entries: Tree<M>,
    /// The row of each collection.
    pub(super) index: Tree<M>,
    next: Cell<u64>,
    in_use: Cell<u64>,
}

impl<M: Memory> Trees<M> {
    pub(super) fn new(root: Root<M>, sizes: Sizes, convert: Convert) -> Self {
        // A root that was checked has a page.
        let second = root.second(Some(ROW)).unwrap_or_else(|error| graven_core::error::fail(&error));
        let mut counts = [[0; 8]; 2];
        let _ = root.read_extra(COUNTS_AT, counts.as_flattened_mut());
        let [next, in_use] = counts.map(|count| Cell::new(u64::from_le_bytes(count)));
        let index = Tree::new(second, INDEX, no_conversion);
        Trees { entries: Tree::new(root, sizes, convert), index, next, in_use }
    }

    /// Collections in use.
    pub(super) fn in_use(&self) -> u64 {
        self.in_use.get()
    }

    /// The number that the next collection gets; all that were given are lower.
    pub(super) fn next(&self) -> u64 {
        self.next.get()
    }

    fn set_counts(&self, next: u64, in_use: u64) -> Result<()> {
        let counts = [next.to_le_bytes(), in_use.to_le_bytes()];
        self.entries.root.write_extra(COUNTS_AT, counts.as_flattened())?;
        self.next.set(next);
        self.in_use.set(in_use);
        Ok(())
    }

    /// The row with a key, and where it stands.
    pub(super) fn row(&self, key: &KeyBuf) -> Result<Option<(Row, Spot)>> {
        let Some(spot) = self.index.spot(INDEX, key.as_slice())? else { return Ok(None) };
        if spot.len != ROW {
            return Err(self.broken("a row of the index is not one"));
        }
        let mut bytes = [0; ROW];
        spot.bytes(self.index.root.pager()).read(0, &mut bytes)?;
        Ok(Some((Row::from_bytes(&bytes), spot)))
    }

    /// A row for a collection that is empty so far.
    pub(super) fn create(&self, key: &KeyBuf, first: u64) -> Result<()> {
        let number = self.next.get();
        let next = number.checked_add(1).ok_or_else(|| self.broken("its numbers are used up"))?;
        let row = Row { number, len: 0, first };
        let insert = || self.index.insert(INDEX, key.as_slice(), &row.bytes(), |_| Ok(()));
        match insert() {
            Err(Error::OutOfMemory { .. }) if self.make_room() => insert()?,
            done => done?,
        };
        self.set_counts(next, self.in_use.get().saturating_add(1))
    }

    /// Gives the collection of one row, if there is one, to another row, which there must not be.
    pub(super) fn rename(&self, from: &KeyBuf, to: &KeyBuf) -> Result<bool> {
        let Some((row, _)) = self.row(from)? else { return Ok(false) };
        self.index.insert(INDEX, to.as_slice(), &row.bytes(), |_| Ok(()))?;
        self.index.remove(INDEX, from.as_slice(), |_| Ok(()))?;
        Ok(true)
    }

    /// Takes a collection out of use; whether there was one. What it holds is freed later.
    pub(super) fn remove(&self, key: &KeyBuf) -> Result<bool> {
        let Some((row, _)) = self.row(key)? else { return Ok(false) };
        self.give_up(key, row)?;
        self.index.remove(INDEX, key.as_slice(), |_| Ok(()))?;
        self.set_counts(self.next.get(), self.in_use.get().saturating_sub(1))?;
        self.free_short(row.len);
        Ok(true)
    }

    /// Empties a collection: what it holds becomes that of a removed one, and it gets another number.
    pub(super) fn empty(&self, key: &KeyBuf, before: Row, first: u64) -> Result<()> {
        let number = self.next.get();
        let next = number.checked_add(1).ok_or_else(|| self.broken("its numbers are used up"))?;
        self.give_up(key, before)?;
        let row = Row { number, len: 0, first };
        self.index.insert(INDEX, key.as_slice(), &row.bytes(), |_| Ok(()))?;
        self.set_counts(next, self.in_use.get())?;
        self.free_short(before.len);
        Ok(())
    }

    /// Notes that what a row's collection holds belongs to nobody. `key` is that of its row in use. Where there is no page
    /// for the note, some of what it holds is freed at once, which makes room; a short collection then needs no note.
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
            // It is still in use, with less in it than before.
            self.index.insert(INDEX, key.as_slice(), &left.bytes(), |_| Ok(()))?;
        }
        noted
    }

    fn note_removed(&self, row: Row) -> Result<()> {
        if row.len == 0 {
            return Ok(());
        }
        let key = row::removed(row.number);
        self.index.insert(INDEX, key.as_slice(), &row.bytes(), |_| Ok(())).map(|_| ())
    }

    /// Frees so many leaves of a collection and counts what is gone; whether nothing is left.
    fn free_leaves(&self, row: &mut Row, leaves: usize) -> Result<bool> {
        let ((mut start, end), mut freed) = (entries_of(row.number), 0);
        // The first leaf may end in front of the collection; the last may end with it, as only the next one shows; and
        // once it is freed, the one in front of it is the first again.
        for _ in 0..leaves + 3 {
            let (removed, next) = self.free_first(row.number, &start, &end)?;
            row.len = row.len.saturating_sub(removed);
            // What is left of a list is one, too.
            row.first = row.first.wrapping_add(removed);
            freed += usize::from(removed > 0);
            match next {
                None => return Ok(true),
                Some(_) if removed > 0 && row.len > 0 && freed >= leaves => return Ok(false),
                Some(next) => start = next,
            }
        }
        Err(self.broken("the entries of a collection are not next to each other"))
    }

    /// Removes everything.
    pub(super) fn clear(&self) -> Result<()> {
        self.entries.clear()?;
        self.index.clear()?;
        self.set_counts(self.next.get(), 0)
    }

    /// Whether something is left of collections that were removed. Reads nothing.
    pub(super) fn has_removed(&self) -> bool {
        self.index.root.state().len.get() > self.in_use.get()
    }

    /// Removes the entries in one leaf of a collection that was removed, and its row once nothing is left.
    pub(super) fn free_leaf(&self) -> Result<()> {
        if !self.has_removed() {
            return Ok(());
        }
        let mut cursor = self.index.cursor(Bound::Unbounded, Bound::Excluded(row::border()));
        let found = cursor.next(INDEX, |key, found| Ok((KeyBuf::from(key), Row::read(found)?)))?;
        let Some((key, mut row)) = found else {
            return Err(self.broken("its index has another number of rows than it counts"));
        };
        if key.as_slice() != row::removed(row.number).as_slice() {
            return Err(self.broken("a row of its index has the number of another one"));
        }
        if self.free_leaves(&mut row, 1)? {
            return self.index.remove(INDEX, key.as_slice(), |_| Ok(())).map(|_| ());
        }
        self.index.insert(INDEX, key.as_slice(), &row.bytes(), |_| Ok(())).map(|_| ())
    }

    /// Removes the entries of a collection in its first leaf: how many, and where it goes on.
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

    /// Frees what a short collection held, after it was removed. The removal is done whatever becomes of this: damage
    /// is told by the next call that meets it. What a long one held waits: taking a leaf out of the tree costs some
    /// 200,000 instructions.
    fn free_short(&self, len: u64) {
        const SHORT: u64 = 64;
        if len <= SHORT {
            let _ = self.free_leaf();
        }
    }

    /// Frees some of what was removed, where memory has ended; whether it is worth trying again. Rows of the index may
    /// stand elsewhere afterwards, whatever it gives.
    pub(super) fn make_room(&self) -> bool {
        self.has_removed() && (0..LEAVES).try_for_each(|_| self.free_leaf()).is_ok()
    }

    pub(super) fn broken(&self, why: &'static str) -> Error {
        Error::Damaged { page: self.entries.root.page(), why }
    }
}

/// Between which keys the entries of a collection are.
pub(super) fn entries_of(number: u64) -> (Bound<KeyBuf>, Bound<KeyBuf>) {
    let start = KeyBuf::from(&number.to_be_bytes()[..]);
    let end = start.after_prefix().map_or(Bound::Unbounded, Bound::Excluded);
    (Bound::Included(start), end)
}

/// Removes what it sees.
struct Remove;

impl Editor for Remove {
    const MAY_PUT: bool = false;

    fn decide(&mut self, _: &[u8], _: Found<'_>) -> Result<Edit> {
        Ok(Edit::Remove)
    }

    fn is_spent(&mut self) -> bool {
        false
    }
}
