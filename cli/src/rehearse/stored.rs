//! The roots of a memory before the upgrade, after it, and after the sweep.

use std::collections::BTreeMap;

use graven_core::Memory;
use graven_core::store::{InspectedRoot, inspect};
use graven_testkit::StableMemory;

use super::report::{Layout, Root, Size};

/// The roots at each moment. A memory that is not a store of its own, as one of a memory manager,
/// has none.
pub(super) struct Moments {
    before: Vec<InspectedRoot>,
    after: Vec<InspectedRoot>,
}

impl Moments {
    pub(super) fn before(stable: &StableMemory) -> Moments {
        let before = look(stable);
        Moments { after: before.clone(), before }
    }

    pub(super) fn after_upgrade(&mut self, stable: &StableMemory) {
        self.after = look(stable);
    }

    pub(super) fn after_sweep(&mut self, stable: &StableMemory) {
        self.after = look(stable);
    }

    /// Returns all roots with what they were before, and what they are now.
    pub(super) fn roots(&self) -> Vec<Root> {
        let before = |name: &str| self.before.iter().find(|root| root.name == name);
        let now = self.after.iter().map(|root| changed(before(&root.name), Some(root)));
        let gone = self.before.iter().filter(|old| self.after.iter().all(|root| root.name != old.name));
        now.chain(gone.map(|root| changed(Some(root), None))).flatten().collect()
    }
}

fn look(stable: &StableMemory) -> Vec<InspectedRoot> {
    inspect(View(stable)).unwrap_or_default()
}

fn changed(before: Option<&InspectedRoot>, after: Option<&InspectedRoot>) -> Option<Root> {
    let known = after.or(before)?;
    let mut layouts: BTreeMap<String, Layout> = BTreeMap::new();
    for (root, is_after) in [(before, false), (after, true)] {
        // The layout of an index says in words what it has.
        let root = root.filter(|root| !root.kind.is_index());
        for found in root.iter().flat_map(|root| &root.layouts) {
            let fingerprint = format!("{:#}", found.layout.fingerprint());
            let layout = layouts.entry(fingerprint.clone()).or_insert_with(|| Layout {
                name: found.layout.to_string(),
                version: found.layout.version(),
                fingerprint,
                ..Layout::default()
            });
            if is_after {
                (layout.pages_after, layout.current) = (found.pages, found.current);
            } else {
                layout.pages_before = found.pages;
            }
        }
    }
    let mut layouts: Vec<Layout> = layouts.into_values().collect();
    layouts.sort_by_key(|layout| (layout.current, layout.version));
    let size = |root: &InspectedRoot| Size { entries: root.entries, bytes: root.bytes, pages: root.pages };
    Some(Root {
        name: known.name.clone(),
        declaration: known.declaration(),
        before: before.map(size),
        after: after.map(size),
        converted: converted(before, after, &layouts),
        layouts,
    })
}

/// Returns the number of records that changed their layout, if all of them did. Entries of nested
/// collections are not counted one by one.
fn converted(
    before: Option<&InspectedRoot>,
    after: Option<&InspectedRoot>,
    layouts: &[Layout],
) -> Option<u64> {
    let (before, after) = before.zip(after)?;
    let declaration = after.declaration();
    let is_nested = ["Nested<", "Records<"].iter().any(|kind| declaration.contains(&format!(": {kind}")));
    let all = layouts
        .iter()
        .all(|layout| if layout.current { layout.pages_before == 0 } else { layout.pages_after == 0 });
    let had_old = layouts.iter().any(|layout| !layout.current && layout.pages_before > 0);
    (all && had_old && !is_nested && before.entries == after.entries).then_some(after.entries)
}

/// A stable memory that is only read.
struct View<'a>(&'a StableMemory);

impl Memory for View<'_> {
    fn size(&self) -> u64 {
        self.0.pages()
    }

    fn grow(&self, _: u64) -> i64 {
        -1
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        if self.0.contains(offset, out.len() as u64) {
            self.0.read(offset, out);
        } else {
            out.fill(0);
        }
    }

    fn write(&self, _: u64, _: &[u8]) {}
}
