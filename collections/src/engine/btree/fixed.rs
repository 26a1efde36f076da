//! Changes to leaves of fixed cells, which nearly all leaves of a map are if its keys and values
//! have constant sizes.

use graven_core::page::node::{HEADER_COUNTS, HEADER_SIZE, NodeHeader};
use graven_core::page::{PAGE_SIZE, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{CellHead, Sizes, StoredValue};
use crate::engine::fixed::group::GROUP;
use crate::engine::fixed::{FixedCells, Free, fixed_cell};
use crate::engine::leaf::build::{FixedLeaf, LeafBuilder};
use crate::engine::leaf::fixed::load_entries;
use crate::engine::leaf::node::Split;
use crate::engine::leaf::path::lookup_prefix_of;
use crate::engine::leaf::reader::NodeReader;
use crate::engine::leaf::seek::Hit;

/// An entry that was found in a leaf.
pub(crate) enum Found {
    /// In a fixed cell of the current layout.
    Current(Hit),
    /// In a fixed cell of a previous layout.
    Previous(FixedCells, Hit),
    /// In the cell of a slot.
    Slot(usize, CellHead),
}

/// The place of a new entry in a leaf of fixed cells.
pub(crate) struct NewEntry {
    /// The position in the order.
    pub(crate) index: usize,
    pub(crate) hash: u64,
    /// A free cell that a search has met.
    pub(crate) free: Option<Free>,
    /// The prefix of the upper fence key of the leaf if that is known, else 0.
    pub(crate) high: u64,
}

impl<M: Memory> Tree<M> {
    /// Returns the entry of `key` in a leaf that does not have fixed cells of the current layout.
    #[inline(never)]
    pub(crate) fn find_other<'a>(
        &self,
        part: &'a mut NodeReader<'_, M>,
        key: &[u8],
    ) -> Result<Option<(Found, StoredValue<'a>)>> {
        if let Some(previous) = part.previous_cells(&self.context)? {
            let found = part.seek_value(previous, key)?;
            return Ok(found.map(|(hit, found)| (Found::Previous(previous.0, hit), found)));
        }
        match part.search(&self.context, key)? {
            Ok((index, head)) => {
                part.found(index, &head).map(|found| Some((Found::Slot(index, head), found)))
            }
            Err(_) => Ok(None),
        }
    }

    /// Writes a new entry into a leaf of the current layout that is not full.
    #[inline(always)]
    pub(crate) fn put_fixed(
        &self,
        part: &mut NodeReader<'_, M>,
        fixed: FixedCells,
        NewEntry { index, hash, free, high }: NewEntry,
        key: &[u8],
        value: &[u8],
    ) -> Result<()> {
        let count = part.count();
        let number = part.write_cell(fixed, (hash, free), key, value)?;
        part.insert_in_order(fixed, index, number)?;
        self.root().count_one(fixed.key + fixed.value);
        if index == count {
            self.end.keep(&self.context, part.page, count + 1, lookup_prefix_of(key)..high);
        }
        Ok(())
    }

    /// Removes an entry from a leaf of fixed cells.
    #[inline(always)]
    pub(crate) fn remove_fixed(
        &self,
        part: &mut NodeReader<'_, M>,
        fixed: FixedCells,
        hit: Hit,
    ) -> Result<()> {
        let (page, page_ref) = (part.page, part.page_ref);
        let index = part.position_of(fixed, hit.group * GROUP + hit.place)?;
        let slot = (hit.group, hit.place, hit.is_behind);
        fixed.table().free(page_ref, hit.hash, slot).on_page(self.root(), page)?;
        part.remove_from_order(fixed, index)?;
        self.root().count_one_less(fixed.key + fixed.value);
        Ok(())
    }

    #[inline(never)]
    pub(crate) fn remove_previous(
        &self,
        part: &mut NodeReader<'_, M>,
        fixed: FixedCells,
        hit: Hit,
    ) -> Result<()> {
        self.remove_fixed(part, fixed, hit)
    }

    /// Adds an entry to a full leaf, by moving half of its cells to a new one. Of those that stay,
    /// few are moved.
    #[inline(never)]
    pub(crate) fn split_fixed(
        &self,
        part: &mut NodeReader<'_, M>,
        fixed: FixedCells,
        (index, hash): (usize, u64),
        key: &[u8],
        value: &[u8],
    ) -> Result<()> {
        let (page, count, pager) = (part.page, part.count(), self.root().pager());
        pager.reserve(self.context.spare_pages(2))?;
        let before = *part.header();
        part.load(0, PAGE_SIZE)?;
        // Making room frees detached trees. In damaged memory, this leaf may be one of their pages.
        if part.header().as_bytes() != before.as_bytes() {
            return Err(part.broken());
        }
        // Keys inserted in ascending order fill leaves: the left one stays as it is.
        let (is_last, total) = (index == count, count + 1);
        let left = if is_last { count } else { total - total / 2 };
        let mut new = [key, value].concat();
        new.resize(fixed.len, 0);
        let header = fixed.leaf_header(self.root().page(), self.root().current());
        let mut right = LeafBuilder::new(pager.take_spare(), &header, fixed);
        let mut leaf = FixedLeaf { bytes: part.bytes, fixed };
        let changed = if index < left {
            leaf.divide(left - 1, None, &mut right).and_then(|mut changed| {
                changed.iter_mut().filter(|at| **at >= index).for_each(|at| *at += 1);
                changed.push(index);
                leaf.insert(index, hash, &new).map(|()| changed)
            })
        } else {
            leaf.divide(left, Some((index, hash, &new)), &mut right)
        };
        let (mut right, parts) = right.finish();
        let separator = FixedLeaf { bytes: &mut right, fixed };
        let separator = separator.cell(0).map(|(_, cell)| cell.split_at(fixed.key).0.to_vec());
        let (Some(changed), Some(separator)) = (changed, separator) else {
            return Err(self.root().damaged(page, Damage::ControlBytes));
        };
        let at = pager.allocate()?;
        let mut state = self.root().state();
        let (mut writes, split) = (Vec::new(), if is_last { Split::Ascending } else { Split::Even });
        self.grow_parents(&mut state, (0, vec![(separator, at)]), split, key, &mut writes)?;
        state.add_pages(1);
        state.add_entries(1, (key.len() + value.len()) as u64);
        self.root().count_pages(self.root().current(), 1)?;
        for part in parts {
            pager.write(at, part.start, right.get(part).unwrap_or_default())?;
        }
        pager.put_spare(right);
        if !is_last {
            self.write_changed(page, &FixedLeaf { bytes: part.bytes, fixed }, changed)?;
        }
        writes.into_iter().try_for_each(|write| self.write(write))?;
        self.root().set_state(state)
    }

    /// Writes the table, the order and the count of a leaf, and the cells at the given positions.
    #[expect(clippy::indexing_slicing, reason = "the parts of a leaf are in its page")]
    fn write_changed(
        &self,
        page: PageNumber,
        leaf: &FixedLeaf<'_>,
        cells: impl IntoIterator<Item = usize>,
    ) -> Result<()> {
        let pager = self.root().pager();
        for (number, cell) in cells.into_iter().filter_map(|index| leaf.cell(index)) {
            pager.write(page, fixed_cell(number, leaf.fixed.len), cell)?;
        }
        let end = leaf.fixed.order_at(leaf.count());
        pager.write(page, HEADER_SIZE, &leaf.bytes[HEADER_SIZE..end])?;
        pager.write(page, 0, &leaf.bytes[..HEADER_COUNTS])
    }

    /// Moves the cells of a leaf to its left neighbour, if both have fixed cells in one layout.
    /// Returns `false` if not; then nothing was done.
    pub(crate) fn merge_fixed(
        &self,
        left: PageNumber,
        right: PageNumber,
        headers: &[NodeHeader],
    ) -> Result<bool> {
        let [first, second] = headers else { return Ok(false) };
        let layout = first.layouts[0].get();
        if first.cell_len() == 0 || second.cell_len() == 0 || second.layouts[0].get() != layout {
            return Ok(false);
        }
        let value = self.root().size_of(layout, left)?;
        let fixed = FixedCells::of_leaf(Sizes { key: self.context.sizes.key, value });
        let is_so = |fixed: &FixedCells| {
            let count = usize::from(first.count) + usize::from(second.count);
            headers.iter().all(|header| fixed.are_in(header, layout)) && count <= fixed.places
        };
        let Some(fixed) = fixed.filter(is_so) else { return Ok(false) };
        let pager = self.root().pager();
        let mut spare = pager.take_spare();
        pager.with_scratch(|bytes| {
            let (to, from) = (pager.page(left)?, pager.page(right)?);
            let count = usize::from(first.count);
            let loaded = from.load(&mut spare, 0, HEADER_SIZE).map(drop);
            let loaded = loaded.and_then(|()| load_entries(fixed, from, &mut spare));
            // The cells of the left leaf stay where they are, so they are not read.
            let loaded = loaded.and_then(|()| to.load(bytes, 0, fixed.order_at(count)).map(drop));
            let mut leaf = FixedLeaf { bytes, fixed };
            let moved = loaded.and_then(|()| leaf.take(&FixedLeaf { bytes: &mut spare, fixed }));
            moved.ok_or_else(|| self.root().damaged(left, Damage::ControlBytes))?;
            self.root().count_pages(layout, -1)?;
            self.write_changed(left, &leaf, count..leaf.count())
        })?;
        pager.put_spare(spare);
        Ok(true)
    }
}
