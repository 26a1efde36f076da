//! The comparison of stored roots with what the code declares. It reports everything that does not
//! fit, and writes nothing.

use std::rc::Rc;

use super::catalog::StoredRoot;
use super::names::is_same_name;
use super::parts::is_index_of;
use super::registry::Registry;
use super::root_page::{LayoutUsage, MAX_ROWS};
use super::row_key::{check_key, has_same_types};
use super::{CollectionKind, RootSpec, ValueLayout};
use crate::error::{Damage, Error, Result};
use crate::evolution::{self, Check, Rule};
use crate::layout::Fingerprint;
use crate::layout::stored::OwnedLayout;
use crate::page::LayoutId;

/// The row of the layout in which the code writes values.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum CurrentRow {
    /// The root's current row.
    Unchanged,
    /// Another row of the root, at this position.
    Listed(u16),
    /// A row that the root does not have yet.
    New,
}

/// The changes to a root once all checks have passed.
pub(super) struct OpenPlan {
    pub(super) stored: Option<StoredRoot>,
    pub(super) current: CurrentRow,
    pub(super) layouts: Vec<ValueLayout>,
    /// `true` if it is stored under a former name.
    pub(super) is_renamed: bool,
    /// `true` if a field of the key of a table's rows has another name.
    pub(super) has_renamed_key: bool,
}

/// The changes to a store once all checks have passed.
pub(super) struct OpenPlans {
    /// The plans in the order of the declaration.
    pub(super) roots: Vec<OpenPlan>,
    pub(super) dropped: Vec<StoredRoot>,
    /// The number of empty roots that the code does not declare and that stay as they are.
    pub(super) kept: usize,
}

impl OpenPlans {
    /// Returns the plans for roots that are all new.
    pub(super) fn fresh(specs: &[RootSpec]) -> OpenPlans {
        let fresh = specs.iter().map(|_| OpenPlan { current: CurrentRow::New, ..OpenPlan::of(None) });
        OpenPlans { roots: fresh.collect(), dropped: Vec::new(), kept: 0 }
    }

    /// Returns the plans for roots that are all stored as they are declared.
    pub(super) fn unchanged(stored: Vec<StoredRoot>) -> OpenPlans {
        OpenPlans {
            roots: stored.into_iter().map(OpenPlan::unchanged).collect(),
            dropped: Vec::new(),
            kept: 0,
        }
    }
}

impl OpenPlan {
    fn unchanged(root: StoredRoot) -> OpenPlan {
        OpenPlan::of(Some(root))
    }

    fn of(stored: Option<StoredRoot>) -> OpenPlan {
        let (current, layouts) = (CurrentRow::Unchanged, Vec::new());
        OpenPlan { stored, current, layouts, is_renamed: false, has_renamed_key: false }
    }
}

/// Returns `true` if a stored root is what the code declares, and all its pages have the current
/// layout.
pub(super) fn is_unchanged(spec: &RootSpec, stored: &StoredRoot) -> bool {
    let current = stored.current();
    let old = |row: &LayoutUsage| row.layout != current.layout && row.pages.get() > 0;
    stored.header.collection == spec.kind as u8
        && is_same_name(&stored.name, spec.name)
        && key_fits(spec, stored)
        && same_print(current.fingerprint, spec.value_fingerprint)
        && !stored.rows.iter().any(old)
}

/// Returns `true` if two fingerprints are equal. Comparing arrays would call a loop over bytes.
fn same_print(stored: [u8; 16], Fingerprint(declared): Fingerprint) -> bool {
    u128::from_le_bytes(stored) == u128::from_le_bytes(declared)
}

fn key_fits(spec: &RootSpec, stored: &StoredRoot) -> bool {
    match spec.key {
        Some((_, fingerprint)) => {
            stored.header.key_layout.get() != LayoutId::NONE
                && same_print(stored.header.key_fingerprint, fingerprint)
        }
        None => stored.header.key_layout.get() == LayoutId::NONE,
    }
}

