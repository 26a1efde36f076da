//! The check of a whole store: every page is owned once or free, every tree is whole, every key and
//! value decodes, and every index has what its rows have.

use graven_core::ask::read_key;
use graven_core::layout::Invalid;
use graven_core::page::PageNumber;
use graven_core::store::{CollectionKind, OnPage};
use graven_core::{Damage, Error, Memory, Result};

use super::StoredStore;
use super::body::Body;
use super::root::StoredRoot;
use crate::blobs;
use crate::cell::Cell;
use crate::engine::verify::Audit;
use crate::map::ranked;
use crate::nested::stored::check_entry_type;
use crate::queue;
use crate::slab;

/// The outcome of [`StoredStore::verify`].
#[derive(Debug)]
pub struct Findings {
    /// The faults, each with its root and its page. At most 1,000 are listed.
    pub faults: Vec<Error>,
    /// The number of all faults.
    pub count: u64,
    /// The number of pages that belong to a root or a list, or are free.
    pub accounted: u64,
    /// The number of pages that nothing has. They are faults of their own if nothing else is
    /// damaged. Else damage may hide what they belong to.
    pub unaccounted: u64,
    /// The number of indexes whose entries follow from rows by a function of the program. Of these
    /// the rows are checked, and not the values.
    pub by_function: u64,
}

impl<M: Memory> StoredStore<M> {
    /// Checks the whole store. Reads every page, and looks up every entry of an index. Needs a bit
    /// of heap for each page, and 40 bytes for each nested collection.
    ///
    /// # Errors
    /// None for damage, which is in the findings.
    pub fn verify(&self) -> Result<Findings> {
        let Some(pager) = &self.pager else {
            return Ok(Findings {
                faults: Vec::new(),
                count: 0,
                accounted: 0,
                unaccounted: 0,
                by_function: 0,
            });
        };
        let mut audit = Audit::all(pager.account());
        for error in &self.damaged {
            audit.add(super::again(error));
        }
        let mut by_function = 0_u64;
        for (at, root) in self.roots.iter().enumerate() {
            let is_double = self.roots.iter().take(at).any(|other| other.name() == root.name());
            let unique = if is_double { Err(root.broken(Damage::DuplicateRoot)) } else { Ok(()) };
            audit.note(unique)?;
            let checked = root.check(&mut audit);
            audit.note(checked)?;
        }
        // Rows and entries are compared once both are known to be whole.
        let before = audit.count();
        for index in self.roots.iter().filter(|root| root.kind().is_index()) {
            let table = self.table_of(index).filter(|_| before == 0);
            let Some(table) = table else { continue };
            let checked = super::index::check(table, index, &mut audit);
            if audit.note(checked)? == Some(false) {
                by_function = by_function.saturating_add(1);
            }
        }
        Ok(self.findings(audit, by_function))
    }

    /// Returns the table that an index is about.
    pub(super) fn table_of(&self, index: &StoredRoot<M>) -> Option<&StoredRoot<M>> {
        let tables = self.roots.iter().filter(|root| root.kind() == CollectionKind::Table);
        let tables = tables.filter(|table| {
            index.name().strip_prefix(table.name()).is_some_and(|rest| rest.starts_with('.'))
        });
        tables.max_by_key(|table| table.name().len())
    }

    /// Adds the pages that nothing has to the findings.
    fn findings(&self, audit: Audit, by_function: u64) -> Findings {
        let pages = self.usage().map_or(0, |usage| usage.pages);
        let (mut faults, mut count, claimed, store) = audit.end();
        let lost: Vec<PageNumber> = claimed.missing(pages).filter(|page| !store.contains(*page)).collect();
        if count == 0 {
            let errors = lost.iter().map(|page| Damage::LostPage.on(*page));
            faults.extend(errors.take(1_000));
            count = lost.len() as u64;
        }
        let unaccounted = lost.len() as u64;
        let accounted = u64::from(pages).saturating_sub(unaccounted);
        Findings { faults, count, accounted, unaccounted, by_function }
    }
}

impl<M: Memory> StoredRoot<M> {
    /// Checks all pages of the root and, if they are whole, that all keys and values decode.
    fn check(&self, audit: &mut Audit<'_>) -> Result<()> {
        let before = audit.count();
        let checked = self.check_pages(audit);
        audit.note(checked)?;
        let cursor = self.root().cursor().map(drop);
        audit.note(cursor)?;
        if audit.count() > before {
            return Ok(());
        }
        let mut entries = self.entries();
        while let Some(entry) = entries.try_next()? {
            // A value that is too long to show is whole as far as its pages are.
            let decoded = if entry.value.is_ok() { self.decode(&entry).map(drop) } else { Ok(()) };
            audit.note(decoded)?;
        }
        Ok(())
    }

    /// Checks all pages of the root.
    pub(super) fn check_pages(&self, audit: &mut Audit<'_>) -> Result<()> {
        let claimed = audit.claim(self.root().page()).on_page(self.root(), self.root().page());
        audit.note(claimed)?;
        match &self.body {
            Body::Cell(cell) => check_cell(cell, audit),
            Body::Tree(tree) => match self.kind() {
                CollectionKind::Blobs => blobs::verify::check(tree, audit),
                CollectionKind::Slab => slab::check(tree, slab::next_id(tree.root()), audit),
                _ => tree.check(audit),
            },
            Body::Ranked(entries, keys) => ranked::verify::check(entries, keys, audit),
            Body::Hash(table) => table.check(audit),
            Body::Sequence(sequence) => sequence.check(audit),
            Body::Queue(values, handles) => {
                let layout = self.stored_key();
                let decode = |key: &[u8]| match layout {
                    Some(layout) => read_key(layout, key).map(drop),
                    None => Err(Invalid("a queue has no layout of its values")),
                };
                queue::verify::check(values, handles, audit, &decode)
            }
            Body::Nested(trees) => trees.check(audit, self.kind().has_lists(), |found, is_record| match self
                .kind()
                .has_records()
            {
                true => check_entry_type(self.root(), found, is_record),
                false => Ok(()),
            }),
        }
    }

    pub(super) fn broken(&self, reason: Damage) -> Error {
        self.root().damaged(self.root().page(), reason)
    }
}

/// Checks the overflow pages of a cell, and the counts of its root.
fn check_cell<M: Memory>(cell: &Cell<(), M>, audit: &mut Audit<'_>) -> Result<()> {
    use graven_core::store::Collection;

    let (root, state) = (cell.root(), cell.root().state());
    let broken = |reason| Err(root.damaged(root.page(), reason));
    let pages = match cell.location()? {
        Some(location) => audit.overflow(root.pager(), location.page, location.len)?,
        None => 0,
    };
    let is_some = u64::from(cell.is_some());
    if state.len.get() != is_some || state.bytes.get() > 0 && is_some == 0 {
        return broken(Damage::EntryCount);
    }
    if u64::from(state.pages.get()) != 1 + u64::from(pages) {
        return broken(Damage::PageCount);
    }
    let held: u64 = root.layouts().iter().map(|layout| u64::from(root.pages_of(layout.index))).sum();
    if held == is_some { Ok(()) } else { broken(Damage::LayoutPages) }
}
