//! Keeping or taking out the elements of which a function says so.

use crate::walk;
use std::iter::FusedIterator;
use std::ops::RangeBounds;

use graven_core::key::StableKey;
use graven_core::store::{Budget, Collection};
use graven_core::{Memory, Result};

use crate::codec::range::encode_range;
use crate::cursor::{Cursor, Direction};
use crate::engine::bounds::KeyRange;
use crate::map::btree;
use crate::set::btree::BTreeSet;
use crate::walk::{Decision, Walked};

/// The elements that [`BTreeSet::extract_within`] removed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Extracted<T> {
    /// The elements, no longer in the set.
    pub elements: Vec<T>,
    /// The cursor of the next call; `None` when everything is done.
    pub next: Option<Cursor>,
}

/// Takes elements out of a set, one with each step: see [`BTreeSet::extract_if`].
pub struct ExtractIf<'a, T: StableKey, M: Memory>(Inner<'a, T, M>);

type Inner<'a, T, M> = btree::ExtractIf<'a, T, (), M, Box<dyn FnMut(&T, &mut ()) -> bool + 'a>>;

impl<T: StableKey, M: Memory> BTreeSet<T, M> {
    /// Keeps the elements of which `keep` says so, all in this message: for sets that are known to
    /// be small. Reads each leaf once and writes those that change, once.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.map.retain(|value, ()| keep(value));
    }

    /// Keeps elements of a range from a cursor on, or from its start, until the budget is spent;
    /// the rest waits for the next call, in this message or after an upgrade. The budget counts
    /// elements: at most so many are removed, and 64 times as many looked at; one always is.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) or
    /// [`Error::BadCursor`](graven_core::Error::BadCursor): nothing has changed then. If some
    /// leaves were done before, the call ends without an error and the next one meets it.
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
    /// let walked = ends.retain_within(..500, None, &mut Budget::entries(100), |end| end % 2 == 1).unwrap();
    /// assert_eq!(walked.removed, 100);
    /// let from = walked.next.unwrap();
    /// ends.retain_within(..500, Some(&from), &mut Budget::entries(1_000), |end| end % 2 == 1).unwrap();
    /// assert_eq!(ends.len(), 750);
    /// ```
    pub fn retain_within(
        &mut self,
        range: impl RangeBounds<T>,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut keep: impl FnMut(&T) -> bool,
    ) -> Result<Walked> {
        self.walk(encode_range(&range, "BTreeSet"), from, budget, |value| {
            if keep(&value) { Decision::Keep(()) } else { Decision::Remove }
        })
    }

    /// Takes out the elements of a range of which `takes` says so, lazily: see
    /// [`btree::BTreeMap::extract_if`].
    ///
    /// # Panics
    /// As [`BTreeSet::range`].
    pub fn extract_if<'a, F: FnMut(&T) -> bool + 'a>(
        &'a mut self,
        range: impl RangeBounds<T>,
        mut takes: F,
    ) -> ExtractIf<'a, T, M> {
        ExtractIf(btree::ExtractIf::new(
            &mut self.map,
            encode_range(&range, "BTreeSet"),
            Box::new(move |value, ()| takes(value)),
        ))
    }

    /// Takes out such elements while the budget lasts, which continues as
    /// [`BTreeSet::retain_within`]. Each leaf is written once.
    ///
    /// # Errors
    /// As [`BTreeSet::retain_within`]: nothing was taken out then.
    ///
    /// # Panics
    /// As [`BTreeSet::range`].
    pub fn extract_within(
        &mut self,
        range: impl RangeBounds<T>,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut takes: impl FnMut(&T) -> bool,
    ) -> Result<Extracted<T>> {
        let mut elements = Vec::new();
        let walked = self.walk(encode_range(&range, "BTreeSet"), from, budget, |value| {
            if !takes(&value) {
                return Decision::Keep(());
            }
            elements.push(value);
            Decision::Remove
        })?;
        // Those of a leaf that could not be written are still in it.
        elements.truncate(walked.removed as usize);
        Ok(Extracted { elements, next: walked.next })
    }

    fn walk(
        &mut self,
        range: KeyRange,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut decide: impl FnMut(T) -> Decision<()>,
    ) -> Result<Walked> {
        let (direction, mut range) = Cursor::ahead(from, range, self.root(), &Self::SPEC, T::KEY_SIZE)?;
        walk::only_forward(direction)?;
        let (mut walked, is_done) = self.map.walk_range(&mut range, budget, |value, ()| Ok(decide(value)))?;
        if !is_done {
            walked.next = Some(Cursor::ordered(self.root(), &Self::SPEC, Direction::Forward, &range.0));
        }
        Ok(walked)
    }
}

impl<T: StableKey, M: Memory> ExtractIf<'_, T, M> {
    /// Like `next`, with what goes wrong as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged); nothing was taken out then.
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
