//! Kinds of collections, in one table with their names and parameters.

use crate::layout::stored::OwnedLayout;

/// Defines the enum, and the table in the order of the bytes.
macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident = $byte:literal, $name:literal<$parameters:ident>;)*) => {
        /// The kind of a collection, with the byte that encodes it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum CollectionKind {
            $($(#[$doc])+ $kind = $byte,)*
        }

        const KINDS: &[(CollectionKind, &str, Parameters)] =
            &[$((CollectionKind::$kind, $name, Parameters::$parameters),)*];
    };
}

/// The feature of tables and their indexes.
const TABLES: u8 = 1;

/// The features of roots that this code knows.
pub(super) const READ_FEATURES: u8 = TABLES;

/// The type parameters of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parameters {
    /// The type of the values.
    Value,
    /// The type of the keys.
    Key,
    /// The types of keys and values.
    KeyAndValue,
    /// The type of rows, which have their keys.
    Row,
    /// The type of the keys, and a collection for each key.
    Nested(Inner),
    /// The type of the keys, and a record and a collection for each key.
    Records(Inner),
}

/// A collection inside another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    Map,
    Set,
    Vec,
    Deque,
}

impl Parameters {
    const NESTED_MAP: Parameters = Parameters::Nested(Inner::Map);
    const NESTED_SET: Parameters = Parameters::Nested(Inner::Set);
    const NESTED_VEC: Parameters = Parameters::Nested(Inner::Vec);
    const NESTED_DEQUE: Parameters = Parameters::Nested(Inner::Deque);
    const RECORDS_MAP: Parameters = Parameters::Records(Inner::Map);
    const RECORDS_SET: Parameters = Parameters::Records(Inner::Set);
    const RECORDS_VEC: Parameters = Parameters::Records(Inner::Vec);
    const RECORDS_DEQUE: Parameters = Parameters::Records(Inner::Deque);
}

kinds! {
    /// One value.
    Cell = 1, "Cell"<Value>;
    /// An ordered map.
    BTreeMap = 2, "BTreeMap"<KeyAndValue>;
    /// An ordered set.
    BTreeSet = 3, "BTreeSet"<Key>;
    /// A map without an order.
    HashMap = 4, "HashMap"<KeyAndValue>;
    /// A set without an order.
    HashSet = 5, "HashSet"<Key>;
    /// Values by index.
    Vec = 6, "StableVec"<Value>;
    /// Values by index that come and go at both ends.
    Deque = 7, "Deque"<Value>;
    /// Values by sequence number that are only appended.
    Log = 8, "Log"<Value>;
    /// Values of which the greatest or the least is first.
    PriorityQueue = 9, "PriorityQueue"<Key>;
    /// Values by the number that they were given.
    Slab = 10, "Slab"<Value>;
    /// Byte strings of any length, by key.
    Blobs = 11, "Blobs"<Key>;
    /// An ordered map with ranks.
    RankedMap = 12, "RankedMap"<KeyAndValue>;
    /// A `BTreeMap` for each key.
    NestedMap = 13, "Nested"<NESTED_MAP>;
    /// A `BTreeSet` for each key.
    NestedSet = 14, "Nested"<NESTED_SET>;
    /// A `StableVec` for each key.
    NestedVec = 15, "Nested"<NESTED_VEC>;
    /// A `Deque` for each key.
    NestedDeque = 16, "Nested"<NESTED_DEQUE>;
    /// A record and a `BTreeMap` for each key.
    RecordsMap = 17, "Records"<RECORDS_MAP>;
    /// A record and a `BTreeSet` for each key.
    RecordsSet = 18, "Records"<RECORDS_SET>;
    /// A record and a `StableVec` for each key.
    RecordsVec = 19, "Records"<RECORDS_VEC>;
    /// A record and a `Deque` for each key.
    RecordsDeque = 20, "Records"<RECORDS_DEQUE>;
    /// Rows by key, with indexes in roots of their own.
    Table = 21, "Table"<Row>;
    /// An index of a table: a set of values, each with the key of its row.
    Index = 22, "Index"<Key>;
    /// An index of a table in which no two rows have the same value.
    UniqueIndex = 23, "UniqueIndex"<Key>;
}

impl Inner {
    /// Writes the type of a nested collection as Rust does.
    fn declaration(self, key: &OwnedLayout, value: &OwnedLayout) -> String {
        match self {
            Inner::Map => format!("BTreeMap<{key}, {value}>"),
            Inner::Set => format!("BTreeSet<{key}>"),
            Inner::Vec => format!("StableVec<{value}>"),
            Inner::Deque => format!("Deque<{value}>"),
        }
    }
}

