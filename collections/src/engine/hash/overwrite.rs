//! Replacing an entry with one of the same key, and rewriting a page of a bucket with as many
//! linked pages as its entries need.

use graven_core::page::PageNumber;
use graven_core::page::node::NodeHeader;
use graven_core::{Damage, Memory, Result};

use crate::engine::hash::bucket::{BuiltPage, Loaded, OwnedEntry};
use crate::engine::hash::directory::Entry;
use crate::engine::hash::position::position;
use crate::engine::hash::reader::{BucketReader, Hit, New};
use crate::engine::hash::table::Change;
use crate::engine::hash::table::Table;

impl<M: Memory> Table<M> {
    /// Replaces an entry with one of the same key. Returns `true` if its bucket has more pages now.
    pub(crate) fn replace(
        &self,
        entry: Entry,
        reader: &mut BucketReader<'_, M>,
        hit: &Hit,
        new: New<'_>,
    ) -> Result<bool> {
        let old = if hit.slot.owns() { hit.head.value_len as i64 } else { 0 };
        let bytes = new.value.len() as i64 - hit.head.value_len as i64;
        let mut change = Change { bytes, chained: -old, ..Change::default() };
        if reader.overwrite(hit, &new)? {
            return self.settle(change).map(|()| false);
        }
        let freed = if hit.slot.owns() { Some(hit.head.page) } else { None };
        if let Some(chain) = freed {
            // Checked before anything is written, because the pages have to be freed afterwards.
            change.pages -= i64::from(self.root.pager().check_overflow_of(chain, hit.head.value_len)?);
        }
        let check = || self.check_same(reader.page, &reader.header);
        let new = self.chain_for(new, 2, &mut change, check)?;
        let more = self.or_free(new, self.put_instead(entry, reader, hit, new, &mut change))?;
        self.root.pager().free_overflows(freed)?;
        self.settle(change).map(|()| more)
    }

    /// Writes an entry over one with the same key, into its page or into further linked pages as
    /// well. A page that is packed anew takes its other values along. Returns `true` if the bucket
    /// has more pages now.
    fn put_instead(
        &self,
        entry: Entry,
        reader: &mut BucketReader<'_, M>,
        hit: &Hit,
        new: New<'_>,
        change: &mut Change,
    ) -> Result<bool> {
        if reader.swap(hit, &new)? {
            return Ok(false);
        }
        let loaded = self.load(reader.page)?;
        let mut items = self.items(&loaded)?;
        self.put_among(&mut items, new)?;
        // The overflow pages of a large value are written, and defaults are code of the user.
        if new.chain.is_none() {
            change.bytes += self.convert_alongside(&mut items)?;
        }
        let more = self.rewrite((position(new.hash), entry), &loaded, items)?;
        change.pages += more;
        Ok(more > 0)
    }

    /// Replaces the entry with the same key among those of its page.
    fn put_among(&self, items: &mut [OwnedEntry<'_>], new: New<'_>) -> Result<()> {
        for item in items.iter_mut().filter(|item| item.hash == new.hash) {
            let key = self.head(item)?.key();
            if item.cell.get(key) == Some(new.key) {
                *item = self.item(new.hash, new.key, new.chain, new.value);
                return Ok(());
            }
        }
        Err(self.root.damaged(self.root.page(), Damage::CellOutOfRange))
    }

    /// Converts inline values whose conversion runs none of the user's code, in a page that a write
    /// packs anew, as leaves of trees do. Returns by how many bytes they have grown.
    fn convert_alongside(&self, items: &mut [OwnedEntry<'_>]) -> Result<i64> {
        let mut grown = 0;
        for item in items.iter_mut().filter(|item| !item.owns) {
            let Some(plan) = self.root.structural_plan(item.layout) else { continue };
            let head = self.head(item)?;
            let (key, old) = (head.key_in(&item.cell), head.value_in(&item.cell));
            let Ok(value) = (self.convert)(plan, old) else { continue };
            let new = self.item(item.hash, key, PageNumber::NONE, &value);
            if !new.owns {
                grown += value.len() as i64 - old.len() as i64;
                *item = new;
            }
        }
        Ok(grown)
    }

    /// Packs entries into a page, and into as many linked pages after it as they need. Returns the
    /// number of added pages.
    #[expect(clippy::indexing_slicing, reason = "`pack` returns at least one page")]
    pub(crate) fn rewrite(
        &self,
        (place, entry): (u64, Entry),
        loaded: &Loaded,
        mut items: Vec<OwnedEntry<'_>>,
    ) -> Result<i64> {
        let packed = self.pack(&mut items);
        let more = packed.len() - 1;
        if self.reserve(more as u32)? {
            self.check_same(loaded.page, &loaded.header)?;
        }
        let mut pages = vec![loaded.page];
        for _ in 0..more {
            pages.push(self.root.pager().allocate()?);
        }
        let layout = packed[0].layout;
        let next = loaded.header.next.get();
        self.count_changed(&[&loaded.header], &packed)?;
        self.write_chain(packed, &pages, next)?;
        let written = Entry::new(loaded.page, layout, more > 0 || next.is_some());
        if entry.page == loaded.page && entry != written {
            self.set_entry(place, written)?;
        }
        Ok(more as i64)
    }

    /// Writes built pages to `pages`, one to each, and links them. `next` follows the last one.
    pub(crate) fn write_chain(
        &self,
        packed: Vec<BuiltPage>,
        pages: &[PageNumber],
        next: PageNumber,
    ) -> Result<()> {
        for (at, (mut packed, page)) in packed.into_iter().zip(pages).enumerate() {
            packed.header.next = pages.get(at + 1).copied().unwrap_or(next).into();
            *NodeHeader::of_mut(&mut packed.bytes) = packed.header;
            self.nodes.write_page(*page, packed.bytes)?;
        }
        Ok(())
    }
}
