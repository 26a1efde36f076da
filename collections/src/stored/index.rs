//! The check of an index against the rows of its table, by the words in which it is defined.

use graven_core::ask::write_key;
use graven_core::key::KeyBuf;
use graven_core::layout::Invalid;
use graven_core::layout::record::{RecordReader, head_size};
use graven_core::layout::stored::OwnedLayout;
use graven_core::page::LayoutId;
use graven_core::store::{CollectionKind, OnPage};
use graven_core::{Damage, Memory, Result};

use super::Value;
use super::body::Body;
use super::entry::StoredEntry;
use super::root::{IndexState, StoredRoot};
use crate::engine::verify::Audit;

/// The way in which entries follow from a row.
enum Definition<'a> {
    /// One entry of the values of these fields.
    Fields(Vec<&'a str>),
    /// An entry for each different element of a field.
    Each(&'a str),
    /// A function of the program.
    Function,
}

impl Definition<'_> {
    /// Reads the words of a definition: fields, `each` field, `by` a function, and what may follow
    /// these. An index of some rows has a function of the program, too.
    fn of(words: &str) -> Definition<'_> {
        let words = words.split(" references ").next().unwrap_or_default();
        let words = words.split(" version ").next().unwrap_or_default();
        if words.contains(" where ") || words.starts_with("by ") || words.starts_with("each by ") {
            return Definition::Function;
        }
        let field = |name: &str| name.find(" since ").unwrap_or(name.len());
        match words.strip_prefix("each ") {
            Some(name) => Definition::Each(name.split_at(field(name)).0),
            None => Definition::Fields(words.split(", ").map(|name| name.split_at(field(name)).0).collect()),
        }
    }
}

/// Checks that every entry of an index leads to a row, and that rows have the entries which their
/// fields call for. Returns `false` if a function of the program decides which these are.
pub(super) fn check<M: Memory>(
    table: &StoredRoot<M>,
    index: &StoredRoot<M>,
    audit: &mut Audit<'_>,
) -> Result<bool> {
    let (Body::Tree(rows), Some(state)) = (&table.body, index.index_state()?) else { return Ok(true) };
    let mut entries = index.entries();
    while let Some(entry) = entries.try_next()? {
        let row = row_of(index, &entry)?;
        let has = rows.lookup(rows.context.sizes, &row, |_| Ok(()))?;
        let has = has.ok_or_else(|| index.root().damaged(entry.page, Damage::OrphanEntry));
        audit.note(has)?;
    }
    let definition = Definition::of(index.definition().unwrap_or_default());
    if matches!(definition, Definition::Function) {
        return Ok(false);
    }
    let (mut walk, mut count, mut is_sure) = (table.entries(), 0_u64, true);
    while let Some(row) = walk.try_next()? {
        if !covers(&state, &row.key) {
            continue;
        }
        let Some(keys) = keys_of(table, index, &definition, &row)? else {
            is_sure = false;
            continue;
        };
        count = count.saturating_add(keys.len() as u64);
        for key in keys {
            let has = has(table, index, &key, &row)?;
            let has = if has { Ok(()) } else { Err(index.broken(Damage::MissingEntry)) };
            audit.note(has)?;
        }
    }
    if is_sure && count != index.stats().entries {
        return Err(index.broken(Damage::EntryCount));
    }
    Ok(true)
}

impl<M: Memory> StoredRoot<M> {
    /// Returns the key of the row and the included fields in the value of an index's entry. Without
    /// a unique index the key of the row is in the entry's key, and empty here.
    pub(super) fn row_and_included<'a>(&self, bytes: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), Damage> {
        let short = Damage::InvalidValue(Invalid("an entry ends before its fields"));
        if self.kind() == CollectionKind::Index {
            return Ok((&[], bytes));
        }
        if self.included().is_none() {
            return Ok((bytes, &[]));
        }
        let parts = match self.row_key().and_then(OwnedLayout::key_size) {
            Some(size) => bytes.split_at_checked(size),
            None => bytes
                .split_first_chunk()
                .and_then(|(len, rest)| rest.split_at_checked(u16::from_le_bytes(*len).into())),
        };
        parts.ok_or(short)
    }
}

/// Returns the names and bytes of the fields of a record.
fn fields_of<'a>(layout: &'a OwnedLayout, bytes: &'a [u8]) -> Result<Vec<(&'a str, &'a [u8])>, Invalid> {
    let OwnedLayout::Struct { fields, .. } = layout else { return Ok(Vec::new()) };
    let head = fields.iter().fold(0_usize, |sum, field| sum.saturating_add(head_size(field.layout.size())));
    let mut reader = RecordReader::new(bytes, head)?;
    fields.iter().map(|field| Ok((field.name.as_str(), reader.bytes(field.layout.size())?))).collect()
}

