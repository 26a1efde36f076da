//! Vec, Deque and Log.

use graven::{Budget, Collection, Deque, Log, Result, StableVec};
use graven_tests::memory::Metered;
use graven_tests::rng::Rng;

use super::subject::{Contents, Subject, Value, each, walk};

/// Values that fill some pages, whatever their size.
fn values<T>(generation: usize) -> u64 {
    match generation {
        0 if std::mem::size_of::<T>() < 10 => 2_200,
        0 => 40,
        _ => 4,
    }
}

/// An index, which nearly always is that of a value.
fn index(len: u64, rng: &mut Rng) -> u64 {
    rng.below(len.min(5_000) + 1)
}

/// Operations of Vec and Deque.
macro_rules! indexed {
    ($push:ident, $try_push:ident; $($own:literal),*; $list:ident, $operation:ident, $rng:ident => $body:expr) => {
        const OPERATIONS: &'static [&'static str] = &[
            "get", "set", "push", "push large", "insert", "remove", "iter", "retain", "remove range", "rotate",
            "update!", "truncate", "clear!", "sweep", "verify", $($own),*
        ];

        fn fill(&mut self, generation: usize, rng: &mut Rng) {
            (0..values::<T>(generation)).for_each(|_| self.$push(T::any(rng)));
        }

        fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
            let len = self.len();
            match operation {
                "get" => each(12, |_| self.try_get(index(len, rng)).map(drop)),
                "set" => each(12, |_| self.try_set(index(len, rng), T::any(rng)).map(drop)),
                "push" => each(20, |_| self.$try_push(T::sample(rng))),
                "push large" => each(4, |_| self.$try_push(T::large(rng))),
                "insert" => each(6, |_| self.try_insert(index(len, rng), T::any(rng)).map(drop)),
                "remove" => each(6, |_| self.try_remove(index(len, rng)).map(drop)),
                "iter" => {
                    let mut iter = self.iter();
                    walk(|| iter.try_next())
                }
                "retain" => self.retain_within(0, &mut Budget::pages(20), |_| rng.once_in(2)).map(drop),
                "remove range" => {
                    let start = index(len, rng);
                    self.remove_within(start..len.min(start + 30), &mut Budget::pages(20)).map(drop)
                }
                "rotate" => self.rotate_within(index(len, rng).min(len), &mut Budget::entries(20)).map(drop),
                "update!" => {
                    let value = T::any(rng);
                    let _ = self.update(index(len, rng), |old| *old = value);
                    Ok(())
                }
                "truncate" => self.truncate_within(len / 2, &mut Budget::pages(20)).map(drop),
                "clear!" => {
                    self.clear();
                    Ok(())
                }
                "sweep" => self.sweep(&mut Budget::pages(50)).map(drop),
                "verify" => self.verify(),
                _ => {
                    let ($list, $operation, $rng) = (self, operation, rng);
                    $body
                }
            }
        }

        fn empty(&mut self) {
            self.clear();
        }

        fn read(&self, contents: &mut Contents) -> Result<()> {
            let mut iter = self.iter();
            while let Some(value) = iter.try_next()? {
                contents.value(&value);
            }
            Ok(())
        }

        fn check(&self) -> Result<()> {
            self.verify()
        }
    };
}

impl<T: Value + 'static> Subject for StableVec<T, Metered> {
    indexed! {
        push, try_push; "replace", "pop!", "swap!", "swap remove!";
        vec, operation, rng => {
            let len = vec.len();
            match operation {
                "replace" => return each(8, |_| vec.try_replace(index(len, rng), T::any(rng)).map(drop)),
                "pop!" => (0..10).for_each(|_| _ = vec.pop()),
                "swap!" if len > 1 => vec.swap(index(len, rng) % len, 0),
                "swap remove!" if len > 0 => drop(vec.swap_remove(index(len, rng) % len)),
                "swap!" | "swap remove!" => {}
                _ => unreachable!("{operation}"),
            }
            Ok(())
        }
    }
}

impl<T: Value + 'static> Subject for Deque<T, Metered> {
    indexed! {
        push_back, try_push_back; "push front", "pop front!", "pop back!", "swap remove!";
        deque, operation, rng => {
            let len = deque.len();
            match operation {
                "push front" => return each(20, |_| deque.try_push_front(T::any(rng))),
                "pop front!" => (0..10).for_each(|_| _ = deque.pop_front()),
                "pop back!" => (0..10).for_each(|_| _ = deque.pop_back()),
                "swap remove!" => {
                    let _ = deque.swap_remove_back(index(len, rng));
                    let _ = deque.swap_remove_front(index(len, rng));
                }
                _ => unreachable!("{operation}"),
            }
            Ok(())
        }
    }
}

impl<T: Value + 'static> Subject for Log<T, Metered> {
    const OPERATIONS: &'static [&'static str] =
        &["get", "append", "append large", "drop before", "iter", "ends!", "sweep", "verify"];

    fn fill(&mut self, generation: usize, rng: &mut Rng) {
        (0..values::<T>(generation)).for_each(|_| _ = self.append(T::any(rng)));
        if generation == 0 {
            self.drop_before(values::<T>(0) / 4);
        }
    }

    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
        let numbers = self.numbers();
        let any = |rng: &mut Rng| {
            numbers.start.saturating_add(index(numbers.end.saturating_sub(numbers.start), rng))
        };
        match operation {
            "get" => each(12, |_| self.try_get(any(rng)).map(drop)),
            "append" => each(20, |_| self.try_append(T::sample(rng)).map(drop)),
            "append large" => each(4, |_| self.try_append(T::large(rng)).map(drop)),
            "drop before" => each(2, |_| self.try_drop_before(any(rng))),
            "iter" => {
                let mut iter = self.iter();
                walk(|| iter.try_next())
            }
            "ends!" => {
                let _ = (self.first(), self.last());
                Ok(())
            }
            "sweep" => self.sweep(&mut Budget::pages(50)).map(drop),
            "verify" => self.verify(),
            _ => unreachable!("{operation}"),
        }
    }

    fn read(&self, contents: &mut Contents) -> Result<()> {
        contents.key(&self.numbers());
        let mut iter = self.iter();
        while let Some(value) = iter.try_next()? {
            contents.value(&value);
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.verify()
    }
}
