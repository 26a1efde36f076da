//! The buckets below a map, over encoded keys and values: finding the entry of a key.

use std::cell::Cell;

use graven_core::page::Located;
use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PageBytes, Pager};
use graven_core::store::{Root, RootState};
use graven_core::{Error, Memory, Result};
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::bucket::{plain_cell, plain_len, wrong};
use super::group::{Group, Groups, mark};
use super::hash;
use super::part::{Hit, Part, Sought};
use super::shape::Shape;
use super::sweep::Pass;
use crate::btree_map::cell::{ROOM, Sizes};
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
    pub(super) shape: Cell<Shape>,
    pub(super) pass: Cell<Pass>,
    seed: Cell<u64>,
    chained: Cell<u64>,
    /// No page lists an older layout.
    is_new: Cell<bool>,
}

/// Where a search in a plain page ended.
pub(super) enum Plain {
    /// The entry's place, and its group, which begins there.
    Hit { index: usize, at: usize, group: Group },
    /// There is no such entry, but a place for it.
    Miss { free: usize },
    /// There is neither.
    Full,
}

impl<M: Memory> Table<M> {
    pub(crate) fn new(root: Root<M>, sizes: Sizes, convert: Convert) -> Self {
        let mut bytes = [0; size_of::<Extra>()];
        // The root's page has been read when the store was opened.
        let read = root.read_extra(0, &mut bytes);
        let extra = read.ok().and_then(|()| Extra::read_from_bytes(&bytes).ok()).unwrap_or_default();
        let named = || hash::hash(root.page().into(), root.name().as_bytes());
        let seed = if extra.seeded.get() == 0 { named() } else { extra.seed.get() };
        Table {
            shape: Cell::new(Shape::new(extra.buckets.get())),
            seed: Cell::new(seed),
            chained: Cell::new(extra.chained.get()),
            is_new: Cell::new(root.old_pages() == 0),
            pass: Cell::default(),
            root,
            sizes,
            convert,
        }
    }

    /// Writes what is in [`Extra`].
    pub(super) fn set_extra(&self, seed: u64, shape: Shape, chained: u64) -> Result<()> {
        let (before, before_chained) = (self.shape.replace(shape), self.chained.replace(chained));
        if (self.seed.replace(seed), before, before_chained) == (seed, shape, chained) && shape.buckets > 0 {
            return Ok(());
        }
        let extra = Extra {
            seed: seed.into(),
            buckets: shape.buckets.into(),
            seeded: 1.into(),
            chained: chained.into(),
        };
        self.root.write_extra(0, extra.as_bytes())
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed.get()
    }

    /// Number of buckets.
    pub(super) fn buckets(&self) -> u32 {
        if self.is_bare() { 0 } else { self.shape.get().buckets }
    }

    pub(super) fn chained(&self) -> u64 {
        self.chained.get()
    }

    pub(super) fn set_chained(&self, chained: u64) -> Result<()> {
        self.set_extra(self.seed.get(), self.shape.get(), chained)
    }

    /// Whether no page lists an older layout.
    #[inline(always)]
    pub(super) fn is_new(&self) -> bool {
        self.is_new.get()
    }

