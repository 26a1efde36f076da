//! Which versions of the code's types no page holds any more.

use ic_stable_structures::Memory;

use super::registry::Registry;
use super::{Root, RootSpec};
use crate::error::Result;
use crate::evolution::{Check, VersionName};

/// The older versions that `specs` declare and no page of the roots holds, nor any version before them: their
/// histories may be deleted from the code. Reads the layout registry.
///
/// # Errors
/// [`Error::Damaged`](crate::Error::Damaged) where the registry is.
pub fn obsolete<M: Memory>(roots: &[&Root<M>], specs: &[RootSpec]) -> Result<Vec<VersionName>> {
    let Some(first) = roots.first() else { return Ok(Vec::new()) };
    let registry = Registry::load(first.pager())?;
    let mut check = Check::recording();
    let mut declared: Vec<VersionName> = Vec::new();
    for (root, spec) in roots.iter().zip(specs) {
        declared.extend(spec.history.older_versions());
        for row in root.rows().iter().filter(|row| row.pages.get() > 0) {
            check.plan(&registry.layout(row.layout.get())?, spec.history);
        }
    }
    declared.sort_unstable();
    declared.dedup();
    // What is older than a version that is still stored may be read through the history of that one.
    declared.retain(|version| {
        check.seen().iter().all(|seen| seen.name != version.name || seen.version > version.version)
    });
    Ok(declared)
}
