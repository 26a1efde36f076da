//! Opening a store: first every check, then, if nothing was wrong, the first write.

use std::rc::Rc;

use ic_stable_structures::Memory;
use zerocopy::IntoBytes;

use super::catalog::{self, MAX_ROOTS, StoredRoot};
use super::changed_roots::{drop_root, rename_root};
use super::registry::{self, Registry};
use super::root_page::{MAX_ROWS, NAME_AT, NO_KEY, ROWS_AT, RootHeader, RootState, Row};
use super::{CollectionKind, Root, RootSpec, ValueLayout};
use crate::error::{Error, Result};
use crate::evolution::{self, Check, Plan, Report, Rule};
use crate::layout::Fingerprint;
use crate::layout::stored::Stored;
use crate::page::{Kind, PAGE_SIZE, Pager, Usage};

/// How a store is opened.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Inner nodes of trees that may be kept on the heap; each takes 4 KiB. None is fine.
    pub cached_pages: usize,
}

impl Default for Options {
    /// At most 1,024 cached pages (4 MiB).
    fn default() -> Self {
        Options { cached_pages: 1024 }
    }
}

/// An open store: the roots that were declared, in order.
pub struct Store<M> {
    pager: Rc<Pager<M>>,
    roots: Vec<Option<Root<M>>>,
}

/// What is to be done to a root once all checks have passed.
pub(super) struct Opening {
    stored: Option<StoredRoot>,
    /// The newest layout has no row yet.
    new_row: bool,
    layouts: Vec<ValueLayout>,
}

/// What is to be done once all checks have passed.
pub(super) struct Openings {
    /// In the order of the declaration.
    roots: Vec<Opening>,
    dropped: Vec<StoredRoot>,
}

impl Openings {
    /// All roots are new.
    fn fresh(specs: &[RootSpec]) -> Openings {
        let fresh = specs.iter().map(|_| Opening { stored: None, new_row: true, layouts: Vec::new() });
        Openings { roots: fresh.collect(), dropped: Vec::new() }
    }
}

impl<M: Memory> Store<M> {
    /// Opens a memory, or begins a store in an empty one, with the roots in `specs`.
    ///
    /// Costs the same whatever the roots hold: a read for each root, and one write for each layout that
    /// is new.
    ///
    /// # Errors
    /// [`Error::Refused`] with all problems, if what is stored does not fit what is declared;
    /// [`Error::Foreign`], [`Error::NewerFormat`], [`Error::Truncated`] or [`Error::Damaged`] if the memory is
    /// no sound store; [`Error::OutOfMemory`]. In all cases nothing was written.
    pub fn open(memory: M, specs: &[RootSpec], options: Options) -> Result<Self> {
        Self::open_dropping(memory, specs, &[], options)
    }

