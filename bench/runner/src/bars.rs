//! The performance targets and the figures that they are compared with.

use crate::contenders::Contender::{ByHand, Graven, Ism, Iss, Uncached};
use crate::figures::{Figure, Results};
use crate::workloads::{STRUCTURES, USUAL};

/// How a bar's numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Instructions.
    Instructions,
    /// Times something else.
    Times,
    /// Mebibytes.
    Mebibytes,
    /// A part of something, in percent, of which there should be much.
    AtLeastPercent,
}

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// The name in bounds.txt; the workload's identifier if the bar is one.
    pub id: String,
    /// As people read it.
    pub what: String,
    /// The target.
    pub bar: f64,
    /// The measured figure, if there is one.
    pub reached: Option<f64>,
    /// The unit of both numbers.
    pub unit: Unit,
}

impl Bar {
    /// By how much of the bar it is missed; nothing or less if it is met.
    #[must_use]
    pub fn missed(&self) -> Option<f64> {
        let beyond = self.reached? - self.bar;
        let beyond = if self.unit == Unit::AtLeastPercent { -beyond } else { beyond };
        Some(if beyond <= 0.0 { 0.0 } else { beyond / self.bar })
    }
}

/// The bars of single operations: structure, operation with its order, entries, instructions.
const OPERATIONS: &[(&str, &str, u64, f64)] = &[
    ("btree-u64", "get/random", USUAL, 850.0),
    ("btree-u64", "insert/random", USUAL, 2_000.0),
    ("btree-u64", "remove/random", USUAL, 2_000.0),
    ("btree-u64", "scan/random", USUAL, 45.0),
    ("btree-u64", "get/sequential", USUAL, 550.0),
    ("btree-u64", "insert/sequential", USUAL, 500.0),
    ("btree-32", "get/random", USUAL, 1_300.0),
    ("btree-32", "insert/random", USUAL, 3_600.0),
    ("btree-32", "remove/random", USUAL, 3_600.0),
    ("btree-32", "scan/random", USUAL, 220.0),
    ("hash-u64", "get/random", USUAL, 290.0),
    ("hash-u64", "insert/random", USUAL, 900.0),
    ("hash-u64", "remove/random", USUAL, 620.0),
    ("hash-32", "get/random", USUAL, 650.0),
    ("hash-32", "insert/random", USUAL, 2_200.0),
    ("hash-32", "remove/random", USUAL, 1_300.0),
    ("vec-u64", "get/index", USUAL, 60.0),
    ("vec-u64", "push/random", USUAL, 75.0),
    ("vec-u64", "pop/random", USUAL, 80.0),
    ("vec-u64", "iterate/random", USUAL, 18.0),
    ("log-64", "push/random", USUAL, 155.0),
    ("log-64", "get/index", USUAL, 140.0),
    ("queue", "push/random", USUAL, 600.0),
    ("queue", "pop/random", USUAL, 3_300.0),
    ("large", "put/random", 1, 13_400_000.0),
    ("large", "get/random", 1, 10_600_000.0),
];

/// Returns the bar of an operation of a structure, if it has one.
#[must_use]
pub fn of(workload: &str) -> Option<f64> {
    let (structure, operation) = workload.split_once('/')?;
    let bar = OPERATIONS.iter().find(|bar| (bar.0, bar.1) == (structure, operation))?;
    Some(bar.3)
}

/// Returns all bars, with what was reached.
#[must_use]
pub fn all(results: &Results) -> Vec<Bar> {
    let mut bars: Vec<Bar> = OPERATIONS
        .iter()
        .map(|(structure, operation, entries, bar)| {
            let workload = format!("{structure}/{operation}");
            let reached = results.get(&workload, Graven, *entries).map(|figure| figure.instructions);
            let what = title(structure, operation);
            Bar { id: workload, what, bar: *bar, reached, unit: Unit::Instructions }
        })
        .collect();
    bars.push(against_peers(results));
    bars.extend(messages(results));
    bars.extend(tables(results));
    bars.extend(memory(results));
    bars.extend(others(results));
    bars
}

/// `BTreeMap u64 → u64, get`.
fn title(structure: &str, operation: &str) -> String {
    let found = STRUCTURES.iter().find(|found| found.id == structure);
    let Some(found) = found else { return format!("{structure}, {operation}") };
    let (name, order) = operation.split_once('/').unwrap_or((operation, ""));
    let mut operations = found.operations.iter();
    let operation = operations.find(|operation| (operation.name, operation.order) == (name, order));
    format!("{}, {}", found.title, operation.map_or(name, |operation| operation.title))
}

fn bar(id: &str, what: &str, bar: f64, reached: Option<f64>, unit: Unit) -> Bar {
    Bar { id: id.into(), what: what.into(), bar, reached, unit }
}

