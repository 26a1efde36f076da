//! The life of a collection and its model: steps are run, counted, and where they fail made few.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, catch_unwind};

use graven::{Budget, Collection, Error, Result, open};
use graven_core::page::Pager;
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;

use super::steps::{Act, Step, steps};

/// The memory of collections.
pub type Memory = Limited<Bytes>;

/// A collection and what it has to hold. Methods panic where the two differ.
pub trait Life {
    /// Returns an empty one.
    fn new(memory: Memory) -> Self
    where
        Self: Sized;

    /// Does an operation to both, or to none: an error leaves everything as it was.
    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()>;

    /// Opens the same memory again.
    fn reopen(&mut self);

    /// Returns `true` if there is no further version of the values.
    fn is_last(&self) -> bool {
        true
    }

    /// Opens the same memory with the next version of the values.
    fn upgrade(self: Box<Self>) -> Box<dyn Life>;

    /// Sweeps a little; whether nothing is left to do.
    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool>;

    /// Compares everything.
    fn check(&self);

    /// Returns the memory that it is in.
    fn pager(&self) -> &Pager<Memory>;
}

/// Opens a collection under the name that all have here. Where the memory cannot grow this may
/// fail, and must not leave anything behind: then it is opened with more.
pub fn opened<C: Collection<Memory = Memory>>(memory: &Memory) -> C {
    match open("it", memory.clone()) {
        Ok(collection) => collection,
        Err(Error::OutOfMemory { .. }) => {
            memory.set_limit(u64::MAX);
            open("it", memory.clone()).unwrap()
        }
        Err(error) => panic!("{error}"),
    }
}

/// How a life begins.
pub type Begin = fn(Memory) -> Box<dyn Life>;

/// Returns a life of this kind.
pub fn begin<L: Life + 'static>(memory: Memory) -> Box<dyn Life> {
    Box::new(L::new(memory))
}

/// Values that a later version of the code has another layout for; the last version is its own next
/// one.
pub trait Version: SampleValue {
    type Next: Version + From<Self>;
    const LAST: bool = false;
}

macro_rules! versions {
    ($($chain:ident: $($this:ident -> $next:ident),*;)*) => {$($(
        impl Version for graven_tests::chains::$chain::$this {
            type Next = graven_tests::chains::$chain::$next;
        }
    )*
        impl Version for graven_tests::chains::$chain::V6 {
            type Next = Self;
            const LAST: bool = true;
        }
    )*};
}

versions! {
    mixed: V1 -> V2, V2 -> V3, V3 -> V4, V4 -> V5, V5 -> V6;
    dynamic: V1 -> V2, V2 -> V3, V3 -> V4, V4 -> V5, V5 -> V6;
}

impl Version for u64 {
    type Next = u64;
    const LAST: bool = true;
}

impl Version for [u8; 128] {
    type Next = Self;
    const LAST: bool = true;
}

impl Version for String {
    type Next = String;
    const LAST: bool = true;
}

/// The numbers of operations done.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub operations: u64,
    pub reopens: u64,
    pub upgrades: u64,
    pub sweeps: u64,
    /// Sweeps that had something to do.
    pub swept: u64,
    /// Operations that failed, for the memory could not grow.
    pub refused: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.operations += other.operations;
        self.reopens += other.reopens;
        self.upgrades += other.upgrades;
        self.sweeps += other.sweeps;
        self.swept += other.swept;
        self.refused += other.refused;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(counts: I) -> Counts {
        let mut sum = Counts::default();
        counts.for_each(|counts| sum += counts);
        sum
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { operations, reopens, upgrades, sweeps, swept, refused } = self;
        write!(
            f,
            "{operations:9} operations, {reopens} re-opens, {upgrades} upgrades, {sweeps} sweeps ({swept} of old pages), \
             {refused} refused for want of memory"
        )
    }
}

/// Does all steps.
fn live(begin: Begin, steps: impl Iterator<Item = Step>) -> Counts {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let (mut life, mut tight, mut counts) = (begin(memory.clone()), false, Counts::default());
    let mut taken = Vec::new();
    for step in steps {
        let out_of_memory = match step {
            Step::Do(act) => {
                counts.operations += 1;
                life.act(&act, &mut Rng::new(act.seed))
            }
            Step::Sweep(pages) => {
                counts.sweeps += 1;
                let mut budget = Budget::pages(pages);
                let swept = life.sweep(&mut budget).map(drop);
                counts.swept += u64::from(budget.migrated > 0);
                swept
            }
            Step::Upgrade if !life.is_last() => {
                counts.upgrades += 1;
                life = life.upgrade();
                Ok(())
            }
            Step::Reopen | Step::Upgrade => {
                counts.reopens += 1;
                life.reopen();
                Ok(())
            }
            Step::Tight(now) => {
                tight = now;
                memory.allow(0);
                if tight {
                    // Nothing is left: whatever needs a page fails.
                    taken.extend(std::iter::from_fn(|| life.pager().allocate().ok()));
                } else {
                    taken.drain(..).for_each(|page| life.pager().free(page).unwrap());
                }
                Ok(())
            }
            Step::Check => {
                life.check();
                Ok(())
            }
        };
        match out_of_memory {
            Ok(()) => {}
            Err(Error::OutOfMemory { .. }) if tight => {
                counts.refused += 1;
                // Comparing everything is slow, so only now and then.
                if counts.refused.is_multiple_of(128) {
                    life.check();
                }
            }
            Err(error) => panic!("{step:?}: {error}"),
        }
        if tight { memory.allow(0) } else { memory.set_limit(u64::MAX) }
    }
    life.check();
    counts
}

/// Why steps fail, if they do.
pub fn failure(begin: Begin, steps: &[Step]) -> Option<String> {
    let lived = catch_unwind(AssertUnwindSafe(|| live(begin, steps.iter().copied())));
    lived.err().map(|why| match why.downcast::<String>() {
        Ok(words) => *words,
        Err(why) => why.downcast_ref::<&str>().unwrap_or(&"a panic").to_string(),
    })
}

/// Does all steps of a seed.
///
/// # Panics
/// With the fewest steps that fail, where some do.
pub fn run(begin: Begin, name: &str, seed: u64) -> Counts {
    if let Ok(counts) = catch_unwind(AssertUnwindSafe(|| live(begin, steps(seed)))) {
        return counts;
    }
    let few = super::shrinking::shrink(steps(seed).collect(), |steps| failure(begin, steps).is_some());
    let why = failure(begin, &few).unwrap_or("this time it did not fail".into());
    panic!("{name}: {} steps are left: {few:#?}\n{why}", few.len());
}
