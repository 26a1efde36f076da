//! The state of a hash table over encoded keys and values: its root, seed, counters and caches.

use crate::engine::migrate::MigrationProgress;
use crate::engine::nodes::InnerNodes;
use std::cell::Cell;

use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{LayoutId, PageBytes, PageNumber};
use graven_core::store::{Root, RootState};
use graven_core::{Damage, Memory, Result};
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::engine::cell::Convert;
use crate::engine::cell::Sizes;

use crate::engine::hash::cache::BucketCache;
use crate::engine::hash::hasher::Hasher;

/// The extra bytes of the root of a hash map.
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Extra {
    seed: U64,
    buckets: U32,
    /// 1 once there is a seed.
    seeded: U32,
    /// Bytes of values in overflow pages.
    chained: U64,
}

/// The changes of an operation to the statistics.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Change {
    pub(crate) entries: i64,
    /// Bytes of keys and values.
    pub(crate) bytes: i64,
    /// Bytes of values in overflow pages.
    pub(crate) chained: i64,
    pub(crate) pages: i64,
}

/// The hash table of one map.
pub(crate) struct Table<M> {
    pub(crate) root: Root<M>,
    pub(crate) nodes: InnerNodes<M>,
    pub(crate) sizes: Sizes,
    pub(crate) convert: Convert,
    pub(crate) cache: BucketCache,
    /// A kept buffer for a long cell.
    pub(crate) cell: Cell<Box<[u8]>>,
    /// Kept page buffers for the next split.
    pub(crate) buffers: Cell<Option<[Box<PageBytes>; 2]>>,
    /// The hash position of a bucket that may be nearly empty after a removal.
    pub(crate) sparse: Cell<Option<u64>>,
    buckets: Cell<u32>,
    pub(crate) pass: Cell<MigrationProgress>,
    hasher: Cell<Hasher>,
    chained: Cell<u64>,
    /// `true` if no page lists an older layout.
    is_new: Cell<bool>,
}

impl<M: Memory> Table<M> {
    pub(crate) fn new(root: Root<M>, sizes: Sizes, convert: Convert) -> Self {
        let mut bytes = [0; size_of::<Extra>()];
        // Opening the store has read the root's page, so this read does not fail.
        let read = root.read_extra(0, &mut bytes);
        let extra = read.ok().and_then(|()| Extra::read_from_bytes(&bytes).ok()).unwrap_or_default();
        let named = || Hasher::new(root.page().get().into()).hash(root.name().as_bytes());
        let seed = if extra.seeded.get() == 0 { named() } else { extra.seed.get() };
        let nodes = InnerNodes::new(root.pager().clone());
        let cache = BucketCache::new(nodes.is_caching());
        cache.fit(extra.buckets.get());
        Table {
            buckets: Cell::new(extra.buckets.get()),
            hasher: Cell::new(Hasher::new(seed)),
            chained: Cell::new(extra.chained.get()),
            is_new: Cell::new(root.old_pages() == 0),
            cache,
            nodes,
            cell: Cell::default(),
            buffers: Cell::default(),
            sparse: Cell::default(),
            pass: Cell::default(),
            root,
            sizes,
            convert,
        }
    }

    /// Writes the fields of [`Extra`] if they have changed.
    pub(crate) fn set_extra(&self, seed: u64, buckets: u32, chained: u64) -> Result<()> {
        let (before, before_chained) = (self.buckets.replace(buckets), self.chained.replace(chained));
        let before_seed = self.seed();
        if seed != before_seed {
            self.hasher.set(Hasher::new(seed));
        }
        if (before_seed, before, before_chained) == (seed, buckets, chained) && buckets > 0 {
            return Ok(());
        }
        let extra =
            Extra { seed: seed.into(), buckets: buckets.into(), seeded: 1.into(), chained: chained.into() };
        self.root.write_extra(0, extra.as_bytes())
    }

    pub(crate) fn hasher(&self) -> Hasher {
        self.hasher.get()
    }

    pub(crate) fn seed(&self) -> u64 {
        self.hasher.get().seed()
    }

