//! Roots that the code drops or renames.

use ic_stable_structures::Memory;

use super::catalog::{self, StoredRoot};
use super::root_page::{NAME_AT, NAME_ROOM};
use super::{CollectionKind, RootSpec};
use crate::error::{Damage, Result};
use crate::page::{PageNumber, Pager};

/// Checks that dropping a root frees only its own pages.
pub(super) fn check_drop<M: Memory>(pager: &Pager<M>, root: &StoredRoot) -> Result<()> {
    let (state, pager) = (root.header.state, pager.of_root(root.page));
    match CollectionKind::from_byte(root.header.collection) {
        None => Err(pager.damaged(root.page, Damage::UnknownCollection)),
        Some(CollectionKind::Cell) if state.top.get().is_some() => {
            let len = usize::try_from(state.bytes.get()).unwrap_or(usize::MAX);
            pager.check_overflow_of(state.top.get(), len).map(drop)
        }
        Some(_) => {
            let trees = [state, root.second];
            let mut trees = trees.into_iter().filter(|tree| tree.top.get().is_some());
            trees.try_for_each(|tree| pager.check_tree(tree.top.get(), root.page, tree.height.get()))
        }
    }
}

/// Removes a root from the catalog. Its pages are freed as they are needed, so the cost does not
/// depend on its size. Returns the page and position of the root that took its position in the
/// catalog.
pub(super) fn drop_root<M: Memory>(pager: &Pager<M>, root: &StoredRoot) -> Result<Option<(PageNumber, u32)>> {
    let top = root.header.state.top.get();
    if top.is_some() {
        match CollectionKind::from_byte(root.header.collection) {
            Some(CollectionKind::Cell) => pager.of_root(root.page).free_overflow(top)?,
            _ => pager.free_tree(top)?,
        }
    }
    let second = root.second.top.get();
    if second.is_some() {
        pager.free_tree(second)?;
    }
    let moved = catalog::remove(pager, root.page)?;
    pager.free(root.page)?;
    Ok(moved)
}

/// Gives a stored root the name that the code has for it.
pub(super) fn rename_root<M: Memory>(pager: &Pager<M>, spec: &RootSpec, root: &mut StoredRoot) -> Result<()> {
    let mut name = [0; NAME_ROOM];
    name.iter_mut().zip(spec.name.bytes()).for_each(|(to, byte)| *to = byte);
    root.name = spec.name.into();
    root.header.name_len = (spec.name.len() as u16).into();
    root.header.check = root.header.checksum(spec.name.as_bytes());
    pager.write(root.page, NAME_AT, &name)?;
    root.write_header(pager)
}
