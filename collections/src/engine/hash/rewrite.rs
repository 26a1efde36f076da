//! Rewriting a page of a bucket, with as many linked pages as its entries need.

use graven_core::page::PageNumber;
use graven_core::page::node::NodeHeader;
use graven_core::{Memory, Result};

use crate::engine::hash::bucket::{BuiltPage, Loaded, OwnedEntry};
use crate::engine::hash::directory::Entry;
use crate::engine::hash::table::Table;

impl<M: Memory> Table<M> {
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
        self.count_changed(Some(&loaded.header), &packed)?;
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
