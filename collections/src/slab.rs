//! Values by assigned numbers that are never reused. The tree is that of `btree_map`.

use std::cell::Cell;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats, VerifyPosition};
use graven_core::{Damage, DefaultMemoryImpl, Memory, Result};

use crate::cursor::{Cursor, Page};
use crate::engine::btree::Tree;
use crate::engine::verify::{Audit, check_within};
use crate::map::btree::{BTreeMap, Iter};

/// Values of type `T` by assigned ids: the first value gets 0, the next one 1, and so on.
///
/// An id is never reused, so it needs no generation: the id of a removed value stays invalid
/// forever. Ids have 64 bits; a million values in a second use them up in 584,000 years. Costs are
/// those of a [`BTreeMap<u64, T>`](crate::BTreeMap). Ids are ascending, so pages are filled.
///
/// # Example: tickets
/// ```
/// use graven_collections::{Slab, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut tickets: Slab<String> = open("tickets", DefaultMemoryImpl::default()).unwrap();
/// let first = tickets.insert("It does not print".into());
/// let second = tickets.insert("It prints too much".into());
/// assert_eq!(tickets.remove(first).as_deref(), Some("It does not print"));
/// assert_eq!(tickets.get(first), None);
/// assert_eq!(tickets.get(second).as_deref(), Some("It prints too much"));
/// ```
pub struct Slab<T, M: Memory = DefaultMemoryImpl> {
    pub(crate) values: BTreeMap<u64, T, M>,
    next: Cell<u64>,
}

/// The offset of the next id in the bytes of the collection.
pub(crate) const NEXT_AT: usize = 0;

impl<T: StableLayout, M: Memory> Slab<T, M> {
    /// Returns the number of values. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.values.len()
    }

    /// Returns `true` if there are no values. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the id of the next value. Reads nothing.
    #[must_use]
    pub fn next_id(&self) -> u64 {
        self.next.get()
    }

    /// Adds a value and returns its id.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Slab::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, value: T) -> u64 {
        self.try_insert(value).or_fail()
    }

    /// Like [`Slab::insert`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The slab is unchanged then.
    pub fn try_insert(&mut self, value: T) -> Result<u64> {
        let id = self.next.get();
        let reason = Damage::NextNumber;
        let broken = self.root().damaged(self.values.root().page(), reason);
        let Some(next) = id.checked_add(1) else { return Err(broken) };
        if self.values.try_contains_key(&id)? {
            return Err(broken);
        }
        self.values.try_insert(id, value)?;
        self.values.root().write_extra(NEXT_AT, &next.to_le_bytes())?;
        self.next.set(next);
        Ok(id)
    }

    /// Returns the value of an id.
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get(&self, id: u64) -> Option<T> {
        self.values.get(&id)
    }

    /// Like [`Slab::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get(&self, id: u64) -> Result<Option<T>> {
        self.values.try_get(&id)
    }

    /// Returns `true` if an id has a value.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn contains(&self, id: u64) -> bool {
        self.values.contains_key(&id)
    }

    /// Sets the value of an id and returns the old one. Returns `None` and changes nothing if the
    /// id has no value.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Slab::try_replace`] does not.
    #[track_caller]
    pub fn replace(&mut self, id: u64, value: T) -> Option<T> {
        self.try_replace(id, value).or_fail()
    }

    /// Like [`Slab::replace`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Slab::try_insert`].
    pub fn try_replace(&mut self, id: u64, value: T) -> Result<Option<T>> {
        if self.values.try_contains_key(&id)? { self.values.try_insert(id, value) } else { Ok(None) }
    }

    /// Sets the value of an id without decoding the old one. Returns `false` and changes nothing if
    /// the id has no value.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Slab::try_set`] does not.
    #[track_caller]
    pub fn set(&mut self, id: u64, value: T) -> bool {
        self.try_set(id, value).or_fail()
    }

    /// Like [`Slab::set`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Slab::try_insert`].
    pub fn try_set(&mut self, id: u64, value: T) -> Result<bool> {
        Ok(self.values.try_contains_key(&id)? && self.values.try_set(id, value)?)
    }

    /// Changes the value of an id, writes it back and returns what `change` returns. Returns `None`
    /// if the id has no value.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Slab::try_update`] does not.
    #[track_caller]
    pub fn update<R>(&mut self, id: u64, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.try_update(id, change).or_fail()
    }

    /// Like [`Slab::update`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Slab::try_insert`].
    pub fn try_update<R>(&mut self, id: u64, change: impl FnOnce(&mut T) -> R) -> Result<Option<R>> {
        self.values.try_update(&id, change)
    }

    /// Removes and returns the value of an id. The id is not reused.
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_remove`] does not.
    #[track_caller]
    pub fn remove(&mut self, id: u64) -> Option<T> {
        self.values.remove(&id)
    }

    /// Like [`Slab::remove`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove(&mut self, id: u64) -> Result<Option<T>> {
        self.values.try_remove(&id)
    }

    /// Removes the value of an id without decoding it. Returns `true` if there was one.
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_delete`] does not.
    #[track_caller]
    pub fn delete(&mut self, id: u64) -> bool {
        self.try_delete(id).or_fail()
    }

    /// Like [`Slab::delete`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_delete(&mut self, id: u64) -> Result<bool> {
        self.values.try_delete(&id)
    }

    /// Removes all values. Their ids are not reused. Takes constant time at any size.
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`Slab::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.values.try_clear()
    }

    /// Returns an iterator over the values and their ids in the order of the ids, from both ends.
    /// Reads one page for each leaf.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, u64, T, M> {
        self.values.iter()
    }

    /// Returns at most `limit` values with their ids, beginning at a cursor or at the least id: see
    /// [`BTreeMap::page`](crate::BTreeMap::page). Each value that stays is returned exactly once.
    /// Values that are added in between come at the end.
    ///
    /// # Errors
    /// [`Error::BadCursor`](graven_core::Error::BadCursor) for a cursor of another collection or a
    /// cursor that was tampered with; [`Error::Damaged`](graven_core::Error::Damaged).
    ///
    /// # Example: two at a time
    /// ```
    /// # use graven_collections::{Slab, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut names: Slab<String> = open("names", DefaultMemoryImpl::default()).unwrap();
    /// names.extend(["Ada", "Bob", "Cy"].map(String::from));
    /// let first = names.page(None, 2).unwrap();
    /// names.remove(0);
    /// names.insert("Di".into());
    /// let second = names.page(first.next.as_ref(), 2).unwrap();
    /// assert_eq!(second.items, [(2, "Cy".to_string()), (3, "Di".to_string())]);
    /// assert_eq!(second.next, None);
    /// ```
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<(u64, T)>> {
        self.values.page_as(&Self::SPEC, (Bound::Unbounded, Bound::Unbounded), from, limit)
    }

    /// Returns the size of the slab and the layouts of its pages. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.values.stats()
    }

    /// Checks the tree and the ids. Reads every page, so a large slab may not fit in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first fault that is found.
    pub fn verify(&self) -> Result<()> {
        check(&self.values.tree, self.next.get(), &mut Audit::first())
    }
}

