//! `cargo graven verify` checks a whole image.

use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;
use graven_collections::stored::{Findings, StoredStore};
use graven_core::Error;
use serde::Serialize;

use crate::failure::Failure;
use crate::input::{Input, Source};
use crate::screen::{self, BAD, GOOD, count, line, number, table};

const EXAMPLES: &str = "\
Examples:
  cargo graven verify stable_memory.bin
  cargo graven verify snapshot/ --json";

/// Check that an image is whole, and list all damage with its page and root.
///
/// Every page belongs to one collection or is free; trees, orders, counts and hash positions are
/// right; overflow values, keys and values decode; indexes fit their rows. Exit codes: 0 whole, 1
/// damaged, 2 the image could not be read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    #[command(flatten)]
    source: Source,
    /// Print one object of JSON.
    #[arg(long)]
    json: bool,
}

/// The outcome, for programs.
#[derive(Serialize)]
struct Outcome {
    whole: bool,
    roots: usize,
    entries: u64,
    pages: u64,
    /// The pages that no root and no list has.
    unaccounted: u64,
    /// The indexes whose values only the program can check.
    by_function: u64,
    /// The number of all faults.
    count: u64,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct Fault {
    /// The page, whose address is 4,096 times its number.
    page: u32,
    root: Option<String>,
    reason: String,
}

impl Verify {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let input = self.source.open()?;
        let outcome = match input.said_or_damage(StoredStore::open(input.clone()))? {
            Ok(store) => Outcome::of(&store, &input.said(store.verify())?),
            Err(error) => Outcome::beginning_with(&error),
        };
        match self.json {
            true => {
                let text = serde_json::to_string_pretty(&outcome);
                screen::print(&(text.map_err(|error| Failure::Print(error.into()))? + "\n"))?;
            }
            false => screen::print(&outcome.text())?,
        }
        Ok(ExitCode::from(u8::from(!outcome.whole)))
    }
}

impl Outcome {
    fn of(store: &StoredStore<Input>, findings: &Findings) -> Outcome {
        Outcome {
            whole: findings.count == 0,
            roots: store.roots().len() + store.damaged().len(),
            entries: store.roots().iter().map(|root| root.stats().entries).sum(),
            pages: store.usage().map_or(0, |usage| usage.pages.into()),
            unaccounted: findings.unaccounted,
            by_function: findings.by_function,
            count: findings.count,
            faults: findings.faults.iter().map(Fault::of).collect(),
        }
    }

    /// Returns the outcome for a store that does not open.
    fn beginning_with(error: &Error) -> Outcome {
        let faults = vec![Fault::of(error)];
        Outcome {
            whole: false,
            roots: 0,
            entries: 0,
            pages: 0,
            unaccounted: 0,
            by_function: 0,
            count: 1,
            faults,
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        if !self.faults.is_empty() {
            let rows = self.faults.iter().map(|fault| {
                let root = fault.root.as_deref().map_or_else(|| "the store".to_owned(), line);
                vec![fault.page.to_string(), root, line(&fault.reason)]
            });
            out.push_str(&table(&["PAGE", "ROOT", "DAMAGE"], rows.collect(), &[0]));
            out.push('\n');
        }
        let more = self.count - self.faults.len() as u64;
        if more > 0 {
            let _ = writeln!(out, "and {more} more");
        }
        let _ = match self.whole {
            true => writeln!(
                out,
                "{GOOD}whole{GOOD:#}: {}, {}, {}",
                count(self.roots as u64, "root", "roots"),
                count(self.entries, "entry", "entries"),
                count(self.pages, "page", "pages"),
            ),
            false => writeln!(out, "{BAD}damaged{BAD:#}: {}", count(self.count, "fault", "faults")),
        };
        if !self.whole && self.unaccounted > 0 && self.pages > 0 {
            let _ = writeln!(
                out,
                "{} of {} could not be accounted for because of the damage",
                number(self.unaccounted),
                count(self.pages, "page", "pages"),
            );
        }
        if self.by_function > 0 {
            let indexes = count(self.by_function, "index", "indexes");
            let _ = writeln!(out, "not checked: the values of {indexes} by a function of the program");
        }
        out
    }
}

impl Fault {
    fn of(error: &Error) -> Fault {
        match error {
            Error::Damaged { root, page, reason } => Fault {
                page: page.get(),
                root: root.as_deref().map(str::to_owned),
                reason: reason.to_string(),
            },
            other => Fault { page: 0, root: None, reason: other.to_string() },
        }
    }
}
