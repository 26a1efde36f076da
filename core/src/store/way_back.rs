//! Checks for tools, before a deploy, that the earlier release could run again after the new one.

use super::catalog::StoredRoot;
use super::inspect::{imagine, imagine_row, problems};
use super::names::check_names;
use super::registry::Registry;
use super::section::Declared;
use crate::error::Result;
use crate::evolution::Problem;
use crate::layout::stored::OwnedLayout;

/// The verdict on the way back to an earlier release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WayBack {
    /// The problems for which the earlier code would refuse a memory that the newer code has only
    /// opened.
    pub problems: Vec<Problem>,
    /// Roots in which the first record of the newer code closes the way, by the newer code's names.
    pub closed_by: Vec<String>,
    /// Roots whose entries are lost on the way back: one of the two releases drops what the other
    /// one has.
    pub lost: Vec<String>,
}

impl WayBack {
    /// Returns `true` if nothing that the newer code writes keeps the earlier code from running
    /// again.
    #[must_use]
    pub fn stays_open(&self) -> bool {
        self.problems.is_empty() && self.closed_by.is_empty() && self.lost.is_empty()
    }
}

/// Checks whether `old` could open a memory again that it wrote and that `new` has opened since.
///
/// # Errors
/// [`Error::BadName`](crate::Error::BadName) or [`Error::TooManyRoots`](crate::Error::TooManyRoots)
/// if a store could not be opened with one of them.
pub fn way_back(old: &Declared, new: &Declared) -> Result<WayBack> {
    check_names(&old.roots)?;
    check_names(&new.roots)?;
    let mut registry = Registry::default();
    let stored: Vec<StoredRoot> = old.roots.iter().map(|spec| imagine(spec, &mut registry)).collect();
    let (opened, mut lost) = open(stored, new, &mut registry);
    let dropped_by_old = new.roots.iter().filter(|spec| old.dropped.contains(&spec.name));
    lost.extend(dropped_by_old.map(|spec| spec.name.to_owned()));
    let problems_now = problems(old, opened.clone(), &registry)?;
    let mut closed_by = Vec::new();
    if problems_now.is_empty() {
        for (at, root) in opened.iter().enumerate() {
            let mut written = opened.clone();
            written.get_mut(at).into_iter().for_each(write);
            if !problems(old, written, &registry)?.is_empty() {
                closed_by.push(root.name.to_string());
            }
        }
    }
    Ok(WayBack { problems: problems_now, closed_by, lost })
}

/// Opens imagined roots with newer code. Returns the roots after that, and the names of those that
/// it dropped.
fn open(stored: Vec<StoredRoot>, new: &Declared, registry: &mut Registry) -> (Vec<StoredRoot>, Vec<String>) {
    let mut opened = Vec::with_capacity(new.roots.len());
    for spec in &new.roots {
        let by_name = stored.iter().find(|root| root.name == spec.name);
        let found = by_name.or_else(|| stored.iter().find(|root| spec.was.contains(&&*root.name)));
        let Some(mut root) = found.cloned() else {
            let mut root = imagine(spec, registry);
            root.header.state.len = 0.into();
            root.rows.iter_mut().for_each(|row| row.pages = 0.into());
            opened.push(root);
            continue;
        };
        root.name = spec.name.into();
        if root.rows.iter().all(|row| row.fingerprint != spec.value_fingerprint.0) {
            let layout = registry.imagine(&OwnedLayout::from(spec.value));
            let mut row = imagine_row(layout, spec.value_fingerprint);
            row.pages = 0.into();
            root.header.current = (root.rows.len() as u16).into();
            root.rows.push(row);
        }
        opened.push(root);
    }
    let dropped = stored.iter().map(|root| &*root.name).filter(|name| new.dropped.contains(name));
    (opened, dropped.map(str::to_owned).collect())
}

/// Adds a record in the current layout to an imagined root.
fn write(root: &mut StoredRoot) {
    root.header.state.len = 1.into();
    if let Some(row) = root.rows.get_mut(usize::from(root.header.current.get())) {
        row.pages = 1.into();
    }
}
