//! Fields and views of values by index. `Vec` and `Deque` have the same methods.

use core::ops::{ControlFlow, Range};

use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::{Memory, Result};

use crate::engine::array::{Sequence, Values};
use crate::fields::Updated;
use crate::fields::view;
use crate::fields::view::View;

/// Reads a field of the value at an index.
#[inline]
pub(crate) fn get_field<V, T: StableLayout, M: Memory>(
    sequence: &Sequence<M>,
    index: u64,
    field: Field<V, T>,
) -> Result<Option<T>> {
    let Some(location) = sequence.location(index)? else { return Ok(None) };
    super::get(sequence.root(), location, field).map(Some)
}

/// Changes a field of the value at an index.
pub(crate) fn update_field<V: StableLayout, T: StableLayout, R, M: Memory>(
    sequence: &Sequence<M>,
    index: u64,
    field: Field<V, T>,
    change: impl FnOnce(&mut T) -> R,
) -> Result<Option<R>> {
    let Some(location) = sequence.location(index)? else { return Ok(None) };
    let Updated { result, record } = super::update(sequence.root(), location, field, change)?;
    if let Some(record) = record {
        sequence.set(index, &record, |_| Ok(()))?;
    }
    Ok(Some(result))
}

/// Calls `look` with a view of the value at an index and returns what `look` returns.
pub(crate) fn view<V: StableLayout, R, M: Memory>(
    sequence: &Sequence<M>,
    index: u64,
    look: impl FnOnce(View<'_, V>) -> R,
) -> Result<Option<R>> {
    sequence.get(index, |found| view::view(sequence.root(), found, look))
}

/// Calls `look` with views of the values in a range of indices, until `look` returns `Break`.
pub(crate) fn for_each_view<V: StableLayout, B, M: Memory>(
    sequence: &Sequence<M>,
    range: Range<u64>,
    mut look: impl FnMut(u64, View<'_, V>) -> ControlFlow<B>,
) -> Result<ControlFlow<B>> {
    let (mut index, mut values) = (range.start, Values::new(sequence, range));
    while let Some(next) =
        values.next_with(|found| view::view(sequence.root(), found, |view| look(index, view)))
    {
        if let ControlFlow::Break(result) = next? {
            return Ok(ControlFlow::Break(result));
        }
        index = index.saturating_add(1);
    }
    Ok(ControlFlow::Continue(()))
}

/// Defines the methods of a collection that has a [`Sequence`] of values by index.
macro_rules! indexed {
    ($list:ident, $push:literal) => {
        impl<T: ::graven_core::layout::StableLayout, M: ::graven_core::Memory> $list<T, M> {
            /// Returns a field of the value at an index, without the rest of the value. Costs one
            /// read of the field's bytes if all values have one constant size. Otherwise it also
            /// reads parts of the page's header and of the start of the value, as
            /// [`BTreeMap::get_field`](crate::BTreeMap::get_field) does.
            ///
            /// # Example: the prices of orders
            /// ```
            #[doc = concat!("use graven_collections::{", stringify!($list), ", open};")]
            /// use graven_core::DefaultMemoryImpl;
            /// use graven_derive::StableLayout;
            ///
            /// #[derive(StableLayout)]
            /// #[layout(version = 1, crate = graven_core)]
            /// struct Order {
            ///     item: String,
            ///     price: u32,
            /// }
            ///
            #[doc = concat!("let mut orders: ", stringify!($list), "<Order> = open(\"orders\", DefaultMemoryImpl::default()).unwrap();")]
            #[doc = concat!("orders.", $push, "(Order { item: \"tea\".into(), price: 4 });")]
            /// assert_eq!(orders.get_field(0, Order::PRICE), Some(4));
            /// assert_eq!(orders.set_field(0, Order::PRICE, 5), Some(4));
            /// orders.update_field(0, Order::PRICE, |price| *price += 1);
            /// assert_eq!(orders.get(0).unwrap().price, 6);
            /// ```
            ///
            /// # Panics
            #[doc = concat!("On damaged memory; [`", stringify!($list), "::try_get_field`] does not.")]
            #[must_use]
            #[inline]
            #[track_caller]
            pub fn get_field<U: ::graven_core::layout::StableLayout>(
                &self,
                index: u64,
                field: ::graven_core::layout::field::Field<T, U>,
            ) -> Option<U> {
                self.try_get_field(index, field).or_fail()
            }

            #[doc = concat!("Like [`", stringify!($list), "::get_field`].")]
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged), if the bytes that are read show it.
            #[inline]
            pub fn try_get_field<U: ::graven_core::layout::StableLayout>(
                &self,
                index: u64,
                field: ::graven_core::layout::field::Field<T, U>,
            ) -> ::graven_core::Result<Option<U>> {
                $crate::fields::indexed::get_field(&self.sequence, index, field)
            }

            /// Sets a field of the value at an index and returns its old value. Returns `None` if
            /// there is no such index. The field must have a constant size. Reads it as `get_field`
            /// does and overwrites its bytes. A value of an older layout is converted and written
            /// as by `set`.
            ///
            /// # Panics
            #[doc = concat!("When out of memory or on damaged memory; [`", stringify!($list), "::try_set_field`] does not.")]
            #[track_caller]
            pub fn set_field<U: ::graven_core::layout::StableLayout>(
                &mut self,
                index: u64,
                field: ::graven_core::layout::field::Field<T, U>,
                value: U,
            ) -> Option<U> {
                self.try_set_field(index, field, value).or_fail()
            }

            #[doc = concat!("Like [`", stringify!($list), "::set_field`].")]
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged); for a value of an older layout also
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) and
            /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong). Nothing has changed then.
            pub fn try_set_field<U: ::graven_core::layout::StableLayout>(
                &mut self,
                index: u64,
                field: ::graven_core::layout::field::Field<T, U>,
                value: U,
            ) -> ::graven_core::Result<Option<U>> {
                self.try_update_field(index, field, |old| ::core::mem::replace(old, value))
            }

            /// Changes a field of the value at an index and returns what `change` returns. Returns
            /// `None` if there is no such index. Costs what `set_field` costs.
            ///
            /// # Panics
            #[doc = concat!("As [`", stringify!($list), "::set_field`].")]
            #[track_caller]
            pub fn update_field<U: ::graven_core::layout::StableLayout, R>(
                &mut self,
                index: u64,
                field: ::graven_core::layout::field::Field<T, U>,
                change: impl FnOnce(&mut U) -> R,
            ) -> Option<R> {
                self.try_update_field(index, field, change).or_fail()
            }

            #[doc = concat!("Like [`", stringify!($list), "::update_field`].")]
            ///
            /// # Errors
            #[doc = concat!("As [`", stringify!($list), "::try_set_field`].")]
            pub fn try_update_field<U: ::graven_core::layout::StableLayout, R>(
                &mut self,
                index: u64,
                field: ::graven_core::layout::field::Field<T, U>,
                change: impl FnOnce(&mut U) -> R,
            ) -> ::graven_core::Result<Option<R>> {
                $crate::fields::indexed::update_field(&self.sequence, index, field, change)
            }

            $crate::fields::indexed::views!($list, $push);

            #[doc = concat!("Like [`", stringify!($list), "::for_each_view`].")]
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged), after `look` was called for the
            /// values before the damage.
            ///
            /// # Panics
            /// If there is no such range, as std's slices.
            #[track_caller]
            pub fn try_for_each_view<B>(
                &self,
                range: impl ::core::ops::RangeBounds<u64>,
                look: impl FnMut(u64, $crate::View<'_, T>) -> ::core::ops::ControlFlow<B>,
            ) -> ::graven_core::Result<::core::ops::ControlFlow<B>> {
                let range = $crate::list::index::indices(range, self.len());
                $crate::fields::indexed::for_each_view(&self.sequence, range, look)
            }
        }
    };
}

