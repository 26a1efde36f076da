//! Adding and removing the last array, as often happens in a sequence that grows and shrinks. The
//! other arrays stay cached. Adding an array writes its header and first value, an entry of the
//! lowest branch, and the root's state.

use graven_core::page::array::{self, COUNT_LEN};
use graven_core::page::branch::BranchHeader;
use graven_core::page::{Kind, PageNumber, PageOffset};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::array::branch;
use crate::engine::array::branch::Entry;
use crate::engine::array::leaf::{ARRAY_AT, capacity};
use crate::engine::array::path::Step;
use crate::engine::array::run::ContiguousRun;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::{Counting, Leaf};

impl<M: Memory> Sequence<M> {
    /// Adds an array with a first value after the last leaf, if that is a full array and its branch
    /// has room. Returns `false` if the value has to be added in another way.
    #[expect(clippy::indexing_slicing, reason = "a value of an array is not longer than a page")]
    pub(crate) fn add_array(&self, step: &Step, last: &Leaf, value: &[u8]) -> Result<bool> {
        let Some(width) = self.width.filter(|width| self.uniform.get() && value.len() == *width) else {
            return Ok(false);
        };
        let (root, pager) = (self.root(), self.root().pager());
        let added = self.context.nodes.with_branch(step.page, |node| {
            let (bytes, level) = (node.bytes(), step.level);
            self.check_branch(step.page, bytes)?;
            let Some(child) = branch::child(bytes, level, step.index).on_page(self.root(), step.page)? else {
                return Ok(None);
            };
            if child.child != last.page
                || branch::child(bytes, level, step.index + 1).on_page(self.root(), step.page)?.is_some()
            {
                return Ok(None);
            }
            // The page number is set once the page is allocated.
            let entry = Entry { child: PageNumber::NONE, start: child.start.saturating_add(last.len()) };
            branch::added(bytes, level, entry).on_page(self.root(), step.page)
        })?;
        let Some([(entry_at, mut entry), (count_at, count)]) = added else { return Ok(false) };
        let fresh = pager.heads().pages.get();
        let page = pager.allocate()?;
        root.count_pages(root.current(), 1)?;
        let header = BranchHeader::new(Kind::Array, 0, root.current().get(), width as u16, root.page());
        pager.with_scratch(|bytes| {
            bytes[..ARRAY_AT].copy_from_slice(header.as_bytes());
            let end = ARRAY_AT + width + COUNT_LEN;
            bytes[ARRAY_AT..end - COUNT_LEN].copy_from_slice(value);
            bytes[end - COUNT_LEN..end].copy_from_slice(&array::count(1));
            if page.get() >= fresh {
                return pager.write(page, 0, &bytes[..end]);
            }
            // A page that was used before is not all zeros.
            bytes[end..].fill(0);
            pager.write(page, 0, bytes.as_slice())
        })?;
        entry.iter_mut().zip(page.to_le_bytes()).for_each(|(to, byte)| *to = byte);
        self.context.nodes.patch(step.page, entry_at, &entry)?;
        self.context.nodes.patch(step.page, count_at, &count)?;
        let mut state = self.counted(1, width as i64, None);
        state.add_pages(1);
        root.set_state(state)?;
        self.set_counting(Counting { page, start: last.end })?;
        self.know_array(page, last.end, width)?;
        Ok(true)
    }

    /// Caches a new last array, which begins at position `start`.
    fn know_array(&self, page: PageNumber, start: u64, width: usize) -> Result<()> {
        let pager = self.root().pager();
        let first = start.wrapping_sub(self.first.get());
        self.cache_tail(page, start, width)?;
        let array = pager.locate_offset(page, ARRAY_AT, capacity(width) as usize * width)?;
        self.run.extend(array, width, first);
        self.directory.add(array, start);
        Ok(())
    }

    /// Returns the cached facts about all arrays but `last`, which is to be removed. Returns `None`
    /// if it is not the last array or there is no directory.
    pub(crate) fn known_but(&self, last: &Leaf) -> Option<Known> {
        let arrays = self.directory.without_last(last.start)?;
        Some(Known { arrays, run: self.run.clone(), first: self.first.get() })
    }

    /// Restores the cached facts once the last array is removed.
    pub(crate) fn know_again(&self, known: Option<Known>) {
        let Some(known) = known.filter(|known| known.first == self.first.get()) else { return };
        if let Some(width) = self.width.filter(|_| self.uniform.get()) {
            self.directory.set(known.arrays, capacity(width));
            self.run.take_from(&known.run);
            self.run.cut(self.len());
        }
    }
}

/// The cached facts about arrays, kept while the caches are cleared.
pub(crate) struct Known {
    arrays: Vec<PageOffset>,
    run: ContiguousRun,
    first: u64,
}
