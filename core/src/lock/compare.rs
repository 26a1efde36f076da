//! The comparison of code with its lock.

use super::{Entry, Lock, RetiredName, roots};
use crate::evolution::{Derived, History, Problem, Rule, TypeVersion};
use crate::store::RootSpec;

/// A version that the code declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The entry that the lock should have.
    pub entry: Entry,
    /// `true` for the current version of the type.
    pub newest: bool,
    /// The declaration of the first root that has it.
    pub root: String,
}

/// Returns all versions of all types in the values of `specs`, by name and version.
#[must_use]
pub fn declared(specs: &[RootSpec]) -> Vec<Declared> {
    let mut found: Vec<Declared> = Vec::new();
    for spec in specs {
        spec.history.each_version(&mut |version: TypeVersion| {
            let entry = Entry::of(&version);
            let same = found.iter_mut().find(|other| other.entry == entry);
            match same {
                _ if version.version == 0 => {}
                Some(other) => other.newest |= version.newest,
                None => found.push(Declared { entry, newest: version.newest, root: spec.declaration() }),
            }
        });
    }
    found.sort_by(|a, b| a.entry.cmp(&b.entry));
    found
}

/// Compares the roots of the code, and the names that it drops, with a lock. Returns everything
/// that differs.
#[must_use]
pub fn compare(lock: &Lock, specs: &[RootSpec], dropped: &[&str]) -> Vec<Problem> {
    let declared = declared(specs);
    let mut problems = edited(lock);
    let clashes = clashes(&declared);
    problems.extend(clashes.iter().map(|(one, other)| taken(one, other)));
    let is_taken = |name: &str| clashes.iter().any(|(one, _)| one.entry.name == name);
    for known in &declared {
        match standing(lock, known, &declared) {
            Standing::Locked => {}
            // The type first needs another name.
            Standing::Missing if is_taken(&known.entry.name) => {}
            Standing::Missing => problems.push(missing(known)),
            Standing::Differs(locked) => problems.push(differs(locked, known)),
        }
    }
    problems.extend(contradictions(lock, &declared));
    problems.extend(forgotten(lock, &declared, specs));
    problems.extend(roots::reused(lock, specs));
    problems.extend(roots::unlocked(lock, specs, dropped));
    problems
}

/// The versions and names that an update adds to a lock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    /// The versions of types.
    pub entries: Vec<Entry>,
    /// The names of roots that the code drops or renames.
    pub retired: Vec<RetiredName>,
}

impl Added {
    /// Returns `true` if nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.retired.is_empty()
    }
}

/// Adds the versions and names that the code declares and a lock lacks, and returns them.
///
/// # Errors
/// The problems that prevent it: entries that differ or were edited, and names that are taken. The
/// lock is then unchanged.
pub fn update(lock: &mut Lock, specs: &[RootSpec], dropped: &[&str]) -> Result<Added, Vec<Problem>> {
    let against = [Rule::LockDiffers, Rule::LockEdited, Rule::NameTaken, Rule::RootNameReused];
    let mut problems = compare(lock, specs, dropped);
    problems.retain(|problem| against.contains(&problem.rule));
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut entries: Vec<Entry> = declared(specs).into_iter().map(|declared| declared.entry).collect();
    entries.retain(|entry| !lock.entries.contains(entry));
    let added = Added { entries, retired: roots::missing(lock, specs, dropped) };
    lock.entries.extend(added.entries.iter().cloned());
    lock.retired.extend(added.retired.iter().cloned());
    lock.sort();
    Ok(added)
}

enum Standing<'a> {
    Locked,
    Missing,
    Differs(&'a Entry),
}

/// Compares a version with its entries. A generic type has an entry for each instance. An instance
/// is new if the code still has all those that are locked.
fn standing<'a>(lock: &'a Lock, known: &Declared, declared: &[Declared]) -> Standing<'a> {
    let entry = &known.entry;
    let of_it = |other: &&'a Entry| other.name == entry.name && other.version == entry.version;
    let locked: Vec<&Entry> = lock.entries.iter().filter(of_it).collect();
    if locked.iter().any(|other| other.lines == entry.lines) {
        return Standing::Locked;
    }
    let still = |other: &&Entry| {
        let mut same = declared.iter().map(|known| &known.entry);
        same.any(|known| {
            known.name == entry.name && known.version == entry.version && known.lines == other.lines
        })
    };
    match locked.into_iter().find(|other| !still(other)) {
        Some(other) => Standing::Differs(other),
        None => Standing::Missing,
    }
}

