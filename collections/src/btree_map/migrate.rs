//! Bringing leaves to the newest layout: by the sweep, or where a leaf cannot hold one more layout.

use graven_core::page::node::NO_LAYOUT;
use graven_core::store::{Budget, RootState};
use graven_core::{Error, Memory, Result};

use super::cell::{Form, compare};
use super::node::{self, Item, Split};
use super::tree::{Place, Tree};

/// Bytes of converted values that are kept while the others of their leaf are converted; what is beyond is
/// converted again.
const KEPT: usize = 1 << 20;

/// What comes out of migrating items that are not written yet.
pub(super) struct Migrated {
    /// Chains of old values, no longer needed once the items are written.
    freed: Vec<u32>,
    /// Chains of new values, to be freed if the items cannot be written.
    made: Vec<u32>,
    /// The root's state once the items are written.
    state: RootState,
}

impl Migrated {
    pub(super) const fn nothing(state: RootState) -> Self {
        Migrated { freed: Vec::new(), made: Vec::new(), state }
    }
}

impl<M: Memory> Tree<M> {
    /// Brings items to the newest layout. Only chains of large values are written, and only after every
    /// conversion has come to its end: one that panics leaves nothing behind.
    pub(super) fn migrate(&self, items: &mut [Item<'_>]) -> Result<Migrated> {
        let (mut kept, mut bytes) = (Vec::with_capacity(items.len()), 0);
        for item in items.iter() {
            let value = self.converted(item)?;
            bytes += value.as_ref().map_or(0, Vec::len);
            kept.push(value.filter(|_| bytes <= KEPT));
        }
        let mut migrated = Migrated::nothing(self.root.state());
        let mut both = items.iter_mut().zip(kept);
        match both.try_for_each(|(item, value)| self.migrate_item(item, value, &mut migrated)) {
            Ok(()) => Ok(migrated),
            Err(error) => {
                self.free_chains(migrated.made)?;
                Err(error)
            }
        }
    }

    /// Runs the write of migrated items, and frees the chains that it leaves behind either way.
    pub(super) fn settle_migration(
        &self,
        migrated: Migrated,
        write: impl FnOnce(RootState) -> Result<()>,
    ) -> Result<()> {
        match write(migrated.state) {
            Ok(()) => self.free_chains(migrated.freed),
            Err(error) => {
                self.free_chains(migrated.made)?;
                Err(error)
            }
        }
    }

    fn free_chains(&self, chains: Vec<u32>) -> Result<()> {
        chains.into_iter().try_for_each(|chain| self.root.pager().free_chain(chain))
    }

    /// The value of an item in the newest layout, if it is in an older one.
    fn converted(&self, item: &Item<'_>) -> Result<Option<Vec<u8>>> {
        if item.layout == self.root.newest() || item.layout == NO_LAYOUT {
            return Ok(None);
        }
        let head = self.item_head(0, item)?;
        let layout = self.root.old_layout(item.layout, self.root.page())?;
        let place = if item.owns {
            Place::Chain { page: head.page, len: head.value_len }
        } else {
            Place::Inline(&item.cell[head.value()])
        };
        let old = self.value_bytes(place)?;
        let invalid = |why| Error::invalid(self.root.page(), why);
        (self.convert)(&layout.plan, &old).map(Some).map_err(invalid)
    }

    fn migrate_item(
        &self,
        item: &mut Item<'_>,
        kept: Option<Vec<u8>>,
        migrated: &mut Migrated,
    ) -> Result<()> {
        let value = match kept {
            Some(value) => value,
            None => match self.converted(item)? {
                Some(value) => value,
                None => return Ok(()),
            },
        };
        let (pager, head) = (self.root.pager(), self.item_head(0, item)?);
        let key = item.cell[head.key()].to_vec();
        let format = Self::new_format(self.sizes, key.len(), value.len());
        let state = &mut migrated.state;
        let mut chain = 0;
        if item.owns {
            let pages = pager.chain_extents(head.page, 0)?;
            state.pages = state.pages.get().saturating_sub(pages).into();
            migrated.freed.push(head.page);
        }
        if format.form == Form::Chain {
            let pages;
            (chain, pages) = pager.write_chain(&value)?;
            state.pages = state.pages.get().saturating_add(pages).into();
            migrated.made.push(chain);
        }
        state.bytes =
            state.bytes.get().saturating_add(value.len() as u64).saturating_sub(head.value_len as u64).into();
        *item = self.item(format, &key, chain, &value);
        Ok(())
    }

    /// Migrates leaves from where the last sweep stopped, while the budget lasts; true when none is old.
    pub(crate) fn sweep(&self, budget: &mut Budget<'_>) -> Result<bool> {
        if self.root.old_pages() == 0 {
            return Ok(true);
        }
        if self.is_empty() {
            return Ok(true);
        }
        let mut key = self.root.cursor()?;
        let (mut from_first, mut found) = (key.is_empty(), false);
        while !budget.is_spent() {
            let (page, bounds) = self.leaf_bounds(key.as_slice())?;
            budget.look();
            if self.sweep_leaf(page, key.as_slice())? {
                budget.migrate();
                found = true;
            }
            if self.root.old_pages() == 0 {
                key = Default::default();
                break;
            }
            let last = core::mem::replace(&mut key, bounds.high.unwrap_or_default());
            if key.is_empty() {
                if from_first && !found {
                    let why = "pages of older layouts are counted, but there are none";
                    return Err(Error::Damaged { page: self.root.page(), why });
                }
                (from_first, found) = (true, false);
            } else if compare(last.as_slice(), key.as_slice()).is_ge() {
                return Err(Error::Damaged { page, why: "the keys above it are not in order" });
            }
        }
        self.root.set_cursor(key.as_slice())?;
        Ok(self.root.old_pages() == 0)
    }

    /// Migrates one leaf; false if it was new.
    pub(super) fn sweep_leaf(&self, page: u32, key: &[u8]) -> Result<bool> {
        let pager = self.root.pager();
        let mut head = [0; graven_core::page::node::HEADER_SIZE];
        pager.read(page, 0, &mut head)?;
        let header = node::header(page, &head)?;
        if node::listed(&header).all(|layout| layout == self.root.newest()) {
            return Ok(false);
        }
        let bytes = pager.read_page(page)?;
        let mut items = self.items(page, &bytes)?;
        let migrated = self.migrate(&mut items)?;
        self.settle_migration(migrated, |state| {
            self.replace_leaf(page, &header, &items, Split::Even, key, state)
        })?;
        Ok(true)
    }
}
