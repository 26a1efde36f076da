//! Measuring one operation: a message that does it many times, less the same message without it.

use anyhow::{Context, Result, anyhow};
use graven_testkit::{Canister, Limits, Outcome, PageLimits, Usage};

use crate::contenders::{Canisters, Contender};
use crate::figures::Figure;
use crate::workloads::{Operation, Without};

/// The cost of each page, of the heap or of stable memory, that a message changes.
const DIRTY_PAGE: u64 = 1_000;

/// Returns a new canister of a contender, for a structure.
///
/// # Errors
/// Where it cannot be installed.
pub fn install(canisters: &Canisters, structure: &str, contender: Contender) -> Result<Canister> {
    let mut canister = empty();
    let wasm = canisters.wasm(contender.canister(structure));
    let installed = match contender {
        Contender::Heap => canister.reinstall(wasm, (false,)),
        _ => canister.reinstall(wasm, ()),
    };
    installed.result.map_err(|reject| anyhow!("{contender}: {reject}"))?;
    match contender {
        Contender::Uncached => drop(reply(canister.update::<_, ()>("keep_nothing", ()))?),
        Contender::ByHand => drop(reply(canister.update::<_, ()>("keep_by_hand", ()))?),
        _ => {}
    }
    Ok(canister)
}

/// Returns a canister without code.
pub(crate) fn empty() -> Canister {
    Canister::builder().limits(limits()).empty()
}

/// Returns the limits of the measured canisters. A million operations do not fit into one message
/// on the replica. Here they do: the counts for each operation are the same, and no page is charged
/// twice.
fn limits() -> Limits {
    let pages = u64::MAX;
    Limits {
        update_instructions: 1 << 60,
        install_instructions: 1 << 60,
        slice_instructions: 1 << 60,
        stable_pages: PageLimits { message: pages, upgrade: pages, query: pages },
        ..Limits::default()
    }
}

/// Returns the reply of a message that must have one.
pub(crate) fn reply<T>(outcome: Outcome<T>) -> Result<(T, Usage)> {
    let usage = outcome.usage;
    outcome.result.map(|value| (value, usage)).map_err(|reject| anyhow!("{reject}"))
}

/// Does an operation in a canister with the given number of entries.
///
/// # Errors
/// Where the canister fails.
pub fn operation(
    canister: &mut Canister,
    structure: &str,
    operation: &Operation,
    entries: u64,
) -> Result<Figure> {
    let count = operation.count.of(entries);
    let mut work = || -> Result<Figure> {
        reply(canister.update::<_, ()>("prepare", (operation.order, entries, count)))?;
        let without = match operation.without {
            Without::Nothing => Usage::default(),
            Without::Keys => run(&mut canister.clone(), structure, "keys")?.1,
            Without::KeysAndValues => run(&mut canister.clone(), structure, "nothing")?.1,
        };
        let (operations, with) = run(canister, structure, operation.name)?;
        Ok(figure(&with, &without, operations))
    };
    work().with_context(|| format!("{structure}, {} of {entries} entries", operation.name))
}

fn run(canister: &mut Canister, structure: &str, operation: &str) -> Result<(u64, Usage)> {
    let ((operations,), usage) = reply(canister.update::<_, (u64,)>("run", (structure, operation)))?;
    Ok((operations, usage))
}

/// Returns the difference, for each operation.
pub(crate) fn figure(with: &Usage, without: &Usage, operations: u64) -> Figure {
    let each =
        |count: fn(&Usage) -> u64| (count(with) as f64 - count(without) as f64) / operations.max(1) as f64;
    Figure {
        operations,
        instructions: each(|usage| usage.instructions),
        computing: each(computing),
        stable_pages: each(|usage| usage.stable_pages),
        heap_pages: each(|usage| usage.heap_pages),
        accesses: each(|usage| usage.stable.reads + usage.stable.writes),
        moved: each(|usage| usage.stable.bytes_read + usage.stable.bytes_written),
        bytes: None,
    }
}

/// Instructions but those for changed pages.
fn computing(usage: &Usage) -> u64 {
    usage.instructions - DIRTY_PAGE * usage.dirty_pages()
}
