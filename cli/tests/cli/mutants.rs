//! Images with random damage: no panic and no endless loop, whatever is in them.

use graven_collections::stored::{Salvage, StoredStore};
use graven_core::{DefaultMemoryImpl, Error, Memory};

use crate::{images, town};

/// The number of damaged images.
const MUTANTS: u64 = 400;

/// A generator of numbers: xorshift64*.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
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
    let seed = std::env::var("GRAVEN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mutants =
        std::env::var("GRAVEN_MUTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTANTS);
    let mut rng = Rng(seed);
    for _ in 0..mutants {
        let (mut image, state) = (images[rng.below(images.len())].clone(), rng.0);
        damage(&mut image, &mut rng);
        let looked = std::panic::catch_unwind(|| look(&image));
        assert!(looked.is_ok(), "a panic after state {state}");
    }
}
