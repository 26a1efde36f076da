//! Ranges of entries from what people type.

use std::ops::Bound;

use graven_collections::stored::{EncodedRange, StoredRoot, Value};
use graven_core::Memory;

use crate::parse::parse;

/// Returns the range of the entries of one key.
///
/// # Errors
/// A sentence that says what the keys of the root are.
pub fn key_range<M: Memory>(root: &StoredRoot<M>, key: &str) -> Result<EncodedRange, String> {
    let key = parsed(root, key)?;
    let range = root.range_of(Bound::Included(&key), Bound::Included(&key));
    range.ok_or_else(|| no_key(root))
}

/// Returns the range of the entries whose keys begin with a text, bytes, or the first parts of a
/// key.
///
/// # Errors
/// A sentence that says what the keys of the root are.
pub fn prefix_range<M: Memory>(root: &StoredRoot<M>, prefix: &str) -> Result<EncodedRange, String> {
    let prefix = parsed(root, prefix)?;
    root.range_of_prefix(&prefix).ok_or_else(|| no_key(root))
}

/// Returns the range `A..B` or `A..=B` of keys, either of which may be left out.
///
/// # Errors
/// A sentence that says what a range is, or what the keys of the root are.
pub fn between<M: Memory>(root: &StoredRoot<M>, range: &str) -> Result<EncodedRange, String> {
    let words = || format!("`{range}` is no range: write A..B or A..=B");
    let (start, end) = range.split_once("..").ok_or_else(words)?;
    let (end, is_included) = end.strip_prefix('=').map_or((end, false), |end| (end, true));
    let key = |text: &str| if text.is_empty() { Ok(None) } else { parsed(root, text).map(Some) };
    let (start, end) = (key(start)?, key(end)?);
    let start = start.as_ref().map_or(Bound::Unbounded, Bound::Included);
    let end = match &end {
        None => Bound::Unbounded,
        Some(end) if is_included => Bound::Included(end),
        Some(end) => Bound::Excluded(end),
    };
    root.range_of(start, end).ok_or_else(|| no_key(root))
}

fn parsed<M: Memory>(root: &StoredRoot<M>, key: &str) -> Result<Value, String> {
    parse(root.key_layout().ok_or_else(|| no_key(root))?, key)
}

fn no_key<M: Memory>(root: &StoredRoot<M>) -> String {
    let name = root.name();
    match root.key_layout() {
        Some(layout) => format!("that is no key of `{name}`, whose keys are {layout}"),
        None => format!("`{name}` has no keys: it is a single value"),
    }
}
