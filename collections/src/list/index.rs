//! Ranges of indices.

/// Returns the indices of a range, which is checked as std checks that of a slice.
#[track_caller]
pub(crate) fn indices(range: impl core::ops::RangeBounds<u64>, len: u64) -> core::ops::Range<u64> {
    use core::ops::Bound;
    let start = match range.start_bound() {
        Bound::Included(start) => *start,
        Bound::Excluded(before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(last) => last.saturating_add(1),
        Bound::Excluded(end) => *end,
        Bound::Unbounded => len,
    };
    assert!(start <= end, "slice index starts at {start} but ends at {end}");
    assert!(end <= len, "range end index {end} out of range for slice of length {len}");
    start..end
}
