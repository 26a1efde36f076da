//! Paging through a set, one page in each message.

use graven_core::key::{StableKey, decode_key};
use graven_core::store::{Collection, OnPage};
use graven_core::{Memory, Result};

use crate::cursor::{Cursor, Page};
use crate::set::hash::HashSet;

/// Paging: see [`Cursor`].
impl<T: StableKey, M: Memory> HashSet<T, M> {
    /// Returns at most `limit` elements, from a cursor or the first element on. Each element that
    /// stays in the set is returned exactly once: see [`HashMap::page`](crate::HashMap::page).
    ///
    /// # Errors
    /// [`Error::BadCursor`](graven_core::Error::BadCursor) for a cursor of another collection or a
    /// changed one, [`Error::Damaged`](graven_core::Error::Damaged).
    ///
    /// # Example: two at a time
    /// ```
    /// # use graven_collections::{HashSet, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut set: HashSet<u64> = open("set", DefaultMemoryImpl::default()).unwrap();
    /// set.extend([3, 1, 2]);
    /// let first = set.page(None, 2).unwrap();
    /// let second = set.page(first.next.as_ref(), 2).unwrap();
    /// assert_eq!((first.items.len(), second.items.len(), second.next), (2, 1, None));
    /// ```
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<T>> {
        let (items, next) = self.map.page_of(&Self::SPEC, from, limit, |element, found| {
            decode_key(element).on_page(self.root(), found.page)
        })?;
        Ok(Page { items, next })
    }
}
