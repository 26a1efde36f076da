//! Reads a map page by page, each in a message of its own.

use std::ops::Bound;

use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::store::{Collection, OnPage, RootSpec};
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::codec::range::{KeyBounds, encode_range};
use crate::cursor::{Cursor, Direction, Page};
use crate::engine::bounds::KeyRange;
use crate::map::btree::BTreeMap;

/// Paging with a [`Cursor`].
impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Returns the cursor at a bound. Forward pages begin at the bound and go up; backward pages
    /// begin at the bound and go down. Reads nothing.
    ///
    /// # Errors
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong).
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

    /// Returns at most `limit` entries, beginning at a cursor or at the first entry. Reads each
    /// leaf that has some of them once; writes nothing.
    ///
    /// # Errors
    /// [`Error::BadCursor`](graven_core::Error::BadCursor) for a cursor of another collection or a
    /// cursor that was tampered with; [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<(K, V)>> {
        self.page_as(&Self::SPEC, (Bound::Unbounded, Bound::Unbounded), from, limit)
    }

    /// Returns a page of a range of keys. Each call needs the same range as the first one.
    ///
    /// # Errors
    /// As [`BTreeMap::page`].
    ///
    /// # Panics
    /// As [`BTreeMap::range`].
    #[track_caller]
    pub fn page_range<Q: ?Sized, R: KeyBounds<K, Q>>(
        &self,
        range: R,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<(K, V)>> {
        self.page_as(&Self::SPEC, encode_range(&range, "BTreeMap"), from, limit)
    }

    /// Returns a page of a collection that is declared as `spec`.
    pub(crate) fn page_as(
        &self,
        spec: &RootSpec,
        range: KeyRange,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<(K, V)>> {
        let (direction, range) = Cursor::ahead(from, range, self.root(), spec, K::KEY_SIZE)?;
        let (items, next) = self.tree.page(Self::SIZES, direction, range, limit, |key, found| {
            let key = decode_key(key).on_page(self.root(), found.page)?;
            Ok((key, self.decode(found)?))
        })?;
        let next = next.map(|bound| Cursor::ordered(self.root(), spec, direction, &bound));
        Ok(Page { items, next })
    }
}
