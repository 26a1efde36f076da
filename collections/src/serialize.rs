//! `serde::Serialize` for all collections (feature `serde`). Maps are serialized as maps, lists and
//! sets as sequences, and a cell as its value.
//!
//! Entries are read and serialized one by one. Damaged memory is an error of the serializer. So is
//! a wrong number of entries, because formats that write the length first would be wrong. There is
//! no `Deserialize`: open a collection in a memory, then fill it with `extend` or `load_sorted`.

use core::fmt::Display;

use graven_core::key::StableKey;
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};
use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::nested::{Beside, Inner, Nestable, Nested, Stored};
use crate::table::Record;
use crate::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, HashSet, Log, PriorityQueue, RankedMap, Records, Slab,
    StableVec, Table,
};

fn failed<E: Error>(error: impl Display) -> E {
    E::custom(error)
}

/// Returns the length for a serializer, or `None` if it exceeds `usize`.
fn hint(len: u64) -> Option<usize> {
    usize::try_from(len).ok()
}

/// Subtracts an entry from those that are left. Returns an error if none was left.
fn one_less<E: Error>(left: u64) -> core::result::Result<u64, E> {
    left.checked_sub(1).ok_or_else(|| failed("there are more entries than were counted"))
}

fn none_left<E: Error>(left: u64) -> core::result::Result<(), E> {
    if left == 0 { Ok(()) } else { Err(failed("there are fewer entries than were counted")) }
}

fn map<S: Serializer, K: Serialize, V: Serialize>(
    serializer: S,
    mut left: u64,
    mut next: impl FnMut() -> Result<Option<(K, V)>>,
) -> core::result::Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(hint(left))?;
    while let Some((key, value)) = next().map_err(failed)? {
        left = one_less(left)?;
        map.serialize_entry(&key, &value)?;
    }
    none_left(left)?;
    map.end()
}

fn sequence<S: Serializer, T: Serialize>(
    serializer: S,
    mut left: u64,
    mut next: impl FnMut() -> Result<Option<T>>,
) -> core::result::Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(hint(left))?;
    while let Some(value) = next().map_err(failed)? {
        left = one_less(left)?;
        sequence.serialize_element(&value)?;
    }
    none_left(left)?;
    sequence.end()
}

macro_rules! serialize {
    ($($(#[$doc:meta])* $collection:ident<$($of:ident: $kind:ident),*>, |$this:ident, $to:ident| $how:expr;)*) => {$(
        $(#[$doc])*
        impl<$($of: $kind + Serialize,)* M: Memory> Serialize for $collection<$($of,)* M> {
            fn serialize<S: Serializer>(&self, $to: S) -> core::result::Result<S::Ok, S::Error> {
                let $this = self;
                $how
            }
        }
    )*};
}

serialize! {
    /// Serializes as a map in the order of the keys.
    ///
    /// # Example: names by number, as JSON
    /// ```
    /// use graven_collections::{BTreeMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// let mut names: BTreeMap<u64, String> = open("names", DefaultMemoryImpl::default()).unwrap();
    /// names.extend([(7, "Seven".into()), (2, "Two".into())]);
    /// assert_eq!(serde_json::to_string(&names).unwrap(), r#"{"2":"Two","7":"Seven"}"#);
    /// ```
    BTreeMap<K: StableKey, V: StableLayout>, |this, to| {
        let mut entries = this.iter();
        map(to, this.len(), || entries.try_next())
    };
    /// Serializes as a map in the order of the keys.
    RankedMap<K: StableKey, V: StableLayout>, |this, to| {
        let mut entries = this.iter();
        map(to, this.len(), || entries.try_next())
    };
    /// Serializes as a map in an order without meaning.
    HashMap<K: StableKey, V: StableLayout>, |this, to| {
        let mut entries = this.iter();
        map(to, this.len(), || entries.try_next())
    };
    /// Serializes as a map of ids and values, in the order of the ids.
    Slab<T: StableLayout>, |this, to| {
        let mut entries = this.iter();
        map(to, this.len(), || entries.try_next())
    };
    /// Serializes as a sequence in order.
    BTreeSet<T: StableKey>, |this, to| {
        let mut elements = this.iter();
        sequence(to, this.len(), || elements.try_next())
    };
    /// Serializes as a sequence in an order without meaning.
    HashSet<T: StableKey>, |this, to| {
        let mut elements = this.iter();
        sequence(to, this.len(), || elements.try_next())
    };
    /// Serializes as a sequence.
    StableVec<T: StableLayout>, |this, to| {
        let mut values = this.iter();
        sequence(to, this.len(), || values.try_next())
    };
    /// Serializes as a sequence from front to back.
    Deque<T: StableLayout>, |this, to| {
        let mut values = this.iter();
        sequence(to, this.len(), || values.try_next())
    };
    /// Serializes as a sequence of the existing values, without their numbers.
    Log<T: StableLayout>, |this, to| {
        let mut values = this.iter();
        sequence(to, this.len(), || values.try_next())
    };
    /// Serializes as a sequence of the values in no particular order, as std's `BinaryHeap`,
    /// without their handles.
    PriorityQueue<T: StableKey>, |this, to| {
        let mut values = this.iter();
        sequence(to, this.len(), || Ok(values.try_next()?.map(|(_, value)| value)))
    };
    /// Serializes as the value, or as nothing (`null`) if none was set.
    Cell<T: StableLayout>, |this, to| this.try_get().map_err(failed)?.serialize(to);
    /// Serializes as a map of keys and byte strings in the order of the keys. Their number is not
    /// known in advance. Each byte string is read into the heap as a whole; one that does not fit
    /// is an error.
    Blobs<K: StableKey>, |this, to| {
        let (mut keys, mut map) = (this.keys(), to.serialize_map(None)?);
        while let Some(key) = keys.try_next().map_err(failed)? {
            map.serialize_entry(&key, &Bytes(&whole(this, &key)?))?;
        }
        map.end()
    };
}

/// Serializes as a map of keys and nested collections, each as a collection of its kind.
/// A table is the sequence of its rows, which have their keys.
impl<R: Record + Serialize, M: Memory> Serialize for Table<R, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut rows = self.iter();
        sequence(serializer, self.len(), || Ok(rows.try_next()?.map(|(_, row)| row)))
    }
}

