//! The root of an open collection. Its state is kept on the heap and written through to its page.

mod count;
mod damage;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use ic_stable_structures::Memory;
use zerocopy::IntoBytes;

use super::catalog::StoredRoot;
use super::root_page::{
    CURSOR_AT, EXTRA_AT, LayoutUsage, ROWS_AT, RootState, SECOND_AT, SECOND_EXTRA_AT, STATE_AT,
};
use crate::error::{Damage, Result};
use crate::evolution::Plan;
use crate::key::{KeyBuf, MAX_KEY_LEN};
use crate::page::{LayoutId, PageNumber, PageOffset, Pager};

pub use damage::OnPage;

/// A layout of a root's values, and the plan for reading it.
#[derive(Debug, Clone)]
pub struct ValueLayout {
    /// Its index in the registry.
    pub index: LayoutId,
    /// The type's name, for people.
    pub name: Cow<'static, str>,
    /// Its version, if the type has one.
    pub version: Option<u32>,
    /// The plan for reading it. Its size is that of every value in the layout.
    pub plan: Rc<Plan>,
    /// `true` if [`Plan::is_structural`] is.
    pub is_structural: bool,
}

/// The root of one collection. Opening moves it several times, so only what operations need is in
/// it, and the rest behind a pointer.
pub struct Root<M> {
    /// The pages of the store, whose errors name this root.
    pager: Pager<M>,
    page: PageNumber,
    current: LayoutId,
    current_size: Option<usize>,
    state: Cell<RootState>,
    /// How often the state was set or entries were counted.
    changes: Cell<u64>,
    /// The address of the state's counts of entries and bytes.
    counts: PageOffset,
    more: Box<More>,
}

/// The part of a root that operations rarely need.
struct More {
    name: Cow<'static, str>,
    /// The state of a second tree when the root was opened, or zeros.
    second: RootState,
    rows: RefCell<Vec<LayoutUsage>>,
    layouts: Vec<ValueLayout>,
    /// The offset of the state in the page.
    state_at: usize,
    /// The offset in the page of the extra bytes, which only the collection interprets.
    extra_at: usize,
}

/// The offset of the counts in a state.
const COUNTS_AT: usize = 8;

impl<M> core::fmt::Debug for Root<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Root")
            .field("name", &self.more.name)
            .field("page", &self.page)
            .finish_non_exhaustive()
    }
}

impl<M: Memory> Root<M> {
    pub(crate) fn new(
        pager: &Pager<M>,
        stored: StoredRoot,
        layouts: Vec<ValueLayout>,
        current_size: Option<usize>,
    ) -> Result<Self> {
        let pager = pager.of_root(stored.page);
        let counts = pager.locate_offset(stored.page, STATE_AT + COUNTS_AT, 16)?;
        let current = stored.current().layout.get();
        let more = More {
            name: stored.name,
            second: stored.second,
            rows: RefCell::new(stored.rows),
            layouts,
            state_at: STATE_AT,
            extra_at: EXTRA_AT,
        };
        Ok(Root {
            pager,
            page: stored.page,
            current,
            current_size,
            state: Cell::new(stored.header.state),
            changes: Cell::new(0),
            counts,
            more: Box::new(more),
        })
    }

    /// Makes this the root of a tree whose values are the collection's own bytes. `size` is their
    /// constant size, if they have one.
    pub fn make_internal(&mut self, size: Option<usize>) {
        (self.current, self.current_size) = (LayoutId::INTERNAL, size);
        self.more.layouts = Vec::new();
    }

    /// Returns the root of the collection's second tree, whose values are the collection's own
    /// bytes. Its state and extra bytes are in this root's extra bytes.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the root has no page.
    pub fn second(&self, size: Option<usize>) -> Result<Self> {
        let mut state = self.more.second;
        if state.pages.get() == 0 {
            state.pages = 1.into();
        }
        let more = More {
            name: self.more.name.clone(),
            second: RootState::default(),
            rows: RefCell::default(),
            layouts: Vec::new(),
            state_at: EXTRA_AT + SECOND_AT,
            extra_at: EXTRA_AT + SECOND_EXTRA_AT,
        };
        Ok(Root {
            pager: self.pager.clone(),
            page: self.page,
            current: LayoutId::INTERNAL,
            current_size: size,
            state: Cell::new(state),
            changes: Cell::new(0),
            counts: self.pager.locate_offset(self.page, EXTRA_AT + SECOND_AT + COUNTS_AT, 16)?,
            more: Box::new(more),
        })
    }

    /// Returns the number of pages of the second tree, with the root's own, or 0 if there is none.
    pub(super) fn second_pages(&self) -> u32 {
        self.more.second.pages.get()
    }

    /// Returns the pages of the store, as this root reads them.
    #[inline]
    pub fn pager(&self) -> &Pager<M> {
        &self.pager
    }

    /// Returns the page of this root, which its nodes name as their owner.
    pub fn page(&self) -> PageNumber {
        self.page
    }

    /// Returns the name under which the root is stored.
    pub fn name(&self) -> &str {
        &self.more.name
    }

    /// Returns the topmost page and the size of the collection.
    #[inline]
    pub fn state(&self) -> RootState {
        self.state.get()
    }

    /// Returns how often the state was set, to whatever value, or entries were counted since the
    /// root was opened. No operation of a B+tree adds, moves or removes entries without that.
    #[inline(always)]
    pub fn changes(&self) -> u64 {
        self.changes.get()
    }

