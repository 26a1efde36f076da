//! `cargo graven inspect` says what a memory is spent on, without reading an entry.

mod page;

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use graven_look::{Facts, PAGE};

use super::open;
use crate::failure::Failure;
use crate::input::Source;
use crate::screen::{self, count, line, number, size, table};

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

impl Inspect {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let (input, store) = open(&self.source)?;
        let facts = input.said(Facts::of(&store))?;
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
