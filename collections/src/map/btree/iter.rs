//! Iterators over a map. All of them use a [`RangeIter`] and differ in what they decode. Their
//! lengths are those that the root counts: in damaged memory there may be more or fewer entries.

use graven_core::page::PageNumber;
use std::iter::FusedIterator;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::store::{OnPage, Root};
use graven_core::{Memory, Result};

use crate::engine::bounds::Left;
use crate::engine::btree::leaf::Reads;
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::StoredValue;
use crate::map::btree::BTreeMap;

/// A decoder of keys with their values.
struct Pairs<'m, K, V, M: Memory>(&'m BTreeMap<K, V, M>);

impl<K: StableKey, V: StableLayout, M: Memory> Reads<(K, V)> for Pairs<'_, K, V, M> {
    #[inline(always)]
    fn current(&self, key: &[u8], value: &[u8]) -> Option<(K, V)> {
        Some((decode_key(key).ok()?, V::decode(value).ok()?))
    }

    #[inline(always)]
    fn any(&self, key: &[u8], found: StoredValue<'_>) -> Result<(K, V)> {
        Ok((decode(self.0.tree.root(), found.page, key)?, self.0.decode(found)?))
    }
}

/// A decoder of keys alone.
struct JustKeys<'m, K, V, M: Memory>(&'m BTreeMap<K, V, M>);

impl<K: StableKey, V: StableLayout, M: Memory> Reads<K> for JustKeys<'_, K, V, M> {
    #[inline(always)]
    fn current(&self, key: &[u8], _: &[u8]) -> Option<K> {
        decode_key(key).ok()
    }

    #[inline(always)]
    fn any(&self, key: &[u8], found: StoredValue<'_>) -> Result<K> {
        decode(self.0.tree.root(), found.page, key)
    }
}

/// A decoder of values alone.
struct JustValues<'m, K, V, M: Memory>(&'m BTreeMap<K, V, M>);

impl<K: StableKey, V: StableLayout, M: Memory> Reads<V> for JustValues<'_, K, V, M> {
    #[inline(always)]
    fn current(&self, _: &[u8], value: &[u8]) -> Option<V> {
        V::decode(value).ok()
    }

    #[inline(always)]
    fn any(&self, _: &[u8], found: StoredValue<'_>) -> Result<V> {
        self.0.decode(found)
    }
}

fn decode<K: StableKey, M: Memory>(root: &Root<M>, page: PageNumber, key: &[u8]) -> Result<K> {
    decode_key(key).on_page(root, page)
}

