//! Damaged memories of sequences, queues, slabs and blobs: errors, and no panics but those that say
//! so, no endless loops, no buffers larger than the memory.
//!
//! Systematic where structure is (extra bytes of roots, branches, arrays, nodes), random elsewhere.

mod mutants;
mod scenario;
mod store;
mod tables;

use std::collections::BTreeMap;
use std::ops::Range;

use graven::Blob;
use graven_core::page::PAGE_SIZE;
use graven_tests::damage::{damage, pages_of};
use graven_tests::memory::{Metered, memory_of};
use graven_tests::panics::{caught, last_place};
use graven_tests::rng::Rng;
use peak_alloc::PeakAlloc;
use scenario::{everything, list};
use store::{Newest, deep, sound, sound_deep};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Many times what the scenario needs on a sound memory.
const ACCESSES: u64 = 600_000;

/// Bytes of heap that all tests together need at most, on a few threads.
const HEAP_LIMIT: usize = 200 << 20;

/// Runs everything on damaged bytes.
fn survives(bytes: &[u8], accesses: u64) -> Result<(), String> {
    let memory = Metered::new(memory_of(bytes), accesses);
    let run = caught(|| Newest::open(memory).map(|mut store| everything(&mut store)));
    run.map(drop).map_err(|panic| format!("{panic} at {}", last_place()))
}

fn survives_deep(bytes: &[u8]) -> Result<(), String> {
    let memory = Metered::new(memory_of(bytes), ACCESSES);
    let sample = |rng: &mut Rng| Blob::new(rng.bytes(4)).unwrap();
    let run = caught(|| deep(memory).map(|mut vec| list(&mut vec, &sample, &mut Rng::new(1))));
    run.map(drop).map_err(|panic| format!("{panic} at {}", last_place()))
}

/// Damaged images that were tried, and how the bad ones failed.
struct Trials {
    count: u64,
    failures: BTreeMap<String, String>,
    survives: fn(&[u8]) -> Result<(), String>,
}

impl Trials {
    fn new() -> Self {
        Trials { count: 0, failures: BTreeMap::new(), survives: |bytes| survives(bytes, ACCESSES) }
    }

    fn run(&mut self, bytes: &[u8], what: impl FnOnce() -> String) {
        self.count += 1;
        if let Err(panic) = (self.survives)(bytes) {
            self.failures.entry(panic).or_insert_with(what);
        }
    }

    /// Some values for each byte of a part of a page.
    fn bytes(&mut self, image: &mut [u8], page: usize, part: Range<usize>, rng: &mut Rng) {
        for at in part.map(|at| page * PAGE_SIZE + at) {
            let sound = image[at];
            for bad in [0, 0xff, rng.any() as u8] {
                if bad != sound {
                    image[at] = bad;
                    let what = || format!("byte {} of page {page}: {sound} → {bad}", at % PAGE_SIZE);
                    self.run(image, what);
                }
            }
            image[at] = sound;
        }
    }

    /// Numbers of 8 bytes that are too large, at the end of what can be, or a little off.
    fn numbers(&mut self, image: &mut [u8], page: usize, offset: usize) {
        let at = page * PAGE_SIZE + offset;
        let sound: [u8; 8] = image[at..at + 8].try_into().unwrap();
        let number = u64::from_le_bytes(sound);
        for bad in [u64::MAX, 1 << 63, 1 << 32, number + 1, number.wrapping_sub(1), 0] {
            image[at..at + 8].copy_from_slice(&bad.to_le_bytes());
            self.run(image, || format!("number {offset} of page {page}: {number} → {bad}"));
        }
        image[at..at + 8].copy_from_slice(&sound);
    }

    #[track_caller]
    fn end(self, at_least: u64) {
        let Trials { count, failures, .. } = self;
        println!("{count} damaged images");
        let peak = HEAP.peak_usage();
        assert!(failures.is_empty(), "{failures:#?}");
        assert!(count >= at_least, "{count}");
        assert!(peak < HEAP_LIMIT, "{peak} bytes of heap");
    }
}

#[test]
fn a_sound_memory_passes() {
    let bytes = sound();
    println!("{} bytes", bytes.len());
    assert_eq!(survives(&bytes, ACCESSES / 6), Ok(()));
    assert_eq!(survives_deep(&sound_deep()), Ok(()));
}

#[test]
fn states_and_extra_bytes_of_roots() {
    let (mut image, rng, mut trials) = (sound(), &mut Rng::new(2), Trials::new());
    for page in pages_of(&image, 3) {
        for offset in [16, 24, 3584, 3592, 3840 + 8, 3840 + 16, 3840 + 32, 3840 + 40, 3936] {
            trials.numbers(&mut image, page, offset);
        }
        trials.bytes(&mut image, page, 8..16, rng);
        trials.bytes(&mut image, page, 32..42, rng);
        trials.bytes(&mut image, page, 3600..3603, rng);
        trials.bytes(&mut image, page, 3840..3848, rng);
        trials.bytes(&mut image, page, 3888..3891, rng);
    }
    trials.end(1_000);
}

#[test]
fn branches() {
    let (mut image, rng, mut trials) = (sound(), &mut Rng::new(3), Trials::new());
    for page in pages_of(&image, 6) {
        trials.bytes(&mut image, page, 0..6, rng);
        trials.bytes(&mut image, page, 24..28, rng);
        trials.bytes(&mut image, page, 32..34, rng);
        for entry in 0..3 {
            trials.bytes(&mut image, page, 32 + 12 * entry..34 + 12 * entry, rng);
            trials.numbers(&mut image, page, 36 + 12 * entry);
        }
    }
    trials.end(500);
}

#[test]
fn arrays_and_nodes() {
    let (mut image, rng, mut trials) = (sound(), &mut Rng::new(4), Trials::new());
    for page in pages_of(&image, 7).into_iter().step_by(4) {
        trials.bytes(&mut image, page, 0..6, rng);
    }
    for page in pages_of(&image, 2).into_iter().step_by(8) {
        trials.bytes(&mut image, page, 0..12, rng);
        trials.bytes(&mut image, page, 16..20, rng);
        trials.bytes(&mut image, page, 32..36, rng);
    }
    trials.end(250);
}

#[test]
fn anything_anywhere() {
    let (image, rng, mut trials) = (sound(), &mut Rng::new(6), Trials::new());
    let pages = u64::from(u32::from_le_bytes([image[32], image[33], image[34], image[35]]));
    for seed in 0..2_000 {
        let mut bad = image.clone();
        for _ in 0..1 + rng.below(4) {
            damage(&mut bad, pages, rng);
        }
        trials.run(&bad, || format!("random damage {seed}"));
    }
    trials.end(2_000);
}

/// Branches over branches.
#[test]
fn two_levels_of_branches() {
    let (mut image, rng) = (sound_deep(), &mut Rng::new(7));
    let mut trials = Trials { survives: survives_deep, ..Trials::new() };
    for page in pages_of(&image, 6) {
        trials.bytes(&mut image, page, 0..4, rng);
        for entry in [0, 1] {
            trials.bytes(&mut image, page, 32 + 12 * entry..34 + 12 * entry, rng);
            trials.numbers(&mut image, page, 36 + 12 * entry);
        }
    }
    trials.end(100);
}
