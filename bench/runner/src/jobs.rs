//! A job is a contender with one structure at one size: it is filled once, then each operation runs
//! on a copy.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Result, anyhow};
use graven_testkit::{Canister, Usage};
use indicatif::{ProgressBar, ProgressStyle};

use crate::contenders::{Canisters, Contender};
use crate::figures::{Figure, Id, Results};
use crate::workloads::{Before, Operation, STRUCTURES, Structure, does};
use crate::{measure, messages, sizes};

/// A part of the work that needs nothing of the others.
pub enum Job {
    /// All operations of a structure.
    Operations(&'static Structure, Contender, u64),
    /// Upgrades that change the layout of a number of records.
    Changed(Contender, u64),
    /// The sizes of wasm.
    Wasm,
}

/// Returns all jobs that pass; long ones first, so that the last ones end together.
#[must_use]
pub fn all(takes: impl Fn(&Job) -> bool) -> Vec<Job> {
    let mut jobs: Vec<Job> = STRUCTURES
        .iter()
        .flat_map(|structure| {
            let contenders = structure.contenders.iter();
            contenders.flat_map(move |(contender, most)| {
                structure.sizes(*most).map(move |entries| Job::Operations(structure, *contender, entries))
            })
        })
        .collect();
    for entries in crate::workloads::SIZES {
        jobs.extend([Job::Changed(Contender::Graven, entries), Job::Changed(Contender::Heap, entries)]);
    }
    jobs.push(Job::Wasm);
    jobs.retain(takes);
    jobs.sort_by_key(|job| std::cmp::Reverse(job.weight()));
    jobs
}

impl Job {
    /// About how long it takes, beside the others.
    fn weight(&self) -> u64 {
        match self {
            Self::Operations(structure, contender, entries) => {
                let slow = if *contender == Contender::Iss { 20 } else { 1 };
                entries * structure.operations.len() as u64 * slow
            }
            Self::Changed(_, entries) => *entries,
            Self::Wasm => 0,
        }
    }

    /// As the progress shows it.
    fn title(&self) -> String {
        match self {
            Self::Operations(structure, contender, entries) => {
                format!("{}, {contender}, {entries}", structure.title)
            }
            Self::Changed(contender, entries) => format!("changed layout, {contender}, {entries}"),
            Self::Wasm => "wasm".into(),
        }
    }

    fn run(&self, canisters: &Canisters) -> Result<Vec<(Id, Figure)>> {
        match self {
            Self::Operations(structure, contender, entries) => {
                operations(canisters, structure, *contender, *entries)
            }
            Self::Changed(contender, entries) => messages::changed(canisters, *contender, *entries),
            Self::Wasm => wasm(canisters),
        }
    }
}

/// Runs the jobs, on as many threads as there are processors, and adds what they measured.
///
/// # Errors
/// The first one of any job.
pub fn run(jobs: &[Job], canisters: &Canisters, results: &mut Results) -> Result<()> {
    let progress = ProgressBar::new(jobs.len() as u64);
    let style = ProgressStyle::with_template("    {bar:30.cyan/blue} {pos}/{len}  {elapsed}  {wide_msg}")?;
    progress.set_style(style);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            progress.set_message(job.title());
            let measured = job.run(canisters);
            done.lock().expect("no thread panics with it").push(measured);
            progress.inc(1);
        }
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, Into::into);
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    progress.finish_and_clear();
    for measured in done.into_inner().map_err(|_| anyhow!("a thread panicked"))? {
        results.figures.extend(measured?);
    }
    Ok(())
}

fn operations(
    canisters: &Canisters,
    structure: &Structure,
    contender: Contender,
    entries: u64,
) -> Result<Vec<(Id, Figure)>> {
    let mut figures = Vec::new();
    let mut note = |workload: String, figure: Figure| {
        figures.push((Id { workload, contender, entries }, figure));
    };
    let mut filled = measure::install(canisters, structure.id, contender)?;
    let empty = filled.clone();
    let fill = structure.fill();
    let figure = with_size(&mut filled, structure, fill, entries)?;
    if structure.operations.iter().any(|operation| operation.before == Before::Empty) {
        note(structure.workload(fill), figure);
    }
    for operation in structure.operations {
        let is_fill =
            std::ptr::eq(operation, fill) || structure.workload(operation) == structure.workload(fill);
        if is_fill || !does(contender, operation, entries) {
            continue;
        }
        let figure = match operation.before {
            Before::Empty => with_size(&mut empty.clone(), structure, operation, entries)?,
            Before::Filled => measure::operation(&mut filled.clone(), structure.id, operation, entries)?,
            Before::Ascending => {
                let mut canister = empty.clone();
                let ascending = Operation { order: operation.order, ..*fill };
                measure::operation(&mut canister, structure.id, &ascending, entries)?;
                measure::operation(&mut canister, structure.id, operation, entries)?
            }
        };
        note(structure.workload(operation), figure);
    }
    if ["btree-u64", "hash-u64"].contains(&structure.id) && contender != Contender::Uncached {
        figures.extend(messages::alone(canisters, structure.id, contender, entries, &filled)?);
    }
    if structure.id == "table" && contender == Contender::Graven {
        figures.extend(messages::indexed(canisters, entries, &filled)?);
    }
    Ok(figures)
}

/// Measures an operation that begins with nothing, and what is in use afterwards.
fn with_size(
    canister: &mut Canister,
    structure: &Structure,
    operation: &Operation,
    entries: u64,
) -> Result<Figure> {
    let before = sizes::stable_bytes(canister);
    let mut figure = measure::operation(canister, structure.id, operation, entries)?;
    let added = sizes::stable_bytes(canister) - before;
    figure.bytes = Some(added as f64 / entries as f64).filter(|bytes| *bytes > 0.0);
    Ok(figure)
}

/// Sizes of wasm, and what upgrades to it take with and without its compilation.
fn wasm(canisters: &Canisters) -> Result<Vec<(Id, Figure)>> {
    let of = |workload: &str, contender, from, to| -> Result<_> {
        let (from, to) = (canisters.wasm(from), canisters.wasm(to));
        let mut canister = measure::empty();
        measure::reply(canister.reinstall(from, ()))?;
        let outcome = canister.upgrade(to, ());
        let compilation = outcome.compilation as f64;
        let ((), usage) = measure::reply(outcome)?;
        let id = Id { workload: workload.into(), contender, entries: 0 };
        let mut figure = measure::figure(&usage, &Usage::default(), 1);
        figure.instructions += compilation;
        figure.bytes = Some(sizes::wasm_bytes(to)? as f64);
        Ok((id, figure))
    };
    Ok(vec![
        of("wasm/one-btree", Contender::Graven, "one-graven-v1", "one-graven-v1")?,
        of("wasm/one-btree", Contender::Iss, "one-iss", "one-iss")?,
        of("wasm/gazetteer", Contender::Graven, "gazetteer-v2", "gazetteer-v3")?,
    ])
}