/// The workload that costs most against the best peer that keeps its data in stable memory.
fn against_peers(results: &Results) -> Bar {
    let (mut worst, mut dearer, mut all) = ((0.0, ""), 0, 0);
    let ours = results.figures.iter().filter(|(id, _)| id.contender == Graven && id.entries == USUAL);
    for (id, figure) in ours {
        let of = |peer| Some(results.get(&id.workload, peer, USUAL)?.instructions);
        let Some(peer) = [of(Iss), of(Ism)].into_iter().flatten().reduce(f64::min) else { continue };
        let ratio = figure.instructions / peer;
        (dearer, all) = (dearer + usize::from(ratio > 1.0), all + 1);
        if ratio > worst.0 {
            worst = (ratio, &id.workload);
        }
    }
    let what =
        format!("dearest workload against the best stable peer ({}); {dearer} of {all} are dearer", worst.1);
    bar("peers", &what, 1.0, (all > 0).then_some(worst.0), Unit::Times)
}

/// Operations alone in their messages, and upgrades.
fn messages(results: &Results) -> Vec<Bar> {
    let at = |workload: &str, entries: u64| -> Option<f64> {
        results.get(workload, Graven, entries).map(|figure| figure.instructions)
    };
    let above = |workload: &str, empty: &str| Some(at(workload, USUAL)? - at(empty, USUAL)?);
    let row = |id: &str, empty: &str, what: &str, limit: f64| {
        bar(id, what, limit, above(id, empty), Unit::Instructions)
    };
    let (empty, query) = ("btree-u64/alone/empty", "btree-u64/alone/empty-query");
    let growth = || Some(at("records/upgrade/changed", 1_000_000)? / at("records/upgrade/changed", 1_000)?);
    vec![
        row(
            "btree-u64/alone/insert-warm",
            empty,
            "BTreeMap u64: one insert in its message, above an empty one",
            4_300.0,
        ),
        row(
            "btree-u64/alone/get-cold-query",
            query,
            "BTreeMap u64: one get in a cold query, above an empty one",
            2_300.0,
        ),
        row(
            "btree-u64/alone/get-cold",
            empty,
            "BTreeMap u64: first get after an upgrade, above an empty message",
            2_500.0,
        ),
        row(
            "hash-u64/alone/get-cold-query",
            query,
            "HashMap u64: one get in a cold query, above an empty one",
            700.0,
        ),
        row(
            "hash-u64/alone/get-cold",
            empty,
            "HashMap u64: first get after an upgrade, above an empty message",
            700.0,
        ),
        bar(
            "records/upgrade/changed",
            "upgrade with 100,000 entries and a changed layout",
            200_000.0,
            at("records/upgrade/changed", USUAL),
            Unit::Instructions,
        ),
        bar("upgrade-growth", "the same with 1,000,000 entries, against 1,000", 1.0, growth(), Unit::Times),
        bar(
            "opening",
            "opening a store with 20 roots",
            150_000.0,
            at("btree-u64/upgrade/opening", USUAL),
            Unit::Instructions,
        ),
    ]
}

/// Tables beside the maps that they consist of, and transactions.
fn tables(results: &Results) -> Vec<Bar> {
    let figure = |operation: &str, contender, entries| {
        let order = if operation.contains('/') { "" } else { "/random" };
        results.get(&format!("table/{operation}{order}"), contender, entries).map(|f| f.instructions)
    };
    let at = |operation: &str, contender| figure(operation, contender, USUAL);
    let times = |ours: Option<f64>, theirs: Option<f64>| Some(ours? / theirs?);
    let plain = |id: &str, what: &str, limit, reached| bar(id, what, limit, reached, Unit::Instructions);
    let ratio = |id: &str, what: &str, limit, reached| bar(id, what, limit, reached, Unit::Times);
    let unique = || Some(at("get-unique", Graven)? - at("get-unique", ByHand)?);
    let parts = || Some(20.0 * at("get", Graven)? + at("keys-prefix", Graven)?);
    let inserts = ["insert-together", "insert"].map(|operation| {
        Some(results.get(&format!("transaction/{operation}/random"), Graven, USUAL)?.instructions)
    });
    vec![
        ratio(
            "table-insert",
            "Table: insert, times that into maps by hand",
            1.15,
            times(at("insert", Graven), at("insert", ByHand)),
        ),
        plain("table-get-unique", "Table: get by a unique text, above two look-ups by hand", 150.0, unique()),
        ratio(
            "table-page",
            "Table: 20 rows by a prefix, times 20 rows by their keys and these keys by the prefix",
            1.1,
            times(at("page-prefix", Graven), parts()),
        ),
        ratio(
            "table-upsert",
            "Table: upsert that changes no index, times overwriting in a map",
            1.1,
            times(at("upsert", Graven), at("overwrite", ByHand)),
        ),
        plain(
            "table-opening",
            "opening 20 tables with three indexes each",
            400_000.0,
            at("upgrade/opening", Graven),
        ),
        plain(
            "table-index",
            "sweep of a new index of 1,000,000 rows, per row",
            6_000.0,
            figure("sweep/index", Graven, 1_000_000),
        ),
        ratio(
            "transaction-insert",
            "BTreeMap u64: insert, 100 in a transaction, times one without",
            1.6,
            times(inserts[0], inserts[1]),
        ),
    ]
}

