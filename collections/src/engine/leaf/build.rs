//! Leaves of fixed cells on the heap: building them from cells, moving cells out of them and into
//! them. Other leaves are built by `node`.

use std::ops::Range;

use graven_core::Memory;
use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{LayoutId, PAGE_SIZE, PageBytes};
use graven_core::simd::copy;

use crate::engine::cell::Sizes;
use crate::engine::fixed::group::{self, GROUP, STRIDE, control_byte_at, groups};
use crate::engine::fixed::{FixedBuilder, FixedCells, fixed_cell};
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::fixed::{FEW, MOST_CELLS};
use crate::engine::leaf::node::{self, OwnedCell};

/// The bytes of the longest table.
const TABLE_MAX: usize = STRIDE * groups(MOST_CELLS);

/// The most common sizes.
const NUMBERS: Option<FixedCells> = FixedCells::of_leaf(Sizes { key: Some(8), value: Some(8) });

impl FixedCells {
    /// Returns the hash of a cell's key.
    #[inline(always)]
    fn hash_of(self, cell: &[u8]) -> Option<u64> {
        cell.get(..self.key).map(|key| self.leaf_hash(key))
    }
}

/// A new leaf that is filled in the order of its keys.
pub(crate) struct LeafBuilder {
    page: FixedBuilder,
    fixed: FixedCells,
    count: usize,
}

impl LeafBuilder {
    /// Returns an empty leaf in a buffer with arbitrary contents.
    pub(crate) fn new(buffer: Box<PageBytes>, header: &NodeHeader, fixed: FixedCells) -> LeafBuilder {
        LeafBuilder { page: FixedBuilder::new(buffer, header, fixed), fixed, count: 0 }
    }

    /// Adds a cell after all others. Returns `None` if the leaf is full.
    #[inline(always)]
    pub(crate) fn push(&mut self, fixed: FixedCells, hash: u64, cell: &[u8]) -> Option<()> {
        let number = self.page.put(hash, fixed, cell)?;
        fixed.set_number(&mut self.page.bytes, self.count, number)?;
        self.count += 1;
        Some(())
    }

    /// Like [`LeafBuilder::push`], for a single cell.
    #[inline(never)]
    fn push_one(&mut self, hash: u64, cell: &[u8]) -> Option<()> {
        self.push(self.fixed, hash, cell)
    }

    /// Adds adjacent cells after all others. Returns `None` if the leaf has no room for them.
    pub(crate) fn extend(&mut self, cells: &[u8]) -> Option<()> {
        let fixed = self.fixed;
        // The compiler knows these sizes, which makes loads of numbers a third cheaper.
        match NUMBERS.filter(|numbers| *numbers == fixed) {
            Some(numbers) => self.extend_sized(numbers, cells),
            None => self.extend_sized(fixed, cells),
        }
    }

    #[inline(always)]
    fn extend_sized(&mut self, fixed: FixedCells, cells: &[u8]) -> Option<()> {
        cells.chunks_exact(fixed.len).try_for_each(|cell| self.push(fixed, fixed.hash_of(cell)?, cell))
    }

    /// Returns the page and the two ranges of it that are not arbitrary.
    pub(crate) fn finish(mut self) -> (Box<PageBytes>, [Range<usize>; 2]) {
        let (fixed, count) = (self.fixed, self.count);
        NodeHeader::of_mut(&mut self.page.bytes).count = (count as u16).into();
        let cells = if fixed.are_few() { count } else { fixed.places };
        let parts = [0..fixed.order_at(count), fixed_cell(cells.saturating_sub(1), fixed.len)..PAGE_SIZE];
        (self.page.bytes, parts)
    }
}

/// A leaf of fixed cells that was read whole.
pub(crate) struct FixedLeaf<'b> {
    pub(crate) bytes: &'b mut PageBytes,
    pub(crate) fixed: FixedCells,
}

