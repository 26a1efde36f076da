//! Finding the entry of a key.

use graven_core::page::PageBytes;
use graven_core::{Memory, Result};

use crate::engine::cell::{Found, Place, Sizes, Spot};
use crate::engine::hash::part::{Hit, Part, Sought};
use crate::engine::hash::place::place;
use crate::engine::hash::plain::{self, Plain, SHORT, lend};
use crate::engine::hash::table::{Table, count_down};

impl<M: Memory> Table<M> {
    /// Calls `read` with the value of `key`, if there is one. Not folded into its callers, for they are many: see
    /// [`Table::lookup_near`] for the shortest way.
    #[inline(never)]
    pub(crate) fn lookup<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let mut read = Some(read);
        let near = self.lookup_near(sizes, key, |found| read.take().map(|read| read(found)).transpose());
        match near {
            Some(found) => found.map(Option::flatten),
            None => match read {
                Some(read) => self.lookup_far(sizes, key, read),
                None => Ok(None),
            },
        }
    }

    /// The same where the bucket is one page that is known to be plain; else `None`.
    #[inline(always)]
    pub(crate) fn lookup_near<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Option<Result<Option<R>>> {
        let plain = Plain::of(sizes)?;
        let hash = self.hash(sizes, key);
        let page = self.near(hash);
        if page == 0 {
            return None;
        }
        Some(self.lookup_in(plain, page, key, hash, read))
    }

    #[inline(always)]
    fn lookup_in<R>(
        &self,
        plain: Plain,
        page: u32,
        key: &[u8],
        hash: u64,
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        lend!(self, plain.len, cell, long);
        let found = match plain.seek(self.root.pager(), page, cell, key, hash)? {
            plain::Sought::Hit { .. } => Some(read(self.found_near(plain, page, cell))?),
            plain::Sought::Miss { .. } => None,
        };
        if plain.len > SHORT {
            self.cell.set(long);
        }
        Ok(found)
    }

    /// The value of a cell that a search in a plain page has read.
    #[inline(always)]
    pub(crate) fn found_near<'a>(&self, plain: Plain, page: u32, cell: &'a [u8]) -> Found<'a> {
        Found { page, layout: self.root.newest(), place: Place::Inline(plain.value(cell)) }
    }

    /// The same through the directory, and through all pages of the bucket, of any kind.
    #[inline(never)]
    pub(crate) fn lookup_far<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let entry = self.entry(place(hash))?;
        self.root.pager().with_scratch(|bytes| {
            self.seek_chain(sizes, entry.page, bytes, key, hash, |part, hit| read(part.found(hit)?))
        })
    }

    /// Where the value of a key stands; nothing of the value is read.
    pub(crate) fn spot(&self, sizes: Sizes, key: &[u8]) -> Result<Option<Spot>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let first = self.entry(place(hash))?.page;
        self.root
            .pager()
            .with_scratch(|bytes| self.seek_chain(sizes, first, bytes, key, hash, |part, hit| part.spot(hit)))
    }

    /// Looks for a key in pages that follow each other.
    #[inline(always)]
    fn seek_chain<R>(
        &self,
        sizes: Sizes,
        first: u32,
        bytes: &mut PageBytes,
        key: &[u8],
        hash: u64,
        look: impl FnOnce(&mut Part<'_, M>, &Hit) -> Result<R>,
    ) -> Result<Option<R>> {
        let (mut page, mut left) = (first, self.most_pages());
        while page != 0 {
            let mut part = Part::open(self, page, bytes)?;
            if let Sought { hit: Some(hit), .. } = part.seek(sizes, key, hash)? {
                return look(&mut part, &hit).map(Some);
            }
            page = part.header.next.get();
            left = count_down(left, page)?;
        }
        Ok(None)
    }
}
