//! The collections that can be nested, with the types of their entries.

use graven_core::Memory;
use graven_core::key::StableKey;
use graven_core::layout::StableLayout;
use graven_core::store::CollectionKind;

use crate::engine::cell::Sizes;
use crate::nested::stored::Stored;
use crate::{BTreeMap, BTreeSet, Deque, StableVec};

/// A collection that can be the value of a [`Nested`](super::Nested), or be beside the records of
/// [`Records`](crate::Records): `BTreeMap`, `BTreeSet`, `StableVec` or `Deque`. Its memory is that
/// of the store, whatever its own type says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be nested",
    note = "`graven::BTreeMap`, `BTreeSet`, `StableVec` and `Deque` can",
    note = "std's collections are values: they go into a `graven::BTreeMap`"
)]
pub trait Nestable: sealed::Sealed {
    /// The type of the keys of its entries. A list has its positions, as `u64`.
    type Key: StableKey;
    /// The type of its values, `()` for a set.
    type Value: StableLayout;
    #[doc(hidden)]
    const KIND: CollectionKind;
    /// The kind of a root that has records beside such collections.
    #[doc(hidden)]
    const WITH_RECORDS: CollectionKind;
    /// The position of the first value that is put into a list.
    #[doc(hidden)]
    const FIRST: u64 = 0;
}

mod sealed {
    pub trait Sealed {}
}

impl<K: StableKey, V: StableLayout, M: Memory> sealed::Sealed for BTreeMap<K, V, M> {}
impl<K: StableKey, V: StableLayout, M: Memory> Nestable for BTreeMap<K, V, M> {
    type Key = K;
    type Value = V;
    const KIND: CollectionKind = CollectionKind::NestedMap;
    const WITH_RECORDS: CollectionKind = CollectionKind::RecordsMap;
}

impl<T: StableKey, M: Memory> sealed::Sealed for BTreeSet<T, M> {}
impl<T: StableKey, M: Memory> Nestable for BTreeSet<T, M> {
    type Key = T;
    type Value = ();
    const KIND: CollectionKind = CollectionKind::NestedSet;
    const WITH_RECORDS: CollectionKind = CollectionKind::RecordsSet;
}

impl<T: StableLayout, M: Memory> sealed::Sealed for StableVec<T, M> {}
impl<T: StableLayout, M: Memory> Nestable for StableVec<T, M> {
    type Key = u64;
    type Value = T;
    const KIND: CollectionKind = CollectionKind::NestedVec;
    const WITH_RECORDS: CollectionKind = CollectionKind::RecordsVec;
}

impl<T: StableLayout, M: Memory> sealed::Sealed for Deque<T, M> {}
impl<T: StableLayout, M: Memory> Nestable for Deque<T, M> {
    type Key = u64;
    type Value = T;
    const KIND: CollectionKind = CollectionKind::NestedDeque;
    const WITH_RECORDS: CollectionKind = CollectionKind::RecordsDeque;
    /// The middle of all positions, so that a deque can grow at both ends.
    const FIRST: u64 = 1 << 63;
}

/// Returns `true` if the keys of such collections are positions.
pub(crate) const fn is_list<C: Nestable>() -> bool {
    matches!(C::KIND, CollectionKind::NestedVec | CollectionKind::NestedDeque)
}

/// Returns the sizes of all entries of such collections. A key includes the number of its
/// collection.
pub(crate) const fn sizes<C: Nestable, S: Stored>() -> Sizes {
    Sizes {
        key: match <C::Key as StableKey>::KEY_SIZE {
            Some(size) if S::SIZED_KEYS => Some(size.saturating_add(8)),
            _ => None,
        },
        value: <S::Value<C::Value> as StableLayout>::SIZE,
    }
}
