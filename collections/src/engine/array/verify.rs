//! Verification of a whole sequence, for tests and tools. It reads everything.

use graven_core::page::PageBytes;
use graven_core::page::branch::BranchHeader;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::FromBytes;

use crate::engine::array::branch;
use crate::engine::array::leaf;
use crate::engine::array::leaf::{LeafKind, capacity};
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::verify::{Audit, position_of};

/// The part of a sequence that a check has visited in this step.
struct Walk<'a, 'b> {
    audit: &'a mut Audit<'b>,
    /// The position from which the step continues.
    from: u64,
    /// The last leaf.
    last: Leaf,
}

impl<M: Memory> Sequence<M> {
    /// Checks all pages and counters.
    pub(crate) fn verify(&self) -> Result<()> {
        self.check(&mut Audit::first())
    }

    /// Checks all pages, as a part of a larger check. After a fault the counters are not compared.
    pub(crate) fn check(&self, audit: &mut Audit<'_>) -> Result<()> {
        let (state, root, before) = (self.root().state(), self.root(), audit.count());
        let from = position_of(audit.begin_tree());
        let mut walk = Walk { audit, from, last: Leaf::default() };
        if state.top.get().is_none() != (state.len.get() == 0) {
            return Err(root.damaged(root.page(), Damage::NoTree));
        }
        if state.top.get().is_some() {
            let level = state.height.get().checked_sub(1);
            let level = level.ok_or_else(|| root.damaged(root.page(), Damage::NoTree))?;
            let all = Leaf { page: state.top.get(), start: 0, end: self.end() };
            let walked = self.check_page(all, level, &mut walk);
            walk.audit.note(walked)?;
        }
        let Walk { audit, last, .. } = walk;
        if audit.count() > before || audit.is_stopped() {
            return Ok(());
        }
        audit.compare(|counts| {
            self.verify_count(&last)?;
            let has_only_arrays = counts.leaves == 0 && root.old_pages() == 0;
            let is_uniform = !self.uniform.get() || has_only_arrays;
            counts.compare(root, &[(is_uniform, Damage::LayoutPages)])
        })
    }

    fn check_page(&self, covered: Leaf, level: u32, walk: &mut Walk<'_, '_>) -> Result<()> {
        let Leaf { page, start, end } = covered;
        let bytes = self.root().pager().read_page(page)?;
        let header = BranchHeader::read_from_prefix(bytes.as_slice());
        let (header, _) = header.map_err(|_| self.root().damaged(page, Damage::BeyondEnd))?;
        if header.owner.get() != self.root().page() || u32::from(header.level) != level {
            return Err(self.root().damaged(page, Damage::WrongLevel));
        }
        // Branches that share children could be walked without end.
        walk.audit.claim(page).on_page(self.root(), page)?;
        if level == 0 {
            walk.audit.leaf(page, (start, end));
            self.check_leaf(&covered, &bytes, walk)?;
            // The last leaf needs no next step.
            let _ = end < self.end() && walk.audit.stops_before(&end.to_be_bytes());
            return Ok(());
        }
        // A branch whose first leaf an earlier step has checked was counted there.
        if start >= walk.from {
            walk.audit.counts.add_page(core::iter::empty());
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
            if to <= walk.from {
                continue;
            }
            let below = self.check_page(Leaf { page: entry.child, start: from, end: to }, level - 1, walk);
            walk.audit.note(below)?;
            if walk.audit.is_stopped() {
                break;
            }
        }
        Ok(())
    }

    fn check_leaf(&self, leaf: &Leaf, bytes: &PageBytes, walk: &mut Walk<'_, '_>) -> Result<()> {
        let layouts = leaf::listed(bytes.as_slice()).on_page(self.root(), leaf.page)?;
        let counts = &mut walk.audit.counts;
        counts.add_page(layouts.into_iter());
        walk.last = *leaf;
        if let LeafKind::Array { width, .. } = leaf::kind(bytes.as_slice()).on_page(self.root(), leaf.page)? {
            if leaf.len() > capacity(width) {
                return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
            }
            counts.bytes = counts.bytes.saturating_add(leaf.len().saturating_mul(width as u64));
            return Ok(());
        }
        counts.leaves = counts.leaves.saturating_add(1);
        let items = self.context.items(leaf.page, bytes)?;
        let live = self.live(leaf);
        // A leaf without live values still has its cells.
        if live.end > live.start && items.len() as u64 != live.end - live.start {
            return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
        }
        for item in &items {
            let head = self.context.item_head(0, item)?;
            let counts = &mut walk.audit.counts;
            counts.bytes = counts.bytes.saturating_add(head.value_len as u64);
            if item.owns {
                let pages = walk.audit.overflow(self.root().pager(), head.page, head.value_len);
                walk.audit.add_pages(pages)?;
            }
        }
        Ok(())
    }
}
