//! The entries of one index, as bytes. An entry of an index is the value followed by the key of the
//! row; an entry of a unique index is the value, and the key of the row belongs to it. To both may
//! belong fields of the row that the index includes.

use std::borrow::Cow;
use std::cell::RefCell;

use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::Invalid;
use graven_core::page::PAGE_SIZE;
use graven_core::store::{OnPage, Root};
use graven_core::{Damage, Memory, Result};

use crate::codec::value::no_conversion;
use crate::engine::bounds::KeyRange;
use crate::engine::btree::Tree;
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::{Sizes, StoredValue, ValueRef};
use crate::table::entries::Entry;
use crate::table::included::Included;
use crate::table::record::{IndexSpec, Record};

/// The offset in the extra bytes of the byte that says which rows have entries.
const STATE_AT: usize = 0;

/// The rows that have entries in an index.
#[derive(Debug, Clone)]
pub(super) enum Indexed {
    /// No row.
    Nothing,
    /// Those with keys up to this one, itself included.
    UpTo(KeyBuf),
    /// All rows.
    All,
}

impl Indexed {
    const fn byte(&self) -> u8 {
        match self {
            Indexed::Nothing => 0,
            Indexed::UpTo(_) => 1,
            Indexed::All => 2,
        }
    }
}

/// The entries of one index.
pub(super) struct IndexTree<M> {
    pub(super) tree: Tree<M>,
    pub(super) is_unique: bool,
    sizes: Sizes,
    /// The constant length of the keys of rows, if they have one.
    row_size: Option<usize>,
    /// `true` if entries have fields of their rows.
    has_included: bool,
    /// Returns the key of the row of an entry, if the index is not unique.
    row: RowOf,
    indexed: RefCell<Indexed>,
}

/// A function that returns what follows the value in an entry.
type RowOf = fn(&[u8]) -> Result<&[u8], Invalid>;

/// The outcome of adding an entry.
pub(super) enum Added {
    /// It was added.
    New,
    /// It was there already.
    Known,
    /// It would belong to two rows. This is the key of the other one.
    Taken(KeyBuf),
}

impl<M: Memory> IndexTree<M> {
    /// Returns the index of a root. An index of a table without rows is complete.
    pub(super) fn attach<R: Record>(mut root: Root<M>, spec: &IndexSpec<R>, is_empty: bool) -> Self {
        let included = spec.included.map_or(Some(0), Included::size);
        let row = if spec.is_unique { R::Key::KEY_SIZE } else { Some(0) };
        let value = row.zip(included).map(|(row, included)| row.saturating_add(included));
        let sizes = Sizes { key: spec.key_size, value };
        let mut state = [0];
        // A checked root has these bytes, so this does not fail. Zero is the safe state.
        let _ = root.read_extra(STATE_AT, &mut state);
        let indexed = match state {
            [2] => Indexed::All,
            // A damaged cursor makes the index anew, over the entries that it has.
            [1] => root.cursor().map_or(Indexed::Nothing, Indexed::UpTo),
            _ => Indexed::Nothing,
        };
        let is_completed = is_empty
            && !matches!(indexed, Indexed::All)
            && root.write_extra(STATE_AT, &[Indexed::All.byte()]).is_ok();
        let indexed = if is_completed { Indexed::All } else { indexed };
        root.make_internal(value);
        IndexTree {
            tree: Tree::new(root, sizes, no_conversion),
            is_unique: spec.is_unique,
            sizes,
            row_size: R::Key::KEY_SIZE,
            has_included: spec.included.is_some(),
            row: spec.row,
            indexed: RefCell::new(indexed),
        }
    }

    /// Returns the rows that have entries.
    pub(super) fn indexed(&self) -> Indexed {
        self.indexed.borrow().clone()
    }

    /// Returns `true` if all rows have their entries.
    pub(super) fn is_complete(&self) -> bool {
        matches!(*self.indexed.borrow(), Indexed::All)
    }

    /// Returns `true` if a row with this key has its entries, or is to get them.
    pub(super) fn covers(&self, row: &KeyBuf) -> bool {
        match &*self.indexed.borrow() {
            Indexed::Nothing => false,
            Indexed::UpTo(last) => row.as_slice() <= last.as_slice(),
            Indexed::All => true,
        }
    }

    /// Records which rows have entries.
    pub(super) fn set_indexed(&self, indexed: Indexed) -> Result<()> {
        if let Indexed::UpTo(key) = &indexed {
            self.tree.root().set_cursor(key.as_slice())?;
        }
        self.tree.root().write_extra(STATE_AT, &[indexed.byte()])?;
        *self.indexed.borrow_mut() = indexed;
        Ok(())
    }

