//! Inserting and overwriting. In a fixed page a cell and its control byte are written; in a slotted
//! one a slot and the header as well. Behind a full group the groups that are passed count the
//! entry. A page without room is packed anew, or gets another one behind it.
//!
//! Whatever can fail comes first: reading, running the user's conversions, making room. Then all is
//! written.

use graven_core::page::extent;
use graven_core::page::node::{HEADER_SIZE, NO_LAYOUT};
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::{Memory, Result};

use crate::engine::cell::StoredValue;
use crate::engine::cell::{CellFormat, Form, SLOT, Sizes};
use crate::engine::hash::bucket::{Loaded, OwnedEntry, fixed_cell, listed, new_format};
use crate::engine::hash::directory::Entry;
use crate::engine::hash::fixed;
use crate::engine::hash::fixed::{FixedBucket, SHORT_CELL, lend};
use crate::engine::hash::group::{GROUP, control_byte};
use crate::engine::hash::position::position;
use crate::engine::hash::reader::{BucketReader, Hit, pass};
use crate::engine::hash::table::{Table, broken, count_down, wrong};

/// Offset in a page's header of the page that follows.
const NEXT_AT: usize = 28;

/// An entry on its way in.
#[derive(Clone, Copy)]
pub(crate) struct New<'a> {
    pub(crate) hash: u64,
    pub(crate) key: &'a [u8],
    pub(crate) value: &'a [u8],
    format: CellFormat,
    /// The chain of the value, once it is written.
    chain: u32,
}

/// The changes of an operation to the statistics.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Change {
    pub(crate) entries: i64,
    /// Bytes of keys and values.
    pub(crate) bytes: i64,
    /// Bytes of values in chains.
    pub(crate) chained: i64,
    pub(crate) pages: i64,
}

/// The result of an insert.
enum Inserted<R> {
    /// The entry is there, in the place of an old one if there was one; and whether its bucket has
    /// more pages for it.
    In(Option<R>, bool),
    /// Nothing has changed: the bucket has no room for it.
    Full,
}

/// Pages in which an entry may find room.
#[derive(Default)]
struct Room {
    /// It fits as things are, at this place.
    ready: Option<(u32, usize)>,
    /// It may fit once the page is packed anew.
    tight: Option<u32>,
}

impl<M: Memory> Table<M> {
    /// Sets the value of `key`; gives whether there was one. Not folded into its callers, for they
    /// are many.
    #[inline(never)]
    pub(crate) fn insert(&self, sizes: Sizes, key: &[u8], value: &[u8]) -> Result<bool> {
        let old = match self.insert_near(sizes, key, value, |_| Ok(())) {
            Some(old) => old?,
            None => self.insert_far(sizes, key, value, |_| Ok(()))?,
        };
        Ok(old.is_some())
    }

    /// Sets the value of `key` where the bucket is one page that is known to be fixed and has room;
    /// else `None`, and nothing has changed. `replaced` sees the value that was there before
    /// anything is written.
    #[inline(always)]
    pub(crate) fn insert_near<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        value: &[u8],
        replaced: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Option<Result<Option<R>>> {
        let fixed = FixedBucket::of(sizes)?;
        let hash = self.hash(sizes, key);
        let page = self.page_to_write(hash);
        if page == 0 || value.len() != fixed.value {
            return None;
        }
        self.insert_in(fixed, page, hash, (key, value), replaced).transpose()
    }

