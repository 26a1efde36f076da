//! Room for a new entry: a free slot in one of its bucket's pages, a page that is packed anew, or
//! another page.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{LayoutId, PAGE_SIZE, PageBytes, PageNumber};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::{Form, SLOT};
use crate::engine::hash::bucket::listed;
use crate::engine::hash::directory::Entry;
use crate::engine::hash::incoming::New;
use crate::engine::hash::position::position;
use crate::engine::hash::reader::BucketReader;
use crate::engine::hash::stats::Change;
use crate::engine::hash::table::Table;

/// Offset of the next page's number in a page's header.
const NEXT_AT: usize = 28;

/// The pages in which an entry may find room.
#[derive(Default)]
pub(crate) struct Room {
    /// The page and slot where the entry fits without packing.
    ready: Option<(PageNumber, usize)>,
    /// The page where the entry may fit after packing.
    tight: Option<PageNumber>,
}

impl Room {
    /// Notes the room that a page has for an entry.
    pub(crate) fn look<M: Memory>(
        &mut self,
        reader: &BucketReader<'_, M>,
        free: Option<usize>,
        new: &New<'_>,
    ) {
        let (header, current) = (&reader.header, reader.table.root.current());
        let fits = |listed: LayoutId| listed == current || listed == LayoutId::NONE;
        if self.ready.is_some() || !header.layouts.iter().any(|listed| fits(listed.get())) {
            return;
        }
        let len = new.format.len(new.key.len(), new.value.len());
        let gap = usize::from(header.cells).min(PAGE_SIZE).saturating_sub(reader.layout.end());
        let is_ready = match reader.layout.cell {
            Some(_) => header.layouts[0].get() == current && new.format.form != Form::Overflow,
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
        if let Some((page, index)) = room.ready {
            let check = || {
                self.check_page(entry.page)?;
                let room = BucketReader::open(self, page, bytes)?.room(new.hash)?;
                if room == Some(index) { Ok(()) } else { Err(self.root.damaged(page, Damage::DetachedInUse)) }
            };
            let new = self.chain_for(new, 0, &mut change, check)?;
            let mut reader = self.or_free(new, BucketReader::open(self, page, bytes))?;
            let put = reader.put(index, new.hash, new.format, new.key, new.chain, new.value);
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
            if self.fits(&items) {
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
        let packed = self.pack(&mut vec![item]);
        for layout in packed.iter().flat_map(|packed| listed(&packed.header)) {
            self.count(layout, 1)?;
        }
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
}
