//! Keeps or extracts the elements that a function selects.

use std::iter::FusedIterator;

use graven_core::key::StableKey;
use graven_core::store::{Budget, Collection};
use graven_core::{Memory, Result};

use crate::codec::range::{KeyBounds, encode_range};
use crate::cursor::Cursor;
use crate::engine::progress::Step;
use crate::map::btree;
use crate::set::btree::BTreeSet;
use crate::walk::{Decision, Extracted};

/// An iterator that removes the selected elements of a set: see [`BTreeSet::extract_if`].
pub struct ExtractIf<'a, T: StableKey, M: Memory>(Inner<'a, T, M>);

type Inner<'a, T, M> = btree::ExtractIf<'a, T, (), M, Box<dyn FnMut(&T, &mut ()) -> bool + 'a>>;

impl<T: StableKey, M: Memory> BTreeSet<T, M> {
    /// Keeps the elements for which `keep` returns `true`, in this message. For sets that are known
    /// to be small. Reads each leaf once, and writes each changed leaf once.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.map.retain(|value, ()| keep(value));
    }

    /// Keeps the elements of a range for which `keep` returns `true`, beginning at a cursor or at
    /// the start of the range, until the budget is spent. The next call continues, in this message
    /// or after an upgrade. The budget counts elements: it limits how many are removed, and 64
    /// times as many may be read. Each call reads at least one.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) or
    /// [`Error::BadCursor`](graven_core::Error::BadCursor): nothing has changed then. If some
    /// leaves were written before, this call returns no error; the next one does.
    ///
    /// # Panics
    /// As [`BTreeSet::range`].
    ///
    /// # Example: what is over
    /// ```
    /// # use graven_collections::{BTreeSet, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::Budget;
    /// let mut ends: BTreeSet<u64> = open("ends", DefaultMemoryImpl::default()).unwrap();
    /// ends.extend(0..1_000);
    /// let step = ends.retain_within(..500, None, &mut Budget::entries(100), |end| end % 2 == 1).unwrap();
    /// assert_eq!(step.count, 100);
    /// let from = step.next.unwrap();
    /// ends.retain_within(..500, Some(&from), &mut Budget::entries(1_000), |end| end % 2 == 1).unwrap();
    /// assert_eq!(ends.len(), 750);
    /// ```
    #[track_caller]
    pub fn retain_within<Q: ?Sized, R: KeyBounds<T, Q>>(
        &mut self,
        range: R,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut keep: impl FnMut(&T) -> bool,
    ) -> Result<Step<Cursor>> {
        let range = encode_range(&range, "BTreeSet");
        let (walked, next) = self.map.walk_as(&Self::SPEC, range, from, budget, |value, ()| {
            Ok(if keep(&value) { Decision::Keep(()) } else { Decision::Remove })
        })?;
        Ok(walked.step(next))
    }

    /// Returns a lazy iterator that removes and returns the elements of a range for which `takes`
    /// returns `true`: see [`btree::BTreeMap::extract_if`].
    ///
    /// # Panics
    /// As [`BTreeSet::range`].
    #[track_caller]
    pub fn extract_if<'a, Q: ?Sized, R: KeyBounds<T, Q>, F: FnMut(&T) -> bool + 'a>(
        &'a mut self,
        range: R,
        mut takes: F,
    ) -> ExtractIf<'a, T, M> {
        ExtractIf(btree::ExtractIf::new(
            &mut self.map,
            encode_range(&range, "BTreeSet"),
            Box::new(move |value, ()| takes(value)),
        ))
    }

    /// Removes and returns the elements for which `takes` returns `true`, until the budget is
    /// spent. Continues as [`BTreeSet::retain_within`] does. Writes each leaf once.
    ///
    /// # Errors
    /// As [`BTreeSet::retain_within`]: nothing was removed then.
    ///
    /// # Panics
    /// As [`BTreeSet::range`].
    #[track_caller]
    pub fn extract_within<Q: ?Sized, R: KeyBounds<T, Q>>(
        &mut self,
        range: R,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut takes: impl FnMut(&T) -> bool,
    ) -> Result<Extracted<T>> {
        let range = encode_range(&range, "BTreeSet");
        let (entries, step) =
            self.map.extract_as(&Self::SPEC, range, from, budget, |value, ()| takes(value))?;
        Ok((entries.into_iter().map(|(value, ())| value).collect(), step))
    }
}

impl<T: StableKey, M: Memory> ExtractIf<'_, T, M> {
    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged): nothing was removed then.
    pub fn try_next(&mut self) -> Result<Option<T>> {
        Ok(self.0.try_next()?.map(|(value, ())| value))
    }
}

impl<T: StableKey, M: Memory> Iterator for ExtractIf<'_, T, M> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next().map(|(value, ())| value)
    }
}

impl<T: StableKey, M: Memory> FusedIterator for ExtractIf<'_, T, M> {}

opaque!([T: StableKey, M: Memory] ExtractIf<'_, T, M>, "ExtractIf");
