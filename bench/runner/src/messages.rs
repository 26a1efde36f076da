//! Messages that do one thing: an operation, cold or warm, or an upgrade.

use anyhow::{Context, Result, ensure};
use graven_testkit::{Canister, Outcome, Usage};

use crate::contenders::{Canisters, Contender};
use crate::figures::{Figure, Id};
use crate::measure::{figure, reply};

/// One operation alone in its message, on a filled map, and the upgrade that makes it cold.
///
/// # Errors
/// Where the canister fails.
pub fn alone(
    canisters: &Canisters,
    structure: &str,
    contender: Contender,
    entries: u64,
    filled: &Canister,
) -> Result<Vec<(Id, Figure)>> {
    let mut figures = Vec::new();
    let mut note = |workload: &str, usage: &Usage| {
        let workload = format!("{structure}/{workload}");
        let figure = figure(usage, &Usage::default(), 1);
        figures.push((Id { workload, contender, entries }, figure));
    };
    let mut cold = filled.clone();
    let wasm = canisters.wasm(contender.canister(structure));
    let upgraded =
        if contender == Contender::Heap { cold.upgrade(wasm, (false,)) } else { cold.upgrade(wasm, ()) };
    if let Some(opening) = upgraded.phase("post_upgrade") {
        note("upgrade/opening", &Usage { instructions: opening, ..Usage::default() });
    }
    note("upgrade/unchanged", &reply(upgraded)?.1);

    let kind = structure.split('-').next().unwrap_or_default();
    note("alone/empty", &update(&mut cold.clone(), "empty")?);
    note("alone/empty-query", &query(&mut cold.clone(), "empty_query")?);
    note("alone/get-cold-query", &query(&mut cold.clone(), &format!("{kind}_get_query"))?);
    note("alone/insert-cold", &update(&mut cold.clone(), &format!("{kind}_insert"))?);
    let mut warm = cold;
    note("alone/get-cold", &update(&mut warm, &format!("{kind}_get"))?);
    note("alone/get-warm", &update(&mut warm, &format!("{kind}_get"))?);
    note("alone/get-warm-query", &query(&mut warm, &format!("{kind}_get_query"))?);
    // The look-up was of another key: the way to the one that is added is known once that was
    // looked up as well.
    note("alone/insert-warm", &update(&mut filled.clone(), &format!("{kind}_insert"))?);
    Ok(figures)
}

/// The upgrade of a table to code with one more index, which the sweep makes, and the opening of
/// the store of that code, which has 20 tables with three indexes each.
///
/// # Errors
/// Where a canister fails.
pub fn indexed(canisters: &Canisters, entries: u64, filled: &Canister) -> Result<Vec<(Id, Figure)>> {
    let mut figures = Vec::new();
    let mut note = |workload: &str, usage: &Usage, operations: u64| {
        let id = Id { workload: workload.into(), contender: Contender::Graven, entries };
        figures.push((id, figure(usage, &Usage::default(), operations)));
    };
    let mut canister = filled.clone();
    let wasm = canisters.wasm("rows-graven-v2");
    upgraded(canister.upgrade(wasm, ()))?;
    note("table/sweep/index", &update(&mut canister, "sweep")?, entries);
    let ((len,), _) = reply(canister.query::<_, (u64,)>("indexed", ()))?;
    ensure!(len == entries, "the index has {len} entries for {entries} rows");
    let again = canister.upgrade(wasm, ());
    let opening = again.phase("post_upgrade").context("opening takes something")?;
    note("table/upgrade/opening", &Usage { instructions: opening, ..Usage::default() }, 1);
    note("table/upgrade/unchanged", &upgraded(again)?, 1);
    Ok(figures)
}

fn update(canister: &mut Canister, method: &str) -> Result<Usage> {
    Ok(reply(canister.update::<_, ()>(method, ()))?.1)
}

fn query(canister: &mut Canister, method: &str) -> Result<Usage> {
    Ok(reply(canister.query::<_, ()>(method, ()))?.1)
}

/// Returns an upgrade to code that has a field more in the given number of records, and what it
/// takes to bring each of them to its layout.
///
/// # Errors
/// Where a canister fails.
pub fn changed(canisters: &Canisters, contender: Contender, entries: u64) -> Result<Vec<(Id, Figure)>> {
    let mut figures = Vec::new();
    let mut note = |workload: &str, usage: &Usage, operations: u64| {
        let id = Id { workload: workload.into(), contender, entries };
        figures.push((id, figure(usage, &Usage::default(), operations)));
    };
    match contender {
        Contender::Heap => {
            let mut canister = crate::measure::install(canisters, "records", contender)?;
            fill(&mut canister, entries)?;
            let usage = upgraded(canister.upgrade(canisters.wasm("bench-heap"), (true,)))?;
            note("records/upgrade/changed", &usage, 1);
        }
        _ => {
            let mut canister = crate::measure::empty();
            reply(canister.reinstall(canisters.wasm("one-graven-v1"), ()))?;
            fill(&mut canister, entries)?;
            let usage = upgraded(canister.upgrade(canisters.wasm("one-graven-v2"), ()))?;
            note("records/upgrade/changed", &usage, 1);
            note("records/sweep/all", &update(&mut canister, "sweep")?, entries);
        }
    }
    Ok(figures)
}

fn fill(canister: &mut Canister, entries: u64) -> Result<()> {
    reply(canister.update::<_, ()>("fill", (entries,))).map(|_| ())
}

fn upgraded(outcome: Outcome<()>) -> Result<Usage> {
    Ok(reply(outcome)?.1)
}
