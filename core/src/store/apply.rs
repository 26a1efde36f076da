//! Changes a store to what the code declares, once every check has passed. All pages that this
//! takes are reserved before the first write.

use std::rc::Rc;

use ic_stable_structures::Memory;
use zerocopy::IntoBytes;

use super::catalog::{self, StoredRoot};
use super::changed_roots::{check_drop, drop_root, rename_root};
use super::compare::{CurrentRow, OpenPlan, OpenPlans};
use super::registry::{self, Registry};
use super::root_page::{LayoutUsage, MAX_ROWS, NAME_AT, ROWS_AT, RootHeader, RootState};
use super::{Root, RootSpec, ValueLayout};
use crate::error::{Error, Result};
use crate::evolution::Plan;
use crate::layout::Fingerprint;
use crate::page::superblock::WASM_PAGE;
use crate::page::{Kind, LayoutId, PAGE_SIZE, Pager};

/// Applies the plans to a store. Returns the roots in the order of the declaration.
pub(super) fn apply<M: Memory>(
    pager: &Pager<M>,
    specs: &[RootSpec],
    plans: OpenPlans,
    mut registry: Registry,
) -> Result<Vec<Option<Root<M>>>> {
    let kept = plans.kept;
    let plans = make_room(pager, specs, plans, &registry)?;
    let mut count = kept + plans.iter().filter(|plan| plan.stored.is_some()).count();
    let mut roots = Vec::with_capacity(specs.len());
    for (spec, plan) in specs.iter().zip(plans) {
        let mut layouts = plan.layouts;
        let mut stored = match plan.stored {
            Some(stored) => match plan.current {
                CurrentRow::Unchanged => stored,
                CurrentRow::Listed(at) => select_row(pager, stored, at)?,
                CurrentRow::New => add_row(pager, &mut registry, spec, stored)?,
            },
            None => {
                count += 1;
                create_root(pager, &mut registry, spec, count - 1)?
            }
        };
        if plan.has_renamed_key {
            rename_key(pager, &mut registry, spec, &mut stored)?;
        }
        if plan.is_renamed {
            rename_root(pager, spec, &mut stored)?;
        }
        let current = stored.current().layout.get();
        let size = if spec.kind.is_index() { None } else { spec.value.size() };
        // The values of an index are its own bytes.
        if !spec.kind.is_index() && layouts.iter().all(|layout| layout.index != current) {
            let (plan, version) = (Rc::new(Plan::identity(size)), spec.value.version());
            let name = spec.value.name().into();
            let layout = ValueLayout { index: current, name, version, plan, is_structural: true };
            // Nearly all roots have one layout, and a vector grows to four.
            layouts = layouts.into_iter().chain([layout]).collect();
        }
        roots.push(Some(Root::new(pager, stored, layouts, size)?));
    }
    Ok(roots)
}

/// Checks and reserves all that the next steps need, so that none of them can fail. Then frees the
/// dropped roots, whose pages count as available. Returns the plans of the other roots.
fn make_room<M: Memory>(
    pager: &Pager<M>,
    specs: &[RootSpec],
    OpenPlans { mut roots, dropped, .. }: OpenPlans,
    registry: &Registry,
) -> Result<Vec<OpenPlan>> {
    registry.check_room(new_layouts(specs, &roots, registry))?;
    let pages = pages_needed(specs, &roots, registry);
    let mut going = Vec::with_capacity(3 * dropped.len());
    for root in &dropped {
        check_drop(pager, root)?;
        going.extend([root.page, root.header.state.top.get(), root.second.top.get()]);
    }
    pager.prepare(pages, &going)?;
    for root in dropped {
        if let Some((page, ordinal)) = drop_root(pager, &root)? {
            let mut stored = roots.iter_mut().filter_map(|plan| plan.stored.as_mut());
            let moved = stored.find(|stored| stored.page == page);
            moved.into_iter().for_each(|stored| stored.header.ordinal = ordinal.into());
        }
    }
    pager.reserve(pages)?;
    Ok(roots)
}

/// An empty memory that has grown to hold a new store.
pub(super) struct ReservedMemory;

impl ReservedMemory {
    pub(super) fn reserve<M: Memory>(memory: M, specs: &[RootSpec]) -> Result<M> {
        let empty = OpenPlans::fresh(specs);
        let pages = u64::from(pages_needed(specs, &empty.roots, &Registry::default())) + 2;
        if memory.grow((pages * PAGE_SIZE as u64).div_ceil(WASM_PAGE)) < 0 {
            return Err(Error::OutOfMemory { pages });
        }
        Ok(memory)
    }
}

/// Returns the number of layouts to add to the registry.
fn new_layouts(specs: &[RootSpec], plans: &[OpenPlan], registry: &Registry) -> usize {
    let is_new = |fingerprint| usize::from(registry.find(fingerprint).is_none());
    let layouts = specs.iter().zip(plans).map(|(spec, plan)| {
        let is_written = plan.stored.is_none() || plan.has_renamed_key;
        let key = spec.key.filter(|_| is_written).map_or(0, |key| is_new(key.1));
        key + if plan.current == CurrentRow::New { is_new(spec.value_fingerprint) } else { 0 }
    });
    layouts.sum()
}

