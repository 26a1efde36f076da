//! `cargo graven inspect` says what a memory is spent on, without reading an entry.

mod page;

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use graven_collections::stored::{IndexState, StoredRoot, StoredStore};
use graven_core::ask::read_key;
use serde::Serialize;

use super::open;
use crate::failure::Failure;
use crate::input::{Input, Source};
use crate::screen::{self, count, line, number, size, table};
use crate::values::Json;

const EXAMPLES: &str = "\
Examples:
  cargo graven inspect stable_memory.bin
  cargo graven inspect snapshot/ --json
  cargo graven inspect stable_memory.bin --html memory.html";

/// Say what is in an image: roots, sizes, layouts, indexes, free space.
///
/// Reads a page for each root and no entries, so this takes no longer for large images.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Inspect {
    #[command(flatten)]
    source: Source,
    /// Print one object of JSON.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Write a page with a picture of the memory, which reads the headers of all pages. It is one
    /// file, and works offline.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// The bytes of a page.
const PAGE: u64 = 4096;

/// The facts about a store.
#[derive(Serialize)]
struct Facts {
    /// The size of the memory in bytes.
    memory_bytes: u64,
    /// The pages of 4 KiB that were ever allocated.
    pages: u32,
    free_pages: u32,
    /// `true` if there are removed trees whose pages are not free yet.
    detached: bool,
    roots: Vec<Root>,
    /// The reasons why other roots could not be opened.
    damaged: Vec<String>,
}

#[derive(Serialize)]
struct Root {
    name: String,
    kind: &'static str,
    declaration: String,
    entries: u64,
    pages: u32,
    /// The bytes of all keys and values.
    bytes: u64,
    /// The other bytes of its pages.
    wasted: u64,
    layouts: Vec<Layout>,
    /// The pages that a sweep would still convert.
    sweep_pages: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<Index>,
}

#[derive(Serialize)]
struct Layout {
    #[serde(rename = "type")]
    name: String,
    version: Option<u32>,
    fingerprint: String,
    pages: u32,
    /// Its part of the pages that hold values, in percent.
    share: f64,
    current: bool,
}

#[derive(Serialize)]
struct Index {
    definition: String,
    /// `complete`, `empty`, or `up to` a key of the table.
    state: String,
}

impl Inspect {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let (input, store) = open(&self.source)?;
        let facts = input.said(facts(&store))?;
        match (&self.html, self.json) {
            (Some(file), _) => {
                let page = input.said(page::write(&store, &facts, input.path()))?;
                std::fs::write(file, page).map_err(|error| Failure::Write(file.clone(), error))?;
            }
            (None, true) => screen::print(&(json(&facts)? + "\n"))?,
            (None, false) => screen::print(&text(&facts))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn json(facts: &Facts) -> Result<String, Failure> {
    serde_json::to_string_pretty(facts).map_err(|error| Failure::Print(error.into()))
}

fn facts(store: &StoredStore<Input>) -> graven_core::Result<Facts> {
    let usage = store.usage();
    Ok(Facts {
        memory_bytes: usage.map_or(0, |usage| usage.memory_bytes),
        pages: usage.map_or(0, |usage| usage.pages),
        free_pages: usage.map_or(0, |usage| usage.free),
        detached: usage.is_some_and(|usage| usage.detached),
        roots: store.roots().iter().map(root).collect::<graven_core::Result<_>>()?,
        damaged: store.damaged().iter().map(ToString::to_string).collect(),
    })
}

fn root(root: &StoredRoot<Input>) -> graven_core::Result<Root> {
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

fn index(root: &StoredRoot<Input>) -> graven_core::Result<Option<Index>> {
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

fn text(facts: &Facts) -> String {
    let mut out = String::new();
    let rows = facts.roots.iter().map(|root| {
        let fill = if root.pages == 0 { 0 } else { 100 * root.bytes / (u64::from(root.pages) * PAGE) };
        let cells = [number(root.entries), number(root.pages.into()), size(root.bytes), format!("{fill} %")];
        let mut row = cells.to_vec();
        row.insert(0, short(&line(&root.declaration)));
        row
    });
    if facts.roots.is_empty() {
        out.push_str("no roots\n");
    } else {
        let heading = ["ROOT", "ENTRIES", "PAGES", "BYTES", "FILL"];
        out.push_str(&table(&heading, rows.collect(), &[1, 2, 3, 4]));
    }
    layouts(facts, &mut out);
    indexes(facts, &mut out);
    let _ = writeln!(
        out,
        "\n{} of {}, {} free{}",
        count(facts.pages.into(), "page", "pages"),
        size(facts.memory_bytes),
        number(facts.free_pages.into()),
        if facts.detached { ", and those of removed trees" } else { "" },
    );
    let sweep: u64 = facts.roots.iter().map(|root| root.sweep_pages).sum();
    let _ = match sweep {
        0 => writeln!(out, "nothing to sweep: all values are in their current layout"),
        pages => writeln!(out, "a sweep would convert {}", count(pages, "page", "pages")),
    };
    for why in &facts.damaged {
        let _ = writeln!(out, "{}error{:#}: {}", screen::BAD, screen::BAD, line(why));
    }
    out
}

/// Returns a text that is cut after the width of a line.
fn short(text: &str) -> String {
    const WIDTH: usize = 90;
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Writes the layouts of roots that have values in several, or in another one than the current.
fn layouts(facts: &Facts, out: &mut String) {
    let mut rows = Vec::new();
    for root in facts.roots.iter().filter(|root| root.sweep_pages > 0) {
        for layout in root.layouts.iter().filter(|layout| layout.pages > 0 || layout.current) {
            let name = match layout.version {
                Some(version) => format!("{} v{version}", short(&line(&layout.name))),
                None => short(&line(&layout.name)),
            };
            let current = if layout.current { "current" } else { "" };
            let pages = number(layout.pages.into());
            rows.push(vec![line(&root.name), name, pages, format!("{:.1} %", layout.share), current.into()]);
        }
    }
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&table(&["LAYOUTS OF", "TYPE", "PAGES", "SHARE", ""], rows, &[2, 3]));
    }
}

fn indexes(facts: &Facts, out: &mut String) {
    let indexes = facts.roots.iter().filter_map(|root| root.index.as_ref().map(|index| (root, index)));
    let rows: Vec<_> = indexes
        .map(|(root, index)| vec![line(&root.name), line(&index.definition), line(&index.state)])
        .collect();
    if !rows.is_empty() {
        out.push('\n');
        out.push_str(&table(&["INDEX", "BY", "ROWS"], rows, &[]));
    }
}