macro_rules! iterator {
    ($name:ident -> $item:ty, |$map:ident| $reads:expr, $passed:ident, |$this:ident| $hint:expr) => {
        impl<K: StableKey, V: StableLayout, M: Memory> $name<'_, K, V, M> {
            #[inline(always)]
            fn step(&mut self) -> Option<$item> {
                let $map = self.map;
                let item = self.cursor.step_by::<true, $item>(BTreeMap::<K, V, M>::SIZES, &$reads);
                self.$passed(item.is_some());
                item
            }

            #[inline(always)]
            fn step_back(&mut self) -> Option<$item> {
                let $map = self.map;
                let item = self.cursor.step_by::<false, $item>(BTreeMap::<K, V, M>::SIZES, &$reads);
                self.$passed(item.is_some());
                item
            }

            /// Like `next`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            #[inline]
            pub fn try_next(&mut self) -> Result<Option<$item>> {
                match self.step() {
                    Some(item) => Ok(Some(item)),
                    None => self.cursor.ended().map(|()| None),
                }
            }

            /// Like `next_back`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            #[inline]
            pub fn try_next_back(&mut self) -> Result<Option<$item>> {
                match self.step_back() {
                    Some(item) => Ok(Some(item)),
                    None => self.cursor.ended().map(|()| None),
                }
            }
        }

        impl<K: StableKey, V: StableLayout, M: Memory> Iterator for $name<'_, K, V, M> {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                let item = self.step();
                if item.is_none() {
                    self.cursor.ended().or_fail();
                }
                item
            }

            #[inline]
            fn fold<B, F: FnMut(B, $item) -> B>(self, init: B, f: F) -> B {
                let $map = self.map;
                let folded = self.cursor.fold::<true, B, $item>(BTreeMap::<K, V, M>::SIZES, init, f, &$reads);
                folded.or_fail()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                let $this = self;
                $hint
            }
        }

        impl<K: StableKey, V: StableLayout, M: Memory> DoubleEndedIterator for $name<'_, K, V, M> {
            #[inline]
            fn next_back(&mut self) -> Option<$item> {
                let item = self.step_back();
                if item.is_none() {
                    self.cursor.ended().or_fail();
                }
                item
            }

            #[inline]
            fn rfold<B, F: FnMut(B, $item) -> B>(self, init: B, f: F) -> B {
                let $map = self.map;
                let folded =
                    self.cursor.fold::<false, B, $item>(BTreeMap::<K, V, M>::SIZES, init, f, &$reads);
                folded.or_fail()
            }
        }

        impl<K: StableKey, V: StableLayout, M: Memory> FusedIterator for $name<'_, K, V, M> {}

        cloneable!(
            [K: StableKey, V: StableLayout, M: Memory] $name<'_, K, V, M>,
            |this| $name { cursor: this.cursor.clone(), ..*this }
        );
    };
}

/// An iterator over the entries of a range of keys.
pub struct Range<'a, K, V, M: Memory> {
    map: &'a BTreeMap<K, V, M>,
    cursor: RangeIter<'a, M>,
}

impl<'a, K: StableKey, V: StableLayout, M: Memory> Range<'a, K, V, M> {
    pub(crate) fn new(map: &'a BTreeMap<K, V, M>, start: Bound<KeyBuf>, end: Bound<KeyBuf>) -> Self {
        Range { map, cursor: map.tree.cursor(start, end) }
    }

    /// Returns the root of the map.
    pub(crate) fn root(&self) -> &'a Root<M> {
        self.map.tree.root()
    }

    /// Returns the underlying iterator, for callers that decode something else.
    pub(super) fn into_cursor(self) -> RangeIter<'a, M> {
        self.cursor
    }

    #[inline(always)]
    fn passed(&mut self, _: bool) {}
}

iterator!(Range -> (K, V), |map| Pairs(map), passed, |this| Left::at_most(this.map.len()).hint());

macro_rules! whole {
    ($(#[$doc:meta])* $name:ident -> $item:ty, |$map:ident| $reads:expr) => {
        $(#[$doc])*
        pub struct $name<'a, K, V, M: Memory> {
            map: &'a BTreeMap<K, V, M>,
            cursor: RangeIter<'a, M>,
            left: Left,
        }

        impl<'a, K: StableKey, V: StableLayout, M: Memory> $name<'a, K, V, M> {
            pub(super) fn new(map: &'a BTreeMap<K, V, M>) -> Self {
                let cursor = map.tree.cursor(Bound::Unbounded, Bound::Unbounded);
                $name { map, cursor, left: Left::all(map.tree.root()) }
            }

            #[inline(always)]
            fn passed(&mut self, one: bool) {
                self.left.count(one);
            }
        }

        iterator!($name -> $item, |$map| $reads, passed, |this| this.left.hint());

        impl<K: StableKey, V: StableLayout, M: Memory> ExactSizeIterator for $name<'_, K, V, M> {}
    };
}

whole!(
    /// An iterator over all entries of a map.
    Iter -> (K, V), |map| Pairs(map)
);
whole!(
    /// An iterator over all keys of a map.
    Keys -> K, |map| JustKeys(map)
);
whole!(
    /// An iterator over all values of a map.
    Values -> V, |map| JustValues(map)
);
