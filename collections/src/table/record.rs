//! The derive's description of a row: its key, and its indexes.

use std::marker::PhantomData;

use graven_core::evolution::History;
use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::field::Field;
use graven_core::layout::{Invalid, Layout, StableLayout};
use graven_core::simd;
use graven_core::store::links::Target;
use graven_core::store::{CollectionKind, RootSpec};

use crate::table::entries::Values;
use crate::table::expiry::ExpirySpec;
use crate::table::included::Included;
use crate::table::reference::ReferenceSpec;

/// A record that is a row of a [`Table`](super::Table). `#[derive(Table)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row of a table",
    label = "a table does not know the key of this type",
    note = "add `#[derive(Table)]`, and `#[table(key)]` to the field by which rows are found"
)]
pub trait Record: StableLayout + 'static {
    /// The type of the key.
    type Key: StableKey + 'static;

    /// The name of the type with its path, by which the tables of a store find each other.
    const TYPE: &'static str;

    /// A struct of the fields of the key, by which opening a store knows if it is that of the rows.
    const KEY_LAYOUT: &'static Layout;

    /// The indexes.
    const INDEXES: &'static [IndexSpec<Self>];

    /// The declarations of the indexes' roots, in the same order.
    const ROOTS: &'static [RootSpec];

    /// The references to rows of other tables, and of the own one.
    const REFERENCES: &'static [ReferenceSpec<Self>];

    /// The tables that they lead to, in the same order.
    const TARGETS: &'static [Target];

    /// The time at which a row expires.
    const EXPIRES: Option<&'static ExpirySpec> = None;

    /// `true` if the table gives each row a number as its key.
    const IS_NUMBERED: bool;

    /// Returns `true` if two encoded rows of the current layout have the same bytes in all fields
    /// from which values of indexes follow, and no values follow by a function.
    fn has_same_values(old: &[u8], new: &[u8]) -> bool;

    /// Appends the encoding of the key.
    fn write_key(&self, out: &mut KeyBuf);

    /// Sets the key of a row that the table numbers.
    fn set_number(&mut self, number: u64);
}

/// The declaration of an index.
#[derive(Debug)]
pub struct IndexSpec<R: 'static> {
    /// Its name.
    pub name: &'static str,
    /// `true` if no two rows may have the same value in it.
    pub is_unique: bool,
    /// The names of the fields whose values it has. Empty if a function says what the values are.
    pub fields: &'static [&'static str],
    /// `true` if it has each value in its field.
    pub is_each: bool,
    /// `true` if it is made when the store is opened, and not by the sweep.
    pub is_made_at_upgrade: bool,
    /// A struct without bytes that says in words how the values follow from a row: they are the
    /// name of its only field. If they change, the index is made anew.
    pub definition: &'static History,
    /// The layout of the keys of its entries.
    pub key: &'static Layout,
    /// The constant length of these keys, or `None`.
    pub key_size: Option<usize>,
    /// The fields that entries have beside their values.
    pub included: Option<&'static Included<R>>,
    /// Returns the key of the row of an entry, if the index is not unique.
    pub row: fn(&[u8]) -> Result<&[u8], Invalid>,
    /// Writes each value of a row: encoded, as the last part of a key if the index is unique, else
    /// as one that the row's key follows.
    pub values: fn(&R, &mut Values<'_>),
}

/// Returns what follows a value of type `K` at the beginning of an entry.
///
/// # Errors
/// [`Invalid`] for bytes that do not begin with such a value.
#[doc(hidden)]
pub fn after_value<K: StableKey>(mut entry: &[u8]) -> Result<&[u8], Invalid> {
    K::read_key(&mut entry, false).map(|_| entry)
}

/// Returns `true` if a field has the same bytes in two encoded rows of the current layout.
#[doc(hidden)]
#[must_use]
#[inline(always)]
pub fn is_same_field<R, T>(field: Field<R, T>, old: &[u8], new: &[u8]) -> bool {
    let (Ok(in_old), Ok(in_new)) = (field.locate(old), field.locate(new)) else { return false };
    match (old.get(in_old), new.get(in_new)) {
        (Some(old), Some(new)) => simd::is_same(old, new),
        _ => false,
    }
}

impl<R: 'static> IndexSpec<R> {
    /// Returns the declaration of the index's root.
    #[must_use]
    pub const fn root(&self) -> RootSpec {
        let kind = if self.is_unique { CollectionKind::UniqueIndex } else { CollectionKind::Index };
        RootSpec::derived(self.name, kind, self.key, self.definition)
    }
}

/// An index of rows of type `R` by values of type `K`.
#[derive(Debug)]
pub struct Index<R, K> {
    position: usize,
    types: PhantomData<fn(R) -> K>,
}

/// An index of rows of type `R` by values of type `K`, of which no two rows have the same.
#[derive(Debug)]
pub struct UniqueIndex<R, K> {
    position: usize,
    types: PhantomData<fn(R) -> K>,
}

mod sealed {
    pub trait Sealed {}
}

/// An [`Index`] or a [`UniqueIndex`] of rows of type `R`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an index of rows of type `{R}`",
    label = "another type of rows has this index",
    note = "the indexes of `{R}` are its constants `BY_…`"
)]
pub trait AnyIndex<R>: Copy + sealed::Sealed {
    /// The type of its values.
    type Key: StableKey;

    /// `true` if no two rows have the same value.
    const IS_UNIQUE: bool;

    /// Returns its position in [`Record::INDEXES`].
    #[doc(hidden)]
    fn position(self) -> usize;
}

macro_rules! index {
    ($index:ident, $is_unique:literal) => {
        impl<R, K> $index<R, K> {
            /// Returns the index at a position in [`Record::INDEXES`].
            #[doc(hidden)]
            #[must_use]
            pub const fn new(position: usize) -> Self {
                $index { position, types: PhantomData }
            }
        }

        impl<R, K> Clone for $index<R, K> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<R, K> Copy for $index<R, K> {}

        impl<R, K> sealed::Sealed for $index<R, K> {}

        impl<R: Record, K: StableKey> AnyIndex<R> for $index<R, K> {
            type Key = K;

            const IS_UNIQUE: bool = $is_unique;

            fn position(self) -> usize {
                self.position
            }
        }
    };
}

index!(Index, false);
index!(UniqueIndex, true);