impl FixedLeaf<'_> {
    pub(crate) fn count(&self) -> usize {
        NodeHeader::of(self.bytes).count.get().into()
    }

    fn set_count(&mut self, count: usize) {
        NodeHeader::of_mut(self.bytes).count = (count as u16).into();
    }

    /// Returns the number of the cell at a position in the order, and the cell.
    #[inline(always)]
    pub(crate) fn cell(&self, index: usize) -> Option<(usize, &[u8])> {
        cell_at(self.fixed, self.bytes, index)
    }

    /// Inserts a cell at a position in the order. Returns `None` if the leaf is damaged.
    pub(crate) fn insert(&mut self, index: usize, hash: u64, cell: &[u8]) -> Option<()> {
        let (fixed, count) = (self.fixed, self.count());
        let table = self.bytes.get_mut(HEADER_SIZE..fixed.table_end())?;
        let number = group::take(table, fixed.places, hash)?;
        let to = fixed_cell(number, fixed.len);
        copy(self.bytes.get_mut(to..to.wrapping_add(fixed.len))?, cell);
        if index < count {
            let order = self.bytes.get_mut(fixed.order_at(index)..fixed.order_at(count + 1))?;
            order.rotate_right(fixed.width());
        }
        fixed.set_number(self.bytes, index, number)?;
        self.set_count(count + 1);
        Some(())
    }

    /// Adds a cell after all others. Returns `None` if the leaf is damaged.
    pub(crate) fn push(&mut self, cell: &[u8]) -> Option<()> {
        self.insert(self.count(), self.fixed.hash_of(cell)?, cell)
    }

    /// Adds the cells of another leaf after all others. Of this leaf, the header, the table and the
    /// order are enough. Returns `None` if one of them is damaged.
    pub(crate) fn take(&mut self, from: &FixedLeaf<'_>) -> Option<()> {
        match NUMBERS.filter(|numbers| *numbers == self.fixed) {
            Some(fixed) => self.take_sized(fixed, from),
            None => self.take_sized(self.fixed, from),
        }
    }

    #[inline(always)]
    fn take_sized(&mut self, fixed: FixedCells, from: &FixedLeaf<'_>) -> Option<()> {
        let mut count = self.count();
        // In a closure, the compiler would not know the sizes.
        for index in 0..from.count() {
            let (_, cell) = cell_at(fixed, from.bytes, index)?;
            let table = self.bytes.get_mut(HEADER_SIZE..fixed.table_end())?;
            let number = group::take(table, fixed.places, fixed.hash_of(cell)?)?;
            let to = fixed_cell(number, fixed.len);
            copy(self.bytes.get_mut(to..to.wrapping_add(fixed.len))?, cell);
            fixed.set_number(self.bytes, count, number)?;
            count += 1;
        }
        self.set_count(count);
        Some(())
    }

    /// Moves the cells from position `first` on to a new leaf. If `new` is a position and a cell
    /// with its hash, the cell goes there, too, before the one at that position. Returns the
    /// positions of the other cells that have moved in this leaf, or `None` if it is damaged.
    pub(crate) fn divide(
        &mut self,
        first: usize,
        new: Option<(usize, u64, &[u8])>,
        to: &mut LeafBuilder,
    ) -> Option<Vec<usize>> {
        // The compiler knows these sizes, which makes inserts of numbers a tenth cheaper.
        match NUMBERS.filter(|numbers| *numbers == self.fixed) {
            Some(fixed) => FixedLeaf { bytes: self.bytes, fixed }.divide_sized(first, new, to),
            None => self.divide_sized(first, new, to),
        }
    }

    #[inline(always)]
    fn divide_sized(
        &mut self,
        first: usize,
        new: Option<(usize, u64, &[u8])>,
        to: &mut LeafBuilder,
    ) -> Option<Vec<usize>> {
        let (fixed, count) = (self.fixed, self.count());
        for index in first..=count {
            if let Some((_, hash, cell)) = new.filter(|(at, ..)| *at == index) {
                to.push_one(hash, cell)?;
            }
            if index < count {
                let (_, cell) = self.cell(index)?;
                to.push(fixed, fixed.hash_of(cell)?, cell)?;
            }
        }
        self.set_count(first);
        if first == count { Some(Vec::new()) } else { self.settle() }
    }

    /// Makes the table anew after cells have left. Most cells stay where they are. Where there are
    /// many groups, those that a search reaches only after others move back as far as there is
    /// room. Returns their positions in the order.
    #[inline(always)]
    fn settle(&mut self) -> Option<Vec<usize>> {
        let (fixed, mut behind, mut cells) = (self.fixed, Vec::new(), Vec::new());
        // Leaves of few cells are split often, and have short tables.
        let (mut short, mut long) = ([0; STRIDE * groups(FEW)], None);
        let table = if fixed.are_few() { &mut short[..] } else { long.insert([0; TABLE_MAX]) };
        let table = table.get_mut(..fixed.table_end() - HEADER_SIZE)?;
        for index in 0..self.count() {
            let (number, cell) = self.cell(index)?;
            let hash = fixed.hash_of(cell)?;
            let is_home = group::first(hash, fixed.places) == number / GROUP;
            if is_home || fixed.are_few() {
                *table.get_mut(control_byte_at(number))? = group::control_byte(hash);
                if !is_home {
                    group::pass(table, fixed.places, hash, number);
                }
            } else {
                behind.push((index, hash));
                cells.extend_from_slice(cell);
            }
        }
        for ((index, hash), cell) in behind.iter().zip(cells.chunks_exact(fixed.len)) {
            let number = group::take(table, fixed.places, *hash)?;
            let to = fixed_cell(number, fixed.len);
            copy(self.bytes.get_mut(to..to.wrapping_add(fixed.len))?, cell);
            fixed.set_number(self.bytes, *index, number)?;
        }
        copy(self.bytes.get_mut(HEADER_SIZE..fixed.table_end())?, table);
        Some(behind.into_iter().map(|(index, _)| index).collect())
    }
}

