//! Iterators of a map: all of them walk with a [`Cursor`](super::cursor::Cursor) and differ in what they
//! decode.

use std::iter::FusedIterator;
use std::ops::Bound;

use graven_core::error::fail;
use graven_core::key::{KeyBuf, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::{Error, Memory, Result};

use super::BTreeMap;
use super::cell::Sizes;
use super::cursor::Cursor;
use super::tree::Found;

/// The entries of a range of keys.
pub struct Range<'a, K, V, M: Memory> {
    map: &'a BTreeMap<K, V, M>,
    cursor: Cursor<'a, M>,
}

impl<'a, K: StableKey, V: StableLayout, M: Memory> Range<'a, K, V, M> {
    pub(crate) fn new(map: &'a BTreeMap<K, V, M>, start: Bound<KeyBuf>, end: Bound<KeyBuf>) -> Self {
        Range { map, cursor: map.tree.cursor(start, end) }
    }

    /// The walk itself, for those who decode something else.
    pub(super) fn into_cursor(self) -> Cursor<'a, M> {
        self.cursor
    }

    /// Like `next`, with damaged memory as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_next(&mut self) -> Result<Option<(K, V)>> {
        let map = self.map;
        self.cursor.next(BTreeMap::<K, V, M>::SIZES, |key, found| entry(map, key, found))
    }

    /// Like `next_back`, with damaged memory as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_next_back(&mut self) -> Result<Option<(K, V)>> {
        let map = self.map;
        self.cursor.next_back(BTreeMap::<K, V, M>::SIZES, |key, found| entry(map, key, found))
    }
}

#[inline(always)]
fn decode<K: StableKey>(page: u32, key: &[u8]) -> Result<K> {
    decode_key(key).map_err(|why| Error::invalid(page, why))
}

#[inline(always)]
fn entry<K: StableKey, V: StableLayout, M: Memory>(
    map: &BTreeMap<K, V, M>,
    key: &[u8],
    found: Found<'_>,
) -> Result<(K, V)> {
    Ok((decode(found.page, key)?, map.decode(found)?))
}

impl<K: StableKey, V: StableLayout, M: Memory> Iterator for Range<'_, K, V, M> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.try_next().unwrap_or_else(|error| fail(&error))
    }

    fn fold<B, F: FnMut(B, (K, V)) -> B>(mut self, init: B, f: F) -> B {
        let map = self.map;
        fold(&mut self.cursor, BTreeMap::<K, V, M>::SIZES, init, f, |key, found| entry(map, key, found))
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> DoubleEndedIterator for Range<'_, K, V, M> {
    fn next_back(&mut self) -> Option<(K, V)> {
        self.try_next_back().unwrap_or_else(|error| fail(&error))
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> FusedIterator for Range<'_, K, V, M> {}

/// Hands over what is left, leaf by leaf: loops inside, which cost less than one that calls `next`.
#[inline(always)]
fn fold<M: Memory, T, B>(
    cursor: &mut Cursor<'_, M>,
    sizes: Sizes,
    init: B,
    mut f: impl FnMut(B, T) -> B,
    mut read: impl FnMut(&[u8], Found<'_>) -> Result<T>,
) -> B {
    let mut so_far = Some(init);
    let done = cursor.for_each(sizes, |key, found| {
        let item = read(key, found)?;
        so_far = so_far.take().map(|so_far| f(so_far, item));
        Ok(())
    });
    match (done, so_far) {
        (Ok(()), Some(result)) => result,
        (Err(error), _) => fail(&error),
        (Ok(()), None) => unreachable!("it is put back each time"),
    }
}

macro_rules! whole {
    ($(#[$doc:meta])* $name:ident -> $item:ty, |$map:ident, $key:ident, $found:ident| $read:expr) => {
        $(#[$doc])*
        pub struct $name<'a, K, V, M: Memory> {
            map: &'a BTreeMap<K, V, M>,
            cursor: Cursor<'a, M>,
            left: u64,
        }

        impl<'a, K: StableKey, V: StableLayout, M: Memory> $name<'a, K, V, M> {
            pub(super) fn new(map: &'a BTreeMap<K, V, M>) -> Self {
                let cursor = map.tree.cursor(Bound::Unbounded, Bound::Unbounded);
                $name { map, cursor, left: map.len() }
            }

            /// Like `next`, with damaged memory as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`].
            pub fn try_next(&mut self) -> Result<Option<$item>> {
                let $map = self.map;
                let next = self.cursor.next(BTreeMap::<K, V, M>::SIZES, |$key, $found| $read)?;
                self.left = self.left.saturating_sub(u64::from(next.is_some()));
                Ok(next)
            }

            /// Like `next_back`, with damaged memory as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`].
            pub fn try_next_back(&mut self) -> Result<Option<$item>> {
                let $map = self.map;
                let next = self.cursor.next_back(BTreeMap::<K, V, M>::SIZES, |$key, $found| $read)?;
                self.left = self.left.saturating_sub(u64::from(next.is_some()));
                Ok(next)
            }
        }

        impl<K: StableKey, V: StableLayout, M: Memory> Iterator for $name<'_, K, V, M> {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                self.try_next().unwrap_or_else(|error| fail(&error))
            }

            fn fold<B, F: FnMut(B, $item) -> B>(mut self, init: B, f: F) -> B {
                let $map = self.map;
                fold(&mut self.cursor, BTreeMap::<K, V, M>::SIZES, init, f, |$key, $found| $read)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                (0, usize::try_from(self.left).ok())
            }
        }

        impl<K: StableKey, V: StableLayout, M: Memory> DoubleEndedIterator for $name<'_, K, V, M> {
            fn next_back(&mut self) -> Option<$item> {
                self.try_next_back().unwrap_or_else(|error| fail(&error))
            }
        }

        impl<K: StableKey, V: StableLayout, M: Memory> FusedIterator for $name<'_, K, V, M> {}
    };
}

whole!(
    /// All entries of a map.
    Iter -> (K, V), |map, key, found| entry(map, key, found)
);
whole!(
    /// All keys of a map.
    Keys -> K, |_map, key, found| decode(found.page, key)
);
whole!(
    /// All values of a map.
    Values -> V, |map, _key, found| map.decode(found)
);
