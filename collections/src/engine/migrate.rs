//! Conversion of values of one page to the current layout. The user's conversions run here, before
//! anything is written.

use graven_core::page::LayoutId;
use graven_core::store::{Budget, OnPage, Root};
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
    Layout(LayoutId),
}

/// The limits of a step, which converts some values of a page.
pub(crate) trait Limits {
    /// Returns `true` if the step ends before the next value.
    fn is_spent(&mut self) -> bool;

    /// Runs the conversion of the value at a position of the page. Returns `None` if it fails and
    /// the value is to be skipped.
    fn attempt(
        &mut self,
        _position: usize,
        _key: &[u8],
        convert: &mut dyn FnMut() -> Result<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>> {
        convert().map(Some)
    }
}

impl<F: FnMut() -> bool> Limits for F {
    fn is_spent(&mut self) -> bool {
        self()
    }
}

/// The limits of a sweep.
pub(crate) struct Sweep<'a, 'b>(pub(crate) &'a mut Budget<'b>);

impl Limits for Sweep<'_, '_> {
    fn is_spent(&mut self) -> bool {
        self.0.is_spent_within_page()
    }

    fn attempt(
        &mut self,
        _: usize,
        key: &[u8],
        convert: &mut dyn FnMut() -> Result<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>> {
        self.0.attempt(key, convert)
    }
}

/// The observations of a background migration since its first leaf or bucket. They are lost with
/// the heap; the next pass then starts over.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the pass")]
pub(crate) struct MigrationProgress {
    /// `true` if the pass began at the first leaf or bucket.
    pub(crate) is_whole: bool,
    /// `true` if the pass met a page with values in a previous layout.
    pub(crate) found: bool,
    /// `true` if the pass met a slotted leaf of a sequence.
    pub(crate) nodes: bool,
    /// `true` if the pass skipped a value.
    pub(crate) skipped: bool,
}

impl MigrationProgress {
    /// Returns the state of a pass that begins at the first leaf or bucket.
    pub(crate) fn of_whole() -> Self {
        MigrationProgress { is_whole: true, ..MigrationProgress::default() }
    }
}

/// Values in the current layout that are not written yet.
pub(crate) struct Converted {
    /// The values, each with its position in the page.
    pub(crate) values: Vec<(usize, Vec<u8>)>,
    /// The first position that is still due, if there is one.
    pub(crate) rest: Option<usize>,
    /// `true` if values before `rest` were skipped and are in previous layouts.
    pub(crate) skipped: bool,
}

/// A value that is due: its position in the page, its key and its bytes.
pub(crate) type DueValue<'a> = (usize, &'a [u8], StoredValue<'a>);

/// Converts the first value that is due, and further ones until they reach [`STEP`] bytes or the
/// limits are reached.
///
/// # Errors
/// [`Error::Damaged`](graven_core::Error::Damaged).
pub(crate) fn some<'a, M: Memory>(
    root: &Root<M>,
    convert: Convert,
    due: impl Iterator<Item = Result<DueValue<'a>>>,
    limits: &mut dyn Limits,
) -> Result<Converted> {
    let (mut values, mut bytes, mut skipped) = (Vec::new(), 0usize, false);
    for item in due {
        let (position, key, found) = item?;
        let old = found.len();
        if !values.is_empty() && (bytes.saturating_add(old) > STEP || limits.is_spent()) {
            return Ok(Converted { values, rest: Some(position), skipped });
        }
        let Some(value) = limits.attempt(position, key, &mut || one(root, convert, found))? else {
            skipped = true;
            continue;
        };
        bytes = bytes.saturating_add(old).saturating_add(value.len());
        values.push((position, value));
    }
    Ok(Converted { values, rest: None, skipped })
}

/// Returns a value of a previous layout, converted to the current one.
///
/// # Errors
/// [`Error::Damaged`](graven_core::Error::Damaged).
pub(crate) fn one<M: Memory>(root: &Root<M>, convert: Convert, found: StoredValue<'_>) -> Result<Vec<u8>> {
    let plan = &root.old_layout(found.layout, found.page)?.plan;
    convert(plan, &found.read(root.pager())?).on_page(root, found.page)
}
