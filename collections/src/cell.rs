//! One value under a name: settings, counters, the state of a protocol.

use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::page::PAGE_SIZE;
use graven_core::page::extent::EXTENT_HEADER;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootState};
use graven_core::{Damage, DefaultMemoryImpl, Memory, Result};

use crate::codec::value;
use crate::codec::value::Encoded;

/// A single value of type `T`, which may be unset.
///
/// # Example: settings
/// ```
/// use graven_collections::{Cell, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut limit: Cell<u64> = open("limit", DefaultMemoryImpl::default()).unwrap();
/// assert_eq!(limit.get(), None);
/// limit.set(10);
/// assert_eq!(limit.get(), Some(10));
/// ```
pub struct Cell<T, M: Memory = DefaultMemoryImpl> {
    pub(crate) root: Root<M>,
    value: PhantomData<T>,
}

impl<T: StableLayout, M: Memory> Cell<T, M> {
    /// Returns the value, if one was set. Costs two reads and those of the value's bytes.
    ///
    /// # Panics
    /// On damaged memory; [`Cell::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get(&self) -> Option<T> {
        self.try_get().or_fail()
    }

    /// Returns the value, or `T::default()` if none was set.
    ///
    /// # Panics
    /// As [`Cell::get`].
    #[must_use]
    #[track_caller]
    pub fn get_or_default(&self) -> T
    where
        T: Default,
    {
        self.get().unwrap_or_default()
    }

    /// Like [`Cell::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get(&self) -> Result<Option<T>> {
        let state = self.root.state();
        if state.top.get() == 0 {
            return Ok(None);
        }
        let page = state.top.get();
        let too_long = || self.root.damaged(page, Damage::ValueTooLong);
        let bytes = self
            .root
            .pager()
            .read_overflow(page, usize::try_from(state.bytes.get()).map_err(|_| too_long())?)?;
        value::decode_vec(&self.root, page, self.layout(), bytes).map(Some)
    }

    /// Sets the value. Writes its bytes and a header. Overwrites the old bytes in place if the new
    /// ones fit.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Cell::try_set`] does not.
    #[track_caller]
    pub fn set(&mut self, value: T) {
        self.try_set(value).or_fail();
    }

    /// Like [`Cell::set`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_set(&mut self, value: T) -> Result<()> {
        self.set_bytes(Encoded::new(&value)?.as_slice())
    }

    /// Sets the value that has this encoding.
    pub(crate) fn set_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let (state, pager) = (self.root.state(), self.root.pager());
        let new_state = |top: u32, pages: u32| RootState {
            top: top.into(),
            len: 1.into(),
            bytes: (bytes.len() as u64).into(),
            pages: (1 + pages).into(),
            ..state
        };
        let top = state.top.get();
        if top != 0 && bytes.len() <= PAGE_SIZE - EXTENT_HEADER && pager.overflow_extents(top, 0)? == 1 {
            pager.rewrite_overflow(top, bytes)?;
            self.count(1)?;
            return self.root.set_state(new_state(top, 1));
        }
        if top != 0 {
            // Check that the old value can be freed before the new one is written.
            pager.check_overflow(top)?;
        }
        let (chain, pages) = pager.write_overflow(bytes)?;
        if top != 0 {
            pager.free_overflow(top)?;
        }
        self.count(1)?;
        self.root.set_state(new_state(chain, pages))
    }

    /// Replaces the value and returns the old one.
    ///
    /// # Panics
    /// As [`Cell::get`] and [`Cell::set`].
    #[track_caller]
    pub fn replace(&mut self, value: T) -> Option<T> {
        let old = self.get();
        self.set(value);
        old
    }

    /// Removes the value and returns it.
    ///
    /// # Panics
    /// As [`Cell::get`].
    #[track_caller]
    pub fn take(&mut self) -> Option<T> {
        let old = self.get();
        self.try_clear().or_fail();
        old
    }

    /// Changes the value with `change` and returns what `change` returns. Begins with
    /// `T::default()` if no value was set.
    ///
    /// # Panics
    /// As [`Cell::get`] and [`Cell::set`].
    #[track_caller]
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: Default,
    {
        let mut value = self.get_or_default();
        let result = change(&mut value);
        self.set(value);
        result
    }

    /// Returns the layout of the value, which is the only layout with pages.
    pub(crate) fn layout(&self) -> u16 {
        let used = self.root.layouts().iter().find(|layout| self.root.pages_of(layout.index) > 0);
        used.map_or(self.root.current(), |layout| layout.index)
    }

    fn try_clear(&mut self) -> Result<()> {
        let state = self.root.state();
        if state.top.get() != 0 {
            self.root.pager().check_overflow(state.top.get())?;
            self.root.pager().free_overflow(state.top.get())?;
            self.root.count_no_pages()?;
            self.root.set_state(RootState { pages: 1.into(), ..RootState::default() })?;
        }
        Ok(())
    }

    /// Records that the value is in the current layout.
    fn count(&self, pages: i64) -> Result<()> {
        if self.layout() == self.root.current() && self.root.pages_of(self.root.current()) > 0 {
            return Ok(());
        }
        self.root.count_no_pages()?;
        self.root.count_pages(self.root.current(), pages)
    }
}

impl<T: StableLayout, M: Memory> Collection for Cell<T, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<T>("", CollectionKind::Cell, None);

    fn attach(root: Root<M>) -> Self {
        Cell { root, value: PhantomData }
    }

    fn root(&self) -> &Root<M> {
        &self.root
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        if self.root.old_pages() > 0 && !budget.is_spent() {
            budget.charge_read();
            let value =
                self.try_get()?.ok_or_else(|| self.root.damaged(self.root.page(), Damage::LayoutPages))?;
            self.try_set(value)?;
            budget.charge_write();
        }
        Ok(self.root.old_pages() == 0)
    }
}

impl<T: StableLayout + core::fmt::Debug, M: Memory> core::fmt::Debug for Cell<T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Cell").field(&self.try_get()).finish()
    }
}
