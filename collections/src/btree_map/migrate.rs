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

/// Which items of a leaf are to be migrated.
pub(super) enum Due {
    /// Those of one layout.
    Layout(u16),
    /// Those up to a position.
    Until(usize),
}

impl Due {
    fn has(&self, index: usize, item: &Item<'_>) -> bool {
        match self {
            Due::Layout(layout) => item.layout == *layout,
            Due::Until(end) => index < *end,
        }
    }
}

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
    /// Brings the items that are `due` to the newest layout. Only chains of large values are written, and only
    /// after every conversion has come to its end: one that panics leaves nothing behind.
    pub(super) fn migrate(&self, items: &mut [Item<'_>], due: &Due) -> Result<Migrated> {
        let (mut kept, mut bytes) = (Vec::with_capacity(items.len()), 0);
        let mut items: Vec<&mut Item<'_>> = items
            .iter_mut()
            .enumerate()
            .filter(|(index, item)| due.has(*index, item))
            .map(|(_, item)| item)
            .collect();
        for item in &items {
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
            match self.sweep_leaf(page, key.as_slice())? {
                Swept::New => {}
                Swept::Whole => {
                    budget.migrate();
                    found = true;
                }
                Swept::Part => {
                    budget.migrate();
                    continue;
                }
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

    /// Migrates one leaf, or a part of it if its values are very large.
    fn sweep_leaf(&self, page: u32, key: &[u8]) -> Result<Swept> {
        let pager = self.root.pager();
        let mut head = [0; graven_core::page::node::HEADER_SIZE];
        pager.read(page, 0, &mut head)?;
        let header = node::header(page, &head)?;
        if node::listed(&header).all(|layout| layout == self.root.newest()) {
            return Ok(Swept::New);
        }
        let bytes = pager.read_page(page)?;
        let mut items = self.items(page, &bytes)?;
        let until = self.as_many_as_fit(&items)?;
        let mut due = Due::Until(until);
        if until < items.len() && !node::layouts_fit_with(&items, self.root.newest()) {
            due = self.cheapest(&items)?;
        }
        let swept = if until == items.len() { Swept::Whole } else { Swept::Part };
        let migrated = self.migrate(&mut items, &due)?;
        self.settle_migration(migrated, |state| {
            self.replace_leaf(page, &header, &items, Split::Even, key, state)
        })?;
        Ok(swept)
    }

    /// Makes room for one more layout in a leaf that has as many as it can.
    pub(super) fn thin_out(&self, page: u32, key: &[u8]) -> Result<()> {
        let bytes = self.root.pager().read_page(page)?;
        let header = node::header(page, bytes.as_slice())?;
        let mut items = self.items(page, &bytes)?;
        let due = self.cheapest(&items)?;
        let migrated = self.migrate(&mut items, &due)?;
        self.settle_migration(migrated, |state| {
            self.replace_leaf(page, &header, &items, Split::Even, key, state)
        })
    }

    /// The end of the first items whose old values have no more than [`KEPT`] bytes; at least one is among them.
    fn as_many_as_fit(&self, items: &[Item<'_>]) -> Result<usize> {
        let mut bytes = 0;
        for (index, item) in items.iter().enumerate() {
            if item.layout == self.root.newest() {
                continue;
            }
            let len = self.item_head(0, item)?.value_len;
            if bytes > 0 && bytes + len > KEPT {
                return Ok(index);
            }
            bytes += len;
        }
        Ok(items.len())
    }

    /// The layout whose values are the least work: large values are not rewritten because of their neighbours.
    pub(super) fn cheapest(&self, items: &[Item<'_>]) -> Result<Due> {
        let mut costs: Vec<(u16, usize)> = Vec::new();
        for item in items.iter().filter(|item| item.layout != self.root.newest()) {
            let len = 64 + self.item_head(0, item)?.value_len;
            match costs.iter_mut().find(|(layout, _)| *layout == item.layout) {
                Some((_, cost)) => *cost += len,
                None => costs.push((item.layout, len)),
            }
        }
        let least = costs.into_iter().min_by_key(|(_, cost)| *cost);
        Ok(least.map_or(Due::Until(items.len()), |(layout, _)| Due::Layout(layout)))
    }
}

/// What came of a leaf.
enum Swept {
    /// Nothing was old.
    New,
    /// Nothing is old any more.
    Whole,
    /// Some of it is.
    Part,
}