/// Returns the number of the cell at a position in the order of a leaf, and the cell.
#[inline(always)]
fn cell_at(fixed: FixedCells, bytes: &PageBytes, index: usize) -> Option<(usize, &[u8])> {
    let number = fixed.number(bytes, index)?;
    let start = fixed_cell(number, fixed.len);
    let cell = bytes.get(start..start.wrapping_add(fixed.len))?;
    (number < fixed.places).then_some((number, cell))
}

impl<M: Memory> LeafContext<M> {
    /// Returns the sizes and the layout of the cells of a leaf with these items, if they are to be
    /// fixed.
    fn fixed_for(&self, items: &[OwnedCell<'_>]) -> Option<(FixedCells, LayoutId)> {
        let layout = items.first()?.layout;
        let value = self.root.size_of(layout, self.root.page()).ok()?;
        let fixed = FixedCells::of_leaf(Sizes { key: self.sizes.key, value })?;
        let is_alike =
            |item: &OwnedCell<'_>| !item.owns && item.layout == layout && item.cell.len() == fixed.len;
        items.iter().all(is_alike).then_some((fixed, layout))
    }

    /// Returns the most cells that a leaf of such items has room for, if that is not just a
    /// question of their lengths.
    pub(crate) fn most_cells(&self, items: &[OwnedCell<'_>]) -> usize {
        self.fixed_for(items).map_or(usize::MAX, |(fixed, _)| fixed.places)
    }

    /// Returns the page of a leaf with the given items, which must fit.
    pub(crate) fn build_leaf(&self, items: &[OwnedCell<'_>]) -> Box<PageBytes> {
        let owner = self.root.page();
        if let Some((fixed, layout)) = self.fixed_for(items).filter(|(fixed, _)| items.len() <= fixed.places)
        {
            let header = fixed.leaf_header(owner, layout);
            let mut leaf = LeafBuilder::new(Box::new([0; PAGE_SIZE]), &header, fixed);
            if items.iter().try_for_each(|item| leaf.extend(&item.cell)).is_some() {
                return leaf.finish().0;
            }
        }
        node::build(items, 0, owner)
    }
}
