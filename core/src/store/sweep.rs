//! The budget and the progress of a sweep, which migrates pages to the current layout a few at a
//! time.

use ic_stable_structures::Memory;

use super::Root;
use super::skipped::{Skipped, SkippedList};
use crate::error::Result;

/// The limit to what a sweep may do in one message.
pub struct Budget<'a> {
    pages: u64,
    instructions: Option<Counted>,
    more: Option<&'a mut dyn FnMut() -> bool>,
    /// The skipped values, or `None` if values must not be skipped.
    skipped: Option<SkippedList>,
    /// `true` after the step that is always allowed.
    stepped: bool,
    /// The number of pages that were read.
    #[doc(hidden)]
    pub seen: u64,
    /// The number of pages that were migrated to the current layout.
    #[doc(hidden)]
    pub migrated: u64,
}

impl core::fmt::Debug for Budget<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Budget")
            .field("seen", &self.seen)
            .field("migrated", &self.migrated)
            .finish_non_exhaustive()
    }
}

/// A budget in instructions.
struct Counted {
    /// The value of the performance counter at which the work ends.
    end: u64,
    /// The value of the performance counter when it was last read.
    asked: u64,
    /// The number of records before it is read again.
    unasked: u32,
}

/// The number of cheap records between two readings of the counter: reading it costs 200
/// instructions.
const RECORDS: u32 = 8;

/// The number of instructions below which [`RECORDS`] records count as cheap.
const CHEAP: u64 = 100_000;

impl<'a> Budget<'a> {
    /// Returns a budget of pages. A sweep migrates at most the given number (at least one), and
    /// reads at most 64 times as many.
    #[must_use]
    pub const fn pages(pages: u64) -> Self {
        Budget { pages, instructions: None, more: None, skipped: None, stepped: false, seen: 0, migrated: 0 }
    }

    /// Returns a budget that counts entries.
    #[must_use]
    pub const fn entries(entries: u64) -> Self {
        Budget::pages(entries)
    }

    /// Returns a budget of instructions that this message may still execute. It is checked between
    /// two records, so one record is always migrated. A small record takes some 500 instructions
    /// and its conversion. A large one takes about three for each of its bytes. Writing the last
    /// page takes some 100,000 more. Outside of a canister nothing counts instructions, and each
    /// 100,000 of the budget allow a page.
    #[must_use]
    pub fn instructions(instructions: u64) -> Self {
        match counter() {
            Some(now) => {
                let counted = Counted { end: now.saturating_add(instructions), asked: now, unasked: 0 };
                Budget { instructions: Some(counted), ..Budget::pages(u64::MAX) }
            }
            None => Budget::pages(instructions.div_ceil(100_000)),
        }
    }

    /// Returns a budget that lasts while `more` returns `true`. It is called between two records.
    #[must_use]
    pub fn while_true(more: &'a mut dyn FnMut() -> bool) -> Self {
        Budget { more: Some(more), ..Budget::pages(u64::MAX) }
    }

    /// Skips values that cannot be converted to the current layout, and lists them in
    /// [`Progress::skipped`]. Without this, a sweep ends at the first such value. A conversion that
    /// panics is skipped only where a panic can be caught, as in tests. In a canister it traps.
    #[must_use]
    pub fn skip_failing(mut self) -> Self {
        self.skipped = Some(SkippedList::default());
        self
    }

    /// Converts the value of a key. Returns `None` if that fails and the budget skips the value.
    #[doc(hidden)]
    pub fn attempt<T>(&mut self, key: &[u8], convert: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
        match &mut self.skipped {
            Some(skipped) => skipped.attempt(key, convert),
            None => convert().map(Some),
        }
    }

    /// Returns how often a value was skipped.
    #[doc(hidden)]
    #[must_use]
    pub fn skips(&self) -> u64 {
        self.skipped.as_ref().map_or(0, SkippedList::count)
    }

    /// Counts a page that was read.
    #[doc(hidden)]
    pub fn charge_read(&mut self) {
        self.seen += 1;
        self.stepped = true;
    }

    /// Allows one more step in any case, so that a failing collection does not block the others.
    #[doc(hidden)]
    pub fn allow_step(&mut self) {
        self.stepped = false;
    }

    /// Counts a page that was migrated.
    #[doc(hidden)]
    pub fn charge_write(&mut self) {
        self.migrated += 1;
    }

    /// Returns `true` if the budget is spent. One page may always be read.
    #[doc(hidden)]
    pub fn is_spent(&mut self) -> bool {
        if !self.stepped {
            return false;
        }
        if self.migrated >= self.pages || self.seen >= self.pages.saturating_mul(64) {
            return true;
        }
        match (&mut self.instructions, &mut self.more) {
            (Some(counted), _) => counted.is_over(),
            (None, Some(more)) => !more(),
            (None, None) => false,
        }
    }

