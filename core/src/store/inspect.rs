//! Answers for tools about a memory or the code in a wasm. [`inspect`] lists the stored roots.
//! [`check_image`] and [`check_specs`] check whether code can open them, with the comparison of
//! [`Store::open`](super::Store::open). Nothing is written.

use std::collections::BTreeSet;

use ic_stable_structures::Memory;

use super::catalog::{self, StoredRoot};
use super::compare::compare;
use super::names::check_names;
use super::registry::Registry;
use super::root_page::{LayoutUsage, RootHeader, RootState};
use super::section::Declared;
use super::{CollectionKind, RootSpec};
use crate::error::{Damage, Error, Result};
use crate::evolution::{Check, Problem, Rule};
use crate::layout::Fingerprint;
use crate::layout::stored::OwnedLayout;
use crate::page::superblock::Access;
use crate::page::{Kind, LayoutId, PageNumber, Pager};

/// A root in a memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedRoot {
    /// Its name.
    pub name: String,
    /// The kind of the collection.
    pub kind: CollectionKind,
    /// The layout of its keys.
    pub key: Option<OwnedLayout>,
    /// The number of entries.
    pub entries: u64,
    /// The size of the encoded keys and values in bytes.
    pub bytes: u64,
    /// The number of pages of 4 KiB, the root's own included.
    pub pages: u32,
    /// The layouts of its values.
    pub layouts: Vec<InspectedLayout>,
}

/// A layout of a root's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedLayout {
    /// The layout.
    pub layout: OwnedLayout,
    /// The number of pages that hold values of it. A page that holds two layouts counts for both.
    pub pages: u32,
    /// `true` if the code that ran last writes values in it.
    pub current: bool,
}

impl InspectedRoot {
    /// Returns the declaration, as in `users: BTreeMap<Principal, User>`.
    #[must_use]
    pub fn declaration(&self) -> String {
        let current = self.layouts.iter().find(|layout| layout.current);
        let current = current.map_or(OwnedLayout::Tuple(Vec::new()), |current| current.layout.clone());
        self.kind.declaration(&self.name, self.key.as_ref(), &current)
    }
}

/// The verdict on whether code can open a memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The problems for which it refuses the store. Empty if it can open it.
    pub problems: Vec<Problem>,
    /// The problems for which it refuses the store if pages of previous versions are still there.
    pub doubts: Vec<Doubt>,
    /// Roots whose values are migrated to another layout as they are written.
    pub migrating: Vec<String>,
    /// Roots for which a later release listed layouts that the code does not know, without writing
    /// a record in them.
    pub taken_back: Vec<String>,
    /// Roots that the code creates.
    pub new: Vec<String>,
}

/// A problem only if a previous version is still stored somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The type's name.
    pub name: String,
    /// The old version.
    pub version: u32,
    /// The problem that would be reported.
    pub problem: Problem,
}

/// Returns the roots of a memory. Reads no entries.
///
/// # Errors
/// [`Error::Foreign`], [`Error::NewerFormat`], [`Error::UnknownFeatures`], [`Error::Truncated`] or
/// [`Error::Damaged`] if the memory is not an intact store that this code knows. An empty memory
/// has no roots.
pub fn inspect<M: Memory>(memory: M) -> Result<Vec<InspectedRoot>> {
    if memory.size() == 0 {
        return Ok(Vec::new());
    }
    inspect_pages(&Pager::open(memory, 0, Access::Read)?)
}

/// Returns the roots in the pages of a store. Reads no entries.
///
/// # Errors
/// [`Error::Damaged`], or [`Error::UnknownFeatures`] of a root.
pub fn inspect_pages<M: Memory>(pager: &Pager<M>) -> Result<Vec<InspectedRoot>> {
    let (stored, registry) = (catalog::load(pager, Access::Read, |_| "")?, Registry::load(pager)?);
    stored.iter().map(|root| inspect_root(root, &registry)).collect()
}

