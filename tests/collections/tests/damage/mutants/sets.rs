//! BTreeSet and HashSet.

use graven::{BTreeSet, Budget, Collection, HashSet, Result};
use graven_tests::memory::Metered;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::subject::{Contents, Subject, each, entries, walk};

/// Elements are of numbers below this: they are short, and there are several pages of them.
const ELEMENTS: u64 = 1_500;

fn element<T: SampleKey>(rng: &mut Rng) -> T {
    T::sample(rng.below(ELEMENTS))
}

/// Elements that fill some pages, whatever their size.
fn many<T: SampleKey>(generation: usize) -> u64 {
    if generation == 0 && std::mem::size_of::<T>() < 100 { ELEMENTS * 2 / 3 } else { entries(generation) }
}

macro_rules! set {
    ($($own:literal),*; $set:ident, $operation:ident, $rng:ident => $body:expr) => {
        const OPERATIONS: &'static [&'static str] =
            &["contains", "insert", "remove", "iter", "retain", "sweep", "verify", "clear!", $($own),*];

        fn fill(&mut self, generation: usize, rng: &mut Rng) {
            (0..many::<T>(generation)).for_each(|_| _ = self.insert(element(rng)));
        }

        fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
            match operation {
                "contains" => each(12, |_| self.try_contains(&element::<T>(rng)).map(drop)),
                "insert" => each(200, |_| self.try_insert(element(rng)).map(drop)),
                "remove" => each(300, |_| self.try_remove(&element::<T>(rng)).map(drop)),
                "iter" => {
                    let mut iter = self.iter();
                    walk(|| iter.try_next())
                }
                "sweep" => self.sweep(&mut Budget::pages(50)).map(drop),
                "verify" => self.verify(),
                "clear!" => {
                    self.clear();
                    Ok(())
                }
                _ => {
                    let ($set, $operation, $rng) = (self, operation, rng);
                    $body
                }
            }
        }

        fn empty(&mut self) {
            self.clear();
        }

        fn read(&self, contents: &mut Contents) -> Result<()> {
            let mut iter = self.iter();
            while let Some(element) = iter.try_next()? {
                contents.key(&element);
            }
            Ok(())
        }

        fn check(&self) -> Result<()> {
            self.verify()
        }
    };
}

impl<T: SampleKey + 'static> Subject for BTreeSet<T, Metered> {
    set! {
        "pop", "take", "back";
        set, operation, rng => match operation {
            "retain" => set.retain_within(.., None, &mut Budget::pages(50), |_| rng.once_in(2)).map(drop),
            "pop" => each(10, |time| if time % 2 == 0 {
                set.try_pop_first().map(drop)
            } else {
                set.try_pop_last().map(drop)
            }),
            "take" => each(12, |_| set.try_take(&element::<T>(rng)).map(drop)),
            "back" => {
                let mut iter = set.iter();
                walk(|| iter.try_next_back())
            }
            _ => unreachable!("{operation}"),
        }
    }
}

impl<T: SampleKey + 'static> Subject for HashSet<T, Metered> {
    set! {
        "extract";
        set, operation, rng => match operation {
            "retain" => set.retain_within(None, &mut Budget::pages(50), |_| rng.once_in(2)).map(drop),
            "extract" => {
                let mut taken = set.extract_if(|_| rng.once_in(3));
                walk(|| taken.try_next())
            }
            _ => unreachable!("{operation}"),
        }
    }
}
