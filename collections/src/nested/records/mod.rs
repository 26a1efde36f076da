//! Records, each with a collection beside it. One key creates, finds, renames and removes both.
//!
//! ```text
//! Records      finds records and collections by key (this file, iter), edits them (edit)
//! Inner, Mut   one of the collections (nested/inner, with its stored form in nested/stored)
//! Trees        bytes: records and items in one tree, the index in another (nested/trees, row, verify)
//! ```
//! The parent module `nested` does most of the work: a record is one more entry of its tree, before
//! the items.

mod edit;
mod iter;

use std::marker::PhantomData;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, Root, RootSpec, RootStats, VerifyPosition};
use graven_core::{DefaultMemoryImpl, Memory, Result};

use crate::codec::range::{KeyBounds, encode_range};
use crate::codec::value;
use crate::engine::cell::StoredValue;
use crate::engine::verify::{Audit, check_within};
use crate::nested::kinds;
use crate::nested::kinds::Nestable;
use crate::nested::row::{RECORD_ROW, Row, in_use};
use crate::nested::stored::check_entry_type;
use crate::nested::trees::Trees;
use crate::nested::{Beside, Collections, Inner, InnerMut};

pub use iter::Iter;

/// A record of type `R` for each key of type `K`, together with a collection of type `C`:
/// `Records<UserId, User, StableVec<Post>>`. `C` is a [`BTreeMap`](crate::BTreeMap),
/// [`BTreeSet`](crate::BTreeSet), [`StableVec`](crate::StableVec) or [`Deque`](crate::Deque).
///
/// The record map has the method names of std's. Records and items are read and written
/// independently. Finding either costs a look-up in the index. The record then costs a look-up in
/// the tree of all records and items, and an operation on items costs what it costs in a
/// [`Nested`](crate::Nested). Both layouts, that of `R` and that of the items, may change with an
/// upgrade.
///
/// The cost of removing a record does not depend on its collection. A short collection is freed at
/// once. A long one is freed a leaf at a time by [`Records::free_removed_within`], by the
/// background migration, or by a change here that runs out of memory.
///
/// Each record has one collection. For more collections, use a [`Nested`](crate::Nested) with the
/// same keys for each of the others. A record has at least one byte: use a `Nested` for collections
/// without records.
///
/// # Example: users and their posts
/// ```
/// use graven_collections::{Records, StableVec, open};
/// use graven_core::DefaultMemoryImpl;
/// let memory = DefaultMemoryImpl::default();
/// let mut users: Records<u64, String, StableVec<String>> = open("users", memory).unwrap();
/// assert_eq!(users.insert(7, "Ann".into()), None);
/// users.items_mut(&7).unwrap().push("Hello".into());
/// assert_eq!(users.insert(7, "Anna".into()).as_deref(), Some("Ann"));
/// assert_eq!(users.get(&7).as_deref(), Some("Anna"));
/// assert_eq!(users.items(&7).unwrap().get(0).as_deref(), Some("Hello"));
/// assert_eq!(users.remove(&7).as_deref(), Some("Anna"));
/// assert!(users.items(&7).is_none());
/// ```
pub struct Records<K, R, C, M: Memory = DefaultMemoryImpl> {
    trees: Trees<M>,
    types: PhantomData<(K, R, C)>,
}

/// The collection beside a record, for reading. [`Inner`] has its methods.
pub type Items<'a, R, C, M> = Inner<'a, C, M, Beside<R>>;

/// The collection beside a record, for reading and changing. [`InnerMut`] has its methods.
pub type ItemsMut<'a, R, C, M> = InnerMut<'a, C, M, Beside<R>>;

/// A record and the collection beside it.
pub type WithItems<'a, R, C, M> = (R, Items<'a, R, C, M>);

impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> Records<K, R, C, M> {
    /// Returns the number of records. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.trees.in_use()
    }

    /// Returns `true` if there are no records. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the record of a key, without its items. Costs two look-ups.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<R> {
        self.try_get(key).or_fail()
    }

    /// Like [`Records::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<R>> {
        let Some((row, _)) = self.trees.row(&in_use(key))? else { return Ok(None) };
        self.record(row).map(Some)
    }

    /// Returns `true` if a key has a record. Costs one look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_contains_key`] does not.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.try_contains_key(key).or_fail()
    }

    /// Like [`Records::contains_key`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<bool> {
        Ok(self.trees.row(&in_use(key))?.is_some())
    }

    /// Returns the collection beside the record of a key for reading. Does not read the record.
    /// Costs one look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_items`] does not.
    ///
    /// # Example: the latest post
    /// ```
    /// # use graven_collections::{Records, StableVec, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// # let memory = DefaultMemoryImpl::default();
    /// # let mut users: Records<u64, String, StableVec<String>> = open("users", memory).unwrap();
    /// users.insert(7, "Ann".into());
    /// users.items_mut(&7).unwrap().extend(["Hello".into(), "Again".into()]);
    /// let posts = users.items(&7).unwrap();
    /// assert_eq!((posts.len(), posts.iter().next_back()), (2, Some("Again".into())));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn items<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<Items<'_, R, C, M>> {
        self.try_items(key).or_fail()
    }

    /// Like [`Records::items`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_items<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<Items<'_, R, C, M>>> {
        Ok(self.trees.row(&in_use(key))?.map(|(row, _)| Inner::new(&self.trees, row)))
    }

    /// Returns the record of a key and the collection beside it for reading. Costs two look-ups, as
    /// for the record alone.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_get_with_items`] does not.
    ///
    /// # Example: who wrote how much
    /// ```
    /// # use graven_collections::{BTreeSet, Records, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let memory = DefaultMemoryImpl::default();
    /// let mut users: Records<u64, String, BTreeSet<u32>> = open("users", memory).unwrap();
    /// users.insert(7, "Ann".into());
    /// users.items_mut(&7).unwrap().extend([3, 5]);
    /// let (name, posts) = users.get_with_items(&7).unwrap();
    /// assert_eq!(format!("{name} wrote {}", posts.len()), "Ann wrote 2");
    /// ```
    #[must_use]
    #[track_caller]
    pub fn get_with_items<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<WithItems<'_, R, C, M>> {
        self.try_get_with_items(key).or_fail()
    }

    /// Like [`Records::get_with_items`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get_with_items<Q: KeyRef<K> + ?Sized>(
        &self,
        key: &Q,
    ) -> Result<Option<WithItems<'_, R, C, M>>> {
        let Some((row, _)) = self.trees.row(&in_use(key))? else { return Ok(None) };
        Ok(Some((self.record(row)?, Inner::new(&self.trees, row))))
    }

    /// Returns an iterator over the keys with their records and collections in the order of the
    /// keys, from both ends. Reads one page for each leaf of the index, and each record as
    /// [`Records::get`] does. [`Records::keys`] reads no records.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, R, C, M> {
        Iter::new(&self.trees, (Bound::Unbounded, Bound::Unbounded))
    }

    /// Returns an iterator over the keys in order, from both ends.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = K> + '_ {
        let all = (Bound::Unbounded, Bound::Unbounded);
        Collections::<K, C, M, Beside<R>>::new(&self.trees, all).map(|(key, _)| key)
    }

    /// Returns an iterator over the keys in a range with their records and collections, from both
    /// ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    pub fn range<Q: ?Sized, B: KeyBounds<K, Q>>(&self, range: B) -> Iter<'_, K, R, C, M> {
        Iter::new(&self.trees, encode_range(&range, "Records"))
    }

    /// Returns the size and the layouts of the pages. `entries` counts all records and all their
    /// items. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.trees.stats()
    }

    /// Checks both trees, that every entry belongs to a record, and that no record of the index is
    /// missing. Reads every page and needs 80 bytes of heap for each record, so many records may
    /// not fit in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first fault that is found.
    pub fn verify(&self) -> Result<()> {
        self.check(&mut Audit::first())
    }

    fn check(&self, audit: &mut Audit<'_>) -> Result<()> {
        let check = |found: StoredValue<'_>, is_record| check_entry_type(self.root(), found, is_record);
        self.trees.check(audit, kinds::is_list::<C>(), check)
    }

    fn record(&self, row: Row) -> Result<R> {
        read_record::<R, C, M>(&self.trees, row)
    }
}

/// Returns the record of a row.
fn read_record<R: StableLayout, C: Nestable, M: Memory>(trees: &Trees<M>, row: Row) -> Result<R> {
    trees.record(row, |found| decode::<R, C, M>(trees, found))
}

fn decode<R: StableLayout, C: Nestable, M: Memory>(trees: &Trees<M>, found: StoredValue<'_>) -> Result<R> {
    Beside::<R>::decode_record::<C::Value, M>(trees.entries.root(), found)
}

/// The type of the root's values: a record or an item.
type Stored<R, C> = core::result::Result<std::vec::Vec<R>, <C as Nestable>::Value>;

impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> Collection for Records<K, R, C, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<Stored<R, C>>("", C::WITH_RECORDS, Some(<(K, C::Key)>::KEY));

    fn attach(root: Root<M>) -> Self {
        let (sizes, convert) = (kinds::sizes::<C, Beside<R>>(), value::convert::<Stored<R, C>>);
        Records { trees: Trees::new(root, sizes, convert, RECORD_ROW), types: PhantomData }
    }

    fn root(&self) -> &Root<M> {
        self.trees.entries.root()
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| self.check(audit))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        // Free removed entries first: they need no migration.
        Ok(self.free_removed_within(budget)?.is_done() && self.trees.entries.sweep(budget)?)
    }
}

impl<K, R, C, M> core::fmt::Debug for Records<K, R, C, M>
where
    K: StableKey + core::fmt::Debug,
    R: StableLayout + core::fmt::Debug,
    C: Nestable,
    M: Memory,
    for<'a> Inner<'a, C, M, Beside<R>>: core::fmt::Debug,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(self.iter().map(|(key, record, items)| (key, (record, items)))).finish()
    }
}

iterable!([K: StableKey, R: StableLayout, C: Nestable, M: Memory] Records<K, R, C, M> => Iter<'a, K, R, C, M>);
