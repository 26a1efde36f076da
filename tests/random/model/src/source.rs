//! The sources of whole releases, and of many histories as one crate.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::genome::Genome;
use crate::history::History;
use crate::indexes::Functions;
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

/// Returns the code of the indexes of a release's rows.
fn indexes(history: &History, release: usize, row: &str, functions: &mut Functions) -> String {
    let at = history.at(release);
    let name = |id: u32| {
        let record = at.body(0).record(None).expect("rows are structs");
        record.name(record.position(id).expect("the release has the field"))
    };
    at.indexes().iter().map(|index| index.source(row, name, functions)).collect()
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
        let mut functions = Functions::new(format!("h{index}"));
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
                let row = format!("r{}::Root", first[&(0, whole(all, 0))]);
                let indexes = indexes(&history, release, &row, &mut functions);
                write!(table, ".with_indexes(&[{indexes}])").unwrap();
            }
            table.push_str(", ");
        }
        writeln!(out, "use super::*;\n{}}}", functions.source).unwrap();
        table.push_str("],\n");
    }
    write!(out, "pub static HISTORIES: &[&[Release]] = &[\n{table}];\n").unwrap();
    out
}
