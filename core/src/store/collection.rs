//! The interface between a collection and its store.

use ic_stable_structures::Memory;

use super::links::{Links, Target};
use super::{Budget, CollectionKind, Root, RootStats, VerifyPosition};
use crate::ask::{Answer, AskError, Request};
use crate::error::Result;
use crate::evolution::{History, Problem};
use crate::layout::stored::OwnedLayout;
use crate::layout::{Fingerprint, Layout, StableLayout};

/// The declaration of a root. It is built in `const`, so that fingerprints cost nothing when a
/// store is opened.
#[derive(Debug, Clone, Copy)]
pub struct RootSpec {
    /// Its name, under which it is stored.
    pub name: &'static str,
    /// Its former names. A root that is stored under one of them is this one.
    pub was: &'static [&'static str],
    /// The kind of the collection.
    pub kind: CollectionKind,
    /// The layout of its keys and that layout's fingerprint.
    pub key: Option<(&'static Layout, Fingerprint)>,
    /// The layout of its values.
    pub value: &'static Layout,
    /// The fingerprint of the value layout.
    pub value_fingerprint: Fingerprint,
    /// All layouts that its values may have been stored in.
    pub history: &'static History,
}

impl RootSpec {
    /// Returns the declaration of a collection of `V` with keys of layout `key`.
    #[must_use]
    pub const fn new<V: StableLayout>(
        name: &'static str,
        kind: CollectionKind,
        key: Option<&'static Layout>,
    ) -> Self {
        let key = match key {
            Some(layout) => Some((layout, layout.fingerprint())),
            None => None,
        };
        RootSpec {
            name,
            was: &[],
            kind,
            key,
            value: V::LAYOUT,
            value_fingerprint: V::LAYOUT.fingerprint(),
            history: V::HISTORY,
        }
    }

    /// Returns the declaration of a root whose values are the collection's own bytes. `definition`
    /// is a layout that says in words how they follow from the values of another root.
    ///
    /// # Panics
    /// If it is not a plain layout. In a constant, that is a compile error.
    #[must_use]
    #[expect(clippy::panic, reason = "a constant of the code, which is evaluated by the compiler")]
    pub const fn derived(
        name: &'static str,
        kind: CollectionKind,
        key: &'static Layout,
        definition: &'static History,
    ) -> Self {
        let History::Plain(layout) = definition else { panic!("a definition is a plain layout") };
        RootSpec {
            name,
            was: &[],
            kind,
            key: Some((key, key.fingerprint())),
            value: layout,
            value_fingerprint: layout.fingerprint(),
            history: definition,
        }
    }

    /// Returns the declaration under another name.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        RootSpec { name, ..self }
    }

    /// Returns the declaration with former names, under which the root may be stored.
    #[must_use]
    pub const fn renamed(self, was: &'static [&'static str]) -> Self {
        RootSpec { was, ..self }
    }

    /// Returns `true` if this is or was the root's name.
    pub(crate) fn is_or_was(&self, name: &str) -> bool {
        self.name == name || self.was.contains(&name)
    }

    /// Returns the declaration, as in `users: BTreeMap<Principal, User>`.
    #[must_use]
    pub fn declaration(&self) -> String {
        let key = self.key.map(|(layout, _)| OwnedLayout::from(layout));
        self.kind.declaration(self.name, key.as_ref(), &OwnedLayout::from(self.value))
    }
}

/// Seals [`Collection`]: programs cannot name this module by way of `graven`.
#[doc(hidden)]
pub mod sealed {
    /// Implemented by the collections of `graven-collections`.
    pub trait Sealed {}
}

/// A collection that lives in a store. Only Graven's collections can implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no collection",
    label = "a store holds collections only",
    note = "for a single value use `graven::Cell<{Self}>`, for many `graven::BTreeMap<Key, Value>`",
    note = "std's collections do not live in stable memory; graven's have the same names"
)]
pub trait Collection: sealed::Sealed + Sized {
    /// The memory of the store.
    type Memory: Memory;

    /// The declaration for the store, without its name.
    const SPEC: RootSpec;

    /// The declarations of the roots that belong to the collection besides its own: the indexes of
    /// a table. Their names are those of the indexes.
    const PARTS: &'static [RootSpec] = &[];

    /// The type of the rows of a table, by which other tables refer to it.
    #[doc(hidden)]
    const ROW: Option<&'static str> = None;

    /// The references of a table's rows to rows of other tables.
    #[doc(hidden)]
    const TARGETS: &'static [Target] = &[];

    /// Returns the collection of a root that was checked against [`Collection::SPEC`].
    fn attach(root: Root<Self::Memory>) -> Self;

    /// Returns the collection of a root and of those of its [`Collection::PARTS`], which
    /// `next_part` returns one after the other.
    #[must_use]
    fn attach_with(root: Root<Self::Memory>, next_part: &mut dyn FnMut() -> Root<Self::Memory>) -> Self {
        let _ = next_part;
        Self::attach(root)
    }

    /// Makes a table known to those that refer to it.
    #[doc(hidden)]
    fn announce(&self, links: &mut Links)
    where
        Self::Memory: 'static,
    {
        let _ = links;
    }

    /// Links a table with those that it refers to.
    #[doc(hidden)]
    fn link(&self, links: &Links)
    where
        Self::Memory: 'static,
    {
        let _ = links;
    }

    /// Returns the root.
    fn root(&self) -> &Root<Self::Memory>;

    /// Returns the number of indexes that are not complete. Reads nothing.
    #[must_use]
    fn incomplete_indexes(&self) -> u32 {
        0
    }

    /// Returns the size of the collection and the layouts of its pages. Reads nothing.
    #[must_use]
    fn root_stats(&self) -> RootStats {
        self.root().stats()
    }

    /// `true` if opening a store makes indexes of the collection.
    #[doc(hidden)]
    const MAKES_INDEXES: bool = false;

    /// Makes the indexes that opening a store makes, and adds the rules that rows break to
    /// `problems`.
    ///
    /// # Errors
    /// As [`Collection::sweep`].
    #[doc(hidden)]
    fn make_indexes(&self, problems: &mut Vec<Problem>) -> Result<()> {
        let _ = problems;
        Ok(())
    }

    /// Answers a request for rows, for as long as the budget lasts.
    ///
    /// # Errors
    /// [`AskError`]. Collections other than tables answer none.
    #[doc(hidden)]
    fn ask(&self, request: &Request, budget: &mut Budget<'_>) -> Result<Answer, AskError> {
        let _ = budget;
        Err(AskError::UnknownTable(request.table.clone()))
    }

    /// Removes rows whose time has come while the budget lasts. Returns `true` when none is left.
    ///
    /// # Errors
    /// As [`Collection::sweep`].
    #[doc(hidden)]
    fn expire(&mut self, now: u64, budget: &mut Budget<'_>) -> Result<bool> {
        let _ = (now, budget);
        Ok(true)
    }

    /// Checks the pages of the collection and its parts from a position on, while the budget lasts:
    /// order, counts, links and layouts, and the entries of indexes. Returns `true` if the check
    /// has reached the end. Otherwise the position has moved on.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) with the first fault that is found.
    #[doc(hidden)]
    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool>;

    /// Migrates values in previous layouts to the current one while the budget lasts. Returns
    /// `true` when none is left except those that [`Budget::skip_failing`] skips.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](crate::Error::OutOfMemory) or
    /// [`Error::Damaged`](crate::Error::Damaged). Values that were converted before the error stay
    /// converted.
    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool>;
}
