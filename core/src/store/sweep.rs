//! The budget of a sweep, which brings old pages to the newest layout a few at a time, and its progress.

/// How much a sweep may do in one message.
pub struct Budget<'a> {
    pages: u64,
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
        Budget { pages, more: None, seen: 0, migrated: 0 }
    }

    /// Goes on, page by page, while `more` says so; for a budget in instructions, ask the performance
    /// counter.
    #[must_use]
    pub fn while_true(more: &'a mut dyn FnMut() -> bool) -> Self {
        Budget { pages: u64::MAX, more: Some(more), seen: 0, migrated: 0 }
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
        match &mut self.more {
            Some(more) => self.seen > 0 && !more(),
            None => false,
        }
    }
}

/// How far a sweep is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Pages brought to the newest layout by this call.
    pub migrated: u64,
    /// Pages that still hold values of older layouts.
    pub old_pages: u64,
}

impl Progress {
    /// Whether no page holds values of older layouts.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.old_pages == 0
    }
}
