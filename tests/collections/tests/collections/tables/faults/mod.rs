//! Faults within operations on tables: memory that ends at each page that an operation takes, and
//! panics at each call of the user's code. Nothing is half done then: all indexes agree with all
//! rows, the rows are those before, a store that opens the memory again says the same, and the
//! operation succeeds in the end as if there had been no fault.

mod fuse;
mod operations;
mod state;
mod store;

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use graven::{Error, Options, Schema};
use graven_tests::memory::{image, memory_of};
use graven_tests::panics::{caught, last_place};
use graven_tests::rng::Rng;

use operations::Operation;
use state::{MAX_FREE, Prepared, Rows, index_states, verify};
use store::{App, Memory};

/// The pages, or the calls of the user's code, after which an operation fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    Memory(u64),
    Panic(u64),
}

/// The transaction in which an operation fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Within {
    /// None.
    Nothing,
    /// One that fails for it.
    Undone,
    /// One that succeeds all the same.
    Kept,
}

#[derive(Debug, Default)]
struct Counts {
    operations: u64,
    memory: u64,
    panics: u64,
}

/// One operation on one state.
struct Trial<'a> {
    prepared: &'a Prepared,
    operation: Operation,
    /// The rows after it, without a fault.
    after: Rows,
    /// The result of it, without a fault.
    said: String,
}

impl fmt::Display for Trial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:?}", self.operation);
        f.write_str(&text[..text.len().min(300)])
    }
}

impl<'a> Trial<'a> {
    /// Runs the operation without faults. Returns how often it calls the user's code.
    fn new(prepared: &'a Prepared, operation: Operation) -> (Self, u64) {
        let (memory, mut app) = prepared.open(0);
        memory.set_limit(u64::MAX);
        fuse::set(u64::MAX);
        let said = operation.run(&mut app).unwrap();
        let calls = u64::MAX - fuse::left();
        if operation.is_stepwise() {
            operation.whole().run(&mut app).unwrap();
        }
        let after = Rows::of(&app);
        verify(&app);
        (Trial { prepared, operation, after, said }, calls)
    }

    /// Runs the operation with a fault. Returns `false` if it does not come to the fault.
    fn run(&self, fault: Fault, within: Within) -> bool {
        let free = if let Fault::Memory(free) = fault { free } else { MAX_FREE };
        let (memory, mut app) = self.prepared.open(free);
        if !matches!(fault, Fault::Memory(_)) {
            memory.set_limit(u64::MAX);
        }
        let before = image(&memory);
        let states = index_states(&app);
        fuse::set(if let Fault::Panic(calls) = fault { calls } else { u64::MAX });
        let result = match within {
            Within::Nothing => caught(|| self.operation.run(&mut app)),
            Within::Undone => caught(|| app.transact(|app| self.operation.run(app))),
            Within::Kept => app.transact(|app| Ok::<_, Error>(caught(|| self.operation.run(app)))).unwrap(),
        };
        fuse::set(u64::MAX);
        match (fault, &result) {
            (_, Ok(Ok(said))) => {
                assert_eq!(*said, self.said, "it says something else");
                self.finish(app, &memory);
                return false;
            }
            (Fault::Memory(_), Ok(Err(Error::OutOfMemory { .. }))) => {
                assert!(!self.operation.only_removes(), "it needs memory");
            }
            (Fault::Panic(_), Err(panic)) => assert!(panic.contains(fuse::BLOWN), "{panic}"),
            (_, other) => panic!("{other:?}"),
        }
        if within == Within::Undone {
            let after = image(&memory);
            assert!(before.iter().zip(&after).all(|(old, new)| old == new), "bytes are not undone");
        }
        if !self.operation.is_stepwise() || within == Within::Undone {
            assert_eq!(index_states(&app), states);
        }
        self.check(&app, within);
        let again = open(&memory);
        verify(&again);
        self.check(&again, within);
        memory.set_limit(u64::MAX);
        if !self.operation.is_stepwise() {
            assert_eq!(self.operation.run(&mut app).unwrap(), self.said, "it says something else later");
        }
        self.finish(app, &memory);
        true
    }

    /// Checks a store after a fault.
    fn check(&self, app: &App, within: Within) {
        let (rows, before) = (Rows::of(app), &self.prepared.rows);
        if self.operation.is_stepwise() && within != Within::Undone {
            assert!(before.has_all_of(&rows) && rows.has_all_of(&self.after), "these are other rows");
        } else {
            assert_eq!(rows, *before);
        }
    }

    /// Checks a store after the operation.
    fn finish(&self, mut app: App, memory: &Memory) {
        memory.set_limit(u64::MAX);
        if self.operation.is_stepwise() {
            self.operation.whole().run(&mut app).unwrap();
        }
        assert_eq!(Rows::of(&app), self.after);
        verify(&app);
    }
}

/// Opens a copy of a memory.
fn open(memory: &Memory) -> App {
    let copy = Memory::new(memory_of(&image(memory)), u64::MAX);
    App::open_with(copy, Options::default()).unwrap()
}

/// Injects all faults into all operations on the state of a seed. Of many calls of the user's code,
/// some are chosen.
fn inject(seed: u64, most: u64, counts: &mut Counts) {
    let (prepared, rng) = (Prepared::new(seed), &mut Rng::new(seed + 1_000));
    for operation in Operation::some(&prepared.rows, rng) {
        let (trial, calls) = Trial::new(&prepared, operation);
        let run = |fault, within| {
            let done = caught(|| trial.run(fault, within));
            let at = |why| format!("{why} at {}: seed {seed}, {fault:?}, {within:?}", last_place());
            done.unwrap_or_else(|why| panic!("{}, {trial}", at(why)))
        };
        counts.operations += 1;
        let withins = [Within::Nothing, Within::Undone, Within::Kept];
        for within in withins {
            assert!(!run(Fault::None, within));
        }
        for free in 0..=MAX_FREE {
            let outcomes = withins.map(|within| run(Fault::Memory(free), within));
            assert!(outcomes[0] == outcomes[1] && outcomes[1] == outcomes[2], "seed {seed}, {trial}");
            if !outcomes[0] {
                break;
            }
            counts.memory += 3;
        }
        let (mut call, step) = (0, (calls / most).max(1));
        while call < calls {
            let within = withins[rng.below(3) as usize];
            assert!(run(Fault::Panic(call), within), "seed {seed}, call {call}, {trial}");
            counts.panics += 1;
            call += if call < most / 2 { 1 } else { 1 + rng.below(2 * step - 1) };
        }
    }
}

#[test]
fn nothing_is_half_done() {
    let quick = std::env::var_os("GRAVEN_QUICK").is_some();
    let (states, most) = if quick { (3, 6) } else { (8, 10) };
    let states = std::env::var("GRAVEN_STATES").map_or(states, |states| states.parse().unwrap());
    let (next, all) = (AtomicU64::new(0), Mutex::new(Counts::default()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= states {
                return;
            }
            let mut counts = Counts::default();
            inject(seed, most, &mut counts);
            let mut all = all.lock().unwrap();
            all.operations += counts.operations;
            all.memory += counts.memory;
            all.panics += counts.panics;
        }
    };
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| (0..processors).for_each(|_| _ = scope.spawn(work)));
    let all = all.into_inner().unwrap();
    println!("{all:?}");
    assert!(all.memory > 40 * states && all.panics > 150 * states, "{all:?}");
}
