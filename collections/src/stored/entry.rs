//! One entry of a root, as bytes.

use graven_core::page::{LayoutId, PageNumber, Pager};
use graven_core::{Memory, Result};

use crate::engine::cell::{StoredValue, ValueRef};

/// The most bytes of a value that are read. Damage may claim that a value is as long as the memory.
pub const MAX_SHOWN: usize = 32 << 20;

/// An entry of a root: its encoded key, and its value as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// The encoded key. The key of a list is an index, that of a `Log` a sequence number, that of a
    /// `Slab` an id, all of eight big-endian bytes. That of a `PriorityQueue` is the value. A
    /// `Cell` has none.
    pub key: Vec<u8>,
    /// The key of an entry inside the collection of `key`, in a `Nested` or in `Records`. A list
    /// has an index.
    pub item: Option<Vec<u8>>,
    /// The layout of the value, or `None` if the value is the collection's own.
    pub layout: Option<LayoutId>,
    /// The bytes of the value, or their number if there are more than [`MAX_SHOWN`].
    pub value: core::result::Result<Vec<u8>, usize>,
    /// The page of the value.
    pub page: PageNumber,
}

impl StoredEntry {
    pub(super) fn new<M: Memory>(pager: &Pager<M>, key: &[u8], found: StoredValue<'_>) -> Result<Self> {
        let value = match found.value {
            ValueRef::Overflow { len, .. } if len > MAX_SHOWN => Err(len),
            _ => Ok(found.read(pager)?.into_owned()),
        };
        let layout = (found.layout != LayoutId::INTERNAL).then_some(found.layout);
        Ok(StoredEntry { key: key.to_vec(), item: None, layout, value, page: found.page })
    }
}
