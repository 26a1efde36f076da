//! Checking a whole map. For tests and tools: it reads everything.

use std::collections::HashMap as Counts;

use graven_core::page::PAGE_SIZE;
use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::{Memory, Result};

use super::bucket::{Loaded, listed, wrong};
use super::directory::Entry;
use super::group::{self, EMPTY, GONE, Group, Groups};
use super::table::{Table, count_down};
use crate::btree_map::cell::{MIN_CELL, SLOT};

/// What a walk over all pages adds up.
#[derive(Default)]
struct Sums {
    entries: u64,
    bytes: u64,
    chained: u64,
    pages: u32,
    layouts: Counts<u16, u32>,
}

pub(super) fn verify<M: Memory>(table: &Table<M>) -> Result<()> {
    let (state, root, buckets) = (table.root.state(), table.root.page(), table.buckets());
    let mut sums = Sums { pages: 1, ..Sums::default() };
    if (state.top.get() == 0) != (buckets == 0) || (state.top.get() == 0) != (state.height.get() == 0) {
        return Err(wrong(root, "it has buckets without a directory, or the opposite"));
    }
    if buckets > 0 {
        sums.pages += table.verify_branches(state.top.get(), state.height.get() - 1, 0)?;
    }
    for bucket in 0..buckets {
        check_bucket(table, bucket, &mut sums)?;
    }
    if sums.entries != state.len.get() {
        return Err(wrong(root, "its entries are not as many as counted"));
    }
    if sums.bytes != state.bytes.get() || sums.chained != table.chained() {
        return Err(wrong(root, "its bytes are not as many as counted"));
    }
    if sums.pages != state.pages.get() {
        return Err(wrong(root, "its pages are not as many as counted"));
    }
    let layouts = table.root.layouts().iter();
    let found = |index: u16| sums.layouts.get(&index).copied().unwrap_or(0);
    if layouts.clone().any(|layout| table.root.pages_of(layout.index) != found(layout.index)) {
        return Err(wrong(root, "the pages of a layout are not as many as counted"));
    }
    Ok(())
}

fn check_bucket<M: Memory>(table: &Table<M>, bucket: u32, sums: &mut Sums) -> Result<()> {
    let entry = table.entry(bucket)?;
    let (mut page, mut left) = (entry.page, table.most_pages());
    let mut keys = Vec::new();
    while page != 0 {
        let loaded = table.load(page)?;
        if page == entry.page && entry != Entry::new(page, loaded.grid, loaded.header.next.get() != 0) {
            return Err(wrong(page, "its table is another one than the directory says"));
        }
        check_page(table, bucket, &loaded, &mut keys, sums)?;
        page = loaded.header.next.get();
        left = count_down(left, page)?;
    }
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() == count { Ok(()) } else { Err(wrong(entry.page, "a key is in its bucket twice")) }
}

fn check_page<M: Memory>(
    table: &Table<M>,
    bucket: u32,
    loaded: &Loaded,
    keys: &mut Vec<Vec<u8>>,
    sums: &mut Sums,
) -> Result<()> {
    let (page, grid, mut cells, mut owned) = (loaded.page, loaded.grid, 0, 0);
    for index in 0..grid.places {
        let mark = loaded.bytes[grid.marks() + index];
        if mark == EMPTY || mark == GONE {
            if grid.cell.is_none() && Slot::at(&loaded.bytes, index) != Some(Slot(0)) {
                return Err(wrong(page, "a free place has a slot"));
            }
            continue;
        }
        let (item, head) = table.item_at(loaded, index)?;
        if table.shape.get().bucket(item.hash) != bucket {
            return Err(wrong(page, "an entry is not in the bucket of its hash"));
        }
        if mark != group::mark(item.hash) || !is_found(loaded, item.hash, index) {
            return Err(wrong(page, "an entry is not where its hash is looked for"));
        }
        if !listed(&loaded.header).any(|layout| layout == item.layout) {
            return Err(wrong(page, "a value has a layout that its page does not list"));
        }
        keys.push(item.cell[head.key()].to_vec());
        sums.entries += 1;
        sums.bytes += head.entry_bytes();
        cells += item.cell.len();
        if item.owns {
            owned += 1;
            sums.chained += head.value_len as u64;
            sums.pages += table.root.pager().chain_extents(head.page, head.value_len)?;
        }
    }
    sums.pages += 1;
    listed(&loaded.header).for_each(|layout| *sums.layouts.entry(layout).or_default() += 1);
    if owned != usize::from(loaded.header.refs) {
        return Err(wrong(page, "it owns more or fewer pages than it counts"));
    }
    if grid.cell.is_some() { Ok(()) } else { check_space(loaded, cells) }
}

/// Whether a search for a hash comes to a place.
fn is_found(loaded: &Loaded, hash: u64, index: usize) -> bool {
    for (at, len) in Groups::new(hash, loaded.grid.places) {
        if (at..at + len).contains(&index) {
            return true;
        }
        let marks = loaded.grid.marks() + at;
        if Group::new(&loaded.bytes[marks..marks + len]).ends() {
            return false;
        }
    }
    false
}

/// Cells, holes and table of a mixed page account for every byte, and no two overlap.
fn check_space(loaded: &Loaded, cells: usize) -> Result<()> {
    let (page, header, bytes) = (loaded.page, &loaded.header, &loaded.bytes);
    let (lowest, garbage) = (usize::from(header.cells), usize::from(header.garbage));
    let gaps = PAGE_SIZE.checked_sub(lowest + cells).ok_or_else(|| wrong(page, "its cells overlap"))?;
    if loaded.grid.end() > lowest || gaps != garbage {
        return Err(wrong(page, "its table, cells and holes overlap"));
    }
    let (mut hole, mut left) = (usize::from(header.hole), garbage);
    while hole != 0 {
        let record = bytes.get(hole..hole + MIN_CELL).filter(|_| hole >= lowest);
        let record = record.ok_or_else(|| wrong(page, "a hole is not among the cells"))?;
        let len = usize::from(u16::from_le_bytes([record[2], record[3]]));
        left = left
            .checked_sub(len.max(1))
            .ok_or_else(|| wrong(page, "its holes are longer than its garbage"))?;
        let covers = |slot: Slot| slot.place() < hole + len && hole <= slot.place();
        let mut slots = bytes[HEADER_SIZE..loaded.grid.marks()].chunks_exact(SLOT);
        if slots.any(|slot| covers(Slot(u16::from_le_bytes([slot[0], slot[1]])))) {
            return Err(wrong(page, "a hole covers a cell"));
        }
        hole = usize::from(u16::from_le_bytes([record[0], record[1]]));
    }
    Ok(())
}