/// Returns `true` if the included fields of an entry are those of its row.
fn has_fields(
    included: &OwnedLayout,
    bytes: &[u8],
    layout: &OwnedLayout,
    row: &[u8],
) -> Result<bool, Invalid> {
    let row = fields_of(layout, row)?;
    // The words of the definition have no bytes.
    let mut included = fields_of(included, bytes)?.into_iter().skip(1);
    Ok(included.all(|field| row.contains(&field)))
}

fn covers(state: &IndexState, row: &[u8]) -> bool {
    match state {
        IndexState::Nothing => false,
        IndexState::UpTo(last) => row <= last.as_slice(),
        IndexState::Complete => true,
    }
}

/// Returns the encoded key of the row of an entry.
fn row_of<M: Memory>(index: &StoredRoot<M>, entry: &StoredEntry) -> Result<Vec<u8>> {
    let broken = |reason| index.root().damaged(entry.page, reason);
    if index.kind() == CollectionKind::UniqueIndex {
        let bytes = entry.value.as_deref().map_err(|_| broken(Damage::ValueTooLong))?;
        return index.row_and_included(bytes).map(|(row, _)| row.to_vec()).map_err(broken);
    }
    let value = index.key_layout().ok_or_else(|| broken(Damage::UnknownLayout))?;
    let (_, rest) = graven_core::ask::read_key_part(value, &entry.key, false)
        .map_err(|invalid| broken(invalid.into()))?;
    Ok(rest.to_vec())
}

/// Returns the keys of the entries of a row, without the key of the row. Returns `None` if the row
/// is stored in a previous layout, which the program migrates before it takes them.
fn keys_of<M: Memory>(
    table: &StoredRoot<M>,
    index: &StoredRoot<M>,
    definition: &Definition<'_>,
    row: &StoredEntry,
) -> Result<Option<Vec<KeyBuf>>> {
    if row.layout != Some(current(table)) {
        return Ok(None);
    }
    let Some(layout) = index.key_layout() else { return Ok(None) };
    let parts = table.decode(row)?;
    let Some((_, record)) = parts.into_iter().find(|(name, _)| *name == "value") else { return Ok(None) };
    let is_last = index.kind() == CollectionKind::UniqueIndex;
    let encode = |value: &Value| {
        let mut key = KeyBuf::new();
        write_key(layout, value, &mut key, is_last).map(|()| key)
    };
    let keys = match definition {
        Definition::Fields(names) => {
            let mut values = names.iter().filter_map(|name| record.at(name)).cloned().collect::<Vec<_>>();
            let value = if values.len() == names.len() && names.len() == 1 {
                values.pop()
            } else if values.len() == names.len() {
                Some(Value::List(values))
            } else {
                None
            };
            value.and_then(|value| encode(&value)).map(|key| vec![key])
        }
        Definition::Each(name) => match record.at(name) {
            Some(Value::List(values)) => values.iter().map(encode).collect(),
            Some(Value::Blob(bytes)) => {
                bytes.iter().map(|byte| encode(&Value::Nat((*byte).into()))).collect()
            }
            _ => None,
        },
        Definition::Function => None,
    };
    Ok(keys.map(|mut keys: Vec<KeyBuf>| {
        keys.sort_unstable_by(|a, b| a.as_slice().cmp(b.as_slice()));
        keys.dedup_by(|a, b| a.as_slice() == b.as_slice());
        keys
    }))
}

fn current<M: Memory>(root: &StoredRoot<M>) -> LayoutId {
    root.root().current()
}

/// Returns `true` if an index has an entry of a row, with the fields that it includes.
fn has<M: Memory>(
    table: &StoredRoot<M>,
    index: &StoredRoot<M>,
    key: &KeyBuf,
    row: &StoredEntry,
) -> Result<bool> {
    let Body::Tree(tree) = &index.body else { return Ok(false) };
    let (sizes, is_unique) = (tree.context.sizes, index.kind() == CollectionKind::UniqueIndex);
    let mut entry = key.clone();
    if !is_unique {
        entry.extend(&row.key);
    }
    let stored = row.layout.and_then(|layout| table.layout(layout)).zip(row.value.as_deref().ok());
    let check = |bytes: &[u8]| -> Result<bool, Damage> {
        let (owner, included) = index.row_and_included(bytes)?;
        if is_unique && owner != row.key {
            return Ok(false);
        }
        match (index.included(), stored) {
            (Some(layout), Some((of_row, value))) => Ok(has_fields(layout, included, of_row, value)?),
            _ => Ok(true),
        }
    };
    let found = tree.lookup(sizes, entry.as_slice(), |found| {
        let page = found.page;
        check(&found.read(tree.root().pager())?).on_page(tree.root(), page)
    });
    Ok(found? == Some(true))
}
