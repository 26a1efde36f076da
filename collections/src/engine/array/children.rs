//! Replacement of children in branches, from the lowest branch upwards as long as something
//! changes. Full branches are split, sparse ones are merged with a neighbour, and empty ones are
//! freed.

use graven_core::page::{PageBytes, PageNumber};
use graven_core::store::{OnPage, RootState};
use graven_core::{Damage, Memory, Result};

use crate::engine::array::branch;
use crate::engine::array::branch::{Entry, FANOUT};
use crate::engine::array::path::Step;
use crate::engine::array::sequence::Sequence;

/// A branch with fewer children is merged with a neighbour that has room.
const SPARSE: usize = FANOUT / 4;

/// Two branches are merged if they have at most this many children together.
const MERGED: usize = FANOUT * 3 / 4;

/// A new child, with the number of positions that it covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChildSpan {
    pub(crate) page: PageNumber,
    pub(crate) len: u64,
}

/// Writes that are collected first and made once nothing can fail any more.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) writes: Vec<(PageNumber, Box<PageBytes>)>,
    /// Patches of branches: page, offset, bytes.
    pub(crate) patches: Vec<(PageNumber, usize, Vec<u8>)>,
    pub(crate) freed: Vec<PageNumber>,
}

/// The children of a branch that are replaced: `removed` of them from index `at` on.
struct Gap {
    at: usize,
    removed: usize,
}

impl<M: Memory> Sequence<M> {
    /// Replaces `removed` children of the lowest branch of `path` with `parts`, beginning with the
    /// child on the path. The caller has reserved pages for branches.
    pub(crate) fn splice(
        &self,
        state: &mut RootState,
        mut path: Vec<Step>,
        removed: usize,
        mut parts: Vec<ChildSpan>,
        changes: &mut Changes,
    ) -> Result<()> {
        self.uncount()?;
        let mut gap = Gap { at: path.last().map_or(0, |step| step.index), removed };
        let mut is_top_same = false;
        while let Some(step) = path.pop() {
            match self.patch(&step, path.is_empty(), &gap, &parts, changes)? {
                Some(0) => return Ok(()),
                Some(change) => {
                    parts.clear();
                    parts.push(ChildSpan { page: step.page, len: step.len.saturating_add_signed(change) });
                    gap = Gap { at: path.last().map_or(0, |parent| parent.index), removed: 1 };
                    is_top_same = true;
                    continue;
                }
                None => is_top_same = false,
            }
            let mut entries = self.entries(&step)?;
            let before = entries.clone();
            let len = replace(&mut entries, step.len, &gap, &parts);
            gap = Gap { at: path.last().map_or(0, |parent| parent.index), removed: 1 };
            if entries == before && len == step.len {
                return Ok(());
            }
            parts = if entries.is_empty() {
                self.release(state, step.page, changes);
                Vec::new()
            } else if entries.len() < SPARSE && entries.len() < before.len() {
                self.merge(state, &step, path.last(), entries, len, &mut gap, changes)?
            } else if entries == before {
                vec![ChildSpan { page: step.page, len }]
            } else {
                self.write_branches(state, step, &entries, len, changes)?
            };
        }
        if is_top_same { Ok(()) } else { self.set_top(state, parts, changes) }
    }

