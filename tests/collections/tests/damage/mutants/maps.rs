//! BTreeMap, HashMap and RankedMap.

use graven::{BTreeMap, Budget, Collection, HashMap, RankedMap, Result};
use graven_tests::memory::Metered;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::subject::{Contents, KEYS, Subject, Value, each, entries, walk};

fn key<K: SampleKey>(rng: &mut Rng) -> K {
    K::sample(rng.below(KEYS))
}

/// Operations of all maps.
macro_rules! map {
    ($($own:literal),*; $map:ident, $operation:ident, $rng:ident => $body:expr) => {
        const OPERATIONS: &'static [&'static str] = &[
            "get", "contains", "insert", "insert large", "remove", "update", "iter", "sweep", "verify", "clear!", $($own),*
        ];

        fn fill(&mut self, generation: usize, rng: &mut Rng) {
            for number in 0..entries(generation) {
                let number = if generation == 0 { number } else { rng.below(KEYS) };
                self.insert(K::sample(number), V::any(rng));
            }
        }

        fn act(&mut self, operation: &str, rng: &mut Rng) -> Result<()> {
            match operation {
                "get" => each(12, |_| self.try_get(&key::<K>(rng)).map(drop)),
                "contains" => each(12, |_| self.try_contains_key(&key::<K>(rng)).map(drop)),
                "insert" => each(20, |_| self.try_insert(key(rng), V::sample(rng)).map(drop)),
                "insert large" => each(4, |_| self.try_insert(key(rng), V::large(rng)).map(drop)),
                "remove" => each(30, |_| self.try_remove(&key::<K>(rng)).map(drop)),
                "update" => each(12, |_| {
                    let value = V::any(rng);
                    self.try_update(&key::<K>(rng), |old| *old = value).map(drop)
                }),
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
                    let ($map, $operation, $rng) = (self, operation, rng);
                    $body
                }
            }
        }

        fn empty(&mut self) {
            self.clear();
        }

        fn read(&self, contents: &mut Contents) -> Result<()> {
            let mut iter = self.iter();
            while let Some((key, value)) = iter.try_next()? {
                contents.key(&key);
                contents.value(&value);
            }
            Ok(())
        }

        fn check(&self) -> Result<()> {
            self.verify()
        }
    };
}

impl<K: SampleKey + 'static, V: Value + 'static> Subject for BTreeMap<K, V, Metered> {
    map! {
        "set", "delete", "back", "pop", "retain", "extract", "entry!";
        map, operation, rng => match operation {
            "set" => each(12, |_| map.try_set(key(rng), V::any(rng)).map(drop)),
            "delete" => each(12, |_| map.try_delete(&key::<K>(rng)).map(drop)),
            "back" => {
                let mut iter = map.iter();
                walk(|| iter.try_next_back())
            }
            "pop" => each(10, |time| if time % 2 == 0 {
                map.try_pop_first().map(drop)
            } else {
                map.try_pop_last().map(drop)
            }),
            "retain" => map.retain_within(.., None, &mut Budget::pages(50), |_, _| rng.once_in(2)).map(drop),
            "extract" => {
                let mut taken = map.extract_if(.., |_, _| rng.once_in(3));
                walk(|| taken.try_next())
            }
            "entry!" => {
                let value = V::any(rng);
                *map.entry(key(rng)).or_insert_with(|| value.clone()) = value.clone();
                Ok(())
            }
            _ => unreachable!("{operation}"),
        }
    }
}

impl<K: SampleKey + 'static, V: Value + 'static> Subject for HashMap<K, V, Metered> {
    map! {
        "set", "delete", "retain", "extract", "entry!";
        map, operation, rng => match operation {
            "set" => each(12, |_| map.try_set(key(rng), V::any(rng)).map(drop)),
            "delete" => each(12, |_| map.try_delete(&key::<K>(rng)).map(drop)),
            "retain" => map.retain_within(None, &mut Budget::pages(50), |_, _| rng.once_in(2)).map(drop),
            "extract" => {
                let mut taken = map.extract_if(|_, _| rng.once_in(3));
                walk(|| taken.try_next())
            }
            "entry!" => {
                let value = V::any(rng);
                *map.entry(key(rng)).or_insert_with(|| value.clone()) = value.clone();
                Ok(())
            }
            _ => unreachable!("{operation}"),
        }
    }
}

impl<K: SampleKey + 'static, V: Value + 'static> Subject for RankedMap<K, V, Metered> {
    map! {
        "rank", "nth", "pop!";
        map, operation, rng => match operation {
            "rank" => each(8, |_| {
                let key = key::<K>(rng);
                map.try_rank(&key).and(map.try_position(&key)).map(drop)
            }),
            "nth" => each(12, |_| map.try_nth(rng.below(KEYS)).map(drop)),
            "pop!" => {
                let _ = (map.pop_first(), map.pop_last());
                Ok(())
            }
            _ => unreachable!("{operation}"),
        }
    }
}