impl CollectionKind {
    /// Returns the kind that a byte encodes.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        let (kind, ..) = KINDS.get(usize::from(byte).checked_sub(1)?)?;
        (*kind as u8 == byte).then_some(*kind)
    }

    /// Returns `true` if it is an index, which can be made anew from the rows of its table.
    #[must_use]
    pub const fn is_index(self) -> bool {
        matches!(self, Self::Index | Self::UniqueIndex)
    }

    /// Returns `true` if it has a collection for each key.
    #[must_use]
    pub fn is_nested(self) -> bool {
        let (_, _, parameters) = self.row();
        matches!(parameters, Parameters::Nested(_) | Parameters::Records(_))
    }

    /// Returns `true` if it has a record beside the collection for each key.
    #[must_use]
    pub fn has_records(self) -> bool {
        matches!(self.row(), (_, _, Parameters::Records(_)))
    }

    /// Returns `true` if the collections in it are lists, whose entries have positions for keys.
    #[must_use]
    pub fn has_lists(self) -> bool {
        let (_, _, parameters) = self.row();
        matches!(parameters, Parameters::Nested(inner) | Parameters::Records(inner)
            if matches!(inner, Inner::Vec | Inner::Deque))
    }

    /// Returns `true` if its entries have keys of a layout.
    #[must_use]
    pub fn has_keys(self) -> bool {
        let (_, _, parameters) = self.row();
        !matches!(parameters, Parameters::Value)
    }

    /// Returns the features that every reader of a root of this kind must know. Kinds that came
    /// after format 1 was final have one.
    pub(super) const fn read_features(self) -> u8 {
        match self {
            Self::Table | Self::Index | Self::UniqueIndex => TABLES,
            _ => 0,
        }
    }

    /// Returns `true` if its entries are in a sequence, whose last array may count its values.
    pub(super) const fn is_sequence(self) -> bool {
        matches!(self, Self::Vec | Self::Deque | Self::Log | Self::PriorityQueue)
    }

    /// Returns `true` if it has a second tree, which is a sequence.
    pub(super) const fn has_second_sequence(self) -> bool {
        matches!(self, Self::PriorityQueue | Self::RankedMap)
    }

    /// Returns `true` if it has a second tree.
    pub(super) fn has_second_tree(self) -> bool {
        self.has_second_sequence() || self.is_nested()
    }

    /// Returns the Rust name of the collection.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().1
    }

    #[expect(clippy::indexing_slicing, reason = "the table has a row for each kind")]
    const fn row(self) -> &'static (CollectionKind, &'static str, Parameters) {
        // The table has a row for each kind, in the order of the bytes, which begin with 1.
        &KINDS[self as usize - 1]
    }

    /// Returns the declaration of a root, as in `users: BTreeMap<Principal, User>`.
    pub(crate) fn declaration(self, name: &str, key: Option<&OwnedLayout>, value: &OwnedLayout) -> String {
        let &(_, kind, parameters) = self.row();
        let types = match (parameters, key) {
            (Parameters::Nested(inner), Some(OwnedLayout::Tuple(keys))) => {
                let [outer, own] = &keys[..] else { return format!("{name}: {kind}") };
                format!("{outer}, {}", inner.declaration(own, value))
            }
            (Parameters::Records(inner), Some(OwnedLayout::Tuple(keys))) => {
                let ([outer, own], Some((record, item))) = (&keys[..], record_and_item(value)) else {
                    return format!("{name}: {kind}");
                };
                format!("{outer}, {record}, {}", inner.declaration(own, item))
            }
            (Parameters::Key, Some(key)) => key.to_string(),
            (Parameters::Row, _) => value.to_string(),
            (_, Some(key)) => format!("{key}, {value}"),
            (_, None) => value.to_string(),
        };
        format!("{name}: {kind}<{types}>")
    }
}

/// Returns the types of a record and of its collection's items, which are values of one root.
fn record_and_item(value: &OwnedLayout) -> Option<(&OwnedLayout, &OwnedLayout)> {
    let OwnedLayout::Result(record, item) = value else { return None };
    let OwnedLayout::Vec(record) = &**record else { return None };
    Some((record, item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row_in_the_order_of_the_bytes() {
        for (index, (kind, ..)) in KINDS.iter().enumerate() {
            assert_eq!(*kind as usize, index + 1);
            assert_eq!(CollectionKind::from_byte(*kind as u8), Some(*kind));
        }
        assert_eq!(CollectionKind::from_byte(0), None);
        assert_eq!(CollectionKind::from_byte(KINDS.len() as u8 + 1), None);
    }
}
