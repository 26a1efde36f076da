//! The buckets below a map, over encoded keys and values: finding the entry of a key.

use std::cell::Cell;

use graven_core::page::PageBytes;
use graven_core::store::{Root, RootState};
use graven_core::{Error, Memory, Result};
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::bucket::wrong;
use super::hash;
use super::known::Known;
use super::part::{Hit, Part, Sought};
use super::place::place;
use super::plain::{self, Plain, SHORT, lend};
use super::sweep::Pass;
use crate::btree_map::cell::Sizes;
use crate::btree_map::tree::{Convert, Found, Place};
use crate::fields::spot::Spot;

/// What only a hash map writes into its root.
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Extra {
    seed: U64,
    buckets: U32,
    /// 1 once there is a seed.
    seeded: U32,
    /// Bytes of values in chains.
    chained: U64,
}

/// The table of one map.
pub(crate) struct Table<M> {
    pub(crate) root: Root<M>,
    pub(crate) sizes: Sizes,
    pub(crate) convert: Convert,
    pub(super) known: Known,
    /// Bytes for a cell that is being read.
    pub(super) cell: Cell<Box<[u8]>>,
    /// Bytes of pages, for the next bucket that is divided.
    pub(super) buffers: Cell<Option<[Box<PageBytes>; 2]>>,
    /// A place whose bucket may be nearly empty, since an entry has gone there.
    pub(super) sparse: Cell<Option<u64>>,
    buckets: Cell<u32>,
    pub(super) pass: Cell<Pass>,
    seed: Cell<u64>,
    chained: Cell<u64>,
    /// No page lists an older layout.
    is_new: Cell<bool>,
}

impl<M: Memory> Table<M> {
    pub(crate) fn new(root: Root<M>, sizes: Sizes, convert: Convert) -> Self {
        let mut bytes = [0; size_of::<Extra>()];
        // The root's page has been read when the store was opened.
        let read = root.read_extra(0, &mut bytes);
        let extra = read.ok().and_then(|()| Extra::read_from_bytes(&bytes).ok()).unwrap_or_default();
        let named = || hash::hash(root.page().into(), root.name().as_bytes());
        let seed = if extra.seeded.get() == 0 { named() } else { extra.seed.get() };
        let known = Known::new(root.pager().is_caching());
        known.fit(extra.buckets.get());
        Table {
            buckets: Cell::new(extra.buckets.get()),
            seed: Cell::new(seed),
            chained: Cell::new(extra.chained.get()),
            is_new: Cell::new(root.old_pages() == 0),
            known,
            cell: Cell::default(),
            buffers: Cell::default(),
            sparse: Cell::default(),
            pass: Cell::default(),
            root,
            sizes,
            convert,
        }
    }

    /// Writes what is in [`Extra`].
    pub(super) fn set_extra(&self, seed: u64, buckets: u32, chained: u64) -> Result<()> {
        let (before, before_chained) = (self.buckets.replace(buckets), self.chained.replace(chained));
        if (self.seed.replace(seed), before, before_chained) == (seed, buckets, chained) && buckets > 0 {
            return Ok(());
        }
        let extra =
            Extra { seed: seed.into(), buckets: buckets.into(), seeded: 1.into(), chained: chained.into() };
        self.root.write_extra(0, extra.as_bytes())
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed.get()
    }

    /// Number of buckets.
    pub(super) fn buckets(&self) -> u32 {
        if self.is_bare() { 0 } else { self.buckets.get() }
    }

    pub(super) fn chained(&self) -> u64 {
        self.chained.get()
    }

    pub(super) fn set_chained(&self, chained: u64) -> Result<()> {
        self.set_extra(self.seed.get(), self.buckets.get(), chained)
    }

    /// Whether no page lists an older layout.
    #[inline(always)]
    pub(super) fn is_new(&self) -> bool {
        self.is_new.get()
    }

    /// Counts pages that list a layout.
    pub(super) fn count(&self, layout: u16, change: i64) -> Result<()> {
        self.root.count_pages(layout, change)?;
        let was_new = self.is_new.replace(self.root.old_pages() == 0);
        if was_new && !self.is_new() {
            self.known.forget();
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn hash(&self, sizes: Sizes, key: &[u8]) -> u64 {
        hash::hash_sized(sizes, self.seed.get(), key)
    }

    /// Whether there are no buckets.
    #[inline(always)]
    pub(super) fn is_bare(&self) -> bool {
        self.root.state().top.get() == 0
    }

    /// Bytes of keys and of values that are not in chains.
    pub(super) fn inline_bytes(&self) -> u64 {
        self.root.state().bytes.get().saturating_sub(self.chained.get())
    }

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
    pub(super) fn found_near<'a>(&self, plain: Plain, page: u32, cell: &'a [u8]) -> Found<'a> {
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

    /// So many pages can follow each other, and no more.
    pub(super) fn most_pages(&self) -> u32 {
        self.root.state().pages.get().min(self.root.pager().heads().pages.get())
    }

    /// Removes everything, in constant time: the pages are taken apart later.
    pub(crate) fn clear(&self) -> Result<()> {
        let state = self.root.state();
        if state.top.get() == 0 {
            return Ok(());
        }
        self.root.pager().free_tree(state.top.get())?;
        self.root.count_no_pages()?;
        self.is_new.set(true);
        self.known.forget();
        self.root.set_cursor(&[])?;
        self.set_extra(self.seed.get(), 0, 0)?;
        self.root.set_state(RootState { pages: 1.into(), ..RootState::default() })
    }

    /// Takes another seed; false if there are buckets already.
    pub(crate) fn reseed(&self, seed: u64) -> Result<bool> {
        if !self.is_bare() {
            return Ok(false);
        }
        self.set_extra(seed, 0, 0).map(|()| true)
    }
}

/// Counts the pages of a bucket, or buckets, which come to an end.
pub(super) fn count_down(left: u32, page: u32) -> Result<u32> {
    left.checked_sub(1).ok_or_else(|| wrong(page, "its buckets, or the pages of one, have no end"))
}

#[cold]
pub(super) fn broken(page: u32) -> Error {
    wrong(page, "a cell reaches beyond its bucket")
}

/// Whether two keys are the same, eight bytes at a time.
#[inline(always)]
pub(super) fn is_same(found: &[u8], key: &[u8]) -> bool {
    let ((a, a_rest), (b, b_rest)) = (found.as_chunks::<8>(), key.as_chunks::<8>());
    found.len() == key.len()
        && a.iter().zip(b).all(|(a, b)| u64::from_le_bytes(*a) == u64::from_le_bytes(*b))
        && a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
}
