//! A queue that is filled without the type of its values. Values keep the handles that they had in
//! another queue.

use graven_core::{Error, Memory, Result};

use super::handles::{Handle, Handles, Row};
use super::heap::{element_at, handle_of, order, parent};
use crate::engine::array::Sequence;

/// The index from which on handles are refused. All indices below the greatest one take 8 bytes.
const MAX_INDEX: u32 = 1 << 26;

/// The state between two values.
#[derive(Debug, Default)]
pub(crate) struct Filler {
    /// The greatest number of a handle.
    highest: u32,
}

/// The reason why a value was not added.
pub(crate) enum NotAdded {
    /// The handle is used, or none that a queue gives.
    Handle,
    Store(Error),
}

impl From<Error> for NotAdded {
    fn from(error: Error) -> Self {
        NotAdded::Store(error)
    }
}

impl Filler {
    /// Adds a value with an encoded key at the end of the heap, from where it rises. So values that
    /// come in the order of a heap keep their positions.
    pub(crate) fn add<M: Memory>(
        &mut self,
        heap: &Sequence<M>,
        handles: &Handles<M>,
        key: &[u8],
        handle: u64,
    ) -> Result<(), NotAdded> {
        let handle = Handle::from_u64(handle);
        let row = Row { place: 0, number: handle.number() };
        if !row.is_used() || handle.index() >= MAX_INDEX || handles.place_of(handle.index())?.is_some() {
            return Err(NotAdded::Handle);
        }
        handles.fill_row(handle.index(), row)?;
        self.highest = self.highest.max(handle.number());
        let mut element = key.to_vec();
        element.extend(handle.index().to_le_bytes());
        let mut place = heap.len();
        heap.push_back(&element)?;
        while let Some(above) = parent(place) {
            let other = element_at(heap, above)?;
            if !order(&other, &element).is_lt() {
                break;
            }
            heap.set(place, &other, |_| Ok(()))?;
            handles.set_place(handle_of(&other), place)?;
            place = above;
            heap.set(place, &element, |_| Ok(()))?;
        }
        Ok(handles.set_place(handle.index(), place)?)
    }

    /// Makes the rows between the handles free. Handles that are given later have greater numbers.
    pub(crate) fn finish<M: Memory>(&self, handles: &Handles<M>) -> Result<()> {
        // A number that a free row has is even.
        handles.free_rows(self.highest.wrapping_add(self.highest % 2))
    }
}
