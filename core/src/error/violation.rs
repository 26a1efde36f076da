//! Rows that a table does not accept, and indexes that do not have all rows.

use core::fmt;

/// A row that a table does not accept: why, and which other row is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The name of the table.
    pub table: String,
    /// The rule that the row would break.
    pub rule: Broken,
    /// The encoded key of the row that is in the way. For [`Broken::KeyChanged`] and
    /// [`Broken::Cascade`] it is that of the row itself, and for [`Broken::Reference`] that of the
    /// row that does not exist.
    pub row: Vec<u8>,
}

/// A rule of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// No two rows have the same key.
    Key,
    /// No two rows have the same value in this unique index.
    Unique {
        /// The name of the index.
        index: String,
    },
    /// An update in place keeps the key.
    KeyChanged,
    /// A row refers to rows that exist.
    Reference {
        /// The name of the reference, which is that of its index.
        name: String,
        /// The name of the table that it refers to.
        target: String,
    },
    /// A row to which others refer stays, unless they go with it.
    Referred {
        /// The name of the table of the row that refers to it.
        by: String,
        /// The name of the reference.
        name: String,
    },
    /// A removal takes at most this number of rows with it.
    Cascade {
        /// The number.
        most: usize,
    },
}

impl Violation {
    /// Returns the violation as words about a row that exists.
    #[doc(hidden)]
    #[must_use]
    pub fn by(&self, row: &[u8]) -> String {
        let (row, other) = (Hex(row), Hex(&self.row));
        match &self.rule {
            Broken::Reference { target, .. } => {
                format!("{row} refers to {other} of `{target}`, which does not exist")
            }
            _ => format!("{row} has the value of {other}"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = &self.table;
        match &self.rule {
            Broken::Key => write!(f, "`{table}` has a row with the key {} already", Hex(&self.row)),
            Broken::Unique { index } => {
                write!(
                    f,
                    "the index `{index}` of `{table}` is unique, and the row {} has this value already",
                    Hex(&self.row)
                )
            }
            Broken::KeyChanged => {
                write!(
                    f,
                    "an update of `{table}` changed the key of the row {}: remove the row and insert another one",
                    Hex(&self.row)
                )
            }
            Broken::Reference { name, target } => {
                write!(
                    f,
                    "the row of `{table}` refers by `{name}` to the row {} of `{target}`, which does not exist",
                    Hex(&self.row)
                )
            }
            Broken::Referred { by, name } => {
                write!(
                    f,
                    "the row of `{table}` stays, since the row {} of `{by}` refers to it by `{name}`",
                    Hex(&self.row)
                )
            }
            Broken::Cascade { most } => {
                write!(
                    f,
                    "more than {most} rows would be removed with the row {} of `{table}`: use `remove_within`",
                    Hex(&self.row)
                )
            }
        }
    }
}

impl core::error::Error for Violation {}

/// An index that is not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexIncomplete {
    /// The name of its root, as in `users.email`.
    pub index: String,
    /// The number of entries that it has.
    pub done: u64,
    /// The number of rows of the table.
    pub rows: u64,
}

impl fmt::Display for IndexIncomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IndexIncomplete { index, done, rows } = self;
        write!(
            f,
            "the index `{index}` has {done} of {rows} rows so far: sweep the store, or let its timer do so \
             (`canister!(…, sweep = …)`)"
        )
    }
}

/// An encoded key, as digits of 4 bits.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