/// Reports entries with the name and version of a declared type that are not instances of it. Two
/// branches each added this version, and a merge kept both.
fn contradictions(lock: &Lock, declared: &[Declared]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for entry in &lock.entries {
        let same = |other: &Entry| other.name == entry.name && other.version == entry.version;
        let is = || declared.iter().filter(|known| same(&known.entry));
        let locked = |known: &&Declared| {
            lock.entries.iter().any(|other| other.lines == known.entry.lines && same(other))
        };
        let Some(known) = is().find(locked) else { continue };
        if is().any(|known| known.entry.lines == entry.lines || known.entry.same_but_types(entry)) {
            continue;
        }
        let what = format!(
            "graven.lock has two layouts of {}: {} in that of the code, and {} in the other",
            entry.subject(),
            only(&known.entry, entry),
            only(entry, &known.entry)
        );
        let fix = "keep the entry of what was shipped, take the other one out, and give what changed there a version of \
                   its own"
            .to_owned();
        let because = "a version has one layout";
        problems.push(problem(Rule::LockDiffers, entry, &known.root, what, because, fix));
    }
    problems
}

/// Returns the lines that another entry lacks, as text for a message.
fn only(entry: &Entry, other: &Entry) -> String {
    let lines = entry.lines.iter().filter(|line| !other.lines.contains(line));
    let lines: Vec<String> = lines.map(|line| format!("`{line}`")).collect();
    if lines.is_empty() { "nothing besides".to_owned() } else { lines.join(", ") }
}

fn problem(rule: Rule, at: &Entry, root: &str, what: String, because: &str, fix: String) -> Problem {
    let name = format!("{} v{}", at.name, at.version);
    let root = if root.is_empty() { name.clone() } else { root.to_owned() };
    Problem { rule, path: vec![name], root, what, because: because.to_owned(), fix }
}

fn edited(lock: &Lock) -> Vec<Problem> {
    let edited = lock.entries.iter().filter(|entry| entry.fingerprint != entry.computed());
    let edited = edited.map(|entry| {
        let what = format!(
            "{} in graven.lock does not have its fingerprint: it says {}, and its lines give {}",
            entry.subject(),
            entry.fingerprint,
            entry.computed()
        );
        let fix = "take the entry as it was last committed, and give what changed in the code a version of its own: \
                   `cargo graven lock` adds that one"
            .to_owned();
        problem(Rule::LockEdited, entry, "", what, "what was shipped cannot be changed afterwards", fix)
    });
    edited.collect()
}

/// Returns pairs of types with one name that differ in more than the types of their fields, so that
/// they cannot be instances of one type.
fn clashes(declared: &[Declared]) -> Vec<(&Declared, &Declared)> {
    let same = |a: &Entry, b: &Entry| a.name == b.name && a.version == b.version;
    let pairs = declared.iter().zip(declared.iter().skip(1));
    pairs.filter(|(a, b)| same(&a.entry, &b.entry) && !a.entry.same_but_types(&b.entry)).collect()
}

fn taken(one: &Declared, other: &Declared) -> Problem {
    let name = &other.entry.name;
    let what = format!(
        "two types are called `{name}`: that of `{}` has {}, and that of `{}` has {}",
        one.root,
        only(&one.entry, &other.entry),
        other.root,
        only(&other.entry, &one.entry)
    );
    let fix = format!(
        "give the one that is not in graven.lock yet another name in layouts: `#[layout(name = \"…{name}\")]`"
    );
    problem(Rule::NameTaken, &other.entry, &other.root, what, "the lock tells types apart by name", fix)
}

fn missing(known: &Declared) -> Problem {
    let what = format!("{} is not in graven.lock", known.entry.subject());
    let fix = "run `cargo graven lock`, and commit the file".to_owned();
    let because = "only what is locked is kept from changing once it is shipped";
    problem(Rule::LockMissing, &known.entry, &known.root, what, because, fix)
}

