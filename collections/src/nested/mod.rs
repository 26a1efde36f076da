//! Collections inside a map: one for each key, made, moved and removed with it.
//!
//! ```text
//! Nested        by key: makes, finds, renames and removes collections   (this file, collections)
//! Inner, Mut    one of them, with the names of its kind                 (inner, maps, sets, lists, iter)
//! Trees         bytes: all entries in one tree, the index in another    (trees, row, verify)
//! kinds         what can be nested
//! stored        how their values are stored: alone, or beside the records of `Records`
//! ```
//! All collections share one tree: an entry's key begins with the number of its collection. So a
//! small one takes its bytes and not a page, and values migrate, are swept and counted as those of
//! any map. The trees are `btree_map`'s.

mod collections;
mod inner;
mod iter;
pub(crate) mod kinds;
mod lists;
mod maps;
pub mod records;
pub(crate) mod row;
mod sets;
mod stored;
pub(crate) mod trees;
mod verify;

use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};

use graven_core::error::fail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::store::{Budget, Collection, Root, RootSpec, RootStats};
use graven_core::{DefaultMemoryImpl, Memory, Result};

use crate::codec::keys::check_len;
use crate::codec::range::encode_range;
use crate::codec::value;
use row::{ROW, in_use};
use trees::Trees;

pub use collections::Collections;
pub use inner::{Inner, InnerMut};
pub use iter::Iter;
pub use kinds::Nestable;
pub use stored::{Alone, Beside, Stored};

/// A collection of type `C` for each key of type `K`: `Nested<UserId, StableVec<Post>>`. `C` is a
/// [`BTreeMap`](crate::BTreeMap), [`BTreeSet`](crate::BTreeSet), [`StableVec`](crate::StableVec) or
/// [`Deque`](crate::Deque).
///
/// Finding a collection is a look-up in a map; what is done in it then costs what it costs in a map
/// of the entries of all of them, and 16 bytes of the index where their number changes: one more
/// dirty page. A value of a `Vec` is found by its position in that tree, too, so no value can be
/// inserted in the middle.
///
/// Removing a collection costs the same whatever it holds: what a short one held is freed at once,
/// and that of a long one a leaf at a time by [`Nested::free_removed`], by the sweep, or where
/// memory is needed here.
///
/// # Example: posts by their author
/// ```
/// use graven_collections::{Nested, StableVec, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut posts: Nested<u64, StableVec<String>> = open("posts", DefaultMemoryImpl::default()).unwrap();
/// posts.or_create(&7).push("Hello".into());
/// posts.or_create(&7).push("Again".into());
/// assert_eq!(posts.get(&7).unwrap().get(1).as_deref(), Some("Again"));
/// assert_eq!(posts.get(&7).unwrap().len(), 2);
/// assert!(posts.get(&8).is_none());
/// assert!(posts.remove(&7));
/// assert!(posts.is_empty());
/// ```
pub struct Nested<K, C, M: Memory = DefaultMemoryImpl> {
    trees: Trees<M>,
    types: PhantomData<(K, C)>,
}

