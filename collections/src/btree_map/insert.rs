//! Inserting and overwriting. Usually a cell, a few slots and the header are written; a full leaf is packed
//! anew, into more leaves if need be.
//!
//! Whatever can fail comes first: reading, running the user's conversions, making room. Then all is written.

use graven_core::page::extent;
use graven_core::page::node::{HEADER_SIZE, NO_LAYOUT, NodeHeader, Slot};
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::store::RootState;
use graven_core::{Error, Memory, Result};
use zerocopy::IntoBytes;

use super::cell::{CellFormat, CellHead, Form, MIN_CELL, SLOT, Sizes};
use super::migrate::Migrated;
use super::node::{self, Item, Split};
use super::tree::{Found, Part, Tree};

/// What a new entry adds to the statistics, and what it replaces.
struct Change {
    entries: u64,
    bytes_before: u64,
    bytes: u64,
    chain_before: Option<u32>,
    chain_pages: u32,
}

impl<M: Memory> Tree<M> {
    /// Sets the value of `key`. `replaced` sees the value that was there before anything is written.
    #[inline(always)]
    pub(crate) fn insert<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        value: &[u8],
        replaced: impl FnOnce(Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_empty() {
            self.plant(key, value)?;
            return Ok(None);
        }
        let leaf = self.leaf(sizes, key)?;
        let pager = self.root.pager().clone();
        pager.with_scratch(|bytes| {
            let mut part = Part::open(&pager, leaf, bytes)?;
            match part.search(self, sizes, key)? {
                Ok((index, head)) => {
                    let old = replaced(part.found(index, &head)?)?;
                    self.put(sizes, &mut part, index, Some(head), key, value)?;
                    Ok(Some(old))
                }
                Err(index) => self.put(sizes, &mut part, index, None, key, value).map(|()| None),
            }
        })
    }

    /// Begins an empty tree with its first entry.
    fn plant(&self, key: &[u8], value: &[u8]) -> Result<()> {
        let pager = self.root.pager();
        let format = Self::new_format(self.sizes, key.len(), value.len());
        let chained = format.form == Form::Chain;
        pager.reserve(1 + if chained { extent::pages_for(value.len()) } else { 0 })?;
        let (chain, chain_pages) = if chained { pager.write_chain(value)? } else { (0, 0) };
        let item = self.item(format, key, chain, value);
        let page = pager.allocate()?;
        pager.write_page(page, node::pack(&[item], 0, self.root.page()))?;
        self.root.count_pages(self.root.newest(), 1)?;
        let mut state = self.root.state();
        state.top = page.into();
        state.height = 1.into();
        state.len = 1.into();
        state.bytes = ((key.len() + value.len()) as u64).into();
        state.pages = (state.pages.get() + 1 + chain_pages).into();
        self.root.set_state(state)
    }

