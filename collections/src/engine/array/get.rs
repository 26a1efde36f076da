//! Reading a value by its index.

use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::leaf::{self, LeafKind};
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::leaf::reader::NodeReader;

impl<M: Memory> Sequence<M> {
    /// Calls `read` with the value at `index`, if there is one.
    #[inline(always)]
    pub(crate) fn get<R>(
        &self,
        index: u64,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if index >= self.len() {
            return Ok(None);
        }
        let position = self.position(index);
        match self.width {
            Some(width) if self.uniform.get() => self.get_uniform(position, width, read).map(Some),
            _ => self.get_any(position, read).map(Some),
        }
    }

    /// Returns the array that holds a position. All leaves must be arrays.
    #[inline(always)]
    pub(crate) fn array(&self, position: u64) -> Result<Leaf> {
        let near = self.near.get();
        if near.holds(position) {
            return Ok(near);
        }
        let array = self.leaf(position)?;
        if !self.is_own_array(array.page) {
            return Err(self.root().damaged(array.page, Damage::WrongValueSize));
        }
        self.keep_near(array);
        Ok(array)
    }

    /// Reads a value of a sequence whose leaves are all arrays of the current layout.
    #[inline(always)]
    fn get_uniform<R>(
        &self,
        position: u64,
        width: usize,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<R> {
        let array = self.array(position)?;
        let place = leaf::place(&array, position, width).on_page(self.root(), array.page)?;
        self.read_inline(array.page, self.root().current(), place, width, read)
    }

    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "`leaf::kind` refuses values that are longer than a page")]
    fn read_inline<R>(
        &self,
        page: u32,
        layout: u16,
        at: usize,
        width: usize,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<R> {
        let pager = self.root().pager();
        let mut short = [0; 64];
        if let Some(bytes) = short.get_mut(..width) {
            pager.read(page, at, bytes)?;
            return read(StoredValue { page, layout, value: ValueRef::Inline(bytes) });
        }
        pager.with_scratch(|bytes| {
            pager.read(page, at, &mut bytes[..width])?;
            read(StoredValue { page, layout, value: ValueRef::Inline(&bytes[..width]) })
        })
    }

    /// Reads a value in a leaf of any kind.
    #[inline(never)]
    fn get_any<R>(&self, position: u64, read: impl FnOnce(StoredValue<'_>) -> Result<R>) -> Result<R> {
        let leaf = self.leaf(position)?;
        match self.leaf_kind(leaf.page)? {
            LeafKind::Array { layout, width } => {
                let at = leaf::place(&leaf, position, width).on_page(self.root(), leaf.page)?;
                self.read_inline(leaf.page, layout, at, width, read)
            }
            LeafKind::Node => {
                let pager = self.root().pager();
                pager.with_scratch(|bytes| {
                    let mut part = NodeReader::open(pager, self.root().page(), leaf.page, bytes)?;
                    let slot = self.slot_of(&leaf, position);
                    let head = part.entry(&self.context, slot)?;
                    read(part.found(slot, &head)?)
                })
            }
        }
    }
}
