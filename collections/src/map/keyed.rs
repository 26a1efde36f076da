//! Macros for the methods that maps share: entries; replacing and removing without decoding the old
//! value, for values that are not needed or whose conversion panics; and the first and last entry
//! of ordered maps.

use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::store::{OnPage, Root};
use graven_core::{Memory, Result};

use crate::codec::keys::written;

/// Defines entries, and changes that do not decode the old value, with the `put_bytes` and
/// `delete_bytes` of each map.
macro_rules! entries {
    ($map:ident, $name:literal) => {
        /// An entry of a map: a key with or without a value.
        pub type Entry<'a, K, V, M> = $crate::map::entry::Entry<'a, $map<K, V, M>>;
        /// A key that has a value.
        pub type OccupiedEntry<'a, K, V, M> = $crate::map::entry::OccupiedEntry<'a, $map<K, V, M>>;
        /// A key that has no value.
        pub type VacantEntry<'a, K, V, M> = $crate::map::entry::VacantEntry<'a, $map<K, V, M>>;
        /// A value that is written back, if it was changed, when the guard is dropped.
        pub type ValueMut<'a, K, V, M> = $crate::map::entry::ValueMut<'a, $map<K, V, M>>;

        impl<K, V, M: ::graven_core::Memory> $crate::map::entry::sealed::Sealed for $map<K, V, M> {}

        impl<K: StableKey, V: StableLayout, M: Memory> $crate::map::entry::EntryMap for $map<K, V, M> {
            type Key = K;
            type Value = V;

            fn value(&self, key: &K) -> Result<Option<V>> {
                self.try_get(key)
            }

            fn put(&mut self, key: &K, value: &V) -> Result<bool> {
                let value = $crate::codec::value::Encoded::new(value)?;
                self.put_bytes($crate::codec::keys::bounded(key)?.as_slice(), value.as_slice())
            }

            fn take(&mut self, key: &K) -> Result<bool> {
                self.try_delete(key)
            }
        }

        /// Entries, and changes that do not read the old value.
        impl<K: StableKey, V: StableLayout, M: Memory> $map<K, V, M> {
            /// Returns the entry of a key, to be read and changed in place.
            ///
            /// # Panics
            /// On damaged memory; `try_entry` does not.
            #[track_caller]
            pub fn entry(&mut self, key: K) -> Entry<'_, K, V, M> {
                self.try_entry(key).or_fail()
            }

            /// Like `entry`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_entry(&mut self, key: K) -> Result<Entry<'_, K, V, M>> {
                $crate::map::entry::entry(self, key)
            }

            /// Sets the value of a key. Returns `true` if it had one. Costs what `insert` costs,
            /// without reading or decoding the old value.
            ///
            /// # Panics
            /// When out of memory, for a key or a value that is too long, or on damaged memory;
            /// `try_set` does not.
            ///
            /// # Example: a value that its program can no longer convert
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::DefaultMemoryImpl;
            #[doc = concat!("let mut names: ", $name, "<u64, String> = open(\"names\", DefaultMemoryImpl::default()).unwrap();")]
            /// assert!(!names.set(7, "Seven".into()));
            /// assert!(names.set(7, "Sept".into()));
            /// assert!(names.delete(&7));
            /// ```
            #[track_caller]
            pub fn set(&mut self, key: K, value: V) -> bool {
                self.try_set(key, value).or_fail()
            }

            /// Like `set`, but returns failures as an error.
            ///
            /// # Errors
            /// As `try_insert`.
            pub fn try_set(&mut self, key: K, value: V) -> Result<bool> {
                $crate::map::entry::EntryMap::put(self, &key, &value)
            }

            /// Removes a key. Returns `true` if it was there. Costs what `remove` costs, without
            /// reading or decoding the value.
            ///
            /// # Panics
            /// On damaged memory; `try_delete` does not.
            #[track_caller]
            pub fn delete<Q: ::graven_core::key::KeyRef<K> + ?Sized>(&mut self, key: &Q) -> bool {
                self.try_delete(key).or_fail()
            }

            /// Like `delete`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_delete<Q: ::graven_core::key::KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<bool> {
                self.delete_bytes($crate::codec::keys::written(key).as_slice())
            }

            /// Returns the stored key that is equal to a key, and its value.
            ///
            /// # Panics
            /// On damaged memory; `try_get_key_value` does not.
            #[must_use]
            #[track_caller]
            pub fn get_key_value<Q: ::graven_core::key::KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<(K, V)> {
                self.try_get_key_value(key).or_fail()
            }

            /// Like `get_key_value`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_get_key_value<Q: ::graven_core::key::KeyRef<K> + ?Sized>(
                &self,
                key: &Q,
            ) -> Result<Option<(K, V)>> {
                let Some(value) = self.try_get(key)? else { return Ok(None) };
                $crate::map::keyed::stored_key(self.root(), key).map(|key| Some((key, value)))
            }

            /// Removes a key and returns its stored form with its value. Costs what `remove` costs.
            ///
            /// # Panics
            /// On damaged memory; `try_remove_entry` does not.
            #[track_caller]
            pub fn remove_entry<Q: ::graven_core::key::KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<(K, V)> {
                self.try_remove_entry(key).or_fail()
            }

            /// Like `remove_entry`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing was removed then.
            pub fn try_remove_entry<Q: ::graven_core::key::KeyRef<K> + ?Sized>(
                &mut self,
                key: &Q,
            ) -> Result<Option<(K, V)>> {
                // The key is decoded first, so that an error removes nothing.
                match $crate::map::keyed::stored_key(self.root(), key) {
                    Ok(stored) => Ok(self.try_remove(key)?.map(|value| (stored, value))),
                    Err(error) => if self.try_contains_key(key)? { Err(error) } else { Ok(None) },
                }
            }
        }
    };
}