impl<K: StableKey, C: Nestable, M: Memory> Nested<K, C, M> {
    /// Number of collections, empty ones included. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.trees.in_use()
    }

    /// Returns whether there are no collections. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The collection of a key, to be read. One look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Nested::try_get`] does not.
    #[must_use]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<Inner<'_, C, M>> {
        self.try_get(key).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Nested::get`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<Inner<'_, C, M>>> {
        Ok(self.trees.row(&in_use(key))?.map(|(row, _)| Inner::new(&self.trees, row)))
    }

    /// Returns whether a key has a collection, be it an empty one.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.get(key).is_some()
    }

    /// The collection of a key, to be changed. One look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Nested::try_get_mut`] does not.
    #[must_use]
    pub fn get_mut<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<InnerMut<'_, C, M>> {
        self.try_get_mut(key).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Nested::get_mut`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get_mut<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<InnerMut<'_, C, M>>> {
        let key = in_use(key);
        let found = self.trees.row(&key)?;
        Ok(found.map(|found| InnerMut::new(&self.trees, key, found)))
    }

    /// The collection of a key, to be changed, which is made if there is none.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 991 bytes, or on damaged memory;
    /// [`Nested::try_or_create`] does not.
    pub fn or_create<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> InnerMut<'_, C, M> {
        self.try_or_create(key).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Nested::or_create`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); nothing was made.
    pub fn try_or_create<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<InnerMut<'_, C, M>> {
        let key = in_use(key);
        check_len(key.len())?;
        let found = match self.trees.row(&key)? {
            Some(found) => found,
            None => {
                self.trees.create(&key, C::FIRST)?;
                let made = self.trees.row(&key)?;
                made.ok_or_else(|| self.trees.broken("a row of its index is missing"))?
            }
        };
        Ok(InnerMut::new(&self.trees, key, found))
    }

    /// Removes a collection with all that it holds; whether there was one. Costs the same whatever
    /// it holds.
    ///
    /// # Panics
    /// When out of memory, for what was removed is noted, or on damaged memory;
    /// [`Nested::try_remove`] does not.
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> bool {
        self.try_remove(key).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Nested::remove`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); the collection is still there.
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<bool> {
        let key = in_use(key);
        let Some((row, _)) = self.trees.row(&key)? else { return Ok(false) };
        self.trees.remove(&key, row).map(|()| true)
    }

    /// Gives the collection of one key to another key, which has none so far. False, and nothing is
    /// changed, where the first has none or the second has one. What the collection holds is not
    /// touched.
    ///
    /// # Panics
    /// As [`Nested::or_create`]; [`Nested::try_rename`] does not.
    pub fn rename<Q: KeyRef<K> + ?Sized>(&mut self, from: &Q, to: &Q) -> bool {
        self.try_rename(from, to).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Nested::rename`].
    ///
    /// # Errors
    /// As [`Nested::try_or_create`]; nothing has changed.
    pub fn try_rename<Q: KeyRef<K> + ?Sized>(&mut self, from: &Q, to: &Q) -> Result<bool> {
        let to = in_use(to);
        check_len(to.len())?;
        if self.trees.row(&to)?.is_some() {
            return Ok(false);
        }
        self.trees.rename(&in_use(from), &to)
    }

    /// Removes all collections. Constant time at any size.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn clear(&mut self) {
        self.trees.clear().unwrap_or_else(|error| fail(&error));
    }

    /// Frees what removed collections held while the budget lasts, which counts leaves; whether
    /// nothing is left.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn free_removed(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.trees.free_removed(budget)
    }

    /// All keys with their collections in order of the keys, both ways. Reads one page for each
    /// leaf of the index.
    #[must_use]
    pub fn iter(&self) -> Collections<'_, K, C, M> {
        Collections::new(&self.trees, (Bound::Unbounded, Bound::Unbounded))
    }

    /// All keys in order, both ways.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = K> + '_ {
        self.iter().map(|(key, _)| key)
    }

    /// The keys in a range with their collections, both ways.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or is empty with both bounds excluded.
    pub fn range(&self, range: impl RangeBounds<K>) -> Collections<'_, K, C, M> {
        Collections::new(&self.trees, encode_range(&range, "Nested"))
    }

    /// Size and the layouts that pages are in; `entries` are those of all collections. Reads
    /// nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.trees.stats()
    }

    /// Checks everything: both trees, and that every entry belongs to a collection. Reads every
    /// page and needs 40 bytes of heap for each collection, so not for many in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.trees.verify(kinds::is_list::<C>(), |_, _| Ok(()))
    }
}

impl<K: StableKey, C: Nestable, M: Memory> Collection for Nested<K, C, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<C::Value>("", C::KIND, Some(<(K, C::Key)>::KEY));

    fn attach(root: Root<M>) -> Self {
        Nested {
            trees: Trees::new(root, kinds::sizes::<C, Alone>(), value::convert::<C::Value>, ROW),
            types: PhantomData,
        }
    }

    fn root(&self) -> &Root<M> {
        self.trees.entries.root()
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        // What is removed need not be brought to a new layout.
        Ok(self.free_removed(budget)? && self.trees.entries.sweep(budget)?)
    }
}

impl<K, C, M> core::fmt::Debug for Nested<K, C, M>
where
    K: StableKey + core::fmt::Debug,
    C: Nestable,
    M: Memory,
    for<'a> Inner<'a, C, M>: core::fmt::Debug,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
