//! Fields of the values of a slab: those of the map below it.

use core::ops::{ControlFlow, RangeBounds};

use graven_core::error::fail;
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::{Memory, Result};

use crate::Slab;
use crate::fields::view::View;

impl<T: StableLayout, M: Memory> Slab<T, M> {
    /// A field of the value of an id, without the rest of the value. Costs what
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
    pub fn get_field<U: StableLayout>(&self, id: u64, field: Field<T, U>) -> Option<U> {
        self.try_get_field(id, field).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Slab::get_field`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), as far as that shows in what is read.
    pub fn try_get_field<U: StableLayout>(&self, id: u64, field: Field<T, U>) -> Result<Option<U>> {
        self.values.try_get_field(&id, field)
    }

    /// Sets a field of the value of an id and gives what it was; `None` where the id has no value.
    /// The field has to be of constant size. Costs what
    /// [`BTreeMap::set_field`](crate::BTreeMap::set_field) costs.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Slab::try_set_field`] does not.
    pub fn set_field<U: StableLayout>(&mut self, id: u64, field: Field<T, U>, value: U) -> Option<U> {
        self.try_set_field(id, field, value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Slab::set_field`].
    ///
    /// # Errors
    /// As [`BTreeMap::try_set_field`](crate::BTreeMap::try_set_field); the slab is as it was.
    pub fn try_set_field<U: StableLayout>(
        &mut self,
        id: u64,
        field: Field<T, U>,
        value: U,
    ) -> Result<Option<U>> {
        self.values.try_set_field(&id, field, value)
    }

    /// Changes a field of the value of an id and gives what `change` gives; `None` where the id has
    /// no value. Costs what [`Slab::set_field`] costs.
    ///
    /// # Panics
    /// As [`Slab::set_field`].
    pub fn update_field<U: StableLayout, R>(
        &mut self,
        id: u64,
        field: Field<T, U>,
        change: impl FnOnce(&mut U) -> R,
    ) -> Option<R> {
        self.try_update_field(id, field, change).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Slab::update_field`].
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

    /// Calls `look` with a view of the value of an id, which decodes just what is asked for: see
    /// [`BTreeMap::view`](crate::BTreeMap::view).
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_view`] does not.
    pub fn view<R>(&self, id: u64, look: impl FnOnce(View<'_, T>) -> R) -> Option<R> {
        self.try_view(id, look).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Slab::view`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), before `look` is called.
    pub fn try_view<R>(&self, id: u64, look: impl FnOnce(View<'_, T>) -> R) -> Result<Option<R>> {
        self.values.try_view(&id, look)
    }

    /// Calls `look` with the ids of a range and views of their values, in order, until it breaks
    /// off: see [`BTreeMap::for_each_view`](crate::BTreeMap::for_each_view).
    ///
    /// # Panics
    /// On damaged memory, which [`Slab::try_for_each_view`] gives as an error; as std's `range`
    /// where the range begins after its end.
    pub fn for_each_view<B>(
        &self,
        range: impl RangeBounds<u64>,
        look: impl FnMut(u64, View<'_, T>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.try_for_each_view(range, look).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Slab::for_each_view`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged); what comes before it has been looked at.
    ///
    /// # Panics
    /// As std's `range` where the range begins after its end.
    pub fn try_for_each_view<B>(
        &self,
        range: impl RangeBounds<u64>,
        look: impl FnMut(u64, View<'_, T>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>> {
        self.values.try_for_each_view(range, look)
    }
}
