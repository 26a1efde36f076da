//! The facts about a store that are known without reading an entry.

use graven_collections::stored::{IndexState, StoredRoot, StoredStore};
use graven_core::ask::read_key;
use graven_core::{Memory, Result};
use serde::Serialize;

use crate::json::Json;

/// The bytes of a page.
pub const PAGE: u64 = 4096;

/// The facts about a store.
#[derive(Debug, Serialize)]
pub struct Facts {
    /// The size of the memory in bytes.
    pub memory_bytes: u64,
    /// The number of pages of 4 KiB that were ever allocated.
    pub pages: u32,
    /// The number of these that are free.
    pub free_pages: u32,
    /// `true` if there are removed trees whose pages are not free yet.
    pub detached: bool,
    /// The roots in the order of the catalog.
    pub roots: Vec<Root>,
    /// The reasons why other roots could not be opened.
    pub damaged: Vec<String>,
}

/// The facts about a root.
#[derive(Debug, Serialize)]
pub struct Root {
    /// The name.
    pub name: String,
    /// The name of its kind, as in `BTreeMap`.
    pub kind: &'static str,
    /// The declaration, as in `users: BTreeMap<Principal, User>`.
    pub declaration: String,
    /// The number of entries.
    pub entries: u64,
    /// The number of its pages.
    pub pages: u32,
    /// The bytes of all keys and values.
    pub bytes: u64,
    /// The other bytes of its pages.
    pub wasted: u64,
    /// The layouts of its values. An index has none.
    pub layouts: Vec<Layout>,
    /// The number of pages that a sweep would still convert.
    pub sweep_pages: u64,
    /// The state, if it is an index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<Index>,
}

/// The facts about a layout of a root's values.
#[derive(Debug, Serialize)]
pub struct Layout {
    /// The type.
    #[serde(rename = "type")]
    pub name: String,
    /// The version of the type, if it is a derived one.
    pub version: Option<u32>,
    /// The fingerprint in hex.
    pub fingerprint: String,
    /// The number of pages that hold values of it.
    pub pages: u32,
    /// Its part of the pages that hold values, in percent.
    pub share: f64,
    /// `true` if new values are written in it.
    pub current: bool,
}

/// The facts about an index.
#[derive(Debug, Serialize)]
pub struct Index {
    /// The words in which the index says how its entries follow from a row.
    pub definition: String,
    /// `complete`, `empty`, or `up to` a key of the table.
    pub state: String,
}

impl Facts {
    /// Returns the facts about a store. Reads a page for each index.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn of<M: Memory>(store: &StoredStore<M>) -> Result<Facts> {
        let usage = store.usage();
        Ok(Facts {
            memory_bytes: usage.map_or(0, |usage| usage.memory_bytes),
            pages: usage.map_or(0, |usage| usage.pages),
            free_pages: usage.map_or(0, |usage| usage.free),
            detached: usage.is_some_and(|usage| usage.detached),
            roots: store.roots().iter().map(root).collect::<Result<_>>()?,
            damaged: store.damaged().iter().map(ToString::to_string).collect(),
        })
    }
}

fn root<M: Memory>(root: &StoredRoot<M>) -> Result<Root> {
    let stats = root.stats();
    let held: u64 = stats.layouts.iter().map(|layout| u64::from(layout.pages)).sum();
    let layouts = root.layouts().iter().zip(&stats.layouts).map(|((_, layout), stats)| Layout {
        name: layout.to_string(),
        version: layout.version(),
        fingerprint: format!("{:#}", stats.fingerprint),
        pages: stats.pages,
        share: if held == 0 { 0.0 } else { (f64::from(stats.pages) * 1000.0 / held as f64).round() / 10.0 },
        current: stats.current,
    });
    let layouts: Vec<Layout> = if root.kind().is_index() { Vec::new() } else { layouts.collect() };
    let old = layouts.iter().filter(|layout| !layout.current);
    Ok(Root {
        name: root.name().to_owned(),
        kind: root.kind().name(),
        declaration: root.declaration().to_owned(),
        entries: stats.entries,
        pages: stats.pages,
        bytes: stats.bytes,
        wasted: (u64::from(stats.pages) * PAGE).saturating_sub(stats.bytes),
        sweep_pages: old.map(|layout| u64::from(layout.pages)).sum(),
        layouts,
        index: index(root)?,
    })
}

fn index<M: Memory>(root: &StoredRoot<M>) -> Result<Option<Index>> {
    let Some(state) = root.index_state()? else { return Ok(None) };
    let state = match state {
        IndexState::Complete => "complete".to_owned(),
        IndexState::Nothing => "empty".to_owned(),
        IndexState::UpTo(key) => {
            let key = root.row_key().and_then(|layout| read_key(layout, &key).ok());
            let key = key.and_then(|key| serde_json::to_string(&Json(&key)).ok());
            format!("up to {}", key.unwrap_or_else(|| "a damaged key".to_owned()))
        }
    };
    Ok(Some(Index { definition: root.definition().unwrap_or_default().to_owned(), state }))
}
