//! Leaves that walks read whole, and reads of their entries.

use std::ops::Range;

use graven_core::key::KeyBuf;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, LayoutId, PAGE_SIZE, PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{CellHead, SLOT, Sizes, compare};
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::fixed::{FixedCells, fixed_cell};
use crate::engine::leaf::fixed::{load_entries, slot_in_order};
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
    pub(crate) page: PageNumber,
    pub(crate) bytes: Box<PageBytes>,
    pub(crate) count: usize,
    /// The offset of its cells. Bytes in the gap before them may be those of another leaf.
    cells: usize,
    /// `true` if cells are fixed, and in the current layout.
    pub(crate) is_current: bool,
    /// `true` if cells are fixed.
    is_fixed: bool,
    /// The tree's `ended_walks` when it was read.
    ended_walks: u32,
}

impl Leaf {
    /// Returns a range of the order of a leaf of fixed cells.
    #[inline(always)]
    pub(crate) fn order(&self, fixed: FixedCells, range: Range<usize>) -> &[u8] {
        self.bytes.get(fixed.order_at(range.start)..fixed.order_at(range.end)).unwrap_or_default()
    }

    /// Reads the entry at `index` of a leaf of fixed cells. Returns `None` if the entry is damaged.
    #[inline(always)]
    pub(crate) fn read_fixed<T>(&self, fixed: FixedCells, index: usize, reads: &impl Reads<T>) -> Option<T> {
        self.read_cell(fixed, fixed.number(&self.bytes, index)?, reads)
    }

    /// Reads the entry in a cell.
    #[inline(always)]
    fn read_cell<T>(&self, fixed: FixedCells, number: usize, reads: &impl Reads<T>) -> Option<T> {
        let last = fixed.places - 1;
        let cells = self.bytes.get(fixed_cell(last, fixed.len)..)?;
        // The number of no cell wraps to an offset outside the page.
        let cell = cells.get(last.wrapping_sub(number).wrapping_mul(fixed.len)..)?.get(..fixed.len)?;
        let (key, rest) = cell.split_at(fixed.key);
        reads.current(key, rest.get(..fixed.value)?)
    }

    /// Folds a range of entries of a leaf of the current layout, in whose order they have the given
    /// numbers.
    #[inline(always)]
    pub(crate) fn fold_cells<const FORWARD: bool, M: Memory, A, T>(
        &self,
        tree: &Tree<M>,
        fixed: FixedCells,
        (range, mut numbers): (Range<usize>, impl DoubleEndedIterator<Item = usize>),
        init: A,
        f: &mut impl FnMut(A, T) -> A,
        reads: &impl Reads<T>,
    ) -> Result<A> {
        let mut so_far = init;
        while let Some(number) = if FORWARD { numbers.next() } else { numbers.next_back() } {
            let Some(item) = self.read_cell(fixed, number, reads) else {
                return Err(self.refused(tree, range, reads));
            };
            so_far = f(so_far, item);
        }
        Ok(so_far)
    }

    /// Folds a range of entries of any leaf. This is apart from the loop over cells of the current
    /// layout, where results would make the compiler split numbers into parts.
    #[inline(never)]
    pub(crate) fn fold_any<const FORWARD: bool, M: Memory, A, T>(
        &self,
        tree: &Tree<M>,
        sizes: Sizes,
        mut range: Range<usize>,
        init: A,
        f: &mut impl FnMut(A, T) -> A,
        reads: &impl Reads<T>,
    ) -> Result<A> {
        let mut so_far = init;
        while let Some(index) = if FORWARD { range.next() } else { range.next_back() } {
            so_far = f(so_far, self.read_at(tree, sizes, index, |key, found| reads.any(key, found))?);
        }
        Ok(so_far)
    }

    /// Returns the slot of an entry. In a leaf of fixed cells it stands for the cell.
    #[inline(always)]
    pub(crate) fn slot(&self, index: usize) -> Result<Slot, Damage> {
        if self.is_fixed {
            return slot_in_order(&self.bytes, index);
        }
        node::slot(&self.bytes, index, self.count)
    }

