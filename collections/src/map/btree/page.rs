//! Page after page of a map, each in a message of its own.

use std::ops::{Bound, RangeBounds};

use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::store::{Collection, RootSpec};
use graven_core::{Error, Memory, Result};

use crate::codec::keys::written;
use crate::codec::range::encode_range;
use crate::cursor::{Cursor, Direction, Page};
use crate::engine::bounds::KeyRange;
use crate::map::btree::BTreeMap;

/// Paging: see [`Cursor`].
impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// The cursor at a bound: a walk forward begins there, one backward ends its first step there.
    /// Reads nothing.
    ///
    /// # Errors
    /// [`Error::KeyTooLong`].
    ///
    /// # Example: the latest entries first
    /// ```
    /// use std::ops::Bound;
    /// use graven_collections::{BTreeMap, Direction, open};
    /// use graven_core::DefaultMemoryImpl;
    /// let mut log: BTreeMap<u64, String> = open("log", DefaultMemoryImpl::default()).unwrap();
    /// log.extend((0..9).map(|n| (n, n.to_string())));
    /// let latest = log.cursor_at(Bound::<&u64>::Unbounded, Direction::Backward).unwrap();
    /// let page = log.page(Some(&latest), 2).unwrap();
    /// assert_eq!(page.items, [(8, "8".to_string()), (7, "7".to_string())]);
    /// let page = log.page(page.next.as_ref(), 2).unwrap();
    /// assert_eq!(page.items[0].0, 6);
    /// ```
    pub fn cursor_at<Q: KeyRef<K> + ?Sized>(&self, bound: Bound<&Q>, direction: Direction) -> Result<Cursor> {
        Cursor::at(self.root(), &Self::SPEC, direction, &bound.map(written))
    }

    /// At most `limit` entries from a cursor on, or from the first entry. Reads a leaf for every
    /// leaf that they are on; writes nothing.
    ///
    /// # Errors
    /// [`Error::BadCursor`] for a cursor of another collection, or one that was changed;
    /// [`Error::Damaged`].
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<(K, V)>> {
        self.page_as(&Self::SPEC, (Bound::Unbounded, Bound::Unbounded), from, limit)
    }

    /// Reads a page of a range of keys, which is given again with every cursor.
    ///
    /// # Errors
    /// As [`BTreeMap::page`].
    ///
    /// # Panics
    /// As [`BTreeMap::range`].
    pub fn page_range(
        &self,
        range: impl RangeBounds<K>,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<(K, V)>> {
        self.page_as(&Self::SPEC, encode_range(&range, "BTreeMap"), from, limit)
    }

    /// Reads a page of a collection that is declared as `spec`.
    pub(crate) fn page_as(
        &self,
        spec: &RootSpec,
        range: KeyRange,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<(K, V)>> {
        let (direction, range) = Cursor::ahead(from, range, self.root(), spec, K::KEY_SIZE)?;
        let (items, next) = self.tree.page(Self::SIZES, direction, range, limit, |key, found| {
            let key = decode_key(key).map_err(|why| Error::invalid(found.page, why))?;
            Ok((key, self.decode(found)?))
        })?;
        let next = next.map(|bound| Cursor::ordered(self.root(), spec, direction, &bound));
        Ok(Page { items, next })
    }

    /// Returns the part of a range that is ahead of a cursor.
    pub(super) fn ahead(&self, range: KeyRange, from: Option<&Cursor>) -> Result<(Direction, KeyRange)> {
        Cursor::ahead(from, range, self.root(), &Self::SPEC, K::KEY_SIZE)
    }
}
