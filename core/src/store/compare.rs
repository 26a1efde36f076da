//! Comparing what is stored with what the code declares. Everything that does not fit is reported,
//! and nothing is written.

use std::rc::Rc;

use super::catalog::StoredRoot;
use super::open::is_same_name;
use super::registry::Registry;
use super::root_page::{MAX_ROWS, NO_KEY, Row};
use super::{CollectionKind, RootSpec, ValueLayout};
use crate::error::{Error, Result};
use crate::evolution::{self, Check, Report, Rule};
use crate::layout::Fingerprint;
use crate::layout::stored::OwnedLayout;

/// The steps for a root once all checks have passed.
pub(super) struct Opening {
    pub(super) stored: Option<StoredRoot>,
    /// The newest layout has no row yet.
    pub(super) new_row: bool,
    pub(super) layouts: Vec<ValueLayout>,
}

/// The steps for all roots once all checks have passed.
pub(super) struct Openings {
    /// In the order of the declaration.
    pub(super) roots: Vec<Opening>,
    pub(super) dropped: Vec<StoredRoot>,
}

impl Openings {
    /// All roots are new.
    pub(super) fn fresh(specs: &[RootSpec]) -> Openings {
        let fresh = specs.iter().map(|_| Opening { stored: None, new_row: true, layouts: Vec::new() });
        Openings { roots: fresh.collect(), dropped: Vec::new() }
    }

    /// All roots are stored as they are declared.
    pub(super) fn unchanged(stored: Vec<StoredRoot>) -> Openings {
        let unchanged = |root| Opening { stored: Some(root), new_row: false, layouts: Vec::new() };
        Openings { roots: stored.into_iter().map(unchanged).collect(), dropped: Vec::new() }
    }
}

/// Returns whether a stored root is what the code declares, layouts of all pages included.
pub(super) fn is_unchanged(spec: &RootSpec, stored: &StoredRoot) -> bool {
    let newest = &stored.rows[stored.header.newest.get() as usize];
    let old = |row: &Row| row.layout != newest.layout && row.pages.get() > 0;
    stored.header.collection == spec.kind as u8
        && is_same_name(&stored.name, spec.name)
        && key_fits(spec, stored)
        && same_print(newest.fingerprint, spec.value_fingerprint)
        && !stored.rows.iter().any(old)
}

/// Compares as numbers: bytes are compared one by one, in a call.
fn same_print(stored: [u8; 16], Fingerprint(declared): Fingerprint) -> bool {
    u128::from_le_bytes(stored) == u128::from_le_bytes(declared)
}

fn key_fits(spec: &RootSpec, stored: &StoredRoot) -> bool {
    match spec.key {
        Some((_, fingerprint)) => {
            stored.header.key_layout.get() != NO_KEY && same_print(stored.header.key_fingerprint, fingerprint)
        }
        None => stored.header.key_layout.get() == NO_KEY,
    }
}

/// Compares everything stored with everything declared, and reports all that does not fit.
pub(super) fn compare(
    specs: &[RootSpec],
    dropped: &[&str],
    stored: Vec<StoredRoot>,
    registry: &Registry,
) -> Result<Openings> {
    let mut check = Check::default();
    let mut openings = Openings::fresh(specs);
    for root in stored {
        let name = root.name.as_str();
        let by_name = specs.iter().position(|spec| is_same_name(spec.name, name));
        let Some(at) = by_name.or_else(|| specs.iter().position(|spec| spec.was.contains(&name))) else {
            if openings.dropped.iter().any(|other| other.name == root.name) {
                return Err(same_name(&root));
            } else if dropped.contains(&name) {
                openings.dropped.push(root);
            } else {
                undeclared(&mut check, &root, registry)?;
            }
            continue;
        };
        match &openings.roots[at].stored {
            Some(other) if other.name == root.name => {
                return Err(same_name(&root));
            }
            Some(other) => renamed_twice(&mut check, &specs[at], &other.name, &root.name),
            None => openings.roots[at] = compare_root(&mut check, &specs[at], root, registry)?,
        }
    }
    if check.problems.is_empty() {
        Ok(openings)
    } else {
        Err(Error::Refused(Box::new(Report { problems: check.problems })))
    }
}

fn same_name(root: &StoredRoot) -> Error {
    Error::Damaged { page: root.page, why: "two roots have the same name" }
}

fn undeclared(check: &mut Check, root: &StoredRoot, registry: &Registry) -> Result<()> {
    let entries = root.header.state.len.get();
    check.root(&root.name, stored_declaration(root, registry)?);
    let plural = if entries == 1 { "entry" } else { "entries" };
    let what = format!("is stored ({entries} {plural}) but the code does not declare it");
    let fix = format!(
        "declare `{name}` again, say which collection it is now (`#[store(renamed(\"{name}\"))]`), or let it go: \
         `#[store(dropped(\"{name}\"))]`",
        name = root.name
    );
    check.problem(Rule::RootUndeclared, what, "what is not declared would be lost from sight", fix);
    Ok(())
}