    /// Returns the reason why one of a range of entries could not be read.
    #[cold]
    #[inline(never)]
    pub(crate) fn refused<M: Memory, T>(
        &self,
        tree: &Tree<M>,
        mut range: Range<usize>,
        reads: &impl Reads<T>,
    ) -> Error {
        let read = |index| self.read_at(tree, tree.context.sizes, index, |key, found| reads.any(key, found));
        let failed = range.find_map(|index| read(index).err());
        failed.unwrap_or_else(|| tree.root().damaged(self.page, Damage::CellOutOfRange))
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
        let slot = self.slot(index).on_page(tree.root(), self.page)?;
        let (head, cell, layout, owns) = tree.leaf_cell(sizes, self, slot)?;
        let value = if owns {
            tree.check_walk(self)?;
            ValueRef::Overflow { page: head.page, len: head.value_len }
        } else {
            ValueRef::Inline(head.value_in(cell))
        };
        read(head.key_in(cell), StoredValue { page: self.page, layout, value })
    }
}

impl<M: Memory> Tree<M> {
    /// Returns an error if the tree was changed since a leaf was read, by a change that the borrow
    /// checker does not see.
    pub(crate) fn check_walk(&self, leaf: &Leaf) -> Result<()> {
        if leaf.ended_walks == self.ended_walks.get() {
            return Ok(());
        }
        Err(Error::ChangedWhileRead { root: self.root().name().into() })
    }

    pub(crate) fn read_leaf(&self, page: PageNumber) -> Result<Leaf> {
        let bytes = Box::new([0; PAGE_SIZE]);
        let mut leaf = Leaf {
            page,
            bytes,
            count: 0,
            cells: PAGE_SIZE,
            is_current: false,
            is_fixed: false,
            ended_walks: 0,
        };
        self.fill(&mut leaf, page).map(|()| leaf)
    }

    /// Reads a leaf's page, without the gap in it, over another leaf.
    pub(crate) fn fill(&self, leaf: &mut Leaf, page: PageNumber) -> Result<()> {
        (leaf.page, leaf.ended_walks) = (page, self.ended_walks.get());
        let (bytes, pager) = (&mut leaf.bytes, self.root().pager());
        let page_ref = pager.page(page)?;
        let broken = || self.root().damaged(page, Damage::CellsOverlap);
        page_ref.load(bytes, 0, HEADER_SIZE).ok_or_else(broken)?;
        let header = NodeHeader::of(bytes);
        let (count, cells) = (header.count.get() as usize, header.cells.get() as usize);
        let (kind, level, owner) = (header.kind, header.level, header.owner.get());
        let current = self.context.fixed.filter(|fixed| fixed.are_in(header, self.root().current()));
        let fixed = match header.cell_len() {
            0 => None,
            _ => Some(current.unwrap_or_else(|| FixedCells::in_leaf(header))),
        };
        (leaf.is_current, leaf.is_fixed) = (current.is_some(), fixed.is_some());
        let end = fixed.map_or(HEADER_SIZE + SLOT * count, |fixed| fixed.order_at(count));
        (leaf.count, leaf.cells) = (count, cells);
        if cells > PAGE_SIZE || end > cells {
            return Err(broken());
        }
        match fixed {
            Some(fixed) => load_entries(fixed, page_ref, bytes),
            None => {
                let slots = page_ref.load(bytes, HEADER_SIZE, end - HEADER_SIZE).map(drop);
                slots.and_then(|()| page_ref.load(bytes, cells, PAGE_SIZE - cells).map(drop))
            }
        }
        .ok_or_else(broken)?;
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
    ) -> Result<(CellHead, &'a [u8], LayoutId, bool)> {
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
        let slot = leaf.slot(index).on_page(self.root(), leaf.page)?;
        let (head, cell, ..) = self.leaf_cell(self.context.sizes, leaf, slot)?;
        Ok(KeyBuf::from(head.key_in(cell)))
    }

    /// Returns the first slot whose key is not below `key` or, if `above` is set, is above it.
    pub(crate) fn slot_at(&self, leaf: &Leaf, key: &[u8], above: bool) -> Result<usize> {
        let (mut low, mut high) = (0, leaf.count);
        while low < high {
            let middle = (low + high) / 2;
            let slot = leaf.slot(middle).on_page(self.root(), leaf.page)?;
            let (head, cell, ..) = self.leaf_cell(self.context.sizes, leaf, slot)?;
            let order = compare(head.key_in(cell), key);
            if order.is_lt() || (above && order.is_eq()) { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }
}
