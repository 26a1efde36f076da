//! Conversion of the values of one leaf. All of the user's code runs before the first write.

use graven_core::page::{LayoutId, PageNumber};
use graven_core::store::{OnPage, RootState};
use graven_core::{Memory, Result};

use crate::engine::cell::{Form, StoredValue};
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::node::OwnedCell;
use crate::engine::migrate::{self, Converted, Due, Limits};

/// Overflow pages that were written and freed for cells whose leaf is not written yet.
pub(crate) struct Migrated {
    /// The first overflow pages of old values, freed once the items are written.
    pub(crate) freed: Vec<PageNumber>,
    /// The first overflow pages of new values, freed if the items cannot be written.
    pub(crate) made: Vec<PageNumber>,
    /// The root's state once the items are written.
    pub(crate) state: RootState,
}

impl<M: Memory> LeafContext<M> {
    /// Returns the layout whose values are the cheapest to convert, so that large values are not
    /// rewritten because of their neighbours.
    pub(crate) fn cheapest(&self, items: &[OwnedCell<'_>]) -> Result<Due> {
        let mut costs: Vec<(LayoutId, usize)> = Vec::new();
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

    fn is_due(&self, due: Due, item: &OwnedCell<'_>) -> bool {
        match due {
            Due::Old => item.layout != self.root.current(),
            Due::Layout(layout) => item.layout == layout,
        }
    }

    /// Converts values of a leaf that are due, within the limits of [`migrate::some`].
    pub(crate) fn convert(
        &self,
        page: PageNumber,
        items: &[OwnedCell<'_>],
        due: Due,
        limits: &mut dyn Limits,
    ) -> Result<Converted> {
        let due = items.iter().enumerate().filter(|(_, item)| self.is_due(due, item));
        let due = due.map(|(position, item)| {
            let head = self.item_head(0, item)?;
            let found = StoredValue::in_cell(page, item.layout, &item.cell, item.owns, &head)
                .on_page(&self.root, page)?;
            Ok((position, head.key_in(&item.cell), found))
        });
        migrate::some(&self.root, self.convert, due, limits)
    }

    /// Converts inline values whose conversion runs none of the user's code, in a leaf that a write
    /// packs anew: otherwise it would be packed again for each of them. Large values are not moved,
    /// and values that cannot be read stay as they are. `state` becomes the root's once the items
    /// are written.
    pub(crate) fn convert_alongside(&self, items: &mut [OwnedCell<'_>], state: &mut RootState) -> Result<()> {
        for item in items.iter_mut().filter(|item| !item.owns) {
            let Some(plan) = self.root.structural_plan(item.layout) else { continue };
            let head = self.item_head(0, item)?;
            let (key, old) = (head.key_in(&item.cell), head.value_in(&item.cell));
            let Ok(value) = (self.convert)(plan, old) else { continue };
            let format = Self::new_format(self.sizes, key.len(), value.len());
            if format.form != Form::Overflow {
                state.remove_bytes(old.len() as u64);
                state.add_bytes(value.len() as u64);
                *item = self.item(format, key, PageNumber::NONE, &value);
            }
        }
        Ok(())
    }

    /// Replaces old values by converted ones. Only their overflow pages are written.
    #[expect(clippy::indexing_slicing, reason = "`values` has numbers of these items")]
    pub(crate) fn put_values(
        &self,
        items: &mut [OwnedCell<'_>],
        values: Vec<(usize, Vec<u8>)>,
    ) -> Result<Migrated> {
        let mut migrated = Migrated { freed: Vec::new(), made: Vec::new(), state: self.root.state() };
        for (index, value) in values {
            if let Err(error) = self.put_value(&mut items[index], &value, &mut migrated) {
                self.root.pager().free_overflows(migrated.made)?;
                return Err(error);
            }
        }
        Ok(migrated)
    }

    fn put_value(&self, item: &mut OwnedCell<'_>, value: &[u8], migrated: &mut Migrated) -> Result<()> {
        let (pager, head) = (self.root.pager(), self.item_head(0, item)?);
        let key = head.key_in(&item.cell);
        let format = Self::new_format(self.sizes, key.len(), value.len());
        let state = &mut migrated.state;
        let mut chain = PageNumber::NONE;
        if item.owns {
            state.remove_pages(pager.check_overflow_of(head.page, head.value_len)?);
            migrated.freed.push(head.page);
        }
        if format.form == Form::Overflow {
            let pages;
            (chain, pages) = pager.write_overflow(value)?;
            state.add_pages(pages);
            migrated.made.push(chain);
        }
        state.remove_bytes(head.value_len as u64);
        state.add_bytes(value.len() as u64);
        *item = self.item(format, key, chain, value);
        Ok(())
    }

    /// Runs the write of migrated items. Then frees the overflow pages of the old values or, after
    /// an error, of the new ones.
    pub(crate) fn finish_migration(
        &self,
        migrated: Migrated,
        write: impl FnOnce(RootState) -> Result<()>,
    ) -> Result<()> {
        match write(migrated.state) {
            Ok(()) => self.root.pager().free_overflows(migrated.freed),
            Err(error) => {
                self.root.pager().free_overflows(migrated.made)?;
                Err(error)
            }
        }
    }
}
