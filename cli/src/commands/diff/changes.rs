//! Differences of the entries of two roots of one name.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound;

use graven_collections::stored::{Entries, Parts, StoredEntry, StoredRoot, Value};
use graven_core::key::KeyBuf;
use graven_core::store::CollectionKind;
use serde::{Serialize, Serializer};

use crate::failure::Failure;
use crate::input::Input;
use crate::values::Json;

/// A difference of one entry.
pub(super) enum Change {
    /// An entry that only the newer image has.
    Added(Parts),
    /// An entry that only the older image has.
    Removed(Parts),
    /// An entry with other values, in the older and in the newer image.
    Changed(Parts, Parts),
    /// An entry with the same values in another layout.
    Migrated,
}

/// The numbers of changes.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Counts {
    pub(super) added: u64,
    pub(super) removed: u64,
    pub(super) changed: u64,
    pub(super) migrated: u64,
}

impl Counts {
    pub(super) fn add(&mut self, change: &Change) {
        match change {
            Change::Added(..) => self.added += 1,
            Change::Removed(..) => self.removed += 1,
            Change::Changed(..) => self.changed += 1,
            Change::Migrated => self.migrated += 1,
        }
    }

    /// Returns the number of changes that are shown one by one.
    pub(super) fn all(&self) -> u64 {
        self.added + self.removed + self.changed
    }

    pub(super) fn is_different(&self) -> bool {
        self.all() + self.migrated > 0
    }
}

/// One of two images, and its root if it has one.
type Side<'a> = (&'a Input, Option<&'a StoredRoot<Input>>);

/// A walk over the differences of two roots.
pub(super) struct Changes<'a> {
    old: Walk<'a>,
    new: Walk<'a>,
    /// `true` if entries of both come in the order of their keys.
    is_ordered: bool,
    /// `true` once all entries of the older root were looked up in the newer one.
    has_seen_old: bool,
}

/// The entries of one root.
struct Walk<'a> {
    input: &'a Input,
    root: Option<&'a StoredRoot<Input>>,
    entries: Source<'a>,
    next: Option<StoredEntry>,
    has_begun: bool,
}

enum Source<'a> {
    None,
    Entries(Box<Entries<'a, Input>>),
    /// The values of a queue by their handles.
    Sorted(std::vec::IntoIter<StoredEntry>),
}

impl<'a> Changes<'a> {
    pub(super) fn new(old: Side<'a>, new: Side<'a>) -> Self {
        let (before, after) = (Walk::new(old), Walk::new(new));
        let is_hashed = |root: &StoredRoot<Input>| {
            matches!(root.kind(), CollectionKind::HashMap | CollectionKind::HashSet)
        };
        let is_ordered = !old.1.is_some_and(is_hashed) && !new.1.is_some_and(is_hashed);
        Changes { old: before, new: after, is_ordered, has_seen_old: false }
    }

    pub(super) fn next(&mut self) -> Result<Option<Change>, Failure> {
        loop {
            let pair = if self.is_ordered { self.pair()? } else { self.looked_up()? };
            let Some(pair) = pair else { return Ok(None) };
            if let Some(change) = self.compare(pair)? {
                return Ok(Some(change));
            }
        }
    }

