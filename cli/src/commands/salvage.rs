//! `cargo graven salvage` writes what is whole in a damaged image.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use graven_collections::stored::{Recovered, Salvage, Salvaged, StoredRoot};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::failure::Failure;
use crate::input::{Input, Source};
use crate::screen::{self, BAD, GOOD, count, line, number, table};
use crate::values::Json;

const EXAMPLES: &str = "\
Examples:
  cargo graven salvage damaged.bin -o records.jsonl
  cargo graven salvage snapshot/ -o - | jq -c 'select(.root == \"users\")'";

/// Write every record of a damaged image that is still whole.
///
/// Finds records by their pages, so that damage to one page does not hide others. Writes a line of
/// JSON for each: the root and the parts that `dump` writes. `"unlinked": true` marks records
/// that no intact page leads to, which may have been removed before, and `"damaged_page"` those
/// on a page with other damage. Exit codes: 0 nothing is missing, 1 something is, 2 the image could
/// not be read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SalvageImage {
    #[command(flatten)]
    source: Source,
    /// The file to write, or - for standard output.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

/// The outcome for one root.
struct Outcome {
    name: String,
    /// The entries that the root counts, or `None` for an index.
    entries: Option<u64>,
    recovered: Recovered,
}

impl SalvageImage {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let input = self.source.open()?;
        if self.output.exists() && same_file(&self.output, &self.source.image) {
            return Err(Failure::Usage("the output is the image itself, which is only read"));
        }
        let store = input.said(Salvage::open(input.clone()))?;
        let outcomes = if self.output == Path::new("-") {
            let mut outcomes = Vec::new();
            screen::write(|out| {
                outcomes = write(&store, out).map_err(screen::Interrupted::from)?;
                Ok(())
            })?;
            outcomes
        } else {
            let failed = |error| Failure::Write(self.output.clone(), error);
            let mut out = BufWriter::new(File::create(&self.output).map_err(failed)?);
            let outcomes = write(&store, &mut out).map_err(|stop| stop.failure(&self.output))?;
            out.flush().map_err(failed)?;
            outcomes
        };
        input.check()?;
        let report = report(&store, &outcomes);
        // Records and report would be one text.
        match self.output == Path::new("-") {
            true => eprint!("{}", anstream::adapter::strip_str(&report)),
            false => screen::print(&report)?,
        }
        Ok(ExitCode::from(u8::from(!is_complete(&store, &outcomes))))
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b || a.starts_with(&b))
}

/// The reason why writing ended.
enum Stop {
    Output(std::io::Error),
    Store(graven_core::Error),
}

impl From<graven_core::Error> for Stop {
    fn from(error: graven_core::Error) -> Self {
        Stop::Store(error)
    }
}

impl Stop {
    fn failure(self, path: &Path) -> Failure {
        match self {
            Stop::Output(error) => Failure::Write(path.to_owned(), error),
            Stop::Store(error) => Failure::Image(path.to_owned(), error),
        }
    }
}

impl From<Stop> for screen::Interrupted {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Output(error) => screen::Interrupted::Output(error),
            Stop::Store(error) => screen::Interrupted::Failed(Failure::Words(error.to_string())),
        }
    }
}

fn write(store: &Salvage<Input>, out: &mut dyn Write) -> Result<Vec<Outcome>, Stop> {
    let mut outcomes = Vec::new();
    for (at, root) in store.roots().enumerate() {
        let recovered = store.records(at, &mut |record| {
            serde_json::to_writer(&mut *out, &Line { root, record: &record })
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"))
                .map_err(Stop::Output)
        })?;
        let entries = (!root.kind().is_index()).then_some(root.stats().entries);
        let entries = entries.map(|entries| entries.saturating_sub(recovered.removed));
        outcomes.push(Outcome { name: root.name().to_owned(), entries, recovered });
    }
    Ok(outcomes)
}

/// A record as a line of JSON.
struct Line<'a> {
    root: &'a StoredRoot<Input>,
    record: &'a Salvaged,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("root", self.root.name())?;
        for (name, value) in &self.record.parts {
            map.serialize_entry(name, &Json(value))?;
        }
        if !self.record.is_linked {
            map.serialize_entry("unlinked", &true)?;
        }
        if self.record.is_doubtful {
            map.serialize_entry("damaged_page", &self.record.entry.page.get())?;
        }
        map.end()
    }
}

impl Outcome {
    /// Returns the number of entries that were not found. More may be found than there were.
    fn missing(&self) -> u64 {
        self.entries.unwrap_or(0).saturating_sub(self.recovered.whole)
    }
}

fn is_complete(store: &Salvage<Input>, outcomes: &[Outcome]) -> bool {
    store.faults().is_empty() && outcomes.iter().all(|outcome| outcome.missing() == 0)
}

fn report(store: &Salvage<Input>, outcomes: &[Outcome]) -> String {
    let rows = outcomes.iter().map(|outcome| {
        let Recovered { whole, unlinked, doubtful, unreadable, .. } = outcome.recovered;
        let Some(entries) = outcome.entries else {
            let mut row = vec![line(&outcome.name), "an index".to_owned()];
            row.resize(7, String::new());
            return row;
        };
        let numbers = [entries, whole, unlinked, doubtful, unreadable, outcome.missing()];
        [line(&outcome.name)].into_iter().chain(numbers.map(number)).collect()
    });
    let heading = ["ROOT", "ENTRIES", "WHOLE", "UNLINKED", "DOUBTFUL", "UNREADABLE", "MISSING"];
    let mut out = table(&heading, rows.collect(), &[1, 2, 3, 4, 5, 6]);
    out.push('\n');
    if !store.faults().is_empty() {
        let faults = store.faults().iter().map(|error| vec![line(&error.to_string())]);
        out.push_str(&table(&["DAMAGE"], faults.take(50).collect(), &[]));
        if store.faults().len() > 50 {
            out.push_str(&format!("and {} more\n", store.faults().len() - 50));
        }
        out.push('\n');
    }
    let missing: u64 = outcomes.iter().map(Outcome::missing).sum();
    let whole: u64 = outcomes.iter().map(|outcome| outcome.recovered.whole).sum();
    out.push_str(&match is_complete(store, outcomes) {
        true => format!("{GOOD}whole{GOOD:#}: {}\n", count(whole, "record", "records")),
        false => format!(
            "{} are whole, {BAD}{} missing{BAD:#}\n",
            count(whole, "record", "records"),
            number(missing)
        ),
    });
    out
}