    /// Inserts into a fixed page. Returns `None` if it has no room.
    #[inline(always)]
    fn insert_in<R>(
        &self,
        fixed: FixedBucket,
        page: u32,
        hash: u64,
        (key, value): (&[u8], &[u8]),
        replaced: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<Option<R>>> {
        let pager = self.root.pager();
        let Some(page_ref) = pager.find(page) else { return Err(pager.missing(page)) };
        lend!(self, fixed.len, cell, long);
        let old = match fixed.seek(page_ref, cell, key, hash)? {
            fixed::Sought::Hit { group, place, .. } => {
                let (old, index) = (replaced(self.found_cached(fixed, page, cell))?, group * GROUP + place);
                page_ref.write(fixed_cell(index, fixed.len) + fixed.key, value)?;
                Some(old)
            }
            fixed::Sought::Miss { free } => {
                let (page_ref, free) = match free {
                    Some(free) => (page_ref, free),
                    None => match self.room_for(fixed, page_ref, hash)? {
                        Some(room) => room,
                        None => return Ok(None),
                    },
                };
                fixed.write(page_ref, fixed_cell(free.index(), fixed.len), cell, key, value)?;
                if free.is_behind {
                    pass(page_ref, fixed.layout(), hash, free.group, true)?;
                }
                page_ref.write(free.control_byte(), &[control_byte(hash)])?;
                self.root.count_one(fixed.key + fixed.value);
                None
            }
        };
        if fixed.len > SHORT_CELL {
            self.cell.set(long);
        }
        Ok(Some(old))
    }

    /// Inserts through the directory, into a bucket of any kind.
    #[inline(never)]
    pub(crate) fn insert_far<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        value: &[u8],
        replaced: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let hash = self.hash(sizes, key);
        let place = position(hash);
        if self.is_bare() {
            self.plant()?;
        }
        let new = New { hash, key, value, format: new_format(sizes, key.len(), value.len()), chain: 0 };
        let (mut replaced, mut is_last) = (Some(replaced), false);
        loop {
            let entry = self.entry(place)?;
            let done = self
                .root
                .pager()
                .with_scratch(|bytes| self.insert_chain(sizes, entry, bytes, new, is_last, &mut replaced))?;
            match done {
                Inserted::In(old, is_longer) => {
                    if is_longer {
                        // The entry is in its place without it.
                        let _ = self.split(place);
                    }
                    return Ok(old);
                }
                Inserted::Full => is_last = !self.split(place)?,
            }
        }
    }

    /// Makes the first bucket, without entries.
    fn plant(&self) -> Result<()> {
        let pager = self.root.pager();
        pager.reserve(2)?;
        let page = pager.allocate()?;
        let packed = self.empty();
        let entry = Entry::new(page, packed.layout, false);
        for layout in listed(&packed.header) {
            self.count(layout, 1)?;
        }
        self.write_chain(vec![packed], &[page], 0)?;
        let mut state = self.plant_directory(self.root.state(), entry)?;
        state.pages = state.pages.get().saturating_add(1).into();
        self.set_extra(self.seed(), 1, 0)?;
        self.root.set_state(state)
    }

