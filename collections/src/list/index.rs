//! Ranges of indices.

/// Returns the indices of a range, which is checked as std checks that of a slice.
#[track_caller]
pub(crate) fn indices(range: impl core::ops::RangeBounds<u64>, len: u64) -> core::ops::Range<u64> {
    let (start, end) = crate::engine::bounds::numbers(&range, len);
    assert!(start <= end, "slice index starts at {start} but ends at {end}");
    assert!(end <= len, "range end index {end} out of range for slice of length {len}");
    start..end
}
