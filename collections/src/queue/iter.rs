//! Iteration over the values of a queue, in the order of the heap.

use std::iter::FusedIterator;

use graven_core::error::OrFail;
use graven_core::key::StableKey;
use graven_core::{Memory, Result};

use crate::engine::array::Values;
use crate::queue::{Handle, PriorityQueue, heap};

/// An iterator over all values of a queue in no particular order, with their handles. It panics on
/// damaged memory, but [`Iter::try_next`] does not.
pub struct Iter<'a, T, M: Memory> {
    queue: &'a PriorityQueue<T, M>,
    values: Values<'a, M>,
}

impl<'a, T: StableKey, M: Memory> Iter<'a, T, M> {
    pub(super) fn new(queue: &'a PriorityQueue<T, M>) -> Self {
        Iter { queue, values: Values::new(&queue.heap, 0..queue.len()) }
    }

    /// Like `next`, but returns damage as an error. The iterator ends after it.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<(Handle, T)>> {
        let element = self.values.next_with(|found| self.queue.bytes(found)).transpose();
        let entry = element.and_then(|element| element.map(|element| self.entry(&element)).transpose());
        if entry.is_err() {
            self.values.stop();
        }
        entry
    }

    fn entry(&self, element: &[u8]) -> Result<(Handle, T)> {
        let handle = self.queue.handles.handle(heap::handle_of(element))?;
        Ok((handle, self.queue.decode_key(element)?))
    }
}

impl<T: StableKey, M: Memory> Iterator for Iter<'_, T, M> {
    type Item = (Handle, T);

    fn next(&mut self) -> Option<(Handle, T)> {
        self.try_next().or_fail()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.left().hint()
    }
}

impl<T: StableKey, M: Memory> FusedIterator for Iter<'_, T, M> {}

impl<T: StableKey, M: Memory> ExactSizeIterator for Iter<'_, T, M> {}

cloneable!([T: StableKey, M: Memory] Iter<'_, T, M>, |this| Iter { values: this.values.clone(), ..*this });