    /// Patches a branch in place if one child only became longer or shorter, or if one was added or
    /// removed after all others. Returns the change of the branch's length, or `None` if the branch
    /// has to be rewritten.
    fn patch(
        &self,
        step: &Step,
        is_top: bool,
        gap: &Gap,
        parts: &[ChildSpan],
        changes: &mut Changes,
    ) -> Result<Option<i64>> {
        if gap.removed != 1 || parts.len() > 2 {
            return Ok(None);
        }
        let (page, level) = (step.page, step.level);
        self.context.nodes.with_branch(page, |node| {
            let bytes = node.bytes();
            self.check_branch(page, bytes)?;
            let Some(old) = branch::child(bytes, level, gap.at).on_page(self.root(), page)? else {
                return Ok(None);
            };
            let next = branch::child(bytes, level, gap.at + 1).on_page(self.root(), page)?;
            let Some(first) = parts.first() else {
                // A top has no neighbour to be merged with. It goes when it has one child left.
                let least = if is_top { 1 } else { SPARSE };
                if next.is_some() || gap.at <= least {
                    return Ok(None);
                }
                changes.patches.push((page, branch::COUNT_AT, (gap.at as u16).to_le_bytes().to_vec()));
                return Ok(Some((old.start as i64).saturating_sub_unsigned(step.len)));
            };
            if old.child != first.page || (parts.len() == 2 && next.is_some()) {
                return Ok(None);
            }
            let end = next.map_or(step.len, |next| next.start);
            let Some(before) = end.checked_sub(old.start) else { return Ok(None) };
            let change = first.len.wrapping_sub(before) as i64;
            let Some(added) = parts.get(1) else {
                if change != 0 && next.is_some() {
                    let (at, tail) =
                        branch::shifted(bytes, level, gap.at, change).on_page(self.root(), page)?;
                    changes.patches.push((page, at, tail));
                }
                return Ok(Some(change));
            };
            let entry = Entry { child: added.page, start: old.start.saturating_add(first.len) };
            let Some(patches) = branch::added(bytes, level, entry).on_page(self.root(), page)? else {
                return Ok(None);
            };
            changes.patches.extend(patches.map(|(at, bytes)| (page, at, bytes)));
            Ok(Some(change.saturating_add_unsigned(added.len)))
        })
    }

    fn entries(&self, step: &Step) -> Result<Vec<Entry>> {
        self.context.nodes.with_branch(step.page, |node| {
            self.check_branch(step.page, node.bytes())?;
            branch::entries(node.bytes(), step.level).on_page(self.root(), step.page)
        })
    }

    /// Checks that this sequence owns a branch that is to be changed or freed.
    pub(crate) fn check_branch(&self, page: PageNumber, bytes: &PageBytes) -> Result<()> {
        if self.owns(bytes) {
            return Ok(());
        }
        Err(self.root().damaged(page, Damage::WrongOwner))
    }

    fn release(&self, state: &mut RootState, page: PageNumber, changes: &mut Changes) {
        changes.freed.push(page);
        state.remove_pages(1);
    }

    /// Writes children as one or more branches and returns these.
    fn write_branches(
        &self,
        state: &mut RootState,
        step: Step,
        entries: &[Entry],
        len: u64,
        changes: &mut Changes,
    ) -> Result<Vec<ChildSpan>> {
        let at_end = step.index + 2 >= entries.len();
        let each = match entries.len().div_ceil(FANOUT) {
            1 => FANOUT,
            // More children are expected at the end, so all branches but the last are full.
            _ if at_end => FANOUT,
            runs => entries.len().div_ceil(runs),
        };
        let mut parts = Vec::new();
        for run in entries.chunks(each) {
            let page = if parts.is_empty() { step.page } else { self.new_page(state)? };
            let start = run.first().map_or(0, |entry| entry.start);
            let next = entries.get(parts.len() * each + run.len());
            let end = next.map_or(len, |next| next.start);
            changes.writes.push((page, branch::pack(run, step.level as u8, self.root().page())));
            parts.push(ChildSpan { page, len: end.saturating_sub(start) });
        }
        Ok(parts)
    }

    fn new_page(&self, state: &mut RootState) -> Result<PageNumber> {
        state.add_pages(1);
        self.root().pager().allocate()
    }

