//! Verification of a whole map, for tests and tools. It reads every page.

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::fixed::TableCheck;
use crate::engine::hash::bucket::{Loaded, listed};
use crate::engine::hash::directory::{Bucket, Entry};
use crate::engine::hash::position::position;
use crate::engine::hash::table::{Table, count_down};
use crate::engine::verify::{Audit, Space, check_space, position_of};

impl<M: Memory> Table<M> {
    /// Checks all pages and counters.
    pub(crate) fn verify(&self) -> Result<()> {
        self.check(&mut Audit::first())
    }

    /// Checks all pages, as a part of a larger check. After a fault the counters are not compared.
    pub(crate) fn check(&self, audit: &mut Audit<'_>) -> Result<()> {
        let (state, root, buckets, before) =
            (self.root.state(), self.root.page(), self.buckets(), audit.count());
        let from = audit.begin_tree();
        let is_empty = state.top.get().is_none();
        if is_empty != (buckets == 0) || is_empty != (state.height.get() == 0) {
            return Err(self.root.damaged(root, Damage::NoTree));
        }
        if buckets > 0 {
            if from.is_none() {
                let branches = self.verify_branches(None, 0, audit);
                audit.add_pages(branches)?;
            }
            let walked = check_buckets(self, position_of(from), audit);
            audit.note(walked)?;
        }
        if audit.count() > before || audit.is_stopped() {
            return Ok(());
        }
        audit.compare(|counts| {
            let has_same_bytes = counts.bytes == state.bytes.get() && counts.overflow_bytes == self.chained();
            let entries = (counts.entries == state.len.get(), Damage::EntryCount);
            counts.compare(&self.root, &[entries, (has_same_bytes, Damage::ByteCount)])
        })
    }
}

/// Checks all buckets from a hash position on, and that they follow each other without a gap.
fn check_buckets<M: Memory>(table: &Table<M>, from: u64, audit: &mut Audit<'_>) -> Result<()> {
    // Damaged branches may lead to one bucket from many hash positions.
    let most = table.root.pager().heads().pages.get();
    let has_changed = audit.has_changed();
    let mut left = match has_changed {
        // It is not known how many of them are behind the position.
        true => most,
        false => {
            let checked = u32::try_from(audit.counts.leaves).unwrap_or(u32::MAX);
            table.buckets().min(most).saturating_sub(checked)
        }
    };
    let mut next = Some(from);
    while let Some(place) = next {
        let bucket = table.bucket(place)?;
        // The bucket at the position may have been merged with the one before.
        let begins = bucket.start == place || (has_changed && place == from);
        if !begins || left == 0 {
            return Err(table.root.damaged(bucket.branch.page, Damage::DirectoryMismatch));
        }
        table.check_run(bucket.branch, bucket.start, bucket.depth, bucket.entry)?;
        let checked = check_bucket(table, &bucket, audit);
        audit.note(checked)?;
        audit.counts.leaves = audit.counts.leaves.saturating_add(1);
        (next, left) = (bucket.end(), left - 1);
        if next.is_some_and(|next| audit.stops_before(&next.to_be_bytes())) {
            return Ok(());
        }
    }
    if left == 0 || has_changed {
        Ok(())
    } else {
        Err(table.root.damaged(table.root.page(), Damage::DirectoryMismatch))
    }
}

fn check_bucket<M: Memory>(table: &Table<M>, bucket: &Bucket, audit: &mut Audit<'_>) -> Result<()> {
    let entry = bucket.entry;
    let (mut page, mut left) = (entry.page, table.most_pages());
    let mut keys = Vec::new();
    while page.is_some() {
        let loaded = table.load(page)?;
        if page == entry.page && entry != Entry::new(page, loaded.layout, loaded.header.next.get().is_some())
        {
            return Err(table.root.damaged(page, Damage::DirectoryMismatch));
        }
        audit.claim(page).map_err(|_| table.root.damaged(bucket.branch.page, Damage::DirectoryMismatch))?;
        audit.leaf(page, (0, 0));
        let checked = check_page(table, bucket, &loaded, &mut keys, audit);
        audit.note(checked)?;
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
    audit: &mut Audit<'_>,
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
        let counts = &mut audit.counts;
        counts.entries = counts.entries.saturating_add(1);
        counts.bytes = counts.bytes.saturating_add(head.entry_bytes());
        cells += item.cell.len();
        if item.owns {
            owned += 1;
            counts.overflow_bytes = counts.overflow_bytes.saturating_add(head.value_len as u64);
            let pages = audit.overflow(table.root.pager(), head.page, head.value_len);
            audit.add_pages(pages)?;
        }
    }
    check.finish().on_page(&table.root, page)?;
    audit.counts.add_page(listed(&loaded.header));
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
