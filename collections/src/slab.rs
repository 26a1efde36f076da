//! Values by the number that they were given, which no other value ever gets. The tree below is
//! `btree_map`'s.

use std::cell::Cell;
use std::ops::Bound;

use graven_core::error::fail;
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats};
use graven_core::{DefaultMemoryImpl, Error, Memory, Result};

use crate::cursor::{Cursor, Page};
use crate::map::btree::{BTreeMap, Iter};

/// Values of type `T` by ids that are given out: the first value gets 0, the next one 1, and so on.
///
/// An id is never used again, so it needs no generation beside it: the id of a value that was
/// removed leads nowhere for ever. Ids are 64 bits wide; a million values in a second use them up
/// in 584,000 years. Costs are those of a [`BTreeMap<u64, T>`](crate::BTreeMap); since ids rise,
/// pages are filled.
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

/// Offset, in the bytes of the collection, of the next id.
const NEXT_AT: usize = 0;

impl<T: StableLayout, M: Memory> Slab<T, M> {
    /// Number of values. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.values.len()
    }

    /// Returns whether there are no values. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The id that the next value gets. Reads nothing.
    #[must_use]
    pub fn next_id(&self) -> u64 {
        self.next.get()
    }

    /// Adds a value and gives its id.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Slab::try_insert`] does not.
    pub fn insert(&mut self, value: T) -> u64 {
        self.try_insert(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Slab::insert`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::ValueTooLong`] or [`Error::Damaged`]; the slab is as it
    /// was.
    pub fn try_insert(&mut self, value: T) -> Result<u64> {
        let id = self.next.get();
        let why = "its next id is not higher than those given";
        let broken = Error::Damaged { page: self.values.root().page(), why };
        let Some(next) = id.checked_add(1) else { return Err(broken) };
        if self.values.try_contains_key(&id)? {
            return Err(broken);
        }
        self.values.try_insert(id, value)?;
        self.values.root().write_extra(NEXT_AT, &next.to_le_bytes())?;
        self.next.set(next);
        Ok(id)
    }

    /// The value of an id.
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_get`] does not.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<T> {
        self.values.get(&id)
    }

    /// Like [`Slab::get`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get(&self, id: u64) -> Result<Option<T>> {
        self.values.try_get(&id)
    }

    /// Returns whether an id has a value.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn contains(&self, id: u64) -> bool {
        self.values.contains_key(&id)
    }

    /// Sets the value of an id that has one, and gives the old one. `None`, and nothing is changed,
    /// where it has none.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Slab::try_replace`] does not.
    pub fn replace(&mut self, id: u64, value: T) -> Option<T> {
        self.try_replace(id, value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Slab::replace`].
    ///
    /// # Errors
    /// As [`Slab::try_insert`].
    pub fn try_replace(&mut self, id: u64, value: T) -> Result<Option<T>> {
        if self.values.try_contains_key(&id)? { self.values.try_insert(id, value) } else { Ok(None) }
    }

    /// Changes the value of an id and writes it back; `None` where it has none.
    ///
    /// # Panics
    /// When out of memory or on damaged memory.
    pub fn update<R>(&mut self, id: u64, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut value = self.get(id)?;
        let result = change(&mut value);
        self.values.insert(id, value);
        Some(result)
    }

    /// Removes the value of an id, which no other value gets.
    ///
    /// # Panics
    /// On damaged memory; [`Slab::try_remove`] does not.
    pub fn remove(&mut self, id: u64) -> Option<T> {
        self.values.remove(&id)
    }

    /// Like [`Slab::remove`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_remove(&mut self, id: u64) -> Result<Option<T>> {
        self.values.try_remove(&id)
    }

    /// Removes all values; their ids are not used again. Constant time at any size.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn clear(&mut self) {
        self.values.clear();
    }

    /// All values with their ids in the order of these, both ways. Reads one page for each leaf.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, u64, T, M> {
        self.values.iter()
    }

    /// At most `limit` values with their ids, from a cursor on or from the least id: see
    /// [`BTreeMap::page`](crate::BTreeMap::page). A walk gives each value that stays exactly once,
    /// and those that are added in between at its end.
    ///
    /// # Errors
    /// [`Error::BadCursor`] for a cursor of another collection, or one that was changed;
    /// [`Error::Damaged`].
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

    /// Size of the slab and the layouts that its pages are in. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.values.stats()
    }

    /// Checks everything. Reads every page, so not for large slabs in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.values.verify()?;
        match self.values.keys().next_back() {
            Some(last) if last >= self.next.get() => {
                let why = "its next id is not higher than those given";
                Err(Error::Damaged { page: self.values.root().page(), why })
            }
            _ => Ok(()),
        }
    }
}

impl<T: StableLayout, M: Memory> Collection for Slab<T, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<T>("", CollectionKind::Slab, None);

    fn attach(root: Root<M>) -> Self {
        let mut next = [0; 8];
        // A root that was checked has a page.
        let _ = root.read_extra(NEXT_AT, &mut next);
        Slab { values: BTreeMap::attach(root), next: Cell::new(u64::from_le_bytes(next)) }
    }

    fn root(&self) -> &Root<M> {
        self.values.root()
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.values.sweep(budget)
    }
}

impl<T: StableLayout, M: Memory> Extend<T> for Slab<T, M> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| {
            self.insert(value);
        });
    }
}

impl<'a, T: StableLayout, M: Memory> IntoIterator for &'a Slab<T, M> {
    type Item = (u64, T);
    type IntoIter = Iter<'a, u64, T, M>;

    fn into_iter(self) -> Iter<'a, u64, T, M> {
        self.iter()
    }
}

impl<T: StableLayout + core::fmt::Debug, M: Memory> core::fmt::Debug for Slab<T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
