//! A sequence, with its state and caches on the heap.

use crate::engine::migrate::MigrationProgress;
use std::cell::Cell;

use graven_core::page::LayoutId;
use graven_core::page::branch::BRANCH_ROOM;
use graven_core::store::{LAST_AT, LastArray, Root, RootState};
use graven_core::{Damage, Error, Memory, Result};
use zerocopy::FromBytes;

use crate::engine::array::arrays::{Arrays, Run};
use crate::engine::array::span::{Counting, Leaf};
use crate::engine::cell::Convert;
use crate::engine::cell::Sizes;
use crate::engine::leaf::context::LeafContext;

/// Largest size of values in arrays, so that a page has several.
pub(crate) const MAX_WIDTH: usize = BRANCH_ROOM / 4;

/// Offset, in the root's extra bytes, of the number of dead positions before the first value (u64).
const FIRST_AT: usize = 0;
/// Offset of the number of values that were dropped at the front (u64).
const DROPPED_AT: usize = 8;
/// Offset of 1 + the index of the layout of which all leaves are arrays, or 0 if that is unknown
/// (u16).
const UNIFORM_AT: usize = 16;

/// Returns the number at [`UNIFORM_AT`] if all leaves are arrays of a layout. The highest index,
/// which only damaged memory uses, gives 0: then nothing is known.
pub(crate) const fn mark_of(layout: LayoutId) -> u16 {
    layout.get().wrapping_add(1)
}

/// A tree of values by position, with its caches.
pub(crate) struct Sequence<M> {
    /// The root, and the context of cells in nodes.
    pub(crate) context: LeafContext<M>,
    /// The size of values, if they are stored in arrays.
    pub(crate) width: Option<usize>,
    pub(crate) first: Cell<u64>,
    pub(crate) dropped: Cell<u64>,
    /// The number at [`UNIFORM_AT`].
    pub(crate) mark: Cell<u16>,
    /// `true` if all leaves are arrays of the current layout.
    pub(crate) uniform: Cell<bool>,
    /// The addresses of values.
    pub(crate) arrays: Arrays,
    /// The last array, with all slots that it has room for, if it counts its values.
    pub(crate) tail: Cell<Run>,
    /// A copy of `tail`, if `arrays` has no value of it, so that values can be removed there.
    pub(crate) top: Cell<Run>,
    pub(crate) counting: Cell<Counting>,
    /// The position after the last value when one was added or removed there last.
    pub(crate) worked_at: Cell<u64>,
    /// `true` if there may be leaves without values.
    pub(crate) may_be_dead: Cell<bool>,
    pub(crate) pass: Cell<MigrationProgress>,
}

impl<M: Memory> Sequence<M> {
    /// Returns the sequence of a root.
    pub(crate) fn new(root: Root<M>, size: Option<usize>, convert: Convert) -> Self {
        let mut extra = [0; LAST_AT + size_of::<LastArray>()];
        // This cannot fail, since a checked root has a page.
        let _ = root.read_extra(0, &mut extra);
        let u64_at = |at: usize| {
            let bytes = extra.get(at..).and_then(<[u8]>::first_chunk);
            u64::from_le_bytes(bytes.copied().unwrap_or_default())
        };
        let mark = u16::from_le_bytes([extra[UNIFORM_AT], extra[UNIFORM_AT + 1]]);
        let last = LastArray::read_from_suffix(&extra).map_or(LastArray::default(), |(_, last)| last);
        let width = size.filter(|size| (1..=MAX_WIDTH).contains(size));
        let (first, dropped) = (u64_at(FIRST_AT), u64_at(DROPPED_AT));
        let uniform = width.is_some() && mark.checked_sub(1) == Some(root.current().get());
        let sizes = Sizes { key: Some(0), value: size };
        Sequence {
            context: LeafContext::new(root, sizes, convert),
            width,
            first: Cell::new(first),
            dropped: Cell::new(dropped),
            mark: Cell::new(mark),
            uniform: Cell::new(uniform),
            arrays: Arrays::default(),
            tail: Cell::default(),
            top: Cell::default(),
            counting: Cell::new(Counting { page: last.page.get(), start: last.start.get() }),
            worked_at: Cell::default(),
            may_be_dead: Cell::new(true),
            pass: Cell::default(),
        }
    }