fn differs(locked: &Entry, known: &Declared) -> Problem {
    let entry = &known.entry;
    let what = format!("{} differs from graven.lock: {}", entry.subject(), difference(locked, entry));
    let next = entry.version.saturating_add(1);
    let fix = if known.newest {
        format!(
            "put it back as graven.lock has it, or make this version {next} and say what changed (`since`, `was`, `renamed`, `removed`, `moved`)"
        )
    } else {
        format!(
            "let the attributes say what graven.lock says of it, or, if `cargo graven check --image` finds no page of \
             it, begin later: `oldest = {next}`"
        )
    };
    problem(Rule::LockDiffers, entry, &known.root, what, "a shipped layout may not change", fix)
}

/// Returns the first line in which two entries differ, as text for a message.
fn difference(locked: &Entry, is: &Entry) -> String {
    let key = |line: &str| line.split(": ").next().unwrap_or(line).to_owned();
    let is_field = |line: &str| line.find([':', ' ']) == line.find(':') && line.contains(':');
    let noun = |line: &str| if is_field(line) { "field" } else { "variant" };
    for line in &is.lines {
        if locked.lines.contains(line) {
            continue;
        }
        let was = locked.lines.iter().find(|was| is_field(line) && key(was) == key(line));
        return match was {
            Some(was) => {
                let ty = |line: &str| line.split_once(": ").map_or(line, |(_, ty)| ty).to_owned();
                format!("field `{}` was `{}` when it was locked and is `{}`", key(line), ty(was), ty(line))
            }
            None => format!("{} `{line}` is not in it", noun(line)),
        };
    }
    match locked.lines.iter().find(|line| !is.lines.contains(line)) {
        Some(line) => format!("its {} `{line}` is gone", noun(line)),
        None => format!("the fields had the order `{}`", locked.lines.join("`, `")),
    }
}

/// Reports locked versions that the code lacks, unless it declares a later beginning.
fn forgotten(lock: &Lock, declared: &[Declared], specs: &[RootSpec]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for entry in &lock.entries {
        let of_it = |known: &&Declared| known.entry.name == entry.name;
        if declared.iter().filter(of_it).any(|known| known.entry.version == entry.version) {
            continue;
        }
        let newest = declared.iter().filter(of_it).map(|known| known.entry.version).max();
        let begins = specs.iter().filter_map(|spec| oldest(spec.history, &entry.name)).min();
        if begins.is_some_and(|begins| begins > entry.version) {
            continue;
        }
        let what = match newest {
            Some(newest) if newest < entry.version => {
                format!("{} is in graven.lock; the code ends at version {newest}", entry.subject())
            }
            Some(_) => format!("{} is in graven.lock and not in the code", entry.subject()),
            None => {
                format!("{} is in graven.lock; no root of the code holds a `{}`", entry.subject(), entry.name)
            }
        };
        let fix = match newest {
            Some(newest) if newest > entry.version => format!(
                "bring its history back, or add `oldest = {}` if `cargo graven check --image` finds no page of it",
                entry.version + 1
            ),
            Some(_) => "build the newest code, or bring that version back".to_owned(),
            None => format!(
                "declare it again, give the type that it is now its name (`#[layout(name = \"{}\")]`), or delete its \
                 entries from graven.lock once no canister holds any of it",
                entry.name
            ),
        };
        let because = "pages of it may still be there";
        problems.push(problem(Rule::LockForgotten, entry, "", what, because, fix));
    }
    problems
}

/// Returns the first version of a type's history, or `None` if a `previous` type comes before it.
fn oldest(history: &History, name: &str) -> Option<u32> {
    let mut oldest: Option<u32> = None;
    let mut note = |version: u32| oldest = Some(oldest.map_or(version, |other| other.min(version)));
    history.each_derived(&mut |found, as_name| {
        if let Some(Derived { first, previous, .. }) = found.derived()
            && as_name == name
        {
            // A `previous` type without versions is not a beginning either: version 1 follows it.
            if previous.is_none() {
                note(first);
            }
        }
    });
    oldest
}
