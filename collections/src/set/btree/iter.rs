//! Iterators over a set. They wrap those of its map.

use std::iter::FusedIterator;

use graven_core::key::StableKey;
use graven_core::{Memory, Result};

use crate::map::btree;

macro_rules! iterator {
    ($(#[$doc:meta])* $name:ident, $inner:ident, |$item:pat_param| $element:expr) => {
        $(#[$doc])*
        pub struct $name<'a, T, M: Memory>(pub(super) btree::$inner<'a, T, (), M>);

        impl<T: StableKey, M: Memory> $name<'_, T, M> {
            /// Like `next`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_next(&mut self) -> Result<Option<T>> {
                Ok(self.0.try_next()?.map(|$item| $element))
            }

            /// Like `next_back`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_next_back(&mut self) -> Result<Option<T>> {
                Ok(self.0.try_next_back()?.map(|$item| $element))
            }
        }

        impl<T: StableKey, M: Memory> Iterator for $name<'_, T, M> {
            type Item = T;

            fn next(&mut self) -> Option<T> {
                self.0.next().map(|$item| $element)
            }

            fn fold<B, F: FnMut(B, T) -> B>(self, init: B, mut f: F) -> B {
                self.0.fold(init, |so_far, $item| f(so_far, $element))
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<T: StableKey, M: Memory> DoubleEndedIterator for $name<'_, T, M> {
            fn next_back(&mut self) -> Option<T> {
                self.0.next_back().map(|$item| $element)
            }
        }

        impl<T: StableKey, M: Memory> FusedIterator for $name<'_, T, M> {}

        cloneable!([T: StableKey, M: Memory] $name<'_, T, M>, |this| $name(this.0.clone()));
    };
}

iterator!(
    /// An iterator over all elements of a set.
    Iter, Keys, |value| value
);
iterator!(
    /// An iterator over the elements of a range.
    Range, Range, |(value, ())| value
);

impl<T: StableKey, M: Memory> ExactSizeIterator for Iter<'_, T, M> {}
