//! Bringing values of one leaf to the current layout: for the sweep, or where a leaf cannot hold
//! one more layout.
//!
//! A step converts some values of a leaf, and writes only then: chains of large values, the leaf,
//! the nodes above it. So all code of the user comes before the first write, and a conversion that
//! panics leaves nothing behind.

use crate::engine::migrate::Due;
use graven_core::{Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::leaf::node;
use crate::engine::leaf::node::Split;
use crate::engine::migrate::Converted;

impl<M: Memory> Tree<M> {
    /// Converts values of a leaf that are due, at least one of them, and writes it; `key` leads to
    /// it. Stops between two values if `spent` says so, or if they are large. Gives whether nothing
    /// is due any more.
    pub(crate) fn migrate(
        &self,
        page: u32,
        key: &[u8],
        due: Due,
        spent: &mut dyn FnMut() -> bool,
    ) -> Result<bool> {
        let bytes = self.root().pager().read_page(page)?;
        let header = node::header(page, bytes.as_slice())?;
        let mut items = self.context.leaf_items(page, &bytes)?;
        let Converted { values, rest } = self.context.convert(page, &items, due, spent)?;
        let migrated = self.context.put_values(&mut items, values)?;
        let (cut, split) = match node::layouts_fit(&items) {
            true => (None, Split::Even),
            // The old layouts are as many as fit into a leaf, and the current one came. In front of
            // the cut is none of what was due, and behind it nothing has changed.
            false => {
                let until = rest.unwrap_or(items.len());
                (Some(self.context.item_key(0, &items[0])?.to_vec()), Split::At(until))
            }
        };
        let takes_pages = !migrated.made.is_empty();
        self.context.finish_migration(migrated, |state| {
            if takes_pages {
                // What grows leaves some room to what shrinks elsewhere.
                self.root().pager().reserve(self.context.spare_pages(1))?;
            }
            self.replace_leaf(page, &header, &items, split, key, state)
        })?;
        if let Some(first) = cut {
            self.merge_if_sparse(page, &first)?;
        }
        Ok(rest.is_none())
    }

    /// Makes room for the current layout in the leaf of `key`. Afterwards that may be another page.
    pub(crate) fn free_layout_slot(&self, key: &[u8]) -> Result<()> {
        loop {
            let page = self.leaf(self.context.sizes, key)?.page;
            let bytes = self.root().pager().read_page(page)?;
            let header = node::header(page, bytes.as_slice())?;
            if node::has_room_for(&header, self.root().current()) {
                return Ok(());
            }
            let due = self.context.cheapest(&self.context.leaf_items(page, &bytes)?)?;
            self.migrate(page, key, due, &mut || false)?;
        }
    }
}
