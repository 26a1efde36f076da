//! The gazetteer's interface, for clients of any of its versions.

use candid::{CandidType, Deserialize};

/// A place as it is sent.
#[derive(Clone, Debug, CandidType)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NewPlace {
    pub id: u32,
    pub name: String,
    pub admin1: String,
    pub admin2: String,
    pub country: String,
    pub latitude: f64,
    pub longitude: f64,
}

/// A place as it is received. Fields that version 1 lacks are optional.
#[derive(Clone, Debug, PartialEq, CandidType, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Place {
    pub id: u32,
    pub name: String,
    pub admin1: String,
    pub admin2: String,
    pub country: String,
    pub latitude: f64,
    pub longitude: f64,
    pub position: Option<Position>,
    pub population: Option<u64>,
    pub tags: Option<Vec<String>>,
}

/// A position in millionths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, CandidType, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Position {
    pub latitude_e6: i32,
    pub longitude_e6: i32,
}

/// Places in order, and the number after which the next page begins.
#[derive(Clone, Debug, CandidType, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Page {
    pub places: Vec<Place>,
    pub next: Option<u32>,
}

/// Places in the order of their names, and the cursor with which the next page begins.
#[derive(Clone, Debug, CandidType, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Found {
    pub places: Vec<Place>,
    pub next: Option<Vec<u8>>,
}

/// The work that a sweep did, and the work left. Version 3 also has the number of places in the
/// index of names, and `done` once nothing is left.
#[derive(Clone, Copy, Debug, CandidType, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Progress {
    pub migrated: u64,
    pub old_pages: u64,
    pub names: Option<u64>,
    pub done: Option<bool>,
}

/// Size of the store.
#[derive(Clone, Debug, PartialEq, Eq, CandidType, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Stats {
    pub roots: Vec<RootStats>,
    pub pages: u32,
    pub free_pages: u32,
    pub memory_bytes: u64,
}

/// Size of one root.
#[derive(Clone, Debug, PartialEq, Eq, CandidType, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RootStats {
    pub name: String,
    pub entries: u64,
    pub pages: u32,
    pub bytes: u64,
    pub layouts: Vec<LayoutStats>,
}

/// Pages of a root in one layout.
#[derive(Clone, Debug, PartialEq, Eq, CandidType, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct LayoutStats {
    pub version: Option<u32>,
    pub pages: u32,
    pub newest: bool,
}

impl Stats {
    /// Returns the number of pages of a root for each version of its values.
    #[must_use]
    pub fn by_version(&self, root: &str) -> Vec<(u32, u32)> {
        let found = self.roots.iter().find(|found| found.name == root);
        let layouts = found.into_iter().flat_map(|root| &root.layouts);
        layouts.filter_map(|layout| Some((layout.version?, layout.pages))).collect()
    }
}
