//! Collections inside a map: one for each key, created, moved and removed with it.
//!
//! ```text
//! Nested        by key: makes, finds, renames and removes collections   (this file, collections)
//! Inner, Mut    one of them, with the names of its kind                 (inner, maps, sets, lists, iter)
//! Trees         bytes: all entries in one tree, the index in another    (trees, row, verify)
//! kinds         what can be nested
//! stored        how their values are stored: alone, or beside the records of `Records`
//! ```
//! All collections share one tree: an entry's key begins with the number of its collection. So a
//! small collection costs its bytes and not a page, and values migrate and are counted like those
//! of any map. The trees are those of `btree_map`.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

mod collections;
pub(crate) mod fill;
mod inner;
mod iter;
pub(crate) mod kinds;
mod lists;
mod maps;
pub mod records;
pub(crate) mod row;
mod sets;
pub(crate) mod stored;
pub(crate) mod trees;
mod verify;

use std::marker::PhantomData;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::store::{Budget, Collection, Root, RootSpec, RootStats, VerifyPosition};
use graven_core::{Damage, DefaultMemoryImpl, Memory, Result};

use crate::codec::keys::check_len;
use crate::codec::range::{KeyBounds, encode_range};
use crate::codec::value;
use crate::engine::progress::Step;
use crate::engine::verify::{Audit, check_within};
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
/// Finding a collection costs a look-up in a map. An operation on it then costs what it costs in
/// one map of the entries of all collections. If the number of entries changes, 16 bytes of the
/// index are also written, which dirties one more page. A list value is found by its position in
/// that tree, so no value can be inserted in the middle.
///
/// The cost of removing a collection does not depend on its size. The entries of a short collection
/// are freed at once. Those of a long one are freed a leaf at a time by
/// [`Nested::free_removed_within`], by the background migration, or by a change here that runs out
/// of memory.
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
    /// Returns the number of collections, including empty ones. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.trees.in_use()
    }

    /// Returns `true` if there are no collections. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the collection of a key for reading. Costs one look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Nested::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<Inner<'_, C, M>> {
        self.try_get(key).or_fail()
    }

    /// Like [`Nested::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<Inner<'_, C, M>>> {
        Ok(self.trees.row(&in_use(key))?.map(|(row, _)| Inner::new(&self.trees, row)))
    }

    /// Returns `true` if a key has a collection, which may be empty.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.get(key).is_some()
    }

    /// Returns the collection of a key for changing. Costs one look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Nested::try_get_mut`] does not.
    #[must_use]
    #[track_caller]
    pub fn get_mut<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<InnerMut<'_, C, M>> {
        self.try_get_mut(key).or_fail()
    }

    /// Like [`Nested::get_mut`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get_mut<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<InnerMut<'_, C, M>>> {
        let key = in_use(key);
        let found = self.trees.row(&key)?;
        Ok(found.map(|found| InnerMut::new(&self.trees, key, found)))
    }

    /// Returns the collection of a key for changing. Creates an empty one if there is none.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 991 bytes, or on damaged memory;
    /// [`Nested::try_or_create`] does not.
    #[track_caller]
    pub fn or_create<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> InnerMut<'_, C, M> {
        self.try_or_create(key).or_fail()
    }

    /// Like [`Nested::or_create`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing was created then.
    pub fn try_or_create<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<InnerMut<'_, C, M>> {
        let key = in_use(key);
        check_len(key.len())?;
        let found = match self.trees.row(&key)? {
            Some(found) => found,
            None => {
                self.trees.create(&key, C::FIRST)?;
                let made = self.trees.row(&key)?;
                made.ok_or_else(|| self.trees.broken(Damage::MissingEntry))?
            }
        };
        Ok(InnerMut::new(&self.trees, key, found))
    }

    /// Removes a collection with all its entries. Returns `true` if there was one. The cost does
    /// not depend on its size.
    ///
    /// # Panics
    /// When out of memory, because the removed collection is recorded, or on damaged memory;
    /// [`Nested::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> bool {
        self.try_remove(key).or_fail()
    }

    /// Like [`Nested::remove`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The collection is still there then.
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<bool> {
        let key = in_use(key);
        let Some((row, _)) = self.trees.row(&key)? else { return Ok(false) };
        self.trees.remove(&key, row).map(|()| true)
    }

    /// Moves the collection of one key to another key, without touching its entries. Returns
    /// `false` and changes nothing if the first key has no collection or the second one has one.
    ///
    /// # Panics
    /// As [`Nested::or_create`]; [`Nested::try_rename`] does not.
    #[track_caller]
    pub fn rename<Q: KeyRef<K> + ?Sized>(&mut self, from: &Q, to: &Q) -> bool {
        self.try_rename(from, to).or_fail()
    }

    /// Like [`Nested::rename`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Nested::try_or_create`]. Nothing has changed then.
    pub fn try_rename<Q: KeyRef<K> + ?Sized>(&mut self, from: &Q, to: &Q) -> Result<bool> {
        let to = in_use(to);
        check_len(to.len())?;
        if self.trees.row(&to)?.is_some() {
            return Ok(false);
        }
        self.trees.rename(&in_use(from), &to)
    }

    /// Removes all collections. Takes constant time at any size.
    ///
    /// # Panics
    /// On damaged memory; [`Nested::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`Nested::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.trees.clear()
    }

    /// Frees the entries of removed collections until the budget is spent. The budget counts
    /// leaves.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn free_removed_within(&mut self, budget: &mut Budget<'_>) -> Result<Step> {
        self.trees.free_removed_within(budget)
    }

    /// Returns an iterator over the keys and their collections in the order of the keys, from both
    /// ends. Reads one page for each leaf of the index.
    #[must_use]
    pub fn iter(&self) -> Collections<'_, K, C, M> {
        Collections::new(&self.trees, (Bound::Unbounded, Bound::Unbounded))
    }

    /// Returns an iterator over the keys in order, from both ends.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = K> + '_ {
        self.iter().map(|(key, _)| key)
    }

    /// Returns an iterator over the keys in a range and their collections, from both ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    pub fn range<Q: ?Sized, R: KeyBounds<K, Q>>(&self, range: R) -> Collections<'_, K, C, M> {
        Collections::new(&self.trees, encode_range(&range, "Nested"))
    }

    /// Returns the size and the layouts of the pages. `entries` counts those of all collections.
    /// Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.trees.stats()
    }

    /// Checks both trees, and that every entry belongs to a collection. Reads every page and needs
    /// 40 bytes of heap for each collection, so many collections may not fit in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first fault that is found.
    pub fn verify(&self) -> Result<()> {
        self.check(&mut Audit::first())
    }

    fn check(&self, audit: &mut Audit<'_>) -> Result<()> {
        self.trees.check(audit, kinds::is_list::<C>(), |_, _| Ok(()))
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

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| self.check(audit))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        // Free removed entries first: they need no migration.
        Ok(self.free_removed_within(budget)?.is_done() && self.trees.entries.sweep(budget)?)
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

iterable!([K: StableKey, C: Nestable, M: Memory] Nested<K, C, M> => Collections<'a, K, C, M>);
