//! Verification of a whole map, for tests and tools. It reads every page.

use graven_core::page::{LayoutId, PAGE_SIZE};
use std::collections::{HashMap as Counts, HashSet as Pages};

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::freeblock_of;
use crate::engine::hash::bucket::{Loaded, listed};
use crate::engine::hash::directory::{Bucket, Entry};
use crate::engine::hash::group;
use crate::engine::hash::group::{FREE, Groups, MAX_OVERFLOW_COUNT, overflow_count_at, passed};
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
    let mut overflow_count = vec![[0u32; 2]; group::groups(layout.places)];
    for index in 0..layout.places {
        let control_byte = loaded.bytes[layout.control_byte(index)];
        if control_byte == FREE {
            if layout.cell.is_none() && Slot::at(&loaded.bytes, index) != Some(Slot(0)) {
                return Err(table.root.damaged(page, Damage::ControlBytes));
            }
            continue;
        }
        let (item, head) = table.item_at(loaded, index)?;
        if !bucket.holds(position(item.hash)) {
            return Err(table.root.damaged(page, Damage::WrongBucket));
        }
        if control_byte != group::control_byte(item.hash) || !is_found(loaded, item.hash, index) {
            return Err(table.root.damaged(page, Damage::WrongBucket));
        }
        if !listed(&loaded.header).any(|layout| layout == item.layout) {
            return Err(table.root.damaged(page, Damage::UnlistedLayout));
        }
        for group in passed(item.hash, layout.places, index) {
            let Some([low, high]) = overflow_count.get_mut(group) else { continue };
            *(if item.hash >> 63 == 0 { low } else { high }) += 1;
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
    check_table(loaded, &overflow_count).on_page(&table.root, page)?;
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

/// Checks that each group counts the entries whose search passes it, and that nothing after the
/// last slot is taken.
#[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
fn check_table(loaded: &Loaded, overflow_count: &[[u32; 2]]) -> Result<(), Damage> {
    let layout = loaded.layout;
    let table = &loaded.bytes[layout.marks()..layout.end()];
    for (at, expected) in overflow_count.iter().enumerate() {
        let is_so = |hash: u64, expected: u32| {
            let counted = group::counted(table[overflow_count_at(at)], hash);
            counted == MAX_OVERFLOW_COUNT || u32::from(counted) == expected
        };
        let [low, high] = *expected;
        if !is_so(0, low) || !is_so(1 << 63, high) {
            return Err(Damage::ControlBytes);
        }
    }
    let last = overflow_count_at(overflow_count.len() - 1);
    let rest = layout.control_byte(layout.places - 1) + 1 - layout.marks();
    if table[rest..last].iter().any(|control_byte| *control_byte != FREE) {
        return Err(Damage::ControlBytes);
    }
    Ok(())
}

/// Returns `true` if a search for a hash reaches a slot.
#[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
fn is_found(loaded: &Loaded, hash: u64, index: usize) -> bool {
    let (layout, bytes) = (loaded.layout, &loaded.bytes);
    let mut groups = Groups::new(hash, layout.places);
    // The search visits no group after one whose overflow count is 0.
    let last = groups.find(|group| {
        *group == index / group::GROUP
            || group::counted(bytes[layout.marks() + overflow_count_at(*group)], hash) == 0
    });
    last == Some(index / group::GROUP)
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