    /// Counts pages that list a layout.
    pub(super) fn count(&self, layout: u16, change: i64) -> Result<()> {
        self.root.count_pages(layout, change)?;
        self.is_new.set(self.root.old_pages() == 0);
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

    /// Bytes that the entries take in buckets, more or less.
    #[inline(always)]
    pub(super) fn used(&self, sizes: Sizes, state: RootState) -> u64 {
        let len = state.len.get();
        match plain_len(sizes) {
            // A product of damaged counters may be anything: saturating costs a call in wasm.
            Some(cell) => len.wrapping_mul(cell as u64 + 1),
            None => {
                let lengths = u64::from(sizes.key.is_none()) * 2 + u64::from(sizes.value.is_none()) * 2;
                let inline = state.bytes.get().saturating_sub(self.chained.get());
                inline.wrapping_add(len.wrapping_mul(3 + lengths))
            }
        }
    }

    /// Calls `read` with the value of `key`, if there is one.
    #[inline(always)]
    pub(crate) fn lookup<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let entry = self.entry(self.shape.get().bucket(hash))?;
        let pager = self.root.pager();
        pager.with_scratch(|bytes| {
            let mut page = entry.page;
            if let (Some(len), Some(key_size), true) = (plain_len(sizes), sizes.key, self.is_new())
                && entry.is_plain()
            {
                let located = pager.locate(page)?;
                match seek_plain(pager, located, bytes, entry.places(), len, key_size, key, hash) {
                    Some(Plain::Hit { index, .. }) => {
                        let value = plain_cell(index, len) + key_size;
                        let size = sizes.value.unwrap_or_default();
                        let value = bytes.get(value..value + size).ok_or_else(|| broken(page))?;
                        let layout = self.root.newest();
                        return read(Found { page, layout, place: Place::Inline(value) }).map(Some);
                    }
                    Some(Plain::Miss { .. } | Plain::Full) if !entry.is_linked() => return Ok(None),
                    Some(_) => page = Part::open(self, page, bytes)?.header.next.get(),
                    None => return Err(broken(page)),
                }
            }
            self.lookup_chain(sizes, page, bytes, key, hash, read)
        })
    }

    /// The same from a page of any kind on, and through those that follow it.
    #[inline(never)]
    fn lookup_chain<R>(
        &self,
        sizes: Sizes,
        first: u32,
        bytes: &mut PageBytes,
        key: &[u8],
        hash: u64,
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        self.seek_chain(sizes, first, bytes, key, hash, |part, hit| read(part.found(hit)?))
    }

    /// Where the value of a key stands; nothing of the value is read.
    pub(crate) fn spot(&self, sizes: Sizes, key: &[u8]) -> Result<Option<Spot>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let first = self.entry(self.shape.get().bucket(hash))?.page;
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
        self.root.set_cursor(&[])?;
        self.set_extra(self.seed.get(), Shape::new(0), 0)?;
        self.root.set_state(RootState { pages: 1.into(), ..RootState::default() })
    }

    /// Takes another seed; false if there are buckets already.
    pub(crate) fn reseed(&self, seed: u64) -> Result<bool> {
        if !self.is_bare() {
            return Ok(false);
        }
        self.set_extra(seed, Shape::new(0), 0).map(|()| true)
    }
}

/// Counts the pages of a chain, which comes to an end.
pub(super) fn count_down(left: u32, page: u32) -> Result<u32> {
    left.checked_sub(1).ok_or_else(|| wrong(page, "the pages of a bucket have no end"))
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

/// Looks for a key in a plain page of the newest layout. A cell that is found has been read into `bytes`. `None`
/// where the page has no such table.
#[allow(clippy::too_many_arguments)]
#[inline(always)]
pub(super) fn seek_plain<M: Memory>(
    pager: &Pager<M>,
    page: Located,
    bytes: &mut PageBytes,
    places: usize,
    len: usize,
    key_size: usize,
    key: &[u8],
    hash: u64,
) -> Option<Plain> {
    if places * (len + 1) > ROOM {
        return None;
    }
    let mut free = None;
    for (at, size) in Groups::new(hash, places) {
        let group = Group::new(pager.mirror(page, bytes, HEADER_SIZE + at, size)?);
        for place in group.with(mark(hash)) {
            let cell = pager.mirror(page, bytes, plain_cell(at + place, len), len)?;
            if is_same(cell.get(..key_size)?, key) {
                return Some(Plain::Hit { index: at + place, at, group });
            }
        }
        if free.is_none() {
            free = group.free().next().filter(|place| *place < size).map(|place| at + place);
        }
        if group.ends() {
            return free.map(|free| Plain::Miss { free });
        }
    }
    Some(Plain::Full)
}
