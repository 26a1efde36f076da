//! The budget of a sweep, which brings old pages to the newest layout a few at a time, and its
//! progress.

use ic_stable_structures::Memory;

use super::Root;

/// How much a sweep may do in one message.
pub struct Budget<'a> {
    pages: u64,
    instructions: Option<Counted>,
    more: Option<&'a mut dyn FnMut() -> bool>,
    /// The step that may always be made has been made.
    stepped: bool,
    /// Pages looked at.
    #[doc(hidden)]
    pub seen: u64,
    /// Pages brought to the newest layout.
    #[doc(hidden)]
    pub migrated: u64,
}

/// A budget in instructions.
struct Counted {
    /// The performance counter's value from which on nothing more is done.
    end: u64,
    /// Its value when it was last asked.
    asked: u64,
    /// Records to go before it is asked again.
    unasked: u32,
}

/// Asking the counter costs some 200 instructions, so it is not done for every cheap record.
const RECORDS: u32 = 8;

/// Instructions for [`RECORDS`] records below which they count as cheap.
const CHEAP: u64 = 100_000;

impl<'a> Budget<'a> {
    /// Migrates at most so many pages (at least one), and looks at most at 64 times as many.
    #[must_use]
    pub const fn pages(pages: u64) -> Self {
        Budget { pages, instructions: None, more: None, stepped: false, seen: 0, migrated: 0 }
    }

    /// Returns a budget that counts entries.
    #[must_use]
    pub const fn entries(entries: u64) -> Self {
        Budget::pages(entries)
    }

    /// Goes on, record by record, until this message has executed so many instructions more. One
    /// record is always migrated, however much that takes: a small one takes some 500 instructions
    /// and what its conversion does, a large one about three for each of its bytes. Writing the
    /// page that the last one is on comes on top, some 100,000. Outside of a canister nothing is
    /// counted, and so many instructions are taken for a page for every 100,000.
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

    /// Goes on, record by record, while `more` says so.
    #[must_use]
    pub fn while_true(more: &'a mut dyn FnMut() -> bool) -> Self {
        Budget { more: Some(more), ..Budget::pages(u64::MAX) }
    }

    /// Counts a page that was looked at.
    #[doc(hidden)]
    pub fn look(&mut self) {
        self.seen += 1;
        self.stepped = true;
    }

    /// Allows one more step whatever was done: a collection that cannot go on does not keep others
    /// from it.
    #[doc(hidden)]
    pub fn allow_step(&mut self) {
        self.stepped = false;
    }

    /// Counts a page that was migrated.
    #[doc(hidden)]
    pub fn migrate(&mut self) {
        self.migrated += 1;
    }

    /// Returns whether nothing more may be done. One page may always be looked at.
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

    /// Returns `true` if the budget is spent between two entries, where each of them counts as a
    /// page.
    #[doc(hidden)]
    pub fn is_spent_between_entries(&mut self) -> bool {
        let all = self.migrated >= self.pages || self.seen >= self.pages.saturating_mul(64);
        self.stepped && (all || self.is_spent_within_page())
    }

    /// Returns `true` if the budget is spent in the middle of a page, between two records. Pages
    /// are not cut for a budget in pages.
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
        // Those that come are taken to be like the last ones.
        self.unasked = if self.asked - before < CHEAP { RECORDS - 1 } else { 0 };
        is_over
    }
}

/// Instructions that this message has executed.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
fn counter() -> Option<u64> {
    Some(ic0::performance_counter(0))
}

/// Outside of a canister there is no counter.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
fn counter() -> Option<u64> {
    None
}

/// How far a sweep is. Printed, it says which versions are still stored where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Pages brought to the newest layout by this call.
    pub migrated: u64,
    /// Pages that still hold values of older layouts.
    pub old_pages: u64,
    /// The older layouts that are still there, root by root.
    pub left: Vec<OldLayout>,
}

/// An older layout of which a root still has pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldLayout {
    /// The root's name.
    pub root: String,
    /// The type of the values, as in `User v1`. Where only a part of it is old, the version is the
    /// newest one's.
    pub layout: String,
    /// Pages that hold values of it.
    pub pages: u32,
}

impl Progress {
    /// Returns whether no page holds values of older layouts.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.old_pages == 0
    }

    /// Adds what is left of a root.
    pub(crate) fn add<M: Memory>(&mut self, root: &Root<M>) {
        self.old_pages += root.old_pages();
        for layout in root.layouts().iter().filter(|layout| layout.index != root.newest()) {
            let pages = root.pages_of(layout.index);
            if pages > 0 {
                let name = match layout.version {
                    Some(version) => format!("{} v{version}", layout.name),
                    None => layout.name.clone(),
                };
                self.left.push(OldLayout { root: root.name().to_owned(), layout: name, pages });
            }
        }
    }
}

impl core::fmt::Display for Progress {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.is_done() {
            return f.write_str("every page is in the newest layout");
        }
        for (i, OldLayout { root, layout, pages }) in self.left.iter().enumerate() {
            let plural = if *pages == 1 { "" } else { "s" };
            write!(f, "{}{root}: {pages} page{plural} of {layout}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
