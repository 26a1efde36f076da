//! Blobs beside byte vectors. Bytes have no layout, so nothing is upgraded.

use std::collections::BTreeMap as Std;

use graven::{Blobs, Budget, Collection, Result};
use graven_core::page::Pager;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::life::{Life, Memory, opened};
use super::steps::Act;

/// Blobs and their model.
pub struct Model<K: SampleKey> {
    memory: Memory,
    blobs: Blobs<K, Memory>,
    model: Std<K, Vec<u8>>,
}

/// Keys are of numbers below this.
const KEYS: u64 = 12;

/// A blob that is as long as this is not made longer, but begun anew.
const LONG: usize = 20_000;

fn bytes(rng: &mut Rng) -> Vec<u8> {
    let len = match rng.below(20) {
        0 => 3_900 + rng.below(300),
        1 => rng.below(9_000),
        _ => rng.below(300),
    };
    let salt = rng.any() as usize;
    (0..len as usize).map(|i| (i.wrapping_mul(31) ^ (i >> 8) ^ salt) as u8).collect()
}

impl<K: SampleKey> Model<K> {
    fn write(&mut self, key: &K, at: usize, bytes: &[u8]) -> Result<()> {
        self.blobs.try_write(key, at as u64, bytes)?;
        let blob = self.model.entry(key.clone()).or_default();
        blob.resize(blob.len().max(at + bytes.len()), 0);
        blob[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn append(&mut self, key: K, bytes: &[u8]) -> Result<()> {
        if self.model.get(&key).is_some_and(|blob| blob.len() >= LONG) {
            self.blobs.try_put(&key, bytes)?;
            self.model.insert(key, bytes.to_vec());
            return Ok(());
        }
        self.blobs.try_append(&key, bytes)?;
        self.model.entry(key).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, key: &K, len: usize) -> Result<()> {
        let Some(blob) = self.model.get_mut(key) else {
            assert!(self.blobs.truncate_within(key, len as u64, &mut Budget::pages(1))?.is_done());
            return Ok(());
        };
        loop {
            match self.blobs.truncate_within(key, len as u64, &mut Budget::pages(1)) {
                Ok(step) if step.is_done() => {
                    blob.truncate(len);
                    return Ok(());
                }
                Ok(_) => {}
                Err(error) => {
                    // Whole chunks may be gone, but none of the bytes that were to stay.
                    let left = self.blobs.try_len(key)?.unwrap() as usize;
                    assert!((len.min(blob.len())..=blob.len()).contains(&left));
                    blob.truncate(left);
                    return Err(error);
                }
            }
        }
    }

    fn read(&self, key: &K, at: usize, len: usize) -> Result<()> {
        let expected = self.model.get(key).map(|blob| {
            let from = blob.len().min(at);
            &blob[from..blob.len().min(from + len)]
        });
        assert_eq!(self.blobs.try_read(key, at as u64, len)?.as_deref(), expected);
        Ok(())
    }
}

impl<K: SampleKey> Life for Model<K> {
    fn new(memory: Memory) -> Self {
        let blobs = opened(&memory);
        Model { memory, blobs, model: Std::new() }
    }

    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()> {
        let (key, at) = (K::sample(act.at % KEYS), (act.at >> 8) as usize % LONG);
        match act.what {
            0..30 => self.append(key, &bytes(rng))?,
            30..40 => self.write(&key, at, &bytes(rng))?,
            40..44 => assert_eq!(self.blobs.try_remove(&key)?, self.model.remove(&key).is_some()),
            44..60 => self.truncate(&key, at)?,
            60 if rng.once_in(50) => {
                self.blobs.clear();
                self.model.clear();
            }
            60..70 => {
                let len = self.model.get(&key).map(|blob| blob.len() as u64);
                assert_eq!(self.blobs.try_len(&key)?, len);
            }
            _ => self.read(&key, at, rng.below(600) as usize)?,
        }
        Ok(())
    }

    fn reopen(&mut self) {
        self.blobs = opened(&self.memory);
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        self
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.blobs.sweep(budget)
    }

    fn check(&self) {
        self.blobs.verify().unwrap();
        assert!(self.blobs.keys().eq(self.model.keys().cloned()));
        assert!(self.model.iter().all(|(key, blob)| self.blobs.try_get(key).unwrap().as_ref() == Some(blob)));
    }

    fn pager(&self) -> &Pager<Memory> {
        self.blobs.root().pager()
    }
}
