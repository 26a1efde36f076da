//! A store of every kind of collection; `collections-v2` is its upgrade.

use graven::StableLayout;

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

include!("../../collections.rs");