    /// Adds an entry of a row, or writes the fields that it includes anew.
    pub(super) fn add(&self, entry: &Entry, row: &KeyBuf) -> Result<Added> {
        let (key, value) = (entry.key.as_slice(), self.value_of(entry, row));
        if !self.is_unique {
            let known = self.tree.insert(self.sizes, key, &value, |_| Ok(()))?;
            return Ok(if known.is_some() { Added::Known } else { Added::New });
        }
        let mut other = None;
        let put = self.tree.insert(self.sizes, key, &value, |found| {
            let owner = self.row_of(found)?;
            if owner == row.as_slice() {
                return Ok(());
            }
            other = Some(KeyBuf::from(owner));
            // Any error keeps the entry as it is.
            Err(self.broken(Damage::DuplicateKey))
        });
        match (put, other) {
            (_, Some(owner)) => Ok(Added::Taken(owner)),
            (put, None) => Ok(if put?.is_some() { Added::Known } else { Added::New }),
        }
    }

    /// Returns the bytes that belong to an entry: of a unique index the key of the row, then the
    /// included fields.
    fn value_of<'a>(&self, entry: &'a Entry, row: &'a KeyBuf) -> Cow<'a, [u8]> {
        if !self.is_unique {
            return Cow::Borrowed(entry.included());
        }
        if !self.has_included {
            return Cow::Borrowed(row.as_slice());
        }
        let mut value = Vec::with_capacity(row.len().saturating_add(entry.included().len()));
        if self.row_size.is_none() {
            // Keys have at most 992 bytes.
            value.extend((row.len() as u16).to_le_bytes());
        }
        value.extend(row.as_slice());
        value.extend(entry.included());
        Cow::Owned(value)
    }

    /// Removes an entry of a row.
    pub(super) fn remove(&self, entry: &KeyBuf) -> Result<()> {
        let removed = self.tree.remove(self.sizes, entry.as_slice(), |_| Ok(()))?;
        removed.ok_or_else(|| self.broken(Damage::MissingEntry))
    }

    /// Calls `read` with the key of the row that has a value in a unique index, if there is one.
    pub(super) fn find<T>(&self, value: &[u8], read: impl FnOnce(&[u8]) -> Result<T>) -> Result<Option<T>> {
        self.tree.lookup(self.sizes, value, |found| read(self.row_of(found)?))
    }

    /// Returns `true` if a row has an entry, with the included fields as they are.
    pub(super) fn has(&self, entry: &Entry, row: &KeyBuf) -> Result<bool> {
        let value = self.value_of(entry, row);
        let is_same =
            |found: StoredValue<'_>| Ok(matches!(found.value, ValueRef::Inline(bytes) if bytes == &*value));
        Ok(self.tree.lookup(self.sizes, entry.key.as_slice(), is_same)? == Some(true))
    }

    /// Returns an iterator over the entries of a range.
    pub(super) fn walk(&self, (start, end): KeyRange) -> RangeIter<'_, M> {
        self.tree.cursor(start, end)
    }

    /// Returns the sizes of keys and values, which the tree is asked with.
    pub(super) const fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// Returns the bytes of the key of the row that an entry leads to.
    #[inline]
    pub(super) fn row_key<'a>(&self, entry: &'a [u8], found: StoredValue<'a>) -> Result<&'a [u8]> {
        if self.is_unique {
            return self.row_of(found);
        }
        let row = match self.row_size {
            // It is the end of the entry, whatever its value is.
            Some(size) => match entry.len().checked_sub(size).and_then(|at| entry.get(at..)) {
                Some(row) => Ok(row),
                None => Err(Invalid("an entry ends before the key of its row")),
            },
            None => (self.row)(entry),
        };
        row.on_page(self.tree.root(), found.page)
    }

    /// Returns the key of the row that an entry of a unique index belongs to.
    pub(super) fn row_of<'a>(&self, found: StoredValue<'a>) -> Result<&'a [u8]> {
        self.parts_of(found).map(|(row, _)| row)
    }

    /// Returns the included fields of an entry.
    pub(super) fn included_of<'a>(&self, found: StoredValue<'a>) -> Result<&'a [u8]> {
        self.parts_of(found).map(|(_, included)| included)
    }

    /// Returns the key of the row, which only entries of unique indexes have beside their key, and
    /// the included fields.
    fn parts_of<'a>(&self, found: StoredValue<'a>) -> Result<(&'a [u8], &'a [u8])> {
        let ValueRef::Inline(bytes) = found.value else {
            // No key is that long, and no included fields are.
            return Err(Damage::ValueTooLong).on_page(self.tree.root(), found.page);
        };
        let parts = match (self.is_unique, self.has_included, self.row_size) {
            (false, ..) => Some((&[][..], bytes)),
            (true, false, _) => Some((bytes, &[][..])),
            (true, true, Some(size)) => bytes.split_at_checked(size),
            (true, true, None) => bytes
                .split_first_chunk()
                .and_then(|(len, rest)| rest.split_at_checked(u16::from_le_bytes(*len).into())),
        };
        parts.ok_or(Invalid("an entry ends before its fields")).on_page(self.tree.root(), found.page)
    }

    /// Returns the error for damage to the index as a whole.
    pub(super) fn broken(&self, reason: Damage) -> graven_core::Error {
        self.tree.root().damaged(self.tree.root().page(), reason)
    }
}

const _: () = assert!(graven_core::key::MAX_KEY_LEN * 2 < PAGE_SIZE / 2, "an entry is inline");