fn load<M: Memory>(memory: M) -> Result<Option<(Vec<StoredRoot>, Registry)>> {
    if memory.size() == 0 {
        return Ok(None);
    }
    let pager = Pager::open(memory, 0, Access::Read)?;
    let stored = catalog::load(&pager, Access::Read, |_| "")?;
    Ok(Some((stored, Registry::load(&pager)?)))
}

fn inspect_root(root: &StoredRoot, registry: &Registry) -> Result<InspectedRoot> {
    let kind = CollectionKind::from_byte(root.header.collection);
    let unknown = Damage::UnknownCollection.on(root.page).of_root(&root.name);
    let key = match root.header.key_layout.get() {
        LayoutId::NONE => None,
        index => Some(registry.layout(index)?),
    };
    let current = root.header.current.get() as usize;
    let layout = |(index, row): (usize, &LayoutUsage)| {
        let layout = registry.layout(row.layout.get())?;
        Ok(InspectedLayout { layout, pages: row.pages.get(), current: index == current })
    };
    Ok(InspectedRoot {
        name: root.name.to_string(),
        kind: kind.ok_or(unknown)?,
        key,
        entries: root.header.state.len.get(),
        bytes: root.header.state.bytes.get(),
        pages: root.header.state.pages.get(),
        layouts: root.rows.iter().enumerate().map(layout).collect::<Result<_>>()?,
    })
}

/// Checks whether code with these roots can open a memory. Reads no entries.
///
/// # Errors
/// As [`Store::open`](super::Store::open), but without [`Error::Refused`]: the verdict has its
/// problems.
pub fn check_image<M: Memory>(memory: M, declared: &Declared) -> Result<Verdict> {
    check_names(&declared.roots)?;
    let (stored, registry) = load(memory)?.unwrap_or_default();
    verdict(declared, stored, &registry)
}

fn verdict(declared: &Declared, stored: Vec<StoredRoot>, registry: &Registry) -> Result<Verdict> {
    let (specs, mut verdict) = (&declared.roots, Verdict::default());
    for spec in specs {
        let old = |row: &LayoutUsage| row.pages.get() > 0 && row.fingerprint != spec.value_fingerprint.0;
        match stored.iter().find(|root| root.name == spec.name || spec.was.contains(&&*root.name)) {
            None => verdict.new.push(spec.name.to_owned()),
            Some(root) => {
                if root.rows.iter().any(old) {
                    verdict.migrating.push(spec.name.to_owned());
                }
                if is_taken_back(spec, root, registry)? {
                    verdict.taken_back.push(spec.name.to_owned());
                }
            }
        }
    }
    verdict.problems = problems(declared, stored, registry)?;
    registry.check_room(2 * specs.len())?;
    Ok(verdict)
}

/// Returns `true` if the stored current layout has no pages and the code cannot read it.
fn is_taken_back(spec: &RootSpec, root: &StoredRoot, registry: &Registry) -> Result<bool> {
    let current = root.current();
    if current.pages.get() > 0 || current.fingerprint == spec.value_fingerprint.0 {
        return Ok(false);
    }
    let mut check = Check::default();
    check.plan(&registry.layout(current.layout.get())?, spec.history);
    Ok(!check.problems.is_empty())
}

pub(super) fn problems(
    declared: &Declared,
    stored: Vec<StoredRoot>,
    registry: &Registry,
) -> Result<Vec<Problem>> {
    match compare(&declared.roots, &declared.dropped, stored, registry) {
        Ok(_) => Ok(Vec::new()),
        Err(Error::Refused(report)) => Ok(report.problems),
        Err(error) => Err(error),
    }
}

