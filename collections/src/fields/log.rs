//! Fields of a log's values, by sequence number. What is in a log does not change.

use core::ops::{ControlFlow, RangeBounds};

use graven_core::error::fail;
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::{Memory, Result};

use crate::Log;
use crate::fields::indexed;
use crate::fields::view::View;

impl<T: StableLayout, M: Memory> Log<T, M> {
    /// A field of the value with a sequence number. Costs as in
    /// [`StableVec::get_field`](crate::StableVec::get_field).
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
    pub fn get_field<U: StableLayout>(&self, number: u64, field: Field<T, U>) -> Option<U> {
        self.try_get_field(number, field).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Log::get_field`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), as far as that shows in what is read.
    pub fn try_get_field<U: StableLayout>(&self, number: u64, field: Field<T, U>) -> Result<Option<U>> {
        let Some(index) = number.checked_sub(self.sequence.dropped()) else { return Ok(None) };
        indexed::get_field(&self.sequence, index, field)
    }

    /// Calls `look` with a view of the value with a sequence number. Reads what [`Log::get`] reads,
    /// and decodes just what is asked for.
    ///
    /// # Panics
    /// On damaged memory; [`Log::try_view`] does not.
    pub fn view<R>(&self, number: u64, look: impl FnOnce(View<'_, T>) -> R) -> Option<R> {
        self.try_view(number, look).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Log::view`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), before `look` is called.
    pub fn try_view<R>(&self, number: u64, look: impl FnOnce(View<'_, T>) -> R) -> Result<Option<R>> {
        let Some(index) = number.checked_sub(self.sequence.dropped()) else { return Ok(None) };
        indexed::view(&self.sequence, index, look)
    }

    /// Calls `look` with the sequence numbers of a range, as far as they are there, and views of
    /// their values, in order, until it breaks off. Reads a page at a time; values are not copied,
    /// but for those that are too large for their page or of an older layout.
    ///
    /// # Panics
    /// On damaged memory; [`Log::try_for_each_view`] does not.
    pub fn for_each_view<B>(
        &self,
        numbers: impl RangeBounds<u64>,
        look: impl FnMut(u64, View<'_, T>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.try_for_each_view(numbers, look).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Log::for_each_view`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged); what comes before it has been looked at.
    pub fn try_for_each_view<B>(
        &self,
        numbers: impl RangeBounds<u64>,
        mut look: impl FnMut(u64, View<'_, T>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>> {
        let (dropped, range) = (self.sequence.dropped(), self.indices(numbers));
        indexed::for_each_view(&self.sequence, range, |index, view| look(dropped.saturating_add(index), view))
    }
}
