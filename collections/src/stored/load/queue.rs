//! Values of a `PriorityQueue`, with the handles that they had.

use graven_core::Memory;

use super::{Given, Loader, find, number};
use crate::queue::fill::NotAdded;
use crate::stored::body::Body;
use crate::stored::load_error::LoadError;

impl<M: Memory> Loader<M> {
    /// Adds a value. Values in the order of a heap keep it.
    pub(super) fn add_queued(&mut self, parts: &Given<'_>) -> Result<(), LoadError> {
        let key = self.key(find(parts, "value")?).map_err(|why| match why {
            LoadError::Key => LoadError::Missing("value"),
            why => why,
        })?;
        let handle = number("handle", find(parts, "handle")?)?;
        let Some(root) = self.store.roots.get(self.at) else { return Err(LoadError::Missing("value")) };
        let Body::Queue(heap, handles) = &root.body else { return Err(LoadError::Kind(root.kind())) };
        self.queue.add(heap, handles, key.as_slice(), handle).map_err(|why| match why {
            NotAdded::Handle => LoadError::Handle,
            NotAdded::Store(error) => LoadError::Store(error),
        })
    }
}
