//! References from the rows of a table to those of another one, as the derive declares them.

use std::marker::PhantomData;

use graven_core::key::{KeyBuf, StableKey, decode_key};
use graven_core::layout::Invalid;

/// The declaration of a reference.
#[derive(Debug)]
pub struct ReferenceSpec<R> {
    /// Its name, which is that of its index.
    pub name: &'static str,
    /// The position of its index in [`Record::INDEXES`](super::Record::INDEXES).
    pub index: usize,
    /// `true` if a row goes with the one that it refers to.
    pub cascades: bool,
    /// `true` if a row may refer to none.
    pub is_optional: bool,
    /// Writes the key of the row that a row refers to. Returns `false` if it refers to none.
    pub to: fn(&R, &mut KeyBuf) -> bool,
    /// Writes the value that the rows have in the index which refer to the row of this key.
    pub value: fn(&[u8], &mut KeyBuf) -> Result<(), Invalid>,
}

/// A reference from rows of type `R` to rows of type `T`.
#[derive(Debug)]
pub struct Reference<R, T> {
    position: usize,
    types: PhantomData<fn(R) -> T>,
}

impl<R, T> Reference<R, T> {
    /// Returns the reference at a position in [`Record::REFERENCES`](super::Record::REFERENCES).
    #[doc(hidden)]
    #[must_use]
    pub const fn new(position: usize) -> Self {
        Reference { position, types: PhantomData }
    }

    pub(super) const fn position(self) -> usize {
        self.position
    }
}

impl<R, T> Clone for Reference<R, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, T> Copy for Reference<R, T> {}

/// A field that holds the key of a row of another table, which is of type `K`: that type itself, or
/// an option of it.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` does not refer to a row with a key of type `{K}`",
    label = "the key of the other table's rows is a `{K}`",
    note = "a reference has the type `{K}`, or `Option<{K}>` if a row may refer to none"
)]
pub trait RefersTo<K>: StableKey {
    /// `true` if a row may refer to none.
    const IS_OPTIONAL: bool;

    /// Returns the field that refers to the row of a key.
    fn of(key: K) -> Self;

    /// Returns the key that the field refers to.
    fn target(&self) -> Option<&K>;
}

impl<K: StableKey> RefersTo<K> for K {
    const IS_OPTIONAL: bool = false;

    fn of(key: K) -> Self {
        key
    }

    fn target(&self) -> Option<&K> {
        Some(self)
    }
}

impl<K: StableKey> RefersTo<K> for Option<K> {
    const IS_OPTIONAL: bool = true;

    fn of(key: K) -> Self {
        Some(key)
    }

    fn target(&self) -> Option<&K> {
        self.as_ref()
    }
}

/// Writes the key of the row that a field refers to. Returns `false` if it refers to none.
#[doc(hidden)]
pub fn write_target<K: StableKey, F: RefersTo<K>>(field: &F, out: &mut KeyBuf) -> bool {
    field.target().map(|key| key.write_key(out, true)).is_some()
}

/// Writes a field that refers to the row of this key, as the value of an index.
///
/// # Errors
/// [`Invalid`] for bytes that are no key.
#[doc(hidden)]
pub fn write_value<K: StableKey, F: RefersTo<K>>(
    key: &[u8],
    out: &mut KeyBuf,
    last: bool,
) -> Result<(), Invalid> {
    F::of(decode_key(key)?).write_key(out, last);
    Ok(())
}
