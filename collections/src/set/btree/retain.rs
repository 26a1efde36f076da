//! Keeps or extracts the elements that a function selects.

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
    /// The removed elements.
    pub elements: Vec<T>,
    /// The cursor of the next call, or `None` if nothing is left.
    pub next: Option<Cursor>,
}

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
    /// let walked = ends.retain_within(..500, None, &mut Budget::entries(100), |end| end % 2 == 1).unwrap();
    /// assert_eq!(walked.removed, 100);
    /// let from = walked.next.unwrap();
    /// ends.retain_within(..500, Some(&from), &mut Budget::entries(1_000), |end| end % 2 == 1).unwrap();
    /// assert_eq!(ends.len(), 750);
    /// ```
    #[track_caller]
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

    /// Returns a lazy iterator that removes and returns the elements of a range for which `takes`
    /// returns `true`: see [`btree::BTreeMap::extract_if`].
    ///
    /// # Panics
    /// As [`BTreeSet::range`].
    #[track_caller]
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

    /// Removes and returns the elements for which `takes` returns `true`, until the budget is
    /// spent. Continues as [`BTreeSet::retain_within`] does. Writes each leaf once.
    ///
    /// # Errors
    /// As [`BTreeSet::retain_within`]: nothing was removed then.
    ///
    /// # Panics
    /// As [`BTreeSet::range`].
    #[track_caller]
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
        // Drop the elements of a leaf that could not be written: the set still has them.
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
