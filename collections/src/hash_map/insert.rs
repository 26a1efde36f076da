//! Inserting and overwriting. In a plain page a cell and its mark are written; in a mixed one a slot and the
//! header as well. A page without room is packed anew, or gets another one behind it.
//!
//! Whatever can fail comes first: reading, running the user's conversions, making room. Then all is written.

use graven_core::page::extent;
use graven_core::page::node::{HEADER_SIZE, NO_LAYOUT};
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::{Memory, Result};

use super::bucket::{Item, Loaded, PLACE, listed, new_format, plain_cell, plain_len};
use super::directory::Entry;
use super::group::mark;
use super::part::{Hit, Part, Sought};
use super::shape::Shape;
use super::table::{Plain, Table, broken, count_down, seek_plain};
use crate::btree_map::cell::{CellFormat, Form, Sizes, copy};
use crate::btree_map::tree::{Found, Place};

/// Offset in a page's header of the page that follows.
const NEXT_AT: usize = 28;

/// An entry on its way in.
#[derive(Clone, Copy)]
pub(super) struct New<'a> {
    pub(super) hash: u64,
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
    format: CellFormat,
    /// The chain of the value, once it is written.
    chain: u32,
}

/// What an operation changes in the statistics.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Change {
    pub(super) entries: i64,
    /// Bytes of keys and values.
    pub(super) bytes: i64,
    /// Bytes of values in chains.
    pub(super) chained: i64,
    pub(super) pages: i64,
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
    /// Sets the value of `key`. `replaced` sees the value that was there before anything is written.
    #[inline(always)]
    pub(crate) fn insert<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        value: &[u8],
        replaced: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let hash = self.hash(sizes, key);
        if self.is_bare() {
            self.plant()?;
        }
        let bucket = self.shape.get().bucket(hash);
        let entry = self.entry(bucket)?;
        self.root.pager().with_scratch(|bytes| {
            if let (Some(len), Some(key_size), true) = (plain_len(sizes), sizes.key, self.is_new())
                && entry.is_plain()
            {
                let (pager, page) = (self.root.pager(), entry.page);
                let located = pager.locate(page)?;
                match seek_plain(pager, located, bytes, entry.places(), len, key_size, key, hash) {
                    Some(Plain::Hit { index, .. }) => {
                        let at = plain_cell(index, len) + key_size;
                        let cell = bytes.get(at..at + value.len()).ok_or_else(|| broken(page))?;
                        let layout = self.root.newest();
                        let old = replaced(Found { page, layout, place: Place::Inline(cell) })?;
                        pager.write(page, at, value)?;
                        return Ok(Some(old));
                    }
                    Some(Plain::Miss { free }) if !entry.is_linked() => {
                        let at = plain_cell(free, len);
                        let cell = bytes.get_mut(at..at + len).ok_or_else(|| broken(page))?;
                        write_plain(cell, key, value);
                        pager.write(page, at, cell)?;
                        pager.write(page, HEADER_SIZE + free, &[mark(hash)])?;
                        self.count_in(sizes, (key_size + value.len()) as u64)?;
                        return Ok(None);
                    }
                    Some(_) => {}
                    None => return Err(broken(page)),
                }
            }
            let new = New { hash, key, value, format: new_format(sizes, key.len(), value.len()), chain: 0 };
            self.insert_chain(sizes, bucket, entry, bytes, new, replaced)
        })
    }

    /// Counts one more entry, and splits a bucket if that is due.
    #[inline(always)]
    fn count_in(&self, sizes: Sizes, bytes: u64) -> Result<()> {
        let mut state = self.root.state();
        // Counters of a damaged root may be anything; wherever they matter, they are checked.
        state.len = state.len.get().saturating_add(1).into();
        state.bytes = state.bytes.get().saturating_add(bytes).into();
        self.root.set_state(state)?;
        if self.used(sizes, state) > self.shape.get().most {
            self.grow();
        }
        Ok(())
    }

    /// Makes the first bucket, without entries.
    fn plant(&self) -> Result<()> {
        let pager = self.root.pager();
        pager.reserve(2)?;
        let page = pager.allocate()?;
        let packed = self.empty();
        let entry = Entry::new(page, packed.grid, false);
        for layout in listed(&packed.header) {
            self.count(layout, 1)?;
        }
        self.write_chain(vec![packed], &[page], 0)?;
        let mut state = self.push_entry(self.root.state(), 0, entry)?;
        state.pages = state.pages.get().saturating_add(1).into();
        self.set_extra(self.seed(), Shape::new(1), 0)?;
        self.root.set_state(state)
    }

    #[inline(never)]
    fn insert_chain<R>(
        &self,
        sizes: Sizes,
        bucket: u32,
        entry: Entry,
        bytes: &mut PageBytes,
        new: New<'_>,
        replaced: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let (mut page, mut left, mut room) = (entry.page, self.most_pages(), Room::default());
        while page != 0 {
            let mut part = Part::open(self, page, bytes)?;
            let sought = part.seek(sizes, new.key, new.hash)?;
            if let Some(hit) = sought.hit {
                let old = replaced(part.found(&hit)?)?;
                self.replace(bucket, entry, &mut part, &hit, new)?;
                return Ok(Some(old));
            }
            room.look(&part, &sought, &new);
            page = part.header.next.get();
            left = count_down(left, page)?;
        }
        self.put_new(bucket, entry, bytes, room, new)?;
        if self.used(sizes, self.root.state()) > self.shape.get().most {
            self.grow();
        }
        Ok(None)
    }

    /// Writes the chain of a value that is to be in one, and makes sure of `more` pages.
    fn chain_for<'a>(&self, new: New<'a>, more: u32, change: &mut Change) -> Result<New<'a>> {
        let pager = self.root.pager();
        if new.format.form != Form::Chain {
            pager.reserve(more)?;
            return Ok(new);
        }
        pager.reserve(extent::pages_for(new.value.len()).saturating_add(more))?;
        let (chain, pages) = pager.write_chain(new.value)?;
        change.chained += new.value.len() as i64;
        change.pages += i64::from(pages);
        Ok(New { chain, ..new })
    }

    fn put_new(
        &self,
        bucket: u32,
        entry: Entry,
        bytes: &mut PageBytes,
        room: Room,
        new: New<'_>,
    ) -> Result<()> {
        let len = (new.key.len() + new.value.len()) as i64;
        let mut change = Change { entries: 1, bytes: len, ..Change::default() };
        if let Some((page, index)) = room.ready {
            let new = self.chain_for(new, 0, &mut change)?;
            let mut part = Part::open(self, page, bytes)?;
            let put = part.put(index, new.hash, new.format, new.key, new.chain, new.value);
            if self.or_free(new, put)? {
                return self.settle(change);
            }
            return self.or_free(new, self.put_packed(bucket, entry, None, new, change));
        }
        let new = self.chain_for(new, 1, &mut change)?;
        self.or_free(new, self.put_packed(bucket, entry, room.tight, new, change))
    }

    /// Frees the chain of a value that could not be put anywhere.
    fn or_free<T>(&self, new: New<'_>, put: Result<T>) -> Result<T> {
        if put.is_err() && new.chain != 0 {
            self.root.pager().free_chain(new.chain)?;
        }
        put
    }

    /// Packs an entry into a page with those that are there, if it fits, or into a page of its own.
    fn put_packed(
        &self,
        bucket: u32,
        entry: Entry,
        tight: Option<u32>,
        new: New<'_>,
        mut change: Change,
    ) -> Result<()> {
        let item = self.item(new.hash, new.key, new.chain, new.value);
        if let Some(page) = tight {
            let loaded = self.load(page)?;
            let mut items = self.items(&loaded)?;
            items.push(item.clone());
            if self.fits(&items) {
                change.pages += self.rewrite(bucket, entry, &loaded, items)?;
                return self.settle(change);
            }
        }
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
            self.set_entry(self.root.state(), bucket, entry.linked(true))?;
        }
        change.pages += 1;
        self.settle(change)
    }

    /// Writes an entry in the place of one with the same key.
    fn replace(
        &self,
        bucket: u32,
        entry: Entry,
        part: &mut Part<'_, M>,
        hit: &Hit,
        new: New<'_>,
    ) -> Result<()> {
        let old = if hit.slot.owns() { hit.head.value_len as i64 } else { 0 };
        let bytes = new.value.len() as i64 - hit.head.value_len as i64;
        let mut change = Change { bytes, chained: -old, ..Change::default() };
        if part.overwrite(hit, new.format, new.key, new.value)? {
            return self.settle(change);
        }
        let freed = if hit.slot.owns() { Some(hit.head.page) } else { None };
        if let Some(chain) = freed {
            // Before anything is written: afterwards it has to be freed.
            change.pages -= i64::from(self.root.pager().check_chain(chain, 0)?);
        }
        let new = self.chain_for(new, 2, &mut change)?;
        change.pages += self.or_free(new, self.put_instead(bucket, entry, part, hit, new))?;
        self.root.pager().free_chains(freed)?;
        self.settle(change)
    }

    /// Writes an entry in the place of one with the same key, into its page or into others behind it as well. Gives
    /// how many more pages there are.
    fn put_instead(
        &self,
        bucket: u32,
        entry: Entry,
        part: &mut Part<'_, M>,
        hit: &Hit,
        new: New<'_>,
    ) -> Result<i64> {
        if part.swap(hit, new.format, new.key, new.chain, new.value)? {
            return Ok(0);
        }
        let loaded = self.load(part.page)?;
        let mut items = self.items(&loaded)?;
        self.put_among(&mut items, new)?;
        self.rewrite(bucket, entry, &loaded, items)
    }

    /// Puts an entry in the place of that with the same key among those of its page.
    fn put_among(&self, items: &mut [Item<'_>], new: New<'_>) -> Result<()> {
        for item in items.iter_mut().filter(|item| item.hash == new.hash) {
            let key = self.head(item)?.key();
            if item.cell.get(key) == Some(new.key) {
                *item = self.item(new.hash, new.key, new.chain, new.value);
                return Ok(());
            }
        }
        Err(broken(self.root.page()))
    }

    /// Packs entries into a page and as many more as it needs, which follow it. Gives how many more.
    pub(super) fn rewrite(
        &self,
        bucket: u32,
        entry: Entry,
        loaded: &Loaded,
        mut items: Vec<Item<'_>>,
    ) -> Result<i64> {
        let packed = self.pack(&mut items);
        let more = packed.len() - 1;
        self.root.pager().reserve(more as u32)?;
        let mut pages = vec![loaded.page];
        for _ in 0..more {
            pages.push(self.root.pager().allocate()?);
        }
        let grid = packed[0].grid;
        let next = loaded.header.next.get();
        self.count_changed(Some(&loaded.header), &packed)?;
        self.write_chain(packed, &pages, next)?;
        let written = Entry::new(loaded.page, grid, more > 0 || next != 0);
        if entry.page == loaded.page && entry != written {
            self.set_entry(self.root.state(), bucket, written)?;
        }
        Ok(more as i64)
    }

    /// Brings the statistics up to date.
    pub(super) fn settle(&self, change: Change) -> Result<()> {
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
    fn look<M: Memory>(&mut self, part: &Part<'_, M>, sought: &Sought, new: &New<'_>) {
        let (header, newest) = (&part.header, part.table.root.newest());
        let fits = |listed: u16| listed == newest || listed == NO_LAYOUT;
        if self.ready.is_some() || !header.layouts.iter().any(|listed| fits(listed.get())) {
            return;
        }
        let len = new.format.len(new.key.len(), new.value.len());
        let gap = usize::from(header.cells).min(PAGE_SIZE).saturating_sub(part.grid.end());
        let is_ready = match part.grid.cell {
            Some(_) => header.layouts[0].get() == newest && new.format.form != Form::Chain,
            None => gap >= len,
        };
        if let (Some(free), true) = (sought.free, is_ready) {
            self.ready = Some((part.page, free));
        }
        let spare = gap + usize::from(header.garbage);
        let may_fit = match part.grid.cell {
            // No kind of page has more places for the same entries.
            Some(_) => sought.free.is_some(),
            None => spare >= len + if sought.free.is_some() { 0 } else { PLACE },
        };
        if self.tight.is_none() && may_fit {
            self.tight = Some(part.page);
        }
    }
}

/// Writes key and value, and zeros behind them in the shortest cells.
#[inline(always)]
fn write_plain(cell: &mut [u8], key: &[u8], value: &[u8]) {
    let used = key.len() + value.len();
    if cell.len() > used {
        cell.fill(0);
    }
    let (key_place, rest) = cell.split_at_mut(key.len());
    copy(key_place, key);
    copy(&mut rest[..value.len()], value);
}
