//! Bringing values of one leaf to the newest layout: for the sweep, or where a leaf cannot hold one more layout.
//!
//! A step converts some values of a leaf, and writes only then: chains of large values, the leaf, the nodes above
//! it. So all code of the user comes before the first write, and a conversion that panics leaves nothing behind.

use graven_core::store::RootState;
use graven_core::{Memory, Result};

use super::cell::Form;
use super::node::{self, Item, Split};
use super::tree::{Found, Tree};
use crate::convert::{self, Converted};

/// Which values of a leaf a step converts.
#[derive(Clone, Copy)]
pub(crate) enum Due {
    /// Those that are not in the newest layout.
    Old,
    /// Those of one layout.
    Layout(u16),
}

/// What has been written and freed for items whose leaf is not written yet.
pub(crate) struct Migrated {
    /// Chains of old values, no longer needed once the items are written.
    pub(super) freed: Vec<u32>,
    /// Chains of new values, to be freed if the items cannot be written.
    made: Vec<u32>,
    /// The root's state once the items are written.
    pub(super) state: RootState,
}

impl<M: Memory> Tree<M> {
    /// Converts values of a leaf that are due, at least one of them, and writes it; `key` leads to it. Stops
    /// between two values if `spent` says so, or if they are large. Gives whether nothing is due any more.
    pub(super) fn migrate(
        &self,
        page: u32,
        key: &[u8],
        due: Due,
        spent: &mut dyn FnMut() -> bool,
    ) -> Result<bool> {
        let bytes = self.root.pager().read_page(page)?;
        let header = node::header(page, bytes.as_slice())?;
        let mut items = self.items(page, &bytes)?;
        let Converted { values, rest } = self.convert(page, &items, due, spent)?;
        let migrated = self.put_values(&mut items, values)?;
        let (cut, split) = match node::layouts_fit(&items) {
            true => (None, Split::Even),
            // The old layouts are as many as fit into a leaf, and the newest one came. In front of the cut is none
            // of what was due, and behind it nothing has changed.
            false => {
                let until = rest.unwrap_or(items.len());
                (Some(self.item_key(0, &items[0])?.to_vec()), Split::At(until))
            }
        };
        let takes_pages = !migrated.made.is_empty();
        self.settle_migration(migrated, |state| {
            if takes_pages {
                // What grows leaves some room to what shrinks elsewhere.
                self.root.pager().reserve(self.spare_pages(1))?;
            }
            self.replace_leaf(page, &header, &items, split, key, state)
        })?;
        if let Some(first) = cut {
            self.tidy(page, &first)?;
        }
        Ok(rest.is_none())
    }

    /// Makes room for the newest layout in the leaf of `key`. Afterwards that may be another page.
    pub(super) fn thin_out(&self, key: &[u8]) -> Result<()> {
        loop {
            let page = self.leaf(self.sizes, key)?.page;
            let bytes = self.root.pager().read_page(page)?;
            let header = node::header(page, bytes.as_slice())?;
            if node::has_room_for(&header, self.root.newest()) {
                return Ok(());
            }
            let due = self.cheapest(&self.items(page, &bytes)?)?;
            self.migrate(page, key, due, &mut || false)?;
        }
    }

    /// The layout whose values are the least work: large values are not rewritten because of their neighbours.
    fn cheapest(&self, items: &[Item<'_>]) -> Result<Due> {
        let mut costs: Vec<(u16, usize)> = Vec::new();
        for item in items.iter().filter(|item| self.is_due(Due::Old, item)) {
            let len = 64 + self.item_head(0, item)?.value_len;
            match costs.iter_mut().find(|(layout, _)| *layout == item.layout) {
                Some((_, cost)) => *cost = cost.saturating_add(len),
                None => costs.push((item.layout, len)),
            }
        }
        let least = costs.into_iter().min_by_key(|(_, cost)| *cost);
        Ok(least.map_or(Due::Old, |(layout, _)| Due::Layout(layout)))
    }

    fn is_due(&self, due: Due, item: &Item<'_>) -> bool {
        match due {
            Due::Old => item.layout != self.root.newest(),
            Due::Layout(layout) => item.layout == layout,
        }
    }

    /// Converts values that are due: one, and more as long as they are short and nothing is `spent`.
    pub(crate) fn convert(
        &self,
        page: u32,
        items: &[Item<'_>],
        due: Due,
        spent: &mut dyn FnMut() -> bool,
    ) -> Result<Converted> {
        let due = items.iter().enumerate().filter(|(_, item)| self.is_due(due, item));
        let due = due.map(|(position, item)| {
            let head = self.item_head(0, item)?;
            Ok((position, Found::in_cell(page, item.layout, &item.cell, item.owns, &head)?))
        });
        convert::some(&self.root, self.convert, due, spent)
    }

    /// Puts converted values in the place of the old ones. Of them only the chains are written.
    pub(crate) fn put_values(
        &self,
        items: &mut [Item<'_>],
        values: Vec<(usize, Vec<u8>)>,
    ) -> Result<Migrated> {
        let mut migrated = Migrated { freed: Vec::new(), made: Vec::new(), state: self.root.state() };
        for (index, value) in values {
            if let Err(error) = self.put_value(&mut items[index], &value, &mut migrated) {
                self.root.pager().free_chains(migrated.made)?;
                return Err(error);
            }
        }
        Ok(migrated)
    }

    fn put_value(&self, item: &mut Item<'_>, value: &[u8], migrated: &mut Migrated) -> Result<()> {
        let (pager, head) = (self.root.pager(), self.item_head(0, item)?);
        let key = &item.cell[head.key()];
        let format = Self::new_format(self.sizes, key.len(), value.len());
        let state = &mut migrated.state;
        let (mut chain, mut pages) = (0, state.pages.get());
        if item.owns {
            pages = pages.saturating_sub(pager.check_chain(head.page, 0)?);
            migrated.freed.push(head.page);
        }
        if format.form == Form::Chain {
            let new;
            (chain, new) = pager.write_chain(value)?;
            pages = pages.saturating_add(new);
            migrated.made.push(chain);
        }
        state.pages = pages.into();
        let bytes = state.bytes.get().saturating_add(value.len() as u64);
        state.bytes = bytes.saturating_sub(head.value_len as u64).into();
        *item = self.item(format, key, chain, value);
        Ok(())
    }

    /// Runs the write of migrated items, and frees the chains that it leaves behind either way.
    pub(crate) fn settle_migration(
        &self,
        migrated: Migrated,
        write: impl FnOnce(RootState) -> Result<()>,
    ) -> Result<()> {
        match write(migrated.state) {
            Ok(()) => self.root.pager().free_chains(migrated.freed),
            Err(error) => {
                self.root.pager().free_chains(migrated.made)?;
                Err(error)
            }
        }
    }
}
