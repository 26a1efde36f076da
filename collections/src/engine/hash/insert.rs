//! Inserting and overwriting. In a fixed page a cell and its control byte are written, in a slotted
//! page also a slot and the header. An entry that is placed after a full group is counted in the
//! groups that its search passes. A page without room is packed anew, or another one is linked
//! after it.
//!
//! Everything that can fail comes first: reading, running the user's conversions, making room. Then
//! everything is written.

use graven_core::page::{PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::cell::Sizes;
use crate::engine::cell::StoredValue;
use crate::engine::fixed::group::GROUP;
use crate::engine::fixed::{FixedCells, SHORT_CELL, Sought, fixed_cell};
use crate::engine::hash::bucket::new_format;
use crate::engine::hash::directory::Entry;
use crate::engine::hash::fixed::lend;
use crate::engine::hash::position::position;
use crate::engine::hash::reader::{BucketReader, New};
use crate::engine::hash::room::Room;
use crate::engine::hash::table::{Table, count_down};

/// The result of an insert.
enum Inserted<R> {
    /// The entry was written. Holds what `replaced` returned for the old value, if there was one,
    /// and `true` if the bucket has more pages now.
    In(Option<R>, bool),
    /// The bucket has no room for the entry, and nothing has changed.
    Full,
}

impl<M: Memory> Table<M> {
    /// Sets the value of `key`. Returns `true` if it had one. Not inlined, because it has many
    /// callers.
    #[inline(never)]
    pub(crate) fn insert(&self, sizes: Sizes, key: &[u8], value: &[u8]) -> Result<bool> {
        let old = match self.insert_cached(sizes, key, value, |_| Ok(())) {
            Some(old) => old?,
            None => self.insert_uncached(sizes, key, value, |_| Ok(()))?,
        };
        Ok(old.is_some())
    }

    /// Sets the value of `key` if its bucket is one page that is known to be fixed and has room.
    /// Otherwise changes nothing and returns `None`. `replaced` sees the old value before anything
    /// is written.
    #[inline(always)]
    pub(crate) fn insert_cached<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        value: &[u8],
        replaced: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Option<Result<Option<R>>> {
        let (fixed, page, hash) = self.cached(sizes, key, true)?;
        if fixed.value != value.len() {
            return None;
        }
        self.insert_in(fixed, page, hash, (key, value), replaced).transpose()
    }

    /// Inserts into a fixed page. Returns `None` if it has no room.
    #[inline(always)]
    fn insert_in<R>(
        &self,
        fixed: FixedCells,
        page: PageNumber,
        hash: u64,
        (key, value): (&[u8], &[u8]),
        replaced: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<Option<R>>> {
        let pager = self.root.pager();
        let Some(page_ref) = pager.find(page) else { return Err(pager.missing(page)) };
        lend!(self, fixed.len, cell, long);
        let old = match fixed.seek(page_ref, cell, key, hash).map_err(|reason| pager.damaged(page, reason))? {
            Sought::Hit { group, place, .. } => {
                let (old, index) = (replaced(self.found_cached(fixed, page, cell))?, group * GROUP + place);
                page_ref
                    .write(fixed_cell(index, fixed.len) + fixed.key, value)
                    .map_err(|reason| pager.damaged(page, reason))?;
                Some(old)
            }
            Sought::Miss { free } => {
                let (page_ref, free) = match free {
                    Some(free) => (page_ref, free),
                    None => match self.room_for(fixed, page_ref, hash)? {
                        Some(room) => room,
                        None => return Ok(None),
                    },
                };
                let damaged = |reason| pager.damaged(page_ref.number(), reason);
                fixed
                    .write(page_ref, fixed_cell(free.index(), fixed.len), cell, key, value)
                    .map_err(damaged)?;
                fixed.table().take(page_ref, free, hash).map_err(damaged)?;
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
    pub(crate) fn insert_uncached<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        value: &[u8],
        replaced: impl Fn(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let hash = self.hash(sizes, key);
        let place = position(hash);
        if self.is_bare() {
            self.create_root()?;
        }
        let new = New {
            hash,
            key,
            value,
            format: new_format(sizes, key.len(), value.len()),
            chain: PageNumber::NONE,
        };
        let mut is_last = false;
        loop {
            let entry = self.entry(place)?;
            let done = self
                .root
                .pager()
                .with_scratch(|bytes| self.insert_chain(sizes, entry, bytes, new, is_last, &replaced))?;
            match done {
                Inserted::In(old, is_longer) => {
                    if is_longer {
                        // The entry is complete even if this split fails.
                        let _ = self.split(place);
                    }
                    return Ok(old);
                }
                Inserted::Full => is_last = !self.split(place)?,
            }
        }
    }

    /// Creates the first bucket, without entries.
    fn create_root(&self) -> Result<()> {
        let pager = self.root.pager();
        pager.reserve(2)?;
        let page = pager.allocate()?;
        let packed = [self.pack_page(&[])];
        let entry = Entry::new(page, packed[0].layout, false);
        self.count_changed(&[], &packed)?;
        self.write_chain(packed.into(), &[page], PageNumber::NONE)?;
        let mut state = self.create_directory(self.root.state(), entry)?;
        state.add_pages(1);
        self.set_extra(self.seed(), 1, 0)?;
        self.root.set_state(state)
    }

    /// Inserts into the pages of a bucket. Links a new page to them only if `may_link`.
    #[inline(never)]
    fn insert_chain<R>(
        &self,
        sizes: Sizes,
        entry: Entry,
        bytes: &mut PageBytes,
        new: New<'_>,
        may_link: bool,
        replaced: &impl Fn(StoredValue<'_>) -> Result<R>,
    ) -> Result<Inserted<R>> {
        let (mut page, mut left, mut room) = (entry.page, self.most_pages(), Room::default());
        while page.is_some() {
            let mut reader = BucketReader::open(self, page, bytes)?;
            let free = match reader.seek(sizes, new.key, new.hash)? {
                Sought::Hit { hit, .. } => {
                    let old = replaced(reader.found(&hit)?)?;
                    let is_longer = self.replace(entry, &mut reader, &hit, new)?;
                    return Ok(Inserted::In(Some(old), is_longer));
                }
                Sought::Miss { free: None } => reader.room(new.hash)?,
                Sought::Miss { free } => free,
            };
            room.look(&reader, free, &new);
            page = reader.header.next.get();
            left = count_down(left).on_page(&self.root, page)?;
        }
        let is_put = self.put_new(entry, bytes, room, new, may_link)?;
        Ok(if is_put { Inserted::In(None, false) } else { Inserted::Full })
    }
}
