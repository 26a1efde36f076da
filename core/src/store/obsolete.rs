//! Versions of the code's types that are stored nowhere. A canister asks its open store for them,
//! and tools ask a memory that the code has not opened. Both count the layouts of pages, and the
//! current layout, which opening checks even if no page has it.

use ic_stable_structures::Memory;

use super::inspect::InspectedRoot;
use super::registry::Registry;
use super::root_page::LayoutUsage;
use super::section::Declared;
use super::{Root, RootSpec};
use crate::error::Result;
use crate::evolution::{UnusedVersion, Usage, VersionName};

/// Returns the versions whose histories may be deleted from the code: `specs` declare them, and no
/// page of the roots holds them or an older version. Reads the layout registry.
///
/// # Errors
/// [`Error::Damaged`](crate::Error::Damaged) if the registry is damaged.
pub fn obsolete<M: Memory>(roots: &[&Root<M>], specs: &[RootSpec]) -> Result<Vec<VersionName>> {
    let Some(first) = roots.first() else { return Ok(Vec::new()) };
    let registry = Registry::load(first.pager())?;
    let mut usage = Usage::default();
    for (root, spec) in roots.iter().zip(specs) {
        let there = |row: &&LayoutUsage| row.pages.get() > 0 || row.layout.get() == root.current();
        for row in root.rows().iter().filter(there) {
            usage.stored(&registry.layout(row.layout.get())?, spec.history);
        }
    }
    let unused = usage.unused(specs.iter().map(|spec| spec.history)).into_iter();
    let obsolete = unused.filter(|unused| !unused.needed);
    Ok(obsolete.map(|UnusedVersion { name, version, .. }| VersionName { name, version }).collect())
}

/// Returns the versions that the code declares and no page of `roots` holds. The code may drop
/// those that are not needed to read older ones.
#[must_use]
pub fn unused_versions(roots: &[InspectedRoot], code: &Declared) -> Vec<UnusedVersion> {
    let mut usage = Usage::default();
    for root in roots {
        let name = root.name.as_str();
        let by_name = code.roots.iter().find(|spec| spec.name == name);
        let known = by_name.or_else(|| code.roots.iter().find(|spec| spec.was.contains(&name)));
        if known.is_none() && code.dropped.contains(&name) {
            continue;
        }
        // A root that is not declared may need any history.
        for spec in code.roots.iter().filter(|spec| known.is_none_or(|known| known.name == spec.name)) {
            for layout in root.layouts.iter().filter(|layout| layout.pages > 0 || layout.current) {
                usage.stored(&layout.layout, spec.history);
            }
        }
    }
    usage.unused(code.roots.iter().map(|spec| spec.history))
}
