//! Nested and Records, with all kinds of collections inside.

use graven::nested::{Inner, InnerMut, Nestable, Stored};
use graven::{BTreeMap, BTreeSet, Budget, Collection, Deque, Nested, Records, Result, StableVec};
use graven_tests::memory::Metered;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::subject::{Contents, Subject, Value, each, walk};

/// Collections have keys of numbers below this.
const COLLECTIONS: u64 = 8;

/// Keys in a collection are below this.
const ITEMS: u64 = 30;

/// A collection inside.
pub trait Inside: Nestable + Sized + 'static {
    /// Adds an item, or changes one.
    fn add<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()>;

    /// Takes one out.
    fn take<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()>;

    /// Reads one.
    fn look<S: Stored>(inner: &Inner<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()>;

    /// Adds all items to the contents.
    fn read<S: Stored>(inner: &Inner<'_, Self, Metered, S>, contents: &mut Contents) -> Result<()>;
}

impl<V: Value + 'static> Inside for BTreeMap<u64, V> {
    fn add<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        inner.try_insert(rng.below(ITEMS), V::any(rng)).map(drop)
    }

    fn take<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        inner.try_remove(&rng.below(ITEMS)).map(drop)
    }

    fn look<S: Stored>(inner: &Inner<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        inner.try_get(&rng.below(ITEMS)).map(drop)
    }

    fn read<S: Stored>(inner: &Inner<'_, Self, Metered, S>, contents: &mut Contents) -> Result<()> {
        let mut iter = inner.iter();
        while let Some((key, value)) = iter.try_next()? {
            contents.key(&key);
            contents.value(&value);
        }
        Ok(())
    }
}

impl Inside for BTreeSet<u64> {
    fn add<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        each(20, |_| inner.try_insert(rng.below(ITEMS * 20)).map(drop))
    }

    fn take<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        each(20, |_| inner.try_remove(&rng.below(ITEMS * 20)).map(drop))
    }

    fn look<S: Stored>(inner: &Inner<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        inner.try_contains(&rng.below(ITEMS * 20)).map(drop)
    }

    fn read<S: Stored>(inner: &Inner<'_, Self, Metered, S>, contents: &mut Contents) -> Result<()> {
        let mut iter = inner.iter();
        while let Some(item) = iter.try_next()? {
            contents.key(&item);
        }
        Ok(())
    }
}

impl<T: Value + 'static> Inside for StableVec<T> {
    fn add<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        let replaced = inner.try_replace(rng.below(ITEMS), T::any(rng));
        inner.try_push(T::any(rng)).and(replaced).map(drop)
    }

    fn take<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        let popped = inner.try_pop();
        inner.try_swap_remove(rng.below(ITEMS)).and(popped).map(drop)
    }

    fn look<S: Stored>(inner: &Inner<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        inner.try_get(rng.below(ITEMS)).map(drop)
    }

    fn read<S: Stored>(inner: &Inner<'_, Self, Metered, S>, contents: &mut Contents) -> Result<()> {
        let mut iter = inner.iter();
        while let Some(value) = iter.try_next()? {
            contents.value(&value);
        }
        Ok(())
    }
}

impl<T: Value + 'static> Inside for Deque<T> {
    fn add<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        let pushed = inner.try_push_front(T::any(rng));
        inner.try_push_back(T::any(rng)).and(pushed)
    }

    fn take<S: Stored>(inner: &mut InnerMut<'_, Self, Metered, S>, _: &mut Rng) -> Result<()> {
        let popped = inner.try_pop_front();
        inner.try_pop_back().and(popped).map(drop)
    }

    fn look<S: Stored>(inner: &Inner<'_, Self, Metered, S>, rng: &mut Rng) -> Result<()> {
        inner.try_get(rng.below(ITEMS)).map(drop)
    }

    fn read<S: Stored>(inner: &Inner<'_, Self, Metered, S>, contents: &mut Contents) -> Result<()> {
        let mut iter = inner.iter();
        while let Some(value) = iter.try_next()? {
            contents.value(&value);
        }
        Ok(())
    }
}

fn key<K: SampleKey>(rng: &mut Rng) -> K {
    K::sample(rng.below(COLLECTIONS))
}

/// Items that are put into a collection.
fn items(generation: usize) -> u64 {
    if generation == 0 { 6 } else { 1 }
}

