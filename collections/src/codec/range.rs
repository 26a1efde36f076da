//! Encodes ranges of keys.

use crate::engine::bounds::KeyRange;
use std::ops::{Bound, RangeBounds};

use graven_core::key::{KeyBuf, KeyPrefix, StableKey, encode_key};

/// Returns the encoded bounds of a range of keys.
///
/// # Panics
/// As std's, with the same messages: if the range begins after its end, or if both bounds are equal
/// and excluded.
#[track_caller]
pub(crate) fn encode_range<K: StableKey>(range: &impl RangeBounds<K>, collection: &str) -> KeyRange {
    let bound = |bound: Bound<&K>| bound.map(encode_key);
    let (start, end) = (bound(range.start_bound()), bound(range.end_bound()));
    if let (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) =
        (&start, &end)
    {
        let order = low.as_slice().cmp(high.as_slice());
        let excluded = matches!((&start, &end), (Bound::Excluded(_), Bound::Excluded(_)));
        assert!(order.is_le(), "range start is greater than range end in {collection}");
        assert!(order.is_lt() || !excluded, "range start and end are equal and excluded in {collection}");
    }
    (start, end)
}

/// Returns the range of the encodings that begin with a prefix.
pub(crate) fn prefix_range<K: StableKey, P: KeyPrefix<K> + ?Sized>(prefix: &P) -> KeyRange {
    let mut start = KeyBuf::new();
    prefix.write_prefix(&mut start);
    let end = start.after_prefix().map_or(Bound::Unbounded, Bound::Excluded);
    (Bound::Included(start), end)
}
