//! The pictures, as SVG: which ones there are is here, how they are drawn in `columns` and `lines`.
//!
//! Text is left to the fonts of who looks: no font is read here, so the same file comes out on
//! every machine.

mod columns;
mod lines;
mod style;

use anyhow::{Result, anyhow};

use self::columns::{Columns, Group};
use self::lines::{Line, Lines};
use crate::bars;
use crate::contenders::Contender::{self, ByHand, Graven, Heap, Ism, Iss, Uncached};
use crate::figures::{Figure, Results};
use crate::workloads::{STRUCTURES, Structure, USUAL};

/// Returns all pictures, by the names of their files.
///
/// # Errors
/// Where one cannot be drawn.
pub fn all(results: &Results) -> Result<Vec<(String, String)>> {
    let mut pictures = Vec::new();
    for structure in STRUCTURES.iter().filter(|structure| structure.contenders.len() > 1) {
        pictures.push((structure.id.to_owned(), operations(results, structure)?));
    }
    for (name, kind, title) in
        [("alone-btree", "btree-u64", "BTreeMap"), ("alone-hash", "hash-u64", "HashMap")]
    {
        pictures.push((name.to_owned(), alone(results, kind, title)?));
    }
    pictures.push(("memory".into(), memory(results)?));
    pictures.push(("pages".into(), pages(results)?));
    pictures.push(("wasm".into(), wasm(results)?));
    pictures.push(("upgrades".into(), upgrades(results)?));
    pictures.push(("growth".into(), growth(results)?));
    Ok(pictures)
}

/// Returns the values of a workload for those who have one.
fn group(
    results: &Results,
    workload: &str,
    title: &str,
    entries: u64,
    value: impl Fn(&Figure) -> Option<f64>,
) -> Group {
    let values = [Graven, ByHand, Iss, Ism, Heap].into_iter();
    let values = values.filter_map(|contender| {
        let figure = results.get(workload, contender, entries)?;
        Some((contender, value(figure)?))
    });
    Group { title: title.to_owned(), values: values.collect(), bar: None }
}

#[expect(clippy::unnecessary_wraps, reason = "it is passed where other figures may be missing")]
fn instructions(figure: &Figure) -> Option<f64> {
    Some(figure.instructions)
}

/// Operations that no picture has.
const SELDOM: [&str; 7] =
    ["mixed", "delete-heavy", "get-missing", "scan-10", "scan-1000", "keys-prefix", "count"];

/// Returns the operations of a structure that people do most.
fn operations(results: &Results, structure: &Structure) -> Result<String> {
    let entries = structure.contenders.iter().map(|(_, most)| (*most).min(USUAL)).max().unwrap_or(USUAL);
    let plain = structure.operations.iter().filter(|operation| {
        ["random", "index"].contains(&operation.order)
            && !SELDOM.contains(&operation.name)
            && !operation.not.contains(&Graven)
    });
    let groups = plain.map(|operation| {
        let workload = structure.workload(operation);
        let group = group(results, &workload, short(operation.title), entries, instructions);
        Group { bar: bars::of(&workload), ..group }
    });
    let of = if entries == 1 { String::new() } else { ", 100,000 random entries".into() };
    columns::draw(&Columns {
        title: format!("{}{of}", structure.title),
        axis: if entries > 1 {
            "instructions per operation, changed pages included (log)"
        } else {
            "instructions, changed pages included"
        },
        groups: groups.collect(),
        // Contenders differ by orders of magnitude; not in moving 10 MiB.
        log: entries > 1,
    })
}

/// Without what the axis says anyway.
fn short(title: &str) -> &str {
    title.split(',').next().unwrap_or(title)
}

fn alone(results: &Results, kind: &str, title: &str) -> Result<String> {
    let rows = [
        ("empty", "empty"),
        ("get-cold-query", "get: cold query"),
        ("get-cold", "get: first"),
        ("get-warm", "get: warm"),
        ("insert-cold", "insert: first"),
        ("insert-warm", "insert: warm"),
    ];
    let groups =
        rows.map(|(id, title)| group(results, &format!("{kind}/alone/{id}"), title, USUAL, instructions));
    columns::draw(&Columns {
        title: format!("{title} u64 → u64, 100,000 entries: one operation alone in its message"),
        axis: "instructions of the whole message",
        groups: groups.into(),
        log: false,
    })
}

