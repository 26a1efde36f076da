//! The records of a damaged store that are still whole, without the pages that lead to them.
//!
//! A record counts if its page belongs to its root and it decodes. Leaves that the trees lead to
//! come in order. Then follow those that nothing leads to: a damaged page above them may have, or a
//! collection that was removed.

use std::collections::BTreeMap;

use graven_core::page::{Kind, PageNumber};
use graven_core::store::{CollectionKind, Options, SalvagedRoots};
use graven_core::{Damage, Error, Memory, Result};

use super::CACHED_PAGES;
use super::body::Body;
use super::decode::Parts;
use super::entry::StoredEntry;
use super::nested::Collections;
use super::root::StoredRoot;
use crate::engine::btree::Tree;
use crate::engine::cell::StoredValue;
use crate::engine::verify::{Audit, LeafPage};

/// A damaged store whose records are looked for.
///
/// # Example: without the catalog
/// ```
/// use graven_collections::stored::Salvage;
/// use graven_collections::{BTreeMap, open};
/// use graven_core::{DefaultMemoryImpl, Error, Memory};
///
/// let memory = DefaultMemoryImpl::default();
/// let mut names: BTreeMap<u64, String> = open("names", memory.clone())?;
/// (0..500).for_each(|id| _ = names.insert(id, format!("name {id}")));
/// drop(names);
/// // The catalog, without which no root is found.
/// memory.write(4096, &[0; 4096]);
///
/// let salvage = Salvage::open(memory)?;
/// let mut count = 0;
/// let recovered = salvage.records::<Error>(0, &mut |record| {
///     count += u64::from(!record.is_doubtful);
///     Ok(())
/// })?;
/// assert_eq!((count, recovered.whole), (500, 500));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Salvage<M: Memory> {
    roots: Vec<(StoredRoot<M>, Vec<Found>)>,
    faults: Vec<Error>,
}

/// A leaf with records.
#[derive(Debug, Clone, Copy)]
struct Found {
    leaf: LeafPage,
    /// `true` if the tree leads to it.
    is_linked: bool,
    /// `true` if the page has a fault of its own.
    is_faulty: bool,
}

/// A record that was found.
#[derive(Debug)]
pub struct Salvaged {
    /// The record, with the index of a list only if the leaf is linked.
    pub entry: StoredEntry,
    /// The parts as [`StoredRoot::decode`] returns them. One of a list that nothing leads to has no
    /// `index` or `number`. One of a nested collection whose key is lost has the number of the
    /// `collection` instead of a `key`, and an `index` that may begin anywhere.
    pub parts: Parts,
    /// `true` if the tree leads to the record. Others may have been removed before the damage.
    pub is_linked: bool,
    /// `true` if its page is damaged elsewhere, so that the record may be as well.
    pub is_doubtful: bool,
}

/// The numbers of records of a root.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The records that are whole.
    pub whole: u64,
    /// Those of them that nothing leads to.
    pub unlinked: u64,
    /// The records on damaged pages that decode.
    pub doubtful: u64,
    /// The records that do not decode.
    pub unreadable: u64,
    /// The records of collections that were removed, which the root still counts.
    pub removed: u64,
}

impl<M: Memory> Salvage<M> {
    /// Opens what can be recognised of a store, and finds all leaves. Reads every page.
    ///
    /// # Errors
    /// [`Error::Foreign`], [`Error::NewerFormat`] or [`Error::UnknownFeatures`] if the memory is
    /// not a store that this code knows.
    pub fn open(memory: M) -> Result<Self> {
        let SalvagedRoots { pager, roots: opened, mut faults } =
            SalvagedRoots::open(memory, Options { cached_pages: CACHED_PAGES })?;
        let tables = opened.iter().filter(|root| root.kind == CollectionKind::Table);
        let tables: Vec<_> =
            tables.filter_map(|root| Some((root.root.name().to_owned(), root.key.clone()?))).collect();
        let mut audit = Audit::of_leaves(pager.account());
        let mut roots = Vec::new();
        for root in opened {
            match StoredRoot::new(root, &tables) {
                Ok(root) => roots.push((root, Vec::new())),
                Err(error) => faults.push(error),
            }
        }
        for (root, leaves) in &mut roots {
            let checked = root.check_pages(&mut audit);
            audit.note(checked)?;
            *leaves = audit
                .take_leaves()
                .into_iter()
                .map(|leaf| Found { leaf, is_linked: true, is_faulty: false })
                .collect();
        }
        let owners = roots.iter().enumerate().map(|(at, (root, _))| (root.root().page(), at));
        let owners: BTreeMap<PageNumber, usize> = owners.collect();
        for page in (1..pager.heads().pages.get()).map(PageNumber::new) {
            if audit.has(page) {
                continue;
            }
            let mut head = [0; 16];
            pager.read(page, 0, &mut head)?;
            let Some((root, leaves)) = owner(&head, &owners).and_then(|at| roots.get_mut(at)) else {
                continue;
            };
            if let Some(leaf) = root.unlinked(page, head[0], &mut audit)? {
                leaves.push(Found { leaf, is_linked: false, is_faulty: false });
            }
        }
        for found in roots.iter_mut().flat_map(|(_, leaves)| leaves) {
            found.is_faulty = audit.is_faulty(found.leaf.page);
        }
        let (more, ..) = audit.end();
        faults.extend(more);
        Ok(Salvage { roots, faults })
    }

