//! New children of inner nodes. Usually a cell and a slot are added, sometimes nodes are split, and
//! rarely a node is added on top.

use std::ops::Range;

use graven_core::page::node::{HEADER_COUNTS, HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{PAGE_SIZE, PageBytes, PageNumber};
use graven_core::store::{OnPage, RootState};
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::SLOT;
use crate::engine::leaf::node;
use crate::engine::leaf::node::Split;
use crate::engine::leaf::path::key_prefix_of;
use crate::engine::nodes::Child;

/// A planned write, done once nothing can fail any more.
pub(crate) enum Write {
    /// A whole node.
    Page(PageNumber, Box<PageBytes>),
    /// A new child of a node that has room for it.
    Child { page: PageNumber, index: usize, separator: Vec<u8>, child: PageNumber },
}

impl<M: Memory> Tree<M> {
    /// Adds the children in `right` to the inner nodes on the path to `key`, from the lowest up. In
    /// the lowest one they replace as many children as `replaced` says. The writes are only
    /// planned, in `writes`.
    pub(crate) fn grow_parents(
        &self,
        state: &mut RootState,
        (mut replaced, mut right): (usize, Vec<(Vec<u8>, PageNumber)>),
        split: Split,
        key: &[u8],
        writes: &mut Vec<Write>,
    ) -> Result<()> {
        let pager = self.root().pager();
        let mut path = if right.is_empty() { Vec::new() } else { self.path(key)? };
        while !right.is_empty() {
            let Some((page, index)) = path.pop() else {
                return self.grow_root(state, right, writes);
            };
            let node = self.context.nodes.node(page)?;
            let bytes = node.bytes();
            if let (0, [(separator, _)]) = (replaced, right.as_slice())
                && self.has_room_for_child(page, bytes, index + 1, separator)?
                && let Some((separator, child)) = right.pop()
            {
                writes.push(Write::Child { page, index: index + 1, separator, child });
                return Ok(());
            }
            let level = bytes[1];
            let mut items = self.context.items(page, bytes)?;
            if replaced > 0 {
                let end = index.saturating_add(1).saturating_add(replaced).min(items.len());
                items.drain((index + 1).min(end)..end);
                replaced = 0;
            }
            let at_end = index + 1 == items.len();
            for (i, (separator, child)) in right.drain(..).enumerate() {
                items.insert(
                    index + 1 + i,
                    self.context.item(self.context.inner_format(), &separator, child, &[]),
                );
            }
            let split = match (at_end, split) {
                (true, Split::Full) => Split::Full,
                (true, _) => Split::Ascending,
                (false, _) => Split::Even,
            };
            for (i, run) in node::partition(&items, split, usize::MAX).into_iter().enumerate() {
                let at = if i == 0 { page } else { pager.allocate()? };
                if i > 0 {
                    let first = run.first().map(|item| self.context.item_key(level, item));
                    right.push((first.transpose()?.unwrap_or_default().to_vec(), at));
                }
                writes.push(Write::Page(at, node::build(run, level, self.root().page())));
            }
            state.add_pages(right.len() as u32);
        }
        Ok(())
    }

    /// Returns `true` if an inner node has room for one more child without moving cells.
    fn has_room_for_child(
        &self,
        page: PageNumber,
        bytes: &PageBytes,
        index: usize,
        separator: &[u8],
    ) -> Result<bool> {
        let header = node::header(bytes).on_page(self.root(), page)?;
        let (count, len) = (header.count.get() as usize, self.context.inner_format().len(separator.len(), 0));
        let lowest = (header.cells.get() as usize).min(PAGE_SIZE);
        Ok(index <= count && HEADER_SIZE + SLOT * (count + 1) + len <= lowest)
    }

    /// Carries out a planned write.
    pub(crate) fn write(&self, write: Write) -> Result<()> {
        match write {
            Write::Page(page, bytes) => self.write_node(page, bytes),
            Write::Child { page, index, separator, child } => {
                let known = Child { head: key_prefix_of(&separator), page: child };
                let put = |bytes: &mut PageBytes| self.put_child(bytes, index, &separator, child);
                self.context.nodes.edit_children(page, index, Some(known), put)
            }
        }
    }

    /// Inserts a child into an inner node that has room for it, and returns the ranges that
    /// changed.
    #[expect(
        clippy::indexing_slicing,
        reason = "the new cell and slot are between the slots and the lowest cell"
    )]
    fn put_child(
        &self,
        bytes: &mut PageBytes,
        index: usize,
        separator: &[u8],
        child: PageNumber,
    ) -> [Range<usize>; 3] {
        let (format, header) = (self.context.inner_format(), NodeHeader::of_mut(bytes));
        let (count, lowest) = (header.count.get() as usize, (header.cells.get() as usize).min(PAGE_SIZE));
        let (at, end) = (HEADER_SIZE + SLOT * index, HEADER_SIZE + SLOT * count);
        let cell = lowest.saturating_sub(format.len(separator.len(), 0));
        if cell < end + SLOT || at > end {
            return [0..0, 0..0, 0..0];
        }
        header.count = (count as u16 + 1).into();
        header.overflows = header.overflows.get().saturating_add(1).into();
        header.cells = (cell as u16).into();
        format.write(&mut bytes[cell..lowest], separator, child, &[]);
        bytes.copy_within(at..end, at + SLOT);
        bytes[at..at + SLOT].copy_from_slice(&Slot::new(cell, 0, true).0.to_le_bytes());
        [cell..lowest, at..end + SLOT, 0..HEADER_COUNTS]
    }

    /// Adds inner nodes on top, in as many levels as the children need.
    fn grow_root(
        &self,
        state: &mut RootState,
        mut right: Vec<(Vec<u8>, PageNumber)>,
        writes: &mut Vec<Write>,
    ) -> Result<()> {
        while !right.is_empty() {
            let lowest = vec![0; self.context.sizes.key.unwrap_or(0)];
            let mut items =
                vec![self.context.item(self.context.inner_format(), &lowest, state.top.get(), &[])];
            items.extend(
                right
                    .iter()
                    .map(|(key, child)| self.context.item(self.context.inner_format(), key, *child, &[])),
            );
            let (level, runs) = (state.height.get() as u8, node::partition(&items, Split::Full, usize::MAX));
            right = Vec::with_capacity(runs.len() - 1);
            for (i, run) in runs.iter().enumerate() {
                let page = self.root().pager().allocate()?;
                writes.push(Write::Page(page, node::build(run, level, self.root().page())));
                match run.first().filter(|_| i > 0) {
                    Some(first) => right.push((self.context.item_key(level, first)?.to_vec(), page)),
                    None => state.top = page.into(),
                }
            }
            state.height = (state.height.get() + 1).into();
            state.add_pages(runs.len() as u32);
        }
        Ok(())
    }

    /// Returns the inner nodes on the path to `key`, from the top, each with the position of the
    /// child taken.
    pub(crate) fn path(&self, key: &[u8]) -> Result<Vec<(PageNumber, usize)>> {
        let state = self.root().state();
        let (mut page, mut path) = (state.top.get(), Vec::new());
        for level in (1..state.height.get()).rev() {
            let (child, index) = self.context.nodes.with_node(page, |node| {
                // Nodes of this path are written, and the cache holds nodes of all collections.
                if NodeHeader::of(node.bytes()).owner.get() != self.root().page() {
                    return Err(self.root().damaged(page, Damage::WrongOwner));
                }
                self.child(page, node, level, key)
            })?;
            path.push((page, index));
            page = child;
        }
        Ok(path)
    }
}
