//! Values by position: the tree below `Vec`, `Deque` and `Log`.
//!
//! ```text
//! Sequence   finds the leaf of a position; reads a value                     (this file, iter)
//!            sets, inserts, removes, pushes, pops                            (edit, insert, ends)
//!            the same for short values of one size                          (fast, directory, grow)
//!            removes by a condition, moves                                   (filter, shift)
//!            drops many in front, migrates, sweeps, verifies                 (dead, migrate, sweep, verify)
//! branch     a page of children, each with the position at which it begins   (branch, path, splice)
//! leaf       an array of values of one size, or a node of cells              (leaf)
//! ```
//! Positions of children count from where their branch begins, and the last child's end is not written anywhere:
//! so adding a value behind all others changes no branch, and inserting one in the middle changes only the branches
//! above it. Dead positions in front of the first value (`first`) do the same for the other end.
//!
//! The cells of nodes and their conversion are `btree_map`'s, with keys of no bytes.

mod branch;
mod dead;
mod directory;
mod edit;
mod ends;
mod fast;
mod filter;
mod grow;
mod insert;
mod iter;
mod leaf;
mod list;
mod migrate;
mod path;
mod shift;
mod splice;
mod spot;
mod sweep;
mod verify;
mod view;

use std::cell::Cell;

use graven_core::page::Stretch;
use graven_core::page::branch::BRANCH_ROOM;
use graven_core::store::{Root, RootState};
use graven_core::{Error, Memory, Result};

use crate::btree_map::cell::Sizes;
use crate::btree_map::part::Part;
use crate::btree_map::tree::{Convert, Found, Place, Tree};
use directory::Directory;
use leaf::LeafKind;
use path::Leaf;
use sweep::Pass;

pub(crate) use ends::End;
pub(crate) use fast::At;
pub(crate) use filter::Fate;
pub(crate) use iter::Values;
pub(crate) use list::list;
pub(crate) use view::View;

/// Values that are larger do not stand in arrays: a page should have several.
const MAX_WIDTH: usize = BRANCH_ROOM / 4;

/// Offset in the root's extra bytes of the dead positions in front of the first value (u64).
const FIRST_AT: usize = 0;
/// Offset of the number of values that were dropped in front (u64).
const DROPPED_AT: usize = 8;
/// Offset of 1 + the index of a layout (u16): all leaves are arrays of it. Zero if that is not known.
const UNIFORM_AT: usize = 16;

/// The tree of one sequence.
pub(crate) struct Sequence<M> {
    /// The root, and what cells of nodes need.
    pub(crate) tree: Tree<M>,
    /// The size of values, if they stand in arrays.
    width: Option<usize>,
    first: Cell<u64>,
    dropped: Cell<u64>,
    /// What stands at [`UNIFORM_AT`].
    mark: Cell<u16>,
    /// Whether all leaves are arrays of the newest layout.
    uniform: Cell<bool>,
    directory: Directory,
    /// The array that was used last.
    near: Cell<Leaf>,
    /// Arrays in pages that follow one another, by the indices of their values. Only values of this sequence are in it.
    stretch: Stretch,
    /// The last array, with the places that it has room for.
    tail: Stretch,
    /// Whether leaves may be without values.
    may_be_dead: Cell<bool>,
    pass: Cell<Pass>,
}

impl<M: Memory> Sequence<M> {
    /// The sequence behind a root.
    pub(crate) fn new(root: Root<M>, size: Option<usize>, convert: Convert) -> Self {
        let mut extra = [0; UNIFORM_AT + 2];
        // A root that was checked has a page.
        let _ = root.read_extra(0, &mut extra);
        let u64_at =
            |at: usize| u64::from_le_bytes(extra[at..at + 8].first_chunk().copied().unwrap_or_default());
        let mark = u16::from_le_bytes([extra[UNIFORM_AT], extra[UNIFORM_AT + 1]]);
        let width = size.filter(|size| (1..=MAX_WIDTH).contains(size));
        let (first, dropped) = (u64_at(FIRST_AT), u64_at(DROPPED_AT));
        let uniform = width.is_some() && mark.checked_sub(1) == Some(root.newest());
        let sizes = Sizes { key: Some(0), value: size };
        Sequence {
            tree: Tree::new(root, sizes, convert),
            width,
            first: Cell::new(first),
            dropped: Cell::new(dropped),
            mark: Cell::new(mark),
            uniform: Cell::new(uniform),
            directory: Directory::default(),
            near: Cell::default(),
            stretch: Stretch::default(),
            tail: Stretch::default(),
            may_be_dead: Cell::new(true),
            pass: Cell::default(),
        }
    }

    pub(crate) fn root(&self) -> &Root<M> {
        &self.tree.root
    }

    /// Number of values.
    #[inline(always)]
    pub(crate) fn len(&self) -> u64 {
        self.root().state().len.get()
    }

    /// Number of values that were dropped in front.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    /// The position behind the last value.
    #[inline(always)]
    fn end(&self) -> u64 {
        self.first.get().saturating_add(self.len())
    }

