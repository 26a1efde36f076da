//! Conversion of values of one page to the current layout. The user's conversions run here, before
//! anything is written.

use graven_core::store::{OnPage, Root};
use graven_core::{Memory, Result};

use crate::engine::cell::{Convert, StoredValue};

/// The limit of bytes of values, old and new, that one step holds in memory. A single value may be
/// larger.
pub(crate) const STEP: usize = 1 << 20;

/// The values of a leaf that a step converts.
#[derive(Clone, Copy)]
pub(crate) enum Due {
    /// All values that are not in the current layout.
    Old,
    /// All values in one layout.
    Layout(u16),
}

/// The observations of a background migration since its first leaf or bucket. They are lost with
/// the heap; the next pass then starts over.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MigrationProgress {
    /// `true` if the pass began at the first leaf or bucket.
    pub(crate) is_whole: bool,
    /// `true` if the pass met a page with values in a previous layout.
    pub(crate) found: bool,
    /// `true` if the pass met a slotted leaf of a sequence.
    pub(crate) nodes: bool,
}

/// Values in the current layout that are not written yet.
pub(crate) struct Converted {
    /// The values, each with its position in the page.
    pub(crate) values: Vec<(usize, Vec<u8>)>,
    /// The first position that is still due, if there is one.
    pub(crate) rest: Option<usize>,
}

/// Converts the first value that is due, and further ones until they reach [`STEP`] bytes or
/// `spent` returns `true`.
///
/// # Errors
/// [`Error::Damaged`](graven_core::Error::Damaged).
pub(crate) fn some<'a, M: Memory>(
    root: &Root<M>,
    convert: Convert,
    due: impl Iterator<Item = Result<(usize, StoredValue<'a>)>>,
    spent: &mut dyn FnMut() -> bool,
) -> Result<Converted> {
    let (mut values, mut bytes) = (Vec::new(), 0usize);
    for item in due {
        let (position, found) = item?;
        let old = found.len();
        if !values.is_empty() && (bytes.saturating_add(old) > STEP || spent()) {
            return Ok(Converted { values, rest: Some(position) });
        }
        let value = one(root, convert, found)?;
        bytes = bytes.saturating_add(old).saturating_add(value.len());
        values.push((position, value));
    }
    Ok(Converted { values, rest: None })
}

/// Returns a value of a previous layout, converted to the current one.
///
/// # Errors
/// [`Error::Damaged`](graven_core::Error::Damaged).
pub(crate) fn one<M: Memory>(root: &Root<M>, convert: Convert, found: StoredValue<'_>) -> Result<Vec<u8>> {
    let plan = &root.old_layout(found.layout, found.page)?.plan;
    convert(plan, &found.read(root.pager())?).on_page(root, found.page)
}
