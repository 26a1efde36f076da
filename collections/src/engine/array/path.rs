//! The path from the top to the leaf of a position.

use graven_core::page::PageNumber;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::branch;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;

/// A branch on the path, and the index of the child that follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) page: PageNumber,
    pub(crate) level: u32,
    pub(crate) index: usize,
    /// Number of positions that the branch covers.
    pub(crate) len: u64,
}

impl<M: Memory> Sequence<M> {
    /// Returns the leaf of a position that has a value.
    pub(crate) fn leaf(&self, position: u64) -> Result<Leaf> {
        self.descend(position, |_| {})
    }

    /// Returns the branches on the path from the top to the leaf of a position, and that leaf.
    pub(crate) fn path(&self, position: u64) -> Result<(Vec<Step>, Leaf)> {
        let mut path = Vec::new();
        let leaf = self.descend(position, |step| path.push(step))?;
        Ok((path, leaf))
    }

    #[inline(always)]
    fn descend(&self, position: u64, mut visit: impl FnMut(Step)) -> Result<Leaf> {
        let state = self.root().state();
        let mut leaf = Leaf { page: state.top.get(), start: 0, end: self.end() };
        for level in (1..state.height.get()).rev() {
            let Leaf { page, start, end } = leaf;
            let inside = position
                .checked_sub(start)
                .ok_or_else(|| self.root().damaged(page, Damage::LengthMismatch))?;
            let child = self.context.nodes.with_branch(page, |node| {
                branch::find(node.bytes(), level, inside).on_page(self.root(), page)
            })?;
            visit(Step { page, level, index: child.index, len: end.saturating_sub(start) });
            leaf = Leaf {
                page: child.page,
                start: start.saturating_add(child.start),
                end: child.end.map_or(end, |next| start.saturating_add(next).min(end)),
            };
        }
        if leaf.holds(position) {
            Ok(leaf)
        } else {
            Err(self.root().damaged(leaf.page, Damage::LengthMismatch))
        }
    }
}
