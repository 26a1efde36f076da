//! The check of whole collections: what is known about pages, and what was found so far.

use graven_core::page::{PAGE_SIZE, PageBytes, PageNumber, PageSet, Pager, StorePages};
use graven_core::store::{Budget, Root, VerifyCounts, VerifyPosition};
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::cell::{MIN_CELL, freeblock_of};

/// The most faults that are listed.
const MAX_FAULTS: usize = 1_000;

/// A check of one or more collections. It ends with the first fault, or lists all of them.
///
/// A check of one collection may be done in steps. Its parts, such as two trees and their
/// comparison, are checked in order. A step continues with a part where the last one has stopped.
#[derive(Default)]
pub(crate) struct Audit<'a> {
    lists_all: bool,
    faults: Vec<Error>,
    /// The number of faults, the ones that are not listed included.
    count: u64,
    /// The pages of the collections that were checked. Each belongs to one of them, once.
    claimed: PageSet,
    /// The pages of the store, which no collection may have. Empty if they are not known.
    store: StorePages,
    /// The pages of faults.
    faulty: PageSet,
    /// The leaves of the collection that is checked, if somebody wants them.
    leaves: Option<Vec<LeafPage>>,
    /// The number of the tree that is checked, from 1 in each collection.
    tree: u8,
    /// The counts of the tree that is checked.
    pub(crate) counts: VerifyCounts,
    /// The number of the next part.
    part: u32,
    /// The position and the budget, if the check is done in steps.
    step: Option<Step<'a>>,
}

/// A step of a check.
struct Step<'a> {
    position: &'a mut VerifyPosition,
    /// Counts a page or an entry. Returns `true` if it was the last one of the budget.
    is_last: &'a mut dyn FnMut() -> bool,
    is_stopped: bool,
}

/// Checks a collection from a position on, while the budget lasts. Returns `true` if the check has
/// reached the end.
pub(crate) fn check_within(
    position: &mut VerifyPosition,
    budget: &mut Budget<'_>,
    check: impl FnOnce(&mut Audit<'_>) -> Result<()>,
) -> Result<bool> {
    let mut is_last = || {
        budget.charge_read();
        budget.is_spent()
    };
    let step = Step { position, is_last: &mut is_last, is_stopped: false };
    let mut audit = Audit { step: Some(step), ..Audit::default() };
    check(&mut audit)?;
    Ok(!audit.is_stopped())
}

/// A leaf that a check has met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeafPage {
    pub(crate) page: PageNumber,
    /// The number of its tree in the collection, from 1.
    pub(crate) tree: u8,
    /// The positions that it covers in a sequence.
    pub(crate) positions: (u64, u64),
}