/// Returns the number of pages to reserve before the first write.
fn pages_needed(specs: &[RootSpec], plans: &[OpenPlan], registry: &Registry) -> u32 {
    let (mut pages, mut bytes) = (0, 0);
    for (spec, plan) in specs.iter().zip(plans) {
        if plan.stored.is_none() {
            pages += 1;
        }
        if plan.stored.is_none() || plan.has_renamed_key {
            bytes += spec.key.map_or(0, |(layout, fingerprint)| registry.cost(layout, fingerprint));
        }
        if plan.current == CurrentRow::New {
            bytes += registry.cost(spec.value, spec.value_fingerprint);
        }
    }
    if bytes == 0 { pages } else { pages + registry::pages_for(bytes) + 1 }
}

fn row(layout: LayoutId, fingerprint: Fingerprint) -> LayoutUsage {
    LayoutUsage {
        layout: layout.into(),
        reserved: [0; 2],
        pages: 0.into(),
        unused: [0; 8],
        fingerprint: fingerprint.0,
    }
}

/// Writes the names that the fields of a key have now. Their types are the same.
fn rename_key<M: Memory>(
    pager: &Pager<M>,
    registry: &mut Registry,
    spec: &RootSpec,
    root: &mut StoredRoot,
) -> Result<()> {
    let Some((layout, fingerprint)) = spec.key else { return Ok(()) };
    root.header.key_layout = registry.add(pager, layout, fingerprint)?.into();
    root.header.key_fingerprint = fingerprint.0;
    root.header.check = root.header.checksum(root.name.as_bytes());
    root.write_header(pager)
}

/// Makes a layout that the root lists its current one.
fn select_row<M: Memory>(pager: &Pager<M>, mut root: StoredRoot, at: u16) -> Result<StoredRoot> {
    root.header.current = at.into();
    root.write_header(pager)?;
    Ok(root)
}

/// Adds a layout to the root's list and makes it the current one.
fn add_row<M: Memory>(
    pager: &Pager<M>,
    registry: &mut Registry,
    spec: &RootSpec,
    mut root: StoredRoot,
) -> Result<StoredRoot> {
    let index = registry.add(pager, spec.value, spec.value_fingerprint)?;
    let current = root.header.current.get() as usize;
    let unused = root.rows.iter().enumerate().position(|(at, row)| at != current && row.pages.get() == 0);
    let at = if root.rows.len() < MAX_ROWS { root.rows.len() } else { unused.unwrap_or(current) };
    let row = row(index, spec.value_fingerprint);
    match root.rows.get_mut(at) {
        Some(old) => *old = row,
        None => root.rows.push(row),
    }
    root.header.current = (at as u16).into();
    root.header.rows = (root.rows.len() as u16).into();
    pager.write(root.page, ROWS_AT + at * size_of::<LayoutUsage>(), row.as_bytes())?;
    root.write_header(pager)?;
    Ok(root)
}

#[expect(
    clippy::indexing_slicing,
    reason = "a root's page has room for its header, a name of 255 bytes and a row"
)]
fn create_root<M: Memory>(
    pager: &Pager<M>,
    registry: &mut Registry,
    spec: &RootSpec,
    ordinal: usize,
) -> Result<StoredRoot> {
    let (key_layout, key_fingerprint) = match spec.key {
        Some((layout, fingerprint)) => (registry.add(pager, layout, fingerprint)?, fingerprint.0),
        None => (LayoutId::NONE, [0; 16]),
    };
    let layout = registry.add(pager, spec.value, spec.value_fingerprint)?;
    let page = pager.allocate()?;
    let mut header = RootHeader {
        kind: Kind::Root as u8,
        collection: spec.kind as u8,
        name_len: (spec.name.len() as u16).into(),
        ordinal: (ordinal as u32).into(),
        state: RootState { pages: 1.into(), ..RootState::default() },
        key_layout: key_layout.into(),
        current: 0.into(),
        rows: 1.into(),
        read_features: spec.kind.read_features(),
        write_features: 0,
        key_fingerprint,
        check: 0.into(),
    };
    header.check = header.checksum(spec.name.as_bytes());
    let row = row(layout, spec.value_fingerprint);
    let mut bytes = Box::new([0; PAGE_SIZE]);
    bytes[..size_of::<RootHeader>()].copy_from_slice(header.as_bytes());
    bytes[NAME_AT..NAME_AT + spec.name.len()].copy_from_slice(spec.name.as_bytes());
    bytes[ROWS_AT..ROWS_AT + size_of::<LayoutUsage>()].copy_from_slice(row.as_bytes());
    pager.write(page, 0, &bytes[..])?;
    catalog::append(pager, ordinal, page)?;
    let name = spec.name.into();
    Ok(StoredRoot { page, header, name, rows: vec![row], second: RootState::default() })
}
