//! Appending of many entries of constant size after all others. Their cells are copied as they are
//! into leaves packed full.

use std::ops::Range;

use graven_core::key::KeyBuf;
use graven_core::page::PAGE_SIZE;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::append::Entry;
use crate::engine::btree::grow::Write;
use crate::engine::btree::tree::Tree;
use crate::engine::cell::{Sizes, compare};
use crate::engine::fixed::FixedCells;
use crate::engine::leaf::build::{FixedLeaf, LeafBuilder};
use crate::engine::leaf::node;
use crate::engine::leaf::node::Split;

impl Sizes {
    /// Returns the sizes of keys and of cells, if cells are fixed and not padded.
    pub(crate) const fn cells(self) -> Option<(usize, usize)> {
        match FixedCells::of_leaf(self) {
            Some(fixed) if fixed.key + fixed.value == fixed.len => Some((fixed.key, fixed.len)),
            _ => None,
        }
    }
}

impl<M: Memory> Tree<M> {
    /// Appends entries given as adjacent cells of the current layout, like [`Tree::append`].
    pub(crate) fn append_cells(&self, cells: &[u8], (key_size, len): (usize, usize)) -> (usize, Result<()>) {
        self.append_in_pieces(cells.len() / len, |Range { start, end }| {
            let cells = cells.get(start * len..end * len).unwrap_or_default();
            if self.is_empty() {
                let (key, value) = cells.split_at(len).0.split_at(key_size);
                return self.create_root(key, value).map(|()| 1);
            }
            self.append_fixed_cells(cells, key_size, len).map(|()| end - start)
        })
    }

    /// Adds all cells or, with an error, none. Neither the tree nor `cells` may be empty.
    fn append_fixed_cells(&self, cells: &[u8], key_size: usize, len: usize) -> Result<()> {
        let (pager, first) = (self.root().pager(), cells.split_at(key_size).0);
        let page = self.leaf(self.context.sizes, first)?.page;
        let mut old = pager.read_page(page)?;
        let header = node::header(old.as_slice()).on_page(self.root(), page)?;
        self.context.expect_leaf(page, &header)?;
        let (count, current) = (header.count.get() as usize, self.root().current());
        let fixed = self.context.fixed;
        let fixed = fixed.filter(|fixed| fixed.are_in(&header, current) && count <= fixed.places);
        let Some(fixed) = fixed else {
            let entry = |cell: &[u8]| -> Entry {
                let (key, value) = cell.split_at(key_size);
                (KeyBuf::from(key), value.to_vec())
            };
            return self.append_run(&cells.chunks_exact(len).map(entry).collect::<Vec<_>>());
        };
        let mut leaf = FixedLeaf { bytes: &mut old, fixed };
        let last = count.checked_sub(1).and_then(|last| leaf.cell(last));
        if !last.is_some_and(|(_, last)| compare(last.split_at(key_size).0, first).is_lt()) {
            return Err(self.root().damaged(page, Damage::KeysOutOfOrder));
        }
        let added = cells.len() / len;
        let leaves = (count + added).div_ceil(fixed.places);
        if leaves > 1 {
            pager.reserve(self.spare_pages_of_load(leaves))?;
            self.expect_unchanged(page, &header)?;
        }
        let (here, rest) = cells.split_at(cells.len().min((fixed.places - count) * len));
        let filled = here.chunks_exact(len).try_for_each(|cell| leaf.push(cell));
        filled.ok_or_else(|| self.root().damaged(page, Damage::ControlBytes))?;
        let (mut state, mut right) = (self.root().state(), Vec::new());
        let mut writes = vec![Write::Page(page, old)];
        for cells in rest.chunks(fixed.places * len) {
            let at = pager.allocate()?;
            let header = fixed.leaf_header(self.root().page(), current);
            let mut leaf = LeafBuilder::new(Box::new([0; PAGE_SIZE]), &header, fixed);
            leaf.extend(cells).ok_or_else(|| self.root().damaged(at, Damage::NoRoom))?;
            right.push((cells.split_at(key_size).0.to_vec(), at));
            writes.push(Write::Page(at, leaf.finish().0));
        }
        self.grow_parents(&mut state, (0, right), Split::Full, first, &mut writes)?;
        state.add_entries(added as u64, cells.len() as u64);
        state.add_pages(leaves as u32 - 1);
        self.root().count_pages(current, leaves as i64 - 1)?;
        writes.into_iter().try_for_each(|write| self.write(write))?;
        self.root().set_state(state)
    }
}