    pub(crate) fn root(&self) -> &Root<M> {
        &self.context.root
    }

    /// Returns the number of values.
    #[inline(always)]
    pub(crate) fn len(&self) -> u64 {
        self.root().state().len.get()
    }

    /// Returns the number of values that were dropped at the front.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    /// Returns the position after the last value.
    #[inline(always)]
    pub(crate) fn end(&self) -> u64 {
        self.position(self.len())
    }

    /// Returns the slot of a position in a node, where dead positions have none.
    pub(crate) fn slot_of(&self, leaf: &Leaf, position: u64) -> usize {
        position.saturating_sub(leaf.start.max(self.first.get())) as usize
    }

    /// Returns the position of the value at an index. Saturates, since damage may have changed the
    /// first position. The last position is in no leaf, so access to it fails.
    #[inline(always)]
    pub(crate) fn position(&self, index: u64) -> u64 {
        self.first.get().saturating_add(index)
    }

    /// Returns the index of position 0, which wraps around below zero.
    pub(crate) fn zero(&self) -> u64 {
        0u64.wrapping_sub(self.first.get())
    }

    /// Returns the positions of values in a leaf, counted from its start.
    pub(crate) fn live(&self, leaf: &Leaf) -> core::ops::Range<u64> {
        let end = leaf.end.min(self.end()).saturating_sub(leaf.start);
        self.first.get().saturating_sub(leaf.start).min(end)..end
    }

    /// Sets the number of dead positions before the first value.
    pub(crate) fn set_first(&self, first: u64) -> Result<()> {
        let before = self.first.replace(first);
        if first != before {
            self.arrays.shift(before.wrapping_sub(first));
            for run in [&self.tail, &self.top] {
                run.set(run.get().shifted(before.wrapping_sub(first)));
            }
            self.root().write_extra(FIRST_AT, &first.to_le_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn set_dropped(&self, dropped: u64) -> Result<()> {
        if dropped != self.dropped.replace(dropped) {
            self.root().write_extra(DROPPED_AT, &dropped.to_le_bytes())?;
        }
        Ok(())
    }

    /// Records that all leaves are arrays of a layout, given as 1 + its index, or with 0 that this
    /// is unknown.
    pub(crate) fn set_mark(&self, mark: u16) -> Result<()> {
        self.uniform.set(self.width.is_some() && mark.checked_sub(1) == Some(self.root().current().get()));
        if !self.uniform.get() {
            self.forget_leaves();
        }
        if mark != self.mark.replace(mark) {
            self.root().write_extra(UNIFORM_AT, &mark.to_le_bytes())?;
        }
        Ok(())
    }

    /// Records that leaves were written. `uniform` is `true` if they are all arrays of the current
    /// layout.
    pub(crate) fn leaf_was_written(&self, uniform: bool) -> Result<()> {
        if uniform && self.uniform.get() { Ok(()) } else { self.set_mark(0) }
    }

    /// Clears the caches of leaves.
    pub(crate) fn forget_leaves(&self) {
        self.arrays.forget();
        self.forget_tail();
    }

    /// Removes everything in constant time. The pages are freed later.
    pub(crate) fn clear(&self) -> Result<()> {
        let state = self.root().state();
        if state.top.get().is_none() {
            return Ok(());
        }
        let pager = self.root().pager();
        pager.check_tree(state.top.get(), self.root().page(), state.height.get())?;
        self.uncount()?;
        pager.free_tree(state.top.get())?;
        self.forget_leaves();
        self.root().count_no_pages()?;
        self.root().set_cursor(&[])?;
        self.set_first(0)?;
        self.root().set_state(RootState { pages: 1.into(), ..RootState::default() })
    }

    /// Returns the number of pages, with those of branches, that replacing a leaf by `pieces`
    /// leaves may need.
    pub(crate) fn spare_pages(&self, pieces: usize) -> u32 {
        self.context.spare_pages(pieces)
    }

    pub(crate) fn broken(&self, reason: Damage) -> Error {
        self.root().damaged(self.root().page(), reason)
    }
}