    /// Returns the entries of the next key, by merging both roots.
    fn pair(&mut self) -> Result<Option<Pair>, Failure> {
        let is_queue = self.old.is_queue() || self.new.is_queue();
        let (old, new) = (self.old.peek()?, self.new.peek()?);
        let order = match (old, new) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => position(old, is_queue).cmp(&position(new, is_queue)),
        };
        Ok(Some(match order {
            Ordering::Less => (self.old.take()?, None),
            Ordering::Greater => (None, self.new.take()?),
            Ordering::Equal => (self.old.take()?, self.new.take()?),
        }))
    }

    /// Returns the entries of the next key, by looking up each in the other root.
    fn looked_up(&mut self) -> Result<Option<Pair>, Failure> {
        while !self.has_seen_old {
            if self.old.peek()?.is_none() {
                self.has_seen_old = true;
                break;
            }
            if let Some(old) = self.old.take()? {
                let new = self.new.find(&old.key)?;
                return Ok(Some((Some(old), new)));
            }
        }
        while self.new.peek()?.is_some() {
            let Some(new) = self.new.take()? else { break };
            if self.old.find(&new.key)?.is_none() {
                return Ok(Some((None, Some(new))));
            }
        }
        Ok(None)
    }

    fn compare(&self, pair: Pair) -> Result<Option<Change>, Failure> {
        Ok(match pair {
            (Some(old), None) => Some(Change::Removed(self.old.decode(&old)?)),
            (None, Some(new)) => Some(Change::Added(self.new.decode(&new)?)),
            (Some(old), Some(new)) => {
                let layouts = (self.old.layout(&old), self.new.layout(&new));
                if layouts.0 == layouts.1 && old.value == new.value && old.key == new.key {
                    return Ok(None);
                }
                let (before, after) = (self.old.decode(&old)?, self.new.decode(&new)?);
                Some(if before == after { Change::Migrated } else { Change::Changed(before, after) })
            }
            (None, None) => None,
        })
    }
}

/// The entries of one key in both images.
type Pair = (Option<StoredEntry>, Option<StoredEntry>);

impl<'a> Walk<'a> {
    fn new((input, root): Side<'a>) -> Self {
        // The entries of an index follow from those of its table.
        let entries = match root.filter(|root| !root.kind().is_index()) {
            Some(root) => Source::Entries(Box::new(root.entries())),
            None => Source::None,
        };
        Walk { input, root, entries, next: None, has_begun: false }
    }

    fn peek(&mut self) -> Result<Option<&StoredEntry>, Failure> {
        if !self.has_begun {
            self.has_begun = true;
            self.sort()?;
            self.step()?;
        }
        Ok(self.next.as_ref())
    }

    /// Returns the next entry, which was peeked at.
    fn take(&mut self) -> Result<Option<StoredEntry>, Failure> {
        let taken = self.next.take();
        self.step().map(|()| taken)
    }

    fn step(&mut self) -> Result<(), Failure> {
        self.next = match &mut self.entries {
            Source::None => None,
            Source::Entries(entries) => self.input.said(entries.try_next())?,
            Source::Sorted(entries) => entries.next(),
        };
        Ok(())
    }

    fn is_queue(&self) -> bool {
        self.root.is_some_and(|root| root.kind() == CollectionKind::PriorityQueue)
    }

    /// Sorts the values of a queue by their handles, which do not change as values move.
    fn sort(&mut self) -> Result<(), Failure> {
        let is_queue = self.is_queue();
        let Source::Entries(entries) = &mut self.entries else { return Ok(()) };
        if !is_queue {
            return Ok(());
        }
        let mut sorted = BTreeMap::new();
        while let Some(entry) = self.input.said(entries.try_next())? {
            let handle = entry.value.clone().unwrap_or_default();
            // The handle is the key by which the two are compared.
            sorted.insert(handle, entry);
        }
        self.entries = Source::Sorted(sorted.into_values().collect::<Vec<_>>().into_iter());
        Ok(())
    }

    fn find(&self, key: &[u8]) -> Result<Option<StoredEntry>, Failure> {
        let Some(root) = self.root else { return Ok(None) };
        let key = KeyBuf::from(key);
        let found = root.find((Bound::Included(key.clone()), Bound::Included(key)));
        Ok(self.input.said(found)?.into_iter().next())
    }

    fn decode(&self, entry: &StoredEntry) -> Result<Parts, Failure> {
        match self.root {
            Some(root) => self.input.said(root.decode(entry)),
            None => Ok(Vec::new()),
        }
    }

    fn layout(&self, entry: &StoredEntry) -> Option<graven_core::layout::Fingerprint> {
        self.root?.layout(entry.layout?).map(graven_core::layout::stored::OwnedLayout::fingerprint)
    }
}

/// Returns the position of an entry in the order of a walk: by its keys, or by its handle.
fn position(entry: &StoredEntry, is_queue: bool) -> (&[u8], Option<&[u8]>) {
    match &entry.value {
        Ok(handle) if is_queue => (handle, None),
        _ => (&entry.key, entry.item.as_deref()),
    }
}

