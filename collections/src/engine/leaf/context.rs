//! The facts about a tree that its nodes need: their owner, the format of their cells, and the
//! conversion of old values.

use graven_core::page::node::Slot;
use graven_core::page::{LayoutId, PageNumber};
use graven_core::store::{Root, ValueLayout};
use graven_core::{Memory, Result};

use crate::engine::cell::{CellFormat, Convert, Form, MAX_CELL, Sizes};
use crate::engine::fixed::FixedCells;
use crate::engine::leaf::node::OwnedCell;
use crate::engine::nodes::InnerNodes;

/// The root of a tree, the sizes of its keys and values, and the conversion of old values.
pub(crate) struct LeafContext<M> {
    pub(crate) root: Root<M>,
    /// The inner nodes of the tree, and of others in the same store.
    pub(crate) nodes: InnerNodes<M>,
    pub(crate) sizes: Sizes,
    /// The sizes of fixed cells of the current layout, if leaves have such cells.
    pub(crate) fixed: Option<FixedCells>,
    /// Those of previous layouts that have any.
    pub(crate) previous: Vec<(FixedCells, LayoutId)>,
    pub(crate) convert: Convert,
}

impl<M: Memory> LeafContext<M> {
    pub(crate) fn new(root: Root<M>, sizes: Sizes, convert: Convert) -> Self {
        let (nodes, fixed) = (InnerNodes::new(root.pager().clone()), FixedCells::of_leaf(sizes));
        let of_layout = |layout: &ValueLayout| {
            Some((FixedCells::of_leaf(Sizes { value: layout.plan.size, ..sizes })?, layout.index))
        };
        let previous = root.layouts().iter().filter(|layout| layout.index != root.current());
        let previous = previous.filter_map(of_layout).collect();
        LeafContext { root, nodes, sizes, fixed, previous, convert }
    }

    /// Returns the format of a leaf's cell with a value of the current layout.
    #[inline(always)]
    pub(crate) fn new_format(sizes: Sizes, key: usize, value: usize) -> CellFormat {
        let inline = CellFormat { key_size: sizes.key, form: Form::Inline(sizes.value) };
        if inline.len(key, value) <= MAX_CELL {
            inline
        } else {
            CellFormat { key_size: sizes.key, form: Form::Overflow }
        }
    }

    /// Returns the format of a leaf's cell.
    #[inline(always)]
    pub(crate) fn leaf_format(
        &self,
        sizes: Sizes,
        page: PageNumber,
        slot: Slot,
        layout: LayoutId,
    ) -> Result<CellFormat> {
        let form = if slot.owns() {
            Form::Overflow
        } else if layout == self.root.current() {
            Form::Inline(sizes.value)
        } else {
            Form::Inline(self.root.old_layout(layout, page)?.plan.size)
        };
        Ok(CellFormat { key_size: sizes.key, form })
    }

    /// Returns the format of an inner node's cells.
    #[inline]
    pub(crate) fn inner_format(&self) -> CellFormat {
        CellFormat { key_size: self.sizes.key, form: Form::Child }
    }

    pub(crate) fn item(
        &self,
        format: CellFormat,
        key: &[u8],
        page: PageNumber,
        value: &[u8],
    ) -> OwnedCell<'static> {
        let mut cell = vec![0; format.len(key.len(), value.len())];
        format.write(&mut cell, key, page, value);
        let layout = if format.form == Form::Child { LayoutId::NONE } else { self.root.current() };
        OwnedCell { cell: cell.into(), layout, owns: !matches!(format.form, Form::Inline(_)) }
    }

    /// Returns the number of pages that packing one leaf into `pieces` may need, including inner
    /// nodes.
    pub(crate) fn spare_pages(&self, pieces: usize) -> u32 {
        // Levels are `u8`: a greater height is damage, which must not grow the memory.
        let height = self.root.state().height.get().min(u8::MAX.into());
        (pieces as u32).saturating_mul(height + 1).saturating_add(1)
    }
}
