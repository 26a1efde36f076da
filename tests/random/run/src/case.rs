//! Many histories, one after another; the first that fails is made shorter and reported.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use graven_random_model::{Genome, History, Rng};

use crate::any::Release;
use crate::operation::{self, Operation};
use crate::report;
use crate::run::{Run, Totals};
use crate::shrink;

/// Operations for each history.
const OPERATIONS: u64 = 1_500;

/// Runs every history. The sources have to be those of the genomes.
///
/// # Panics
/// For the first history that goes wrong: with its seed, the releases that matter, and the fewest
/// operations.
#[must_use]
pub fn check(genomes: &[Genome], sources: &[&[Release]]) -> Totals {
    assert_eq!(genomes.len(), sources.len());
    let mut all = Totals::default();
    for (genome, releases) in genomes.iter().zip(sources) {
        let history = History::new(genome);
        let operations = operation::random(&history, OPERATIONS, &mut Rng::new(genome.seed ^ 0xabcd));
        match run(&history, releases, &operations) {
            Ok(totals) => all.add(totals),
            Err(why) => {
                let fails = |operations: &[Operation]| run(&history, releases, operations).err();
                let (operations, why) = shrink::shorten(operations, why, fails);
                panic!("{}", report::report(&history, &operations, &why));
            }
        }
    }
    all
}

/// Runs the case. Returns the totals, or the failure.
pub(crate) fn run(
    history: &History,
    releases: &[Release],
    operations: &[Operation],
) -> Result<Totals, String> {
    let mut run = Run::new(history, releases);
    quietly();
    let done = catch_unwind(AssertUnwindSafe(|| operations.iter().for_each(|operation| run.step(operation))));
    QUIET.set(false);
    match done {
        Ok(()) => Ok(run.totals),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            Err(text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
        }
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Until the run has ended, this thread's panics say nothing: the report will. A run is repeated
/// many times.
fn quietly() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                loud(panic);
            }
        }));
    });
    QUIET.set(true);
}

impl Totals {
    fn add(&mut self, other: Totals) {
        self.histories += other.histories;
        self.operations += other.operations;
        self.records += other.records;
        self.upgrades += other.upgrades;
        self.refused += other.refused;
        self.taken_back += other.taken_back;
        self.taken += other.taken;
        self.dangling += other.dangling;
        self.restricted += other.restricted;
        self.incomplete += other.incomplete;
        self.cascades += other.cascades;
        self.blocked += other.blocked;
        self.broken += other.broken;
    }
}