    pub(super) fn item(&self, format: CellFormat, key: &[u8], page: u32, value: &[u8]) -> Item<'static> {
        let mut cell = vec![0; format.len(key.len(), value.len())];
        format.write(&mut cell, key, page, value);
        let layout = if format.form == Form::Child { NO_LAYOUT } else { self.root.newest() };
        Item { cell: cell.into(), layout, owns: !matches!(format.form, Form::Inline(_)) }
    }

    /// Writes an entry into a leaf, at `index`, in place of the cell `old` if there is one.
    #[inline(always)]
    fn put(
        &self,
        sizes: Sizes,
        part: &mut Part<'_, M>,
        index: usize,
        old: Option<CellHead>,
        key: &[u8],
        value: &[u8],
    ) -> Result<()> {
        let format = Self::new_format(sizes, key.len(), value.len());
        let change = Change {
            entries: u64::from(old.is_none()),
            bytes_before: old.map_or(0, |head| head.entry_bytes()),
            bytes: (key.len() + value.len()) as u64,
            chain_before: old.filter(|_| self.owns(part, index)).map(|head| head.page),
            chain_pages: 0,
        };
        if format.form == Form::Chain {
            return self.put_chained(part, index, old.is_some(), key, value, change);
        }
        if !self.put_fast(part, index, old, format, key, value)? {
            let item = self.item(format, key, 0, value);
            self.put_packed(part.page, index, old.is_some(), item, key)?;
        }
        self.settle(&change)
    }

    fn owns(&self, part: &Part<'_, M>, index: usize) -> bool {
        part.slot(index).is_ok_and(Slot::owns)
    }

    /// An entry whose value goes into a chain of extents; the leaf is packed anew.
    fn put_chained(
        &self,
        part: &Part<'_, M>,
        index: usize,
        replace: bool,
        key: &[u8],
        value: &[u8],
        mut change: Change,
    ) -> Result<()> {
        let pager = self.root.pager();
        pager.reserve(extent::pages_for(value.len()) + self.spare_pages(2))?;
        let (chain, pages) = pager.write_chain(value)?;
        change.chain_pages = pages;
        let item = self.item(Self::new_format(self.sizes, key.len(), value.len()), key, chain, value);
        if let Err(error) = self.put_packed(part.page, index, replace, item, key) {
            pager.free_chain(chain)?;
            return Err(error);
        }
        self.settle(&change)
    }

    /// Brings the statistics up to date, and frees the extents of a replaced value.
    fn settle(&self, change: &Change) -> Result<()> {
        let mut state = self.root.state();
        state.len = (state.len.get() + change.entries).into();
        state.bytes = (state.bytes.get().saturating_sub(change.bytes_before) + change.bytes).into();
        let mut pages = state.pages.get() + change.chain_pages;
        if let Some(chain) = change.chain_before {
            pages = pages.saturating_sub(self.root.pager().chain_extents(chain, 0)?);
            self.root.pager().free_chain(chain)?;
        }
        state.pages = pages.into();
        self.root.set_state(state)
    }

    /// Pages that packing one leaf into `pieces` may need, inner nodes included.
    pub(crate) fn spare_pages(&self, pieces: usize) -> u32 {
        pieces as u32 * (self.root.state().height.get() + 1) + 1
    }

    /// Writes a cell where there is room for it without moving others; false if there is none.
    #[inline(always)]
    fn put_fast(
        &self,
        part: &mut Part<'_, M>,
        index: usize,
        old: Option<CellHead>,
        format: CellFormat,
        key: &[u8],
        value: &[u8],
    ) -> Result<bool> {
        let Some(tag) = tag_for(part, self.root.newest()) else { return Ok(false) };
        let len = format.len(key.len(), value.len());
        let old_slot = if old.is_some() { Some(part.slot(index)?) } else { None };
        let in_place = old_slot.filter(|slot| {
            !slot.owns() && old.is_some_and(|head| head.cell_len() == len) && slot.tag() == tag.position
        });
        if let Some(slot) = in_place {
            let at = slot.place();
            format.write(&mut part.bytes[at..at + len], key, 0, value);
            part.pager.write(part.page, at, &part.bytes[at..at + len])?;
            return Ok(true);
        }
        let Some(at) = claim_cell(part, len, usize::from(old.is_none()))? else { return Ok(false) };
        format.write(&mut part.bytes[at..at + len], key, 0, value);
        part.pager.write(part.page, at, &part.bytes[at..at + len])?;
        if tag.is_new {
            part.header.layouts[tag.position] = self.root.newest().into();
            self.root.count_pages(self.root.newest(), 1)?;
        }
        if let (Some(slot), Some(head)) = (old_slot, &old) {
            free_cell(part, slot, head.cell_len())?;
        }
        write_slot(part, index, Slot::new(at, tag.position, false), old.is_none())?;
        Ok(true)
    }

    /// Packs a leaf anew with one more item, or another one, at `index`.
    fn put_packed(
        &self,
        page: u32,
        index: usize,
        replace: bool,
        item: Item<'static>,
        key: &[u8],
    ) -> Result<()> {
        let bytes = self.root.pager().read_page(page)?;
        let mut items = self.items(page, &bytes)?;
        let at_end = index == items.len();
        if replace {
            items[index] = item;
        } else {
            items.insert(index, item);
        }
        let mut migrated = Migrated::nothing(self.root.state());
        if !node::layouts_fit(&items) {
            migrated = self.migrate(&mut items)?;
        }
        let split = if at_end { Split::Ascending } else { Split::Even };
        let before = node::header(page, &bytes[..])?;
        self.settle_migration(migrated, |state| self.replace_leaf(page, &before, &items, split, key, state))
    }

    /// Writes items in place of a leaf, as one leaf or as several. `key` leads to it.
    pub(crate) fn replace_leaf(
        &self,
        page: u32,
        before: &NodeHeader,
        items: &[Item<'_>],
        split: Split,
        key: &[u8],
        mut state: RootState,
    ) -> Result<()> {
        let runs = node::partition(items, split);
        let pager = self.root.pager();
        pager.reserve(self.spare_pages(runs.len()))?;
        let mut writes = Vec::new();
        let mut right = Vec::new();
        for (i, run) in runs.iter().enumerate() {
            let at = if i == 0 { page } else { pager.allocate()? };
            if i > 0 {
                right.push((self.separator(runs[i - 1], run)?, at));
            }
            writes.push((at, node::pack(run, 0, self.root.page())));
        }
        self.grow_parents(&mut state, right, key, &mut writes)?;
        state.pages = (state.pages.get() + runs.len() as u32 - 1).into();
        for layout in node::listed(before) {
            self.root.count_pages(layout, -1)?;
        }
        for (_, bytes) in writes.iter().filter(|(_, bytes)| bytes[1] == 0) {
            for layout in node::listed(&node::header(page, &bytes[..])?) {
                self.root.count_pages(layout, 1)?;
            }
        }
        writes.into_iter().try_for_each(|(at, bytes)| pager.write_page(at, bytes))?;
        self.root.set_state(state)
    }

    /// The key that tells two neighbouring leaves apart: as short as possible.
    fn separator(&self, left: &[Item<'_>], right: &[Item<'_>]) -> Result<Vec<u8>> {
        let broken = || Error::Damaged { page: self.root.page(), why: "a leaf would be empty" };
        let (Some(left), Some(right)) = (left.last(), right.first()) else { return Err(broken()) };
        let (left, right) = (self.item_key(0, left)?, self.item_key(0, right)?);
        if self.sizes.key.is_some() {
            return Ok(right.to_vec());
        }
        let common = left.iter().zip(right).take_while(|(a, b)| a == b).count();
        Ok(right[..right.len().min(common + 1)].to_vec())
    }

    /// Adds new children to the inner nodes on the way to `key`, from the lowest up.
    fn grow_parents(
        &self,
        state: &mut RootState,
        mut right: Vec<(Vec<u8>, u32)>,
        key: &[u8],
        writes: &mut Vec<(u32, Box<PageBytes>)>,
    ) -> Result<()> {
        let pager = self.root.pager();
        let mut path = if right.is_empty() { Vec::new() } else { self.path(key)? };
        while !right.is_empty() {
            let Some((page, index)) = path.pop() else {
                return self.grow_root(state, right, writes);
            };
            let node = pager.node(page)?;
            let bytes = node.bytes();
            if let [(separator, child)] = right.as_slice()
                && let Some(grown) = self.with_child(page, bytes, index + 1, separator, *child)?
            {
                writes.push((page, grown));
                return Ok(());
            }
            let level = bytes[1];
            let mut items = self.items(page, bytes)?;
            let at_end = index + 1 == items.len();
            for (i, (separator, child)) in right.drain(..).enumerate() {
                items.insert(index + 1 + i, self.item(self.inner_format(), &separator, child, &[]));
            }
            let split = if at_end { Split::Ascending } else { Split::Even };
            for (i, run) in node::partition(&items, split).into_iter().enumerate() {
                let at = if i == 0 { page } else { pager.allocate()? };
                if i > 0 {
                    let first = run.first().map(|item| self.item_key(level, item));
                    right.push((first.transpose()?.unwrap_or_default().to_vec(), at));
                }
                writes.push((at, node::pack(run, level, self.root.page())));
            }
            state.pages = (state.pages.get() + right.len() as u32).into();
        }
        Ok(())
    }

    /// An inner node with one more child, if there is room for it; the others stay where they are.
    fn with_child(
        &self,
        page: u32,
        bytes: &PageBytes,
        index: usize,
        separator: &[u8],
        child: u32,
    ) -> Result<Option<Box<PageBytes>>> {
        let format = self.inner_format();
        let mut header = node::header(page, bytes)?;
        let (count, len) = (header.count.get() as usize, format.len(separator.len(), 0));
        let (at, end) = (HEADER_SIZE + SLOT * index, HEADER_SIZE + SLOT * count);
        let lowest = (header.cells.get() as usize).min(PAGE_SIZE);
        let Some(cell) = lowest.checked_sub(len).filter(|cell| *cell >= end + SLOT && at <= end) else {
            return Ok(None);
        };
        let mut grown = Box::new(*bytes);
        format.write(&mut grown[cell..lowest], separator, child, &[]);
        grown.copy_within(at..end, at + SLOT);
        grown[at..at + SLOT].copy_from_slice(&Slot::new(cell, 0, true).0.to_le_bytes());
        header.count = (count as u16 + 1).into();
        header.refs = (header.refs.get() + 1).into();
        header.cells = (cell as u16).into();
        grown[..HEADER_SIZE].copy_from_slice(header.as_bytes());
        Ok(Some(grown))
    }

    /// Puts a new inner node on top.
    fn grow_root(
        &self,
        state: &mut RootState,
        right: Vec<(Vec<u8>, u32)>,
        writes: &mut Vec<(u32, Box<PageBytes>)>,
    ) -> Result<()> {
        let lowest = vec![0; self.sizes.key.unwrap_or(0)];
        let mut items = vec![self.item(self.inner_format(), &lowest, state.top.get(), &[])];
        items.extend(right.iter().map(|(key, child)| self.item(self.inner_format(), key, *child, &[])));
        let page = self.root.pager().allocate()?;
        writes.push((page, node::pack(&items, state.height.get() as u8, self.root.page())));
        state.top = page.into();
        state.height = (state.height.get() + 1).into();
        state.pages = (state.pages.get() + 1).into();
        Ok(())
    }

    /// The inner nodes on the way to `key`, from the top, with the position of the child taken.
    pub(crate) fn path(&self, key: &[u8]) -> Result<Vec<(u32, usize)>> {
        let state = self.root.state();
        let (mut page, mut path) = (state.top.get(), Vec::new());
        for level in (1..state.height.get()).rev() {
            let pager = self.root.pager();
            let (child, index) =
                pager.with_node(page, |node| self.child(self.sizes, page, node, level, key))?;
            path.push((page, index));
            page = child;
        }
        Ok(path)
    }
}

