//! Removing. A place becomes free; a page that is left empty behind others goes; a bucket less is had once the
//! map is nearly empty.

use graven_core::page::PageBytes;
use graven_core::page::node::HEADER_SIZE;
use graven_core::{Memory, Result};

use super::bucket::{listed, plain_cell, plain_len};
use super::directory::Entry;
use super::group::GROUP;
use super::insert::Change;
use super::part::{Part, left_mark};
use super::table::{Plain, Table, broken, count_down, seek_plain};
use crate::btree_map::cell::Sizes;
use crate::btree_map::tree::{Found, Place};

/// Offset in a page's header of the page that follows.
const NEXT_AT: usize = 28;

/// A group without empty places in which so many are free has its page packed anew: searches are not to go on
/// behind it forever because it was full once.
const STALE: u32 = GROUP as u32 / 2;

impl<M: Memory> Table<M> {
    /// Removes the entry of `key`. `removed` sees its value before anything is written.
    #[inline(always)]
    pub(crate) fn remove<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        removed: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let gone = self.take(sizes, key, removed)?;
        let state = self.root.state();
        if gone.is_some() && self.used(sizes, state) < self.shape.get().least {
            self.shrink();
        }
        Ok(gone)
    }

    /// The same with as many buckets as before.
    #[inline(always)]
    pub(super) fn take<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        removed: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let bucket = self.shape.get().bucket(hash);
        let entry = self.entry(bucket)?;
        self.root.pager().with_scratch(|bytes| {
            if let (Some(len), Some(key_size), true) = (plain_len(sizes), sizes.key, self.is_new())
                && entry.is_plain()
            {
                let (pager, page) = (self.root.pager(), entry.page);
                let located = pager.locate(page)?;
                match seek_plain(pager, located, bytes, entry.places(), len, key_size, key, hash) {
                    Some(Plain::Hit { index, at, group }) => {
                        let cell = plain_cell(index, len) + key_size;
                        let size = sizes.value.unwrap_or_default();
                        let cell = bytes.get(cell..cell + size).ok_or_else(|| broken(page))?;
                        let layout = self.root.newest();
                        let value = removed(Found { page, layout, place: Place::Inline(cell) })?;
                        pager.write(page, HEADER_SIZE + index, &[left_mark(group)])?;
                        let mut state = self.root.state();
                        state.len = state.len.get().saturating_sub(1).into();
                        state.bytes = state.bytes.get().saturating_sub((key_size + size) as u64).into();
                        self.root.set_state(state)?;
                        let short = GROUP - GROUP.min(entry.places() - at);
                        if !group.ends() && 1 + group.free().count() >= STALE + short as u32 {
                            self.repack(bucket, entry, page)?;
                        }
                        return Ok(Some(value));
                    }
                    Some(Plain::Miss { .. } | Plain::Full) if !entry.is_linked() => return Ok(None),
                    Some(_) => {}
                    None => return Err(broken(page)),
                }
            }
            self.take_chain(sizes, bucket, entry, bytes, (key, hash), removed)
        })
    }

    #[inline(never)]
    fn take_chain<R>(
        &self,
        sizes: Sizes,
        bucket: u32,
        entry: Entry,
        bytes: &mut PageBytes,
        (key, hash): (&[u8], u64),
        removed: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let (mut before, mut page, mut left) = (0, entry.page, self.most_pages());
        while page != 0 {
            let mut part = Part::open(self, page, bytes)?;
            let Some(hit) = part.seek(sizes, key, hash)?.hit else {
                (before, page) = (page, part.header.next.get());
                left = count_down(left, page)?;
                continue;
            };
            let value = removed(part.found(&hit)?)?;
            let mut change =
                Change { entries: -1, bytes: -(hit.head.entry_bytes() as i64), ..Change::default() };
            if hit.slot.owns() {
                change.pages -= i64::from(part.pager.chain_extents(hit.head.page, 0)?);
                change.chained -= hit.head.value_len as i64;
                part.pager.free_chain(hit.head.page)?;
            }
            let stale = part.take_out(&hit)? >= STALE;
            if before != 0 && part.is_vacant()? {
                for layout in listed(&part.header) {
                    self.count(layout, -1)?;
                }
                part.pager.write(before, NEXT_AT, &part.header.next.get().to_le_bytes())?;
                part.pager.free(page)?;
                if before == entry.page && part.header.next.get() == 0 {
                    self.set_entry(self.root.state(), bucket, entry.linked(false))?;
                }
                change.pages -= 1;
            } else if stale {
                self.repack(bucket, entry, page)?;
            }
            self.settle(change)?;
            return Ok(Some(value));
        }
        Ok(None)
    }

    /// Packs a page anew, so that what is free in it is empty.
    #[inline(never)]
    fn repack(&self, bucket: u32, entry: Entry, page: u32) -> Result<()> {
        let loaded = self.load(page)?;
        let items = self.items(&loaded)?;
        // What stood in one page fits into one.
        self.rewrite(bucket, entry, &loaded, items).map(drop)
    }
}
