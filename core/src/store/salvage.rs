//! Roots of a memory that may be damaged anywhere. What can be recognised without the damaged part
//! is opened: roots without their catalog, layouts without the whole registry.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};

use ic_stable_structures::Memory;

use super::catalog::{self, StoredRoot};
use super::registry::Registry;
use super::root_page::LayoutUsage;
use super::{OpenedRoot, Options};
use crate::error::{Error, Result};
use crate::layout::stored::OwnedLayout;
use crate::layout::{Fingerprint, Prim};
use crate::page::{Kind, LayoutId, PageNumber, Pager};

/// The roots that could be recognised in a damaged memory.
#[derive(Debug)]
pub struct SalvagedRoots<M> {
    /// The pages of the memory.
    pub pager: Pager<M>,
    /// The roots. Damage to their pages may have changed their names and sizes.
    pub roots: Vec<OpenedRoot<M>>,
    /// The faults of the superblock, the catalog, the registry and of roots.
    pub faults: Vec<Error>,
}

/// The most bytes of a registry that is damaged.
const MAX_REGISTRY: usize = 16 << 20;

/// The bytes of a damaged registry that are read while its records are looked for. At some offsets
/// of hostile bytes, a descriptor may be long.
const MAX_WORK: usize = 256 << 20;

/// The most bytes of a descriptor in a registry that is damaged.
const MAX_DESCRIPTOR: usize = 1 << 16;

/// The bytes of a registry's page before its piece of the stream.
const REGISTRY_HEADER: usize = 16;

impl<M: Memory> SalvagedRoots<M> {
    /// Opens all roots that can be recognised. If the catalog is damaged, reads the first bytes of
    /// all pages.
    ///
    /// # Errors
    /// [`Error::Foreign`], [`Error::NewerFormat`] or [`Error::UnknownFeatures`] if the memory is
    /// not a store that this code knows.
    pub fn open(memory: M, options: Options) -> Result<Self> {
        let (pager, fault) = Pager::salvage(memory, options.cached_pages)?;
        let mut faults = Vec::new();
        let layouts = match Registry::load(&pager) {
            Ok(registry) => Layouts::of(&registry),
            Err(error) => {
                faults.push(error);
                scan_registry(&pager)
            }
        };
        let listed = catalog::pages(&pager).unwrap_or_else(|error| {
            faults.push(error);
            pages_of_kind(&pager, Kind::Root)
        });
        let (mut roots, mut seen) = (Vec::new(), BTreeSet::new());
        for page in listed {
            if !seen.insert(page) {
                continue;
            }
            match open_root(&pager, page, &layouts) {
                Ok((root, fault)) => {
                    roots.push(root);
                    faults.extend(fault);
                }
                Err(error) => faults.push(error),
            }
        }
        match fault {
            // Nothing shows that this is a store.
            Some(fault) if roots.is_empty() => Err(fault),
            fault => {
                faults.extend(fault);
                Ok(SalvagedRoots { pager, roots, faults })
            }
        }
    }
}

/// The layouts that are known.
#[derive(Default)]
struct Layouts {
    by_fingerprint: BTreeMap<[u8; 16], OwnedLayout>,
    /// Those of a registry that has all its records, or none.
    by_index: Vec<Option<OwnedLayout>>,
}

impl Layouts {
    fn of(registry: &Registry) -> Self {
        let by_index: Vec<_> = registry.layouts().collect();
        let mut layouts = Layouts::common();
        by_index.iter().flatten().for_each(|layout| layouts.insert(layout.clone()));
        Layouts { by_index, ..layouts }
    }

    /// Returns the layouts that need no descriptor, since many stores have them.
    fn common() -> Self {
        let mut layouts = Layouts::default();
        Prim::ALL.into_iter().for_each(|prim| layouts.insert(OwnedLayout::Prim(prim)));
        let others = [OwnedLayout::String, OwnedLayout::Principal, OwnedLayout::Tuple(Vec::new())];
        others.into_iter().for_each(|layout| layouts.insert(layout));
        layouts.insert(OwnedLayout::Vec(Box::new(OwnedLayout::Prim(Prim::U8))));
        layouts
    }

    fn insert(&mut self, layout: OwnedLayout) {
        self.by_fingerprint.insert(layout.fingerprint().0, layout);
    }

