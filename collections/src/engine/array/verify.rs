//! Verification of a whole sequence, for tests and tools. It reads everything.

use graven_core::page::LayoutId;
use std::collections::HashMap;

use graven_core::page::branch::BranchHeader;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::FromBytes;

use crate::engine::array::branch;
use crate::engine::array::leaf;
use crate::engine::array::leaf::{LeafKind, capacity};
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::verify::OverflowChecks;

/// The sums over all pages.
#[derive(Default)]
struct Sums {
    overflow: OverflowChecks,
    bytes: u64,
    pages: u32,
    layouts: HashMap<LayoutId, u32>,
    nodes: bool,
    last: Leaf,
}

impl<M: Memory> Sequence<M> {
    /// Checks all pages and counters.
    pub(crate) fn verify(&self) -> Result<()> {
        let (state, root) = (self.root().state(), self.root().page());
        let mut sums = Sums { pages: 1, ..Sums::default() };
        if state.top.get().is_none() != (state.len.get() == 0) {
            return Err(self.root().damaged(root, Damage::NoTree));
        }
        if state.top.get().is_some() {
            let level =
                state.height.get().checked_sub(1).ok_or_else(|| self.root().damaged(root, Damage::NoTree))?;
            let all = Leaf { page: state.top.get(), start: 0, end: self.end() };
            self.check(all, level, &mut sums)?;
        }
        self.verify_count(&sums.last)?;
        if sums.bytes != state.bytes.get() {
            return Err(self.root().damaged(root, Damage::ByteCount));
        }
        if sums.pages != state.pages.get() {
            return Err(self.root().damaged(root, Damage::PageCount));
        }
        if self.uniform.get() && (sums.nodes || self.root().old_pages() > 0) {
            return Err(self.root().damaged(root, Damage::LayoutPages));
        }
        let counted = |index: LayoutId| sums.layouts.get(&index).copied().unwrap_or(0);
        let layouts = self.root().layouts();
        if layouts.iter().any(|layout| self.root().pages_of(layout.index) != counted(layout.index)) {
            return Err(self.root().damaged(root, Damage::LayoutPages));
        }
        Ok(())
    }

    fn check(&self, covered: Leaf, level: u32, sums: &mut Sums) -> Result<()> {
        let Leaf { page, start, end } = covered;
        let bytes = self.root().pager().read_page(page)?;
        sums.pages = sums.pages.saturating_add(1);
        // Branches that share children could be walked without end.
        if sums.pages > self.root().state().pages.get() {
            return Err(self.root().damaged(self.root().page(), Damage::PageCount));
        }
        let header = BranchHeader::read_from_prefix(bytes.as_slice());
        let (header, _) = header.map_err(|_| self.root().damaged(page, Damage::BeyondEnd))?;
        if header.owner.get() != self.root().page() || u32::from(header.level) != level {
            return Err(self.root().damaged(page, Damage::WrongLevel));
        }
        if level == 0 {
            return self.check_leaf(&covered, &bytes, sums);
        }
        let entries = self
            .context
            .nodes
            .with_branch(page, |_| branch::entries(&bytes, level).on_page(self.root(), page))?;
        if entries.first().is_some_and(|first| first.start != 0) {
            return Err(self.root().damaged(page, Damage::ChildrenOutOfOrder));
        }
        for (index, entry) in entries.iter().enumerate() {
            let from = start.saturating_add(entry.start);
            let to = entries.get(index + 1).map_or(end, |next| start.saturating_add(next.start));
            if from >= to || to > end {
                return Err(self.root().damaged(page, Damage::ChildrenOutOfOrder));
            }
            self.check(Leaf { page: entry.child, start: from, end: to }, level - 1, sums)?;
        }
        Ok(())
    }

    fn check_leaf(&self, leaf: &Leaf, bytes: &graven_core::page::PageBytes, sums: &mut Sums) -> Result<()> {
        for layout in leaf::listed(bytes.as_slice()).on_page(self.root(), leaf.page)? {
            *sums.layouts.entry(layout).or_default() += 1;
        }
        sums.last = *leaf;
        if let LeafKind::Array { width, .. } = leaf::kind(bytes.as_slice()).on_page(self.root(), leaf.page)? {
            if leaf.len() > capacity(width) {
                return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
            }
            sums.bytes = sums.bytes.saturating_add(leaf.len().saturating_mul(width as u64));
            return Ok(());
        }
        sums.nodes = true;
        let items = self.context.items(leaf.page, bytes)?;
        let live = self.live(leaf);
        // A leaf without live values still has its cells.
        if live.end > live.start && items.len() as u64 != live.end - live.start {
            return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
        }
        for item in &items {
            let head = self.context.item_head(0, item)?;
            sums.bytes = sums.bytes.saturating_add(head.value_len as u64);
            if item.owns {
                let pages = sums.overflow.check(self.root().pager(), head.page, head.value_len)?;
                sums.pages = sums.pages.saturating_add(pages);
            }
        }
        Ok(())
    }
}