    /// A page more is put behind those of the bucket only if `may_link`.
    #[inline(never)]
    fn insert_chain<R>(
        &self,
        sizes: Sizes,
        entry: Entry,
        bytes: &mut PageBytes,
        new: New<'_>,
        may_link: bool,
        replaced: &mut Option<impl FnOnce(StoredValue<'_>) -> Result<R>>,
    ) -> Result<Inserted<R>> {
        let (mut page, mut left, mut room) = (entry.page, self.most_pages(), Room::default());
        while page != 0 {
            let mut reader = BucketReader::open(self, page, bytes)?;
            let sought = reader.seek(sizes, new.key, new.hash)?;
            if let Some(hit) = sought.hit {
                let found = reader.found(&hit)?;
                let old = replaced.take().map(|replaced| replaced(found)).transpose()?;
                let is_longer = self.replace(entry, &mut reader, &hit, new)?;
                return Ok(Inserted::In(old, is_longer));
            }
            let free = match sought.free {
                Some(free) => Some(free),
                None => reader.room(new.hash)?,
            };
            room.look(&reader, free, &new);
            page = reader.header.next.get();
            left = count_down(left, page)?;
        }
        let is_put = self.put_new(entry, bytes, room, new, may_link)?;
        Ok(if is_put { Inserted::In(None, false) } else { Inserted::Full })
    }

    /// Reserves `more` pages and writes the chain of a value that is to be in one. `check` runs
    /// between, if making room may have taken apart what was read before.
    fn chain_for<'a>(
        &self,
        new: New<'a>,
        more: u32,
        change: &mut Change,
        check: impl FnOnce() -> Result<()>,
    ) -> Result<New<'a>> {
        let is_chained = new.format.form == Form::Overflow;
        let pages = if is_chained { extent::pages_for(new.value.len()) } else { 0 };
        if self.reserve(pages.saturating_add(more))? {
            check()?;
        }
        if !is_chained {
            return Ok(new);
        }
        let (chain, pages) = self.root.pager().write_overflow(new.value)?;
        change.chained += new.value.len() as i64;
        change.pages += i64::from(pages);
        Ok(New { chain, ..new })
    }

    /// Checks that a page still is one of this map's buckets.
    fn check_page(&self, page: u32) -> Result<()> {
        let mut head = [0; HEADER_SIZE];
        self.root.pager().read(page, 0, &mut head)?;
        self.layout(page, &head).map(drop)
    }

    /// Puts an entry where room was found, or packs a page anew for it; else, if `may_link`, into a
    /// page of its own. False if nothing of that was done.
    fn put_new(
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
                if room == Some(index) { Ok(()) } else { Err(wrong(page, "it is in use and detached")) }
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

    /// Frees the chain of a value that could not be put anywhere.
    fn or_free<T>(&self, new: New<'_>, put: Result<T>) -> Result<T> {
        if put.is_err() && new.chain != 0 {
            self.root.pager().free_overflow(new.chain)?;
        }
        put
    }

    /// Puts an entry into a page of its own, behind the first one of its bucket.
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
        self.write_chain(packed, &[page], u32::from_le_bytes(next))?;
        pager.write(entry.page, NEXT_AT, &page.to_le_bytes())?;
        if !entry.is_linked() {
            self.set_entry(position(new.hash), entry.linked(true))?;
        }
        change.pages += 1;
        self.settle(change)
    }

    /// Writes an entry in the place of one with the same key.
    /// Gives whether its bucket has more pages now.
    fn replace(
        &self,
        entry: Entry,
        reader: &mut BucketReader<'_, M>,
        hit: &Hit,
        new: New<'_>,
    ) -> Result<bool> {
        let old = if hit.slot.owns() { hit.head.value_len as i64 } else { 0 };
        let bytes = new.value.len() as i64 - hit.head.value_len as i64;
        let mut change = Change { bytes, chained: -old, ..Change::default() };
        if reader.overwrite(hit, new.format, new.key, new.value)? {
            return self.settle(change).map(|()| false);
        }
        let freed = if hit.slot.owns() { Some(hit.head.page) } else { None };
        if let Some(chain) = freed {
            // Before anything is written: afterwards it has to be freed.
            change.pages -= i64::from(self.root.pager().check_overflow(chain)?);
        }
        let check = || self.check_same(reader.page, &reader.header);
        let new = self.chain_for(new, 2, &mut change, check)?;
        let more = self.or_free(new, self.put_instead(entry, reader, hit, new))?;
        change.pages += more;
        self.root.pager().free_overflows(freed)?;
        self.settle(change).map(|()| more > 0)
    }

    /// Writes an entry in the place of one with the same key, into its page or into others behind
    /// it as well. Gives how many more pages there are.
    fn put_instead(
        &self,
        entry: Entry,
        reader: &mut BucketReader<'_, M>,
        hit: &Hit,
        new: New<'_>,
    ) -> Result<i64> {
        if reader.swap(hit, new.format, new.key, new.chain, new.value)? {
            return Ok(0);
        }
        let loaded = self.load(reader.page)?;
        let mut items = self.items(&loaded)?;
        self.put_among(&mut items, new)?;
        self.rewrite((position(new.hash), entry), &loaded, items)
    }

    /// Puts an entry in the place of that with the same key among those of its page.
    fn put_among(&self, items: &mut [OwnedEntry<'_>], new: New<'_>) -> Result<()> {
        for item in items.iter_mut().filter(|item| item.hash == new.hash) {
            let key = self.head(item)?.key();
            if item.cell.get(key) == Some(new.key) {
                *item = self.item(new.hash, new.key, new.chain, new.value);
                return Ok(());
            }
        }
        Err(broken(self.root.page()))
    }

    /// Packs entries into a page and as many more as it needs, which follow it. Gives how many
    /// more.
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
        let written = Entry::new(loaded.page, layout, more > 0 || next != 0);
        if entry.page == loaded.page && entry != written {
            self.set_entry(place, written)?;
        }
        Ok(more as i64)
    }

    /// Brings the statistics up to date.
    pub(crate) fn settle(&self, change: Change) -> Result<()> {
        if change.chained != 0 {
            self.set_chained(self.chained().saturating_add_signed(change.chained))?;
        }
        let mut state = self.root.state();
        state.len = state.len.get().saturating_add_signed(change.entries).into();
        state.bytes = state.bytes.get().saturating_add_signed(change.bytes).into();
        let pages = i64::from(state.pages.get()).saturating_add(change.pages);
        state.pages = u32::try_from(pages.max(0)).unwrap_or(u32::MAX).into();
        self.root.set_state(state)
    }
}

impl Room {
    /// Looks whether a page has room for an entry.
    fn look<M: Memory>(&mut self, reader: &BucketReader<'_, M>, free: Option<usize>, new: &New<'_>) {
        let (header, current) = (&reader.header, reader.table.root.current());
        let fits = |listed: u16| listed == current || listed == NO_LAYOUT;
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
            // No kind of page has more places for the same entries.
            Some(_) => free.is_some(),
            None => spare >= len + if free.is_some() { 0 } else { SLOT },
        };
        if self.tight.is_none() && may_fit {
            self.tight = Some(reader.page);
        }
    }
}
