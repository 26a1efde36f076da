//! Opens a store: all checks come first, and the first write follows only if they pass.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use ic_stable_structures::Memory;

use super::apply::{ReservedMemory, apply};
use super::catalog::{self, StoredRoot};
use super::compare::{OpenPlans, compare, is_unchanged};
use super::names::{check_names, is_same_name};
use super::registry::Registry;
use super::{Collection, Root, RootSpec, single};
use crate::error::{Error, Result};
use crate::page::superblock::Access;
use crate::page::{Pager, Usage};

/// Options for opening a store.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The number of inner nodes of trees that may be cached on the heap, of 4 KiB each. It may be
    /// 0.
    pub cached_pages: usize,
}

impl Default for Options {
    /// Returns options with at most 1,024 cached pages (4 MiB).
    fn default() -> Self {
        Options { cached_pages: 1024 }
    }
}

/// An open store, with the roots in the order of their declaration.
pub struct Store<M> {
    pager: Pager<M>,
    roots: Vec<Option<Root<M>>>,
}

impl<M> core::fmt::Debug for Store<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Store").field("roots", &self.roots).finish_non_exhaustive()
    }
}

impl<M: Memory + 'static> Store<M> {
    /// Opens a memory with the roots in `specs`, or begins a store in an empty memory.
    ///
    /// The cost does not depend on what the roots hold: a read for each root, and a write for each
    /// new layout.
    ///
    /// # Errors
    /// [`Error::Refused`] with all problems if the stored roots do not fit the declared ones;
    /// [`Error::Foreign`], [`Error::NewerFormat`], [`Error::UnknownFeatures`],
    /// [`Error::Truncated`] or [`Error::Damaged`] if the memory is not an intact store that this
    /// code knows; [`Error::OutOfMemory`]. In all cases nothing was written.
    ///
    /// A memory is for one store. If an older store of the same thread has this memory open, that
    /// store can no longer be used, and its operations return [`Error::Superseded`].
    pub fn open(memory: M, specs: &[RootSpec], options: Options) -> Result<Self> {
        Self::open_dropping(memory, specs, &[], options)
    }

    /// Opens a memory as [`Store::open`] does, and drops the roots that are stored under the names
    /// in `dropped`. Their pages are freed as they are needed, so this costs the same at any size.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_dropping(memory: M, specs: &[RootSpec], dropped: &[&str], options: Options) -> Result<Self> {
        check_dropped(specs, dropped)?;
        if memory.size() == 0 {
            check_names(specs)?;
            let pager = Pager::create(ReservedMemory::reserve(memory, specs)?, options.cached_pages)?;
            catalog::create(&pager)?;
            let roots = apply(&pager, specs, OpenPlans::fresh(specs), Registry::default())?;
            single::register(&pager);
            return Ok(Store { pager, roots });
        }
        let pager = Pager::open(memory, options.cached_pages, Access::Write)?;
        let store = Self::of_pages(pager, specs, dropped)?;
        single::register(&store.pager);
        Ok(store)
    }

    /// Opens a memory as [`Store::open_dropping`] does, and calls `attach`. If that fails, or
    /// panics, everything that was written is undone.
    ///
    /// # Errors
    /// As [`Store::open`], and those of `attach`.
    #[doc(hidden)]
    pub fn open_whole<T>(
        memory: M,
        specs: &[RootSpec],
        dropped: &[&str],
        options: Options,
        attach: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if memory.size() == 0 {
            return attach(&mut Self::open_dropping(memory, specs, dropped, options)?);
        }
        check_dropped(specs, dropped)?;
        let pager = Pager::open(memory, options.cached_pages, Access::Write)?;
        let savepoint = pager.begin();
        let open = || attach(&mut Self::of_pages(pager.of_store(), specs, dropped)?);
        let opened = catch_unwind(AssertUnwindSafe(open));
        if matches!(opened, Ok(Ok(_))) {
            pager.commit(savepoint);
            single::register(&pager);
        } else {
            pager.undo(savepoint)?;
        }
        opened.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Opens the roots of pages that are open.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub(super) fn of_pages(pager: Pager<M>, specs: &[RootSpec], dropped: &[&str]) -> Result<Self> {
        let stored = catalog::load(&pager, Access::Write, |at| specs.get(at).map_or("", |spec| spec.name))?;
        // Most upgrades change nothing, so the stored roots are the declared ones in the same
        // order.
        let is_same = stored.len() == specs.len()
            && specs.iter().zip(&stored).all(|(spec, root)| is_unchanged(spec, root));
        // Names that are all stored as they are declared were checked when they were stored. Former
        // names are not stored.
        if !is_same || specs.iter().any(|spec| !spec.was.is_empty()) {
            check_names(specs)?;
        }
        if is_same {
            let roots = apply(&pager, specs, OpenPlans::unchanged(stored), Registry::default())?;
            return Ok(Store { pager, roots });
        }
        let unchanged = |root: &StoredRoot| {
            dropped.contains(&&*root.name) || specs.iter().any(|spec| is_unchanged(spec, root))
        };
        let known = |spec: &RootSpec| stored.iter().any(|root| is_same_name(&root.name, spec.name));
        let unchanged = stored.iter().all(unchanged) && specs.iter().all(known);
        let registry = if unchanged { Registry::default() } else { Registry::load(&pager)? };
        let plans = compare(specs, dropped, stored, &registry)?;
        let roots = apply(&pager, specs, plans, registry)?;
        Ok(Store { pager, roots })
    }
}

/// Checks that no root is dropped that is declared.
fn check_dropped(specs: &[RootSpec], dropped: &[&str]) -> Result<()> {
    match dropped.iter().find(|name| specs.iter().any(|spec| spec.is_or_was(name))) {
        Some(name) => Err(Error::BadName { name: (*name).to_owned() }),
        None => Ok(()),
    }
}

impl<M: Memory> Store<M> {
    /// Removes and returns the root of the collection that was declared at `index`.
    ///
    /// # Panics
    /// Panics if it was taken before.
    #[must_use]
    #[expect(clippy::panic, reason = "documented to panic")]
    pub fn take(&mut self, index: usize) -> Root<M> {
        let root = self.roots.get_mut(index).and_then(Option::take);
        root.unwrap_or_else(|| panic!("root {index} was taken before"))
    }

    /// Returns the collection whose root was declared at `index`, and advances `index` beyond it
    /// and its parts.
    ///
    /// # Panics
    /// Panics if it was taken before.
    #[must_use]
    #[inline(always)]
    pub fn attach<C: Collection<Memory = M>>(&mut self, index: &mut usize) -> C {
        let root = self.take(*index);
        *index = index.saturating_add(1);
        if C::PARTS.is_empty() {
            return C::attach(root);
        }
        C::attach_with(root, &mut || {
            let part = self.take(*index);
            *index = index.saturating_add(1);
            part
        })
    }

    /// Returns how the pages are used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.pager.usage()
    }
}
