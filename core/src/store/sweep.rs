//! The budget of a sweep, which brings old pages to the newest layout a few at a time, and its progress.

use ic_stable_structures::Memory;

use super::Root;

/// How much a sweep may do in one message.
pub struct Budget<'a> {
    pages: u64,
    /// The performance counter's value from which on nothing more is done.
    instructions: Option<u64>,
    more: Option<&'a mut dyn FnMut() -> bool>,
    /// Pages looked at.
    pub seen: u64,
    /// Pages brought to the newest layout.
    pub migrated: u64,
}

impl<'a> Budget<'a> {
    /// Migrates at most so many pages (at least one), and looks at most at 64 times as many.
    #[must_use]
    pub const fn pages(pages: u64) -> Self {
        Budget { pages, instructions: None, more: None, seen: 0, migrated: 0 }
    }

    /// The same for what goes entry by entry.
    #[must_use]
    pub const fn entries(entries: u64) -> Self {
        Budget::pages(entries)
    }

    /// Goes on, page by page, until this message has executed so many instructions more. One step is always
    /// made, however much it takes: a page of small values takes some 100,000 instructions, a large value about
    /// three for each of its bytes. Outside of a canister nothing is counted, and so many instructions are taken
    /// for a page for every 100,000.
    #[must_use]
    pub fn instructions(instructions: u64) -> Self {
        match counter() {
            Some(now) => {
                Budget { instructions: Some(now.saturating_add(instructions)), ..Budget::pages(u64::MAX) }
            }
            None => Budget::pages(instructions.div_ceil(100_000)),
        }
    }

    /// Goes on, page by page, while `more` says so; for a budget in instructions, ask the performance
    /// counter.
    #[must_use]
    pub fn while_true(more: &'a mut dyn FnMut() -> bool) -> Self {
        Budget { pages: u64::MAX, instructions: None, more: Some(more), seen: 0, migrated: 0 }
    }

    /// Counts a page that was looked at.
    pub fn look(&mut self) {
        self.seen += 1;
    }

    /// Counts a page that was migrated.
    pub fn migrate(&mut self) {
        self.migrated += 1;
    }

    /// Whether nothing more may be done.
    pub fn is_spent(&mut self) -> bool {
        if self.migrated >= self.pages || self.seen >= self.pages.saturating_mul(64) {
            return self.seen > 0;
        }
        if self.instructions.is_some_and(|end| counter().is_none_or(|now| now >= end)) {
            return self.seen > 0;
        }
        match &mut self.more {
            Some(more) => self.seen > 0 && !more(),
            None => false,
        }
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
    /// The type of the values, as in `User v1`. Where only a part of it is old, the version is the newest one's.
    pub layout: String,
    /// Pages that hold values of it.
    pub pages: u32,
}

impl Progress {
    /// Whether no page holds values of older layouts.
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
