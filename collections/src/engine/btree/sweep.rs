//! Background migration of a tree: leaf after leaf, from where the last call stopped, while the
//! budget lasts.

use graven_core::key::KeyBuf;
use graven_core::page::PageNumber;
use graven_core::page::node::HEADER_SIZE;
use graven_core::store::{Budget, OnPage};
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::compare;
use crate::engine::leaf::node;
use crate::engine::migrate::{Due, MigrationProgress, Sweep};

/// The state of a leaf after a step.
enum Swept {
    /// The leaf had no old values.
    New,
    /// No old values are left.
    Whole,
    /// Some old values are left.
    Part,
}

impl<M: Memory> Tree<M> {
    /// Migrates leaves from where the last call stopped, while the budget lasts. Returns `true`
    /// when no value is left in a previous layout except those that the budget skips.
    pub(crate) fn sweep(&self, budget: &mut Budget<'_>) -> Result<bool> {
        if self.root().old_pages() == 0 {
            return Ok(true);
        }
        if self.is_empty() {
            return Err(self.miscounted());
        }
        let (mut key, mut pass) = (self.root().cursor()?, self.pass.get());
        if key.is_empty() {
            pass = MigrationProgress::of_whole();
        }
        let swept = self.sweep_from(&mut key, &mut pass, budget);
        // Saved after an error too, so that finished leaves are not read again.
        self.root().set_cursor(key.as_slice())?;
        self.pass.set(pass);
        swept
    }

    /// Migrates leaves from `key` on and advances it. Returns `true` when nothing is left.
    fn sweep_from(
        &self,
        key: &mut KeyBuf,
        pass: &mut MigrationProgress,
        budget: &mut Budget<'_>,
    ) -> Result<bool> {
        while !budget.is_spent() {
            let (page, bounds) = self.leaf_bounds(key.as_slice())?;
            budget.charge_read();
            let skips = budget.skips();
            let swept = self.sweep_leaf(page, key.as_slice(), budget)?;
            pass.skipped |= budget.skips() > skips;
            if !matches!(swept, Swept::New) {
                budget.charge_write();
                pass.found = true;
            }
            if self.root().old_pages() == 0 {
                *key = KeyBuf::default();
                return Ok(true);
            }
            match (swept, bounds.high) {
                (Swept::Part, _) => {}
                (_, Some(high)) if compare(high.as_slice(), key.as_slice()).is_gt() => *key = high,
                (_, Some(_)) => {
                    return Err(self.root().damaged(page, Damage::SeparatorsOutOfOrder));
                }
                (_, None) if pass.is_whole && !pass.found => return Err(self.miscounted()),
                (_, None) => {
                    let is_over = pass.is_whole && pass.skipped;
                    (*key, *pass) = (KeyBuf::default(), MigrationProgress::of_whole());
                    if is_over {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    fn miscounted(&self) -> Error {
        let reason = Damage::LayoutPages;
        self.root().damaged(self.root().page(), reason)
    }

    /// Migrates one leaf, or a part of it if its values are large or the budget ends.
    fn sweep_leaf(&self, page: PageNumber, key: &[u8], budget: &mut Budget<'_>) -> Result<Swept> {
        let mut head = [0; HEADER_SIZE];
        self.root().pager().read(page, 0, &mut head)?;
        if node::listed(&node::header(&head).on_page(self.root(), page)?)
            .all(|layout| layout == self.root().current())
        {
            return Ok(Swept::New);
        }
        let is_whole = self.migrate(page, key, Due::Old, &mut Sweep(budget))?;
        Ok(if is_whole { Swept::Whole } else { Swept::Part })
    }
}
