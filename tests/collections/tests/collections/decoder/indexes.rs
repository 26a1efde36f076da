//! The indexes of tables, and the keys of their rows.

use super::contents::{Listed, Listing, More, Record};
use super::descriptor::Type;
use super::key::{decode_key, key_size};
use super::roots::{Collection, OWN_LAYOUT, Root};
use super::tree::{Entry, Form, entries};
use super::value::{Value, decode, size};

impl Listing<'_, '_> {
    /// Returns the entries of an index: the key is the value, and the value the key of the row with
    /// the fields that the index includes.
    pub(super) fn index(&self, root: &Root) -> (Vec<Record>, More) {
        let key = &self.layouts[usize::from(root.key_layout.expect("an index has keys"))].of;
        let (table, _) = root.name.rsplit_once('.').expect("the name of a table and of its index");
        let row = &of_rows(&self.layouts[usize::from(self.tables[table])].of);
        let is_unique = root.collection == Collection::UniqueIndex;
        let definition = &self.layouts[usize::from(root.rows[0].layout)].of;
        let Type::Struct { fields, .. } = definition else { panic!("{}: {definition:?}", root.name) };
        let included = (fields.len() > 1).then_some(definition);
        let row_size = if is_unique { key_size(row) } else { Some(0) };
        let value = |layout: u16| {
            assert_eq!(layout, OWN_LAYOUT, "the layout of an index's values");
            row_size.zip(included.map_or(Some(0), size)).map(|(row, included)| row + included)
        };
        let form = Form { key: key_size(key), value: &value };
        let mut rows = Vec::new();
        let record = |entry: Entry| {
            let (row_bytes, included_bytes) = match (included, row_size) {
                (None, _) => (&entry.value[..], &[][..]),
                (Some(_), Some(size)) => entry.value.split_at(size),
                (Some(_), None) => {
                    let len = u16::from_le_bytes([entry.value[0], entry.value[1]]);
                    entry.value[2..].split_at(len.into())
                }
            };
            let (of, row) = match decode_key(key, &entry.key) {
                of if is_unique => (of, decode_key(row, row_bytes)),
                Value::Tuple(mut parts) if parts.len() == 2 => {
                    let row = parts.pop().expect("two parts");
                    (parts.remove(0), row)
                }
                other => panic!("{}: {other:?} is no pair of a value and a key", root.name),
            };
            rows.push(row.clone());
            let value = match included {
                None => row,
                Some(included) => {
                    let Value::Struct(mut fields) = decode(included, included_bytes) else {
                        panic!("a struct")
                    };
                    // The words of the definition have no bytes.
                    fields.remove(0);
                    Value::Tuple(vec![row, Value::Struct(fields)])
                }
            };
            Record { key: Some(of), value, layout: entry.layout, chained: entry.chained }
        };
        let records = entries(self.memory, root, &form).into_iter().map(record).collect();
        (records, More::Indexed { state: root.extra[0], rows })
    }
}

/// Returns the type of the keys of rows: the one field of the struct, or a tuple of several.
pub(super) fn of_rows(key: &Type) -> Type {
    let Type::Struct { fields, version: 0, .. } = key else { panic!("{key:?} is no key of rows") };
    match fields.as_slice() {
        [field] => field.of.clone(),
        fields => Type::Tuple(fields.iter().map(|field| field.of.clone()).collect()),
    }
}

/// Checks that every entry of an index names a row of its table.
pub(super) fn indexes_lead_to_rows(roots: &[Listed]) {
    for index in roots.iter().filter(|listed| listed.root.collection.is_index()) {
        let name = &index.root.name;
        let (table, _) = name.rsplit_once('.').expect("the name of a table and of its index");
        let table = roots.iter().find(|listed| listed.root.name == table).expect("an index has a table");
        let keys: Vec<&Value> = table.records.iter().filter_map(|record| record.key.as_ref()).collect();
        let More::Indexed { rows, .. } = &index.more else { panic!("{name} is an index") };
        assert!(rows.iter().all(|row| keys.contains(&row)), "{name} leads to rows");
    }
}