/// Defines the methods for views, which `indexed` includes in its `impl`.
macro_rules! views {
    ($list:ident, $push:literal) => {
        /// Calls `look` with a view of the value at an index and returns what `look` returns. A
        /// view decodes only the fields that are requested. Reads what `get` reads. Allocates only
        /// if the value is too large for its page or of an older layout.
        ///
        /// # Panics
        #[doc = concat!("On damaged memory; [`", stringify!($list), "::try_view`] does not.")]
        #[track_caller]
        pub fn view<R>(&self, index: u64, look: impl FnOnce($crate::View<'_, T>) -> R) -> Option<R> {
            self.try_view(index, look).or_fail()
        }

        #[doc = concat!("Like [`", stringify!($list), "::view`].")]
        ///
        /// # Errors
        /// [`Error::Damaged`](graven_core::Error::Damaged), if it shows before `look` is called.
        pub fn try_view<R>(
            &self,
            index: u64,
            look: impl FnOnce($crate::View<'_, T>) -> R,
        ) -> ::graven_core::Result<Option<R>> {
            $crate::fields::indexed::view(&self.sequence, index, look)
        }

        /// Calls `look` with the indices of a range and views of their values, in order, until
        /// `look` returns `Break`. Reads a page at a time. Copies only values that are too large
        /// for their page or of an older layout.
        ///
        /// # Example: adding up
        /// ```
        /// use std::ops::ControlFlow;
        #[doc = concat!("use graven_collections::{", stringify!($list), ", open};")]
        /// use graven_core::DefaultMemoryImpl;
        /// use graven_derive::StableLayout;
        ///
        /// #[derive(StableLayout)]
        /// #[layout(version = 1, crate = graven_core)]
        /// struct Order {
        ///     item: String,
        ///     price: u32,
        /// }
        ///
        #[doc = concat!("let mut orders: ", stringify!($list), "<Order> = open(\"orders\", DefaultMemoryImpl::default()).unwrap();")]
        #[doc = concat!("orders.", $push, "(Order { item: \"tea\".into(), price: 4 });")]
        #[doc = concat!("orders.", $push, "(Order { item: \"rice\".into(), price: 3 });")]
        /// let mut sum = 0;
        /// let _ = orders.for_each_view(.., |_, order| {
        ///     sum += order.get(Order::PRICE);
        ///     ControlFlow::<()>::Continue(())
        /// });
        /// assert_eq!(sum, 7);
        /// ```
        ///
        /// # Panics
        #[doc = concat!("On damaged memory, which [`", stringify!($list), "::try_for_each_view`] gives as an error; as std's slices")]
        /// if there is no such range.
        #[track_caller]
        pub fn for_each_view<B>(
            &self,
            range: impl ::core::ops::RangeBounds<u64>,
            look: impl FnMut(u64, $crate::View<'_, T>) -> ::core::ops::ControlFlow<B>,
        ) -> ::core::ops::ControlFlow<B> {
            self.try_for_each_view(range, look).or_fail()
        }
    };
}

pub(crate) use {indexed, views};