    /// Returns the number of buckets.
    pub(crate) fn buckets(&self) -> u32 {
        if self.is_bare() { 0 } else { self.buckets.get() }
    }

    pub(crate) fn chained(&self) -> u64 {
        self.chained.get()
    }

    pub(crate) fn set_chained(&self, chained: u64) -> Result<()> {
        self.set_extra(self.seed(), self.buckets.get(), chained)
    }

    /// Adds the changes of an operation to the statistics.
    pub(crate) fn settle(&self, change: Change) -> Result<()> {
        if change.chained != 0 {
            self.set_chained(self.chained().saturating_add_signed(change.chained))?;
        }
        let mut state = self.root.state();
        state.len = state.len.get().saturating_add_signed(change.entries).into();
        state.bytes = state.bytes.get().saturating_add_signed(change.bytes).into();
        state.change_pages(change.pages);
        self.root.set_state(state)
    }

    /// Returns `true` if no page lists an older layout.
    #[inline(always)]
    pub(crate) fn is_new(&self) -> bool {
        self.is_new.get()
    }

    /// Adds to the number of pages that list a layout.
    pub(crate) fn count(&self, layout: LayoutId, change: i64) -> Result<()> {
        self.root.count_pages(layout, change)?;
        let was_new = self.is_new.replace(self.root.old_pages() == 0);
        if was_new && !self.is_new() {
            self.cache.forget();
        }
        Ok(())
    }

    #[inline(always)]
    pub(crate) fn hash(&self, sizes: Sizes, key: &[u8]) -> u64 {
        self.hasher.get().hash_sized(sizes, key)
    }

    /// Returns `true` if there are no buckets.
    #[inline(always)]
    pub(crate) fn is_bare(&self) -> bool {
        self.root.state().top.get().is_none()
    }

    /// Returns the bytes of keys and of inline values.
    pub(crate) fn inline_bytes(&self) -> u64 {
        self.root.state().bytes.get().saturating_sub(self.chained.get())
    }

    /// Returns an upper bound for the pages of a bucket, so that walks over damaged links end.
    pub(crate) fn most_pages(&self) -> u32 {
        self.root.state().pages.get().min(self.root.pager().heads().pages.get())
    }

    /// Reserves pages. Returns `true` if pages of detached trees may have been freed for that. If
    /// memory is damaged, these may include pages of this map, so everything read before has to be
    /// checked again.
    pub(crate) fn reserve(&self, pages: u32) -> Result<bool> {
        let may_reclaim = self.root.pager().heads().detached.get().is_some();
        self.root.pager().reserve(pages).map(|()| may_reclaim)
    }

    /// Checks that the header of a page is still the one that was read.
    pub(crate) fn check_same(&self, page: PageNumber, header: &NodeHeader) -> Result<()> {
        let mut head = [0; HEADER_SIZE];
        self.root.pager().read(page, 0, &mut head)?;
        if head == header.as_bytes() { Ok(()) } else { Err(self.root.damaged(page, Damage::DetachedInUse)) }
    }

    /// Removes everything in constant time. The pages are freed later.
    pub(crate) fn clear(&self) -> Result<()> {
        let state = self.root.state();
        if state.top.get().is_none() {
            return Ok(());
        }
        let pager = self.root.pager();
        pager.check_tree(state.top.get(), self.root.page(), state.height.get())?;
        pager.free_tree(state.top.get())?;
        self.root.count_no_pages()?;
        self.is_new.set(true);
        self.cache.forget();
        self.root.set_cursor(&[])?;
        self.set_extra(self.seed(), 0, 0)?;
        self.root.set_state(RootState { pages: 1.into(), ..RootState::default() })
    }

    /// Sets another seed. Returns `false` if there are buckets already.
    pub(crate) fn reseed(&self, seed: u64) -> Result<bool> {
        if !self.is_bare() {
            return Ok(false);
        }
        self.set_extra(seed, 0, 0).map(|()| true)
    }
}

/// Decrements the number of pages or buckets that may follow. Returns an error if none may.
pub(crate) fn count_down(left: u32) -> Result<u32, Damage> {
    left.checked_sub(1).ok_or(Damage::Cycle)
}