/// Stable memory and growth.
fn memory(results: &Results) -> Vec<Bar> {
    let of_encoded = |workload: &str| Some(results.get(workload, Graven, USUAL)?.bytes? / 16.0);
    let growth = |workload: &str| {
        let at = |entries| results.get(workload, Graven, entries).map(|figure: &Figure| figure.instructions);
        Some(at(1_000_000)? / at(USUAL)?)
    };
    // At 1,000 entries a started page says more than the collection.
    let ours =
        results.figures.iter().filter(|(id, _)| id.contender == Graven && ![0, 1_000].contains(&id.entries));
    let against_iss = ours.filter_map(|(id, figure)| {
        let theirs = results.get(&id.workload, Iss, id.entries)?.bytes?;
        Some((figure.bytes? / theirs, id.workload.as_str()))
    });
    let worst = against_iss.max_by(|a, b| a.0.total_cmp(&b.0));
    let where_worst = worst.map_or("", |(_, workload)| workload);
    vec![
        bar(
            "memory-random",
            "stable memory, u64 → u64 in random order, times the encoded bytes",
            25.0 / 16.0,
            of_encoded("btree-u64/insert/random"),
            Unit::Times,
        ),
        bar(
            "memory-load",
            "stable memory, u64 → u64 bulk loaded, times the encoded bytes",
            1.15,
            of_encoded("btree-u64/load/sorted"),
            Unit::Times,
        ),
        bar(
            "memory-iss",
            &format!("stable memory, times that of ic-stable-structures, where it is most ({where_worst})"),
            1.0,
            worst.map(|(ratio, _)| ratio),
            Unit::Times,
        ),
        bar(
            "growth-btree",
            "BTreeMap u64, get: 1,000,000 entries against 100,000",
            1.25,
            growth("btree-u64/get/random"),
            Unit::Times,
        ),
        bar(
            "growth-hash",
            "HashMap u64, get: 1,000,000 entries against 100,000",
            1.05,
            growth("hash-u64/get/random"),
            Unit::Times,
        ),
    ]
}

fn others(results: &Results) -> Vec<Bar> {
    let at =
        |workload: &str, contender| results.get(workload, contender, USUAL).map(|figure| figure.instructions);
    let size = |contender| results.get("wasm/one-btree", contender, 0)?.bytes;
    let field = || Some(at("records/get-field/random", Graven)? - at("btree-u64/get/random", Graven)?);
    let gains = ["get", "insert", "remove", "scan"].map(|operation| {
        let workload = format!("btree-u64/{operation}/random");
        let (ours, without, theirs) = (at(&workload, Graven)?, at(&workload, Uncached)?, at(&workload, Iss)?);
        Some(100.0 * (theirs - without) / (theirs - ours))
    });
    let least = gains.into_iter().try_fold(f64::INFINITY, |least, gain| Some(gain?.min(least)));
    let cached = graven::Options::default().cached_pages as f64 * 4096.0 / f64::from(1 << 20);
    vec![
        bar(
            "wasm",
            "wasm of a canister with one BTreeMap, times that with ic-stable-structures",
            1.0,
            size(Graven).zip(size(Iss)).map(|(ours, theirs)| ours / theirs),
            Unit::Times,
        ),
        bar(
            "gazetteer",
            "upgrade of the example `gazetteer`, with the compilation of its wasm",
            1.7e9,
            results.get("wasm/gazetteer", Graven, 0).map(|figure| figure.instructions),
            Unit::Instructions,
        ),
        bar(
            "records/get-field/random",
            "one field of 8 bytes of a record of 1 KiB, above getting a value of 8 bytes",
            100.0,
            field(),
            Unit::Instructions,
        ),
        bar("cache", "heap that caches may take by default", 4.0, Some(cached), Unit::Mebibytes),
        bar(
            "no-cache",
            "gains against ic-stable-structures that are left without caches, at least",
            50.0,
            least,
            Unit::AtLeastPercent,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_missed_by_what_is_beyond_it() {
        let reached = |reached, unit| bar("", "", 50.0, Some(reached), unit).missed().unwrap();
        assert_eq!(reached(40.0, Unit::Instructions), 0.0);
        assert_eq!(reached(75.0, Unit::Instructions), 0.5);
        assert_eq!(reached(75.0, Unit::AtLeastPercent), 0.0);
        assert_eq!(reached(25.0, Unit::AtLeastPercent), 0.5);
    }

    #[test]
    fn every_operation_with_a_bar_is_measured() {
        for (structure, operation, ..) in OPERATIONS {
            let structure = STRUCTURES.iter().find(|found| found.id == *structure).unwrap();
            let workload = format!("{}/{operation}", structure.id);
            assert!(
                structure.operations.iter().any(|found| structure.workload(found) == workload),
                "{workload}"
            );
        }
    }
}
