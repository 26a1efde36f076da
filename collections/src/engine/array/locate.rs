//! Locating a value without reading it.

use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::array::leaf;
use crate::engine::array::leaf::LeafKind;
use crate::engine::array::sequence::Sequence;
use crate::engine::cell::ValueLocation;
use crate::engine::leaf::reader::NodeReader;

impl<M: Memory> Sequence<M> {
    /// Returns the location of the value at an index, if there is one.
    #[inline]
    pub(crate) fn location(&self, index: u64) -> Result<Option<ValueLocation>> {
        if index >= self.len() {
            return Ok(None);
        }
        let position = self.position(index);
        let Some(width) = self.width.filter(|_| self.uniform.get()) else {
            return self.spot_in_any(position).map(Some);
        };
        let array = self.array(position)?;
        let at = leaf::place(&array, position, width).on_page(self.root(), array.page)?;
        ValueLocation::in_page(array.page, self.root().current(), at, width)
            .on_page(self.root(), array.page)
            .map(Some)
    }

    /// Returns the location of a value in a leaf of any kind.
    #[inline(never)]
    fn spot_in_any(&self, position: u64) -> Result<ValueLocation> {
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
}
