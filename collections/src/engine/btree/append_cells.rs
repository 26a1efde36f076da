//! Appending of many entries of constant size after all others. Their cells are copied as they are
//! into leaves packed full.

use std::ops::Range;

use graven_core::key::KeyBuf;
use graven_core::page::node::Slot;
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::append::Entry;
use crate::engine::btree::grow::Write;
use crate::engine::btree::tree::Tree;
use crate::engine::cell::{MAX_CELL, MIN_CELL, ROOM, SLOT, Sizes, compare};
use crate::engine::leaf::node;
use crate::engine::leaf::node::Split;
use crate::engine::leaf::pack::{Pack, has_cells};

impl Sizes {
    /// Returns the sizes of keys and of cells, if all cells have one size and are just a key and
    /// its value.
    pub(crate) const fn cells(self) -> Option<(usize, usize)> {
        match (self.key, self.value) {
            (Some(key), Some(value)) if key + value >= MIN_CELL && key + value <= MAX_CELL => {
                Some((key, key + value))
            }
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
        let old = pager.read_page(page)?;
        let header = node::header(old.as_slice()).on_page(self.root(), page)?;
        self.context.expect_leaf(page, &header)?;
        let (count, capacity) = (header.count.get() as usize, ROOM / (len + SLOT));
        if !node::is_fixed(&header, self.root().current()) || count > capacity {
            let entry = |cell: &[u8]| -> Entry {
                let (key, value) = cell.split_at(key_size);
                (KeyBuf::from(key), value.to_vec())
            };
            return self.append_run(&cells.chunks_exact(len).map(entry).collect::<Vec<_>>());
        }
        let last = count.checked_sub(1).filter(|_| has_cells(&old, count, len));
        let is_behind = last.is_some_and(|last| {
            let place = node::slot(&old, last, count).map_or(PAGE_SIZE, Slot::place);
            old.get(place..place + key_size).is_some_and(|last| compare(last, first).is_lt())
        });
        if !is_behind {
            return Err(self.root().damaged(page, Damage::KeysOutOfOrder));
        }
        let added = cells.len() / len;
        let leaves = (count + added).div_ceil(capacity);
        if leaves > 1 {
            pager.reserve(self.spare_pages_of_load(leaves))?;
            self.expect_unchanged(page, &header)?;
        }
        let (mut state, mut writes, mut right) = (self.root().state(), Vec::new(), Vec::new());
        let (here, rest) = cells.split_at(cells.len().min((capacity - count) * len));
        writes.push(Write::Page(page, self.packed(&old, count, here, len)?));
        for cells in rest.chunks(capacity * len) {
            let at = pager.allocate()?;
            right.push((cells.split_at(key_size).0.to_vec(), at));
            writes.push(Write::Page(at, self.packed(&old, 0, cells, len)?));
        }
        self.grow_parents(&mut state, right, Split::Full, first, &mut writes)?;
        state.add_entries(added as u64, cells.len() as u64);
        state.add_pages(leaves as u32 - 1);
        self.root().count_pages(self.root().current(), leaves as i64 - 1)?;
        writes.into_iter().try_for_each(|write| self.write(write))?;
        self.root().set_state(state)
    }

    /// Returns a leaf of the first `count` cells of another one and the given cells.
    fn packed(&self, old: &PageBytes, count: usize, cells: &[u8], len: usize) -> Result<Box<PageBytes>> {
        let mut out = Box::new([0; PAGE_SIZE]);
        let mut pack = Pack::new(&mut out, len);
        if !pack.copy(old, 0..count) || !pack.append(cells) {
            return Err(self.root().damaged(self.root().page(), Damage::NoRoom));
        }
        self.write_header(&mut out, count + cells.len() / len, len);
        Ok(out)
    }
}
