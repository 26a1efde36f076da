//! Loads sorted input into a map.

use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::StableLayout;
use graven_core::page::PAGE_SIZE;
use graven_core::simd::copy;
use graven_core::{Error, Memory, Result};

use crate::codec::keys::bounded;
use crate::codec::value::Encoded;
use crate::engine::btree::append::Entry;
use crate::engine::cell::compare;
use crate::map::btree::BTreeMap;

/// Bytes of entries that are gathered before they are written: about 32 leaves.
pub(super) const BATCH: usize = 128 << 10;

/// The error that ended a load early. The map contains the entries that were loaded before it.
#[derive(Debug)]
pub struct LoadError {
    /// The number of entries that were loaded.
    pub loaded: u64,
    /// The reason why the load ended.
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

/// Entries that are gathered to be written together.
struct Batch {
    /// Entries of constant size, as cells. The first `bytes` bytes are in use.
    cells: Vec<u8>,
    /// All other entries.
    entries: Vec<Entry>,
    /// The number of bytes in `cells` or in `entries`.
    bytes: usize,
    /// The greatest key before the first of `cells`, or the greatest so far with `entries`.
    last: Option<KeyBuf>,
    loaded: u64,
}

impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Adds entries whose keys are ascending and greater than all keys of the map. Returns the
    /// number of added entries. Leaves are packed full, and every page is written once. For small
    /// entries that is about a hundredth of the writes of single inserts, and half of the pages
    /// that inserts in random order fill. Entries are gathered up to 128 KiB and written while none
    /// of the caller's code runs, so an iterator that panics leaves a valid map.
    ///
    /// Several calls may load the input in parts, each in a message of its own.
    ///
    /// # Errors
    /// [`Error::NotAscending`] for a key that is not greater than the one before it and all keys of
    /// the map; [`Error::KeyTooLong`], [`Error::ValueTooLong`], [`Error::OutOfMemory`] or
    /// [`Error::Damaged`]. The [`LoadError`] has the number of loaded entries: all before the bad
    /// one, or as many as fitted in memory.
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
        self.load(entries)
    }

    pub(crate) fn load(&self, entries: impl IntoIterator<Item = (K, V)>) -> Result<u64, LoadError> {
        let last = self.tree.last_key().map_err(|error| LoadError { loaded: 0, error })?;
        let mut batch = Batch { cells: Vec::new(), entries: Vec::new(), bytes: 0, last, loaded: 0 };
        for (position, (key, value)) in entries.into_iter().enumerate() {
            if let Err(error) = batch.take::<K, V, M>(position as u64, &key, &value) {
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

    fn write(&self, batch: &mut Batch) -> Result<(), LoadError> {
        let (added, result) = match Self::SIZES.cells() {
            Some(sizes) => self.tree.append_cells(batch.cells.split_at(batch.bytes).0, sizes),
            None => self.tree.append(&batch.entries),
        };
        batch.loaded += added as u64;
        batch.clear(Self::SIZES.cells());
        result.map_err(|error| LoadError { loaded: batch.loaded, error })
    }
}

impl Batch {
    /// Adds an entry if its key is greater than the last one.
    #[inline(always)]
    fn take<K: StableKey, V: StableLayout, M: Memory>(
        &mut self,
        position: u64,
        key: &K,
        value: &V,
    ) -> Result<()> {
        let key = bounded(key)?;
        match BTreeMap::<K, V, M>::SIZES.cells() {
            Some(sizes) => self.take_cell(sizes, position, key.as_slice(), value),
            None => self.take_entry(position, key, value),
        }
    }

    #[inline(always)]
    fn take_cell<V: StableLayout>(
        &mut self,
        (key_size, len): (usize, usize),
        position: u64,
        key: &[u8],
        value: &V,
    ) -> Result<()> {
        let at = self.bytes;
        if at + len > self.cells.len() {
            self.cells.resize((2 * self.cells.len()).max(PAGE_SIZE), 0);
        }
        let (before, cells) = self.cells.split_at_mut(at);
        let last = match before.len().checked_sub(len).and_then(|at| before.get(at..at + key_size)) {
            Some(last) => Some(last),
            None => self.last.as_ref().map(KeyBuf::as_slice),
        };
        if last.is_some_and(|last| compare(key, last).is_le()) {
            return Err(Error::NotAscending { position });
        }
        let (key_place, rest) = cells.split_at_mut(key_size);
        copy(key_place, key);
        value.encode(rest.split_at_mut(len - key_size).0);
        self.bytes += len;
        Ok(())
    }

    fn take_entry<V: StableLayout>(&mut self, position: u64, key: KeyBuf, value: &V) -> Result<()> {
        if self.last.as_ref().is_some_and(|last| compare(key.as_slice(), last.as_slice()).is_le()) {
            return Err(Error::NotAscending { position });
        }
        let value = Encoded::new(value)?.as_slice().to_vec();
        self.bytes += key.len() + value.len();
        self.last = Some(key.clone());
        self.entries.push((key, value));
        Ok(())
    }

    /// Removes the written entries, but keeps the greatest key.
    fn clear(&mut self, sizes: Option<(usize, usize)>) {
        if let Some((key_size, len)) = sizes
            && let Some(last) =
                self.bytes.checked_sub(len).and_then(|last| self.cells.get(last..last + key_size))
        {
            self.last = Some(KeyBuf::from(last));
        }
        self.entries.clear();
        self.bytes = 0;
    }
}