fn renamed_twice(check: &mut Check, spec: &RootSpec, one: &str, other: &str) {
    check.root(spec.name, spec.declaration());
    let what = format!("both `{one}` and `{other}` are stored, and both would be `{}`", spec.name);
    let old = if one == spec.name { other } else { one };
    let fix = format!(
        "give the root `{old}` a collection of its own, or let it go: `#[store(dropped(\"{old}\"))]`"
    );
    check.problem(Rule::RootRenamedTwice, what, "one of them would be lost from sight", fix);
}

fn stored_declaration(root: &StoredRoot, registry: &Registry) -> Result<String> {
    let key = match root.header.key_layout.get() {
        NO_KEY => None,
        index => Some(registry.layout(index)?),
    };
    let value = registry.layout(root.rows[root.header.newest.get() as usize].layout.get())?;
    let kind = CollectionKind::from_byte(root.header.collection);
    let unknown = || Error::Damaged { page: root.page, why: "a root is of an unknown kind" };
    Ok(kind.ok_or_else(unknown)?.declaration(&root.name, key.as_ref(), &value))
}

fn compare_root(
    check: &mut Check,
    spec: &RootSpec,
    root: StoredRoot,
    registry: &Registry,
) -> Result<Opening> {
    if is_unchanged(spec, &root) {
        return Ok(Opening { stored: Some(root), new_row: false, layouts: Vec::new() });
    }
    check.root(spec.name, spec.declaration());
    if root.header.collection != spec.kind as u8 {
        let what = format!("was stored as `{}`", stored_declaration(&root, registry)?);
        let fix = "give the new collection another name, and copy the entries over";
        check.problem(Rule::KindChanged, what, "each kind of collection has pages of its own", fix);
        return Ok(Opening { stored: Some(root), new_row: false, layouts: Vec::new() });
    }
    if !key_fits(spec, &root) {
        let (rule, difference) = key_difference(spec, &root, registry)?;
        let what = format!("was stored as `{}`: {difference}", stored_declaration(&root, registry)?);
        let fix = match rule {
            Rule::KeyPartRenamed => "call it as it was called: the same bytes could mean something else",
            _ => "give the new collection another name, and copy the entries over",
        };
        check.problem(rule, what, "keys do not migrate in place: their bytes are the order", fix);
    }
    compare_values(check, spec, root, registry)
}

fn key_difference(spec: &RootSpec, root: &StoredRoot, registry: &Registry) -> Result<(Rule, String)> {
    let was = registry.layout(root.header.key_layout.get())?;
    Ok(match spec.key {
        Some((layout, _)) => evolution::key_problem(&was, &OwnedLayout::from(layout)),
        None => (Rule::KeyChanged, format!("its key `{was}` is gone")),
    })
}

/// Plans how to read every layout that the root's values may be in.
fn compare_values(
    check: &mut Check,
    spec: &RootSpec,
    root: StoredRoot,
    registry: &Registry,
) -> Result<Opening> {
    let newest = &root.rows[root.header.newest.get() as usize];
    let new_row = newest.fingerprint != spec.value_fingerprint.0;
    let (mut layouts, problems) = (Vec::new(), check.problems.len());
    for row in &root.rows {
        let is_newest = row.layout == newest.layout;
        if row.fingerprint == spec.value_fingerprint.0 {
            continue;
        }
        if row.pages.get() == 0 && !is_newest {
            continue;
        }
        let stored = registry.layout(row.layout.get())?;
        let plan = Rc::new(check.plan(&stored, spec.history));
        let (name, version) = (stored.to_string(), stored.version());
        layouts.push(ValueLayout { index: row.layout.get(), name, version, plan });
    }
    let was_there = root.rows.iter().any(|row| row.fingerprint == spec.value_fingerprint.0);
    if new_row && was_there && check.problems.len() == problems {
        downgrade(check, spec, registry.layout(newest.layout.get())?.version());
    }
    if new_row && root.rows.len() >= MAX_ROWS && root.rows.iter().all(|row| row.pages.get() > 0) {
        let what = format!("has pages in {MAX_ROWS} layouts");
        check.problem(
            Rule::TooManyLayouts,
            what,
            "that is as many as a root tells apart",
            "sweep with the old code",
        );
    }
    Ok(Opening { stored: Some(root), new_row, layouts })
}

fn downgrade(check: &mut Check, spec: &RootSpec, newer: Option<u32>) {
    let newer = newer.map_or("a newer layout".to_owned(), |version| format!("version {version}"));
    let name = OwnedLayout::from(spec.value).to_string();
    let what = format!("`{name}` was last stored in {newer}, which this code does not have");
    let fix = format!("deploy code that has {newer}");
    check.problem(Rule::VersionNewer, what, "older code cannot know what newer code wrote", fix);
}
