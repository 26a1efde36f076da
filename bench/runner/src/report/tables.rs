//! The workloads of each structure, beside those of its peers.

use std::fmt::Write;

use super::numbers::{bytes, instructions};
use crate::contenders::Contender;
use crate::figures::{Figure, Results};
use crate::workloads::{SIZES, STRUCTURES, Structure};

/// Returns all tables.
pub fn text(results: &Results) -> String {
    let mut text = String::new();
    for structure in STRUCTURES {
        text.push_str(&of_structure(results, structure));
    }
    text.push_str("\n## One operation alone in its message\n\n");
    text.push_str(
        "The whole message. Cold: the first one after an upgrade, or a query after it. An empty message costs what \
         `empty` says: that is the price of ic-cdk.\n",
    );
    for kind in ["btree-u64", "hash-u64"] {
        let rows = ALONE.map(|(id, title)| (format!("{kind}/alone/{id}"), title.to_owned()));
        for entries in SIZES {
            let name = if kind == "btree-u64" { "BTreeMap u64" } else { "HashMap u64" };
            text.push_str(&table(results, &format!("{name}, {}", size(entries)), &rows, entries, |figure| {
                Some(instructions(figure.instructions))
            }));
        }
    }
    text.push_str(
        "\n## Upgrades\n\nThe whole upgrade, `pre_upgrade` to `post_upgrade`. In ic-stable-structures and \
                   ic-stable-memory a changed layout is work by hand. A sweep brings records to the current layout, \
                   at any time after it; here all of them, in the order of their keys. \
                   An index that is new in the code of a table is made by it, too.\n",
    );
    let rows = [
        ("btree-u64/upgrade/unchanged".to_owned(), "unchanged layout".to_owned()),
        ("records/upgrade/changed".to_owned(), "changed layout".to_owned()),
        ("records/sweep/all".to_owned(), "sweep, per record".to_owned()),
        ("table/upgrade/unchanged".to_owned(), "20 tables with three indexes each".to_owned()),
        ("table/sweep/index".to_owned(), "sweep of a new index, per row".to_owned()),
    ];
    for entries in SIZES {
        text.push_str(&table(results, &size(entries), &rows, entries, |f| {
            Some(instructions(f.instructions))
        }));
    }
    text.push_str(
        "\n## wasm\n\nThe bytes of a canister with one BTreeMap, and of the example `gazetteer` in version 3, \
                   without names. Then what an upgrade to it takes: by what it executes, and with the compilation of \
                   the wasm, for which the replica charges 6,000 for each of its instructions.\n",
    );
    let rows = [
        ("wasm/one-btree".to_owned(), "one map".to_owned()),
        ("wasm/gazetteer".to_owned(), "gazetteer".to_owned()),
    ];
    text.push_str(&table(results, "bytes", &rows, 0, |figure| figure.bytes.map(bytes)));
    text.push_str(&table(results, "executed", &rows, 0, |figure| Some(instructions(figure.computing))));
    text.push_str(&table(results, "with compilation", &rows, 0, |f| Some(instructions(f.instructions))));
    text
}

/// The paragraph on tables and their contenders.
const TABLE: &str = "\nRows of 37 bytes with a key of 8, an index of a number and a unique index of a text of 16 bytes. By hand \
     they are a map of rows, a set of numbers with keys, and a map of texts with keys; for ic-stable-structures these \
     texts are arrays, which are less expensive than its strings. wasm-dbms 0.11 is missing: it asks for Rust 1.96, and \
     its `uuid` for `getrandom` 0.4, which compiles for canisters only with a flag of rustc and an `unsafe` function.\n";

const ALONE: [(&str, &str); 8] = [
    ("empty", "empty"),
    ("empty-query", "empty query"),
    ("get-cold", "get, cold"),
    ("get-cold-query", "get, cold query"),
    ("get-warm", "get, warm"),
    ("get-warm-query", "get, warm query"),
    ("insert-cold", "insert, cold"),
    ("insert-warm", "insert, warm"),
];

fn of_structure(results: &Results, structure: &Structure) -> String {
    let operations = structure.operations.iter();
    let rows: Vec<(String, String)> =
        operations.map(|operation| (structure.workload(operation), operation.title.to_owned())).collect();
    let most = structure.contenders.iter().map(|(_, most)| *most).max().unwrap_or_default();
    let sizes: Vec<u64> = structure.sizes(most).collect();
    let mut text = format!("\n## {}\n", structure.title);
    if structure.id == "table" {
        text.push_str(TABLE);
    }
    for entries in &sizes {
        text.push_str(&table(
            results,
            &format!("Instructions, {}", size(*entries)),
            &rows,
            *entries,
            |figure| Some(instructions(figure.instructions)),
        ));
    }
    let usual = sizes.iter().rev().find(|size| **size <= 100_000).copied().unwrap_or(1);
    text.push_str(&table(
        results,
        &format!("Instructions without changed pages + stable pages written, {}", size(usual)),
        &rows,
        usual,
        |figure| Some(format!("{} + {}", instructions(figure.computing), pages(figure.stable_pages))),
    ));
    for entries in &sizes {
        let title = match structure.encoded {
            Some(encoded) => {
                format!("Bytes of stable memory for each entry of {encoded}, {}", size(*entries))
            }
            None => continue,
        };
        text.push_str(&table(results, &title, &rows, *entries, |figure| figure.bytes.map(bytes)));
    }
    text
}

fn size(entries: u64) -> String {
    match entries {
        1 => "one value".into(),
        1_000 => "1,000 entries".into(),
        100_000 => "100,000 entries".into(),
        _ => "1,000,000 entries".into(),
    }
}

fn pages(pages: f64) -> String {
    if pages < 10.0 { format!("{pages:.3}") } else { format!("{pages:.0}") }
}

/// Returns a table of the workloads in `rows` that anybody has something to show for; nothing if
/// there are none.
fn table(
    results: &Results,
    title: &str,
    rows: &[(String, String)],
    entries: u64,
    show: impl Fn(&Figure) -> Option<String>,
) -> String {
    let cell = |workload: &str, contender| results.get(workload, contender, entries).and_then(&show);
    let mut contenders = Contender::ALL.to_vec();
    contenders.retain(|contender| rows.iter().any(|(workload, _)| cell(workload, *contender).is_some()));
    if contenders.is_empty() {
        return String::new();
    }
    let mut text = format!("\n| {title} |");
    contenders.iter().for_each(|contender| write!(text, " {contender} |").expect("strings take everything"));
    text.push_str("\n| --- |");
    contenders.iter().for_each(|_| text.push_str(" ---: |"));
    text.push('\n');
    for (workload, title) in rows {
        let cells: Vec<Option<String>> =
            contenders.iter().map(|contender| cell(workload, *contender)).collect();
        if cells.iter().any(Option::is_some) {
            let cells: Vec<String> =
                cells.into_iter().map(|cell| cell.unwrap_or_else(|| "–".into())).collect();
            writeln!(text, "| {title} | {} |", cells.join(" | ")).expect("strings take everything");
        }
    }
    text
}
