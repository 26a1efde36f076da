//! What a collection tells the store about itself.

use ic_stable_structures::Memory;

use super::{Budget, Root};
use crate::error::Result;
use crate::evolution::History;
use crate::layout::stored::OwnedLayout;
use crate::layout::{Fingerprint, Layout, StableLayout};

/// Kinds of collections, with the byte that stands for them in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum CollectionKind {
    /// One value.
    Cell = 1,
    /// An ordered map.
    BTreeMap = 2,
    /// An ordered set.
    BTreeSet = 3,
    /// A map without an order.
    HashMap = 4,
    /// A set without an order.
    HashSet = 5,
    /// Values by index.
    Vec = 6,
    /// Values by index that come and go at both ends.
    Deque = 7,
    /// Values by sequence number that are only appended.
    Log = 8,
    /// Values of which the greatest or the least comes first.
    PriorityQueue = 9,
    /// Values by the number that they were given.
    Slab = 10,
    /// Byte strings of any length, by key.
    Blobs = 11,
    /// An ordered map with ranks.
    RankedMap = 12,
    /// A `BTreeMap` for each key.
    NestedMap = 13,
    /// A `BTreeSet` for each key.
    NestedSet = 14,
    /// A `Vec` for each key.
    NestedVec = 15,
    /// A `Deque` for each key.
    NestedDeque = 16,
    /// A record and a `BTreeMap` for each key.
    RecordsMap = 17,
    /// A record and a `BTreeSet` for each key.
    RecordsSet = 18,
    /// A record and a `Vec` for each key.
    RecordsVec = 19,
    /// A record and a `Deque` for each key.
    RecordsDeque = 20,
}

impl CollectionKind {
    const ALL: [CollectionKind; 20] = [
        CollectionKind::Cell,
        CollectionKind::BTreeMap,
        CollectionKind::BTreeSet,
        CollectionKind::HashMap,
        CollectionKind::HashSet,
        CollectionKind::Vec,
        CollectionKind::Deque,
        CollectionKind::Log,
        CollectionKind::PriorityQueue,
        CollectionKind::Slab,
        CollectionKind::Blobs,
        CollectionKind::RankedMap,
        CollectionKind::NestedMap,
        CollectionKind::NestedSet,
        CollectionKind::NestedVec,
        CollectionKind::NestedDeque,
        CollectionKind::RecordsMap,
        CollectionKind::RecordsSet,
        CollectionKind::RecordsVec,
        CollectionKind::RecordsDeque,
    ];

    /// The kind that a byte stands for.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }

    /// The Rust name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            CollectionKind::Cell => "Cell",
            CollectionKind::BTreeMap => "BTreeMap",
            CollectionKind::BTreeSet => "BTreeSet",
            CollectionKind::HashMap => "HashMap",
            CollectionKind::HashSet => "HashSet",
            CollectionKind::Vec => "Vec",
            CollectionKind::Deque => "Deque",
            CollectionKind::Log => "Log",
            CollectionKind::PriorityQueue => "PriorityQueue",
            CollectionKind::Slab => "Slab",
            CollectionKind::Blobs => "Blobs",
            CollectionKind::RankedMap => "RankedMap",
            CollectionKind::NestedMap
            | CollectionKind::NestedSet
            | CollectionKind::NestedVec
            | CollectionKind::NestedDeque => "Nested",
            CollectionKind::RecordsMap
            | CollectionKind::RecordsSet
            | CollectionKind::RecordsVec
            | CollectionKind::RecordsDeque => "Records",
        }
    }

    /// The Rust name of what is nested.
    const fn nested(self) -> Option<&'static str> {
        match self {
            CollectionKind::NestedMap | CollectionKind::RecordsMap => Some("BTreeMap"),
            CollectionKind::NestedSet | CollectionKind::RecordsSet => Some("BTreeSet"),
            CollectionKind::NestedVec | CollectionKind::RecordsVec => Some("Vec"),
            CollectionKind::NestedDeque | CollectionKind::RecordsDeque => Some("Deque"),
            _ => None,
        }
    }

    /// The record that stands beside what is nested, and the type of the items: both are values of the root.
    fn record(self, value: &OwnedLayout) -> Option<(&OwnedLayout, &OwnedLayout)> {
        match (self.name(), value) {
            ("Records", OwnedLayout::Result(record, item)) => match &**record {
                OwnedLayout::Vec(record) => Some((record, item)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The declaration of a root, as in `users: BTreeMap<Principal, User>`.
    pub(crate) fn declaration(self, name: &str, key: Option<&OwnedLayout>, value: &OwnedLayout) -> String {
        let kind = self.name();
        if let (Some(inner), Some(OwnedLayout::Tuple(keys))) = (self.nested(), key)
            && let [key, own] = &keys[..]
        {
            let (record, value) = match self.record(value) {
                Some((record, item)) => (format!("{record}, "), item),
                None => (String::new(), value),
            };
            let of = match inner {
                "BTreeMap" => format!("{own}, {value}"),
                "BTreeSet" => own.to_string(),
                _ => value.to_string(),
            };
            return format!("{name}: {kind}<{key}, {record}{inner}<{of}>>");
        }
        match (self, key) {
            (
                CollectionKind::BTreeSet
                | CollectionKind::HashSet
                | CollectionKind::PriorityQueue
                | CollectionKind::Blobs,
                Some(key),
            ) => format!("{name}: {kind}<{key}>"),
            (_, Some(key)) => format!("{name}: {kind}<{key}, {value}>"),
            (_, None) => format!("{name}: {kind}<{value}>"),
        }
    }
}

/// What the code declares about a root. Built in `const`, so that fingerprints cost nothing when a store is
/// opened.
#[derive(Debug, Clone, Copy)]
pub struct RootSpec {
    /// Its name, which is how it is found again.
    pub name: &'static str,
    /// Names that it had before: a root that is stored under one of them is this one.
    pub was: &'static [&'static str],
    /// What kind of collection.
    pub kind: CollectionKind,
    /// The layout of its keys and that layout's fingerprint.
    pub key: Option<(&'static Layout, Fingerprint)>,
    /// The layout of its values.
    pub value: &'static Layout,
    /// That layout's fingerprint.
    pub value_fingerprint: Fingerprint,
    /// All layouts that its values may have been stored in.
    pub history: &'static History,
}

impl RootSpec {
    /// The root of a collection of `V`, by keys of layout `key`.
    #[must_use]
    pub const fn new<V: StableLayout>(
        name: &'static str,
        kind: CollectionKind,
        key: Option<&'static Layout>,
    ) -> Self {
        let key = match key {
            Some(layout) => Some((layout, layout.fingerprint())),
            None => None,
        };
        RootSpec {
            name,
            was: &[],
            kind,
            key,
            value: V::LAYOUT,
            value_fingerprint: V::LAYOUT.fingerprint(),
            history: V::HISTORY,
        }
    }

    /// The same root under another name.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        RootSpec { name, ..self }
    }

    /// The same root, which was stored under other names before.
    #[must_use]
    pub const fn renamed(self, was: &'static [&'static str]) -> Self {
        RootSpec { was, ..self }
    }

    /// Whether this is the root of that name, now or before.
    pub(crate) fn is_or_was(&self, name: &str) -> bool {
        self.name == name || self.was.contains(&name)
    }

    pub(crate) fn declaration(&self) -> String {
        let key = self.key.map(|(layout, _)| OwnedLayout::from(layout));
        self.kind.declaration(self.name, key.as_ref(), &OwnedLayout::from(self.value))
    }
}

/// A collection that lives in a store.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no collection",
    label = "a store holds collections only",
    note = "for a single value use `graven::Cell<{Self}>`, for many `graven::BTreeMap<Key, Value>`",
    note = "std's collections do not live in stable memory; graven's have the same names"
)]
pub trait Collection: Sized {
    /// The memory that the store is in.
    type Memory: Memory;

    /// What the store has to know; the name is given later.
    const SPEC: RootSpec;

    /// Takes over a root that was checked against [`Collection::SPEC`].
    fn attach(root: Root<Self::Memory>) -> Self;

    /// The root.
    fn root(&self) -> &Root<Self::Memory>;

    /// Brings old values to the newest layout while the budget lasts; true when none is left.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](crate::Error::OutOfMemory) or [`Error::Damaged`](crate::Error::Damaged); what
    /// was done until then stays done.
    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool>;
}
