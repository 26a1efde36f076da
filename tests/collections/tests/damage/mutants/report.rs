//! Results of mutants: counts by class, collection and operation, and the failures.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use graven_tests::mutants::{Change, Class};

/// The end of an operation.
pub enum End {
    /// It did what it does.
    Done,
    /// It returned an error.
    Refused,
    /// It panicked, with words that no error has or where an error is to be returned.
    Panicked(String),
    /// It read and wrote more often than any sound operation does.
    Endless(String),
    /// Another collection is not what it was.
    Spread(String),
}

impl End {
    /// Returns whether this must not be.
    pub fn is_failure(&self) -> bool {
        !matches!(self, End::Done | End::Refused)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Done => f.write_str("done"),
            End::Refused => f.write_str("refused"),
            End::Panicked(panic) => write!(f, "panicked: {panic}"),
            End::Endless(place) => write!(f, "without end at {place}"),
            End::Spread(what) => write!(f, "spread: {what}"),
        }
    }
}

/// Failures that are printed in full.
const PRINTED: usize = 12;

/// Classes of changes that every kind of collection has: a cell is a root and extents.
const MIN_CLASSES: usize = 6;

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    done: u64,
    refused: u64,
    failed: u64,
}

/// All that was tried.
#[derive(Default)]
pub struct Report {
    counts: BTreeMap<(Class, String, String), Count>,
    /// The first failure of each collection, operation and class.
    failures: BTreeMap<String, String>,
    failed: u64,
    shared: u64,
    classes: BTreeSet<Class>,
}

impl Report {
    /// Counts a mutant in which a chain has two owners.
    pub fn count_shared(&mut self) {
        self.shared += 1;
    }

    /// Adds an operation on a collection with these changes.
    pub fn add(
        &mut self,
        name: &str,
        changes: &[Change],
        operation: &str,
        end: End,
        about: &dyn Fn() -> String,
    ) {
        let classes: BTreeSet<Class> = changes.iter().map(Change::class).collect();
        for class in &classes {
            let key = (*class, name.to_owned(), operation.to_owned());
            let count = self.counts.entry(key).or_default();
            match end {
                End::Done => count.done += 1,
                End::Refused => count.refused += 1,
                _ => count.failed += 1,
            }
        }
        if end.is_failure() {
            self.failed += 1;
            let key = format!("{name}, {operation}, {classes:?}");
            self.failures.entry(key).or_insert_with(|| format!("{end}; {}", about()));
        }
        self.classes.extend(classes);
    }

    /// Prints everything.
    ///
    /// # Panics
    /// If a mutant failed, or if too little was tried.
    pub fn end(self, mutants: u64) {
        println!("{mutants} mutants, {} of them with a chain of two owners", self.shared);
        for ((class, name, operation), Count { done, refused, failed }) in &self.counts {
            println!("{class:?} x {name} x {operation}: {done} done, {refused} refused, {failed} failed");
        }
        let all: u64 = self.counts.values().map(|count| count.done + count.refused).sum();
        let refused: u64 = self.counts.values().map(|count| count.refused).sum();
        for (what, failure) in self.failures.iter().take(PRINTED) {
            println!("FAILED {what}: {failure}");
        }
        assert!(self.failed == 0, "{} operations failed, in {} ways", self.failed, self.failures.len());
        // Damage that nothing meets says nothing.
        assert!(mutants < 200 || refused * 100 > all, "{refused} of {all} operations were refused");
        assert!(mutants < 200 || self.classes.len() >= MIN_CLASSES, "{:?}", self.classes);
    }
}
