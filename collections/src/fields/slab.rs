//! Fields of the values of a slab, which uses those of its map.

use core::ops::{ControlFlow, RangeBounds};

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::{Memory, Result};

use crate::Slab;
use crate::fields::view::View;

impl<T: StableLayout, M: Memory> Slab<T, M> {
    /// Returns a field of the value of an id, without the rest of the value. Costs what
    /// [`BTreeMap::get_field`](crate::BTreeMap::get_field) costs.
    ///
    /// # Example: tickets that are done
    /// ```
    /// use graven_collections::{Slab, open};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_derive::StableLayout;
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1, crate = graven_core)]
    /// struct Ticket {
    ///     text: String,
    ///     done: bool,
    /// }
    ///
    /// let mut tickets: Slab<Ticket> = open("tickets", DefaultMemoryImpl::default()).unwrap();
    /// let id = tickets.insert(Ticket { text: "It does not print".into(), done: false });
    /// assert_eq!(tickets.set_field(id, Ticket::DONE, true), Some(false));
    /// assert_eq!(tickets.get_field(id, Ticket::DONE), Some(true));
    /// assert_eq!(tickets.view(id, |ticket| ticket.str(Ticket::TEXT).len()), Some(17));
    /// ```
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_get_field`] does not.
    #[must_use]
    #[track_caller]
    pub fn get_field<U: StableLayout>(&self, id: u64, field: Field<T, U>) -> Option<U> {
        self.try_get_field(id, field).or_fail()
    }

    /// Like [`Slab::get_field`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if the bytes that are read show it.
    pub fn try_get_field<U: StableLayout>(&self, id: u64, field: Field<T, U>) -> Result<Option<U>> {
        self.values.try_get_field(&id, field)
    }

    /// Sets a field of the value of an id and returns its old value. Returns `None` if the id has
    /// no value. The field must have a constant size. Costs what
    /// [`BTreeMap::set_field`](crate::BTreeMap::set_field) costs.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Slab::try_set_field`] does not.
    #[track_caller]
    pub fn set_field<U: StableLayout>(&mut self, id: u64, field: Field<T, U>, value: U) -> Option<U> {
        self.try_set_field(id, field, value).or_fail()
    }

    /// Like [`Slab::set_field`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`BTreeMap::try_set_field`](crate::BTreeMap::try_set_field). The slab is unchanged then.
    pub fn try_set_field<U: StableLayout>(
        &mut self,
        id: u64,
        field: Field<T, U>,
        value: U,
    ) -> Result<Option<U>> {
        self.values.try_set_field(&id, field, value)
    }

    /// Changes a field of the value of an id and returns what `change` returns. Returns `None` if
    /// the id has no value. Costs what [`Slab::set_field`] costs.
    ///
    /// # Panics
    /// As [`Slab::set_field`].
    #[track_caller]
    pub fn update_field<U: StableLayout, R>(
        &mut self,
        id: u64,
        field: Field<T, U>,
        change: impl FnOnce(&mut U) -> R,
    ) -> Option<R> {
        self.try_update_field(id, field, change).or_fail()
    }

    /// Like [`Slab::update_field`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Slab::try_set_field`].
    pub fn try_update_field<U: StableLayout, R>(
        &mut self,
        id: u64,
        field: Field<T, U>,
        change: impl FnOnce(&mut U) -> R,
    ) -> Result<Option<R>> {
        self.values.try_update_field(&id, field, change)
    }

    /// Calls `look` with a view of the value of an id and returns what `look` returns. A view
    /// decodes only the fields that are requested: see [`BTreeMap::view`](crate::BTreeMap::view).
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_view`] does not.
    #[track_caller]
    pub fn view<R>(&self, id: u64, look: impl FnOnce(View<'_, T>) -> R) -> Option<R> {
        self.try_view(id, look).or_fail()
    }

    /// Like [`Slab::view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if it shows before `look` is called.
    pub fn try_view<R>(&self, id: u64, look: impl FnOnce(View<'_, T>) -> R) -> Result<Option<R>> {
        self.values.try_view(&id, look)
    }

    /// Calls `look` with the ids of a range and views of their values, in order, until `look`
    /// returns `Break`: see [`BTreeMap::for_each_view`](crate::BTreeMap::for_each_view).
    ///
    /// # Panics
    /// On damaged memory, which [`Slab::try_for_each_view`] returns as an error; if the range
    /// begins after its end, as std's `range`.
    #[track_caller]
    pub fn for_each_view<B>(
        &self,
        range: impl RangeBounds<u64>,
        look: impl FnMut(u64, View<'_, T>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.try_for_each_view(range, look).or_fail()
    }

    /// Like [`Slab::for_each_view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), after `look` was called for the values
    /// before the damage.
    ///
    /// # Panics
    /// If the range begins after its end, as std's `range`.
    #[track_caller]
    pub fn try_for_each_view<B>(
        &self,
        range: impl RangeBounds<u64>,
        look: impl FnMut(u64, View<'_, T>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>> {
        self.values.try_for_each_view((range.start_bound(), range.end_bound()), look)
    }
}
