//! The error type of all operations, and the reasons that it names.

mod cursor;
mod damage;
mod foreign;
mod violation;

use core::fmt;

pub use cursor::CursorFault;
pub use damage::Damage;
pub use foreign::Foreign;
pub use violation::{Broken, IndexIncomplete, Violation};

use crate::evolution::{Problem, Report};
use crate::numbers::PageNumber;

/// An error of any operation. The store is as it was before the call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The memory cannot grow any further.
    #[error(
        "out of memory: no room for {pages} more pages of 4 KiB; remove entries, or give the memory more room"
    )]
    OutOfMemory {
        /// Pages that were needed.
        pages: u64,
    },
    /// A key's encoding is longer than a key may be.
    #[error(
        "a key takes {len} bytes when it is encoded: keys may take {max} (a zero byte in a text or in bytes that \
         another part follows takes two)"
    )]
    KeyTooLong {
        /// Bytes of the encoded key.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A value's encoding is longer than 4 GiB.
    #[error("a value of {len} bytes: values may have {max}")]
    ValueTooLong {
        /// Bytes of the value.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The memory holds something else. It was not changed.
    #[error("this memory holds {0}, not a Graven store; it was not touched")]
    Foreign(Foreign),
    /// The memory was written by a newer Graven. It was not changed.
    #[error("this memory has format {found}; this code reads up to {known}: use a newer graven")]
    NewerFormat {
        /// Format found.
        found: u32,
        /// Newest format that this code knows.
        known: u32,
    },
    /// The memory was written by a newer Graven, in a way that this code must not read or write. It
    /// was not changed.
    #[error(
        "{} uses features that this code does not know (bits {features:#x}): use a newer graven",
        Owner(root.as_deref())
    )]
    UnknownFeatures {
        /// The name of the root with the features. `None` for the store.
        root: Option<Box<str>>,
        /// The features, a bit for each.
        features: u32,
    },
    /// A store whose memory another store has opened since. Two stores would overwrite each other's
    /// entries, so the older one may no longer write.
    #[error(
        "this memory was opened again, as another store: open each memory once and use that store everywhere; the older \
         store can no longer be used"
    )]
    Superseded,
    /// The memory is shorter than its superblock says.
    #[error("this memory ends after {found} bytes of {expected}: it was cut off; use a complete copy")]
    Truncated {
        /// Bytes that the superblock counts.
        expected: u64,
        /// Bytes that the memory has.
        found: u64,
    },
    /// Bytes that no version of this code writes.
    #[error("page {page} of {} is damaged: {reason}; {}", Owner(root.as_deref()), advice(root.as_deref()))]
    Damaged {
        /// The name of the root that was read. `None` for the superblock, the catalog, the registry
        /// and free pages, which belong to no root.
        root: Option<Box<str>>,
        /// The page's number. Its address is 4,096 times the number.
        page: PageNumber,
        /// The reason.
        #[source]
        reason: Damage,
    },
    /// The code does not fit what is stored. Nothing was changed.
    #[error("{0}")]
    Refused(Box<Report>),
    /// More roots than a catalog holds.
    #[error("{count} roots: a store holds at most {max}")]
    TooManyRoots {
        /// Roots declared.
        count: usize,
        /// Roots allowed.
        max: usize,
    },
    /// More layouts than a registry numbers.
    #[error("{count} layouts: a store holds at most {max}")]
    TooManyLayouts {
        /// Layouts stored and declared.
        count: usize,
        /// Layouts allowed.
        max: usize,
    },
    /// A cursor from which this collection cannot continue. Nothing was read.
    #[error("this cursor cannot be used: {reason}; begin again without a cursor")]
    BadCursor {
        /// The reason.
        #[source]
        reason: CursorFault,
    },
    /// A key that is not greater than the key before it, where keys have to ascend. It was not
    /// stored.
    #[error("keys have to ascend: the one at position {position} is not greater than the one before")]
    NotAscending {
        /// Its position in the input, from 0.
        position: u64,
    },
    /// A row that a table does not accept. Nothing was changed.
    #[error("{0}")]
    Violation(Box<Violation>),
    /// An index that is not complete, since it is new and the sweep has not reached its end.
    #[error("{0}")]
    IndexIncomplete(Box<IndexIncomplete>),
    /// A table from which rows were removed with a row of another table, while an iterator read it.
    #[error(
        "rows of `{root}` were removed together with a row of another table while an iterator read them: end it first"
    )]
    ChangedWhileRead {
        /// The name of the table, or of its index.
        root: Box<str>,
    },
    /// A root's name that cannot be stored.
    #[error("a root's name has 1 to 255 bytes and is used once; `{name}` is not such a name")]
    BadName {
        /// The name.
        name: String,
    },
}

impl Error {
    /// Returns problems as an error, if there are any.
    ///
    /// # Errors
    /// [`Error::Refused`].
    #[doc(hidden)]
    pub fn of_problems(problems: Vec<Problem>) -> Result<()> {
        if problems.is_empty() { Ok(()) } else { Err(Error::Refused(Box::new(Report { problems }))) }
    }
}

// Results are moved in every operation, so what errors carry is small or in a box.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<Error>() <= 24);

/// The owner of a page, in words.
struct Owner<'a>(Option<&'a str>);

impl fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "the root `{name}`"),
            None => f.write_str("the store"),
        }
    }
}

/// Returns what an operator can do about a damaged page.
const fn advice(root: Option<&str>) -> &'static str {
    match root {
        Some(_) => "load a snapshot of the canister, or copy what `try_` methods can still read",
        None => "load a snapshot of the canister",
    }
}

/// A result whose error is that of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Panics with the error's message, as short forms of methods do. In a canister that is a trap,
/// which rolls the message back.
///
/// # Panics
/// Always.
#[track_caller]
#[cold]
#[expect(clippy::panic, reason = "short forms of methods are documented to panic")]
pub fn fail(error: &Error) -> ! {
    panic!("{error}")
}

/// A result of a `try_` method, from which the short form takes the value.
pub trait OrFail {
    /// The value if there was no error.
    type Value;

    /// Returns the value, or panics with the error's message and the location in the user's code.
    /// Callers are `#[track_caller]` themselves and call this outside of closures.
    fn or_fail(self) -> Self::Value;
}

impl<T> OrFail for Result<T> {
    type Value = T;

    #[inline(always)]
    #[track_caller]
    fn or_fail(self) -> T {
        match self {
            Ok(value) => value,
            Err(error) => fail(&error),
        }
    }
}
