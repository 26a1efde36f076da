//! The facts about a tree that its nodes need: whose they are, how their cells are laid out, and
//! how old values are converted.

use graven_core::page::node::{NO_LAYOUT, Slot};
use graven_core::store::Root;
use graven_core::{Memory, Result};

use crate::engine::cell::{CellFormat, Convert, Form, MAX_CELL, Sizes};
use crate::engine::leaf::node::OwnedCell;
use crate::engine::nodes::InnerNodes;

/// The root of a tree, the sizes of its keys and values, and the conversion of old values.
pub(crate) struct LeafContext<M> {
    pub(crate) root: Root<M>,
    /// The inner nodes of the tree, and of others in the same store.
    pub(crate) nodes: InnerNodes<M>,
    pub(crate) sizes: Sizes,
    pub(crate) convert: Convert,
}

impl<M: Memory> LeafContext<M> {
    pub(crate) fn new(root: Root<M>, sizes: Sizes, convert: Convert) -> Self {
        LeafContext { nodes: InnerNodes::new(root.pager().clone()), root, sizes, convert }
    }

    /// The form in which a value of the current layout stands in a leaf.
    #[inline(always)]
    pub(crate) fn new_format(sizes: Sizes, key: usize, value: usize) -> CellFormat {
        let inline = CellFormat { key_size: sizes.key, form: Form::Inline(sizes.value) };
        if inline.len(key, value) <= MAX_CELL {
            inline
        } else {
            CellFormat { key_size: sizes.key, form: Form::Overflow }
        }
    }

    /// The form of a leaf's cell.
    #[inline(always)]
    pub(crate) fn leaf_format(&self, sizes: Sizes, page: u32, slot: Slot, layout: u16) -> Result<CellFormat> {
        let form = if slot.owns() {
            Form::Overflow
        } else if layout == self.root.current() {
            Form::Inline(sizes.value)
        } else {
            Form::Inline(self.root.old_layout(layout, page)?.plan.size)
        };
        Ok(CellFormat { key_size: sizes.key, form })
    }

    /// The form of an inner node's cells.
    #[inline]
    pub(crate) fn inner_format(&self) -> CellFormat {
        CellFormat { key_size: self.sizes.key, form: Form::Child }
    }

    pub(crate) fn item(&self, format: CellFormat, key: &[u8], page: u32, value: &[u8]) -> OwnedCell<'static> {
        let mut cell = vec![0; format.len(key.len(), value.len())];
        format.write(&mut cell, key, page, value);
        let layout = if format.form == Form::Child { NO_LAYOUT } else { self.root.current() };
        OwnedCell { cell: cell.into(), layout, owns: !matches!(format.form, Form::Inline(_)) }
    }

    /// Pages that packing one leaf into `pieces` may need, inner nodes included.
    pub(crate) fn spare_pages(&self, pieces: usize) -> u32 {
        // No tree is higher than a level has numbers: what is, is damaged, and no reason to grow
        // the memory.
        let height = self.root.state().height.get().min(u8::MAX.into());
        (pieces as u32).saturating_mul(height + 1).saturating_add(1)
    }
}
