//! Background migration of leaves, from where the last sweep stopped, until the budget is spent.

use crate::engine::migrate::{MigrationProgress, Sweep};
use graven_core::store::Budget;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::leaf::LeafKind;
use crate::engine::array::sequence::{Sequence, mark_of};
use crate::engine::array::span::Leaf;
use crate::engine::leaf::node;

impl<M: Memory> Sequence<M> {
    /// Migrates leaves from where the last sweep stopped, until the budget is spent. Returns `true`
    /// when no value is left in a previous layout except those that the budget skips.
    pub(crate) fn sweep(&self, budget: &mut Budget<'_>) -> Result<bool> {
        self.sweep_dead_leaves(budget)?;
        if self.root().old_pages() == 0 {
            return Ok(true);
        }
        if self.len() == 0 {
            return Err(self.miscounted());
        }
        // Positions may have moved since then, but a pass may begin anywhere.
        let cursor = self.root().cursor()?;
        let index = cursor.as_slice().first_chunk().map_or(0, |index| u64::from_le_bytes(*index));
        let (mut index, mut pass) = (index, self.pass.get());
        if index == 0 || index >= self.len() {
            (index, pass) = (0, MigrationProgress::of_whole());
        }
        let swept = self.sweep_from(&mut index, &mut pass, budget);
        self.root().set_cursor(&index.to_le_bytes())?;
        self.pass.set(pass);
        swept
    }

    /// Migrates leaves from an index on and advances it. Returns `true` when nothing is left.
    fn sweep_from(
        &self,
        index: &mut u64,
        pass: &mut MigrationProgress,
        budget: &mut Budget<'_>,
    ) -> Result<bool> {
        let mut old_before = None;
        while !budget.is_spent() {
            let leaf = self.leaf(self.first.get().saturating_add(*index))?;
            budget.charge_read();
            let next = leaf.end.saturating_sub(self.first.get());
            let is_old = self.is_old(&leaf, pass)?;
            let mut is_whole = true;
            if is_old {
                pass.found = true;
                budget.charge_write();
                let position = leaf.start.max(self.first.get());
                let skips = budget.skips();
                is_whole = self.migrate(position, &mut Sweep(budget))?;
                pass.skipped |= budget.skips() > skips;
            }
            if self.root().old_pages() == 0 {
                if self.width.is_some() && pass.is_whole && !pass.nodes && next >= self.len() {
                    self.set_mark(mark_of(self.root().current()))?;
                }
                *index = 0;
                return Ok(true);
            }
            if is_whole {
                *index = next;
            } else if let Some(after) = self.after_current(*index)? {
                *index = after;
            }
            if *index >= self.len() {
                // A whole pass that finds old leaves must leave fewer of them, or this loop would
                // not end.
                let old = self.root().old_pages();
                if pass.is_whole && pass.skipped {
                    (*index, *pass) = (0, MigrationProgress::of_whole());
                    return Ok(true);
                }
                if pass.is_whole && (!pass.found || old_before.is_some_and(|before| old >= before)) {
                    return Err(self.miscounted());
                }
                old_before = Some(old);
                (*index, *pass) = (0, MigrationProgress::of_whole());
            }
        }
        Ok(false)
    }

    /// Returns the index after the leaf at an index, if that leaf has only the current layout.
    fn after_current(&self, index: u64) -> Result<Option<u64>> {
        let leaf = self.leaf(self.position(index))?;
        let is_old = self.is_old(&leaf, &mut MigrationProgress::default())?;
        Ok((!is_old).then(|| leaf.end.saturating_sub(self.first.get())))
    }

    /// Returns `true` if a leaf has values of previous layouts.
    fn is_old(&self, leaf: &Leaf, pass: &mut MigrationProgress) -> Result<bool> {
        let current = self.root().current();
        if let LeafKind::Array { layout, .. } = self.leaf_kind(leaf.page)? {
            return Ok(layout != current);
        }
        pass.nodes = true;
        Ok(node::listed(&self.node_header(leaf.page)?).any(|layout| layout != current))
    }

    fn miscounted(&self) -> graven_core::Error {
        self.broken(Damage::LayoutPages)
    }
}