    /// Returns the layout with a fingerprint or, if it is damaged, the one with a number.
    fn find(&self, index: LayoutId, fingerprint: [u8; 16]) -> Option<&OwnedLayout> {
        let by_index = || self.by_index.get(usize::from(index.get()))?.as_ref();
        self.by_fingerprint.get(&fingerprint).or_else(by_index)
    }
}

fn open_root<M: Memory>(
    pager: &Pager<M>,
    page: PageNumber,
    layouts: &Layouts,
) -> Result<(OpenedRoot<M>, Option<Error>)> {
    let (mut stored, fault) = catalog::salvage_root(pager, page)?;
    let fault = fault.map(|reason| reason.on(page).of_root(&stored.name));
    forget_unknown(&mut stored, layouts);
    let root = OpenedRoot::with_layouts(pager, stored, &|index, fingerprint| {
        layouts.find(index, fingerprint).cloned()
    })?;
    Ok((root, fault))
}

/// Removes the rows of a root whose layouts are not known, as their values cannot be read.
fn forget_unknown(stored: &mut StoredRoot, layouts: &Layouts) {
    let current = *stored.current();
    let is_known = |row: &LayoutUsage| layouts.find(row.layout.get(), row.fingerprint).is_some();
    if stored.rows.iter().any(is_known) {
        stored.rows.retain(is_known);
    }
    let current = stored.rows.iter().position(|row| *row == current);
    stored.header.current = (current.unwrap_or(0) as u16).into();
}

/// Returns the pages whose first byte is that of a kind.
fn pages_of_kind<M: Memory>(pager: &Pager<M>, kind: Kind) -> Vec<PageNumber> {
    let pages = (1..pager.heads().pages.get()).map(PageNumber::new);
    let is_of_kind = |page: &PageNumber| {
        let mut first = [0];
        pager.read(*page, 0, &mut first).is_ok() && first[0] == kind as u8
    };
    pages.filter(is_of_kind).collect()
}

/// Finds the layouts in the pages of a damaged registry. Each has its fingerprint, so none is
/// mistaken for another.
fn scan_registry<M: Memory>(pager: &Pager<M>) -> Layouts {
    let mut stream = Vec::new();
    for page in in_order(pager, &pages_of_kind(pager, Kind::Registry)) {
        if stream.len() > MAX_REGISTRY {
            break;
        }
        if let Ok(bytes) = pager.read_page(page) {
            stream.extend_from_slice(bytes.split_at(REGISTRY_HEADER).1);
        }
    }
    let (mut layouts, mut at, mut work) = (Layouts::common(), 0_usize, MAX_WORK);
    while let Some(rest) = stream.get(at..).filter(|rest| !rest.is_empty() && work > 0) {
        let (layout, len) = record(rest);
        work = work.saturating_sub(len);
        let step = match layout {
            Some(layout) => {
                layouts.insert(layout);
                len
            }
            None => 1,
        };
        at = at.saturating_add(step);
    }
    layouts
}

/// Returns the layout of the record with which bytes begin, if its fingerprint is right, and the
/// number of bytes that were read. The length of the record may be damaged.
fn record(bytes: &[u8]) -> (Option<OwnedLayout>, usize) {
    let Some((fingerprint, rest)) = bytes.split_first_chunk::<16>() else { return (None, bytes.len()) };
    let descriptor = rest.get(4..).unwrap_or_default();
    let descriptor = descriptor.get(..MAX_DESCRIPTOR).unwrap_or(descriptor);
    let (layout, len) = OwnedLayout::parse_first(descriptor);
    let layout = layout.filter(|layout| layout.fingerprint() == Fingerprint(*fingerprint));
    (layout, len.saturating_add(20))
}

/// Returns pages of the registry so that each follows the one that names it.
fn in_order<M: Memory>(pager: &Pager<M>, pages: &[PageNumber]) -> Vec<PageNumber> {
    let next = |page: PageNumber| {
        let mut next = [0; 4];
        let read = pager.read(page, 4, &mut next);
        read.ok().and_then(|()| PageNumber::from_le_bytes(next).some())
    };
    let followers: BTreeSet<PageNumber> = pages.iter().filter_map(|page| next(*page)).collect();
    let firsts = pages.iter().filter(|page| !followers.contains(page)).chain(pages);
    let (mut ordered, mut seen) = (Vec::new(), BTreeSet::new());
    for first in firsts {
        let mut page = Some(*first);
        while let Some(known) = page.filter(|page| pages.contains(page) && seen.insert(*page)) {
            ordered.push(known);
            page = next(known);
        }
    }
    ordered
}
