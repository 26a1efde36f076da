//! The reasons why a collection cannot be filled.

use core::fmt;

use graven_core::Error;
use graven_core::layout::Invalid;
use graven_core::store::CollectionKind;

/// A reason why a collection cannot be filled, or an entry not be added.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// A root that is not declared.
    UnknownRoot(String),
    /// A kind of collection that this does not fill.
    Kind(CollectionKind),
    /// An entry without a part, or with a part of another type.
    Missing(&'static str),
    /// A key that is not of the layout of keys.
    Key,
    /// A value that is not of the current layout.
    Value(Invalid),
    /// A row whose key is not that of its fields.
    RowKey,
    /// A key that is there, or a second value of a `Cell`.
    Duplicate,
    /// An entry of a list that is not the next one.
    Order {
        /// The number of the next entry.
        expected: u64,
    },
    /// A key of a ranked map that is not after the one before it.
    KeyOrder,
    /// A handle of a queue that another value has, or that no queue gives.
    Handle,
    /// An item of `Records` whose record did not come before.
    NoRecord,
    /// A store that does not open with these declarations, or a failure to write.
    Store(Error),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::UnknownRoot(name) => write!(f, "no root `{name}` is declared"),
            LoadError::Kind(kind) => write!(f, "entries of a {} cannot be loaded", kind.name()),
            LoadError::Missing(part) => write!(f, "it has no `{part}` of the collection's type"),
            LoadError::Key => f.write_str("its `key` is not of the collection's type"),
            LoadError::Value(why) => write!(f, "its `value` is not of the current layout: {}", why.0),
            LoadError::RowKey => f.write_str("its `key` is not that of the fields in its `value`"),
            LoadError::Duplicate => f.write_str("there was an entry with its key before"),
            LoadError::Order { expected } => write!(f, "the number of the next entry is {expected}"),
            LoadError::KeyOrder => {
                f.write_str("its `key` is not after the one before it, as it has to be in a RankedMap")
            }
            LoadError::Handle => {
                f.write_str("its `handle` is that of another value, or none that a PriorityQueue gives")
            }
            LoadError::NoRecord => f.write_str("the record with its `key` has to come before it"),
            LoadError::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LoadError::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl From<Error> for LoadError {
    fn from(error: Error) -> Self {
        LoadError::Store(error)
    }
}
