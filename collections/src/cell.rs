//! One value under a name: settings, counters, the state of a protocol.

use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::page::extent::EXTENT_HEADER;
use graven_core::page::{LayoutId, PAGE_SIZE, PageNumber};
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootState, VerifyPosition};
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
        if state.top.get().is_none() {
            return Ok(None);
        }
        let page = state.top.get();
        let too_long = || self.root.damaged(page, Damage::ValueTooLong);
        let bytes = self.root.pager().read_overflow(
            page,
            0,
            usize::try_from(state.bytes.get()).map_err(|_| too_long())?,
        )?;
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
        let new_state = |top: PageNumber, pages: u32| RootState {
            top: top.into(),
            len: 1.into(),
            bytes: (bytes.len() as u64).into(),
            pages: (1 + pages).into(),
            ..state
        };
        // Checked before anything is written, since the old value is freed afterwards.
        let old = self.check_value()?;
        if let Some((top, 1)) = old
            && bytes.len() <= PAGE_SIZE - EXTENT_HEADER
        {
            pager.write_overflow_part(top, 0, bytes)?;
            self.count(1)?;
            return self.root.set_state(new_state(top, 1));
        }
        let (chain, pages) = pager.write_overflow(bytes)?;
        if let Some((top, _)) = old {
            pager.free_overflow(top)?;
        }
        self.count(1)?;
        self.root.set_state(new_state(chain, pages))
    }

    /// Checks the overflow pages of the value, if one was set. Returns the first one and their
    /// number.
    fn check_value(&self) -> Result<Option<(PageNumber, u32)>> {
        let state = self.root.state();
        let Some(top) = state.top.get().some() else { return Ok(None) };
        let len = usize::try_from(state.bytes.get()).unwrap_or(usize::MAX);
        self.root.pager().check_overflow_of(top, len).map(|pages| Some((top, pages)))
    }

    /// Returns `true` if a value was set. Reads nothing.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.root.state().top.get().is_some()
    }

    /// Returns `true` if no value was set. Reads nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        !self.is_some()
    }

    /// Replaces the value and returns the old one. Costs what [`Cell::get`] and [`Cell::set`] cost.
    ///
    /// # Panics
    /// As [`Cell::get`] and [`Cell::set`]; [`Cell::try_replace`] does not.
    #[track_caller]
    pub fn replace(&mut self, value: T) -> Option<T> {
        self.try_replace(value).or_fail()
    }

    /// Like [`Cell::replace`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Cell::try_set`]. The value is unchanged then.
    pub fn try_replace(&mut self, value: T) -> Result<Option<T>> {
        let old = self.try_get()?;
        self.try_set(value)?;
        Ok(old)
    }

    /// Removes the value and returns it. Costs what [`Cell::get`] and [`Cell::clear`] cost.
    ///
    /// # Panics
    /// As [`Cell::get`]; [`Cell::try_take`] does not.
    #[track_caller]
    pub fn take(&mut self) -> Option<T> {
        self.try_take().or_fail()
    }

    /// Like [`Cell::take`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged). The value is unchanged then.
    pub fn try_take(&mut self) -> Result<Option<T>> {
        let old = self.try_get()?;
        self.try_clear()?;
        Ok(old)
    }

    /// Changes the value with `change` and returns what `change` returns. Begins with
    /// `T::default()` if no value was set. Costs what [`Cell::get`] and [`Cell::set`] cost.
    ///
    /// # Panics
    /// As [`Cell::get`] and [`Cell::set`]; [`Cell::try_update`] does not.
    #[track_caller]
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: Default,
    {
        self.try_update(change).or_fail()
    }

    /// Like [`Cell::update`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Cell::try_set`]. The value is unchanged then.
    pub fn try_update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> Result<R>
    where
        T: Default,
    {
        let mut value = self.try_get()?.unwrap_or_default();
        let result = change(&mut value);
        self.try_set(value)?;
        Ok(result)
    }

    /// Removes the value and frees its pages without decoding it. Also works if the program can no
    /// longer decode the value. Writes a header.
    ///
    /// # Panics
    /// On damaged memory; [`Cell::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`Cell::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        if let Some((top, _)) = self.check_value()? {
            self.root.pager().free_overflow(top)?;
            self.root.count_no_pages()?;
            self.root.set_state(RootState { pages: 1.into(), ..RootState::default() })?;
        }
        Ok(())
    }

    /// Returns the layout of the value, which is the only layout with pages.
    pub(crate) fn layout(&self) -> LayoutId {
        let used = self.root.layouts().iter().find(|layout| self.root.pages_of(layout.index) > 0);
        used.map_or(self.root.current(), |layout| layout.index)
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

    fn verify_within(&self, _: &mut VerifyPosition, _: &mut Budget<'_>) -> Result<bool> {
        self.try_get().map(|_| true)
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        if self.root.old_pages() > 0 && !budget.is_spent() {
            budget.charge_read();
            let Some(value) = budget.attempt(&[], || self.try_get())? else { return Ok(true) };
            let value = value.ok_or_else(|| self.root.damaged(self.root.page(), Damage::LayoutPages))?;
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

impl<T: StableLayout + PartialEq, M: Memory, N: Memory> PartialEq<Cell<T, N>> for Cell<T, M> {
    fn eq(&self, other: &Cell<T, N>) -> bool {
        self.get() == other.get()
    }
}
