//! The store's statistics in Candid. The file is shared by all versions.

use candid::CandidType;
use graven::Usage;

/// Size of the store and of each root.
#[derive(CandidType)]
pub struct Stats {
    roots: Vec<RootStats>,
    /// Pages of 4 KiB that were ever given out, and those among them that are free again.
    pages: u32,
    free_pages: u32,
    /// Bytes of stable memory.
    memory_bytes: u64,
}

/// Size of one root, and the layouts that its pages are in.
#[derive(CandidType)]
pub struct RootStats {
    name: String,
    entries: u64,
    pages: u32,
    /// Bytes of the encoded keys and values.
    bytes: u64,
    layouts: Vec<LayoutStats>,
}

/// How many pages hold values of a layout; `version` is that of a derived type.
#[derive(CandidType)]
pub struct LayoutStats {
    version: Option<u32>,
    pages: u32,
    newest: bool,
}

impl Stats {
    /// Takes both from the store: neither reads an entry.
    pub fn new(roots: Vec<graven::RootStats>, usage: Usage) -> Stats {
        Stats {
            roots: roots.into_iter().map(RootStats::from).collect(),
            pages: usage.pages,
            free_pages: usage.free,
            memory_bytes: usage.memory_bytes,
        }
    }
}

impl From<graven::RootStats> for RootStats {
    fn from(root: graven::RootStats) -> RootStats {
        let layouts = root.layouts.into_iter().map(|layout| LayoutStats {
            version: layout.version,
            pages: layout.pages,
            newest: layout.current,
        });
        RootStats {
            name: root.name,
            entries: root.entries,
            pages: root.pages,
            bytes: root.bytes,
            layouts: layouts.collect(),
        }
    }
}
