//! Migration of one leaf to the current layout, in the background or to make room for one more
//! layout.
//!
//! A step converts some values of a leaf first. Then it writes the overflow pages, the leaf and the
//! nodes above it. So all of the user's code runs before the first write, and a conversion that
//! panics changes nothing.

use crate::engine::migrate::{Due, Limits};
use graven_core::page::node::NodeHeader;
use graven_core::page::{PageBytes, PageNumber};
use graven_core::store::{OnPage, RootState};
use graven_core::{Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::ROOM;
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};
use crate::engine::migrate::Converted;

/// The bytes from which on a leaf takes no cells of the leaf after it.
const FULL: usize = ROOM * 15 / 16;

/// A leaf that has room for cells of the leaf after it.
struct Neighbour {
    page: PageNumber,
    header: NodeHeader,
    bytes: Box<PageBytes>,
    /// The inner node above it, and its position there.
    place: (PageNumber, usize),
}

impl<M: Memory> Tree<M> {
    /// Converts at least one of the values of a leaf that are due, and writes the leaf. `key` leads
    /// to it. Stops between two values if the limits are reached or the values are large. Returns
    /// `true` if no value is still due except those that were skipped.
    pub(crate) fn migrate(
        &self,
        page: PageNumber,
        key: &[u8],
        due: Due,
        limits: &mut dyn Limits,
    ) -> Result<bool> {
        let bytes = self.root().pager().read_page(page)?;
        let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
        let mut items = self.context.leaf_items(page, &bytes)?;
        let Converted { values, rest, skipped } = self.context.convert(page, &items, due, limits)?;
        if skipped && (values.is_empty() || !node::has_room_for(&header, self.root().current())) {
            return Ok(true);
        }
        let migrated = self.context.put_values(&mut items, values)?;
        let (cut, split) = match (node::layouts_fit(&items), items.first()) {
            (true, _) | (_, None) => (None, if matches!(due, Due::Old) { Split::Full } else { Split::Even }),
            // The leaf had as many layouts as fit, and the current one was added. Before the cut no
            // value is due, after it no value has changed.
            (false, Some(first)) => {
                let until = rest.unwrap_or(items.len());
                (Some(self.context.item_key(0, first)?.to_vec()), Split::At(until))
            }
        };
        let takes_pages = !migrated.made.is_empty();
        let is_whole = rest.is_none() && split == Split::Full;
        self.context.finish_migration(migrated, |state| {
            if takes_pages {
                // Growing values must leave room for operations that free memory.
                self.root().pager().reserve(self.context.spare_pages(1))?;
            }
            if is_whole
                && node::partition(&items, split, self.context.most_cells(&items)).len() > 1
                && let Some(left) = self.sparse_neighbour(page, key)?
                && self.pack_with(&left, (page, header), &items, state)?
            {
                return Ok(());
            }
            self.replace_leaves(&[(page, header)], &items, split, key, state)
        })?;
        if let Some(first) = cut {
            self.merge_if_sparse(page, &first)?;
        }
        Ok(rest.is_none())
    }

    /// Returns the left neighbour of a leaf below the same inner node, if it has room for cells and
    /// none in a previous layout. `key` leads to the leaf.
    fn sparse_neighbour(&self, leaf: PageNumber, key: &[u8]) -> Result<Option<Neighbour>> {
        let Some((parent, index)) = self.path(key)?.pop() else { return Ok(None) };
        let Some(left) = index.checked_sub(1) else { return Ok(None) };
        let page = {
            let node = self.context.nodes.node(parent)?;
            let child = |index| Ok(self.child_at(parent, node.bytes(), index)?.map(|(page, _)| page));
            match (child(left)?, child(index)?) {
                (Some(page), Some(found)) if found == leaf => page,
                _ => return Ok(None),
            }
        };
        let bytes = self.root().pager().read_page(page)?;
        let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
        self.context.expect_leaf(page, &header)?;
        let is_current = node::listed(&header).all(|layout| layout == self.root().current());
        let is_sparse = is_current && node::used(&header) < FULL;
        Ok(is_sparse.then_some(Neighbour { page, header, bytes, place: (parent, left) }))
    }

    /// Packs the cells of a leaf, which need more than one by themselves, together with those of
    /// its left neighbour. A sweep that makes values longer would otherwise double the number of
    /// leaves. Returns `false` if the neighbour is not there, as in damaged memory.
    fn pack_with(
        &self,
        left: &Neighbour,
        leaf: (PageNumber, NodeHeader),
        items: &[OwnedCell<'_>],
        state: RootState,
    ) -> Result<bool> {
        let mut all = self.context.leaf_items(left.page, &left.bytes)?;
        let Some(first) = all.first() else { return Ok(false) };
        let key = self.context.item_key(0, first)?.to_vec();
        all.extend_from_slice(items);
        if self.path(&key)?.pop() != Some(left.place) {
            return Ok(false);
        }
        self.replace_leaves(&[(left.page, left.header), leaf], &all, Split::Full, &key, state)?;
        Ok(true)
    }

    /// Makes room for the current layout in the leaf of `key`. Afterwards `key` may be in another
    /// page.
    pub(crate) fn free_layout_slot(&self, key: &[u8]) -> Result<()> {
        loop {
            let page = self.leaf(self.context.sizes, key)?.page;
            let bytes = self.root().pager().read_page(page)?;
            let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
            if node::has_room_for(&header, self.root().current()) {
                return Ok(());
            }
            let due = self.context.cheapest(&self.context.leaf_items(page, &bytes)?)?;
            self.migrate(page, key, due, &mut || false)?;
        }
    }
}
