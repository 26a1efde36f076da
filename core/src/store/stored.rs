//! All roots of a memory, opened for reading without the types of the code that wrote them.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use ic_stable_structures::Memory;

use super::catalog::{self, StoredRoot};
use super::registry::Registry;
use super::{CollectionKind, Options, Root, RootStats, ValueLayout};
use crate::error::{Damage, Result};
use crate::evolution::Plan;
use crate::layout::stored::OwnedLayout;
use crate::page::superblock::Access;
use crate::page::{LayoutId, Pager};

/// A root with the layouts that the registry has for it.
///
/// # Example: what a memory holds
/// ```
/// use graven_core::DefaultMemoryImpl;
/// use graven_core::store::{OpenedRoot, Options};
/// let memory = DefaultMemoryImpl::default();
/// let (_, roots) = OpenedRoot::open_all(memory, Options::default())?;
/// assert!(roots.is_empty());
/// # Ok::<(), graven_core::Error>(())
/// ```
#[derive(Debug)]
pub struct OpenedRoot<M> {
    /// The root. Nothing must be written through it, since its values are read as they are stored.
    pub root: Root<M>,
    /// The kind of the collection.
    pub kind: CollectionKind,
    /// The layout of its keys.
    pub key: Option<OwnedLayout>,
    /// The layouts that its values may have, in the order in which they were first stored.
    pub layouts: Vec<(LayoutId, OwnedLayout)>,
}

/// The pages of a memory and its roots, or the reasons why some could not be opened.
pub type OpenedRoots<M> = (Option<Pager<M>>, Vec<Result<OpenedRoot<M>>>);

impl<M: Memory> OpenedRoot<M> {
    /// Opens all roots of a memory, in the order of the catalog. Reads a page for each and the
    /// registry. An empty memory has neither pages nor roots.
    ///
    /// # Errors
    /// [`Error::Foreign`](crate::Error::Foreign),
    /// [`Error::NewerFormat`](crate::Error::NewerFormat),
    /// [`Error::UnknownFeatures`](crate::Error::UnknownFeatures),
    /// [`Error::Truncated`](crate::Error::Truncated), or [`Error::Damaged`](crate::Error::Damaged)
    /// if the superblock, the catalog or the registry is damaged. Damage to a root is in its own
    /// result.
    pub fn open_all(memory: M, options: Options) -> Result<OpenedRoots<M>> {
        if memory.size() == 0 {
            return Ok((None, Vec::new()));
        }
        let pager = Pager::open(memory, options.cached_pages, Access::Read)?;
        let (stored, registry) = (catalog::load_each(&pager, Access::Read)?, Registry::load(&pager)?);
        let roots = stored.into_iter().map(|root| Self::open(&pager, root?, &registry)).collect();
        Ok((Some(pager), roots))
    }

    fn open(pager: &Pager<M>, stored: StoredRoot, registry: &Registry) -> Result<Self> {
        let (name, fault) = (stored.name.clone(), Cell::new(None));
        let find = |index, fingerprint| match registry.layout(index) {
            Ok(layout) => Some(layout).filter(|layout| layout.fingerprint().0 == fingerprint),
            Err(error) => {
                fault.set(Some(error.of_root(&name)));
                None
            }
        };
        let found = Self::with_layouts(pager, stored, &find);
        // The registry says more about a layout that is damaged there.
        found.map_err(|error| fault.take().unwrap_or(error))
    }

    /// Opens a root with the layouts that `find` returns for a number and a fingerprint.
    pub(super) fn with_layouts(
        pager: &Pager<M>,
        stored: StoredRoot,
        find: &dyn Fn(LayoutId, [u8; 16]) -> Option<OwnedLayout>,
    ) -> Result<Self> {
        let damaged = |reason: Damage| reason.on(stored.page).of_root(&stored.name);
        let kind = CollectionKind::from_byte(stored.header.collection);
        let kind = kind.ok_or_else(|| damaged(Damage::UnknownCollection))?;
        let layout = |index: LayoutId, fingerprint: [u8; 16]| {
            find(index, fingerprint).ok_or_else(|| damaged(Damage::UnknownLayout))
        };
        let key = match stored.header.key_layout.get() {
            LayoutId::NONE => None,
            index => {
                let key = layout(index, stored.header.key_fingerprint)?;
                let of_rows = kind == CollectionKind::Table;
                Some(if of_rows { row_key(key).ok_or_else(|| damaged(Damage::UnknownLayout))? } else { key })
            }
        };
        let layouts = stored.rows.iter().map(|row| {
            let index = row.layout.get();
            Ok((index, layout(index, row.fingerprint)?))
        });
        let layouts = layouts.collect::<Result<Vec<_>>>()?;
        let current = stored.current().layout.get();
        let size = layouts.iter().find(|(index, _)| *index == current);
        let size = size.and_then(|(_, layout)| layout.size());
        let values = layouts.iter().map(|(index, layout)| value_layout(*index, layout)).collect();
        let root = Root::new(pager, stored, values, size)?;
        Ok(OpenedRoot { root, kind, key, layouts })
    }
}

impl<M: Memory> OpenedRoot<M> {
    /// Returns the declaration, as in `users: BTreeMap<Principal, User>`.
    #[must_use]
    pub fn declaration(&self) -> String {
        let current = self.layouts.iter().find(|(index, _)| *index == self.root.current());
        let nothing = OwnedLayout::Tuple(Vec::new());
        let current = current.or(self.layouts.last()).map_or(&nothing, |(_, layout)| layout);
        self.kind.declaration(self.root.name(), self.key.as_ref(), current)
    }

    /// Returns the size of the root and the layouts of its pages, those of a second tree included.
    /// Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        let mut stats = self.root.stats();
        if self.kind.has_second_tree() {
            stats.pages = stats.pages.saturating_add(self.root.second_pages().saturating_sub(1));
        }
        stats
    }
}

/// Returns the layout in which the keys of rows are encoded, from the struct of their fields: that
/// of the only one, or a tuple of several.
fn row_key(key: OwnedLayout) -> Option<OwnedLayout> {
    let OwnedLayout::Struct { mut fields, .. } = key else { return None };
    match fields.len() {
        0 => None,
        1 => fields.pop().map(|field| field.layout),
        _ => Some(OwnedLayout::Tuple(fields.into_iter().map(|field| field.layout).collect())),
    }
}

/// Returns a layout whose values are read as they are stored.
fn value_layout(index: LayoutId, layout: &OwnedLayout) -> ValueLayout {
    ValueLayout {
        index,
        name: Cow::Owned(layout.to_string()),
        version: layout.version(),
        plan: Rc::new(Plan::identity(layout.size())),
        is_structural: true,
    }
}
