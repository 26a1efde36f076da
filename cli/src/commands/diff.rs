//! `cargo graven diff` compares two images.

mod changes;
mod schema;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use graven_collections::stored::{StoredRoot, StoredStore};
use serde::Serialize;

use self::changes::{Change, Changes, Counts};
use crate::failure::Failure;
use crate::input::{Input, Within};
use crate::screen::{self, BAD, GOOD, Interrupted, count, line, number};
use crate::values::Json;

const EXAMPLES: &str = "\
Examples:
  cargo graven diff before.bin after.bin
  cargo graven diff monday/ tuesday/ --root users --limit 1000
  cargo graven diff before.bin after.bin --json | jq -c 'select(.change == \"removed\")'";

/// Compare two images: their schema, and their entries by root and key.
///
/// Entries of a `StableVec`, `Deque` or `Log` are compared by position. Indexes follow from rows,
/// so their entries are not compared. Exit codes: 0 equal, 1 different, 2 an image could not be
/// read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// The older image, as for the other commands.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer image.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    within: Within,
    /// Only the root with this name.
    #[arg(long, value_name = "ROOT")]
    root: Option<String>,
    /// Show at most this many changed entries of each root. All are counted.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u64,
    /// Print a line of JSON for each difference.
    #[arg(long)]
    json: bool,
}

/// A difference, as a line of JSON.
#[derive(Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
enum Line<'a> {
    Schema {
        root: &'a str,
        what: &'a str,
    },
    Added(Entry<'a>),
    Removed(Entry<'a>),
    Changed(Entry<'a>),
    Summary {
        root: &'a str,
        #[serde(flatten)]
        counts: Counts,
    },
}

#[derive(Serialize)]
struct Entry<'a> {
    root: &'a str,
    #[serde(serialize_with = "changes::serialize_parts")]
    key: &'a [(&'static str, graven_collections::stored::Value)],
    fields: Vec<Field<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    field: String,
    old: Option<Json<'a>>,
    new: Option<Json<'a>>,
}

/// Two images and how to show their differences.
struct Comparison<'a> {
    old: &'a Input,
    new: &'a Input,
    limit: u64,
    json: bool,
}

impl Diff {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let (old, new) = (Input::open(&self.old, &self.within)?, Input::open(&self.new, &self.within)?);
        let (before, after) =
            (old.said(StoredStore::open(old.clone()))?, new.said(StoredStore::open(new.clone()))?);
        for (input, store) in [(&old, &before), (&new, &after)] {
            if let Some(error) = store.damaged().first() {
                return Err(Failure::Input(input.path().to_owned(), error.to_string()));
            }
        }
        let comparison = Comparison { old: &old, new: &new, limit: self.limit, json: self.json };
        let mut is_different = false;
        screen::write(|out| {
            for name in schema::names(&before, &after, self.root.as_deref())? {
                is_different |= comparison.root(&name, before.root(&name), after.root(&name), out)?;
            }
            if !is_different && !self.json {
                writeln!(out, "{}", styled(&format!("{GOOD}equal{GOOD:#}")))?;
            }
            Ok(())
        })?;
        Ok(ExitCode::from(u8::from(is_different)))
    }
}

impl Comparison<'_> {
    /// Compares the root with a name. Returns `true` if it differs.
    fn root(
        &self,
        name: &str,
        old: Option<&StoredRoot<Input>>,
        new: Option<&StoredRoot<Input>>,
        out: &mut dyn Write,
    ) -> Result<bool, Interrupted> {
        let schema = schema::differences(old, new);
        for what in &schema {
            if self.json {
                self.line(&Line::Schema { root: name, what }, out)?;
            }
        }
        let mut counts = Counts::default();
        let mut shown = Vec::new();
        let mut changes = Changes::new((self.old, old), (self.new, new));
        while let Some(change) = changes.next()? {
            counts.add(&change);
            if matches!(change, Change::Migrated) || counts.all() > self.limit {
                continue;
            }
            match self.json {
                true => self.line(&json(name, &change), out)?,
                false => shown.push(changes::text(&change)),
            }
        }
        let is_different = !schema.is_empty() || counts.is_different();
        if is_different && self.json {
            self.line(&Line::Summary { root: name, counts }, out)?;
        } else if is_different {
            self.text(name, &schema, &shown, counts, out)?;
        }
        Ok(is_different)
    }

    #[expect(clippy::unused_self, reason = "beside `text`")]
    fn line(&self, line: &Line<'_>, out: &mut dyn Write) -> Result<(), Interrupted> {
        serde_json::to_writer(&mut *out, line)?;
        Ok(out.write_all(b"\n")?)
    }

    fn text(
        &self,
        name: &str,
        schema: &[String],
        shown: &[(char, String)],
        counts: Counts,
        out: &mut dyn Write,
    ) -> Result<(), Interrupted> {
        let heading = screen::HEADING;
        writeln!(out, "{}", styled(&format!("{heading}{}{heading:#}{}", line(name), counts.words())))?;
        schema.iter().try_for_each(|what| writeln!(out, "  {}", line(what)))?;
        for (sign, text) in shown {
            let style = match sign {
                '+' => GOOD,
                '-' => BAD,
                _ => screen::HEADING,
            };
            writeln!(out, "  {} {text}", styled(&format!("{style}{sign}{style:#}")))?;
        }
        let more = counts.all().saturating_sub(self.limit);
        if more > 0 {
            writeln!(out, "  and {} more: --limit shows them", count(more, "change", "changes"))?;
        }
        Ok(())
    }
}

/// Returns a text with its styles if standard output shows them.
fn styled(text: &str) -> String {
    match anstream::stdout().current_choice() {
        anstream::ColorChoice::Never => anstream::adapter::strip_str(text).to_string(),
        _ => text.to_owned(),
    }
}

fn json<'a>(root: &'a str, change: &'a Change) -> Line<'a> {
    let entry = |change: &'a Change| {
        let (key, fields) = changes::fields(change);
        let fields = fields.into_iter().map(|(field, old, new)| Field {
            field,
            old: old.map(Json),
            new: new.map(Json),
        });
        Entry { root, key, fields: fields.collect() }
    };
    match change {
        Change::Added(..) => Line::Added(entry(change)),
        Change::Removed(..) => Line::Removed(entry(change)),
        Change::Changed(..) | Change::Migrated => Line::Changed(entry(change)),
    }
}

impl Counts {
    fn words(&self) -> String {
        let parts = [
            (self.added, "added"),
            (self.removed, "removed"),
            (self.changed, "changed"),
            (self.migrated, "migrated"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", number(count)))
            .collect();
        if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
    }
}
