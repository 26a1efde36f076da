//! Entries as values with names.

use graven_core::ask::{read_key, read_key_part};
use graven_core::layout::stored::OwnedLayout;
use graven_core::layout::{Invalid, Prim};
use graven_core::page::LayoutId;
use graven_core::store::{CollectionKind, OnPage};
use graven_core::{Damage, Memory, Result};

use super::Value;
use super::body::own_key;
use super::entry::StoredEntry;
use super::root::StoredRoot;
use crate::blobs::MAX_CHUNK;

/// The parts of an entry, with their names.
pub type Parts = Vec<(&'static str, Value)>;

/// The reason for a value of which only the length was read.
const TOO_LONG: Damage = Damage::InvalidValue(Invalid("a value has more than 32 MiB, which are not shown"));

impl<M: Memory> StoredRoot<M> {
    /// Decodes an entry as it is stored, without any migration. The parts are `key` and `value` in
    /// maps, `key` in sets, `index` and `value` in lists, `number` and `value` in a `Log`, `id` and
    /// `value` in a `Slab`, `value` in a `Cell`, `value` and `handle` in a queue, `key`, `offset`
    /// and `bytes` in `Blobs`, `value` and `row` in an index. In a `Nested` they are `key`, then
    /// `item` or `index`, and `value`; in `Records` also `key` and `record`.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if the bytes are not of their layouts.
    pub fn decode(&self, entry: &StoredEntry) -> Result<Parts> {
        self.parts(entry).on_page(self.root(), entry.page)
    }

    /// Returns the names of the parts that entries may have, in order.
    #[must_use]
    pub fn part_names(&self) -> &'static [&'static str] {
        use CollectionKind::*;
        match self.kind() {
            Cell => &["value"],
            BTreeMap | HashMap | RankedMap | Table => &["key", "value"],
            BTreeSet | HashSet => &["key"],
            Vec | Deque => &["index", "value"],
            Log => &["number", "value"],
            Slab => &["id", "value"],
            PriorityQueue => &["value", "handle"],
            Blobs => &["key", "offset", "bytes"],
            Index | UniqueIndex => &["value", "row", "included"],
            NestedMap => &["key", "item", "value"],
            NestedSet => &["key", "item"],
            NestedVec | NestedDeque => &["key", "index", "value"],
            RecordsMap => &["key", "record", "item", "value"],
            RecordsSet => &["key", "record", "item"],
            _ => &["key", "record", "index", "value"],
        }
    }

    /// Returns the layout of a part of an entry whose value has this layout. Returns `None` if the
    /// part has none of its own.
    #[must_use]
    pub fn part_layout(&self, part: &str, layout: Option<LayoutId>) -> Option<&OwnedLayout> {
        const NUMBER: &OwnedLayout = &OwnedLayout::Prim(Prim::U64);
        const CHUNK: &OwnedLayout = &OwnedLayout::Blob(MAX_CHUNK as u32);
        let of_value = || self.layout(layout?);
        match (part, self.kind()) {
            ("index" | "number" | "id" | "offset" | "handle", _) => Some(NUMBER),
            ("bytes", CollectionKind::Blobs) => Some(CHUNK),
            ("key", _) => self.key_layout(),
            ("item", _) => own_key(self.stored_key()),
            ("row", CollectionKind::Index) => own_key(self.stored_key()),
            ("row", _) => self.row_key(),
            ("value", CollectionKind::PriorityQueue | CollectionKind::UniqueIndex) => self.stored_key(),
            ("value", CollectionKind::Index) => self.key_layout(),
            ("value", kind) if kind.has_records() => match of_value()? {
                OwnedLayout::Result(_, item) => Some(item),
                _ => None,
            },
            ("record", _) => match of_value()? {
                OwnedLayout::Result(records, _) => match &**records {
                    OwnedLayout::Vec(record) => Some(record),
                    _ => None,
                },
                _ => None,
            },
            ("value", _) => of_value(),
            _ => None,
        }
    }

    fn parts(&self, entry: &StoredEntry) -> Result<Parts, Damage> {
        use CollectionKind::*;
        let bytes = entry.value.as_deref().map_err(|_| TOO_LONG)?;
        let value = || self.value(entry, bytes);
        Ok(match self.kind() {
            Cell => vec![("value", value()?)],
            BTreeMap | HashMap | RankedMap | Table => vec![("key", self.key(entry)?), ("value", value()?)],
            BTreeSet | HashSet => vec![("key", self.key(entry)?)],
            Vec | Deque => vec![("index", number(&entry.key)?), ("value", value()?)],
            Log => vec![("number", number(&entry.key)?), ("value", value()?)],
            Slab => vec![("id", number(&entry.key)?), ("value", value()?)],
            PriorityQueue => vec![("value", self.key(entry)?), ("handle", number(bytes)?)],
            Blobs => {
                let layout = self.stored_key().ok_or(Damage::UnknownLayout)?;
                let (key, offset) = read_key_part(layout, &entry.key, false)?;
                vec![("key", key), ("offset", number(offset)?), ("bytes", Value::Blob(bytes.to_vec()))]
            }
            Index => {
                let Some(OwnedLayout::Tuple(keys)) = self.stored_key() else {
                    return Err(Damage::UnknownLayout);
                };
                let [value, row] = &keys[..] else { return Err(Damage::UnknownLayout) };
                let (value, rest) = read_key_part(value, &entry.key, false)?;
                self.with_included(vec![("value", value), ("row", read_key(row, rest)?)], bytes)?
            }
            UniqueIndex => {
                let layout = self.row_key().ok_or(Damage::UnknownLayout)?;
                let (row, included) = self.row_and_included(bytes)?;
                self.with_included(
                    vec![("value", self.key(entry)?), ("row", read_key(layout, row)?)],
                    included,
                )?
            }
            _ => self.nested_parts(entry, bytes, None)?,
        })
    }

    /// Adds the fields that an index includes.
    fn with_included(&self, mut parts: Parts, bytes: &[u8]) -> Result<Parts, Damage> {
        if let Some(layout) = self.included() {
            let Value::Record(mut fields) = Value::decode(layout, bytes)? else {
                return Err(Damage::UnknownLayout);
            };
            // The words of the definition have no bytes.
            fields.remove(0);
            parts.push(("included", Value::Record(fields)));
        }
        Ok(parts)
    }

    fn key(&self, entry: &StoredEntry) -> Result<Value, Damage> {
        Ok(read_key(self.stored_key().ok_or(Damage::UnknownLayout)?, &entry.key)?)
    }

    fn value_layout(&self, entry: &StoredEntry) -> Result<&OwnedLayout, Damage> {
        entry.layout.and_then(|index| self.layout(index)).ok_or(Damage::UnlistedLayout)
    }

    fn value(&self, entry: &StoredEntry, bytes: &[u8]) -> Result<Value, Damage> {
        Ok(Value::decode(self.value_layout(entry)?, bytes)?)
    }

    /// Decodes an entry of a `Nested` or `Records` whose collection is only known by its number.
    pub(super) fn decode_orphan(&self, entry: &StoredEntry, number: u64) -> Result<Parts> {
        let bytes = entry.value.as_deref().map_err(|_| TOO_LONG);
        bytes.and_then(|bytes| self.nested_parts(entry, bytes, Some(number))).on_page(self.root(), entry.page)
    }

    /// Decodes an entry of a `Nested` or `Records`, with the number of its collection if the key is
    /// not known.
    fn nested_parts(&self, entry: &StoredEntry, bytes: &[u8], orphan: Option<u64>) -> Result<Parts, Damage> {
        let Some(OwnedLayout::Tuple(keys)) = self.stored_key() else { return Err(Damage::UnknownLayout) };
        let [outer, own] = &keys[..] else { return Err(Damage::UnknownLayout) };
        let mut parts = match orphan {
            Some(number) => vec![("collection", Value::Nat(number.into()))],
            None => vec![("key", read_key(outer, &entry.key)?)],
        };
        let value = match self.kind().has_records() {
            true => stored_beside(self.value_layout(entry)?, bytes)?,
            false => Beside::Item(self.value(entry, bytes)?),
        };
        match (value, &entry.item) {
            (Beside::Record(record), None) => parts.push(("record", record)),
            (Beside::Item(value), Some(item)) => {
                if self.kind().has_lists() {
                    parts.push(("index", number(item)?));
                } else {
                    parts.push(("item", read_key(own, item)?));
                }
                if !matches!(self.kind(), CollectionKind::NestedSet | CollectionKind::RecordsSet) {
                    parts.push(("value", value));
                }
            }
            _ => return Err(Damage::WrongEntryType),
        }
        Ok(parts)
    }
}

