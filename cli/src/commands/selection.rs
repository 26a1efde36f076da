//! Which entries of a root a command shows: by key, by a range of keys, by conditions on fields.

use std::ops::Bound;

use clap::Args;
use graven_collections::stored::{EncodedRange, StoredRoot};
use graven_core::ask::{Comparison, Filter};
use graven_core::layout::stored::OwnedLayout;

use super::rows::layout_of;
use crate::failure::Failure;
use crate::input::Input;
use crate::screen::line;
use crate::values::parse;

/// The entries to show.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only the entries of this key. A key of several parts is JSON: '["CH", 8001]'.
    #[arg(long, value_name = "KEY", group = "keys")]
    key: Option<String>,
    /// Only entries whose key begins with this text, these bytes (0x…) or these first parts.
    #[arg(long, value_name = "PREFIX", group = "keys")]
    prefix: Option<String>,
    /// Only entries with keys in a range: A..B without B, A..=B with it; either may be left out.
    #[arg(long, value_name = "A..B", group = "keys", allow_hyphen_values = true)]
    range: Option<String>,
    /// Only entries that meet a condition: FIELD=VALUE, or with !=, <, <=, >, >= or ^= (begins
    /// with). All of several.
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<String>,
    /// At most this many entries.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

/// A selection of the entries of a root.
pub(crate) struct Chosen {
    pub(crate) range: EncodedRange,
    pub(crate) filter: Filter,
    pub(crate) limit: u64,
}

impl Selection {
    pub(crate) fn choose(&self, root: &StoredRoot<Input>) -> Result<Chosen, Failure> {
        let filters = self.conditions.iter().map(|condition| filter(root, condition));
        let filter = Filter::All(filters.collect::<Result<_, _>>()?);
        let range = match (&self.key, &self.prefix, &self.range) {
            (Some(key), _, _) => key_range(root, key)?,
            (_, Some(prefix), _) => graven_look::prefix_range(root, prefix).map_err(words)?,
            (_, _, Some(range)) => graven_look::between(root, range).map_err(words)?,
            _ => (Bound::Unbounded, Bound::Unbounded),
        };
        Ok(Chosen { range, filter, limit: self.limit.unwrap_or(u64::MAX) })
    }
}

/// Returns the range of the entries of one key.
pub(crate) fn key_range(root: &StoredRoot<Input>, key: &str) -> Result<EncodedRange, Failure> {
    graven_look::key_range(root, key).map_err(words)
}

/// Returns a failure from a sentence that may have names of an image.
fn words(why: String) -> Failure {
    Failure::Words(line(&why))
}

/// The comparisons, longer signs before those that they begin with.
const COMPARISONS: [(&str, Comparison); 7] = [
    ("!=", Comparison::Equal),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("^=", Comparison::Prefix),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

fn filter(root: &StoredRoot<Input>, condition: &str) -> Result<Filter, Failure> {
    let signs = COMPARISONS.iter().filter_map(|(sign, is)| Some((condition.find(sign)?, *sign, *is)));
    // The first sign decides, and the longest of those that begin there.
    let first = signs.min_by_key(|(at, sign, _)| (*at, usize::MAX - sign.len()));
    let Some((at, sign, is)) = first else {
        return Err(Failure::Words(format!("`{condition}` is no condition: write FIELD=VALUE")));
    };
    let (name, value) = (condition[..at].trim(), condition[at + sign.len()..].trim());
    let layout = layout_of(root, name)?;
    let value = match (is, layout) {
        (Comparison::Prefix, layout) if !is_sequence(layout) => {
            return Err(Failure::Words(format!("`{name}` is {layout}, which begins with nothing")));
        }
        (_, layout) => parse(layout, value).map_err(Failure::Words)?,
    };
    let filter = Filter::Field { name: name.to_owned(), is, value };
    Ok(if sign == "!=" { Filter::Not(Box::new(filter)) } else { filter })
}

fn is_sequence(layout: &OwnedLayout) -> bool {
    match layout {
        OwnedLayout::String | OwnedLayout::Text(_) | OwnedLayout::Blob(_) | OwnedLayout::Vec(_) => true,
        OwnedLayout::Option(inner) => is_sequence(inner),
        _ => false,
    }
}