/// Returns `true` if a part says which entry it is.
fn is_key(part: &str) -> bool {
    !matches!(part, "value" | "record" | "bytes" | "row")
}

type Fields<'a> = Vec<(String, Option<&'a Value>, Option<&'a Value>)>;

/// Returns the key of a change, and the fields that differ, each with its old and new value.
pub(super) fn fields(change: &Change) -> (&[(&'static str, Value)], Fields<'_>) {
    match change {
        Change::Added(new) => (key(new), values(new).map(|(name, new)| (name, None, Some(new))).collect()),
        Change::Removed(old) => (key(old), values(old).map(|(name, old)| (name, Some(old), None)).collect()),
        Change::Changed(old, new) => {
            let (old, new): (Vec<_>, Vec<_>) = (values(old).collect(), values(new).collect());
            let other = |side: &[(String, &'_ Value)], name: &str| -> bool {
                side.iter().any(|(known, _)| known == name)
            };
            let find = |name: &str| old.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
            let mut fields: Fields<'_> = new
                .iter()
                .map(|(name, new)| (name.clone(), find(name), Some(*new)))
                .filter(|(_, old, new)| old != new)
                .collect();
            let gone = old.iter().filter(|(name, _)| !other(&new, name));
            fields.extend(gone.map(|(name, old)| (name.clone(), Some(*old), None)));
            (key_of(change), fields)
        }
        Change::Migrated => (&[], Vec::new()),
    }
}

fn key_of(change: &Change) -> &[(&'static str, Value)] {
    match change {
        Change::Added(parts) | Change::Removed(parts) | Change::Changed(_, parts) => key(parts),
        Change::Migrated => &[],
    }
}

/// Returns the parts that say which entry it is. They come first, but for those of a queue.
fn key(parts: &Parts) -> &[(&'static str, Value)] {
    match parts.iter().position(|(name, _)| !is_key(name)) {
        Some(0) => parts.get(1..).unwrap_or_default(),
        Some(end) => parts.get(..end).unwrap_or_default(),
        None => parts,
    }
}

/// Returns the values of an entry: the fields of a struct, or the value itself.
fn values(parts: &Parts) -> impl Iterator<Item = (String, &Value)> {
    let parts = parts.iter().filter(|(name, _)| !is_key(name));
    parts.flat_map(|(name, value)| match value {
        Value::Record(fields) if !fields.is_empty() => {
            fields.iter().map(|(name, value)| (name.clone(), value)).collect::<Vec<_>>()
        }
        value => vec![((*name).to_owned(), value)],
    })
}

/// Returns the sign of a change, and the change in words.
pub(super) fn text(change: &Change) -> (char, String) {
    let (key, fields) = fields(change);
    let json = |value: &Value| serde_json::to_string(&Json(value)).unwrap_or_default();
    let key: Vec<String> = key.iter().map(|(_, value)| json(value)).collect();
    let (sign, words): (char, Vec<String>) = match change {
        Change::Added(..) => (
            '+',
            fields.iter().filter_map(|(name, _, new)| Some(format!("{name} {}", json((*new)?)))).collect(),
        ),
        Change::Removed(..) => ('-', Vec::new()),
        Change::Changed(..) | Change::Migrated => {
            let side = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), json);
            let change = |(name, old, new): &(String, Option<&Value>, Option<&Value>)| {
                format!("{name} {} → {}", side(*old), side(*new))
            };
            ('~', fields.iter().map(change).collect())
        }
    };
    let key = key.join(" ");
    match (key.is_empty(), words.is_empty()) {
        (_, true) => (sign, key),
        (true, false) => (sign, words.join(", ")),
        (false, false) => (sign, format!("{key}: {}", words.join(", "))),
    }
}

/// Writes parts as an object.
pub(super) fn serialize_parts<S: Serializer>(
    parts: &&[(&'static str, Value)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(parts.iter().map(|(name, value)| (name, Json(value))))
}
