//! Filling a map from input that is in order already.

use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::StableLayout;
use graven_core::{Error, Memory, Result};

use super::BTreeMap;
use super::append::Entry;
use super::cell::compare;
use crate::keys::bounded;
use crate::value::Encoded;

/// Bytes of entries that are gathered before they are written: some 32 leaves.
pub(super) const BATCH: usize = 128 << 10;

/// What ended a load before its end. The map holds what was loaded until then.
#[derive(Debug)]
pub struct LoadError {
    /// Entries that were loaded.
    pub loaded: u64,
    /// Why there are not more.
    pub error: Error,
}

impl core::fmt::Display for LoadError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} (after {} entries were loaded)", self.error, self.loaded)
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Entries on their way into a tree.
struct Batch {
    entries: Vec<Entry>,
    bytes: usize,
    /// The greatest key so far.
    last: Option<KeyBuf>,
    loaded: u64,
}

impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Adds entries whose keys rise and are greater than all that are there, and gives their number. Leaves are packed
    /// full, and every page is written once: for small entries that is about a hundredth of the writes that as many
    /// inserts make, and half of the pages that inserts in random order fill. Entries are gathered up to 128 KiB
    /// and written when all code of the caller's has run, so an iterator that panics leaves a valid map.
    ///
    /// Several calls load one after the other, in as many messages as need be.
    ///
    /// # Errors
    /// [`Error::NotAscending`] for a key that is not greater than the one before it, or than those in the map;
    /// [`Error::KeyTooLong`], [`Error::ValueTooLong`], [`Error::OutOfMemory`] or [`Error::Damaged`]. The
    /// [`LoadError`] says how many entries were loaded: all before the bad one, or as many as there was memory for.
    ///
    /// # Example: a list that comes in pieces
    /// ```
    /// use graven_collections::{BTreeMap, open};
    /// use graven_core::{DefaultMemoryImpl, Error};
    /// let mut squares: BTreeMap<u64, u64> = open("squares", DefaultMemoryImpl::default()).unwrap();
    /// let mut input = (0..10_000).map(|n| (n, n * n));
    /// while squares.load_sorted(input.by_ref().take(3_000)).unwrap() > 0 {
    ///     // In a canister: the next message.
    /// }
    /// assert_eq!((squares.len(), squares.get(&9_999)), (10_000, Some(99_980_001)));
    ///
    /// let failed = squares.load_sorted([(10_000, 0), (10_002, 0), (10_001, 0)]).unwrap_err();
    /// assert!(matches!(failed.error, Error::NotAscending { position: 2 }));
    /// assert_eq!((failed.loaded, squares.len()), (2, 10_002));
    /// ```
    pub fn load_sorted(&mut self, entries: impl IntoIterator<Item = (K, V)>) -> Result<u64, LoadError> {
        let last = self.tree.last_key().map_err(|error| LoadError { loaded: 0, error })?;
        let mut batch = Batch { entries: Vec::new(), bytes: 0, last, loaded: 0 };
        for (position, (key, value)) in entries.into_iter().enumerate() {
            if let Err(error) = batch.take(position as u64, &key, &value) {
                self.write(&mut batch)?;
                return Err(LoadError { loaded: batch.loaded, error });
            }
            if batch.bytes >= BATCH {
                self.write(&mut batch)?;
            }
        }
        self.write(&mut batch)?;
        Ok(batch.loaded)
    }

    fn write(&mut self, batch: &mut Batch) -> Result<(), LoadError> {
        let (added, result) = self.tree.append(&batch.entries);
        batch.loaded += added as u64;
        batch.entries.clear();
        batch.bytes = 0;
        result.map_err(|error| LoadError { loaded: batch.loaded, error })
    }
}

impl Batch {
    /// Takes an entry in, if it may come next.
    fn take<K: StableKey, V: StableLayout>(&mut self, position: u64, key: &K, value: &V) -> Result<()> {
        let key = bounded(key)?;
        if self.last.as_ref().is_some_and(|last| compare(key.as_slice(), last.as_slice()).is_le()) {
            return Err(Error::NotAscending { position });
        }
        let value = Encoded::new(value)?.as_slice().to_vec();
        self.bytes += key.len() + value.len();
        self.last = Some(key.clone());
        self.entries.push((key, value));
        Ok(())
    }
}