    /// Merges a sparse branch with a neighbour if they fit into one, or else writes it alone.
    /// Returns the written branches.
    #[allow(clippy::too_many_arguments)]
    fn merge(
        &self,
        state: &mut RootState,
        step: &Step,
        parent: Option<&Step>,
        entries: Vec<Entry>,
        len: u64,
        gap: &mut Gap,
        changes: &mut Changes,
    ) -> Result<Vec<ChildSpan>> {
        let siblings = parent.map(|parent| self.entries(parent)).transpose()?.unwrap_or_default();
        for other in [step_to(gap.at, 1), step_to(gap.at, -1)].into_iter().flatten() {
            let Some(sibling) = siblings.get(other) else { continue };
            let end =
                siblings.get(other + 1).map_or(parent.map_or(0, |parent| parent.len), |next| next.start);
            let sibling_len = end.saturating_sub(sibling.start);
            let sibling_step = Step { page: sibling.child, level: step.level, index: 0, len: sibling_len };
            let theirs = self.entries(&sibling_step)?;
            if theirs.len() + entries.len() > MERGED {
                continue;
            }
            let ours = (entries, len, step.page);
            let theirs = (theirs, sibling_len, sibling.child);
            let (left, right) = if other < gap.at { (theirs, ours) } else { (ours, theirs) };
            let moved =
                right.0.iter().map(|entry| Entry { start: entry.start.saturating_add(left.1), ..*entry });
            let all: Vec<Entry> = left.0.iter().copied().chain(moved).collect();
            changes.writes.push((left.2, branch::pack(&all, step.level as u8, self.root().page())));
            self.release(state, right.2, changes);
            *gap = Gap { at: gap.at.min(other), removed: 2 };
            return Ok(vec![ChildSpan { page: left.2, len: left.1.saturating_add(right.1) }]);
        }
        self.write_branches(state, *step, &entries, len, changes)
    }

    /// Adds branches on top of several parts, or removes top branches that have a single child.
    fn set_top(&self, state: &mut RootState, mut parts: Vec<ChildSpan>, changes: &mut Changes) -> Result<()> {
        while parts.len() > 1 {
            let len = parts.iter().fold(0u64, |len, part| len.saturating_add(part.len));
            let mut entries = Vec::new();
            replace(&mut entries, 0, &Gap { at: 0, removed: 0 }, &parts);
            let (page, level) = (self.new_page(state)?, state.height.get());
            let step = Step { page, level, index: entries.len(), len };
            parts = self.write_branches(state, step, &entries, len, changes)?;
            state.height = level.saturating_add(1).into();
        }
        let Some(mut top) = parts.first().map(|part| part.page) else {
            (state.top, state.height) = (PageNumber::NONE.into(), 0.into());
            return Ok(());
        };
        while state.height.get() > 1 {
            let level = state.height.get() - 1;
            let only = match changes.writes.iter().rfind(|(page, _)| *page == top) {
                Some((page, bytes)) => branch::entries(bytes, level).on_page(self.root(), *page)?,
                None => self.entries(&Step { page: top, level, index: 0, len: 0 })?,
            };
            let [Entry { child, .. }] = only.as_slice() else { break };
            self.release(state, top, changes);
            changes.writes.retain(|(page, _)| *page != top);
            top = *child;
            state.height = level.into();
        }
        state.top = top.into();
        if state.height.get() == 0 {
            state.height = 1.into();
        }
        Ok(())
    }
}

/// Returns the index at a distance from another one, if it is not negative.
fn step_to(index: usize, by: isize) -> Option<usize> {
    index.checked_add_signed(by)
}

/// Replaces some children with `parts` and shifts those after them. Returns the new length of the
/// branch.
fn replace(entries: &mut Vec<Entry>, len: u64, gap: &Gap, parts: &[ChildSpan]) -> u64 {
    let end_of = |index: usize| entries.get(index).map_or(len, |entry| entry.start);
    let (start, end) = (end_of(gap.at), end_of(gap.at + gap.removed));
    let mut at = start;
    let new: Vec<Entry> = parts
        .iter()
        .map(|part| {
            let entry = Entry { child: part.page, start: at };
            at = at.saturating_add(part.len);
            entry
        })
        .collect();
    let range = gap.at.min(entries.len())..(gap.at + gap.removed).min(entries.len());
    let behind = range.start + new.len();
    entries.splice(range, new);
    for entry in entries.iter_mut().skip(behind) {
        entry.start = entry.start.saturating_sub(end).saturating_add(at);
    }
    len.saturating_sub(end).saturating_add(at)
}
