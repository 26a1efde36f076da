//! Iterates over the entries of an index, and over the keys and rows that they lead to.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, StableKey, decode_key};
use graven_core::layout::field::Field;
use graven_core::layout::{Invalid, StableLayout};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::codec::value::decode_found;
use crate::engine::bounds::KeyRange;
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::StoredValue;
use crate::fields;
use crate::map::btree::BTreeMap;
use crate::table::index::IndexTree;
use crate::table::record::AnyIndex;
use crate::table::{Record, Table};

impl<M: Memory> IndexTree<M> {
    /// Returns the key of the row that an entry leads to. `K` is the type of the index's values.
    #[inline]
    pub(super) fn row_key<K: StableKey>(&self, key: &[u8], found: StoredValue<'_>) -> Result<KeyBuf> {
        if self.is_unique {
            return self.row_of(found);
        }
        let rest = match K::KEY_SIZE {
            Some(size) => key.get(size..).ok_or(Invalid("an entry ends before the key of its row")),
            None => {
                let mut rest = key;
                K::read_key(&mut rest, false).map(|_| rest)
            }
        };
        rest.map(KeyBuf::from).on_page(self.tree.root(), found.page)
    }

    /// Returns the value of an entry, and the key of the row that it leads to.
    fn entry<K: StableKey>(&self, key: &[u8], found: StoredValue<'_>) -> Result<(K, KeyBuf)> {
        let page = found.page;
        if self.is_unique {
            let value = decode_key(key).on_page(self.tree.root(), page)?;
            return Ok((value, self.row_of(found)?));
        }
        let mut rest = key;
        let value = K::read_key(&mut rest, false).on_page(self.tree.root(), page)?;
        Ok((value, KeyBuf::from(rest)))
    }
}

impl<R: Record, M: Memory> Table<R, M> {
    /// Returns the row that an entry of an index leads to.
    pub(super) fn row(&self, key: &KeyBuf) -> Result<R> {
        let root = self.rows.tree.root();
        let found = self
            .rows
            .tree
            .lookup(BTreeMap::<R::Key, R, M>::SIZES, key.as_slice(), |found| decode_found(root, found))?;
        found.ok_or_else(|| root.damaged(root.page(), Damage::MissingEntry))
    }

    /// Returns a field of the row that an entry of an index leads to.
    fn row_field<T: StableLayout>(&self, key: &KeyBuf, field: Field<R, T>) -> Result<T> {
        let root = self.rows.tree.root();
        let found = self.rows.tree.location(BTreeMap::<R::Key, R, M>::SIZES, key.as_slice())?;
        fields::get(root, found.ok_or_else(|| root.damaged(root.page(), Damage::MissingEntry))?, field)
    }
}

/// An iterator over the values of an index with the keys of their rows, from both ends.
pub struct Entries<'a, R: Record, I, M: Memory> {
    table: &'a Table<R, M>,
    index: &'a IndexTree<M>,
    walk: RangeIter<'a, M>,
    types: PhantomData<I>,
}

impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Entries<'a, R, I, M> {
    pub(super) fn new(table: &'a Table<R, M>, index: &'a IndexTree<M>, range: KeyRange) -> Self {
        Entries { table, index, walk: index.walk(range), types: PhantomData }
    }

    /// Steps forward or backward, and returns what `read` makes of the entry.
    fn step<T>(
        &mut self,
        is_forward: bool,
        read: impl FnOnce(&IndexTree<M>, &[u8], StoredValue<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let (index, sizes) = (self.index, self.index.sizes());
        let read = |key: &[u8], found: StoredValue<'_>| read(index, key, found);
        if is_forward { self.walk.next(sizes, read) } else { self.walk.next_back(sizes, read) }
    }

    fn entry(&mut self, is_forward: bool) -> Result<Option<(I::Key, R::Key)>> {
        let Some((value, row)) = self.step(is_forward, IndexTree::entry)? else { return Ok(None) };
        Ok(Some((value, self.key(&row)?)))
    }

    fn row_key(&mut self, is_forward: bool) -> Result<Option<KeyBuf>> {
        self.step(is_forward, IndexTree::row_key::<I::Key>)
    }

    fn key(&self, row: &KeyBuf) -> Result<R::Key> {
        let root = self.index.tree.root();
        decode_key(row.as_slice()).on_page(root, root.page())
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<(I::Key, R::Key)>> {
        self.entry(true)
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<(I::Key, R::Key)>> {
        self.entry(false)
    }
}

/// An iterator over the keys of the rows in the order of an index, from both ends.
pub struct Keys<'a, R: Record, I, M: Memory>(Entries<'a, R, I, M>);

impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Keys<'a, R, I, M> {
    pub(super) const fn new(entries: Entries<'a, R, I, M>) -> Self {
        Keys(entries)
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<R::Key>> {
        self.0.row_key(true)?.map(|row| self.0.key(&row)).transpose()
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<R::Key>> {
        self.0.row_key(false)?.map(|row| self.0.key(&row)).transpose()
    }
}

/// An iterator over the rows in the order of an index, from both ends.
pub struct Rows<'a, R: Record, I, M: Memory>(Entries<'a, R, I, M>);

impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Rows<'a, R, I, M> {
    pub(super) const fn new(entries: Entries<'a, R, I, M>) -> Self {
        Rows(entries)
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<R>> {
        self.0.row_key(true)?.map(|row| self.0.table.row(&row)).transpose()
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<R>> {
        self.0.row_key(false)?.map(|row| self.0.table.row(&row)).transpose()
    }
}

/// An iterator over one field of the rows in the order of an index, from both ends.
pub struct Fields<'a, R: Record, I, T, M: Memory> {
    entries: Entries<'a, R, I, M>,
    field: Field<R, T>,
}

impl<'a, R: Record, I: AnyIndex<R>, T: StableLayout, M: Memory> Fields<'a, R, I, T, M> {
    pub(super) const fn new(entries: Entries<'a, R, I, M>, field: Field<R, T>) -> Self {
        Fields { entries, field }
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<T>> {
        self.entries.row_key(true)?.map(|row| self.entries.table.row_field(&row, self.field)).transpose()
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<T>> {
        self.entries.row_key(false)?.map(|row| self.entries.table.row_field(&row, self.field)).transpose()
    }
}

macro_rules! iterator {
    ($iter:ident, |$r:ident, $i:ident $(, $t:ident: $bound:path)?| $item:ty) => {
        impl<$r: Record, $i: AnyIndex<$r> $(, $t: $bound)?, M: Memory> Iterator for $iter<'_, $r, $i $(, $t)?, M> {
            type Item = $item;

            #[track_caller]
            fn next(&mut self) -> Option<Self::Item> {
                self.try_next().or_fail()
            }
        }

        impl<$r: Record, $i: AnyIndex<$r> $(, $t: $bound)?, M: Memory> DoubleEndedIterator for $iter<'_, $r, $i $(, $t)?, M> {
            #[track_caller]
            fn next_back(&mut self) -> Option<Self::Item> {
                self.try_next_back().or_fail()
            }
        }

        impl<$r: Record, $i: AnyIndex<$r> $(, $t: $bound)?, M: Memory> FusedIterator for $iter<'_, $r, $i $(, $t)?, M> {}

        impl<$r: Record, $i $(, $t)?, M: Memory> core::fmt::Debug for $iter<'_, $r, $i $(, $t)?, M> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($iter)).finish_non_exhaustive()
            }
        }
    };
}

iterator!(Entries, |R, I| (I::Key, R::Key));
iterator!(Keys, |R, I| R::Key);
iterator!(Rows, |R, I| R);
iterator!(Fields, |R, I, T: StableLayout| T);
