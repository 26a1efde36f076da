//! Ranges of keys, and their encodings.

use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use graven_core::key::{KeyBuf, KeyPrefix, KeyRef, StableKey};

use crate::codec::keys::written_as;
use crate::engine::bounds::KeyRange;

/// A range of keys of type `K`, with bounds of type `Q`: a key or its borrowed form.
///
/// It is implemented for std's ranges and for pairs of [`Bound`]s. A `RangeBounds<K>` of unknown
/// type is passed as the pair `(range.start_bound(), range.end_bound())`.
///
/// # Example: names by borrowed text
/// ```
/// use graven_collections::{BTreeMap, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut ages: BTreeMap<String, u32> = open("ages", DefaultMemoryImpl::default()).unwrap();
/// ages.extend([("Ada".into(), 36), ("Bob".into(), 7), ("Cy".into(), 50)]);
/// assert_eq!(ages.range("B"..).count(), 2);
/// assert_eq!(ages.range::<str, _>("Ada"..="Bob").count(), 2);
/// assert_eq!(ages.range("B".to_string()..).count(), 2);
/// assert_eq!(ages.range(..).count(), 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a range of keys of type `{K}`",
    note = "a range of unknown type is passed as `(range.start_bound(), range.end_bound())`"
)]
pub trait KeyBounds<K: StableKey, Q: ?Sized>: sealed::Sealed {
    /// Returns the encoded bounds. `last` is `true` if nothing follows the keys.
    #[doc(hidden)]
    fn encoded(&self, last: bool) -> (Bound<KeyBuf>, Bound<KeyBuf>);
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for RangeFull {}

/// Fixes `Q` to `K`, so that the compiler can infer the type of the missing bounds.
impl<K: StableKey> KeyBounds<K, K> for RangeFull {
    fn encoded(&self, _: bool) -> KeyRange {
        (Bound::Unbounded, Bound::Unbounded)
    }
}

macro_rules! key_bounds {
    ($($range:ident),+) => {$(
        impl<T> sealed::Sealed for $range<T> {}

        impl<K: StableKey, Q: KeyRef<K>> KeyBounds<K, Q> for $range<Q> {
            fn encoded(&self, last: bool) -> KeyRange {
                let written = |key: &Q| written_as(key, last);
                (self.start_bound().map(written), self.end_bound().map(written))
            }
        }

        impl<K: StableKey, Q: KeyRef<K> + ?Sized> KeyBounds<K, Q> for $range<&Q> {
            fn encoded(&self, last: bool) -> KeyRange {
                let bounds: (Bound<&&Q>, Bound<&&Q>) = (self.start_bound(), self.end_bound());
                (bounds.0.map(|key| written_as(*key, last)), bounds.1.map(|key| written_as(*key, last)))
            }
        }
    )+};
}

/// A pair of bounds.
type Pair<T> = (Bound<T>, Bound<T>);

key_bounds!(Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive, Pair);

/// Returns the encoded bounds of a range of keys.
///
/// # Panics
/// As std's, with the same messages: if the range begins after its end, or if both bounds are equal
/// and excluded.
#[track_caller]
pub(crate) fn encode_range<K: StableKey, Q: ?Sized>(
    range: &impl KeyBounds<K, Q>,
    collection: &str,
) -> KeyRange {
    checked_range(range.encoded(true), collection)
}

/// Returns encoded bounds.
///
/// # Panics
/// As [`encode_range`].
#[track_caller]
#[inline(always)]
pub(crate) fn checked_range((start, end): KeyRange, collection: &str) -> KeyRange {
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
    prefix.write_prefix(&mut start, true);
    beginning_with(start)
}

/// Returns the range of the encodings that begin with these bytes.
pub(crate) fn beginning_with(start: KeyBuf) -> KeyRange {
    let end = after(&start);
    (Bound::Included(start), end)
}

/// Returns the bound of a range's end at which all keys that begin with these bytes have ended.
pub(crate) fn after(prefix: &KeyBuf) -> Bound<KeyBuf> {
    prefix.after_prefix().map_or(Bound::Unbounded, Bound::Excluded)
}