pub(crate) use entries;

/// Returns the stored form of a key. Equal keys have the same bytes, so this decodes those of
/// `key`.
pub(crate) fn stored_key<K: StableKey, Q: KeyRef<K> + ?Sized, M: Memory>(
    root: &Root<M>,
    key: &Q,
) -> Result<K> {
    decode_key(written(key).as_slice()).on_page(root, root.page())
}

/// Defines the methods for the first and last entry of an ordered map.
macro_rules! ends {
    ($map:ident) => {
        $crate::map::keyed::ends!(
            $map,
            "least",
            try_next,
            first_key_value,
            try_first_key_value,
            pop_first,
            try_pop_first,
            first_entry
        );
        $crate::map::keyed::ends!(
            $map,
            "greatest",
            try_next_back,
            last_key_value,
            try_last_key_value,
            pop_last,
            try_pop_last,
            last_entry
        );
    };
    ($map:ident, $end:literal, $next:ident, $get:ident, $try_get:ident, $pop:ident, $try_pop:ident, $entry:ident) => {
        impl<K: StableKey, V: StableLayout, M: Memory> $map<K, V, M> {
            #[doc = concat!("Returns the entry with the ", $end, " key.")]
            ///
            /// # Panics
            /// On damaged memory; the `try_` form does not.
            #[must_use]
            #[track_caller]
            pub fn $get(&self) -> Option<(K, V)> {
                self.$try_get().or_fail()
            }

            #[doc = concat!("Returns the entry with the ", $end, " key.")]
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn $try_get(&self) -> Result<Option<(K, V)>> {
                self.iter().$next()
            }

            #[doc = concat!("Removes the entry with the ", $end, " key.")]
            ///
            /// # Panics
            /// On damaged memory; the `try_` form does not.
            #[track_caller]
            pub fn $pop(&mut self) -> Option<(K, V)> {
                self.$try_pop().or_fail()
            }

            #[doc = concat!("Removes the entry with the ", $end, " key.")]
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn $try_pop(&mut self) -> Result<Option<(K, V)>> {
                let Some(entry) = self.$try_get()? else { return Ok(None) };
                self.try_delete(&entry.0).map(|_| Some(entry))
            }

            #[doc = concat!("Returns the entry of the ", $end, " key, to look at and change in place.")]
            ///
            /// # Panics
            /// On damaged memory.
            #[track_caller]
            pub fn $entry(&mut self) -> Option<OccupiedEntry<'_, K, V, M>> {
                let (key, value) = self.$get()?;
                Some($crate::map::entry::occupied(self, key, value))
            }
        }
    };
}

pub(crate) use ends;
