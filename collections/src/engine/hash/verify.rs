//! Verification of a whole map, for tests and tools. It reads every page.

use graven_core::page::{LayoutId, PAGE_SIZE};
use std::collections::{HashMap as Counts, HashSet as Pages};

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::freeblock_of;
use crate::engine::fixed::TableCheck;
use crate::engine::hash::bucket::{Loaded, listed};
use crate::engine::hash::directory::{Bucket, Entry};
use crate::engine::hash::position::position;
use crate::engine::hash::table::{Table, count_down};
use crate::engine::verify::OverflowChecks;

/// The sums over all pages.
#[derive(Default)]
struct Sums {
    overflow: OverflowChecks,
    entries: u64,
    bytes: u64,
    chained: u64,
    pages: u32,
    layouts: Counts<LayoutId, u32>,
}

pub(crate) fn verify<M: Memory>(table: &Table<M>) -> Result<()> {
    let (state, root, buckets) = (table.root.state(), table.root.page(), table.buckets());
    let mut sums = Sums { pages: 1, ..Sums::default() };
    if state.top.get().is_none() != (buckets == 0) || state.top.get().is_none() != (state.height.get() == 0) {
        return Err(table.root.damaged(root, Damage::NoTree));
    }
    if buckets > 0 {
        sums.pages += table.verify_branches(None, 0)?;
        check_buckets(table, &mut sums)?;
    }
    if sums.entries != state.len.get() {
        return Err(table.root.damaged(root, Damage::EntryCount));
    }
    if sums.bytes != state.bytes.get() || sums.chained != table.chained() {
        return Err(table.root.damaged(root, Damage::ByteCount));
    }
    if sums.pages != state.pages.get() {
        return Err(table.root.damaged(root, Damage::PageCount));
    }
    let layouts = table.root.layouts().iter();
    let found = |index: LayoutId| sums.layouts.get(&index).copied().unwrap_or(0);
    if layouts.clone().any(|layout| table.root.pages_of(layout.index) != found(layout.index)) {
        return Err(table.root.damaged(root, Damage::LayoutPages));
    }
    Ok(())
}

/// Checks all buckets, and that they follow each other without a gap.
fn check_buckets<M: Memory>(table: &Table<M>, sums: &mut Sums) -> Result<()> {
    let (mut next, mut left, mut pages) = (Some(0), table.buckets(), Pages::new());
    while let Some(place) = next {
        let bucket = table.bucket(place)?;
        if bucket.start != place || !pages.insert(bucket.entry.page) || left == 0 {
            return Err(table.root.damaged(bucket.branch.page, Damage::DirectoryMismatch));
        }
        check_bucket(table, &bucket, sums)?;
        (next, left) = (bucket.end(), left - 1);
    }
    if left == 0 { Ok(()) } else { Err(table.root.damaged(table.root.page(), Damage::DirectoryMismatch)) }
}

fn check_bucket<M: Memory>(table: &Table<M>, bucket: &Bucket, sums: &mut Sums) -> Result<()> {
    let entry = bucket.entry;
    let (mut page, mut left) = (entry.page, table.most_pages());
    let mut keys = Vec::new();
    while page.is_some() {
        let loaded = table.load(page)?;
        if page == entry.page && entry != Entry::new(page, loaded.layout, loaded.header.next.get().is_some())
        {
            return Err(table.root.damaged(page, Damage::DirectoryMismatch));
        }
        check_page(table, bucket, &loaded, &mut keys, sums)?;
        page = loaded.header.next.get();
        left = count_down(left).on_page(&table.root, page)?;
    }
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() == count { Ok(()) } else { Err(table.root.damaged(entry.page, Damage::DuplicateKey)) }
}

#[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
fn check_page<M: Memory>(
    table: &Table<M>,
    bucket: &Bucket,
    loaded: &Loaded,
    keys: &mut Vec<Vec<u8>>,
    sums: &mut Sums,
) -> Result<()> {
    let (page, layout, mut cells, mut owned) = (loaded.page, loaded.layout, 0, 0);
    let mut check = TableCheck::new(&loaded.bytes[layout.marks()..layout.end()], layout.places);
    for index in 0..layout.places {
        if check.is_free(index) {
            if layout.cell.is_none() && Slot::at(&loaded.bytes, index) != Some(Slot(0)) {
                return Err(table.root.damaged(page, Damage::ControlBytes));
            }
            continue;
        }
        let (item, head) = table.item_at(loaded, index)?;
        if !bucket.holds(position(item.hash)) {
            return Err(table.root.damaged(page, Damage::WrongBucket));
        }
        check.entry(item.hash, index).on_page(&table.root, page)?;
        if !listed(&loaded.header).any(|layout| layout == item.layout) {
            return Err(table.root.damaged(page, Damage::UnlistedLayout));
        }
        keys.push(head.key_in(&item.cell).to_vec());
        sums.entries += 1;
        sums.bytes += head.entry_bytes();
        cells += item.cell.len();
        if item.owns {
            owned += 1;
            sums.chained += head.value_len as u64;
            sums.pages += sums.overflow.check(table.root.pager(), head.page, head.value_len)?;
        }
    }
    check.finish().on_page(&table.root, page)?;
    sums.pages += 1;
    listed(&loaded.header).for_each(|layout| *sums.layouts.entry(layout).or_default() += 1);
    if owned != usize::from(loaded.header.overflows) {
        return Err(table.root.damaged(page, Damage::OverflowCount));
    }
    if layout.cell.is_some() {
        return Ok(());
    }
    check_space(loaded, cells).on_page(&table.root, page)
}

/// Checks that cells, freeblocks and table of a slotted page account for every byte, and that no
/// two of them overlap.
fn check_space(loaded: &Loaded, cells: usize) -> Result<(), Damage> {
    let (header, bytes) = (&loaded.header, &loaded.bytes);
    let (lowest, fragmented) = (usize::from(header.cells), usize::from(header.fragmented));
    let gaps = PAGE_SIZE.checked_sub(lowest + cells).ok_or(Damage::CellsOverlap)?;
    if loaded.layout.end() > lowest || gaps != fragmented {
        return Err(Damage::CellsOverlap);
    }
    let (mut freeblock, mut left) = (usize::from(header.freeblock), fragmented);
    while freeblock != 0 {
        let record = bytes.get(freeblock..).and_then(<[u8]>::first_chunk).filter(|_| freeblock >= lowest);
        let record = record.ok_or(Damage::FreeblockOutOfRange)?;
        let [next, len] = freeblock_of(*record).map(usize::from);
        left = left.checked_sub(len.max(1)).ok_or(Damage::FragmentedBytes)?;
        let covers = |slot: Slot| slot.place() < freeblock + len && freeblock <= slot.place();
        let (slots, _) = bytes.get(HEADER_SIZE..loaded.layout.marks()).unwrap_or_default().as_chunks();
        if slots.iter().any(|slot| covers(Slot(u16::from_le_bytes(*slot)))) {
            return Err(Damage::CellsOverlap);
        }
        freeblock = next;
    }
    Ok(())
}
