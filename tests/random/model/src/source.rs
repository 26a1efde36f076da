//! The sources of whole releases, and of many histories as one crate.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::body::Field;
use crate::genome::Genome;
use crate::history::History;
use crate::render::Segment;

/// The Rust types that read one type of a release.
struct Declaration {
    /// Their names.
    names: Vec<String>,
    source: String,
    /// The types of their fields.
    parts: Vec<usize>,
}

/// By type: its declaration.
type Declarations = BTreeMap<usize, Declaration>;

/// Returns the types of a release.
#[must_use]
pub fn release_source(history: &History, release: usize) -> String {
    let all = declarations(history, release);
    let mut out: String = all.values().map(|declaration| declaration.source.as_str()).collect();
    writeln!(out, "pub type Root = {};", history.root.rust()).unwrap();
    out
}

fn declarations(history: &History, release: usize) -> Declarations {
    let (mut all, mut next) = (Declarations::new(), Vec::new());
    history.root.each_named(&mut |index| next.push(index));
    while let Some(index) = next.pop() {
        if all.contains_key(&index) {
            continue;
        }
        let versions = &history.types[index].versions[..history.at(release).version(index)];
        let records = versions.iter().flat_map(|version| version.body.records());
        let mut parts = Vec::new();
        records.flat_map(|record| &record.fields).for_each(|f| f.ty.each_named(&mut |i| parts.push(i)));
        next.extend(&parts);
        let segments = segments(history, index, release);
        let source = segments.iter().map(Segment::source).collect();
        let names = segments.into_iter().map(|segment| segment.name).collect();
        all.insert(index, Declaration { names, source, parts });
    }
    all
}

/// Returns the sources of a type and of all that it consists of, by type.
fn whole(all: &Declarations, index: usize) -> BTreeMap<usize, &str> {
    let (mut whole, mut next) = (BTreeMap::new(), vec![index]);
    while let Some(index) = next.pop() {
        if whole.insert(index, all[&index].source.as_str()).is_none() {
            next.extend(&all[&index].parts);
        }
    }
    whole
}

/// Returns the Rust types that read a type, oldest first.
fn segments(history: &History, index: usize, release: usize) -> Vec<Segment<'_>> {
    let ty = &history.types[index];
    let (newest, oldest) = (history.at(release).version(index), history.oldest(index, release));
    let starts: Vec<usize> = (1..=newest).filter(|version| ty.versions[version - 1].starts).collect();
    let mut segments: Vec<Segment<'_>> = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let last = starts.get(at + 1).map_or(newest, |next| next - 1);
        if last < oldest {
            continue;
        }
        let name = if last == newest { format!("T{index}") } else { format!("T{index}UpTo{last}") };
        let previous = segments.last().map(|previous| (previous.name.clone(), previous.last));
        let first = (*start).max(oldest);
        segments.push(Segment { name, all: &ty.versions, first, last, generic: ty.generic, previous });
    }
    segments
}

/// The number of indexes of a table.
const INDEXES: usize = 2;

/// Returns the indexes of a release's rows: of fields that can be keys, those first whose name is
/// that of another field with the same type in another release. So an index stays from one release
/// to the next, comes, goes, or is that of another field.
fn indexes(history: &History, release: usize, row: &str) -> String {
    let named = |release| {
        let record = history.at(release).body(0).record(None);
        record
            .into_iter()
            .flat_map(|record| record.fields.iter().enumerate().map(|(at, field)| (record.name(at), field)))
    };
    let is_taken_over = |name: &str, field: &Field| {
        let mut all = (0..history.releases()).flat_map(named);
        all.any(|(other, of)| other == name && of.id != field.id && of.ty == field.ty)
    };
    let keys = named(release).filter(|(_, field)| field.ty.is_key());
    let mut keys: Vec<_> =
        keys.map(|(name, field)| (!is_taken_over(&name, field), name, field.ty.rust())).collect();
    keys.sort();
    let indexes = keys.iter().take(INDEXES);
    indexes.map(|(_, name, ty)| format!("index!(\"{name}\", {ty}, {row}, {name}), ")).collect()
}

/// Returns the sources of histories: a module for each, with one for each release, and a table of
/// them all. A type that is in every part as an earlier release has it is that release's: it would
/// be compiled again for the same code.
#[must_use]
pub fn shard_source(genomes: &[Genome]) -> String {
    let mut out = String::new();
    let mut table = String::new();
    for (index, genome) in genomes.iter().enumerate() {
        let history = History::new(genome);
        let releases: Vec<_> = (0..history.releases()).map(|at| declarations(&history, at)).collect();
        // The releases that first had the types.
        let mut first = HashMap::new();
        writeln!(out, "pub mod h{index} {{").unwrap();
        table.push_str("    &[");
        for (release, all) in releases.iter().enumerate() {
            writeln!(out, "pub mod r{release} {{\nuse super::super::prelude::*;").unwrap();
            for (ty, Declaration { names, source, .. }) in all {
                let first = *first.entry((*ty, whole(all, *ty))).or_insert(release);
                if first == release {
                    out.push_str(source);
                } else {
                    writeln!(out, "pub use super::r{first}::{{{}}};", names.join(", ")).unwrap();
                }
            }
            writeln!(out, "pub type Root = {};\n}}", history.root.rust()).unwrap();
            write!(table, "Release::of::<h{index}::r{release}::Root>()").unwrap();
            if history.is_of_rows() {
                let row = format!("h{index}::r{release}::Root");
                write!(table, ".with_indexes(&[{}])", indexes(&history, release, &row)).unwrap();
            }
            table.push_str(", ");
        }
        out.push_str("}\n");
        table.push_str("],\n");
    }
    write!(out, "pub static HISTORIES: &[&[Release]] = &[\n{table}];\n").unwrap();
    out
}
