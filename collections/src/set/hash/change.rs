//! Retaining and extracting elements.

use std::iter::FusedIterator;

use graven_core::key::StableKey;
use graven_core::store::{Budget, Collection};
use graven_core::{Memory, Result};

use crate::cursor::Cursor;
use crate::engine::progress::Step;
use crate::map::hash;
use crate::set::hash::HashSet;
use crate::walk::{Decision, Extracted};

impl<T: StableKey, M: Memory> HashSet<T, M> {
    /// Keeps the elements for which `keep` returns `true`: see
    /// [`HashMap::retain`](crate::HashMap::retain).
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.map.retain(|element, ()| keep(element));
    }

    /// Keeps the elements for which `keep` returns `true`, from a cursor on, until the budget is
    /// spent: see [`HashMap::retain_within`](crate::HashMap::retain_within).
    ///
    /// # Errors
    /// As [`HashMap::retain_within`](crate::HashMap::retain_within).
    pub fn retain_within(
        &mut self,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut keep: impl FnMut(&T) -> bool,
    ) -> Result<Step<Cursor>> {
        let (walked, next) = self.map.walk_as(&Self::SPEC, from, budget, |element, ()| {
            if keep(&element) { Decision::Keep(()) } else { Decision::Remove }
        })?;
        Ok(walked.step(next))
    }

    /// Removes and returns the elements for which `takes` returns `true`, lazily: see
    /// [`HashMap::extract_if`](crate::HashMap::extract_if).
    pub fn extract_if<'a, F: FnMut(&T) -> bool + 'a>(&'a mut self, mut takes: F) -> ExtractIf<'a, T, M> {
        ExtractIf(self.map.extract_if(Box::new(move |element, ()| takes(element))))
    }

    /// Removes and returns the elements for which `takes` returns `true`, until the budget is
    /// spent. Continues like [`HashSet::retain_within`].
    ///
    /// # Errors
    /// As [`HashMap::retain_within`](crate::HashMap::retain_within). Nothing was removed then.
    pub fn extract_within(
        &mut self,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut takes: impl FnMut(&T) -> bool,
    ) -> Result<Extracted<T>> {
        let (entries, step) = self.map.extract_as(&Self::SPEC, from, budget, |element, ()| takes(element))?;
        Ok((entries.into_iter().map(|(element, ())| element).collect(), step))
    }
}

/// An iterator that removes and returns elements of a set: see [`HashSet::extract_if`].
pub struct ExtractIf<'a, T: StableKey, M: Memory>(Inner<'a, T, M>);

type Inner<'a, T, M> = hash::ExtractIf<'a, T, (), M, Box<dyn FnMut(&T, &mut ()) -> bool + 'a>>;

impl<T: StableKey, M: Memory> ExtractIf<'_, T, M> {
    /// Like [`Iterator::next`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing was removed then.
    pub fn try_next(&mut self) -> Result<Option<T>> {
        Ok(self.0.try_next()?.map(|(element, ())| element))
    }
}

impl<T: StableKey, M: Memory> Iterator for ExtractIf<'_, T, M> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next().map(|(element, ())| element)
    }
}

impl<T: StableKey, M: Memory> FusedIterator for ExtractIf<'_, T, M> {}

opaque!([T: StableKey, M: Memory] ExtractIf<'_, T, M>, "ExtractIf");