impl<K: StableKey + Serialize, C: Nestable, M: Memory> Serialize for Nested<K, C, M>
where
    for<'a> Inner<'a, C, M>: Serialize,
{
    fn serialize<S: Serializer>(&self, to: S) -> core::result::Result<S::Ok, S::Error> {
        let mut collections = self.iter();
        map(to, self.len(), || collections.try_next())
    }
}

/// Serializes as a map of keys and pairs: the record and its collection, as one of its kind.
impl<K, R, C, M> Serialize for Records<K, R, C, M>
where
    K: StableKey + Serialize,
    R: StableLayout + Serialize,
    C: Nestable,
    M: Memory,
    for<'a> Inner<'a, C, M, Beside<R>>: Serialize,
{
    fn serialize<S: Serializer>(&self, to: S) -> core::result::Result<S::Ok, S::Error> {
        let mut records = self.iter();
        map(to, self.len(), || Ok(records.try_next()?.map(|(key, record, items)| (key, (record, items)))))
    }
}

macro_rules! serialize_inner {
    ($($collection:ident<$($of:ident: $kind:ident),*>, $how:ident;)*) => {$(
        impl<$($of: $kind + Serialize,)* N: Memory, M: Memory, S: Stored> Serialize
            for Inner<'_, $collection<$($of,)* N>, M, S>
        {
            fn serialize<Z: Serializer>(&self, to: Z) -> core::result::Result<Z::Ok, Z::Error> {
                let mut items = self.iter();
                $how(to, self.len(), || items.try_next())
            }
        }
    )*};
}

serialize_inner! {
    BTreeMap<K: StableKey, V: StableLayout>, map;
    BTreeSet<T: StableKey>, sequence;
    StableVec<T: StableLayout>, sequence;
    Deque<T: StableLayout>, sequence;
}

/// Bytes that are serialized as bytes, not as a sequence of numbers, if the format has them.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> core::result::Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

/// Returns a whole blob on the heap. Returns an error if it does not fit.
fn whole<K: StableKey, M: Memory, E: Error>(
    blobs: &Blobs<K, M>,
    key: &K,
) -> core::result::Result<std::vec::Vec<u8>, E> {
    let len = blobs.try_len(key).map_err(failed)?.unwrap_or(0);
    let len = usize::try_from(len).map_err(failed)?;
    // Only checks the space: without the check, a heap that is too small would abort the program.
    std::vec::Vec::<u8>::new().try_reserve_exact(len).map_err(failed)?;
    Ok(blobs.try_read(key, 0, len).map_err(failed)?.unwrap_or_default())
}
