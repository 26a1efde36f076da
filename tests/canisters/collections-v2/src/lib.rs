//! The upgrade of `collections-v1`: both types have one more field.

use graven::StableLayout;

/// Something of a constant size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
pub struct Point {
    x: u64,
    y: u32,
    #[layout(since = 2, default = 7)]
    z: u64,
}

/// Something of any size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
pub struct Note {
    text: String,
    #[layout(since = 2, default = vec![1, 2])]
    tags: Vec<u16>,
    at: u64,
}

impl Point {
    fn of(n: u64) -> Point {
        Point { x: n * 3, y: n as u32, z: n }
    }

    /// Returns a value that an older version wrote.
    fn old(n: u64) -> Point {
        Point { z: 7, ..Point::of(n) }
    }
}

impl Note {
    fn of(n: u64) -> Note {
        Note { text: "note ".repeat(n as usize % 40), tags: vec![n as u16; 3], at: n }
    }

    /// Returns a value that an older version wrote.
    fn old(n: u64) -> Note {
        Note { tags: vec![1, 2], ..Note::of(n) }
    }
}

include!("../../collections.rs");
