//! Paging through a map, one page in each message.

use std::ops::Bound;

use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::{Collection, Root, RootSpec};
use graven_core::{CursorFault, Error, Memory, Result};

use crate::cursor::{Cursor, Direction, Page};
use crate::engine::cell::StoredValue;
use crate::map::hash::{HashMap, iter};

/// Paging: see [`Cursor`].
impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Returns at most `limit` entries, from a cursor or the first entry on. Their order has no
    /// meaning, but never changes. Each entry that stays in the map is returned exactly once,
    /// whatever is inserted and removed in between, however many buckets are split or merged.
    ///
    /// Reads the pages of a bucket, and of further buckets until there are `limit` entries, which
    /// are then looked up one by one. Holds their keys on the heap. Writes nothing.
    ///
    /// # Errors
    /// [`Error::BadCursor`] for a cursor of another collection or a changed one,
    /// [`Error::Damaged`].
    ///
    /// # Example: all balances, some in each query
    /// ```
    /// use graven_collections::{HashMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// let mut balances: HashMap<u64, u64> = open("balances", DefaultMemoryImpl::default()).unwrap();
    /// balances.extend((0..100).map(|account| (account, 10)));
    /// let (mut from, mut sum) = (None, 0);
    /// loop {
    ///     let page = balances.page(from.as_ref(), 30).unwrap();
    ///     sum += page.items.iter().map(|(_, balance)| balance).sum::<u64>();
    ///     from = page.next;
    ///     if from.is_none() {
    ///         break;
    ///     }
    /// }
    /// assert_eq!(sum, 1_000);
    /// ```
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<(K, V)>> {
        let (items, next) =
            self.page_of(&Self::SPEC, from, limit, |key, found| iter::entry(self, key, found))?;
        Ok(Page { items, next })
    }

    /// Reads a page of a collection that is declared as `spec`. `read` makes each item.
    pub(crate) fn page_of<T>(
        &self,
        spec: &RootSpec,
        from: Option<&Cursor>,
        limit: usize,
        read: impl FnMut(&[u8], StoredValue<'_>) -> Result<T>,
    ) -> Result<(Vec<T>, Option<Cursor>)> {
        let start = start(from, self.root(), spec, K::KEY_SIZE)?;
        let (items, next) = self.table.page(Self::SIZES, start, limit, read)?;
        let cursor = |bound| Cursor::ordered(self.root(), spec, Direction::Forward, &bound);
        Ok((items, next.map(cursor)))
    }
}

/// Returns the position from which a walk continues.
///
/// # Errors
/// [`Error::BadCursor`].
pub(super) fn start<M: Memory>(
    from: Option<&Cursor>,
    root: &Root<M>,
    spec: &RootSpec,
    key_size: Option<usize>,
) -> Result<Bound<KeyBuf>> {
    let whole = (Bound::Unbounded, Bound::Unbounded);
    match Cursor::ahead(from, whole, root, spec, key_size)? {
        (Direction::Forward, (start, _)) => Ok(start),
        (Direction::Backward, _) => Err(Error::BadCursor { reason: CursorFault::Unordered }),
    }
}
