//! A store of every kind of collection; `collections-v2` is its upgrade.

use graven::StableLayout;
use graven_core::simd;

/// Something of a constant size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
pub struct Point {
    x: u64,
    y: u32,
}

/// Something of any size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
pub struct Note {
    text: String,
    at: u64,
}

impl Point {
    fn of(n: u64) -> Point {
        Point { x: n * 3, y: n as u32 }
    }

    /// Returns a value that an older version wrote.
    fn old(n: u64) -> Point {
        Point::of(n)
    }
}

impl Note {
    fn of(n: u64) -> Note {
        Note { text: "note ".repeat(n as usize % 40), at: n }
    }

    /// Returns a value that an older version wrote.
    fn old(n: u64) -> Note {
        Note::of(n)
    }
}

/// Compares what vector instructions return with what words return, and traps if they differ.
/// Without vector instructions, both are the same code.
#[ic_cdk::query]
fn compare_vectors() {
    let mut state = 1u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state
    };
    for _ in 0..10_000 {
        let (low, high, choice) = (next(), next(), next() >> 58);
        // Some bytes repeat, and some are 0.
        let mask = if choice & 1 == 0 { u64::MAX } else { 0x00ff_00ff_ff00_ff00 };
        let bytes: [u8; simd::LANES] = (u128::from(high & mask) << 64 | u128::from(low)).to_le_bytes();
        let (lanes, words) = (simd::Lanes::new(&bytes), simd::scalar::Lanes::new(&bytes));
        assert_eq!(lanes.high(), words.high(), "{bytes:x?}");
        for byte in [0, 0x80, bytes[choice as usize & 15], low as u8] {
            assert_eq!(lanes.equal(byte), words.equal(byte), "{bytes:x?} {byte:x}");
        }
        assert_eq!(simd::reversed(low), simd::scalar::reversed(low), "{low:x}");
        assert_eq!(simd::reversed(low), low.swap_bytes(), "{low:x}");
    }
}

include!("../../collections.rs");