/// Checks the tree and, if it is whole, that the next id is higher than all ids.
pub(crate) fn check<M: Memory>(tree: &Tree<M>, next: u64, audit: &mut Audit<'_>) -> Result<()> {
    let before = audit.count();
    audit.part(|audit| tree.check(audit))?;
    if audit.count() > before {
        return Ok(());
    }
    audit.part(|_| check_next(tree, next))
}

/// Checks that the next id is higher than all ids.
fn check_next<M: Memory>(tree: &Tree<M>, next: u64) -> Result<()> {
    let mut walk = tree.cursor(Bound::Unbounded, Bound::Unbounded);
    let last = walk.next_back(tree.context.sizes, |key, _| Ok(key.first_chunk().copied()))?;
    match last.flatten() {
        Some(last) if u64::from_be_bytes(last) >= next => {
            Err(tree.root().damaged(tree.root().page(), Damage::NextNumber))
        }
        _ => Ok(()),
    }
}

/// Returns the next id of the slab of a root.
pub(crate) fn next_id<M: Memory>(root: &Root<M>) -> u64 {
    let mut next = [0; 8];
    // A checked root has a page, so this does not fail.
    let _ = root.read_extra(NEXT_AT, &mut next);
    u64::from_le_bytes(next)
}

impl<T: StableLayout, M: Memory> Collection for Slab<T, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<T>("", CollectionKind::Slab, None);

    fn attach(root: Root<M>) -> Self {
        let next = Cell::new(next_id(&root));
        Slab { values: BTreeMap::attach(root), next }
    }

    fn root(&self) -> &Root<M> {
        self.values.root()
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| check(&self.values.tree, self.next.get(), audit))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.values.sweep(budget)
    }
}

impl<T: StableLayout + core::fmt::Debug, M: Memory> core::fmt::Debug for Slab<T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

iterable!([T: StableLayout, M: Memory] Slab<T, M> => Iter<'a, u64, T, M>);
extendable!([T: StableLayout, M: Memory] Slab<T, M>, T, insert);
equal_in_order!([T: StableLayout, M: Memory, N: Memory] Slab<T, M>, Slab<T, N>, T);
