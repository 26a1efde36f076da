//! A new entry, and room for it: a free slot in one of its bucket's pages, a page that is packed
//! anew, or another page. The overflow pages of its value are written before the entry, and freed
//! if the entry cannot be written.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{LayoutId, PAGE_SIZE, PageBytes, PageNumber, extent};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::SLOT;
use crate::engine::fixed::Free;
use crate::engine::hash::bucket::NEXT_AT;
use crate::engine::hash::directory::Entry;
use crate::engine::hash::position::position;
use crate::engine::hash::reader::{BucketReader, New};
use crate::engine::hash::table::Change;
use crate::engine::hash::table::Table;

/// The pages in which an entry may find room.
#[derive(Default)]
pub(crate) struct Room {
    /// The page and slot where the entry fits without packing.
    ready: Option<(PageNumber, Free)>,
    /// The page where the entry may fit after packing.
    tight: Option<PageNumber>,
}

impl Room {
    /// Notes the room that a page has for an entry.
    pub(crate) fn look<M: Memory>(
        &mut self,
        reader: &BucketReader<'_, M>,
        free: Option<Free>,
        new: &New<'_>,
    ) {
        let (header, current) = (&reader.header, reader.table.root.current());
        let fits = |listed: LayoutId| listed == current || listed == LayoutId::NONE;
        if self.ready.is_some() || !header.layouts.iter().any(|listed| fits(listed.get())) {
            return;
        }
        let len = new.cell_len();
        let gap = usize::from(header.cells).min(PAGE_SIZE).saturating_sub(reader.layout.end());
        let is_ready = match reader.layout.cell {
            Some(_) => header.layouts[0].get() == current && !new.owns(),
            None => gap >= len,
        };
        if let (Some(free), true) = (free, is_ready) {
            self.ready = Some((reader.page, free));
        }
        let spare = gap + usize::from(header.fragmented);
        let may_fit = match reader.layout.cell {
            // A slotted page has no more slots for the same entries.
            Some(_) => free.is_some(),
            None => spare >= len + if free.is_some() { 0 } else { SLOT },
        };
        if self.tight.is_none() && may_fit {
            self.tight = Some(reader.page);
        }
    }
}

impl<M: Memory> Table<M> {
    /// Writes a new entry where room was found, or packs a page anew for it. Otherwise, if
    /// `may_link`, writes it to a page of its own. Returns `false` if it was not written.
    pub(crate) fn put_new(
        &self,
        entry: Entry,
        bytes: &mut PageBytes,
        room: Room,
        new: New<'_>,
        may_link: bool,
    ) -> Result<bool> {
        let len = (new.key.len() + new.value.len()) as i64;
        let mut change = Change { entries: 1, bytes: len, ..Change::default() };
        if let Some((page, free)) = room.ready {
            let check = || {
                self.check_page(entry.page)?;
                let room = BucketReader::open(self, page, bytes)?.room(new.hash)?;
                if room == Some(free) { Ok(()) } else { Err(self.root.damaged(page, Damage::DetachedInUse)) }
            };
            let new = self.chain_for(new, 0, &mut change, check)?;
            let mut reader = self.or_free(new, BucketReader::open(self, page, bytes))?;
            let put = reader.put(free, &new);
            return match self.or_free(new, put)? {
                true => self.settle(change),
                false => self.or_free(new, self.put_linked(entry, new, change)),
            }
            .map(|()| true);
        }
        if let Some(page) = room.tight {
            let loaded = self.load(page)?;
            let mut items = self.items(&loaded)?;
            items.push(self.item(new.hash, new.key, new.chain, new.value));
            if self.runs(&items).len() == 1 {
                let check = || self.check_same(page, &loaded.header);
                let new = self.chain_for(new, 1, &mut change, check)?;
                items.pop();
                items.push(self.item(new.hash, new.key, new.chain, new.value));
                change.pages +=
                    self.or_free(new, self.rewrite((position(new.hash), entry), &loaded, items))?;
                return self.settle(change).map(|()| true);
            }
        }
        if may_link {
            let new = self.chain_for(new, 1, &mut change, || self.check_page(entry.page))?;
            self.or_free(new, self.put_linked(entry, new, change))?;
        }
        Ok(may_link)
    }

    /// Writes an entry to a page of its own, linked after the first one of its bucket.
    fn put_linked(&self, entry: Entry, new: New<'_>, mut change: Change) -> Result<()> {
        let item = self.item(new.hash, new.key, new.chain, new.value);
        let mut next = [0; 4];
        let pager = self.root.pager();
        pager.read(entry.page, NEXT_AT, &mut next)?;
        let page = pager.allocate()?;
        let packed = self.pack(&mut [item]);
        self.count_changed(&[], &packed)?;
        self.write_chain(packed, &[page], PageNumber::from_le_bytes(next))?;
        pager.write(entry.page, NEXT_AT, &page.to_le_bytes())?;
        if !entry.is_linked() {
            self.set_entry(position(new.hash), entry.linked(true))?;
        }
        change.pages += 1;
        self.settle(change)
    }

    /// Checks that a page is still a bucket page of this map.
    fn check_page(&self, page: PageNumber) -> Result<()> {
        let mut head = [0; HEADER_SIZE];
        self.root.pager().read(page, 0, &mut head)?;
        self.layout(page, &head).map(drop)
    }

    /// Reserves `more` pages, and writes the value to overflow pages if its format says so. Runs
    /// `check` in between if the reservation may have freed pages that were read before. Returns
    /// the entry with its overflow page.
    pub(crate) fn chain_for<'a>(
        &self,
        new: New<'a>,
        more: u32,
        change: &mut Change,
        check: impl FnOnce() -> Result<()>,
    ) -> Result<New<'a>> {
        let pages = if new.owns() { extent::pages_for(new.value.len()) } else { 0 };
        if self.reserve(pages.saturating_add(more))? {
            check()?;
        }
        if !new.owns() {
            return Ok(new);
        }
        let (chain, pages) = self.root.pager().write_overflow(new.value)?;
        change.chained += new.value.len() as i64;
        change.pages += i64::from(pages);
        Ok(New { chain, ..new })
    }

    /// Returns `put`. If it is an error, frees the overflow pages of the value first.
    pub(crate) fn or_free<T>(&self, new: New<'_>, put: Result<T>) -> Result<T> {
        if put.is_err() && new.chain.is_some() {
            self.root.pager().free_overflow(new.chain)?;
        }
        put
    }
}