    /// Like [`Store::open`]; roots that are stored under the names in `dropped` go. Their pages come back as they
    /// are needed, so that costs the same at any size.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_dropping(memory: M, specs: &[RootSpec], dropped: &[&str], options: Options) -> Result<Self> {
        check_names(specs)?;
        if memory.size() == 0 {
            let pager = Pager::create(Unborn::reserve(memory, specs)?, options.cached_pages)?;
            catalog::create(&pager)?;
            return Self::apply(Rc::new(pager), specs, Openings::fresh(specs), Registry::default());
        }
        let pager = Rc::new(Pager::open(memory, options.cached_pages)?);
        let stored = catalog::load(&pager)?;
        let unchanged = |root: &StoredRoot| {
            dropped.contains(&root.name.as_str()) || specs.iter().any(|spec| is_unchanged(spec, root))
        };
        let known = |spec: &RootSpec| stored.iter().any(|root| root.name == spec.name);
        let unchanged = stored.iter().all(unchanged) && specs.iter().all(known);
        let registry = if unchanged { Registry::default() } else { Registry::load(&pager)? };
        let openings = compare(specs, dropped, stored, &registry)?;
        Self::apply(pager, specs, openings, registry)
    }

    /// Takes the next root for the collection that was declared at `index`.
    ///
    /// # Panics
    /// If it was taken before.
    #[must_use]
    pub fn take(&mut self, index: usize) -> Root<M> {
        let root = self.roots.get_mut(index).and_then(Option::take);
        root.unwrap_or_else(|| panic!("root {index} was taken before"))
    }

    /// How the pages are used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.pager.usage()
    }

    /// Makes what is missing. Everything was checked, and room is made before the first write.
    fn apply(
        pager: Rc<Pager<M>>,
        specs: &[RootSpec],
        Openings { roots: mut openings, dropped }: Openings,
        mut registry: Registry,
    ) -> Result<Self> {
        registry.check_room(2 * specs.len())?;
        pager.reserve(pages_needed(specs, &openings, &registry))?;
        for root in dropped {
            if let Some((page, ordinal)) = drop_root(&pager, &root)? {
                let mut stored = openings.iter_mut().filter_map(|opening| opening.stored.as_mut());
                let moved = stored.find(|stored| stored.page == page);
                moved.into_iter().for_each(|stored| stored.header.ordinal = ordinal.into());
            }
        }
        let mut count = openings.iter().filter(|opening| opening.stored.is_some()).count();
        let mut roots = Vec::with_capacity(specs.len());
        for (spec, opening) in specs.iter().zip(openings) {
            let mut layouts = opening.layouts;
            let mut stored = match opening.stored {
                Some(stored) if !opening.new_row => stored,
                Some(stored) => add_row(&pager, &mut registry, spec, stored)?,
                None => {
                    count += 1;
                    create_root(&pager, &mut registry, spec, count - 1)?
                }
            };
            if stored.name != spec.name {
                rename_root(&pager, spec, &mut stored)?;
            }
            let newest = stored.rows[stored.header.newest.get() as usize].layout.get();
            let size = spec.value.size();
            if layouts.iter().all(|layout| layout.index != newest) {
                let (plan, version) = (Rc::new(Plan::same(size)), spec.value.version());
                let name = spec.value.name().to_owned();
                layouts.push(ValueLayout { index: newest, name, version, plan });
            }
            roots.push(Some(Root::new(pager.clone(), stored, layouts, size)));
        }
        Ok(Store { pager, roots })
    }
}

/// Makes sure that an empty memory can hold what is about to be written.
struct Unborn;

impl Unborn {
    fn reserve<M: Memory>(memory: M, specs: &[RootSpec]) -> Result<M> {
        let empty = Openings::fresh(specs);
        let pages = u64::from(pages_needed(specs, &empty.roots, &Registry::default())) + 2;
        if memory.grow((pages * PAGE_SIZE as u64).div_ceil(crate::page::superblock::WASM_PAGE)) < 0 {
            return Err(Error::OutOfMemory { pages });
        }
        Ok(memory)
    }
}

pub(super) fn check_names(specs: &[RootSpec]) -> Result<()> {
    if specs.len() > MAX_ROOTS {
        return Err(Error::TooManyRoots { count: specs.len(), max: MAX_ROOTS });
    }
    for (i, spec) in specs.iter().enumerate() {
        let twice = specs[..i].iter().any(|other| other.name == spec.name);
        if spec.name.is_empty() || spec.name.len() > 255 || twice {
            return Err(Error::BadName { name: spec.name.to_owned() });
        }
    }
    Ok(())
}

/// Whether a stored root is what the code declares, layouts of all pages included.
fn is_unchanged(spec: &RootSpec, stored: &StoredRoot) -> bool {
    let newest = &stored.rows[stored.header.newest.get() as usize];
    let old = |row: &Row| row.layout != newest.layout && row.pages.get() > 0;
    stored.name == spec.name
        && stored.header.collection == spec.kind as u8
        && key_fits(spec, stored)
        && newest.fingerprint == spec.value_fingerprint.0
        && !stored.rows.iter().any(old)
}