/// Checks whether code with the roots in `new` can open any memory that code with those in `old`
/// may have written.
///
/// # Errors
/// [`Error::BadName`] or [`Error::TooManyRoots`] if a store could not be opened with one of them.
pub fn check_specs(old: &[RootSpec], new: &Declared) -> Result<Verdict> {
    check_names(old)?;
    check_names(&new.roots)?;
    let mut registry = Registry::default();
    let stored: Vec<StoredRoot> = old.iter().map(|spec| imagine(spec, &mut registry)).collect();
    let mut verdict = verdict(new, stored.clone(), &registry)?;
    for (index, spec) in old.iter().enumerate() {
        doubts(spec, index, &stored, &registry, new, &mut verdict)?;
    }
    // The number of entries is not known here.
    for problem in verdict.problems.iter_mut().filter(|problem| problem.rule == Rule::RootUndeclared) {
        problem.what = problem.what.replace(" (1 entry)", "");
    }
    Ok(verdict)
}

/// Returns a root as code with `spec` creates it, with an entry on a page.
pub(super) fn imagine(spec: &RootSpec, registry: &mut Registry) -> StoredRoot {
    let (key_layout, key_fingerprint) = match spec.key {
        Some((layout, fingerprint)) => (registry.imagine(&OwnedLayout::from(layout)), fingerprint.0),
        None => (LayoutId::NONE, [0; 16]),
    };
    let header = RootHeader {
        kind: Kind::Root as u8,
        collection: spec.kind as u8,
        name_len: (spec.name.len() as u16).into(),
        ordinal: 0.into(),
        state: RootState { len: 1.into(), ..RootState::default() },
        key_layout: key_layout.into(),
        current: 0.into(),
        rows: 1.into(),
        read_features: spec.kind.read_features(),
        write_features: 0,
        key_fingerprint,
        check: 0.into(),
    };
    let rows = vec![imagine_row(registry.imagine(&OwnedLayout::from(spec.value)), spec.value_fingerprint)];
    let name = spec.name.into();
    StoredRoot { page: PageNumber::NONE, header, name, rows, second: RootState::default() }
}

pub(super) fn imagine_row(layout: LayoutId, fingerprint: Fingerprint) -> LayoutUsage {
    LayoutUsage {
        layout: layout.into(),
        reserved: [0; 2],
        pages: 1.into(),
        unused: [0; 8],
        fingerprint: fingerprint.0,
    }
}

/// Adds the problems of previous layouts that the old code reads, since pages of them may still be
/// there.
fn doubts(
    spec: &RootSpec,
    index: usize,
    stored: &[StoredRoot],
    registry: &Registry,
    new: &Declared,
    verdict: &mut Verdict,
) -> Result<()> {
    let mut seen = BTreeSet::from([spec.value_fingerprint]);
    let mut older = Vec::new();
    spec.history.each_layout(&mut |layout| {
        let fingerprint = layout.fingerprint();
        if seen.insert(fingerprint) {
            older.push((layout, fingerprint));
        }
    });
    let current = versions_in(spec, &OwnedLayout::from(spec.value));
    for (layout, fingerprint) in older {
        let (mut registry, mut stored) = (registry.clone(), stored.to_vec());
        let row = imagine_row(registry.imagine(&layout), fingerprint);
        stored.get_mut(index).into_iter().for_each(|root| root.rows.push(row));
        let found = problems(new, stored, &registry)?;
        let Some((name, version)) =
            versions_in(spec, &layout).into_iter().find(|used| !current.contains(used))
        else {
            continue;
        };
        for problem in found {
            let known = |other: &Problem| {
                other.rule == problem.rule && other.path == problem.path && other.what == problem.what
            };
            let doubted = verdict.doubts.iter().any(|doubt| known(&doubt.problem));
            if !doubted && !verdict.problems.iter().any(known) {
                verdict.doubts.push(Doubt { name: name.clone(), version, problem });
            }
        }
    }
    Ok(())
}

fn versions_in(spec: &RootSpec, layout: &OwnedLayout) -> Vec<(String, u32)> {
    let mut versions = Vec::new();
    spec.history.versions_in(layout, &mut |name, version| versions.push((name.to_owned(), version)));
    versions
}
