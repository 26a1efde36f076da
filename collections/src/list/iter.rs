//! The iterator over values by index, for all collections that have them.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use graven_core::error::{OrFail, fail};
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::codec::value;
use crate::engine::array::{Sequence, Values};

/// An iterator over values in order, from both ends. It reads a page when its first value is
/// needed. Skipping (`nth`, `skip`, `step_by`) reads nothing. It panics on damaged memory, but
/// [`Iter::try_next`] does not.
pub struct Iter<'a, T, M: Memory> {
    sequence: &'a Sequence<M>,
    values: Values<'a, M>,
    types: PhantomData<T>,
}

impl<'a, T: StableLayout, M: Memory> Iter<'a, T, M> {
    pub(crate) fn new(sequence: &'a Sequence<M>, range: core::ops::Range<u64>) -> Self {
        Iter { sequence, values: Values::new(sequence, range), types: PhantomData }
    }

    #[inline(never)]
    #[track_caller]
    fn next_slowly(&mut self) -> Option<T> {
        let root = self.sequence.root();
        let next = self.values.next_with(|found| value::decode_found(root, found))?;
        Some(next.or_fail())
    }

    /// Returns the next value.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged). The iterator ends after it.
    pub fn try_next(&mut self) -> Result<Option<T>> {
        let root = self.sequence.root();
        let next = self.values.next_with(|found| value::decode_found(root, found)).transpose();
        if next.is_err() {
            self.values.stop();
        }
        next
    }
}

impl<T: StableLayout, M: Memory> Iterator for Iter<'_, T, M> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if let Some(size) = T::SIZE
            && let Some((page, value)) = self.values.next_at_hand(size)
        {
            let root = self.sequence.root();
            return Some(T::decode(value).unwrap_or_else(|why| fail(&root.damaged(page, why.into()))));
        }
        self.next_slowly()
    }

    fn nth(&mut self, n: usize) -> Option<T> {
        self.values.skip_front(n as u64);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.left().hint()
    }

    fn count(self) -> usize {
        self.len()
    }

    fn last(mut self) -> Option<T> {
        self.next_back()
    }

    /// Folds the values of a page at a time.
    #[inline]
    fn fold<B, F: FnMut(B, T) -> B>(mut self, init: B, mut f: F) -> B {
        let mut result = init;
        loop {
            let size = T::SIZE.unwrap_or(0);
            match self.values.next_array(size).or_fail() {
                Some((page, values)) if size > 0 => {
                    let root = self.sequence.root();
                    for value in values.chunks_exact(size) {
                        let value =
                            T::decode(value).unwrap_or_else(|why| fail(&root.damaged(page, why.into())));
                        result = f(result, value);
                    }
                }
                _ => match self.next() {
                    Some(value) => result = f(result, value),
                    None => return result,
                },
            }
        }
    }
}

impl<T: StableLayout, M: Memory> DoubleEndedIterator for Iter<'_, T, M> {
    fn next_back(&mut self) -> Option<T> {
        let root = self.sequence.root();
        let next = self.values.next_back_with(|found| value::decode_found(root, found))?;
        Some(next.or_fail())
    }

    fn nth_back(&mut self, n: usize) -> Option<T> {
        self.values.skip_back(n as u64);
        self.next_back()
    }
}

impl<T: StableLayout, M: Memory> FusedIterator for Iter<'_, T, M> {}

impl<T: StableLayout, M: Memory> ExactSizeIterator for Iter<'_, T, M> {}

cloneable!([T: StableLayout, M: Memory] Iter<'_, T, M>, |this| Iter { values: this.values.clone(), ..*this });
