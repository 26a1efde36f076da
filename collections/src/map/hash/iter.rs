//! Iterators over a map. All of them walk over the buckets, and they differ in what they decode.
//! Their lengths are those that the root counts: in damaged memory there may be more or fewer
//! entries.

use std::iter::FusedIterator;

use graven_core::error::OrFail;
use graven_core::key::{StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::store::{Collection, OnPage, Root};
use graven_core::{Memory, Result};

use crate::engine::bounds::Left;
use crate::engine::cell::StoredValue;
use crate::engine::hash::walk::Walk;
use crate::map::hash::HashMap;

#[inline(always)]
pub(super) fn key<K: StableKey, M: Memory>(root: &Root<M>, page: u32, key: &[u8]) -> Result<K> {
    decode_key(key).on_page(root, page)
}

#[inline(always)]
pub(super) fn entry<K: StableKey, V: StableLayout, M: Memory>(
    map: &HashMap<K, V, M>,
    bytes: &[u8],
    found: StoredValue<'_>,
) -> Result<(K, V)> {
    Ok((key(&map.table.root, found.page, bytes)?, map.decode(found)?))
}

macro_rules! whole {
    ($(#[$doc:meta])* $name:ident -> $item:ty, |$map:ident, $key:ident, $found:ident| $read:expr) => {
        $(#[$doc])*
        pub struct $name<'a, K, V, M: Memory> {
            map: &'a HashMap<K, V, M>,
            walk: Walk<'a, M>,
            left: Left,
        }

        impl<'a, K: StableKey, V: StableLayout, M: Memory> $name<'a, K, V, M> {
            pub(super) fn new(map: &'a HashMap<K, V, M>) -> Self {
                $name { map, walk: map.table.walk(), left: Left::all(map.root()) }
            }

            /// Like [`Iterator::next`], but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_next(&mut self) -> Result<Option<$item>> {
                let $map = self.map;
                let next = self.walk.next(HashMap::<K, V, M>::SIZES, |$key, $found| $read)?;
                self.left.count(next.is_some());
                Ok(next)
            }
        }

        impl<K: StableKey, V: StableLayout, M: Memory> Iterator for $name<'_, K, V, M> {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                self.try_next().or_fail()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.left.hint()
            }
        }

        impl<K: StableKey, V: StableLayout, M: Memory> FusedIterator for $name<'_, K, V, M> {}

        impl<K: StableKey, V: StableLayout, M: Memory> ExactSizeIterator for $name<'_, K, V, M> {}

        cloneable!(
            [K: StableKey, V: StableLayout, M: Memory] $name<'_, K, V, M>,
            |this| $name { walk: this.walk.clone(), ..*this }
        );
    };
}

whole!(
    /// An iterator over all entries of a map, in an unspecified order.
    Iter -> (K, V), |map, key, found| entry(map, key, found)
);
whole!(
    /// An iterator over all keys of a map, in the order of [`Iter`].
    Keys -> K, |map, bytes, found| key(&map.table.root, found.page, bytes)
);
whole!(
    /// An iterator over all values of a map, in the order of [`Iter`].
    Values -> V, |map, _key, found| map.decode(found)
);