/// Compares the stored roots with the declared ones. Returns the plans, or everything that does not
/// fit as an error.
pub(super) fn compare(
    specs: &[RootSpec],
    dropped: &[&str],
    stored: Vec<StoredRoot>,
    registry: &Registry,
) -> Result<OpenPlans> {
    let mut check = Check::default();
    let mut plans = OpenPlans::fresh(specs);
    let mut empty = Vec::new();
    for root in stored {
        let name = &*root.name;
        let mut declared = specs.iter().zip(&mut plans.roots);
        let by_name = specs.iter().position(|spec| is_same_name(spec.name, name));
        let at = by_name.or_else(|| specs.iter().position(|spec| spec.was.contains(&name)));
        let is_index =
            CollectionKind::from_byte(root.header.collection).is_some_and(CollectionKind::is_index);
        if is_index && !at.and_then(|at| specs.get(at)).is_some_and(|spec| is_unchanged(spec, &root)) {
            // It is made anew, or no more.
            plans.dropped.push(root);
            continue;
        }
        let Some((spec, plan)) = at.and_then(|at| declared.nth(at)) else {
            if plans.dropped.iter().any(|other| other.name == root.name) {
                return Err(same_name(&root));
            } else if dropped.contains(&name) {
                plans.dropped.push(root);
            } else if root.entries() == 0 {
                empty.push(root);
            } else {
                undeclared(&mut check, &root, registry)?;
            }
            continue;
        };
        match &plan.stored {
            Some(other) if other.name == root.name => {
                return Err(same_name(&root));
            }
            Some(other) => renamed_twice(&mut check, spec, &other.name, &root.name),
            None => *plan = compare_root(&mut check, spec, root, registry)?,
        }
    }
    // Code that declares nothing new may be an earlier release. A later one may have left empty
    // roots.
    let is_stored = |(plan, spec): (&OpenPlan, &RootSpec)| {
        plan.stored.as_ref().is_some_and(|root| is_same_name(&root.name, spec.name))
    };
    // An index is made anew whenever it is not there.
    let is_known = |(plan, spec): (&OpenPlan, &RootSpec)| spec.kind.is_index() || is_stored((plan, spec));
    if plans.roots.iter().zip(specs).all(is_known) {
        plans.kept = empty.len();
    } else {
        empty.iter().try_for_each(|root| undeclared(&mut check, root, registry))?;
    }
    drop_stale_indexes(specs, &mut plans);
    Error::of_problems(check.problems)?;
    Ok(plans)
}

/// Drops the indexes of tables whose rows are read with the user's conversions from now on, since
/// these may change any field. So may those of a later release that is taken back. A name that
/// another field has now is that of other values as well.
fn drop_stale_indexes(specs: &[RootSpec], plans: &mut OpenPlans) {
    for (at, table) in specs.iter().enumerate().filter(|(_, spec)| spec.kind == CollectionKind::Table) {
        let is_converted = plans.roots.get(at).is_some_and(|plan| {
            let is_taken_back = matches!(plan.current, CurrentRow::Listed(_));
            plan.current != CurrentRow::Unchanged
                && (is_taken_back || plan.layouts.iter().any(|layout| !layout.plan.keeps_values()))
        });
        for (index, plan) in specs.iter().zip(&mut plans.roots) {
            if is_converted && is_index_of(index, table) {
                plans.dropped.extend(plan.stored.take());
                plan.current = CurrentRow::New;
            }
        }
    }
}

fn same_name(root: &StoredRoot) -> Error {
    Damage::DuplicateRoot.on(root.page).of_root(&root.name)
}

fn undeclared(check: &mut Check, root: &StoredRoot, registry: &Registry) -> Result<()> {
    let entries = root.entries();
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
        LayoutId::NONE => None,
        index => Some(registry.layout(index)?),
    };
    let value = registry.layout(root.current().layout.get())?;
    let kind = CollectionKind::from_byte(root.header.collection);
    let unknown = || Damage::UnknownCollection.on(root.page).of_root(&root.name);
    Ok(kind.ok_or_else(unknown)?.declaration(&root.name, key.as_ref(), &value))
}

