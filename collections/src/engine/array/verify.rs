//! Verification of a whole sequence, for tests and tools. It reads everything.

use graven_core::page::{LayoutId, PageBytes};
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
use crate::engine::verify::Audit;

/// The sums over all pages.
struct Sums<'a> {
    audit: &'a mut Audit,
    bytes: u64,
    pages: u32,
    layouts: HashMap<LayoutId, u32>,
    nodes: bool,
    last: Leaf,
}

impl<M: Memory> Sequence<M> {
    /// Checks all pages and counters.
    pub(crate) fn verify(&self) -> Result<()> {
        self.check(&mut Audit::first())
    }

    /// Checks all pages, as a part of a larger check. After a fault the counters are not compared.
    pub(crate) fn check(&self, audit: &mut Audit) -> Result<()> {
        audit.begin_tree();
        let (state, root, before) = (self.root().state(), self.root().page(), audit.count());
        let layouts = HashMap::new();
        let mut sums = Sums { audit, bytes: 0, pages: 1, layouts, nodes: false, last: Leaf::default() };
        if state.top.get().is_none() != (state.len.get() == 0) {
            return Err(self.root().damaged(root, Damage::NoTree));
        }
        if state.top.get().is_some() {
            let level =
                state.height.get().checked_sub(1).ok_or_else(|| self.root().damaged(root, Damage::NoTree))?;
            let all = Leaf { page: state.top.get(), start: 0, end: self.end() };
            let walked = self.check_page(all, level, &mut sums);
            sums.audit.note(walked)?;
        }
        if sums.audit.count() > before {
            return Ok(());
        }
        self.verify_count(&sums.last)?;
        let counted = |index: LayoutId| sums.layouts.get(&index).copied().unwrap_or(0);
        let mut layouts = self.root().layouts().iter();
        let is_uniform = !self.uniform.get() || !sums.nodes && self.root().old_pages() == 0;
        let same = [
            (sums.bytes == state.bytes.get(), Damage::ByteCount),
            (sums.pages == state.pages.get(), Damage::PageCount),
            (is_uniform, Damage::LayoutPages),
            (
                layouts.all(|layout| self.root().pages_of(layout.index) == counted(layout.index)),
                Damage::LayoutPages,
            ),
        ];
        match same.into_iter().find(|(is_same, _)| !is_same) {
            Some((_, reason)) => Err(self.root().damaged(root, reason)),
            None => Ok(()),
        }
    }

    fn check_page(&self, covered: Leaf, level: u32, sums: &mut Sums<'_>) -> Result<()> {
        let Leaf { page, start, end } = covered;
        let bytes = self.root().pager().read_page(page)?;
        sums.pages = sums.pages.saturating_add(1);
        let header = BranchHeader::read_from_prefix(bytes.as_slice());
        let (header, _) = header.map_err(|_| self.root().damaged(page, Damage::BeyondEnd))?;
        if header.owner.get() != self.root().page() || u32::from(header.level) != level {
            return Err(self.root().damaged(page, Damage::WrongLevel));
        }
        // Branches that share children could be walked without end.
        sums.audit.claim(page).on_page(self.root(), page)?;
        if level == 0 {
            sums.audit.leaf(page, (start, end));
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
            let below = self.check_page(Leaf { page: entry.child, start: from, end: to }, level - 1, sums);
            sums.audit.note(below)?;
        }
        Ok(())
    }

    fn check_leaf(&self, leaf: &Leaf, bytes: &PageBytes, sums: &mut Sums<'_>) -> Result<()> {
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
                let pages = sums.audit.overflow(self.root().pager(), head.page, head.value_len);
                sums.pages = sums.pages.saturating_add(sums.audit.note(pages)?.unwrap_or(0));
            }
        }
        Ok(())
    }
}