    #[inline(always)]
    fn note_change(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    /// Writes the topmost page and the size of the collection.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the root has no page.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a state has 28 bytes, and the range folds to a constant")]
    pub fn set_state(&self, state: RootState) -> Result<()> {
        self.note_change();
        let before = self.state.replace(state);
        if state == before {
            return Ok(());
        }
        if (state.top, state.height, state.pages) == (before.top, before.height, before.pages) {
            return self.pager.write(self.page, self.more.state_at + 8, &state.as_bytes()[8..24]);
        }
        self.pager.write(self.page, self.more.state_at, state.as_bytes())
    }

    /// Reads from the extra bytes, which only the collection interprets. There are at most
    /// [`EXTRA_ROOM`](super::EXTRA_ROOM), zeros at first.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the root has no page or fewer bytes.
    pub fn read_extra(&self, offset: usize, out: &mut [u8]) -> Result<()> {
        self.pager.read(self.page, self.more.extra_at + offset, out)
    }

    /// Writes to the extra bytes.
    ///
    /// # Errors
    /// As [`Root::read_extra`].
    pub fn write_extra(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        self.pager.write(self.page, self.more.extra_at + offset, bytes)
    }

    /// Returns the index of the current layout, in which values are written.
    #[inline]
    pub fn current(&self) -> LayoutId {
        self.current
    }

    /// Returns the constant size of values in the current layout, if they have one.
    #[inline]
    pub fn current_size(&self) -> Option<usize> {
        self.current_size
    }

    /// Returns a previous layout that values of this root may have.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the root has no such layout. The error names
    /// `page`, which holds the value.
    #[inline]
    pub fn old_layout(&self, index: LayoutId, page: PageNumber) -> Result<&ValueLayout> {
        let found = self.more.layouts.iter().find(|layout| layout.index == index);
        found.ok_or_else(|| self.damaged(page, Damage::UnlistedLayout))
    }

    /// Returns the plan of a previous layout whose values are converted without the user's code.
    #[must_use]
    pub fn structural_plan(&self, index: LayoutId) -> Option<&Plan> {
        let mut old = self.more.layouts.iter().filter(|layout| layout.index != self.current);
        old.find(|layout| layout.index == index && layout.is_structural).map(|layout| &*layout.plan)
    }

    /// Returns the constant size of values in a layout, if they have one.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the root has no such layout.
    #[inline]
    pub fn size_of(&self, index: LayoutId, page: PageNumber) -> Result<Option<usize>> {
        if index == self.current {
            Ok(self.current_size)
        } else {
            Ok(self.old_layout(index, page)?.plan.size)
        }
    }

    /// Returns the layouts that values of this root may have, the current one included.
    pub fn layouts(&self) -> &[ValueLayout] {
        &self.more.layouts
    }

    /// Returns the number of pages that hold values of previous layouts.
    pub fn old_pages(&self) -> u64 {
        let rows = self.more.rows.borrow();
        rows.iter().filter(|row| row.layout.get() != self.current).map(|row| u64::from(row.pages.get())).sum()
    }

    /// Returns the number of pages that hold values of a layout.
    pub fn pages_of(&self, index: LayoutId) -> u32 {
        let rows = self.more.rows.borrow();
        rows.iter().find(|row| row.layout.get() == index).map_or(0, |row| row.pages.get())
    }

    /// Adds `change` to the number of pages that hold values of a layout.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the root does not list the layout.
    pub fn count_pages(&self, index: LayoutId, change: i64) -> Result<()> {
        if change == 0 || index == LayoutId::INTERNAL {
            return Ok(());
        }
        let mut rows = self.more.rows.borrow_mut();
        let found = rows.iter_mut().enumerate().find(|(_, row)| row.layout.get() == index);
        let (position, row) = found.ok_or_else(|| self.damaged(self.page, Damage::UnlistedLayout))?;
        let pages = i64::from(row.pages.get()).saturating_add(change).clamp(0, u32::MAX.into());
        row.pages = (pages as u32).into();
        let at = ROWS_AT + position * size_of::<LayoutUsage>();
        self.pager.write(self.page, at, row.as_bytes())
    }

    /// Sets the numbers of pages of all layouts to 0, since the collection was emptied.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the root has no page.
    pub fn count_no_pages(&self) -> Result<()> {
        let used: Vec<(LayoutId, i64)> = {
            let rows = self.more.rows.borrow();
            rows.iter().map(|row| (row.layout.get(), -i64::from(row.pages.get()))).collect()
        };
        used.into_iter().try_for_each(|(index, change)| self.count_pages(index, change))
    }

    /// Returns the key from which the sweep continues.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if its length is impossible.
    pub fn cursor(&self) -> Result<KeyBuf> {
        let mut len = [0; 2];
        self.pager.read(self.page, CURSOR_AT, &mut len)?;
        let len = u16::from_le_bytes(len) as usize;
        if len > MAX_KEY_LEN {
            return Err(self.damaged(self.page, Damage::SweepPosition));
        }
        let mut key = vec![0; len];
        self.pager.read(self.page, CURSOR_AT + 2, &mut key)?;
        Ok(KeyBuf::from(key.as_slice()))
    }

    /// Writes the key from which the sweep continues.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the root has no page.
    pub fn set_cursor(&self, key: &[u8]) -> Result<()> {
        let mut bytes = (key.len() as u16).to_le_bytes().to_vec();
        bytes.extend_from_slice(key);
        self.pager.write(self.page, CURSOR_AT, &bytes)
    }

    pub(crate) fn rows(&self) -> Vec<LayoutUsage> {
        self.more.rows.borrow().clone()
    }
}
