//! Leaves that are written anew in place of others, and the nodes above them.

use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{LayoutId, PageNumber};
use graven_core::store::{OnPage, RootState};
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::btree::grow::Write;
use crate::engine::btree::tree::Tree;
use crate::engine::leaf::node::{self, OwnedCell, Split};

impl<M: Memory> Tree<M> {
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
