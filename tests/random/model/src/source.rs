//! The sources of whole releases, and of many histories as one crate.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::genome::Genome;
use crate::history::History;
use crate::render::Segment;

/// Returns the types of a release.
#[must_use]
pub fn release_source(history: &History, release: usize) -> String {
    let mut out = String::new();
    let (mut done, mut next) = (BTreeSet::new(), Vec::new());
    history.root.each_named(&mut |index| next.push(index));
    while let Some(index) = next.pop() {
        if done.insert(index) {
            let versions = &history.types[index].versions[..history.at(release).version(index)];
            let records = versions.iter().flat_map(|version| version.body.records());
            records.flat_map(|record| &record.fields).for_each(|f| f.ty.each_named(&mut |i| next.push(i)));
            segments(history, index, release).iter().for_each(|segment| out += &segment.source());
        }
    }
    writeln!(out, "pub type Root = {};", history.root.rust()).unwrap();
    out
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

/// Returns the sources of histories: a module for each, with one for each release, and a table of
/// them all.
#[must_use]
pub fn shard_source(genomes: &[Genome]) -> String {
    let mut out = String::new();
    let mut table = String::new();
    for (index, genome) in genomes.iter().enumerate() {
        let history = History::new(genome);
        let mut releases = String::new();
        writeln!(out, "pub mod h{index} {{").unwrap();
        for release in 0..history.releases() {
            let source = release_source(&history, release);
            writeln!(out, "pub mod r{release} {{\nuse super::super::prelude::*;\n{source}}}").unwrap();
            write!(releases, "Release::of::<h{index}::r{release}::Root>(), ").unwrap();
        }
        out.push_str("}\n");
        writeln!(table, "    &[{releases}],").unwrap();
    }
    write!(out, "pub static HISTORIES: &[&[Release]] = &[\n{table}];\n").unwrap();
    out
}
