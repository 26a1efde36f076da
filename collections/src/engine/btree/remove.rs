//! Removal of entries. A removed cell becomes a freeblock. A sparse leaf is merged with a neighbour
//! below the same inner node, and then so are sparse inner nodes above it.

use std::ops::Range;

use graven_core::page::node::{HEADER_COUNTS, HEADER_SIZE, NodeHeader};
use graven_core::page::{Kind, PageBytes, PageNumber};
use graven_core::store::{OnPage, RootState};
use graven_core::{Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::btree::fixed::Found;
use crate::engine::btree::tree::Tree;
use crate::engine::cell::StoredValue;
use crate::engine::cell::{MIN_CELL, ROOM, SLOT, Sizes};
use crate::engine::fixed::FixedCells;
use crate::engine::leaf::node;
use crate::engine::leaf::path::DescentPath;
use crate::engine::leaf::reader::NodeReader;
use crate::engine::verify::check_top;

/// The bytes below which a node is merged with a neighbour, if possible.
const SPARSE: usize = ROOM / 4;

/// The bytes below which a leaf of at least [`MANY_CELLS`] cells is merged.
const SPARSE_LEAF: usize = ROOM * 3 / 8;

/// The number of cells from which a leaf is merged early. Leaves of fewer, larger cells are merged
/// once in a few removals, so an earlier merge would cost more than it saves.
const MANY_CELLS: u16 = 8;

/// The bytes that a sparse leaf loses between two attempts to merge it, so that removals next to
/// full neighbours stay cheap.
const ATTEMPT: usize = ROOM / 16;

/// The most bytes that a merged node may use, so that it is not split again at once.
const MERGED: usize = ROOM * 3 / 4;

impl<M: Memory> Tree<M> {
    /// Removes the entry of `key`. Calls `removed` with its value before anything is written, and
    /// returns the result.
    #[inline(always)]
    pub(crate) fn remove<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        removed: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_empty() {
            return Ok(None);
        }
        let leaf = self.leaf(sizes, key)?;
        let pager = self.root().pager();
        let mut scratch = pager.take_scratch();
        // The closure stores the value here: returning a large value would move it several times.
        let mut value = None;
        let done = self.remove_from_leaf(sizes, (leaf, &mut scratch.0), key, |found| {
            value = Some(removed(found)?);
            Ok(())
        });
        pager.put_scratch(scratch);
        let Some((header, before)) = done? else { return Ok(None) };
        if is_merge_due(before, &header) {
            self.shrink(leaf.page, &header, key)?;
        }
        Ok(value)
    }

    #[inline(always)]
    fn remove_from_leaf(
        &self,
        sizes: Sizes,
        (leaf, bytes): (DescentPath, &mut PageBytes),
        key: &[u8],
        removed: impl FnOnce(StoredValue<'_>) -> Result<()>,
    ) -> Result<Option<(NodeHeader, usize)>> {
        let mut part = NodeReader::open_node(self.root().pager(), self.root().page(), leaf, bytes)?;
        // One place reads the value, so that it is moved once.
        let (hit, found) = match part.current_cells(&self.context, sizes) {
            Some(fixed) => match part.seek_value((fixed, self.root().current()), key)? {
                Some((hit, found)) => (Found::Current(hit), found),
                None => return Ok(None),
            },
            None => match self.find_other(&mut part, key)? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        removed(found)?;
        let before = node::used(part.header());
        match hit {
            // Its sizes are made out again, so that the compiler knows them.
            Found::Current(hit) => match FixedCells::of_leaf(sizes) {
                Some(fixed) => self.remove_fixed(&mut part, fixed, hit)?,
                None => return Err(part.broken()),
            },
            Found::Previous(fixed, hit) => self.remove_previous(&mut part, fixed, hit)?,
            Found::Slot(index, head) => self.context.take_out(&mut part, index, &head)?,
        }
        Ok(Some((*part.header(), before)))
    }

    /// Frees the leaf of `start` with all its entries and returns their number, if all keys begin
    /// with `prefix` and no value is in overflow pages. Otherwise returns `None`. Nothing is
    /// decoded or moved, so this costs less than removing the entries.
    pub(crate) fn drop_leaf(&self, start: &[u8], prefix: &[u8]) -> Result<Option<u64>> {
        if self.root().state().height.get() < 2 {
            return Ok(None);
        }
        let page = self.leaf(self.context.sizes, start)?.page;
        let bytes = self.root().pager().read_page(page)?;
        let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
        let items = self.context.leaf_items(page, &bytes)?;
        let (mut len, mut ours) = (0, header.overflows.get() == 0 && !items.is_empty());
        for (at, item) in items.iter().enumerate() {
            let head = self.context.item_head(0, item)?;
            if at == 0 || at + 1 == items.len() {
                ours &= item.cell.get(head.key()).is_some_and(|key| key.starts_with(prefix));
            }
            len += head.entry_bytes();
        }
        if !ours {
            return Ok(None);
        }
        let (count, mut state) = (items.len() as u64, self.root().state());
        state.remove_entries(count, len);
        self.root().set_state(state)?;
        self.shrink(page, &NodeHeader { count: 0.into(), ..header }, start)?;
        Ok(Some(count))
    }

    /// Merges a leaf with a neighbour if it is sparse. `key` leads to it.
    pub(crate) fn merge_if_sparse(&self, leaf: PageNumber, key: &[u8]) -> Result<()> {
        let mut head = [0; HEADER_SIZE];
        self.root().pager().read(leaf, 0, &mut head)?;
        let header = node::header(&head).on_page(self.root(), leaf)?;
        if node::used(&header) < SPARSE { self.shrink(leaf, &header, key) } else { Ok(()) }
    }

    /// Merges a sparse leaf with a neighbour, or frees it if it is empty.
    fn shrink(&self, leaf: PageNumber, header: &NodeHeader, key: &[u8]) -> Result<()> {
        let mut path = self.path(key)?;
        if path.is_empty() && header.count.get() > 0 {
            return Ok(());
        }
        let mut state = self.root().state();
        let (mut page, mut header) = (leaf, *header);
        while let Some((parent, index)) = path.pop() {
            if !self.shrink_one(&mut state, page, &header, parent, index)? {
                return self.root().set_state(state);
            }
            let node = self.context.nodes.node(parent)?;
            let bytes = node.bytes();
            (page, header) = (parent, node::header(&bytes[..]).on_page(self.root(), parent)?);
            if node::used(&header) >= SPARSE {
                return self.root().set_state(state);
            }
        }
        self.shrink_top(&mut state)?;
        self.root().set_state(state)
    }

    /// Frees a node if it is empty, or merges it with a neighbour below `parent`. Returns `false`
    /// if it fits into no neighbour.
    fn shrink_one(
        &self,
        state: &mut RootState,
        page: PageNumber,
        header: &NodeHeader,
        parent: PageNumber,
        index: usize,
    ) -> Result<bool> {
        if header.count.get() == 0 {
            for layout in node::listed(header) {
                self.root().count_pages(layout, -1)?;
            }
            self.drop_child(state, parent, index, page)?;
            return Ok(true);
        }
        for right in [index + 1, index] {
            let Some(left) = right.checked_sub(1) else { continue };
            // The node must not be held when a child is removed from it.
            let neighbours = {
                let node = self.context.nodes.node(parent)?;
                let (first, second) =
                    (self.child_at(parent, node.bytes(), left)?, self.child_at(parent, node.bytes(), right)?);
                first.zip(second).map(|((first, _), (second, separator))| (first, second, separator.to_vec()))
            };
            let Some((first, second, separator)) = neighbours else { continue };
            if self.merge(first, second, &separator, header.level)? {
                self.drop_child(state, parent, right, second)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns a child of an inner node and the key before it, or `None` after the last one.
    pub(crate) fn child_at<'a>(
        &self,
        page: PageNumber,
        bytes: &'a PageBytes,
        index: usize,
    ) -> Result<Option<(PageNumber, &'a [u8])>> {
        let count = node::header(&bytes[..]).on_page(self.root(), page)?.count.get() as usize;
        if index >= count {
            return Ok(None);
        }
        let slot = node::slot(bytes, index, count).on_page(self.root(), page)?;
        let (head, cell) = node::cell(bytes, slot, self.context.inner_format()).on_page(self.root(), page)?;
        Ok(Some((head.page, head.key_in(cell))))
    }

    /// Packs two neighbours into the left one, and leaves the right one to be dropped. Returns
    /// `false` if they do not fit.
    fn merge(&self, left: PageNumber, right: PageNumber, separator: &[u8], level: u8) -> Result<bool> {
        let pager = self.root().pager();
        let mut headers = Vec::with_capacity(2);
        for page in [left, right] {
            let mut head = [0; HEADER_SIZE];
            pager.read(page, 0, &mut head)?;
            headers.push(node::header(&head).on_page(self.root(), page)?);
        }
        if headers.iter().map(node::used).sum::<usize>() > MERGED {
            return Ok(false);
        }
        // In damaged memory a neighbour may be a node of another tree, which would lose its
        // entries.
        let is_ours = |header: &NodeHeader| {
            header.kind == Kind::Node as u8
                && header.level == level
                && header.owner.get() == self.root().page()
        };
        if !headers.iter().all(is_ours) {
            return Ok(false);
        }
        if level == 0 && self.merge_fixed(left, right, &headers)? {
            return Ok(true);
        }
        let (left_bytes, right_bytes) = (pager.read_page(left)?, pager.read_page(right)?);
        let (mut items, mut more) =
            (self.context.items(left, &left_bytes)?, self.context.items(right, &right_bytes)?);
        // The key before a node's first child is never read and may be stale. In the merged node it
        // separates two children.
        if let Some(first) = more.first_mut().filter(|_| level > 0) {
            *first = self.context.item(
                self.context.inner_format(),
                separator,
                self.context.item_head(level, first)?.page,
                &[],
            );
        }
        items.append(&mut more);
        if !node::layouts_fit(&items) || node::size_of(&items) > ROOM {
            return Ok(false);
        }
        let merged = match level {
            0 => self.context.build_leaf(&items),
            _ => node::build(&items, level, self.root().page()),
        };
        for layout in headers.iter().flat_map(node::listed) {
            self.root().count_pages(layout, -1)?;
        }
        for layout in node::listed(&node::header(&merged[..]).on_page(self.root(), left)?) {
            self.root().count_pages(layout, 1)?;
        }
        self.write_node(left, merged)?;
        Ok(true)
    }

    /// Removes a child from an inner node and frees its page.
    fn drop_child(
        &self,
        state: &mut RootState,
        parent: PageNumber,
        index: usize,
        child: PageNumber,
    ) -> Result<()> {
        let pager = self.root().pager();
        pager.check_node(child, self.root().page())?;
        // The node is released here: a cached one can only be changed while nothing holds it.
        let (cell, len) = {
            let node = self.context.nodes.node(parent)?;
            let bytes = node.bytes();
            let slot = node::slot(bytes, index, NodeHeader::of(bytes).count.get() as usize)
                .on_page(self.root(), parent)?;
            (
                slot.place(),
                node::cell(bytes, slot, self.context.inner_format())
                    .on_page(self.root(), parent)?
                    .0
                    .cell_len(),
            )
        };
        self.context.nodes.edit_children(parent, index, None, |bytes| take_child(bytes, index, cell, len))?;
        pager.free(child)?;
        state.remove_pages(1);
        Ok(())
    }

    /// Removes nodes from the top that have a single child or are empty.
    fn shrink_top(&self, state: &mut RootState) -> Result<()> {
        let pager = self.root().pager();
        loop {
            let top = state.top.get();
            let bytes = pager.read_page(top)?;
            let header = node::header(&bytes[..]).on_page(self.root(), top)?;
            pager.check_tree(top, self.root().page(), state.height.get())?;
            match (state.height.get(), header.count.get()) {
                (_, 0) => {
                    for layout in node::listed(&header) {
                        self.root().count_pages(layout, -1)?;
                    }
                    (state.top, state.height) = (PageNumber::NONE.into(), 0.into());
                }
                (2.., 1) => {
                    let items = self.context.items(top, &bytes)?;
                    let Some(first) = items.first() else { return Ok(()) };
                    state.top = self.context.item_head(header.level, first)?.page.into();
                    state.height = (state.height.get() - 1).into();
                    pager.check_tree(state.top.get(), self.root().page(), state.height.get())?;
                }
                _ => return Ok(()),
            }
            pager.free(top)?;
            state.remove_pages(1);
            if state.top.get().is_none() {
                return Ok(());
            }
        }
    }

    /// Removes all entries in constant time. The pages are freed later.
    pub(crate) fn clear(&self) -> Result<()> {
        let state = self.root().state();
        if state.top.get().is_none() {
            return Ok(());
        }
        check_top(self.root())?;
        self.root().pager().free_tree(state.top.get())?;
        self.root().count_no_pages()?;
        self.root().set_cursor(&[])?;
        self.root().set_state(RootState { pages: 1.into(), ..RootState::default() })
    }
}

/// Returns `true` if a leaf is empty after a removal, or if it is sparse and its size has passed a
/// multiple of [`ATTEMPT`]. The leaf used `before` bytes.
#[inline(always)]
fn is_merge_due(before: usize, header: &NodeHeader) -> bool {
    let (used, count) = (node::used(header), header.count.get());
    let sparse = if count < MANY_CELLS { SPARSE } else { SPARSE_LEAF };
    used < sparse && (used / ATTEMPT < before / ATTEMPT || count == 0)
}

/// Removes a child and its cell from an inner node, and returns the ranges that changed.
#[expect(
    clippy::indexing_slicing,
    reason = "`node::cell` has found the cell, which has at least `MIN_CELL` bytes"
)]
fn take_child(bytes: &mut PageBytes, index: usize, cell: usize, len: usize) -> [Range<usize>; 3] {
    let header = NodeHeader::of_mut(bytes);
    let (count, freeblock) = (header.count.get() as usize, header.freeblock);
    let (at, end) = (HEADER_SIZE + SLOT * index, HEADER_SIZE + SLOT * count);
    header.count = header.count.get().saturating_sub(1).into();
    header.overflows = header.overflows.get().saturating_sub(1).into();
    let freed = if cell == header.cells.get() as usize {
        header.cells = ((cell + len) as u16).into();
        cell..cell
    } else {
        header.freeblock = (cell as u16).into();
        header.fragmented = header.fragmented.get().saturating_add(len as u16).into();
        bytes[cell..cell + 2].copy_from_slice(freeblock.as_bytes());
        bytes[cell + 2..cell + MIN_CELL].copy_from_slice(&(len as u16).to_le_bytes());
        cell..cell + MIN_CELL
    };
    bytes.copy_within(at + SLOT..end, at);
    [0..HEADER_COUNTS, at..end - SLOT, freed]
}