impl Audit<'_> {
    /// Returns a check that ends with the first fault.
    pub(crate) fn first() -> Self {
        Audit::default()
    }

    /// Returns a check that lists all faults of a store with these pages.
    pub(crate) fn all(mut store: StorePages) -> Self {
        let faults = core::mem::take(&mut store.faults);
        Audit { lists_all: true, count: faults.len() as u64, faults, store, ..Audit::default() }
    }

    /// Returns a check that lists all faults and the leaves of each collection.
    pub(crate) fn of_leaves(store: StorePages) -> Self {
        Audit { leaves: Some(Vec::new()), ..Audit::all(store) }
    }

    /// Begins or continues the check of a tree. Returns the position from which it continues.
    pub(crate) fn begin_tree(&mut self) -> Option<Vec<u8>> {
        self.tree = self.tree.saturating_add(1);
        let from = self.resume();
        if from.is_none() {
            // The root's own page.
            self.counts.pages = 1;
        }
        from
    }

    /// Begins or continues a part. Returns the position from which it continues.
    pub(crate) fn resume(&mut self) -> Option<Vec<u8>> {
        let position = self.step.as_ref().map(|step| &*step.position);
        self.counts = position.map(|position| position.counts.clone()).unwrap_or_default();
        position.and_then(|position| position.from.clone())
    }

    /// Checks a part of the collection, unless an earlier step has or a later one will. Its fault
    /// is noted.
    ///
    /// # Errors
    /// As [`Audit::note`].
    pub(crate) fn part(&mut self, check: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let number = self.part;
        self.part = number.saturating_add(1);
        if self.step.as_ref().is_some_and(|step| step.is_stopped || step.position.part != number) {
            return Ok(());
        }
        let checked = check(self);
        self.note(checked)?;
        if let Some(step) = self.step.as_mut().filter(|step| !step.is_stopped) {
            let before = core::mem::take(step.position);
            *step.position = VerifyPosition {
                collection: before.collection,
                part: self.part,
                version: before.version,
                is_uncounted: before.is_uncounted,
                ..VerifyPosition::default()
            };
        }
        Ok(())
    }

    /// Counts a page or an entry. If it was the last one of the budget, the check stops, and the
    /// next step continues from the position. Returns `true` if the check has stopped.
    pub(crate) fn stops_before(&mut self, from: &[u8]) -> bool {
        let Some(step) = &mut self.step else { return false };
        if !step.is_stopped && (step.is_last)() {
            step.is_stopped = true;
            step.position.from = Some(from.to_vec());
            step.position.counts = core::mem::take(&mut self.counts);
        }
        step.is_stopped
    }

    /// Returns `true` if the check has stopped before its end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.step.as_ref().is_some_and(|step| step.is_stopped)
    }

    /// Returns `true` if the collection has changed since the part began. What was counted before
    /// is not known then, and is compared with nothing.
    pub(crate) fn has_changed(&self) -> bool {
        self.step.as_ref().is_some_and(|step| step.position.has_changed)
    }

    /// Compares counts, unless the collection has changed since the part began.
    ///
    /// # Errors
    /// The error of `compare`.
    pub(crate) fn compare(&mut self, compare: impl FnOnce(&VerifyCounts) -> Result<()>) -> Result<()> {
        match &mut self.step {
            Some(step) if step.position.has_changed => {
                step.position.is_uncounted = true;
                Ok(())
            }
            _ => compare(&self.counts),
        }
    }

    /// Records a leaf of the tree that is checked.
    pub(crate) fn leaf(&mut self, page: PageNumber, positions: (u64, u64)) {
        let leaf = LeafPage { page, tree: self.tree, positions };
        self.leaves.iter_mut().for_each(|leaves| leaves.push(leaf));
    }

    /// Ends the check of a collection. Returns its leaves.
    pub(crate) fn take_leaves(&mut self) -> Vec<LeafPage> {
        self.tree = 0;
        self.leaves.as_mut().map(core::mem::take).unwrap_or_default()
    }

    /// Returns `true` if a page has a fault of its own.
    pub(crate) fn is_faulty(&self, page: PageNumber) -> bool {
        self.faulty.contains(page)
    }

    /// Returns `true` if a collection or the store has a page.
    pub(crate) fn has(&self, page: PageNumber) -> bool {
        self.claimed.contains(page) || self.store.contains(page)
    }

    /// Returns the result of a part of the check. If the check lists all faults, adds the fault of
    /// this part to the list and returns `None`.
    ///
    /// # Errors
    /// The fault, if the check ends with the first one. Errors other than damage.
    pub(crate) fn note<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Err(error @ Error::Damaged { .. }) if self.lists_all => {
                if let Error::Damaged { page, reason, .. } = &error
                    && !is_of_reference(*reason)
                {
                    self.faulty.insert(*page);
                }
                self.add(error);
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    /// Counts overflow pages, or notes the fault that was found in them.
    ///
    /// # Errors
    /// As [`Audit::note`].
    pub(crate) fn add_pages(&mut self, pages: Result<u32>) -> Result<()> {
        let pages = self.note(pages)?.unwrap_or(0);
        self.counts.pages = self.counts.pages.saturating_add(pages);
        Ok(())
    }

    /// Adds a fault of any kind to the list.
    pub(crate) fn add(&mut self, error: Error) {
        self.count = self.count.saturating_add(1);
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(error);
        }
    }

    /// Returns the number of faults so far. What depends on everything before, such as a count, is
    /// not worth checking after another one.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Records that a page belongs to the collection that is checked. Returns the reason why it
    /// cannot: another page, collection or list has it.
    pub(crate) fn claim(&mut self, page: PageNumber) -> Result<(), Damage> {
        if self.store.detached.contains(page) {
            return Err(Damage::DetachedInUse);
        }
        let is_new = self.claimed.insert(page);
        if is_new && !self.store.contains(page) { Ok(()) } else { Err(Damage::SharedPage) }
    }

    /// Checks the overflow pages of a value of `len` bytes and returns their number.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are broken, too few, too many or owned twice.
    pub(crate) fn overflow<M: Memory>(
        &mut self,
        pager: &Pager<M>,
        head: PageNumber,
        len: usize,
    ) -> Result<u32> {
        let pages = pager.check_overflow_of(head, len)?;
        pager.visit_extents(head, &mut |extent, pages| {
            let shared = self.claimed.insert_run(extent, pages).is_some();
            match shared || self.store.contains(extent) {
                true => Err(pager.damaged(extent, Damage::OverflowShared)),
                false => Ok(()),
            }
        })?;
        Ok(pages)
    }

    /// Returns the listed faults, the number of all, and the pages of the collections and of the
    /// store.
    pub(crate) fn end(self) -> (Vec<Error>, u64, PageSet, StorePages) {
        (self.faults, self.count, self.claimed, self.store)
    }
}

