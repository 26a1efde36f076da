//! The top of RESULTS.md: what came out, in short, and the bars.

use std::fmt::Write;

use super::Notes;
use super::numbers::instructions;
use crate::bars::{self, Bar, Unit};
use crate::contenders::Contender::{self, Graven, Heap, Ism, Iss};
use crate::figures::{Figure, Results};
use crate::workloads::USUAL;

/// Title, summary and bars.
pub fn text(results: &Results, notes: &Notes) -> String {
    let bars = bars::all(results);
    let met = bars.iter().filter(|bar| bar.missed() == Some(0.0)).count();
    let mut text = format!(
        "# Results of the bench\n\n\
         Written by `cargo xtask bench`; [docs/performance.md](../docs/performance.md) says what is measured and how. \
         Instructions are the replica's, for one operation, changed pages included; every number is the same on every \
         machine. Canisters were built by {}.\n\n## In short\n\n- {met} of {} bars are met.\n",
        results.compiler,
        bars.len(),
    );
    for (peer, name) in [
        (Iss, "ic-stable-structures 0.7.2"),
        (Ism, "ic-stable-memory 0.4.4"),
        (Heap, "std's collections on the heap"),
    ] {
        text.push_str(&against(results, peer, name));
    }
    text.push_str("\nPictures: [charts](charts).\n\n");
    text.push_str("![BTreeMap u64 → u64](charts/btree-u64.svg)\n\n");
    text.push_str(
        "## Bars\n\nThe floor of an operation is what its reads and writes of stable memory take: 20 for each, and 1 for \
         each byte. All above it is code.\n\n\
         | what | bar | reached | floor | |\n| --- | ---: | ---: | ---: | --- |\n",
    );
    for bar in &bars {
        text.push_str(&row(bar, &floor(results, bar), notes.get(&bar.id)));
    }
    text
}

/// Returns how many times the peer's instructions are Graven's, over all workloads with many
/// operations that both have.
fn against(results: &Results, peer: Contender, name: &str) -> String {
    let ours = results.figures.iter().filter(|(id, _)| id.contender == Graven && id.entries == USUAL);
    let many = ours.filter(|(_, figure)| figure.operations > 1);
    let mut ratios: Vec<f64> = many
        .filter_map(|(id, ours)| {
            Some(results.get(&id.workload, peer, USUAL)?.instructions / ours.instructions)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let [Some(least), Some(most)] = [ratios.first(), ratios.last()] else { return String::new() };
    let median = ratios[ratios.len() / 2];
    format!(
        "- {name} takes {} times Graven's instructions (median of {} workloads at 100,000 entries; {} to {}).\n",
        times(median),
        ratios.len(),
        times(*least),
        times(*most),
    )
}

fn times(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

/// Returns the floor of a bar that is a workload: `136 (3 × 20 + 76)`.
fn floor(results: &Results, bar: &Bar) -> String {
    let figure = results.get(&bar.id, Graven, USUAL).filter(|_| bar.unit == Unit::Instructions);
    let Some(Figure { accesses, moved, .. }) = figure.filter(|figure| figure.accesses > 0.0) else {
        return String::new();
    };
    format!("{} ({accesses:.2} × 20 + {})", instructions(20.0 * accesses + moved), instructions(*moved))
}

fn row(bar: &Bar, floor: &str, note: &str) -> String {
    let number = |number: f64| match bar.unit {
        Unit::Instructions => instructions(number),
        Unit::Times => format!("{number:.2} ×"),
        Unit::Mebibytes => format!("{number:.0} MiB"),
        Unit::AtLeastPercent => format!("{number:.0} %"),
    };
    let verdict = match bar.missed() {
        None => "not measured".to_owned(),
        Some(missed) if missed <= 0.0 => "met".to_owned(),
        Some(missed) if missed < 1.0 => format!("missed by {:.0} %", (missed * 100.0).max(1.0)),
        Some(missed) => format!("missed: {:.1} times the bar", missed + 1.0),
    };
    let mut text = String::new();
    let reached = bar.reached.map(number).unwrap_or_default();
    let note = if note.is_empty() { String::new() } else { format!(": {note}") };
    writeln!(text, "| {} | {} | {reached} | {floor} | {verdict}{note} |", bar.what, number(bar.bar))
        .expect("strings take everything");
    text
}
