//! Leaves that walks read whole, and reads of their entries.

use std::ops::Range;

use graven_core::key::KeyBuf;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, PAGE_SIZE, PageBytes};
use graven_core::store::OnPage;
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{CellHead, SLOT, Sizes, compare};
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::leaf::node;

/// A reader of entries.
pub(crate) trait Reads<T> {
    /// Reads an entry of a fixed leaf from its key and its value in the current layout. Returns
    /// `None` if one of them is invalid; [`Reads::any`] then returns the error. The two are
    /// separate so that the result of this one need not be in memory.
    fn current(&self, key: &[u8], value: &[u8]) -> Option<T>;

    /// Reads an entry of any leaf.
    fn any(&self, key: &[u8], found: StoredValue<'_>) -> Result<T>;
}

/// A leaf read as a whole.
#[derive(Clone)]
pub(crate) struct Leaf {
    pub(crate) page: u32,
    pub(crate) bytes: Box<PageBytes>,
    pub(crate) count: usize,
    /// The offset of its cells. Bytes in the gap before them may be those of another leaf.
    cells: usize,
    /// `true` if all values are inline and in the current layout.
    pub(crate) fixed: bool,
}

impl Leaf {
    /// Reads the entry in a slot of a fixed leaf with the given sizes. Returns `None` if the entry
    /// is damaged.
    #[inline(always)]
    pub(crate) fn read_fixed<T>(
        &self,
        slot: Slot,
        (key_size, value_size): (usize, usize),
        reads: &impl Reads<T>,
    ) -> Option<T> {
        let place = slot.place();
        if place < self.cells {
            return None;
        }
        let (key, value) = self.bytes.get(place..place + key_size + value_size)?.split_at(key_size);
        reads.current(key, value)
    }

    /// Folds the entries in the given slots of any leaf. This is apart from the loop over fixed
    /// leaves, where results would make the compiler split numbers into parts.
    #[inline(never)]
    pub(crate) fn fold_slotted<M: Memory, A, T>(
        &self,
        tree: &Tree<M>,
        sizes: Sizes,
        slots: impl FnMut() -> Option<Slot>,
        init: A,
        f: &mut impl FnMut(A, T) -> A,
        reads: &impl Reads<T>,
    ) -> Result<A> {
        let mut so_far = init;
        for slot in core::iter::from_fn(slots) {
            so_far = f(so_far, self.read(tree, sizes, slot, |key, found| reads.any(key, found))?);
        }
        Ok(so_far)
    }

    /// Returns a range of its slots.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a page is longer than a header")]
    pub(crate) fn slots(&self, range: Range<usize>) -> Result<&[[u8; SLOT]], Damage> {
        let (all, _) = self.bytes[HEADER_SIZE..].as_chunks();
        all.get(range).ok_or(Damage::SlotOutOfRange)
    }

    /// Returns the reason why an entry of a fixed leaf could not be read.
    #[cold]
    #[inline(never)]
    pub(crate) fn refused<M: Memory, T>(&self, tree: &Tree<M>, slot: Slot, reads: &impl Reads<T>) -> Error {
        match self.read(tree, tree.context.sizes, slot, |key, found| reads.any(key, found)) {
            Err(error) => error,
            Ok(_) => tree.root().damaged(self.page, Damage::CellOutOfRange),
        }
    }