/// Returns the number that is the position from which a step continues, or 0.
pub(crate) fn position_of(from: Option<Vec<u8>>) -> u64 {
    from.and_then(|from| from.first_chunk().copied()).map_or(0, u64::from_be_bytes)
}

/// Returns `true` if a page does not fit what leads to it. Its content may be whole.
const fn is_of_reference(reason: Damage) -> bool {
    use Damage::*;

    let wrong = matches!(reason, WrongKind | WrongOwner | WrongLevel | MissingPage | DirectoryMismatch);
    wrong || matches!(reason, SharedPage | DetachedInUse | WrongBucket)
}

/// The space of a page with slots, as its header describes it.
pub(crate) struct Space<'a> {
    /// The offset of the first byte after the slots or the table.
    pub(crate) end: usize,
    /// The offset before which no cell begins.
    pub(crate) lowest: usize,
    pub(crate) fragmented: usize,
    pub(crate) freeblock: usize,
    /// The bytes of all cells together.
    pub(crate) cells: usize,
    /// The slots, of two bytes each.
    pub(crate) slots: &'a [u8],
}

/// Checks that the cells, freeblocks and slots of a page account for every byte, and that no two of
/// them overlap.
#[expect(clippy::arithmetic_side_effects, reason = "offsets and lengths are `u16`, and are counted down")]
pub(crate) fn check_space(bytes: &PageBytes, space: &Space<'_>) -> Result<(), Damage> {
    let gaps = PAGE_SIZE.checked_sub(space.lowest.saturating_add(space.cells));
    if space.end > space.lowest || gaps != Some(space.fragmented) {
        return Err(Damage::CellsOverlap);
    }
    let offset = |slot: &[u8; 2]| usize::from(u16::from_le_bytes(*slot) & 0xfff);
    let (slots, _) = space.slots.as_chunks();
    let (mut freeblock, mut left) = (space.freeblock, space.fragmented);
    while freeblock != 0 {
        let record = bytes.get(freeblock..).and_then(<[u8]>::first_chunk::<MIN_CELL>);
        let record = record.filter(|_| freeblock >= space.lowest).ok_or(Damage::FreeblockOutOfRange)?;
        let [next, len] = freeblock_of(*record).map(usize::from);
        left = left.checked_sub(len.max(1)).ok_or(Damage::FragmentedBytes)?;
        let covers = |at: usize| at < freeblock + len && freeblock <= at;
        // An empty slot of a bucket has the offset 0, which is in no freeblock.
        if slots.iter().map(offset).any(covers) {
            return Err(Damage::CellsOverlap);
        }
        freeblock = next;
    }
    if left == 0 { Ok(()) } else { Err(Damage::FragmentedBytes) }
}

/// Checks that the top page of a root's tree, if there is one, belongs to that root. Before two
/// trees are detached together, both are checked.
///
/// # Errors
/// [`Error::Damaged`](graven_core::Error::Damaged) if it does not.
pub(crate) fn check_top<M: Memory>(root: &Root<M>) -> Result<()> {
    let state = root.state();
    match state.top.get().some() {
        None => Ok(()),
        Some(top) => root.pager().check_tree(top, root.page(), state.height.get()),
    }
}
