//! Insertion and overwriting. Usually a cell, a few slots and the header are written. A full leaf
//! is packed anew, into more leaves if needed.
//!
//! Everything that can fail comes first: reading, running the user's conversions, making room.
//! Writes follow.

use crate::engine::leaf::context::LeafContext;
use graven_core::page::{PageBytes, PageNumber, extent};
use graven_core::store::{OnPage, RootState};
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::end::LeafEnd;
use crate::engine::btree::fixed::NewEntry;
use crate::engine::btree::tree::Tree;
use crate::engine::cell::{CellFormat, CellHead, Form, Sizes, compare};
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::fixed::group::{GROUP, first};
use crate::engine::fixed::{FixedCells, Sought, fixed_cell};
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};
use crate::engine::leaf::path::{DescentPath, KEY_PREFIX, lookup_prefix_of};
use crate::engine::leaf::reader::NodeReader;

/// The place of a new entry at the known end of a leaf.
type AtEnd = (FixedCells, LeafEnd, NewEntry);

/// An entry that gets another value.
enum Hit {
    /// The offset of its value, in a fixed cell of the current layout.
    Cell(usize),
    /// In the cell of a slot.
    Slot(usize, CellHead),
}

impl<M: Memory> Tree<M> {
    /// Sets the value of `key`. If it had one, calls `replaced` with it before anything is written,
    /// and returns the result.
    #[inline(always)]
    pub(crate) fn insert<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        value: &[u8],
        replaced: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        self.put_key::<true, R>(sizes, key, value, replaced)
    }

    /// Adds an entry unless its key has one. Returns `true` if it was added.
    pub(crate) fn add(&self, sizes: Sizes, key: &[u8], value: &[u8]) -> Result<bool> {
        self.put_key::<false, ()>(sizes, key, value, |_| Ok(())).map(|found| found.is_none())
    }

    /// Adds an entry. If its key has one, calls `found` with its value, and `REPLACES` it.
    #[inline(always)]
    fn put_key<const REPLACES: bool, R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        value: &[u8],
        found: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_empty() {
            self.create_root(key, value)?;
            return Ok(None);
        }
        let at_end = self.entry_at_end(sizes, key, value)?;
        let leaf = match &at_end {
            Some((_, end, _)) => DescentPath::to(end.page),
            None => self.leaf(sizes, key)?,
        };
        let pager = self.root().pager();
        let mut scratch = pager.take_scratch();
        let place = (leaf, at_end, &mut scratch.0);
        let done = self.put_in_leaf::<REPLACES, R>(sizes, place, key, value, found);
        pager.put_scratch(scratch);
        done
    }

    #[inline(always)]
    fn put_in_leaf<const REPLACES: bool, R>(
        &self,
        sizes: Sizes,
        (leaf, at_end, bytes): (DescentPath, Option<AtEnd>, &mut PageBytes),
        key: &[u8],
        value: &[u8],
        found: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let (root, pager) = (self.root(), self.root().pager());
        let (mut part, fixed, entry) = 'new: {
            if let Some((fixed, end, entry)) = at_end {
                break 'new (NodeReader::with_count(pager, end.page, bytes, end.count)?, fixed, entry);
            }
            let mut part = NodeReader::open_node(pager, root.page(), leaf, bytes)?;
            let page_ref = part.page_ref;
            // A reader that is lent to a function is in memory, so that one is moved here.
            let mut lent = None;
            // One place reads the value, so that it is moved once.
            let (hit, stored) = match part.current_cells(&self.context, sizes) {
                Some(fixed) if key.len() != fixed.key || value.len() != fixed.value => {
                    return Err(part.broken());
                }
                Some(fixed) => {
                    let (page, layout, hash) = (part.page, root.current(), fixed.lookup_hash(key));
                    match part.seek(fixed, fixed.len, key, hash)? {
                        (Sought::Hit { group, place, .. }, cell) => {
                            let at = fixed_cell(group * GROUP + place, fixed.len) + fixed.key;
                            let value = ValueRef::Inline(fixed.value(cell));
                            (Hit::Cell(at), StoredValue { page, layout, value })
                        }
                        (Sought::Miss { free }, _) => {
                            let index = part.position(fixed, key)?;
                            if part.count() >= fixed.places {
                                let part = lent.insert(part);
                                self.split_fixed(part, fixed, (index, hash), key, value)?;
                                return Ok(None);
                            }
                            let high =
                                if index == part.count() { self.known_high(leaf.page, key) } else { 0 };
                            break 'new (part, fixed, NewEntry { index, hash, free, high });
                        }
                    }
                }
                None => {
                    let part = lent.insert(part);
                    match part.search(&self.context, key)? {
                        Ok((index, head)) => (Hit::Slot(index, head), part.found(index, &head)?),
                        Err(index) => return self.put(part, index, None, key, value).map(|()| None),
                    }
                }
            };
            let found = found(stored)?;
            match (hit, &mut lent) {
                _ if !REPLACES => {}
                (Hit::Cell(at), _) => page_ref.write(at, value).on_page(root, leaf.page)?,
                (Hit::Slot(index, head), Some(part)) => self.put(part, index, Some(head), key, value)?,
                (Hit::Slot(..), None) => {}
            }
            return Ok(Some(found));
        };
        self.put_fixed(&mut part, fixed, entry, key, value).map(|()| None)
    }

    /// Returns the prefix of the upper fence key of a leaf that a search for `key` has found, or 0
    /// if that is not known.
    #[inline(always)]
    fn known_high(&self, leaf: PageNumber, key: &[u8]) -> u64 {
        let is_exact = key.len() <= KEY_PREFIX;
        let (top, head) = (self.root().state().top.get(), lookup_prefix_of(key));
        let recent = self.context.nodes.recent_leaf(top, head, is_exact);
        recent.filter(|recent| recent.page == leaf).map_or(0, |recent| recent.high)
    }

    /// Returns the place of a new entry at the end of the leaf where the last one was added, if it
    /// belongs there and its group has a free cell.
    #[inline(always)]
    fn entry_at_end(&self, sizes: Sizes, key: &[u8], value: &[u8]) -> Result<Option<AtEnd>> {
        let Some(fixed) = FixedCells::of_leaf(sizes) else { return Ok(None) };
        let Some(end) = self.end.before(&self.context, lookup_prefix_of(key)) else { return Ok(None) };
        if end.count >= fixed.places || key.len() != fixed.key || value.len() != fixed.value {
            return Ok(None);
        }
        let hash = fixed.lookup_hash(key);
        let home = first(hash, fixed.places);
        let (page, table) = (self.root().pager().page(end.page)?, fixed.table());
        let group = table.group(page, home).on_page(self.root(), end.page)?;
        let Some(free) = table.free_of(home, group, false) else { return Ok(None) };
        let entry = NewEntry { index: end.count, hash, free: Some(free), high: end.high };
        Ok(Some((fixed, end, entry)))
    }

    /// Creates the first leaf of an empty tree with one entry.
    pub(crate) fn create_root(&self, key: &[u8], value: &[u8]) -> Result<()> {
        let pager = self.root().pager();
        let format = LeafContext::<M>::new_format(self.context.sizes, key.len(), value.len());
        let chained = format.form == Form::Overflow;
        pager.reserve(1 + if chained { extent::pages_for(value.len()) } else { 0 })?;
        let (chain, overflow_pages) =
            if chained { pager.write_overflow(value)? } else { (PageNumber::NONE, 0) };
        let item = self.context.item(format, key, chain, value);
        let page = pager.allocate()?;
        self.context.nodes.write_page(page, self.context.build_leaf(&[item]))?;
        self.root().count_pages(self.root().current(), 1)?;
        let mut state = self.root().state();
        state.top = page.into();
        state.height = 1.into();
        state.len = 1.into();
        state.bytes = ((key.len() + value.len()) as u64).into();
        state.add_pages(1 + overflow_pages);
        self.root().set_state(state)
    }

    /// Writes an entry into a leaf at `index`, replacing the cell `old` if there is one. All maps
    /// share this code: leaves that are changed most of the time have fixed cells.
    #[inline(never)]
    pub(crate) fn put(
        &self,
        part: &mut NodeReader<'_, M>,
        index: usize,
        old: Option<CellHead>,
        key: &[u8],
        value: &[u8],
    ) -> Result<()> {
        let format = LeafContext::<M>::new_format(self.context.sizes, key.len(), value.len());
        let (mut state, mut freed) = (self.root().state(), None);
        state.add_entries(u64::from(old.is_none()), (key.len() + value.len()) as u64);
        if let Some(head) = &old {
            state.remove_bytes(head.entry_bytes());
            if part.slot(index)?.owns() {
                // Checked before anything is written, since it is freed afterwards.
                let pages = self.root().pager().check_overflow_of(head.page, head.value_len)?;
                state.remove_pages(pages);
                freed = Some(head.page);
            }
        }
        let is_large = format.form == Form::Overflow;
        if !is_large && self.context.put_in_place(part, index, old, format, key, value)? {
            self.root().set_state(state)?;
        } else if !self.put_anew(part, (index, old.is_some()), format, key, value, state)? {
            return self.put_after_freeing_slot(key, value);
        }
        freed.map_or(Ok(()), |chain| self.root().pager().free_overflow(chain))
    }

    /// Writes an entry into a leaf that must lose another layout first. That is a separate
    /// operation, whose effect may stay if there is no room for the entry.
    #[inline(never)]
    fn put_after_freeing_slot(&self, key: &[u8], value: &[u8]) -> Result<()> {
        self.free_layout_slot(key)?;
        let (leaf, pager) = (self.leaf(self.context.sizes, key)?, self.root().pager());
        pager.with_scratch(|bytes| {
            let mut part = NodeReader::open_node(pager, self.root().page(), leaf, bytes)?;
            match part.search(&self.context, key)? {
                Ok((index, head)) => self.put(&mut part, index, Some(head), key, value),
                Err(index) => self.put(&mut part, index, None, key, value),
            }
        })
    }

    /// Sets the length of a value in overflow pages, which must have room for it.
    pub(crate) fn set_overflow_len(&self, key: &[u8], len: usize) -> Result<()> {
        let leaf = self.leaf(self.context.sizes, key)?;
        let pager = self.root().pager();
        let broken = || self.root().damaged(leaf.page, Damage::OverflowMismatch);
        let before = pager.with_scratch(|bytes| {
            let mut part = NodeReader::open_node(pager, self.root().page(), leaf, bytes)?;
            let (index, head) = part.search(&self.context, key)?.map_err(|_| broken())?;
            let slot = part.slot(index)?;
            if !slot.owns() {
                return Err(broken());
            }
            let len = u32::try_from(len).map_err(|_| broken())?;
            pager.write(leaf.page, slot.place() + 4, &len.to_le_bytes())?;
            Ok(head.value_len as u64)
        })?;
        let mut state = self.root().state();
        state.remove_bytes(before);
        state.add_bytes(len as u64);
        self.root().set_state(state)
    }

    /// Writes an entry, and the overflow pages of its value if it needs any, by packing the leaf
    /// anew. Returns `false` if the leaf has too many layouts.
    fn put_anew(
        &self,
        part: &NodeReader<'_, M>,
        place: (usize, bool),
        format: CellFormat,
        key: &[u8],
        value: &[u8],
        mut state: RootState,
    ) -> Result<bool> {
        if format.form != Form::Overflow {
            let item = self.context.item(format, key, PageNumber::NONE, value);
            return self.rebuild_leaf(part.page, place, item, key, state);
        }
        if !node::has_room_for(part.header(), self.root().current()) {
            return Ok(false);
        }
        let pager = self.root().pager();
        pager.reserve(extent::pages_for(value.len()) + self.context.spare_pages(2))?;
        let (chain, pages) = pager.write_overflow(value)?;
        state.add_pages(pages);
        let item = self.context.item(format, key, chain, value);
        let put = self.rebuild_leaf(part.page, place, item, key, state);
        if !matches!(put, Ok(true)) {
            pager.free_overflow(chain)?;
        }
        put
    }

    /// Checks that an index found before room was made is still the index of `key`. Making room
    /// frees detached trees. In damaged memory, this leaf may be one of their pages.
    fn check_index(
        &self,
        page: PageNumber,
        items: &[OwnedCell<'_>],
        index: usize,
        replace: bool,
        key: &[u8],
    ) -> Result<()> {
        let moved = || self.root().damaged(page, Damage::KeysOutOfOrder);
        let at = |index: usize| items.get(index).map(|item| self.context.item_key(0, item)).transpose();
        let (found, before) = (at(index)?, index.checked_sub(1).map(at).transpose()?);
        let is_above =
            !matches!(before, Some(before) if before.is_none_or(|before| compare(before, key).is_ge()));
        let is_here = match (replace, found) {
            (true, Some(found)) => compare(found, key).is_eq(),
            (true, None) => false,
            (false, found) => found.is_none_or(|found| compare(found, key).is_gt()),
        };
        if is_here && is_above { Ok(()) } else { Err(moved()) }
    }

    /// Packs a leaf anew with an item inserted or replaced at `index`, and converts others. Returns
    /// `false` if there are too many layouts. `state` is that of the root with the item.
    fn rebuild_leaf(
        &self,
        page: PageNumber,
        (index, replace): (usize, bool),
        item: OwnedCell<'static>,
        key: &[u8],
        mut state: RootState,
    ) -> Result<bool> {
        let bytes = self.root().pager().read_page(page)?;
        let mut items = self.context.items(page, &bytes)?;
        self.check_index(page, &items, index, replace, key)?;
        let (at_end, is_large) = (index == items.len(), item.owns);
        match items.get_mut(index).filter(|_| replace) {
            Some(old) => *old = item,
            None => items.insert(index, item),
        }
        // The overflow pages of a large value are written, and defaults are code of the user.
        if !is_large {
            self.context.convert_alongside(&mut items, &mut state)?;
        }
        if !node::layouts_fit(&items) {
            return Ok(false);
        }
        let split = if at_end { Split::Ascending } else { Split::Even };
        let before = node::header(&bytes[..]).on_page(self.root(), page)?;
        self.replace_leaves(&[(page, before)], &items, split, key, state)?;
        Ok(true)
    }
}