    /// Reads the entry at `index`.
    #[inline(always)]
    pub(crate) fn read_at<M: Memory, R>(
        &self,
        tree: &Tree<M>,
        sizes: Sizes,
        index: usize,
        read: impl FnOnce(&[u8], StoredValue<'_>) -> Result<R>,
    ) -> Result<R> {
        let slot = Slot::at(&self.bytes, index);
        let slot = slot.ok_or_else(|| tree.root().damaged(self.page, Damage::SlotOutOfRange))?;
        self.read(tree, sizes, slot, read)
    }

    #[inline(always)]
    fn read<M: Memory, R>(
        &self,
        tree: &Tree<M>,
        sizes: Sizes,
        slot: Slot,
        read: impl FnOnce(&[u8], StoredValue<'_>) -> Result<R>,
    ) -> Result<R> {
        let (head, cell, layout, owns) = tree.leaf_cell(sizes, self, slot)?;
        let value = if owns {
            ValueRef::Overflow { page: head.page, len: head.value_len }
        } else {
            ValueRef::Inline(head.value_in(cell))
        };
        read(head.key_in(cell), StoredValue { page: self.page, layout, value })
    }
}

impl<M: Memory> Tree<M> {
    pub(crate) fn read_leaf(&self, page: u32) -> Result<Leaf> {
        let mut leaf =
            Leaf { page, bytes: Box::new([0; PAGE_SIZE]), count: 0, cells: PAGE_SIZE, fixed: false };
        self.fill(&mut leaf, page).map(|()| leaf)
    }

    /// Reads a leaf's page, without the gap in it, over another leaf.
    pub(crate) fn fill(&self, leaf: &mut Leaf, page: u32) -> Result<()> {
        leaf.page = page;
        let (bytes, pager) = (&mut leaf.bytes, self.root().pager());
        let page_ref = pager.page(page)?;
        let broken = || self.root().damaged(page, Damage::CellsOverlap);
        page_ref.load(bytes, 0, HEADER_SIZE).ok_or_else(broken)?;
        let header = NodeHeader::of(bytes);
        let (count, cells) = (header.count.get() as usize, header.cells.get() as usize);
        let (kind, level, owner) = (header.kind, header.level, header.owner.get());
        leaf.fixed = node::is_fixed(header, self.root().current());
        (leaf.count, leaf.cells) = (count, cells);
        if cells > PAGE_SIZE || HEADER_SIZE + SLOT * count > cells {
            return Err(broken());
        }
        page_ref.load(bytes, HEADER_SIZE, SLOT * count).ok_or_else(broken)?;
        page_ref.load(bytes, cells, PAGE_SIZE - cells).ok_or_else(broken)?;
        if kind != Kind::Node as u8 || level != 0 {
            return Err(self.root().damaged(page, Damage::WrongKind));
        }
        if owner != self.root().page() {
            return Err(self.root().damaged(page, Damage::WrongOwner));
        }
        Ok(())
    }

    #[inline(always)]
    pub(crate) fn leaf_cell<'a>(
        &self,
        sizes: Sizes,
        leaf: &'a Leaf,
        slot: Slot,
    ) -> Result<(CellHead, &'a [u8], u16, bool)> {
        if slot.place() < leaf.cells {
            return Err(self.root().damaged(leaf.page, Damage::SlotOutOfRange));
        }
        let layout = NodeHeader::of(&leaf.bytes).layout_of(slot);
        let format = self.context.leaf_format(sizes, leaf.page, slot, layout)?;
        let (head, cell) = node::cell(&leaf.bytes, slot, format).on_page(self.root(), leaf.page)?;
        Ok((head, cell, layout, slot.owns()))
    }

    /// Returns the key at `index` of a leaf.
    pub(crate) fn key_at(&self, leaf: &Leaf, index: usize) -> Result<KeyBuf> {
        let slot = node::slot(&leaf.bytes, index, leaf.count).on_page(self.root(), leaf.page)?;
        let (head, cell, ..) = self.leaf_cell(self.context.sizes, leaf, slot)?;
        Ok(KeyBuf::from(head.key_in(cell)))
    }

    /// Returns the first slot whose key is not below `key` or, if `above` is set, is above it.
    pub(crate) fn slot_at(&self, leaf: &Leaf, key: &[u8], above: bool) -> Result<usize> {
        let (mut low, mut high) = (0, leaf.count);
        while low < high {
            let middle = (low + high) / 2;
            let slot = node::slot(&leaf.bytes, middle, leaf.count).on_page(self.root(), leaf.page)?;
            let (head, cell, ..) = self.leaf_cell(self.context.sizes, leaf, slot)?;
            let order = compare(head.key_in(cell), key);
            if order.is_lt() || (above && order.is_eq()) { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }
}
