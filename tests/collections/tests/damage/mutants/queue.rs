//! PriorityQueue.

use graven::entry::Handle;
use graven::{Budget, Collection, PriorityQueue, Result};
use graven_tests::memory::Metered;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::subject::{Contents, Subject, each, walk};

/// Values that fill some pages of the heap and, if they are short, of the handles.
fn values<T>(generation: usize) -> u64 {
    match generation {
        0 if std::mem::size_of::<T>() < 100 => 800,
        0 => 30,
        _ => 4,
    }
}

/// A handle that most often was given, once.
fn handle(rng: &mut Rng) -> Handle {
    Handle::from_u64(rng.below(100) | 1 << 32)
}

impl<T: SampleKey + 'static> Subject for PriorityQueue<T, Metered> {
    const OPERATIONS: &'static [&'static str] = &[
        "peek",
        "push",
        "pop",
        "update",
        "remove",
        "iter",
        "retain",
        "contains!",
        "get!",
        "sweep",
        "verify",
        "clear!",
    ];

    fn fill(&mut self, generation: usize, rng: &mut Rng) {
        for _ in 0..values::<T>(generation) {
            let handle = self.push(T::sample(rng.below(500)));
            if rng.once_in(10) {
                self.remove(handle);
            }
        }
    }

    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
        match operation {
            "peek" => self.try_peek().map(drop),
            "push" => each(30, |_| self.try_push(T::sample(rng.below(500))).map(drop)),
            "pop" => each(30, |_| self.try_pop().map(drop)),
            "update" => each(12, |_| self.try_update(handle(rng), T::sample(rng.below(500))).map(drop)),
            "remove" => each(20, |_| self.try_remove(handle(rng)).map(drop)),
            "iter" => {
                let mut iter = self.iter();
                walk(|| iter.try_next())
            }
            "retain" => {
                let left = self.len();
                self.retain_within(left, &mut Budget::entries(50), |_| rng.once_in(2)).map(drop)
            }
            "contains!" => {
                let _ = self.contains(handle(rng));
                Ok(())
            }
            "get!" => {
                let _ = self.get(handle(rng));
                Ok(())
            }
            "sweep" => self.sweep(&mut Budget::pages(50)).map(drop),
            "verify" => self.verify(),
            "clear!" => {
                self.clear();
                Ok(())
            }
            _ => unreachable!("{operation}"),
        }
    }

    fn empty(&mut self) {
        self.clear();
    }

    fn read(&self, contents: &mut Contents) -> Result<()> {
        let mut iter = self.iter();
        while let Some((handle, value)) = iter.try_next()? {
            contents.key(&(handle.to_u64(), value));
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.verify()
    }
}