    /// Calls `read` with the value at `index`, if there is one.
    #[inline(always)]
    pub(crate) fn get<R>(&self, index: u64, read: impl FnOnce(Found<'_>) -> Result<R>) -> Result<Option<R>> {
        if index >= self.len() {
            return Ok(None);
        }
        let position = self.first.get().saturating_add(index);
        match self.width {
            Some(width) if self.uniform.get() => self.get_uniform(position, width, read).map(Some),
            _ => self.get_any(position, read).map(Some),
        }
    }

    /// The array of a position, where all leaves are arrays.
    #[inline(always)]
    fn array(&self, position: u64) -> Result<Leaf> {
        let near = self.near.get();
        if near.holds(position) {
            return Ok(near);
        }
        let array = self.leaf(position)?;
        self.keep_near(array);
        Ok(array)
    }

    /// Reads a value where all leaves are arrays of the newest layout.
    #[inline(always)]
    fn get_uniform<R>(
        &self,
        position: u64,
        width: usize,
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<R> {
        let array = self.array(position)?;
        let place = leaf::place(&array, position, width)?;
        self.read_inline(array.page, self.root().newest(), place, width, read)
    }

    #[inline(always)]
    fn read_inline<R>(
        &self,
        page: u32,
        layout: u16,
        at: usize,
        width: usize,
        read: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<R> {
        let pager = self.root().pager();
        let mut short = [0; 64];
        if let Some(bytes) = short.get_mut(..width) {
            pager.read(page, at, bytes)?;
            return read(Found { page, layout, place: Place::Inline(bytes) });
        }
        pager.with_scratch(|bytes| {
            pager.read(page, at, &mut bytes[..width])?;
            read(Found { page, layout, place: Place::Inline(&bytes[..width]) })
        })
    }

    /// Reads a value in whatever kind of leaf it is.
    #[inline(never)]
    fn get_any<R>(&self, position: u64, read: impl FnOnce(Found<'_>) -> Result<R>) -> Result<R> {
        let leaf = self.leaf(position)?;
        match self.leaf_kind(leaf.page)? {
            LeafKind::Array { layout, width } => {
                let at = leaf::place(&leaf, position, width)?;
                self.read_inline(leaf.page, layout, at, width, read)
            }
            LeafKind::Node => {
                let pager = self.root().pager();
                pager.with_scratch(|bytes| {
                    let mut part = Part::open(pager, leaf.page, bytes)?;
                    let slot = self.slot_of(&leaf, position);
                    let head = part.entry(&self.tree, slot)?;
                    read(part.found(slot, &head)?)
                })
            }
        }
    }

    /// The slot of a position in a node: dead positions have none.
    fn slot_of(&self, leaf: &Leaf, position: u64) -> usize {
        position.saturating_sub(leaf.start.max(self.first.get())) as usize
    }

    /// Positions of values in a leaf, counted from its start.
    fn live(&self, leaf: &Leaf) -> core::ops::Range<u64> {
        let end = leaf.end.min(self.end()).saturating_sub(leaf.start);
        self.first.get().saturating_sub(leaf.start).min(end)..end
    }

    /// Writes the number of dead positions in front.
    fn set_first(&self, first: u64) -> Result<()> {
        let before = self.first.replace(first);
        if first != before {
            self.stretch.shift(before.wrapping_sub(first));
            self.tail.shift(before.wrapping_sub(first));
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

    /// Notes that all leaves are arrays of a layout, given as 1 + its index; or, with 0, that this is not known.
    fn set_mark(&self, mark: u16) -> Result<()> {
        self.uniform.set(self.width.is_some() && mark.checked_sub(1) == Some(self.root().newest()));
        if !self.uniform.get() {
            self.forget_leaves();
        }
        if mark != self.mark.replace(mark) {
            self.root().write_extra(UNIFORM_AT, &mark.to_le_bytes())?;
        }
        Ok(())
    }

    /// Notes that leaves were written, all of them arrays of the newest layout or not.
    fn leaf_was_written(&self, uniform: bool) -> Result<()> {
        if uniform && self.uniform.get() { Ok(()) } else { self.set_mark(0) }
    }

    /// Forgets where leaves were.
    fn forget_leaves(&self) {
        self.directory.forget();
        self.near.set(Leaf::default());
        self.stretch.forget();
        self.tail.forget();
    }

    /// Removes everything, in constant time: the pages are taken apart later.
    pub(crate) fn clear(&self) -> Result<()> {
        let state = self.root().state();
        if state.top.get() == 0 {
            return Ok(());
        }
        self.root().pager().free_tree(state.top.get())?;
        self.forget_leaves();
        self.root().count_no_pages()?;
        self.root().set_cursor(&[])?;
        self.set_first(0)?;
        self.root().set_state(RootState { pages: 1.into(), ..RootState::default() })
    }

    /// Pages that putting `pieces` leaves in the place of one may need, branches included.
    fn spare_pages(&self, pieces: usize) -> u32 {
        self.tree.spare_pages(pieces)
    }

    fn broken(&self, why: &'static str) -> Error {
        Error::Damaged { page: self.root().page(), why }
    }
}
