//! Access to parts of collections: entries of maps, handles of queues, open files.

pub use graven_collections::blobs::File;
pub use graven_collections::entry::{Entry, EntryMap, OccupiedEntry, VacantEntry, ValueMut};
pub use graven_collections::priority_queue::Handle;
