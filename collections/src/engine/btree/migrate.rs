//! Migration of one leaf to the current layout, in the background or to make room for one more
//! layout.
//!
//! A step converts some values of a leaf first. Then it writes the overflow pages, the leaf and the
//! nodes above it. So all of the user's code runs before the first write, and a conversion that
//! panics changes nothing.

use crate::engine::migrate::{Due, Limits};
use graven_core::page::PageNumber;
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::leaf::node;
use crate::engine::leaf::node::Split;
use crate::engine::migrate::Converted;

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
            (true, _) | (_, None) => (None, Split::Even),
            // The leaf had as many layouts as fit, and the current one was added. Before the cut no
            // value is due, after it no value has changed.
            (false, Some(first)) => {
                let until = rest.unwrap_or(items.len());
                (Some(self.context.item_key(0, first)?.to_vec()), Split::At(until))
            }
        };
        let takes_pages = !migrated.made.is_empty();
        self.context.finish_migration(migrated, |state| {
            if takes_pages {
                // Growing values must leave room for operations that free memory.
                self.root().pager().reserve(self.context.spare_pages(1))?;
            }
            self.replace_leaf(page, &header, &items, split, key, state)
        })?;
        if let Some(first) = cut {
            self.merge_if_sparse(page, &first)?;
        }
        Ok(rest.is_none())
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
