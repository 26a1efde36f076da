//! The contents of memories that are not stores.

use core::fmt;

/// The contents of a memory that is not a store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// A structure of `ic-stable-structures`.
    StableStructures(&'static str),
    /// Candid, as `ic_cdk::storage::stable_save` writes.
    Candid,
    /// Zeros at the beginning of a memory that is not empty.
    Zeros,
    /// Something else that begins with these bytes.
    Unknown([u8; 8]),
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Foreign::StableStructures(what) => write!(f, "a {what} of ic-stable-structures"),
            Foreign::Candid => f.write_str("candid (as ic_cdk::storage::stable_save writes)"),
            Foreign::Zeros => f.write_str("zeros at its beginning"),
            Foreign::Unknown(bytes) => write!(f, "unknown data beginning with {bytes:02x?}"),
        }
    }
}
