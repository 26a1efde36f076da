//! Images with random damage: no panic and no endless loop, whatever is in them.

use graven_collections::stored::{Salvage, StoredStore};
use graven_core::{DefaultMemoryImpl, Error, Memory};

use crate::{images, town};

/// The number of damaged images.
const MUTANTS: u64 = 400;

/// A generator of numbers: xorshift64*.
pub struct Rng(u64);

impl Rng {
    /// Returns the state, which is the seed that continues from here.
    pub fn state(&self) -> u64 {
        self.0
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// Returns the number of mutants and the generator: `GRAVEN_MUTANTS` and `GRAVEN_SEED` set them.
pub fn from_env(mutants: u64) -> (u64, Rng) {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    (number("GRAVEN_MUTANTS").unwrap_or(mutants), Rng(number("GRAVEN_SEED").unwrap_or(1)))
}

/// Changes some bytes, most of them in headers, or copies a page over another one.
fn damage(image: &mut [u8], rng: &mut Rng) {
    let pages = u32::from_le_bytes(image[32..36].try_into().unwrap()) as usize;
    for _ in 0..=rng.below(4) {
        let page = rng.below(pages.min(image.len() / 4096)) * 4096;
        match rng.below(5) {
            0 => {
                let from = rng.below(pages) * 4096;
                image.copy_within(from..from + 4096, page);
            }
            1 => image[page + rng.below(4096)] = rng.next() as u8,
            2 => {
                let number = (rng.below(pages + 2) as u32).to_le_bytes();
                let at = page + rng.below(16) * 4;
                image[at..at + 4].copy_from_slice(&number);
            }
            3 => image[page + rng.below(64)] = rng.next() as u8,
            _ => {
                let at = page + rng.below(4096 - 8);
                image[at..at + 8].copy_from_slice(&rng.next().to_le_bytes());
            }
        }
    }
}

/// Does all that the commands do.
fn look(image: &[u8]) {
    let memory = DefaultMemoryImpl::default();
    memory.grow((image.len() / 65_536) as u64);
    memory.write(0, image);
    if let Ok(store) = StoredStore::open(memory.clone()) {
        let _ = store.verify().unwrap();
        for root in store.roots() {
            let _ = (root.index_state(), root.definition(), root.declaration());
            let mut entries = root.entries();
            // A damaged tree may lead to a leaf many times.
            for _ in 0..20_000 {
                match entries.try_next() {
                    Ok(Some(entry)) => _ = root.decode(&entry),
                    _ => break,
                }
            }
        }
    }
    if let Ok(salvage) = Salvage::open(memory) {
        for at in 0..salvage.roots().count() {
            let recovered = salvage.records::<Error>(at, &mut |_| Ok(()));
            recovered.unwrap();
        }
    }
}

#[test]
fn no_damage_makes_a_panic() {
    let names = ["everything", "nested", "queues", "ranked", "records", "sets", "tables", "versions"];
    let golden = names.map(images::golden);
    let images: Vec<Vec<u8>> = golden.into_iter().chain([town::memory()]).collect();
    let (mutants, mut rng) = from_env(MUTANTS);
    for _ in 0..mutants {
        let state = rng.state();
        let mut image = images[rng.below(images.len())].clone();
        damage(&mut image, &mut rng);
        let looked = std::panic::catch_unwind(|| look(&image));
        assert!(looked.is_ok(), "a panic: repeat it with GRAVEN_SEED={state} GRAVEN_MUTANTS=1");
    }
}