    /// Returns the faults of the store.
    #[must_use]
    pub fn faults(&self) -> &[Error] {
        &self.faults
    }

    /// Returns the roots that could be recognised.
    pub fn roots(&self) -> impl Iterator<Item = &StoredRoot<M>> {
        self.roots.iter().map(|(root, _)| root)
    }

    /// Calls `visit` with the records of the root at a position. Indexes have none: their entries
    /// follow from the rows.
    ///
    /// # Errors
    /// Those of `visit`. Damage is counted.
    pub fn records<E: From<Error>>(
        &self,
        at: usize,
        visit: &mut dyn FnMut(Salvaged) -> Result<(), E>,
    ) -> Result<Recovered, E> {
        let mut recovered = Recovered::default();
        let Some((root, leaves)) = self.roots.get(at).filter(|(root, _)| !root.kind().is_index()) else {
            return Ok(recovered);
        };
        let collections = Collections::of(root, leaves.iter().map(|found| found.leaf));
        if let Body::Cell(_) = root.body {
            let entry = root.entries().try_next();
            let parts =
                entry.and_then(|entry| entry.map(|entry| Ok((root.decode(&entry)?, entry))).transpose());
            match parts {
                Ok(Some((parts, entry))) => {
                    recovered.whole = 1;
                    visit(Salvaged { entry, parts, is_linked: true, is_doubtful: false })?;
                }
                Ok(None) => {}
                Err(_) => recovered.unreadable = 1,
            }
            return Ok(recovered);
        }
        for found in leaves {
            let mut outcome = Ok(());
            let mut each = |entry: Result<StoredEntry>| {
                if outcome.is_err() {
                    return;
                }
                let index = found.is_linked;
                let entry = entry.and_then(|entry| root.salvaged(&collections, entry, index));
                match entry {
                    Ok(None) => recovered.removed = recovered.removed.saturating_add(1),
                    Err(_) => recovered.unreadable = recovered.unreadable.saturating_add(1),
                    Ok(Some((entry, parts))) => {
                        let (is_linked, is_doubtful) = (found.is_linked, found.is_faulty);
                        recovered.whole = recovered.whole.saturating_add(u64::from(!is_doubtful));
                        recovered.doubtful = recovered.doubtful.saturating_add(u64::from(is_doubtful));
                        let unlinked = u64::from(!is_linked && !is_doubtful);
                        recovered.unlinked = recovered.unlinked.saturating_add(unlinked);
                        outcome = visit(Salvaged { entry, parts, is_linked, is_doubtful });
                    }
                }
            };
            if root.each_in(found, &mut each).is_err() {
                recovered.unreadable = recovered.unreadable.saturating_add(1);
            }
            outcome?;
        }
        Ok(recovered)
    }
}

/// Returns the root to which a page belongs, if it may be a leaf.
fn owner(head: &[u8; 16], owners: &BTreeMap<PageNumber, usize>) -> Option<usize> {
    let [kind, level, .., a, b, c, d] = *head;
    let kinds = [Kind::Node, Kind::Array, Kind::Bucket].map(|kind| kind as u8);
    let is_leaf = kinds.contains(&kind) && level == 0;
    owners.get(&PageNumber::from_le_bytes([a, b, c, d])).copied().filter(|_| is_leaf)
}