    /// Returns `true` if the budget is spent between two entries, where each entry counts as a
    /// page.
    #[doc(hidden)]
    pub fn is_spent_between_entries(&mut self) -> bool {
        let all = self.migrated >= self.pages || self.seen >= self.pages.saturating_mul(64);
        self.stepped && (all || self.is_spent_within_page())
    }

    /// Returns `true` if the budget is spent in the middle of a page, between two records. A budget
    /// in pages is never spent there.
    #[doc(hidden)]
    pub fn is_spent_within_page(&mut self) -> bool {
        match (&mut self.instructions, &mut self.more) {
            (Some(counted), _) => counted.is_over_after_record(),
            (None, Some(more)) => !more(),
            (None, None) => false,
        }
    }
}

impl Counted {
    fn is_over(&mut self) -> bool {
        self.asked = counter().unwrap_or(u64::MAX);
        self.asked >= self.end
    }

    fn is_over_after_record(&mut self) -> bool {
        if let Some(unasked) = self.unasked.checked_sub(1) {
            self.unasked = unasked;
            return false;
        }
        let before = self.asked;
        let is_over = self.is_over();
        // The next records are assumed to be like the last ones.
        self.unasked = if self.asked - before < CHEAP { RECORDS - 1 } else { 0 };
        is_over
    }
}

/// Returns the number of instructions that this message has executed.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
fn counter() -> Option<u64> {
    Some(ic0::performance_counter(0))
}

/// Returns `None`, since there is no counter outside of a canister.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
fn counter() -> Option<u64> {
    None
}

/// The progress of a sweep. Its text says which versions are still stored where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// The number of pages that this call migrated to the current layout.
    pub migrated: u64,
    /// The number of pages that still hold values of previous layouts.
    pub old_pages: u64,
    /// The previous layouts that are still there, root by root.
    pub left: Vec<OldLayout>,
    /// The values that this call could not convert and left as they are: at most 100 for each
    /// budget, and only with [`Budget::skip_failing`]. Another call may list them again.
    pub skipped: Vec<Skipped>,
    /// The number of indexes of tables that are not complete yet.
    pub incomplete_indexes: u32,
    /// The number of roots that another call would continue with.
    unfinished: u32,
}

/// A previous layout of which a root still has pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldLayout {
    /// The root's name.
    pub root: String,
    /// The type of the values, as in `User v1`. If only a part of it is in a previous version, this
    /// is the current version of the whole.
    pub layout: String,
    /// The number of pages that hold values of it.
    pub pages: u32,
}

impl Progress {
    /// Returns `true` if no page holds values of previous layouts, and all indexes are complete.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.old_pages == 0 && self.incomplete_indexes == 0
    }

    /// Returns `true` if another call would convert nothing, since the values that are left in
    /// previous layouts cannot be converted. Without [`Budget::skip_failing`] this is
    /// [`Progress::is_done`].
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.unfinished == 0
    }

    /// Adds the pages of a root that are still in previous layouts, and the values that `budget`
    /// skipped there. `is_finished` is `false` if another call would continue.
    pub(crate) fn add<M: Memory>(&mut self, root: &Root<M>, budget: &mut Budget<'_>, is_finished: bool) {
        self.unfinished += u32::from(!is_finished);
        if let Some(skipped) = &mut budget.skipped {
            skipped.take(root.name(), &mut self.skipped);
        }
        self.old_pages += root.old_pages();
        for layout in root.layouts().iter().filter(|layout| layout.index != root.current()) {
            let pages = root.pages_of(layout.index);
            if pages > 0 {
                let name = match layout.version {
                    Some(version) => format!("{} v{version}", layout.name),
                    None => layout.name.clone().into_owned(),
                };
                self.left.push(OldLayout { root: root.name().to_owned(), layout: name, pages });
            }
        }
    }
}

impl core::fmt::Display for Progress {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.is_done() {
            return f.write_str("every page is in the current layout");
        }
        let mut separator = "";
        for OldLayout { root, layout, pages } in &self.left {
            let plural = if *pages == 1 { "" } else { "s" };
            write!(f, "{separator}{root}: {pages} page{plural} of {layout}")?;
            separator = ", ";
        }
        match self.incomplete_indexes {
            0 => Ok(()),
            1 => write!(f, "{separator}1 index is not complete"),
            indexes => write!(f, "{separator}{indexes} indexes are not complete"),
        }
    }
}
