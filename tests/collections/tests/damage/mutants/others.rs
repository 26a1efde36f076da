//! Slab, Blobs and Cell.

use graven::{Blobs, Budget, Cell, Collection, Result, Slab};
use graven_tests::memory::Metered;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::subject::{Contents, KEYS, Subject, Value, each, entries, walk};

impl<T: Value + 'static> Subject for Slab<T, Metered> {
    const OPERATIONS: &'static [&'static str] = &[
        "get",
        "insert",
        "insert large",
        "replace",
        "remove",
        "update!",
        "iter",
        "sweep",
        "verify",
        "clear!",
    ];

    fn fill(&mut self, generation: usize, rng: &mut Rng) {
        (0..entries(generation)).for_each(|_| _ = self.insert(T::any(rng)));
    }

    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
        match operation {
            "get" => each(12, |_| self.try_get(rng.below(KEYS)).map(drop)),
            "insert" => each(20, |_| self.try_insert(T::sample(rng)).map(drop)),
            "insert large" => each(4, |_| self.try_insert(T::large(rng)).map(drop)),
            "replace" => each(12, |_| self.try_replace(rng.below(KEYS), T::any(rng)).map(drop)),
            "remove" => each(30, |_| self.try_remove(rng.below(KEYS)).map(drop)),
            "update!" => {
                let value = T::any(rng);
                let _ = self.update(rng.below(KEYS), |old| *old = value);
                Ok(())
            }
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
            _ => unreachable!("{operation}"),
        }
    }

    fn empty(&mut self) {
        self.clear();
    }

    fn read(&self, contents: &mut Contents) -> Result<()> {
        let mut iter = self.iter();
        while let Some((id, value)) = iter.try_next()? {
            contents.key(&id);
            contents.value(&value);
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.verify()
    }
}

/// Blobs have keys of numbers below this.
const BLOBS: u64 = 8;

fn blob<K: SampleKey>(rng: &mut Rng) -> K {
    K::sample(rng.below(BLOBS))
}

impl<K: SampleKey + 'static> Subject for Blobs<K, Metered> {
    const OPERATIONS: &'static [&'static str] =
        &["get", "read", "put", "append", "write", "truncate", "remove", "keys", "sweep", "verify", "clear!"];

    fn fill(&mut self, generation: usize, rng: &mut Rng) {
        for number in 0..BLOBS {
            let len = [0, 3, 900, 4_000, 12_000][rng.below(5) as usize];
            if generation == 0 {
                self.put(&K::sample(number), &rng.bytes(len));
            }
        }
        self.append(&blob::<K>(rng), &rng.bytes(5_000));
    }

    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
        match operation {
            "get" => each(4, |_| self.try_get(&blob::<K>(rng)).map(drop)),
            "read" => each(8, |_| self.try_read(&blob::<K>(rng), rng.below(9_000), 700).map(drop)),
            "put" => each(4, |_| {
                let bytes = rng.bytes_below(9_000);
                self.try_put(&blob::<K>(rng), &bytes)
            }),
            "append" => each(6, |_| {
                let bytes = rng.bytes_below(6_000);
                self.try_append(&blob::<K>(rng), &bytes)
            }),
            "write" => each(6, |_| {
                let bytes = rng.bytes_below(3_000);
                self.try_write(&blob::<K>(rng), rng.below(12_000), &bytes)
            }),
            "truncate" => each(4, |_| self.try_truncate(&blob::<K>(rng), rng.below(6_000))),
            "remove" => each(4, |_| self.try_remove(&blob::<K>(rng)).map(drop)),
            "keys" => {
                let mut keys = self.keys();
                walk(|| keys.try_next())
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
        let mut keys = self.keys();
        while let Some(key) = keys.try_next()? {
            contents.key(&key);
            contents.bytes(&self.try_get(&key)?.unwrap_or_default());
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.verify()
    }
}

impl<T: Value + 'static> Subject for Cell<T, Metered> {
    const OPERATIONS: &'static [&'static str] = &["get", "set", "set large", "sweep", "replace!", "take!"];

    fn fill(&mut self, _: usize, rng: &mut Rng) {
        self.set(T::large(rng));
    }

    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
        match operation {
            "get" => self.try_get().map(drop),
            "set" => each(2, |_| self.try_set(T::sample(rng))),
            "set large" => each(2, |_| self.try_set(T::large(rng))),
            "sweep" => self.sweep(&mut Budget::pages(50)).map(drop),
            "replace!" => {
                let _ = self.replace(T::any(rng));
                Ok(())
            }
            "take!" => {
                let _ = self.take();
                Ok(())
            }
            _ => unreachable!("{operation}"),
        }
    }

    fn empty(&mut self) {
        let _ = self.take();
    }

    fn read(&self, contents: &mut Contents) -> Result<()> {
        if let Some(value) = self.try_get()? {
            contents.value(&value);
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.try_get().map(drop)
    }
}
