//! Conditions on the rows of a table, and how their rows are found.

use std::ops::Bound;
use std::rc::Rc;

use graven_core::key::KeyBuf;
use graven_core::{Memory, Result};

use crate::engine::bounds::KeyRange;
use crate::table::Record;
use crate::table::body::add_entries;
use crate::table::index::IndexTree;

/// A condition on the rows of a table.
pub(super) enum Node<'a, R, M> {
    /// None: all rows.
    Every,
    /// A range of an index.
    Index(Narrowed<'a, M>),
    /// A function that is asked about each row.
    Check(Rc<dyn Fn(&R) -> bool + 'a>),
    /// All of these.
    All(Parts<'a, R, M>),
    /// At least one of these.
    Any(Parts<'a, R, M>),
}

/// Several conditions.
pub(super) type Parts<'a, R, M> = Vec<Rc<Node<'a, R, M>>>;

impl<R, M> Node<'_, R, M> {
    /// Returns the condition that all of these are met.
    pub(super) fn all_of(mut parts: Vec<Rc<Self>>) -> Rc<Self> {
        parts.retain(|part| !matches!(**part, Node::Every));
        match parts.as_slice() {
            [only] => Rc::clone(only),
            [] => Rc::new(Node::Every),
            _ => Rc::new(Node::All(parts)),
        }
    }

    /// Returns the condition that at least one of these is met.
    pub(super) fn any_of(parts: Vec<Rc<Self>>) -> Rc<Self> {
        Rc::new(Node::Any(parts))
    }
}

/// A range of an index.
pub(super) struct Narrowed<'a, M> {
    /// The position of the index.
    pub(super) at: usize,
    pub(super) index: &'a IndexTree<M>,
    pub(super) range: KeyRange,
    /// `true` if the range is a single value. The keys of its rows ascend then.
    pub(super) is_equal: bool,
    /// `true` if the index has all rows. Otherwise the condition is checked on each row.
    pub(super) is_complete: bool,
}

impl<R: Record, M: Memory> Node<'_, R, M> {
    /// Returns `true` if the keys of the rows can be found in order, at least those that some part
    /// of the condition allows.
    pub(super) fn is_ordered(&self) -> bool {
        match self {
            Node::Index(narrowed) => narrowed.is_equal && narrowed.is_complete,
            Node::All(parts) => parts.iter().any(|part| part.is_ordered()),
            Node::Any(parts) => parts.iter().all(|part| part.is_ordered()),
            Node::Every | Node::Check(_) => false,
        }
    }

    /// Returns `true` if no index leads to the rows, so that all of them are read.
    pub(super) fn needs_scan(&self) -> bool {
        match self {
            Node::Every | Node::Check(_) => true,
            Node::Index(narrowed) => !narrowed.is_complete,
            Node::All(parts) => parts.iter().all(|part| part.needs_scan()),
            Node::Any(parts) => parts.iter().any(|part| part.needs_scan()),
        }
    }

    /// Returns `true` if a row meets the condition. Reads nothing.
    pub(super) fn holds(&self, row: &R, key: &KeyBuf) -> Result<bool> {
        match self {
            Node::Every => Ok(true),
            Node::Check(check) => Ok(check(row)),
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

/// Returns the position of the part of an `and` without order whose rows are read. The others are
/// checked on them.
pub(super) fn source_of_all<R: Record, M: Memory>(parts: &[Rc<Node<'_, R, M>>]) -> usize {
    parts.iter().position(|part| !part.needs_scan()).unwrap_or(0)
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
