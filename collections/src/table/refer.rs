//! Rows that refer to rows: checks before a row is written, and the table as others see it.

use std::ops::Bound;

use graven_core::error::{Broken, IndexIncomplete, Violation};
use graven_core::key::KeyBuf;
use graven_core::page::PageNumber;
use graven_core::store::OnPage;
use graven_core::{Damage, Error, Memory, Result};

use crate::codec::range::beginning_with;
use crate::codec::value::decode_found;
use crate::engine::cell::StoredValue;
use crate::table::Record;
use crate::table::body::Body;
use crate::table::entries::Entry;
use crate::table::index::IndexTree;
use crate::table::links::{Linked, Referrer};

/// The keys of the rows that a row refers to, in the order of [`Record::REFERENCES`].
pub(super) type Targets = Vec<Option<KeyBuf>>;

/// References of rows to rows.
impl<R: Record, M: Memory> Body<R, M> {
    /// Returns the keys of the rows that a row refers to.
    pub(super) fn targets_of(&self, row: &R) -> Targets {
        (0..R::REFERENCES.len()).map(|at| self.target_of(row, at)).collect()
    }

    /// Returns the key that a row refers to by the reference at a position, if it refers to one.
    #[expect(clippy::unused_self, reason = "it names the type of the row")]
    pub(super) fn target_of(&self, row: &R, at: usize) -> Option<KeyBuf> {
        let mut key = KeyBuf::new();
        R::REFERENCES.get(at).filter(|reference| (reference.to)(row, &mut key))?;
        Some(key)
    }

    /// Checks that the rows exist to which a row refers and did not refer `before`. A row may refer
    /// to itself.
    pub(super) fn check_targets(&self, row: &KeyBuf, targets: &Targets, before: &Targets) -> Result<()> {
        for (at, target) in targets.iter().enumerate() {
            let Some(target) = target.as_ref().filter(|_| before.get(at) != Some(target)) else { continue };
            if let Some(violation) = self.broken_reference(at, row, target)? {
                return Err(Error::Violation(Box::new(violation)));
            }
        }
        Ok(())
    }

    /// Returns the violation by a row that refers to one that does not exist, if that is so.
    pub(super) fn broken_reference(
        &self,
        at: usize,
        row: &KeyBuf,
        target: &KeyBuf,
    ) -> Result<Option<Violation>> {
        let table = self.links.target(at);
        let is_itself =
            table.as_ref().is_some_and(|table| table.page() == self.root().page()) && row == target;
        if is_itself || table.as_ref().map_or(Ok(false), |table| table.has_row(target))? {
            return Ok(None);
        }
        let name = R::REFERENCES.get(at).map_or("", |reference| reference.name).to_owned();
        let target_name = table.map_or_else(String::new, |table| table.name().to_owned());
        Ok(Some(self.violation(Broken::Reference { name, target: target_name }, target)))
    }

    /// Returns the position of the reference whose index is the one at a position.
    pub(super) fn reference_of(index: usize) -> Option<usize> {
        R::REFERENCES.iter().position(|reference| reference.index == index)
    }

    /// Returns the index of a reference.
    ///
    /// # Errors
    /// As [`Body::index_at`].
    pub(super) fn reference_index(&self, at: usize) -> Result<&IndexTree<M>> {
        self.index_at(R::REFERENCES.get(at).map_or(usize::MAX, |reference| reference.index))
    }

    /// Returns the index at a position.
    ///
    /// # Errors
    /// [`Error::IndexIncomplete`], since it does not have all rows then.
    #[inline]
    pub(super) fn index_at(&self, at: usize) -> Result<&IndexTree<M>> {
        let index = self.any_index_at(at)?;
        if index.is_complete() { Ok(index) } else { Err(self.incomplete(index)) }
    }

    /// Returns the index at a position, also if it is not complete.
    pub(super) fn any_index_at(&self, at: usize) -> Result<&IndexTree<M>> {
        let index = self.indexes.get(at);
        index.ok_or_else(|| self.root().damaged(self.root().page(), Damage::MissingEntry))
    }

    /// Returns the error for an index that is not complete.
    #[cold]
    pub(super) fn incomplete(&self, index: &IndexTree<M>) -> Error {
        let root = index.tree.root();
        let (index, done) = (root.name().to_owned(), root.state().len.get());
        Error::IndexIncomplete(Box::new(IndexIncomplete { index, done, rows: self.rows.len() }))
    }
}

impl<R: Record, M: Memory> Linked for Body<R, M> {
    fn name(&self) -> &str {
        self.root().name()
    }

    fn page(&self) -> PageNumber {
        self.root().page()
    }

    fn has_row(&self, key: &KeyBuf) -> Result<bool> {
        Ok(self.rows.tree.lookup(Self::SIZES, key.as_slice(), |_| Ok(()))?.is_some())
    }

    fn referrers(&self) -> Vec<Referrer> {
        self.links.referrers()
    }

    fn add_referrer(&self, referrer: Referrer) {
        self.links.add_referrer(referrer);
    }

    fn reference(&self, at: usize) -> (&'static str, bool) {
        R::REFERENCES.get(at).map_or(("", false), |reference| (reference.name, reference.cascades))
    }

    fn referring(&self, at: usize, target: &KeyBuf, most: usize) -> Result<Vec<KeyBuf>> {
        let index = self.reference_index(at)?;
        let (mut value, mut keys) = (KeyBuf::new(), Vec::new());
        let Some(reference) = R::REFERENCES.get(at) else { return Ok(keys) };
        (reference.value)(target.as_slice(), &mut value).on_page(self.root(), self.root().page())?;
        let range = if index.is_unique {
            (Bound::Included(value.clone()), Bound::Included(value))
        } else {
            beginning_with(value)
        };
        let mut walk = index.walk(range);
        while keys.len() < most {
            let read = |key: &[u8], found: StoredValue<'_>| index.row_key(key, found).map(KeyBuf::from);
            let Some(key) = walk.next(index.sizes(), read)? else { break };
            keys.push(key);
        }
        Ok(keys)
    }

    fn any_referring(&self, at: usize) -> Result<Option<KeyBuf>> {
        let index = self.reference_index(at)?;
        // Rows that refer to none come first.
        let mut walk = index.walk((Bound::Unbounded, Bound::Unbounded));
        let is_optional = R::REFERENCES.get(at).is_some_and(|reference| reference.is_optional);
        let last = walk.next_back(index.sizes(), |key, found| {
            let refers = !is_optional || key.first() != Some(&0);
            Ok(if refers { Some(KeyBuf::from(index.row_key(key, found)?)) } else { None })
        })?;
        Ok(last.flatten())
    }

    fn entries_at(&self, key: &KeyBuf) -> Result<Vec<Entry>> {
        let tree = &self.rows.tree;
        let row: Option<R> =
            tree.lookup(Self::SIZES, key.as_slice(), |found| decode_found(tree.root(), found))?;
        let row = row.ok_or_else(|| self.root().damaged(self.root().page(), Damage::MissingEntry))?;
        self.entries_of(&row, key)
    }

    fn remove_row(&self, key: &KeyBuf, entries: &[Entry]) -> Result<()> {
        // Iterators of this table may exist: only the other table is borrowed.
        self.rows.tree.end_walks();
        self.indexes.iter().for_each(|index| index.tree.end_walks());
        self.rows.tree.remove(Self::SIZES, key.as_slice(), |_| Ok(()))?;
        self.remove_entries(key, entries.iter())
    }
}