/// A value in the tree of `Records`: docs/format.md, section 9.
enum Beside {
    Record(Value),
    Item(Value),
}

fn stored_beside(layout: &OwnedLayout, bytes: &[u8]) -> Result<Beside, Damage> {
    let OwnedLayout::Result(records, item) = layout else { return Err(Damage::WrongEntryType) };
    let OwnedLayout::Vec(record) = &**records else { return Err(Damage::WrongEntryType) };
    match bytes.split_first() {
        Some((1, rest)) => Ok(Beside::Item(Value::decode(item, rest)?)),
        Some((0, rest)) => {
            // One element of a constant size, or the count and the end of the only one.
            let rest = match (record.size(), rest) {
                (Some(_), rest) => rest,
                (None, [1, 0, 0, 0, rest @ ..]) => match rest.split_first_chunk() {
                    Some((end, rest)) if u32::from_le_bytes(*end) as usize == rest.len() => rest,
                    _ => return Err(Damage::WrongEntryType),
                },
                _ => return Err(Damage::WrongEntryType),
            };
            Ok(Beside::Record(Value::decode(record, rest)?))
        }
        _ => Err(Damage::WrongEntryType),
    }
}

/// Decodes a number of eight big-endian bytes.
fn number(bytes: &[u8]) -> Result<Value, Invalid> {
    match bytes.try_into() {
        Ok(bytes) => Ok(Value::Nat(u64::from_be_bytes(bytes).into())),
        Err(_) => Err(Invalid("a number in a key has the wrong length")),
    }
}
