//! Traits of maps, for std's on the heap and Graven's in stable memory. Application code that is
//! written against these traits runs with either, and so do its tests.
//!
//! Methods return copies of entries, because an entry in stable memory becomes a value only when it
//! is read. The methods panic on errors. Code that has to distinguish errors names a concrete
//! collection.

mod graven;
mod std;

use core::ops::RangeBounds;

/// A map from `K` to `V`.
///
/// # Example: the same code on the heap and in stable memory
/// ```
/// use graven_collections::{BTreeMap, Map, open};
/// use graven_core::DefaultMemoryImpl;
///
/// fn transfer(accounts: &mut impl Map<u64, u64>, from: u64, to: u64, amount: u64) -> bool {
///     let Some(rest) = accounts.get(&from).and_then(|has| has.checked_sub(amount)) else { return false };
///     let has = accounts.get(&to).unwrap_or(0);
///     accounts.insert(from, rest);
///     accounts.insert(to, has + amount);
///     true
/// }
///
/// let mut heap = std::collections::HashMap::from([(1, 100)]);
/// let mut stable: BTreeMap<u64, u64> = open("accounts", DefaultMemoryImpl::default()).unwrap();
/// stable.insert(1, 100);
/// assert!(transfer(&mut heap, 1, 2, 30) && transfer(&mut stable, 1, 2, 30));
/// assert!(!transfer(&mut heap, 1, 2, 80) && !transfer(&mut stable, 1, 2, 80));
/// assert_eq!((heap.get(&2), stable.get(&2)), (Some(&30), Some(30)));
/// ```
pub trait Map<K, V> {
    /// Returns the number of entries.
    fn len(&self) -> u64;

    /// Returns `true` if there are no entries.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the value of a key.
    fn get(&self, key: &K) -> Option<V>;

    /// Returns `true` if a key has a value.
    fn contains_key(&self, key: &K) -> bool;

    /// Sets the value of a key and returns the old one.
    fn insert(&mut self, key: K, value: V) -> Option<V>;

    /// Removes a key and returns its value.
    fn remove(&mut self, key: &K) -> Option<V>;

    /// Removes all entries.
    fn clear(&mut self);

    /// Returns an iterator over the entries, in the order of the map if it has one.
    fn entries(&self) -> impl Iterator<Item = (K, V)>;
}

/// A map whose entries are in the order of their keys.
///
/// # Example: the winner, wherever the scores are
/// ```
/// use graven_collections::{BTreeMap, Map, OrderedMap, open};
/// use graven_core::DefaultMemoryImpl;
///
/// fn winner(scores: &impl OrderedMap<(u32, String), ()>) -> Option<String> {
///     scores.last_key_value().map(|((_, name), ())| name)
/// }
///
/// let mut stable: BTreeMap<(u32, String), ()> = open("scores", DefaultMemoryImpl::default()).unwrap();
/// let mut heap = std::collections::BTreeMap::new();
/// for (points, name) in [(7, "Ada"), (9, "Bob"), (8, "Cy")] {
///     stable.insert((points, name.into()), ());
///     heap.insert((points, name.to_string()), ());
/// }
/// assert_eq!(winner(&stable), winner(&heap));
/// assert_eq!(winner(&stable).as_deref(), Some("Bob"));
/// ```
pub trait OrderedMap<K, V>: Map<K, V> {
    /// Returns the entry with the least key.
    fn first_key_value(&self) -> Option<(K, V)>;

    /// Returns the entry with the greatest key.
    fn last_key_value(&self) -> Option<(K, V)>;

    /// Removes and returns the entry with the least key.
    fn pop_first(&mut self) -> Option<(K, V)>;

    /// Removes and returns the entry with the greatest key.
    fn pop_last(&mut self) -> Option<(K, V)>;

    /// Returns an iterator over the entries with keys in a range, in order, from both ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    fn range(&self, range: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (K, V)>;
}