fn key_fits(spec: &RootSpec, stored: &StoredRoot) -> bool {
    match spec.key {
        Some((_, fingerprint)) => {
            stored.header.key_layout.get() != NO_KEY && stored.header.key_fingerprint == fingerprint.0
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
        let by_name = specs.iter().position(|spec| spec.name == name);
        let Some(at) = by_name.or_else(|| specs.iter().position(|spec| spec.was.contains(&name))) else {
            if dropped.contains(&name) {
                openings.dropped.push(root);
            } else {
                undeclared(&mut check, &root, registry)?;
            }
            continue;
        };
        match &openings.roots[at].stored {
            Some(other) if other.name == root.name => {
                return Err(Error::Damaged { page: root.page, why: "two roots have the same name" });
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
        Some((layout, _)) => evolution::key_problem(&was, &Stored::from(layout)),
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
    let name = Stored::from(spec.value).to_string();
    let what = format!("`{name}` was last stored in {newer}, which this code does not have");
    let fix = format!("deploy code that has {newer}");
    check.problem(Rule::VersionNewer, what, "older code cannot know what newer code wrote", fix);
}

/// Pages that have to be there before the first write.
fn pages_needed(specs: &[RootSpec], openings: &[Opening], registry: &Registry) -> u32 {
    let (mut pages, mut bytes) = (0, 0);
    for (spec, opening) in specs.iter().zip(openings) {
        if opening.stored.is_none() {
            pages += 1;
            bytes += spec.key.map_or(0, |(layout, fingerprint)| registry.cost(layout, fingerprint));
        }
        if opening.new_row {
            bytes += registry.cost(spec.value, spec.value_fingerprint);
        }
    }
    if bytes == 0 { pages } else { pages + registry::pages_for(bytes) + 1 }
}

fn row(layout: u16, fingerprint: Fingerprint) -> Row {
    Row {
        layout: layout.into(),
        reserved: [0; 2],
        pages: 0.into(),
        unused: [0; 8],
        fingerprint: fingerprint.0,
    }
}

/// Notes that values are written in a layout that the root did not have.
fn add_row<M: Memory>(
    pager: &Pager<M>,
    registry: &mut Registry,
    spec: &RootSpec,
    mut root: StoredRoot,
) -> Result<StoredRoot> {
    let index = registry.add(pager, spec.value, spec.value_fingerprint)?;
    let newest = root.header.newest.get() as usize;
    let unused = (0..root.rows.len()).find(|at| *at != newest && root.rows[*at].pages.get() == 0);
    let at = if root.rows.len() < MAX_ROWS { root.rows.len() } else { unused.unwrap_or(newest) };
    let row = row(index, spec.value_fingerprint);
    if at == root.rows.len() {
        root.rows.push(row)
    } else {
        root.rows[at] = row
    }
    root.header.newest = (at as u16).into();
    root.header.rows = (root.rows.len() as u16).into();
    pager.write(root.page, ROWS_AT + at * size_of::<Row>(), row.as_bytes())?;
    pager.write(root.page, 0, root.header.as_bytes())?;
    Ok(root)
}

fn create_root<M: Memory>(
    pager: &Pager<M>,
    registry: &mut Registry,
    spec: &RootSpec,
    ordinal: usize,
) -> Result<StoredRoot> {
    let (key_layout, key_fingerprint) = match spec.key {
        Some((layout, fingerprint)) => (registry.add(pager, layout, fingerprint)?, fingerprint.0),
        None => (NO_KEY, [0; 16]),
    };
    let layout = registry.add(pager, spec.value, spec.value_fingerprint)?;
    let page = pager.allocate()?;
    let header = RootHeader {
        kind: Kind::Root as u8,
        collection: spec.kind as u8,
        name_len: (spec.name.len() as u16).into(),
        ordinal: (ordinal as u32).into(),
        state: RootState { pages: 1.into(), ..RootState::default() },
        key_layout: key_layout.into(),
        newest: 0.into(),
        rows: 1.into(),
        reserved: 0.into(),
        key_fingerprint,
    };
    let row = row(layout, spec.value_fingerprint);
    let mut bytes = Box::new([0; PAGE_SIZE]);
    bytes[..size_of::<RootHeader>()].copy_from_slice(header.as_bytes());
    bytes[NAME_AT..NAME_AT + spec.name.len()].copy_from_slice(spec.name.as_bytes());
    bytes[ROWS_AT..ROWS_AT + size_of::<Row>()].copy_from_slice(row.as_bytes());
    pager.write_page(page, bytes)?;
    catalog::append(pager, ordinal, page)?;
    Ok(StoredRoot { page, header, name: spec.name.to_owned(), rows: vec![row] })
}