/// Bytes of stable memory for each byte of an entry.
fn memory(results: &Results) -> Result<String> {
    let structures = STRUCTURES.iter().filter(|structure| structure.contenders[0].1 >= USUAL);
    let groups = structures.filter_map(|structure| {
        let encoded = structure.encoded? as f64;
        let workload = structure.workload(structure.fill());
        let title = structure.id.replace('-', " ");
        let group = group(results, &workload, &title, USUAL, |figure| Some(figure.bytes? / encoded));
        let bar = (structure.id == "btree-u64").then_some(25.0 / 16.0);
        Some(Group { bar, ..group })
    });
    columns::draw(&Columns {
        title: "Stable memory in use, 100,000 entries put in random order".into(),
        axis: "bytes for each encoded byte",
        groups: groups.collect(),
        log: false,
    })
}

fn pages(results: &Results) -> Result<String> {
    let rows = [
        ("btree-u64/insert/random", "BTree u64 insert"),
        ("btree-u64/remove/random", "BTree u64 remove"),
        ("btree-32/insert/random", "BTree 32 B insert"),
        ("hash-u64/insert/random", "Hash u64 insert"),
        ("hash-32/insert/random", "Hash 32 B insert"),
        ("vec-u64/push/random", "Vec push"),
        ("log-64/push/random", "Log append"),
    ];
    let groups = rows.map(|(workload, title)| {
        group(results, workload, title, USUAL, |figure| {
            Some(1000.0 * figure.stable_pages).filter(|pages| *pages > 0.0)
        })
    });
    columns::draw(&Columns {
        title: "Stable pages of 4 KiB written by 1,000 operations of 100,000 in a message".into(),
        axis: "pages per 1,000 operations",
        groups: groups.into(),
        log: false,
    })
}

fn wasm(results: &Results) -> Result<String> {
    let group = group(results, "wasm/one-btree", "one BTreeMap", 0, |f| Some(f.bytes? / 1000.0));
    let theirs = group.values.iter().find(|(contender, _)| *contender == Iss).map(|(_, size)| *size);
    columns::draw(&Columns {
        title: "wasm of a canister with one BTreeMap, without names".into(),
        axis: "kB",
        groups: vec![Group { bar: theirs.map(|size| size * 1.2), ..group }],
        log: false,
    })
}

/// Returns a figure at all sizes.
fn line(results: &Results, workload: &str, contender: Contender, title: &str) -> Line {
    let figures =
        results.figures.iter().filter(|(id, _)| id.workload == workload && id.contender == contender);
    let points = figures.map(|(id, figure)| (id.entries as f64, figure.instructions)).collect();
    Line { title: title.into(), contender, dashed: false, points }
}

fn upgrades(results: &Results) -> Result<String> {
    let (unchanged, changed) = ("btree-u64/upgrade/unchanged", "records/upgrade/changed");
    lines::draw(&Lines {
        title: "An upgrade with a BTreeMap u64 → u64",
        axis: "instructions, pre_upgrade to post_upgrade (log)",
        lines: vec![
            line(results, unchanged, Heap, "heap, bincode"),
            Line { dashed: true, ..line(results, changed, Heap, "heap, bincode, changed layout") },
            line(results, unchanged, Ism, "ic-stable-memory"),
            line(results, unchanged, Iss, "ic-stable-structures"),
            line(results, unchanged, Graven, "Graven (20 roots)"),
            Line { dashed: true, ..line(results, changed, Graven, "Graven (1 root), changed layout") },
        ],
    })
}

fn growth(results: &Results) -> Result<String> {
    let (btree, hash) = ("btree-u64/get/random", "hash-u64/get/random");
    lines::draw(&Lines {
        title: "Getting a u64 among more and more entries",
        axis: "instructions per get (log)",
        lines: vec![
            line(results, btree, Iss, "ic-stable-structures BTreeMap"),
            line(results, btree, Graven, "Graven BTreeMap"),
            line(results, btree, Ism, "ic-stable-memory SBTreeMap"),
            line(results, btree, Heap, "heap BTreeMap"),
            Line { dashed: true, ..line(results, hash, Graven, "Graven HashMap") },
            Line { dashed: true, ..line(results, hash, Ism, "ic-stable-memory SHashMap") },
            Line { dashed: true, ..line(results, hash, Heap, "heap HashMap") },
            Line { dashed: true, ..line(results, btree, Uncached, "Graven BTreeMap, no caches") },
        ],
    })
}

/// Converts an error of plotters into one that can be sent between threads.
fn drawn<T, E: std::error::Error>(result: Result<T, E>) -> Result<T> {
    result.map_err(|error| anyhow!("cannot draw: {error}"))
}