fn compare_root(
    check: &mut Check,
    spec: &RootSpec,
    root: StoredRoot,
    registry: &Registry,
) -> Result<OpenPlan> {
    if is_unchanged(spec, &root) {
        return Ok(OpenPlan::unchanged(root));
    }
    check.root(spec.name, spec.declaration());
    if root.header.collection != spec.kind as u8 {
        let what = format!("was stored as `{}`", stored_declaration(&root, registry)?);
        let fix = "give the new collection another name, and copy the entries over";
        check.problem(Rule::KindChanged, what, "each kind of collection has pages of its own", fix);
        return Ok(OpenPlan::unchanged(root));
    }
    let has_key = key_fits(spec, &root);
    let is_table = spec.kind == CollectionKind::Table;
    let has_same_key = has_key || (is_table && has_same_types(spec, &root, registry)?);
    if !has_same_key {
        let (rule, difference) = key_difference(spec, &root, registry)?;
        let what = format!("was stored as `{}`: {difference}", stored_declaration(&root, registry)?);
        let fix = match rule {
            Rule::KeyPartRenamed => "call it as it was called: the same bytes could mean something else",
            _ => "give the new collection another name, and copy the entries over",
        };
        check.problem(rule, what, "keys do not migrate in place: their bytes are the order", fix);
    }
    let mut plan = compare_values(check, spec, root, registry)?;
    if let (true, Some(root)) = (is_table && has_same_key, &plan.stored) {
        let current = root.current().layout.get();
        let reading = plan.layouts.iter().find(|layout| layout.index == current);
        let reading = reading.map(|layout| &*layout.plan);
        // Nothing that keeps its name has another value in most upgrades, and reading the layouts
        // costs more than the rest of opening.
        if !has_key || reading.is_some_and(|plan| !plan.keeps_values()) {
            check_key(check, spec, root, registry, reading)?;
        }
        plan.has_renamed_key = !has_key;
    }
    Ok(plan)
}

fn key_difference(spec: &RootSpec, root: &StoredRoot, registry: &Registry) -> Result<(Rule, String)> {
    let was = registry.layout(root.header.key_layout.get())?;
    Ok(match spec.key {
        Some((layout, _)) => evolution::key_problem(&was, &OwnedLayout::from(layout)),
        None => (Rule::KeyChanged, format!("its key `{was}` is gone")),
    })
}

/// Plans the reading of every layout that the root's values may have.
fn compare_values(
    check: &mut Check,
    spec: &RootSpec,
    root: StoredRoot,
    registry: &Registry,
) -> Result<OpenPlan> {
    let current_row = root.header.current.get();
    let listed = root.rows.iter().position(|row| row.fingerprint == spec.value_fingerprint.0);
    let current = match listed {
        Some(at) if at == usize::from(current_row) => CurrentRow::Unchanged,
        Some(at) => CurrentRow::Listed(at as u16),
        None => CurrentRow::New,
    };
    let mut layouts = Vec::new();
    for (at, row) in root.rows.iter().enumerate() {
        // A layout without pages needs no plan, but the code has to know the current one. It need
        // not if its own layout is listed: then it ran here before, and replaces a release that
        // wrote no record.
        let must_be_known = at == usize::from(current_row) && listed.is_none();
        if listed == Some(at) || (row.pages.get() == 0 && !must_be_known) {
            continue;
        }
        let stored = registry.layout(row.layout.get())?;
        let plan = Rc::new(check.plan(&stored, spec.history));
        let (name, version) = (stored.to_string().into(), stored.version());
        let is_structural = plan.is_structural();
        layouts.push(ValueLayout { index: row.layout.get(), name, version, plan, is_structural });
    }
    let is_full = root.rows.len() >= MAX_ROWS && root.rows.iter().all(|row| row.pages.get() > 0);
    if current == CurrentRow::New && is_full {
        let what = format!("has pages in {MAX_ROWS} layouts");
        check.problem(
            Rule::TooManyLayouts,
            what,
            "that is as many as a root tells apart",
            "sweep with the old code",
        );
    }
    let is_renamed = !is_same_name(&root.name, spec.name);
    Ok(OpenPlan { stored: Some(root), current, layouts, is_renamed, has_renamed_key: false })
}
