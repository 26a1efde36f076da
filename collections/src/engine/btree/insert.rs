//! Insertion and overwriting. Usually a cell, a few slots and the header are written. A full leaf
//! is packed anew, into more leaves if needed.
//!
//! Everything that can fail comes first: reading, running the user's conversions, making room.
//! Writes follow.

use crate::engine::leaf::context::LeafContext;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{LayoutId, PageBytes, PageNumber, extent};
use graven_core::store::{OnPage, RootState};
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::btree::grow::Write;
use crate::engine::btree::tree::Tree;
use crate::engine::cell::{CellHead, Form, Sizes, compare};
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::fixed::group::GROUP;
use crate::engine::fixed::{Sought, fixed_cell};
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};
use crate::engine::leaf::path::DescentPath;
use crate::engine::leaf::reader::NodeReader;

/// The change of the statistics by a new entry and the entry that it replaces.
struct Change {
    entries: u64,
    bytes_before: u64,
    bytes: u64,
    /// The first of the overflow pages that are freed, and their number.
    overflow_before: Option<(PageNumber, u32)>,
    overflow_pages: u32,
}

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
        if self.is_empty() {
            self.create_root(key, value)?;
            return Ok(None);
        }
        let leaf = self.leaf(sizes, key)?;
        let pager = self.root().pager();
        let mut scratch = pager.take_scratch();
        let done = self.insert_in_leaf(sizes, (leaf, &mut scratch.0), key, value, replaced);
        pager.put_scratch(scratch);
        done
    }

    #[inline(always)]
    fn insert_in_leaf<R>(
        &self,
        sizes: Sizes,
        (leaf, bytes): (DescentPath, &mut PageBytes),
        key: &[u8],
        value: &[u8],
        replaced: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let mut part = NodeReader::open_node(self.root().pager(), self.root().page(), leaf, bytes)?;
        let fixed = part.current_cells(&self.context, sizes);
        if fixed.is_some_and(|fixed| key.len() != fixed.key || value.len() != fixed.value) {
            return Err(part.broken());
        }
        // One place reads the value, so that it is moved once.
        let (hit, found) = match fixed {
            Some(fixed) => {
                let (page, layout, hash) = (part.page, self.root().current(), fixed.lookup_hash(key));
                match part.seek(fixed, fixed.len, key, hash)? {
                    (Sought::Hit { group, place, .. }, cell) => {
                        let at = fixed_cell(group * GROUP + place, fixed.len) + fixed.key;
                        let value = ValueRef::Inline(fixed.value(cell));
                        (Hit::Cell(at), StoredValue { page, layout, value })
                    }
                    (Sought::Miss { free }, _) => {
                        return self.put_fixed(sizes, &mut part, (hash, free), key, value).map(|()| None);
                    }
                }
            }
            None => match part.search(&self.context, key)? {
                Ok((index, head)) => (Hit::Slot(index, head), part.found(index, &head)?),
                Err(index) => {
                    return self.put(&mut part, index, None, key, value).map(|()| None);
                }
            },
        };
        let old = replaced(found)?;
        match hit {
            Hit::Cell(at) => part.page_ref.write(at, value).on_page(self.root(), leaf.page)?,
            Hit::Slot(index, head) => self.put(&mut part, index, Some(head), key, value)?,
        }
        Ok(Some(old))
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
        let change = Change {
            entries: u64::from(old.is_none()),
            bytes_before: old.map_or(0, |head| head.entry_bytes()),
            bytes: (key.len() + value.len()) as u64,
            overflow_before: match old {
                Some(head) if self.owns(part, index) => {
                    // Checked before anything is written, since it is freed afterwards.
                    Some((head.page, self.root().pager().check_overflow_of(head.page, head.value_len)?))
                }
                _ => None,
            },
            overflow_pages: 0,
        };
        if format.form == Form::Overflow {
            return self.put_overflow(part, index, old.is_some(), key, value, change);
        }
        if self.context.put_in_place(part, index, old, format, key, value)? {
            return match change {
                Change { overflow_before: None, entries, bytes_before, bytes, .. } => {
                    self.root().count_values(entries as i64, bytes.wrapping_sub(bytes_before) as i64)
                }
                _ => self.apply_stats_delta(&change),
            };
        }
        let item = self.context.item(format, key, PageNumber::NONE, value);
        if self.rebuild_leaf(part.page, index, old.is_some(), item, key)? {
            return self.apply_stats_delta(&change);
        }
        self.put_after_freeing_slot(key, value)
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

    fn owns(&self, part: &mut NodeReader<'_, M>, index: usize) -> bool {
        part.slot(index).is_ok_and(Slot::owns)
    }

    /// Writes an entry whose value goes into overflow pages. The leaf is packed anew.
    fn put_overflow(
        &self,
        part: &NodeReader<'_, M>,
        index: usize,
        replace: bool,
        key: &[u8],
        value: &[u8],
        mut change: Change,
    ) -> Result<()> {
        if !node::has_room_for(part.header(), self.root().current()) {
            return self.put_after_freeing_slot(key, value);
        }
        let pager = self.root().pager();
        pager.reserve(extent::pages_for(value.len()) + self.context.spare_pages(2))?;
        let (chain, pages) = pager.write_overflow(value)?;
        change.overflow_pages = pages;
        let item = self.context.item(
            LeafContext::<M>::new_format(self.context.sizes, key.len(), value.len()),
            key,
            chain,
            value,
        );
        let put = self.rebuild_leaf(part.page, index, replace, item, key);
        if matches!(put, Ok(true)) {
            return self.apply_stats_delta(&change);
        }
        pager.free_overflow(chain)?;
        put.and_then(|_| self.put_after_freeing_slot(key, value))
    }

    /// Updates the statistics, and frees the overflow pages of a replaced value.
    fn apply_stats_delta(&self, change: &Change) -> Result<()> {
        let mut state = self.root().state();
        // Counters of a damaged root may have any value. They are checked where they matter.
        state.remove_bytes(change.bytes_before);
        state.add_entries(change.entries, change.bytes);
        state.add_pages(change.overflow_pages);
        if let Some((chain, freed)) = change.overflow_before {
            state.remove_pages(freed);
            self.root().pager().free_overflow(chain)?;
        }
        self.root().set_state(state)
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
    /// `false` if there are too many layouts.
    fn rebuild_leaf(
        &self,
        page: PageNumber,
        index: usize,
        replace: bool,
        item: OwnedCell<'static>,
        key: &[u8],
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
        let state =
            if is_large { self.root().state() } else { self.context.convert_alongside(&mut items)? };
        if !node::layouts_fit(&items) {
            return Ok(false);
        }
        let split = if at_end { Split::Ascending } else { Split::Even };
        let before = node::header(&bytes[..]).on_page(self.root(), page)?;
        self.replace_leaves(&[(page, before)], &items, split, key, state)?;
        Ok(true)
    }

    /// Checks that a leaf is as it was when its items were read. Making room frees detached trees.
    /// In damaged memory, this leaf may be one of their pages.
    pub(crate) fn expect_unchanged(&self, page: PageNumber, before: &NodeHeader) -> Result<()> {
        if self.root().pager().reclaimed() == 0 {
            return Ok(());
        }
        let mut header = [0; HEADER_SIZE];
        self.root().pager().read(page, 0, &mut header)?;
        if header.as_slice() == before.as_bytes() {
            return Ok(());
        }
        Err(self.root().damaged(page, Damage::DetachedInUse))
    }

    /// Writes items in place of adjacent leaves below one inner node, as at least as many leaves.
    /// `key` leads to the first one. With each leaf comes its header as it was when the items were
    /// read.
    pub(crate) fn replace_leaves(
        &self,
        leaves: &[(PageNumber, NodeHeader)],
        items: &[OwnedCell<'_>],
        split: Split,
        key: &[u8],
        mut state: RootState,
    ) -> Result<()> {
        let runs = node::partition(items, split, self.context.most_cells(items));
        let (pager, replaced) = (self.root().pager(), leaves.len().saturating_sub(1));
        // A leaf that stays one needs no room, which matters to removals.
        if runs.len() > 1 {
            pager.reserve(match split {
                Split::Full => self.spare_pages_of_load(runs.len()),
                _ => self.context.spare_pages(runs.len()),
            })?;
        }
        leaves.iter().try_for_each(|(page, before)| self.expect_unchanged(*page, before))?;
        let mut pages = leaves.iter().map(|(page, _)| *page);
        let mut writes = Vec::new();
        let mut right = Vec::new();
        for (i, run) in runs.iter().enumerate() {
            let at = pages.next().map_or_else(|| pager.allocate(), Ok)?;
            if let Some(before) = i.checked_sub(1).and_then(|before| runs.get(before)) {
                right.push((self.separator(before, run)?, at));
            }
            writes.push(Write::Page(at, self.context.build_leaf(run)));
        }
        self.grow_parents(&mut state, (replaced, right), split, key, &mut writes)?;
        state.add_pages(runs.len().saturating_sub(leaves.len()) as u32);
        self.recount(leaves, &writes)?;
        writes.into_iter().try_for_each(|write| self.write(write))?;
        self.root().set_state(state)
    }

    /// Updates the number of leaves of each layout where `writes` replace leaves, with one write
    /// for each layout.
    fn recount(&self, leaves: &[(PageNumber, NodeHeader)], writes: &[Write]) -> Result<()> {
        let mut changes: Vec<(LayoutId, i64)> = Vec::new();
        let mut count = |header: &NodeHeader, by: i64| {
            for layout in node::listed(header) {
                match changes.iter_mut().find(|(known, _)| *known == layout) {
                    Some((_, change)) => *change += by,
                    None => changes.push((layout, by)),
                }
            }
        };
        leaves.iter().for_each(|(_, before)| count(before, -1));
        for write in writes {
            let Write::Page(page, bytes) = write else { continue };
            let header = node::header(&bytes[..]).on_page(self.root(), *page)?;
            if header.level == 0 {
                count(&header, 1);
            }
        }
        changes.into_iter().try_for_each(|(layout, change)| self.root().count_pages(layout, change))
    }

    /// Returns the key that separates two neighbouring leaves. It is as short as possible unless
    /// keys have a constant size.
    fn separator(&self, left: &[OwnedCell<'_>], right: &[OwnedCell<'_>]) -> Result<Vec<u8>> {
        let broken = || self.root().damaged(self.root().page(), Damage::EmptyNode);
        let (Some(left), Some(right)) = (left.last(), right.first()) else { return Err(broken()) };
        let (left, right) = (self.context.item_key(0, left)?, self.context.item_key(0, right)?);
        if self.context.sizes.key.is_some() {
            return Ok(right.to_vec());
        }
        let common = left.iter().zip(right).take_while(|(a, b)| a == b).count();
        Ok(right.iter().take(common + 1).copied().collect())
    }
}
