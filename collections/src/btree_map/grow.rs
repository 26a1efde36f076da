//! Inner nodes that get more children: usually a cell and a slot more, sometimes a split, once in a while a
//! new node on top.

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::store::RootState;
use graven_core::{Memory, Result};
use zerocopy::IntoBytes;

use super::cell::SLOT;
use super::node::{self, Split};
use super::tree::Tree;

impl<M: Memory> Tree<M> {
    /// Adds new children to the inner nodes on the way to `key`, from the lowest up.
    pub(super) fn grow_parents(
        &self,
        state: &mut RootState,
        mut right: Vec<(Vec<u8>, u32)>,
        split: Split,
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
            let split = match (at_end, split) {
                (true, Split::Full) => Split::Full,
                (true, _) => Split::Ascending,
                (false, _) => Split::Even,
            };
            for (i, run) in node::partition(&items, split).into_iter().enumerate() {
                let at = if i == 0 { page } else { pager.allocate()? };
                if i > 0 {
                    let first = run.first().map(|item| self.item_key(level, item));
                    right.push((first.transpose()?.unwrap_or_default().to_vec(), at));
                }
                writes.push((at, node::pack(run, level, self.root.page())));
            }
            state.pages = state.pages.get().saturating_add(right.len() as u32).into();
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
        header.refs = header.refs.get().saturating_add(1).into();
        header.cells = (cell as u16).into();
        grown[..HEADER_SIZE].copy_from_slice(header.as_bytes());
        Ok(Some(grown))
    }

    /// Puts new inner nodes on top: one, or as many levels of them as so many children need.
    fn grow_root(
        &self,
        state: &mut RootState,
        mut right: Vec<(Vec<u8>, u32)>,
        writes: &mut Vec<(u32, Box<PageBytes>)>,
    ) -> Result<()> {
        while !right.is_empty() {
            let lowest = vec![0; self.sizes.key.unwrap_or(0)];
            let mut items = vec![self.item(self.inner_format(), &lowest, state.top.get(), &[])];
            items.extend(right.iter().map(|(key, child)| self.item(self.inner_format(), key, *child, &[])));
            let (level, runs) = (state.height.get() as u8, node::partition(&items, Split::Full));
            right = Vec::with_capacity(runs.len() - 1);
            for (i, run) in runs.iter().enumerate() {
                let page = self.root.pager().allocate()?;
                writes.push((page, node::pack(run, level, self.root.page())));
                match run.first().filter(|_| i > 0) {
                    Some(first) => right.push((self.item_key(level, first)?.to_vec(), page)),
                    None => state.top = page.into(),
                }
            }
            state.height = (state.height.get() + 1).into();
            state.pages = state.pages.get().saturating_add(runs.len() as u32).into();
        }
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
