//! Walks that change entries leaf by leaf, and continue in a later message when the budget ends.

use crate::engine::progress::Step;
use crate::walk::{Decision, Extracted, Walked, only_forward};
use graven_core::key::{StableKey, decode_key};
use graven_core::layout::{StableLayout, encode};
use graven_core::store::{Budget, Collection, OnPage, RootSpec};
use graven_core::{Memory, Result};

use crate::codec::value;
use crate::codec::value::Encoded;
use crate::cursor::Cursor;
use crate::engine::bounds::KeyRange;
use crate::engine::btree::edit::{Edit, Editor};
use crate::engine::cell::StoredValue;
use crate::map::btree::BTreeMap;

/// An editor that calls `decide` with decoded entries while the budget lasts.
struct Typed<'m, 'b, 'c, K, V, M: Memory, F> {
    map: &'m BTreeMap<K, V, M>,
    budget: &'b mut Budget<'c>,
    decide: F,
}

impl<K, V, M, F> Editor for Typed<'_, '_, '_, K, V, M, F>
where
    K: StableKey,
    V: StableLayout,
    M: Memory,
    F: FnMut(K, V) -> Result<Decision<V>>,
{
    fn decide(&mut self, key: &[u8], found: StoredValue<'_>) -> Result<Edit> {
        let root = &self.map.tree.root();
        let key = decode_key(key).on_page(root, found.page)?;
        let stored = found.read(root.pager())?;
        let value: V = value::decode(root, found.page, found.layout, &stored)?;
        // A value in an older layout is unchanged if its current encoding stays the same.
        let before = if found.layout == root.current() { stored } else { encode(&value).into() };
        self.budget.charge_read();
        let edit = match (self.decide)(key, value)? {
            Decision::Remove => Edit::Remove,
            Decision::Keep(value) => {
                let after = Encoded::new(&value)?;
                match after.as_slice() == &*before {
                    true => return Ok(Edit::Keep),
                    false => Edit::Put(after.as_slice().to_vec()),
                }
            }
        };
        self.budget.charge_write();
        Ok(edit)
    }

    fn is_spent(&mut self) -> bool {
        self.budget.is_spent_between_entries()
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Calls `decide` with every entry of a range until the budget is spent, and moves the start of
    /// the range to what is left. Returns `true` beside the counts if nothing is left. Returns an
    /// error only for the first leaf, so an error means that nothing has changed. An error of a
    /// later leaf ends the call, and the next call returns it.
    pub(crate) fn walk_range(
        &mut self,
        range: &mut KeyRange,
        budget: &mut Budget<'_>,
        mut decide: impl FnMut(K, V) -> Result<Decision<V>>,
    ) -> Result<(Walked, bool)> {
        let mut walked = Walked::default();
        while !budget.is_spent() {
            let mut typed = Typed { map: self, budget, decide: &mut decide };
            let edited = match self.tree.edit_leaf(&range.0, &range.1, &mut typed) {
                Ok(edited) => edited,
                Err(error) if walked.seen == 0 => return Err(error),
                Err(_) => break,
            };
            walked.seen += edited.seen;
            walked.changed += edited.changed;
            walked.removed += edited.removed;
            match edited.next {
                Some(next) => range.0 = next,
                None => return Ok((walked, true)),
            }
        }
        Ok((walked, false))
    }

    /// Walks over the part of a range that a cursor has not passed.
    pub(super) fn walk(
        &mut self,
        range: KeyRange,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        decide: impl FnMut(K, V) -> Result<Decision<V>>,
    ) -> Result<Step<Cursor>> {
        self.walk_as(&Self::SPEC, range, from, budget, decide).map(|(walked, next)| walked.step(next))
    }

    /// Walks over a collection that is declared as `spec`. Returns the counts and the cursor of the
    /// next call.
    pub(crate) fn walk_as(
        &mut self,
        spec: &RootSpec,
        range: KeyRange,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        decide: impl FnMut(K, V) -> Result<Decision<V>>,
    ) -> Result<(Walked, Option<Cursor>)> {
        let (direction, mut range) = Cursor::ahead(from, range, self.root(), spec, K::KEY_SIZE)?;
        only_forward(direction)?;
        let (walked, is_done) = self.walk_range(&mut range, budget, decide)?;
        let next = || Cursor::ordered(self.root(), spec, direction, &range.0);
        Ok((walked, (!is_done).then(next)))
    }

    /// Walks until the budget is spent, and collects the entries for which `takes` returns `true`.
    pub(crate) fn extract_as(
        &mut self,
        spec: &RootSpec,
        range: KeyRange,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut takes: impl FnMut(&K, &mut V) -> bool,
    ) -> Result<Extracted<(K, V)>> {
        let mut entries = Vec::new();
        let (walked, next) = self.walk_as(spec, range, from, budget, |key, mut value| {
            if !takes(&key, &mut value) {
                return Ok(Decision::Keep(value));
            }
            entries.push((key, value));
            Ok(Decision::Remove)
        })?;
        // Drop the entries of a leaf that could not be written: the map still has them.
        entries.truncate(walked.removed as usize);
        Ok((entries, walked.step(next)))
    }

    /// Walks to the end in this message.
    pub(super) fn walk_all(
        &mut self,
        mut range: KeyRange,
        mut decide: impl FnMut(K, V) -> Result<Decision<V>>,
    ) -> Result<()> {
        let mut more = || true;
        while !self.walk_range(&mut range, &mut Budget::while_true(&mut more), &mut decide)?.1 {}
        Ok(())
    }
}
