//! Moves entries between two maps of one type in their stored form: all of them, or those from a
//! key on.

use crate::engine::btree::transfer::move_within;
use crate::engine::progress::Step;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::Budget;
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::map::btree::BTreeMap;

/// Moves of entries between maps. Each entry is in one of the maps at all times. Every move
/// consists of separate operations on the two maps: it can stop anywhere, and the next call
/// continues.
impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Moves all entries of another map into this one in this message, and replaces entries with
    /// the same keys. For maps that are known to be small.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; entries that were moved before stay moved.
    #[track_caller]
    pub fn append<N: Memory>(&mut self, other: &mut BTreeMap<K, V, N>) {
        let mut more = || true;
        while !self.append_within(other, &mut Budget::while_true(&mut more)).or_fail().is_done() {}
    }

    /// Appends until the budget is spent, which counts entries. Costs a read of each leaf of the
    /// other map, its removal, and an insert for each entry. Entries after all of this map are
    /// packed into full leaves instead, as with [`BTreeMap::load_sorted`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
    /// [`Error::Damaged`](graven_core::Error::Damaged): nothing was moved then. If some entries
    /// were moved before, this call returns no error; the next one does.
    ///
    /// # Example: last year's orders join the archive
    /// ```
    /// use graven_collections::{BTreeMap, Collection};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::{Budget, Options, Store};
    /// type Orders = BTreeMap<u64, String>;
    /// let roots = [Orders::SPEC.named("archive"), Orders::SPEC.named("orders")];
    /// let mut store = Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap();
    /// let (mut archive, mut orders) = (Orders::attach(store.take(0)), Orders::attach(store.take(1)));
    /// orders.extend((0..500).map(|n| (n, format!("order {n}"))));
    /// while !archive.append_within(&mut orders, &mut Budget::entries(100)).unwrap().is_done() {}
    /// assert_eq!((archive.len(), orders.len()), (500, 0));
    /// ```
    pub fn append_within<N: Memory>(
        &mut self,
        other: &mut BTreeMap<K, V, N>,
        budget: &mut Budget<'_>,
    ) -> Result<Step> {
        move_within(&other.tree, &self.tree, Bound::Unbounded, budget)
    }

    /// Moves the entries from `key` on into another map in this message. For maps that are known to
    /// be small.
    ///
    /// # Panics
    /// As [`BTreeMap::append`].
    #[track_caller]
    pub fn split_off<Q: KeyRef<K> + ?Sized, N: Memory>(&mut self, key: &Q, into: &mut BTreeMap<K, V, N>) {
        let mut more = || true;
        while !self.split_off_within(key, into, &mut Budget::while_true(&mut more)).or_fail().is_done() {}
    }

    /// Splits off until the budget is spent, as [`BTreeMap::append_within`] does. Entries of the
    /// other map stay, except for those with the same keys.
    ///
    /// # Errors
    /// As [`BTreeMap::append_within`].
    ///
    /// # Example: half of the names
    /// ```
    /// use graven_collections::{BTreeMap, Collection};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::{Budget, Options, Store};
    /// type Names = BTreeMap<String, u64>;
    /// let roots = [Names::SPEC.named("a to m"), Names::SPEC.named("n to z")];
    /// let mut store = Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap();
    /// let (mut front, mut back) = (Names::attach(store.take(0)), Names::attach(store.take(1)));
    /// front.extend([("Ada".into(), 1), ("Nina".into(), 2), ("Zoe".into(), 3)]);
    /// assert!(front.split_off_within("N", &mut back, &mut Budget::entries(100)).unwrap().is_done());
    /// assert_eq!((front.len(), back.get("Zoe")), (1, Some(3)));
    /// ```
    pub fn split_off_within<Q: KeyRef<K> + ?Sized, N: Memory>(
        &mut self,
        key: &Q,
        into: &mut BTreeMap<K, V, N>,
        budget: &mut Budget<'_>,
    ) -> Result<Step> {
        let start = written(key);
        move_within(&self.tree, &into.tree, Bound::Included(start), budget)
    }
}
