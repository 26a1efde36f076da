//! Iterates over the entries of an index, and over the keys and rows that they lead to.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::key::{StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::codec::value::decode_found_to;
use crate::engine::bounds::KeyRange;
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::StoredValue;
use crate::fields;
use crate::map::btree::BTreeMap;
use crate::table::Record;
use crate::table::body::Body;
use crate::table::included::Included;
use crate::table::index::IndexTree;
use crate::table::record::AnyIndex;

impl<M: Memory> IndexTree<M> {
    /// Returns the value of an entry, and the key of the row that it leads to.
    fn entry<K: StableKey, P: StableKey>(&self, key: &[u8], found: StoredValue<'_>) -> Result<(K, P)> {
        let (root, page) = (self.tree.root(), found.page);
        let (value, row) = if self.is_unique {
            (decode_key(key), self.row_of(found)?)
        } else {
            let mut rest = key;
            (K::read_key(&mut rest, false), rest)
        };
        Ok((value.on_page(root, page)?, decode_key(row).on_page(root, page)?))
    }
}

impl<R: Record, M: Memory> Body<R, M> {
    /// Returns the row that an entry of an index leads to.
    pub(super) fn row(&self, key: &[u8]) -> Result<R> {
        let (root, mut row) = (self.rows.tree.root(), None);
        let read = |found: StoredValue<'_>| decode_found_to(root, found, &mut row);
        self.rows.tree.lookup(BTreeMap::<R::Key, R, M>::SIZES, key, read)?;
        row.ok_or_else(|| root.damaged(root.page(), Damage::MissingEntry))
    }

    /// Returns a field of the row that an entry of an index leads to.
    fn row_field<T: StableLayout>(&self, key: &[u8], field: Field<R, T>) -> Result<T> {
        let root = self.rows.tree.root();
        let found = self.rows.tree.location(BTreeMap::<R::Key, R, M>::SIZES, key)?;
        fields::get(root, found.ok_or_else(|| root.damaged(root.page(), Damage::MissingEntry))?, field)
    }
}

/// An iterator over the values of an index with the keys of their rows, from both ends.
pub struct Entries<'a, R: Record, I, M: Memory> {
    body: &'a Body<R, M>,
    index: &'a IndexTree<M>,
    walk: RangeIter<'a, M>,
    types: PhantomData<I>,
}

impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Entries<'a, R, I, M> {
    pub(super) fn new(body: &'a Body<R, M>, index: &'a IndexTree<M>, range: KeyRange) -> Self {
        Entries { body, index, walk: index.walk(range), types: PhantomData }
    }

    /// Steps forward or backward, and returns what `read` makes of the entry.
    #[inline]
    fn step<T>(
        &mut self,
        is_forward: bool,
        read: impl FnOnce(&Body<R, M>, &IndexTree<M>, &[u8], StoredValue<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let (body, index, sizes) = (self.body, self.index, self.index.sizes());
        let read = |key: &[u8], found: StoredValue<'_>| read(body, index, key, found);
        if is_forward { self.walk.next(sizes, read) } else { self.walk.next_back(sizes, read) }
    }

    fn entry(&mut self, is_forward: bool) -> Result<Option<(I::Key, R::Key)>> {
        self.step(is_forward, |_, index, key, found| index.entry(key, found))
    }

    fn key(&mut self, is_forward: bool) -> Result<Option<R::Key>> {
        self.step(is_forward, |_, index, key, found| {
            let page = found.page;
            decode_key(index.row_key(key, found)?).on_page(index.tree.root(), page)
        })
    }

    fn row(&mut self, is_forward: bool) -> Result<Option<R>> {
        self.step(is_forward, |body, index, key, found| body.row(index.row_key(key, found)?))
    }

    fn field<T: StableLayout>(
        &mut self,
        is_forward: bool,
        field: Field<R, T>,
        included: Option<At<R>>,
    ) -> Result<Option<T>> {
        self.step(is_forward, |body, index, key, found| match included {
            Some((included, at)) => {
                let page = found.page;
                included.read(at, field, index.included_of(found)?).on_page(index.tree.root(), page)
            }
            None => body.row_field(index.row_key(key, found)?, field),
        })
    }
}

/// An iterator over the keys of the rows in the order of an index, from both ends.
pub struct Keys<'a, R: Record, I, M: Memory>(Entries<'a, R, I, M>);

/// An iterator over the rows in the order of an index, from both ends.
pub struct Rows<'a, R: Record, I, M: Memory>(Entries<'a, R, I, M>);

/// An iterator over one field of the rows in the order of an index, from both ends.
pub struct Fields<'a, R: Record, I, T, M: Memory>(Entries<'a, R, I, M>, Field<R, T>, Option<At<R>>);

/// The fields that an index includes, and the position of the one that is asked for.
type At<R> = (&'static Included<R>, usize);

impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Entries<'a, R, I, M> {
    pub(super) const fn keys(self) -> Keys<'a, R, I, M> {
        Keys(self)
    }

    pub(super) const fn rows(self) -> Rows<'a, R, I, M> {
        Rows(self)
    }

    /// Returns the fields of the rows. The index is the one at the position `at`.
    pub(super) fn fields<T>(self, field: Field<R, T>, at: usize) -> Fields<'a, R, I, T, M> {
        let included = R::INDEXES.get(at).and_then(|spec| spec.included);
        let included = included.and_then(|included| Some((included, included.position(field)?)));
        Fields(self, field, included)
    }
}

/// Implements an iterator. `$step` steps forward (`true`) or backward.
macro_rules! iterator {
    ($iter:ident, |$r:ident, $i:ident $(, $t:ident: $bound:path)?| $item:ty, |$this:ident, $forward:ident| $step:expr) => {
        impl<$r: Record, $i: AnyIndex<$r> $(, $t: $bound)?, M: Memory> $iter<'_, $r, $i $(, $t)?, M> {
            /// Like `next`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_next(&mut self) -> Result<Option<$item>> {
                let ($this, $forward) = (self, true);
                $step
            }

            /// Like `next_back`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_next_back(&mut self) -> Result<Option<$item>> {
                let ($this, $forward) = (self, false);
                $step
            }
        }

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

iterator!(Entries, |R, I| (I::Key, R::Key), |this, forward| this.entry(forward));
iterator!(Keys, |R, I| R::Key, |this, forward| this.0.key(forward));
iterator!(Rows, |R, I| R, |this, forward| this.0.row(forward));
iterator!(Fields, |R, I, T: StableLayout| T, |this, forward| this.0.field(forward, this.1, this.2));