/// Position of a layout in a leaf's table.
struct Tag {
    position: usize,
    is_new: bool,
}

fn tag_for<M: Memory>(part: &Part<'_, M>, layout: u16) -> Option<Tag> {
    let position = |wanted: u16| part.header.layouts.iter().position(|listed| listed.get() == wanted);
    if let Some(position) = position(layout) {
        return Some(Tag { position, is_new: false });
    }
    position(NO_LAYOUT).map(|position| Tag { position, is_new: true })
}

/// Gives a cell's bytes back: the lowest one to the gap below it, others as a hole.
pub(super) fn free_cell<M: Memory>(part: &mut Part<'_, M>, slot: Slot, len: usize) -> Result<()> {
    let at = slot.place();
    let header = &mut part.header;
    if slot.owns() {
        header.refs = header.refs.get().saturating_sub(1).into();
    }
    if at == header.cells.get() as usize {
        header.cells = ((at + len) as u16).into();
        return Ok(());
    }
    let mut hole = [0; MIN_CELL];
    hole[..2].copy_from_slice(&header.hole.get().to_le_bytes());
    hole[2..].copy_from_slice(&(len as u16).to_le_bytes());
    header.hole = (at as u16).into();
    header.garbage = header.garbage.get().saturating_add(len as u16).into();
    part.pager.write(part.page, at, &hole)
}

