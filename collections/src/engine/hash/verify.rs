//! Verification of a whole map, for tests and tools. It reads every page.

use graven_core::page::LayoutId;
use std::collections::HashMap as Counts;

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::fixed::TableCheck;
use crate::engine::hash::bucket::{Loaded, listed};
use crate::engine::hash::directory::{Bucket, Entry};
use crate::engine::hash::position::position;
use crate::engine::hash::table::{Table, count_down};
use crate::engine::verify::{Audit, Space, check_space};

/// The sums over all pages.
struct Sums<'a> {
    audit: &'a mut Audit,
    entries: u64,
    bytes: u64,
    chained: u64,
    pages: u32,
    layouts: Counts<LayoutId, u32>,
}

impl<M: Memory> Table<M> {
    /// Checks all pages and counters.
    pub(crate) fn verify(&self) -> Result<()> {
        self.check(&mut Audit::first())
    }

    /// Checks all pages, as a part of a larger check. After a fault the counters are not compared.
    pub(crate) fn check(&self, audit: &mut Audit) -> Result<()> {
        audit.begin_tree();
        let (state, root, buckets, before) =
            (self.root.state(), self.root.page(), self.buckets(), audit.count());
        let mut sums = Sums { audit, entries: 0, bytes: 0, chained: 0, pages: 1, layouts: Counts::new() };
        let is_empty = state.top.get().is_none();
        if is_empty != (buckets == 0) || is_empty != (state.height.get() == 0) {
            return Err(self.root.damaged(root, Damage::NoTree));
        }
        if buckets > 0 {
            let branches = self.verify_branches(None, 0, sums.audit);
            sums.pages += sums.audit.note(branches)?.unwrap_or(0);
            let walked = check_buckets(self, &mut sums);
            sums.audit.note(walked)?;
        }
        if sums.audit.count() > before {
            return Ok(());
        }
        let found = |index: LayoutId| sums.layouts.get(&index).copied().unwrap_or(0);
        let mut layouts = self.root.layouts().iter();
        let same = [
            (sums.entries == state.len.get(), Damage::EntryCount),
            (sums.bytes == state.bytes.get() && sums.chained == self.chained(), Damage::ByteCount),
            (sums.pages == state.pages.get(), Damage::PageCount),
            (
                layouts.all(|layout| self.root.pages_of(layout.index) == found(layout.index)),
                Damage::LayoutPages,
            ),
        ];
        match same.into_iter().find(|(is_same, _)| !is_same) {
            Some((_, reason)) => Err(self.root.damaged(root, reason)),
            None => Ok(()),
        }
    }
}

/// Checks all buckets, and that they follow each other without a gap.
fn check_buckets<M: Memory>(table: &Table<M>, sums: &mut Sums<'_>) -> Result<()> {
    // Damaged branches may lead to one bucket from many hash positions.
    let most = table.root.pager().heads().pages.get();
    let (mut next, mut left) = (Some(0), table.buckets().min(most));
    while let Some(place) = next {
        let bucket = table.bucket(place)?;
        if bucket.start != place || left == 0 {
            return Err(table.root.damaged(bucket.branch.page, Damage::DirectoryMismatch));
        }
        let checked = check_bucket(table, &bucket, sums);
        sums.audit.note(checked)?;
        (next, left) = (bucket.end(), left - 1);
    }
    if left == 0 { Ok(()) } else { Err(table.root.damaged(table.root.page(), Damage::DirectoryMismatch)) }
}

fn check_bucket<M: Memory>(table: &Table<M>, bucket: &Bucket, sums: &mut Sums<'_>) -> Result<()> {
    let entry = bucket.entry;
    let (mut page, mut left) = (entry.page, table.most_pages());
    let mut keys = Vec::new();
    while page.is_some() {
        let loaded = table.load(page)?;
        if page == entry.page && entry != Entry::new(page, loaded.layout, loaded.header.next.get().is_some())
        {
            return Err(table.root.damaged(page, Damage::DirectoryMismatch));
        }
        sums.audit
            .claim(page)
            .map_err(|_| table.root.damaged(bucket.branch.page, Damage::DirectoryMismatch))?;
        sums.audit.leaf(page, (0, 0));
        let checked = check_page(table, bucket, &loaded, &mut keys, sums);
        sums.audit.note(checked)?;
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
    sums: &mut Sums<'_>,
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
            let pages = sums.audit.overflow(table.root.pager(), head.page, head.value_len);
            sums.pages += sums.audit.note(pages)?.unwrap_or(0);
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
    check_slots(loaded, cells).on_page(&table.root, page)
}

/// Checks that cells, freeblocks and table of a slotted page account for every byte.
fn check_slots(loaded: &Loaded, cells: usize) -> Result<(), Damage> {
    let (header, bytes) = (&loaded.header, &loaded.bytes);
    let space = Space {
        end: loaded.layout.end(),
        lowest: header.cells.get().into(),
        fragmented: header.fragmented.get().into(),
        freeblock: header.freeblock.get().into(),
        cells,
        slots: bytes.get(HEADER_SIZE..loaded.layout.marks()).unwrap_or_default(),
    };
    check_space(bytes, &space)
}
