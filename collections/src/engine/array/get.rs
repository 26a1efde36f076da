//! Locating and reading a value by its index.

use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::array::leaf::{self, LeafKind};
use crate::engine::array::sequence::Sequence;
use crate::engine::cell::{StoredValue, ValueLocation, ValueOffset, ValueRef};
use crate::engine::leaf::reader::NodeReader;

impl<M: Memory> Sequence<M> {
    /// Returns the location of the value at an index, if there is one.
    pub(crate) fn location(&self, index: u64) -> Result<Option<ValueLocation>> {
        if index >= self.len() {
            return Ok(None);
        }
        if let Some(width) = self.width
            && let Some(at) = self.locate(index, width)?
        {
            let location = ValueLocation::in_page(at.page(), self.root().current(), at.in_page(), width);
            return location.on_page(self.root(), at.page()).map(Some);
        }
        self.location_in_any(self.position(index)).map(Some)
    }

    /// Returns the location of a value in a leaf of any kind.
    #[inline(never)]
    fn location_in_any(&self, position: u64) -> Result<ValueLocation> {
        let leaf = self.leaf(position)?;
        match self.leaf_kind(leaf.page)? {
            LeafKind::Array { layout, width } => leaf::place(&leaf, position, width)
                .and_then(|at| ValueLocation::in_page(leaf.page, layout, at, width))
                .on_page(self.root(), leaf.page),
            LeafKind::Node => {
                let pager = self.root().pager();
                pager.with_scratch(|bytes| {
                    let mut part = NodeReader::open(pager, self.root().page(), leaf.page, bytes)?;
                    let slot = self.slot_of(&leaf, position);
                    let head = part.entry(&self.context, slot)?;
                    part.location(slot, &head)
                })
            }
        }
    }

    /// Calls `read` with the value at an index, if there is one.
    pub(crate) fn get<R>(
        &self,
        index: u64,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let Some(ValueLocation { page, layout, len, at }) = self.location(index)? else { return Ok(None) };
        match at {
            ValueOffset::Overflow(chain) => {
                read(StoredValue { page, layout, value: ValueRef::Overflow { page: chain, len } })
            }
            ValueOffset::Page(at) => self.root().pager().with_scratch(|bytes| {
                let (bytes, _) = bytes.split_at_mut(len);
                self.root().pager().read(page, at, bytes)?;
                read(StoredValue { page, layout, value: ValueRef::Inline(bytes) })
            }),
        }
        .map(Some)
    }
}
