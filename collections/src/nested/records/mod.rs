//! Records, each with a collection beside it: both are made, found, renamed and removed by one key.
//!
//! ```text
//! Records      finds records and collections by key (this file, iter), edits them (edit)
//! Inner, Mut   one of the collections (nested/inner, with its stored form in nested/stored)
//! Trees        bytes: records and items in one tree, the index in another (nested/trees, row, verify)
//! ```
//! All but this folder is `nested`'s: a record is one more entry of its tree, in front of the
//! items.

mod edit;
mod iter;

use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, Root, RootSpec, RootStats};
use graven_core::{DefaultMemoryImpl, Error, Memory, Result};

use crate::codec::range::encode_range;
use crate::codec::value;
use crate::engine::cell::StoredValue;
use crate::nested::kinds;
use crate::nested::kinds::Nestable;
use crate::nested::row::{RECORD_ROW, Row, in_use};
use crate::nested::trees::Trees;
use crate::nested::{Beside, Collections, Inner, InnerMut};

pub use iter::Iter;

/// A record of type `R` for each key of type `K`, together with a collection of type `C`:
/// `Records<UserId, User, StableVec<Post>>`. `C` is a [`BTreeMap`](crate::BTreeMap),
/// [`BTreeSet`](crate::BTreeSet), [`StableVec`](crate::StableVec) or [`Deque`](crate::Deque).
///
/// It is a map of records with the names of std's, in which the record has no items and the items
/// need no record: one is read and written without the other. Finding either is a look-up in the
/// index; the record then costs a look-up in the tree of all records and items, and what is done
/// with items costs what it costs in a [`Nested`](crate::Nested). Both layouts, that of `R` and
/// that of the items, may change with an upgrade.
///
/// Removing a record costs the same whatever stands beside it: what a short collection held is
/// freed at once, and that of a long one a leaf at a time by [`Records::free_removed`], by the
/// sweep, or where memory is needed here.
///
/// There is one collection for each record. Where there are more, the others are each a
/// [`Nested`](crate::Nested) with the same keys. A record has at least one byte: a collection
/// without one is a `Nested`.
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

/// The collection beside a record, to be read; what it can do is written at [`Inner`].
pub type Items<'a, R, C, M> = Inner<'a, C, M, Beside<R>>;

/// The collection beside a record, to be read and changed; what it can do is written at
/// [`InnerMut`].
pub type ItemsMut<'a, R, C, M> = InnerMut<'a, C, M, Beside<R>>;

/// A record and the collection beside it.
pub type WithItems<'a, R, C, M> = (R, Items<'a, R, C, M>);

impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> Records<K, R, C, M> {
    /// Number of records. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.trees.in_use()
    }

    /// Returns whether there are no records. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record of a key, without its items. Two look-ups.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<R> {
        self.try_get(key).or_fail()
    }

    /// Like [`Records::get`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<R>> {
        let Some((row, _)) = self.trees.row(&in_use(key))? else { return Ok(None) };
        self.record(row).map(Some)
    }

    /// Returns whether a key has a record. One look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_contains_key`] does not.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.try_contains_key(key).or_fail()
    }

    /// Like [`Records::contains_key`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<bool> {
        Ok(self.trees.row(&in_use(key))?.is_some())
    }

    /// The collection beside the record of a key, to be read; the record is not. One look-up.
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

    /// Like [`Records::items`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_items<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<Items<'_, R, C, M>>> {
        Ok(self.trees.row(&in_use(key))?.map(|(row, _)| Inner::new(&self.trees, row)))
    }

    /// The record of a key and the collection beside it, to be read. Two look-ups, as for the
    /// record alone.
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

    /// Like [`Records::get_with_items`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get_with_items<Q: KeyRef<K> + ?Sized>(
        &self,
        key: &Q,
    ) -> Result<Option<WithItems<'_, R, C, M>>> {
        let Some((row, _)) = self.trees.row(&in_use(key))? else { return Ok(None) };
        Ok(Some((self.record(row)?, Inner::new(&self.trees, row))))
    }

    /// All keys with their records and collections in order of the keys, both ways. Reads one page
    /// for each leaf of the index, and each record as [`Records::get`]; [`Records::keys`] reads no
    /// record.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, R, C, M> {
        Iter::new(&self.trees, (Bound::Unbounded, Bound::Unbounded))
    }

    /// All keys in order, both ways.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = K> + '_ {
        let all = (Bound::Unbounded, Bound::Unbounded);
        Collections::<K, C, M, Beside<R>>::new(&self.trees, all).map(|(key, _)| key)
    }

    /// The keys in a range with their records and collections, both ways.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or is empty with both bounds excluded.
    #[track_caller]
    pub fn range(&self, range: impl RangeBounds<K>) -> Iter<'_, K, R, C, M> {
        Iter::new(&self.trees, encode_range(&range, "Records"))
    }

    /// Size and the layouts that pages are in; `entries` are the records and the items of all of
    /// them. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.trees.stats()
    }

    /// Checks everything: both trees, that every entry belongs to a record, and that there is every
    /// record that the index has. Reads every page and needs 80 bytes of heap for each record, so
    /// not for many in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.trees.verify(kinds::is_list::<C>(), |found, is_record| {
            if Beside::<R>::is_record(self.root(), found)? == is_record {
                return Ok(());
            }
            Err(Error::Damaged { page: found.page, why: "a record and an item are in each other's place" })
        })
    }

    fn record(&self, row: Row) -> Result<R> {
        read_record::<R, C, M>(&self.trees, row)
    }
}

/// The record of a row.
fn read_record<R: StableLayout, C: Nestable, M: Memory>(trees: &Trees<M>, row: Row) -> Result<R> {
    trees.record(row, |found| decode::<R, C, M>(trees, found))
}

fn decode<R: StableLayout, C: Nestable, M: Memory>(trees: &Trees<M>, found: StoredValue<'_>) -> Result<R> {
    Beside::<R>::decode_record::<C::Value, M>(trees.entries.root(), found)
}

/// The value of a record or of an item, as the root has them.
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

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        // What is removed need not be brought to a new layout.
        Ok(self.free_removed(budget)? && self.trees.entries.sweep(budget)?)
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
