//! Fields of the value in a cell.

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::{Damage, Memory, Result};

use crate::Cell;
use crate::engine::cell::ValueLocation;
use crate::engine::cell::{StoredValue, ValueRef};
use crate::fields::Updated;
use crate::fields::view;
use crate::fields::view::View;

impl<T: StableLayout, M: Memory> Cell<T, M> {
    /// Returns a field of the value, if one was set. Costs one read of 24 bytes and one of the
    /// field's bytes. Each name of the path whose type varies in size adds two reads.
    ///
    /// # Example: one of many settings
    /// ```
    /// use graven_collections::{Cell, open};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_derive::StableLayout;
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1, crate = graven_core)]
    /// struct Settings {
    ///     motto: String,
    ///     limit: u32,
    /// }
    ///
    /// let mut settings: Cell<Settings> = open("settings", DefaultMemoryImpl::default()).unwrap();
    /// assert_eq!(settings.get_field(Settings::LIMIT), None);
    /// settings.set(Settings { motto: "Festina lente".into(), limit: 10 });
    /// assert_eq!(settings.set_field(Settings::LIMIT, 20), Some(10));
    /// assert_eq!(settings.get_field(Settings::LIMIT), Some(20));
    /// ```
    ///
    /// # Panics
    /// On damaged memory; [`Cell::try_get_field`] does not.
    #[must_use]
    #[track_caller]
    pub fn get_field<U: StableLayout>(&self, field: Field<T, U>) -> Option<U> {
        self.try_get_field(field).or_fail()
    }

    /// Like [`Cell::get_field`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if the bytes that are read show it.
    pub fn try_get_field<U: StableLayout>(&self, field: Field<T, U>) -> Result<Option<U>> {
        let Some(location) = self.location()? else { return Ok(None) };
        super::get(&self.root, location, field).map(Some)
    }

    /// Sets a field of the value and returns its old value. Returns `None` if no value was set. The
    /// field must have a constant size. Reads the field and overwrites its bytes. A value of an
    /// older layout is converted and written as by [`Cell::set`].
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Cell::try_set_field`] does not.
    #[track_caller]
    pub fn set_field<U: StableLayout>(&mut self, field: Field<T, U>, value: U) -> Option<U> {
        self.try_set_field(field, value).or_fail()
    }

    /// Like [`Cell::set_field`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged); for a value of an older layout also
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) and
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong). The cell is unchanged then.
    pub fn try_set_field<U: StableLayout>(&mut self, field: Field<T, U>, value: U) -> Result<Option<U>> {
        self.try_update_field(field, |old| core::mem::replace(old, value))
    }

    /// Changes a field of the value and returns what `change` returns. Returns `None` if no value
    /// was set. Costs what [`Cell::set_field`] costs.
    ///
    /// # Panics
    /// As [`Cell::set_field`].
    #[track_caller]
    pub fn update_field<U: StableLayout, R>(
        &mut self,
        field: Field<T, U>,
        change: impl FnOnce(&mut U) -> R,
    ) -> Option<R> {
        self.try_update_field(field, change).or_fail()
    }

    /// Like [`Cell::update_field`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Cell::try_set_field`].
    pub fn try_update_field<U: StableLayout, R>(
        &mut self,
        field: Field<T, U>,
        change: impl FnOnce(&mut U) -> R,
    ) -> Result<Option<R>> {
        let Some(location) = self.location()? else { return Ok(None) };
        let Updated { result, record } = super::update(&self.root, location, field, change)?;
        if let Some(record) = record {
            self.set_bytes(&record)?;
        }
        Ok(Some(result))
    }

    /// Calls `look` with a view of the value, if one was set, and returns what `look` returns.
    /// Reads the whole value, but decodes only the fields that are requested.
    ///
    /// # Panics
    /// On damaged memory; [`Cell::try_view`] does not.
    #[track_caller]
    pub fn view<R>(&self, look: impl FnOnce(View<'_, T>) -> R) -> Option<R> {
        self.try_view(look).or_fail()
    }

    /// Like [`Cell::view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if it shows before `look` is called.
    pub fn try_view<R>(&self, look: impl FnOnce(View<'_, T>) -> R) -> Result<Option<R>> {
        let Some(ValueLocation { page, layout, len, .. }) = self.location()? else { return Ok(None) };
        let found = StoredValue { page, layout, value: ValueRef::Overflow { page, len } };
        view::view(&self.root, found, look).map(Some)
    }

    pub(crate) fn location(&self) -> Result<Option<ValueLocation>> {
        let state = self.root.state();
        let page = state.top.get();
        if page.is_none() {
            return Ok(None);
        }
        let len = usize::try_from(state.bytes.get());
        let len = len.map_err(|_| self.root.damaged(page, Damage::ValueTooLong))?;
        Ok(Some(ValueLocation::in_overflow(page, self.layout(), page, len)))
    }
}