/// Finds `len` bytes for a cell: the first hole if it fits exactly, or the gap below all cells.
fn claim_cell<M: Memory>(part: &mut Part<'_, M>, len: usize, more_slots: usize) -> Result<Option<usize>> {
    let slots_end = HEADER_SIZE + SLOT * (part.count() + more_slots);
    let lowest = part.header.cells.get() as usize;
    if slots_end > lowest {
        return Ok(None);
    }
    if lowest > PAGE_SIZE {
        return Err(Error::Damaged { page: part.page, why: "its cells begin behind its end" });
    }
    let hole = part.header.hole.get() as usize;
    if hole != 0 {
        if hole < lowest {
            return Err(Error::Damaged { page: part.page, why: "a hole is not among the cells" });
        }
        let bytes = part.load(hole, MIN_CELL)?;
        let next = u16::from_le_bytes([bytes[0], bytes[1]]);
        let hole_len = u16::from_le_bytes([bytes[2], bytes[3]]);
        if hole_len as usize == len {
            part.load(hole, len)?;
            part.header.hole = next.into();
            part.header.garbage = part.header.garbage.get().saturating_sub(hole_len).into();
            return Ok(Some(hole));
        }
    }
    if lowest - slots_end < len {
        return Ok(None);
    }
    part.header.cells = ((lowest - len) as u16).into();
    Ok(Some(lowest - len))
}

/// Writes a slot, moving those behind it if it is a new one, and the header.
fn write_slot<M: Memory>(part: &mut Part<'_, M>, index: usize, slot: Slot, new: bool) -> Result<()> {
    let at = HEADER_SIZE + SLOT * index;
    let mut end = at + SLOT;
    if new {
        let slots_end = HEADER_SIZE + SLOT * part.count();
        part.bytes.copy_within(at..slots_end, at + SLOT);
        part.header.count = (part.header.count.get() + 1).into();
        end = slots_end + SLOT;
    }
    part.bytes[at..at + SLOT].copy_from_slice(&slot.0.to_le_bytes());
    part.pager.write(part.page, at, &part.bytes[at..end])?;
    part.pager.write(part.page, 0, part.header.as_bytes())
}
