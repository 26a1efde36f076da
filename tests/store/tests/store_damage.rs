//! Damaged memories: errors, and no panics, no endless loops, no buffers larger than the memory.
//!
//! Systematic where structure is (superblock, catalog, registry, roots, node headers, slots,
//! extents), random elsewhere. What was found is kept as tests with names in
//! `store_damage_found.rs`.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use graven_core::page::PAGE_SIZE;
use graven_tests::damage::{damage, pages_of, sound, survives};
use graven_tests::rng::Rng;

/// Notes the largest buffer that was asked for.
struct Watched;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Watched = Watched;

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Many times what the scenario needs on a sound memory.
const ACCESSES: u64 = 300_000;

/// Damaged images that were tried, and how the bad ones failed.
#[derive(Default)]
struct Trials {
    count: u64,
    failures: BTreeMap<String, String>,
}

impl Trials {
    fn run(&mut self, bytes: &[u8], what: impl FnOnce() -> String) {
        self.count += 1;
        if let Err(panic) = survives(bytes, ACCESSES) {
            self.failures.entry(panic).or_insert_with(what);
        }
    }

    /// Some values for each byte of a part of a page.
    fn bytes(&mut self, image: &mut [u8], page: usize, part: std::ops::Range<usize>, rng: &mut Rng) {
        for at in part.map(|at| page * PAGE_SIZE + at) {
            let sound = image[at];
            for bad in [0, 0xff, sound ^ 1, sound ^ 0x80, rng.any() as u8] {
                if bad != sound {
                    image[at] = bad;
                    let what = || format!("byte {} of page {page}: {sound} → {bad}", at % PAGE_SIZE);
                    self.run(image, what);
                }
            }
            image[at] = sound;
        }
    }

    #[track_caller]
    fn end(self, at_least: u64) {
        let Trials { count, failures } = self;
        println!("{count} damaged images");
        let largest = LARGEST.load(Ordering::Relaxed);
        assert!(failures.is_empty(), "{failures:#?}");
        assert!(count >= at_least, "{count}");
        assert!(largest < 16 << 20, "a buffer of {largest} bytes");
    }
}

#[test]
fn a_sound_memory_passes() {
    assert_eq!(survives(&sound(), ACCESSES / 6), Ok(()));
}

#[test]
fn superblock_catalog_and_registry() {
    let (mut image, rng, mut trials) = (sound(), &mut Rng::new(1), Trials::default());
    trials.bytes(&mut image, 0, 0..68, rng);
    for page in pages_of(&image, 4) {
        trials.bytes(&mut image, page, 0..48, rng);
    }
    for page in pages_of(&image, 5) {
        trials.bytes(&mut image, page, 0..400, rng);
    }
    trials.end(2_000);
}

#[test]
fn roots() {
    let (mut image, rng, mut trials) = (sound(), &mut Rng::new(2), Trials::default());
    for page in pages_of(&image, 3) {
        trials.bytes(&mut image, page, 0..60, rng);
        trials.bytes(&mut image, page, 62..72, rng);
        trials.bytes(&mut image, page, 320..420, rng);
        trials.bytes(&mut image, page, 2368..2376, rng);
    }
    trials.end(4_000);
}

#[test]
fn node_headers_slots_and_first_cells() {
    let (mut image, rng, mut trials) = (sound(), &mut Rng::new(3), Trials::default());
    for page in pages_of(&image, 2) {
        trials.bytes(&mut image, page, 0..42, rng);
        let cells = u16::from_le_bytes([image[page * PAGE_SIZE + 4], image[page * PAGE_SIZE + 5]]) as usize;
        trials.bytes(&mut image, page, cells..(cells + 10).min(PAGE_SIZE), rng);
    }
    trials.end(5_000);
}

#[test]
fn extents() {
    let (mut image, rng, mut trials) = (sound(), &mut Rng::new(4), Trials::default());
    for page in pages_of(&image, 1) {
        trials.bytes(&mut image, page, 0..24, rng);
    }
    trials.end(1_000);
}

#[test]
fn anything_anywhere() {
    let (image, rng, mut trials) = (sound(), &mut Rng::new(6), Trials::default());
    let pages = u64::from(u32::from_le_bytes([image[32], image[33], image[34], image[35]]));
    for seed in 0..6_000 {
        let mut bad = image.clone();
        for _ in 0..1 + rng.below(4) {
            damage(&mut bad, pages, rng);
        }
        trials.run(&bad, || format!("random damage {seed}"));
    }
    trials.end(6_000);
}
