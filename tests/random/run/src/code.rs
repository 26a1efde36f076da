//! The code of an index in a release, as the derive of a table would write it: how values follow
//! from a row. The sources of histories consist of it, so it is small.

use graven::schema::{Invalid, Layout};
use graven::table::Values as Entries;
use graven::{StableKey, StableLayout};

/// A function that encodes a field of an encoded row.
pub type Encoded = fn(&[u8]) -> Result<Vec<u8>, Invalid>;

/// The code of an index.
#[derive(Debug)]
pub struct IndexCode {
    /// The values.
    pub values: Values,
    /// The field that decides which rows have entries.
    pub only: Option<Encoded>,
    /// The field that entries have beside their value.
    pub included: Option<Included>,
}

/// The values of a row.
#[derive(Debug)]
pub enum Values {
    /// Those of a field.
    Keys {
        /// Returns the layout of the entries' keys.
        key: fn() -> &'static Layout,
        /// Writes the values of an encoded row.
        write: Write,
    },
    /// The value that a function returns for this field.
    By(Encoded),
}

/// A function that writes the values of an encoded row, as the last part of a key or not.
pub type Write = fn(&[u8], bool, &mut Entries<'_>) -> Result<(), Invalid>;

/// A field that entries have beside their value.
#[derive(Debug)]
pub struct Included {
    /// Its name.
    pub name: &'static str,
    /// Returns its layout.
    pub layout: fn() -> &'static Layout,
    /// Encodes it.
    pub encoded: Encoded,
}

/// Writes values.
pub fn write_all<K: StableKey>(values: &[K], is_last: bool, out: &mut Entries<'_>) {
    values.iter().for_each(|value| value.write_key(out.next_value(), is_last));
}

/// Returns the layout of keys.
#[must_use]
pub fn key<K: StableKey>() -> &'static Layout {
    K::KEY
}

/// Returns the layout of values.
#[must_use]
pub fn layout<T: StableLayout>() -> &'static Layout {
    T::LAYOUT
}

/// Declares a function that writes values: its name, the type of the row, and the values.
#[macro_export]
macro_rules! values {
    ($name:ident, $type:ty, |$row:ident| $values:expr) => {
        pub fn $name(
            bytes: &[u8],
            is_last: bool,
            out: &mut graven::table::Values<'_>,
        ) -> Result<(), graven::schema::Invalid> {
            let $row = <$type as graven::StableLayout>::decode(bytes)?;
            $crate::code::write_all($values, is_last, out);
            Ok(())
        }
    };
}

/// Declares a function that encodes a field: its name, the type of the row, and the field.
#[macro_export]
macro_rules! encoded {
    ($name:ident, $type:ty, $field:tt) => {
        pub fn $name(bytes: &[u8]) -> Result<Vec<u8>, graven::schema::Invalid> {
            Ok(graven::schema::encode(&<$type as graven::StableLayout>::decode(bytes)?.$field))
        }
    };
}
