//! Who is compared.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

/// A way to keep data in a canister.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// Graven, as it is opened by default.
    Graven,
    /// Graven keeping no pages on the heap.
    Uncached,
    /// A table of Graven's as maps that are kept by hand.
    ByHand,
    /// ic-stable-structures under its MemoryManager.
    Iss,
    /// ic-stable-memory.
    Ism,
    /// std's collections, and bincode at upgrades.
    Heap,
}

impl Contender {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 6] = [Self::Graven, Self::Uncached, Self::ByHand, Self::Iss, Self::Ism, Self::Heap];

    /// As results.csv has it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Graven => "graven",
            Self::Uncached => "graven-uncached",
            Self::ByHand => "graven-by-hand",
            Self::Iss => "iss",
            Self::Ism => "ism",
            Self::Heap => "heap",
        }
    }

    /// Returns the contender of that id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contender| contender.id() == id)
    }

    /// Returns the canister that measures it, for a structure.
    #[must_use]
    pub fn canister(self, structure: &str) -> &'static str {
        match self {
            Self::Graven | Self::ByHand if ["table", "transaction"].contains(&structure) => "rows-graven-v1",
            Self::Iss if structure == "table" => "rows-iss",
            Self::Graven | Self::Uncached | Self::ByHand => "bench-graven",
            Self::Iss => "bench-iss",
            Self::Ism => "bench-ism",
            Self::Heap => "bench-heap",
        }
    }
}

/// As people read it.
impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Graven => "Graven",
            Self::Uncached => "Graven, no caches",
            Self::ByHand => "Graven, maps by hand",
            Self::Iss => "ic-stable-structures",
            Self::Ism => "ic-stable-memory",
            Self::Heap => "heap",
        })
    }
}

/// The canisters of all contenders.
pub const CANISTERS: [&str; 12] = [
    "bench-graven",
    "bench-iss",
    "bench-heap",
    "one-graven-v1",
    "one-graven-v2",
    "one-iss",
    "rows-graven-v1",
    "rows-graven-v2",
    "rows-iss",
    "bench-ism",
    "gazetteer-v2",
    "gazetteer-v3",
];

/// The canisters' code, by their names.
pub struct Canisters(BTreeMap<String, Vec<u8>>);

impl Canisters {
    /// Reads the named canisters from a folder.
    ///
    /// # Errors
    /// Where one is missing.
    pub fn read(folder: &Path, names: &[&str]) -> Result<Self> {
        let read = |name: &&str| {
            let file = folder.join(format!("{name}.wasm"));
            let wasm = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            Ok(((*name).to_owned(), wasm))
        };
        names.iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// One canister's code.
    ///
    /// # Panics
    /// Where it was not read.
    #[must_use]
    pub fn wasm(&self, name: &str) -> &[u8] {
        self.0.get(name).unwrap_or_else(|| panic!("{name} was not read"))
    }
}
