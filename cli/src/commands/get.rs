//! `cargo graven get` prints one record.

use std::ops::Bound;
use std::process::ExitCode;

use clap::Args;

use super::rows::{Format, Rows};
use super::selection::key_range;
use super::{find, open};
use crate::failure::Failure;
use crate::input::Source;
use crate::screen;

const EXAMPLES: &str = "\
Examples:
  cargo graven get memory.bin users 2vxsx-fae
  cargo graven get memory.bin posts '[\"rust\", 17]' --versions";

/// Print the record of one key.
///
/// Exit codes: 0 found, 1 not found, 2 the image could not be read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Get {
    #[command(flatten)]
    source: Source,
    /// The name of the root; `inspect` lists them.
    #[arg(value_name = "ROOT")]
    root: String,
    /// The key: a text as it is, a key of several parts as JSON, an index or id as a number. A
    /// `Cell` has none.
    #[arg(value_name = "KEY", allow_hyphen_values = true)]
    key: Option<String>,
    /// The format of the record.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Only this field. Several are shown in the order given.
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<String>,
    /// Add the layout of the value, as in `User v1`.
    #[arg(long)]
    versions: bool,
}

impl Get {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let (input, store) = open(&self.source)?;
        let root = find(&input, &store, &self.root)?;
        let range = match (&self.key, root.key_layout()) {
            (Some(key), _) => key_range(root, key)?,
            (None, None) => (Bound::Unbounded, Bound::Unbounded),
            (None, Some(layout)) => {
                return Err(Failure::Words(format!("give a key: those of `{}` are {layout}", self.root)));
            }
        };
        let rows = Rows::new(root, self.format, &self.fields, self.versions)?;
        let entries = input.said(root.find(range))?;
        screen::write(|out| {
            if !entries.is_empty() {
                rows.begin(out)?;
            }
            for entry in &entries {
                rows.write(entry, &input.said(root.decode(entry))?, out)?;
            }
            Ok(())
        })?;
        Ok(ExitCode::from(u8::from(entries.is_empty())))
    }
}