impl<M: Memory> StoredRoot<M> {
    /// Returns a leaf that nothing leads to, if it is one of this root.
    fn unlinked(&self, page: PageNumber, kind: u8, audit: &mut Audit<'_>) -> Result<Option<LeafPage>> {
        let leaf = |tree| LeafPage { page, tree, positions: (0, 0) };
        let (is_node, is_array) = (kind == Kind::Node as u8, kind == Kind::Array as u8);
        let of_tree = |tree: &Tree<M>, number: u8, audit: &mut Audit| -> Result<Option<LeafPage>> {
            let checked = tree.check_leaf(page, audit);
            audit.note(checked)?;
            audit.take_leaves();
            Ok(Some(leaf(number)))
        };
        match &self.body {
            Body::Tree(tree) if is_node => of_tree(tree, 1, audit),
            // The keys of ranks are also in nodes, of a layout that the entries do not have.
            Body::Ranked(tree, _) if is_node && !self.is_internal(page) => of_tree(tree, 1, audit),
            Body::Nested(trees) if is_node => match self.is_internal(page) {
                true => of_tree(&trees.index, 2, audit),
                false => of_tree(&trees.entries, 1, audit),
            },
            Body::Hash(_) if kind == Kind::Bucket as u8 => Ok(Some(leaf(1))),
            Body::Sequence(_) if is_node || is_array => Ok(Some(leaf(1))),
            // Arrays of handles have values of 8 bytes.
            Body::Queue(values, _) if is_node || is_array && values.width != Some(8) => Ok(Some(leaf(1))),
            _ => Ok(None),
        }
    }

    /// Returns `true` if the values of a leaf are the collection's own.
    fn is_internal(&self, page: PageNumber) -> bool {
        use graven_core::page::LayoutId;

        let mut layout = [0; 2];
        let read = self.root().pager().read(page, 16, &mut layout);
        read.is_ok() && LayoutId::new(u16::from_le_bytes(layout)) == LayoutId::INTERNAL
    }

    /// Calls `each` with the entries of a leaf as they are in it.
    fn each_in(&self, found: &Found, each: &mut dyn FnMut(Result<StoredEntry>)) -> Result<()> {
        let (LeafPage { page, tree: number, positions }, pager) = (found.leaf, self.root().pager());
        match &self.body {
            Body::Tree(tree) | Body::Ranked(tree, _) if number == 1 => each_in_tree(tree, page, each),
            Body::Nested(trees) if number == 1 => each_in_tree(&trees.entries, page, each),
            Body::Hash(table) => table.each_in_page(page, &mut |found| {
                each(found.and_then(|(key, found)| StoredEntry::new(pager, key, found)));
                Ok(())
            }),
            Body::Sequence(values) | Body::Queue(values, _) if number == 1 => {
                let known = found.is_linked.then_some(positions);
                let first = values.position(0);
                let dropped = if self.kind() == CollectionKind::Log { values.dropped() } else { 0 };
                values.each_in_leaf(page, known, &mut |position, value| {
                    let index = position.wrapping_sub(first).wrapping_add(dropped).to_be_bytes();
                    each(value.and_then(|found| StoredEntry::new(pager, &index, found)));
                    Ok(())
                })
            }
            _ => Ok(()),
        }
    }

    /// Decodes an entry as it is in a leaf. Returns `None` for one that was removed with its
    /// collection. `has_index` is `true` if the position of a list is known.
    fn salvaged(
        &self,
        collections: &Collections,
        entry: StoredEntry,
        has_index: bool,
    ) -> Result<Option<(StoredEntry, Parts)>> {
        let entry = match &self.body {
            Body::Nested(_) => match collections.find(self, entry)? {
                Some((entry, None)) => entry,
                Some((entry, Some(number))) => {
                    let parts = self.decode_orphan(&entry, number)?;
                    return Ok(Some((entry, parts)));
                }
                None => return Ok(None),
            },
            Body::Queue(..) => self.queued(entry.clone()).or_else(|_| without_handle(entry))?,
            _ => entry,
        };
        let mut parts = self.decode(&entry)?;
        if !has_index {
            parts.retain(|(name, _)| self.is_ordered_by_key() || !matches!(*name, "index" | "number"));
        }
        Ok(Some((entry, parts)))
    }

    /// Returns `true` if entries have keys of their own, and not positions.
    fn is_ordered_by_key(&self) -> bool {
        !matches!(self.body, Body::Sequence(_))
    }
}

fn each_in_tree<M: Memory>(
    tree: &Tree<M>,
    page: PageNumber,
    each: &mut dyn FnMut(Result<StoredEntry>),
) -> Result<()> {
    let (leaf, pager) = (tree.read_leaf(page)?, tree.root().pager());
    for index in 0..leaf.count {
        let read = |key: &[u8], found: StoredValue<'_>| StoredEntry::new(pager, key, found);
        each(leaf.read_at(tree, tree.context.sizes, index, read));
    }
    Ok(())
}

/// Returns the value of a queue whose handle is damaged, with the handle 0.
fn without_handle(entry: StoredEntry) -> Result<StoredEntry> {
    let short = || Damage::InvalidRow.on(entry.page);
    let value = entry.value.as_deref().map_err(|_| short())?;
    let (key, _) = value.split_last_chunk::<4>().ok_or_else(short)?;
    Ok(StoredEntry { key: key.to_vec(), value: Ok(vec![0; 8]), layout: None, ..entry })
}
