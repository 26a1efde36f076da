//! Opening a store: first every check, then, if nothing was wrong, the first write.

use std::rc::Rc;

use ic_stable_structures::Memory;

use super::apply::{Unborn, apply};
use super::catalog::{self, MAX_ROOTS, StoredRoot};
pub(super) use super::compare::compare;
use super::compare::{Openings, is_unchanged};
use super::registry::Registry;
use super::{Root, RootSpec, single};
use crate::error::{Error, Result};
use crate::page::{Pager, Usage};

/// How a store is opened.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Inner nodes of trees that may be kept on the heap; each takes 4 KiB. None is fine.
    pub cached_pages: usize,
}

impl Default for Options {
    /// At most 1,024 cached pages (4 MiB).
    fn default() -> Self {
        Options { cached_pages: 1024 }
    }
}

/// An open store: the roots that were declared, in order.
pub struct Store<M> {
    pager: Rc<Pager<M>>,
    roots: Vec<Option<Root<M>>>,
}

impl<M: Memory + 'static> Store<M> {
    /// Opens a memory, or begins a store in an empty one, with the roots in `specs`.
    ///
    /// Costs the same whatever the roots hold: a read for each root, and one write for each layout
    /// that is new.
    ///
    /// # Errors
    /// [`Error::Refused`] with all problems, if what is stored does not fit what is declared;
    /// [`Error::Foreign`], [`Error::NewerFormat`], [`Error::Truncated`] or [`Error::Damaged`] if
    /// the memory is no sound store; [`Error::OutOfMemory`]. In all cases nothing was written.
    ///
    /// A memory is for one store: an older store of the same thread that has this memory open can
    /// no longer be used, and says so with [`Error::Superseded`].
    pub fn open(memory: M, specs: &[RootSpec], options: Options) -> Result<Self> {
        Self::open_dropping(memory, specs, &[], options)
    }

    /// Like [`Store::open`]; roots that are stored under the names in `dropped` go. Their pages
    /// come back as they are needed, so that costs the same at any size.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_dropping(memory: M, specs: &[RootSpec], dropped: &[&str], options: Options) -> Result<Self> {
        check_names(specs)?;
        if let Some(name) = dropped.iter().find(|name| specs.iter().any(|spec| spec.is_or_was(name))) {
            return Err(Error::BadName { name: (*name).to_owned() });
        }
        if memory.size() == 0 {
            let pager = Pager::create(Unborn::reserve(memory, specs)?, options.cached_pages)?;
            catalog::create(&pager)?;
            let pager = Rc::new(pager);
            let roots = apply(&pager, specs, Openings::fresh(specs), Registry::default())?;
            single::register(&pager);
            return Ok(Store { pager, roots });
        }
        let pager = Rc::new(Pager::open(memory, options.cached_pages)?);
        let stored = catalog::load(&pager)?;
        // An upgrade that changes nothing, which most are: what is stored is what is declared, in
        // the same order.
        let is_same = stored.len() == specs.len()
            && specs.iter().zip(&stored).all(|(spec, root)| is_unchanged(spec, root));
        if is_same {
            let roots = apply(&pager, specs, Openings::unchanged(stored), Registry::default())?;
            single::register(&pager);
            return Ok(Store { pager, roots });
        }
        let unchanged = |root: &StoredRoot| {
            dropped.contains(&root.name.as_str()) || specs.iter().any(|spec| is_unchanged(spec, root))
        };
        let known = |spec: &RootSpec| stored.iter().any(|root| is_same_name(&root.name, spec.name));
        let unchanged = stored.iter().all(unchanged) && specs.iter().all(known);
        let registry = if unchanged { Registry::default() } else { Registry::load(&pager)? };
        let openings = compare(specs, dropped, stored, &registry)?;
        let roots = apply(&pager, specs, openings, registry)?;
        single::register(&pager);
        Ok(Store { pager, roots })
    }
}

impl<M: Memory> Store<M> {
    /// Takes the next root for the collection that was declared at `index`.
    ///
    /// # Panics
    /// If it was taken before.
    #[must_use]
    pub fn take(&mut self, index: usize) -> Root<M> {
        let root = self.roots.get_mut(index).and_then(Option::take);
        root.unwrap_or_else(|| panic!("root {index} was taken before"))
    }

    /// How the pages are used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.pager.usage()
    }
}

/// Returns whether two names are the same. Each is held against every other one, and a call that
/// compares bytes one by one would take most of an opening.
pub(super) fn is_same_name(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ((a, a_rest), (b, b_rest)) = (a.as_bytes().as_chunks::<8>(), b.as_bytes().as_chunks::<8>());
    // What tells names apart is rather at their ends.
    a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
        && a.iter().zip(b).all(|(a, b)| u64::from_le_bytes(*a) == u64::from_le_bytes(*b))
}

pub(super) fn check_names(specs: &[RootSpec]) -> Result<()> {
    if specs.len() > MAX_ROOTS {
        return Err(Error::TooManyRoots { count: specs.len(), max: MAX_ROOTS });
    }
    for (i, spec) in specs.iter().enumerate() {
        let twice = specs[..i].iter().any(|other| is_same_name(other.name, spec.name));
        if spec.name.is_empty() || spec.name.len() > 255 || twice {
            return Err(Error::BadName { name: spec.name.to_owned() });
        }
        // Whose entries a root of that name holds could only be guessed.
        let taken = |was: &str| {
            was == spec.name || specs.iter().enumerate().any(|(j, other)| i != j && other.is_or_was(was))
        };
        if let Some(was) = spec.was.iter().find(|was| taken(was)) {
            return Err(Error::BadName { name: (*was).to_owned() });
        }
    }
    Ok(())
}