impl<K: SampleKey + 'static, C: Inside> Subject for Nested<K, C, Metered> {
    const OPERATIONS: &'static [&'static str] = &[
        "get",
        "add",
        "take",
        "create",
        "remove",
        "rename",
        "clear one",
        "free",
        "sweep",
        "verify",
        "clear!",
    ];

    fn fill(&mut self, generation: usize, rng: &mut Rng) {
        for number in 0..COLLECTIONS {
            let mut inner = self.or_create(&K::sample(number));
            each(items(generation), |_| C::add(&mut inner, rng)).unwrap();
        }
        if generation == 0 {
            self.remove(&K::sample(COLLECTIONS - 1));
        }
    }

    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
        match operation {
            "get" => each(8, |_| match self.try_get(&key::<K>(rng))? {
                Some(inner) => C::look(&inner, rng),
                None => Ok(()),
            }),
            "add" => each(8, |_| match self.try_get_mut(&key::<K>(rng))? {
                Some(mut inner) => C::add(&mut inner, rng),
                None => Ok(()),
            }),
            "take" => each(12, |_| match self.try_get_mut(&key::<K>(rng))? {
                Some(mut inner) => C::take(&mut inner, rng),
                None => Ok(()),
            }),
            "create" => each(3, |_| {
                let mut inner = self.try_or_create(&K::sample(rng.below(COLLECTIONS * 2)))?;
                C::add(&mut inner, rng)
            }),
            "remove" => each(3, |_| self.try_remove(&key::<K>(rng)).map(drop)),
            "rename" => each(3, |_| self.try_rename(&key::<K>(rng), &key::<K>(rng)).map(drop)),
            "clear one" => match self.try_get_mut(&key::<K>(rng))? {
                Some(mut inner) => inner.try_clear(),
                None => Ok(()),
            },
            "free" => self.free_removed_within(&mut Budget::pages(50)).map(drop),
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
        for key in self.keys() {
            contents.key(&key);
            if let Some(inner) = self.try_get(&key)? {
                C::read(&inner, contents)?;
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.verify()
    }
}

impl<K: SampleKey + 'static, R: Value + 'static, C: Inside> Subject for Records<K, R, C, Metered> {
    const OPERATIONS: &'static [&'static str] = &[
        "get",
        "insert",
        "update",
        "items",
        "add",
        "take",
        "remove",
        "rename",
        "clear one",
        "iter",
        "free",
        "sweep",
        "verify",
        "clear!",
    ];

    fn fill(&mut self, generation: usize, rng: &mut Rng) {
        for number in 0..COLLECTIONS {
            self.insert(K::sample(number), R::any(rng));
            let Some(mut inner) = self.items_mut(&K::sample(number)) else { continue };
            each(items(generation), |_| C::add(&mut inner, rng)).unwrap();
        }
        if generation == 0 {
            self.remove(&K::sample(COLLECTIONS - 1));
        }
    }

    fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
        match operation {
            "get" => each(8, |_| self.try_get(&key::<K>(rng)).map(drop)),
            "insert" => each(6, |_| self.try_insert(key(rng), R::any(rng)).map(drop)),
            "update" => each(6, |_| {
                let value = R::any(rng);
                self.try_update(&key::<K>(rng), |old| *old = value).map(drop)
            }),
            "items" => each(8, |_| match self.try_get_with_items(&key::<K>(rng))? {
                Some((_, items)) => C::look(&items, rng),
                None => Ok(()),
            }),
            "add" => each(8, |_| match self.try_items_mut(&key::<K>(rng))? {
                Some(mut items) => C::add(&mut items, rng),
                None => Ok(()),
            }),
            "take" => each(12, |_| match self.try_items_mut(&key::<K>(rng))? {
                Some(mut items) => C::take(&mut items, rng),
                None => Ok(()),
            }),
            "remove" => each(3, |_| self.try_remove(&key::<K>(rng)).map(drop)),
            "rename" => each(3, |_| self.try_rename(&key::<K>(rng), &key::<K>(rng)).map(drop)),
            "clear one" => match self.try_items_mut(&key::<K>(rng))? {
                Some(mut items) => items.try_clear(),
                None => Ok(()),
            },
            "iter" => {
                let mut iter = self.iter();
                walk(|| iter.try_next())
            }
            "free" => self.free_removed_within(&mut Budget::pages(50)).map(drop),
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
        for key in self.keys() {
            contents.key(&key);
            if let Some((record, items)) = self.try_get_with_items(&key)? {
                contents.value(&record);
                C::read(&items, contents)?;
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.verify()
    }
}
