//! `cargo graven dump` prints the entries of a root.

use std::process::ExitCode;

use clap::Args;
use graven_collections::stored::StoredRoot;
use indicatif::{ProgressBar, ProgressStyle};

use super::rows::{self, Format, Rows};
use super::selection::{Chosen, Selection};
use super::{find, open};
use crate::failure::Failure;
use crate::input::{Input, Source};
use crate::screen;

const EXAMPLES: &str = "\
Examples:
  cargo graven dump snapshot/ users --limit 10
  cargo graven dump memory.bin users --where 'karma>=100' --field key --field name
  cargo graven dump memory.bin posts --prefix '[\"rust\"]' --format csv > posts.csv";

/// Print the entries of a root, decoded without the program that wrote them.
///
/// Entries of an older version are shown as they are stored; `--versions` says which version each
/// one is. Fields are named as in the type: `karma`, `address.city`, and `key` for the key.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Dump {
    #[command(flatten)]
    source: Source,
    /// The name of the root; `inspect` lists them.
    #[arg(value_name = "ROOT")]
    root: String,
    /// The format of the entries.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    selection: Selection,
    /// Only this field of each entry. Several are shown in the order given.
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<String>,
    /// Add the layout of each value, as in `User v1`.
    #[arg(long)]
    versions: bool,
}

/// The number of entries after which the progress bar moves.
const STRIDE: u64 = 4096;

impl Dump {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let (input, store) = open(&self.source)?;
        let root = find(&input, &store, &self.root)?;
        let chosen = self.selection.choose(root)?;
        let rows = Rows::new(root, self.format, &self.fields, self.versions)?;
        print(&input, root, chosen, &rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn print(input: &Input, root: &StoredRoot<Input>, chosen: Chosen, shown: &Rows<'_>) -> Result<(), Failure> {
    let progress = progress(root.stats().entries);
    let done = screen::write(|out| {
        shown.begin(out)?;
        let (mut entries, mut left, mut read) = (root.range(chosen.range), chosen.limit, 0_u64);
        while left > 0 {
            let Some(entry) = input.said(entries.try_next())? else { break };
            let parts = input.said(root.decode(&entry))?;
            read += 1;
            if read.is_multiple_of(STRIDE) {
                progress.set_position(read);
            }
            if chosen.filter.holds_for(&|name| rows::find(&parts, name)) {
                shown.write(&entry, &parts, out)?;
                left -= 1;
            }
        }
        Ok(())
    });
    progress.finish_and_clear();
    done
}

/// Returns a progress bar for a long output that somebody watches, else a hidden one.
fn progress(entries: u64) -> ProgressBar {
    if entries < 8 * STRIDE || !screen::shows_progress() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} entries, {eta} left");
    ProgressBar::new(entries).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
