//! Conditions on the rows of a table, as bytes.

use std::ops::Bound;
use std::rc::Rc;

use graven_core::key::KeyBuf;
use graven_core::{Memory, Result};

use crate::engine::bounds::KeyRange;
use crate::table::Record;
use crate::table::body::add_entries;
use crate::table::index::IndexTree;

/// A condition on the rows of a table.
pub(super) enum Node<'a, M> {
    /// A range of an index.
    Index(Narrowed<'a, M>),
    /// All of these.
    All(Vec<Rc<Node<'a, M>>>),
    /// At least one of these.
    Any(Vec<Rc<Node<'a, M>>>),
}

/// A range of an index.
pub(super) struct Narrowed<'a, M> {
    /// The position of the index.
    pub(super) at: usize,
    pub(super) index: &'a IndexTree<M>,
    pub(super) range: KeyRange,
    /// `true` if the range is a single value. The keys of its rows ascend then.
    pub(super) is_equal: bool,
}

impl<M: Memory> Node<'_, M> {
    /// Returns `true` if the keys of the rows can be found in ascending order, at least those that
    /// some part of the condition allows.
    pub(super) fn is_ordered(&self) -> bool {
        match self {
            Node::Index(narrowed) => narrowed.is_equal,
            Node::All(parts) => parts.iter().any(|part| part.is_ordered()),
            Node::Any(parts) => parts.iter().all(|part| part.is_ordered()),
        }
    }

    /// Returns `true` if a row meets the condition. Reads nothing.
    pub(super) fn holds<R: Record>(&self, row: &R, key: &KeyBuf) -> Result<bool> {
        match self {
            Node::Index(narrowed) => Ok(narrowed.first_entry(row, key)?.is_some()),
            Node::All(parts) => {
                for part in parts {
                    if !part.holds(row, key)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Node::Any(parts) => {
                for part in parts {
                    if part.holds(row, key)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

impl<M: Memory> Narrowed<'_, M> {
    /// Returns the first entry of a row that is in the range.
    pub(super) fn first_entry<R: Record>(&self, row: &R, key: &KeyBuf) -> Result<Option<KeyBuf>> {
        let mut entries = Vec::new();
        add_entries(self.at, row, key, &mut entries)?;
        let keys = entries.into_iter().map(|entry| entry.key).filter(|key| contains(&self.range, key));
        Ok(keys.min_by(|a, b| a.as_slice().cmp(b.as_slice())))
    }

    /// Returns the only value of the range.
    pub(super) fn value(&self) -> KeyBuf {
        match &self.range.0 {
            Bound::Included(value) => value.clone(),
            _ => KeyBuf::new(),
        }
    }
}

fn contains((start, end): &KeyRange, key: &KeyBuf) -> bool {
    let is_after = match start {
        Bound::Included(start) => key.as_slice() >= start.as_slice(),
        Bound::Excluded(start) => key.as_slice() > start.as_slice(),
        Bound::Unbounded => true,
    };
    is_after
        && match end {
            Bound::Included(end) => key.as_slice() <= end.as_slice(),
            Bound::Excluded(end) => key.as_slice() < end.as_slice(),
            Bound::Unbounded => true,
        }
}
