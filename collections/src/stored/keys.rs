//! Keys of a root from values: for look-ups, ranges and prefixes.

use std::ops::Bound;

use graven_core::Memory;
use graven_core::ask::write_key;
use graven_core::key::KeyBuf;
use graven_core::layout::Prim;
use graven_core::layout::stored::OwnedLayout;
use graven_core::store::CollectionKind;

use super::Value;
use super::root::StoredRoot;
use crate::codec::range::{after, beginning_with};

/// A range of encoded keys.
pub type EncodedRange = (Bound<KeyBuf>, Bound<KeyBuf>);

impl<M: Memory> StoredRoot<M> {
    /// Returns the layout of the keys by which entries are found: that of a list's index, of the
    /// keys of all collections in a `Nested`, of the values of an index. A `Cell` has none.
    #[must_use]
    pub fn key_layout(&self) -> Option<&OwnedLayout> {
        const NUMBER: &OwnedLayout = &OwnedLayout::Prim(Prim::U64);
        match self.kind() {
            CollectionKind::Cell => None,
            CollectionKind::Vec | CollectionKind::Deque | CollectionKind::Log | CollectionKind::Slab => {
                Some(NUMBER)
            }
            kind => match self.stored_key() {
                Some(OwnedLayout::Tuple(keys)) if kind.is_nested() || kind == CollectionKind::Index => {
                    keys.first()
                }
                key => key,
            },
        }
    }

    /// Returns `true` if something follows the key in the keys of entries.
    fn is_followed(&self) -> bool {
        matches!(self.kind(), CollectionKind::Blobs | CollectionKind::Index)
    }

    /// Returns `true` if entries are in the order of their keys.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        use CollectionKind::*;
        !matches!(self.kind(), HashMap | HashSet | PriorityQueue | Cell)
    }

    /// Returns the range of the entries between two keys. Returns `None` if a key is not of the
    /// layout of the keys.
    #[must_use]
    pub fn range_of(&self, start: Bound<&Value>, end: Bound<&Value>) -> Option<EncodedRange> {
        let layout = self.key_layout()?;
        let encode = |value: &Value| {
            let mut key = KeyBuf::new();
            write_key(layout, value, &mut key, !self.is_followed()).map(|()| key)
        };
        let start = match start {
            Bound::Included(value) => Bound::Included(encode(value)?),
            Bound::Excluded(value) if self.is_followed() => match encode(value)?.after_prefix() {
                Some(key) => Bound::Included(key),
                None => Bound::Excluded(encode(value)?),
            },
            Bound::Excluded(value) => Bound::Excluded(encode(value)?),
            Bound::Unbounded => Bound::Unbounded,
        };
        let end = match end {
            Bound::Included(value) if self.is_followed() => after(&encode(value)?),
            Bound::Included(value) => Bound::Included(encode(value)?),
            Bound::Excluded(value) => Bound::Excluded(encode(value)?),
            Bound::Unbounded => Bound::Unbounded,
        };
        Some((start, end))
    }

    /// Returns the range of the entries whose keys begin with a value: a text or bytes with which
    /// the key begins, or a list of the first parts of a tuple or struct. Returns `None` if such a
    /// value is no prefix of the layout of the keys.
    #[must_use]
    pub fn range_of_prefix(&self, prefix: &Value) -> Option<EncodedRange> {
        let mut key = KeyBuf::new();
        write_prefix(self.key_layout()?, prefix, &mut key, !self.is_followed())?;
        Some(beginning_with(key))
    }
}

fn write_prefix(layout: &OwnedLayout, prefix: &Value, out: &mut KeyBuf, last: bool) -> Option<()> {
    use graven_core::key::KeyPrefix;

    match (layout, prefix) {
        (OwnedLayout::String | OwnedLayout::Text(_), Value::Text(text)) => {
            KeyPrefix::<String>::write_prefix(text.as_str(), out, last);
        }
        (OwnedLayout::Blob(_) | OwnedLayout::Vec(_) | OwnedLayout::Array(..), Value::Blob(bytes)) => {
            KeyPrefix::<Vec<u8>>::write_prefix(bytes.as_slice(), out, last);
        }
        (OwnedLayout::Tuple(parts), Value::List(values)) => {
            write_parts(&parts.iter().collect::<Vec<_>>(), values, out, last)?;
        }
        (OwnedLayout::Struct { fields, .. }, Value::List(values)) => {
            write_parts(&fields.iter().map(|field| &field.layout).collect::<Vec<_>>(), values, out, last)?;
        }
        (layout, value) => write_key(layout, value, out, last)?,
    }
    Some(())
}

/// Writes the first parts of a key. The last one given may be a prefix itself if it is a text.
fn write_parts(layouts: &[&OwnedLayout], values: &[Value], out: &mut KeyBuf, last: bool) -> Option<()> {
    if values.len() > layouts.len() {
        return None;
    }
    for ((layout, value), number) in layouts.iter().zip(values).zip(1..) {
        let is_end = number == layouts.len();
        if is_end { write_prefix(layout, value, out, last)? } else { write_key(layout, value, out, false)? }
    }
    Some(())
}
