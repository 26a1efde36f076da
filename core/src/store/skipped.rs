//! Values that a sweep could not convert.

use core::fmt;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Result};

/// The most skipped values that a budget lists.
const MAX_LISTED: usize = 100;

/// A value that a sweep could not convert to the current layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The root's name.
    pub root: String,
    /// The encoded key of the value in the root. In a list it is the index, and in a `Nested` or
    /// `Records` it begins with a number of the inner collection. In all of them numbers are
    /// big-endian.
    pub key: Vec<u8>,
    /// The reason: the text of the error, or the message of the panic.
    pub why: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: key 0x", self.root)?;
        self.key.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, ": {}", self.why)
    }
}

/// The values that were skipped since the list was last taken.
#[derive(Default)]
pub(super) struct SkippedList {
    values: Vec<(Vec<u8>, String)>,
    listed: usize,
    count: u64,
}

impl SkippedList {
    /// Returns how often a value was skipped.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Runs a conversion. Returns `None` if the value is damaged or the conversion panics. The
    /// caller must not have begun a change that the conversion completes.
    pub(super) fn attempt<T>(
        &mut self,
        key: &[u8],
        convert: impl FnOnce() -> Result<T>,
    ) -> Result<Option<T>> {
        let why = match catch_unwind(AssertUnwindSafe(convert)) {
            Ok(Ok(value)) => return Ok(Some(value)),
            Ok(Err(error @ Error::Damaged { .. })) => error.to_string(),
            Ok(Err(error)) => return Err(error),
            Err(panic) => words(&*panic),
        };
        self.count += 1;
        // Each step of a page's migration finds the skipped values again.
        let is_known = self.values.iter().any(|(known, _)| known == key);
        if !is_known && self.listed < MAX_LISTED {
            self.values.push((key.to_vec(), why));
            self.listed += 1;
        }
        Ok(None)
    }

    /// Moves the listed values to `all`, with the name of their root.
    pub(super) fn take(&mut self, root: &str, all: &mut Vec<Skipped>) {
        all.extend(self.values.drain(..).map(|(key, why)| Skipped { root: root.to_owned(), key, why }));
    }
}

/// Returns the message of a panic.
fn words(panic: &dyn Any) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "the conversion panicked".to_owned())
}
