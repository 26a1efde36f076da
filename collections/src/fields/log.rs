//! Fields of a log's values, by sequence number. They are only read: values of a log do not change.

use core::ops::{ControlFlow, RangeBounds};

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::{Memory, Result};

use crate::Log;
use crate::fields::indexed;
use crate::fields::view::View;

impl<T: StableLayout, M: Memory> Log<T, M> {
    /// Returns a field of the value with a sequence number. Costs what
    /// [`StableVec::get_field`](crate::StableVec::get_field) costs.
    ///
    /// # Example: when something happened
    /// ```
    /// use graven_collections::{Log, open};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_derive::StableLayout;
    ///
    /// #[derive(StableLayout)]
    /// #[layout(version = 1, crate = graven_core)]
    /// struct Event {
    ///     what: String,
    ///     time: u64,
    /// }
    ///
    /// let mut events: Log<Event> = open("events", DefaultMemoryImpl::default()).unwrap();
    /// let number = events.append(Event { what: "started".into(), time: 1_700_000_000 });
    /// assert_eq!(events.get_field(number, Event::TIME), Some(1_700_000_000));
    /// ```
    ///
    /// # Panics
    /// On damaged memory; [`Log::try_get_field`] does not.
    #[must_use]
    #[track_caller]
    pub fn get_field<U: StableLayout>(&self, number: u64, field: Field<T, U>) -> Option<U> {
        self.try_get_field(number, field).or_fail()
    }

    /// Like [`Log::get_field`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if the bytes that are read show it.
    pub fn try_get_field<U: StableLayout>(&self, number: u64, field: Field<T, U>) -> Result<Option<U>> {
        let Some(index) = number.checked_sub(self.sequence.dropped()) else { return Ok(None) };
        indexed::get_field(&self.sequence, index, field)
    }

    /// Calls `look` with a view of the value with a sequence number and returns what `look`
    /// returns. Reads what [`Log::get`] reads, but decodes only the fields that are requested.
    ///
    /// # Panics
    /// On damaged memory; [`Log::try_view`] does not.
    #[track_caller]
    pub fn view<R>(&self, number: u64, look: impl FnOnce(View<'_, T>) -> R) -> Option<R> {
        self.try_view(number, look).or_fail()
    }

    /// Like [`Log::view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), if it shows before `look` is called.
    pub fn try_view<R>(&self, number: u64, look: impl FnOnce(View<'_, T>) -> R) -> Result<Option<R>> {
        let Some(index) = number.checked_sub(self.sequence.dropped()) else { return Ok(None) };
        indexed::view(&self.sequence, index, look)
    }

    /// Calls `look` with the existing sequence numbers of a range and views of their values, in
    /// order, until `look` returns `Break`. Reads a page at a time. Copies only values that are too
    /// large for their page or of an older layout.
    ///
    /// # Panics
    /// On damaged memory; [`Log::try_for_each_view`] does not.
    #[track_caller]
    pub fn for_each_view<B>(
        &self,
        numbers: impl RangeBounds<u64>,
        look: impl FnMut(u64, View<'_, T>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.try_for_each_view(numbers, look).or_fail()
    }

    /// Like [`Log::for_each_view`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), after `look` was called for the values
    /// before the damage.
    pub fn try_for_each_view<B>(
        &self,
        numbers: impl RangeBounds<u64>,
        mut look: impl FnMut(u64, View<'_, T>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>> {
        let (dropped, range) = (self.sequence.dropped(), self.indices(numbers));
        indexed::for_each_view(&self.sequence, range, |index, view| look(dropped.saturating_add(index), view))
    }
}
