//! Bringing some values of a page to the current layout, before anything is written: all of the
//! user's code is here.

use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

use crate::engine::cell::{Convert, StoredValue};

/// Bytes of values, old and new, that one step takes into memory; a single value may be larger.
pub(crate) const STEP: usize = 1 << 20;

/// Which values of a leaf a step converts.
#[derive(Clone, Copy)]
pub(crate) enum Due {
    /// Those that are not in the current layout.
    Old,
    /// Those of one layout.
    Layout(u16),
}

/// The observations of a background migration since it passed the first leaf or bucket. They are
/// lost with the heap, which does no harm: the next pass starts over.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MigrationProgress {
    /// The pass began at the first leaf or bucket.
    pub(crate) is_whole: bool,
    /// The pass met a page with values in a previous layout.
    pub(crate) found: bool,
    /// The pass met a slotted leaf of a sequence.
    pub(crate) nodes: bool,
}

/// Values in the current layout that are not written yet.
pub(crate) struct Converted {
    /// Each with its position in the page.
    pub(crate) values: Vec<(usize, Vec<u8>)>,
    /// The first position of those that are still due, if any are.
    pub(crate) rest: Option<usize>,
}

/// Converts values that are due: one, and more as long as they are short and nothing is `spent`.
///
/// # Errors
/// [`Error::Damaged`].
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

/// A value of an older layout in the current one.
///
/// # Errors
/// [`Error::Damaged`].
pub(crate) fn one<M: Memory>(root: &Root<M>, convert: Convert, found: StoredValue<'_>) -> Result<Vec<u8>> {
    let plan = &root.old_layout(found.layout, found.page)?.plan;
    convert(plan, &found.read(root.pager())?).map_err(|why| Error::invalid(found.page, why))
}
