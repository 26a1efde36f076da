//! Answers requests of tools: rows in the order of an index, that meet a filter of names and
//! values.

use std::ops::Bound;

use graven_core::ask::{Answer, AskError, Comparison, Filter, Request, Value, orders_as_values, write_key};
use graven_core::key::{KeyBuf, KeyPrefix, StableKey};
use graven_core::layout::stored::OwnedLayout;
use graven_core::layout::{Layout, encode};
use graven_core::store::{Budget, Collection, OnPage, RootSpec};
use graven_core::{Memory, Result};

use crate::codec::range::beginning_with;
use crate::codec::value::decode_found;
use crate::cursor::{Cursor, Direction};
use crate::engine::bounds::KeyRange;
use crate::engine::btree::Tree;
use crate::engine::cell::{Sizes, StoredValue};
use crate::table::body::Body;
use crate::table::index::IndexTree;
use crate::table::{Record, Table};

/// The number of rows in an answer, at most.
const MOST: usize = 1_000;

/// The order in which rows are read: that of their keys, or that of an index.
struct Order<'a, M> {
    tree: &'a Tree<M>,
    sizes: Sizes,
    spec: &'a RootSpec,
    index: Option<&'a IndexTree<M>>,
    range: KeyRange,
}

impl<R: Record, M: Memory> Body<R, M> {
    /// Answers a request, for as long as the budget lasts.
    pub(super) fn ask(&self, request: &Request, budget: &mut Budget<'_>) -> Result<Answer, AskError> {
        let layout = OwnedLayout::from(R::LAYOUT);
        let exists = |name: &str| layout.field(name).is_some();
        request.filter.iter().try_for_each(|filter| filter.check(&exists))?;
        let fields = request.fields.as_deref().unwrap_or_default();
        if let Some(unknown) = fields.iter().find(|name| !exists(name)) {
            return Err(AskError::UnknownField(unknown.clone()));
        }
        let Order { tree, sizes, spec, index, range } = self.order(request)?;
        let root = tree.root();
        let from = request.after.as_deref().map(Cursor::from_bytes).transpose()?;
        let (direction, range) = match &from {
            None if request.descending => (Direction::Backward, range),
            from => Cursor::ahead(from.as_ref(), range, root, spec, sizes.key)?,
        };
        let (mut walk, mut answer, mut last) = (tree.cursor(range.0, range.1), Answer::default(), None);
        let limit = MOST.min(request.limit as usize);
        loop {
            let is_over =
                answer.rows.len() >= limit || (answer.read > 0 && budget.is_spent_between_entries());
            let read = |key: &[u8], found: StoredValue<'_>| {
                // One more shows whether there is one.
                let row = if is_over { None } else { Some(self.asked_row(index, key, found)?) };
                Ok((KeyBuf::from(key), row))
            };
            let step = walk.toward(direction, sizes, read)?;
            let Some((key, Some(row))) = step else {
                let at = last.filter(|_| step.is_some()).map_or(Bound::Unbounded, Bound::Excluded);
                answer.next = step.map(|_| Cursor::ordered(root, spec, direction, &at).to_bytes());
                return Ok(answer);
            };
            budget.charge_read();
            budget.charge_write();
            (answer.read, last) = (answer.read.saturating_add(1), Some(key));
            let value = Value::decode(&layout, &encode(&row)).on_page(self.root(), self.root().page())?;
            if request.filter.as_ref().is_none_or(|filter| filter.holds(&value)) {
                answer.rows.push(projected(value, request.fields.as_deref()));
            }
        }
    }

    fn asked_row(&self, index: Option<&IndexTree<M>>, key: &[u8], found: StoredValue<'_>) -> Result<R> {
        match index {
            Some(index) => self.row(index.row_key(key, found)?),
            None => decode_found(self.rows.tree.root(), found),
        }
    }

    fn order<'a>(&'a self, request: &Request) -> Result<Order<'a, M>, AskError> {
        let filter = request.filter.as_ref();
        let Some(name) = &request.order else {
            let names = key_fields::<R>();
            let range = narrowed(filter, &names, R::Key::KEY, false, names.len() == 1);
            let (tree, spec) = (&self.rows.tree, &<Table<R, M> as Collection>::SPEC);
            return Ok(Order { tree, sizes: Self::SIZES, spec, index: None, range });
        };
        let unknown = || AskError::UnknownIndex(name.clone());
        let at = R::INDEXES.iter().position(|spec| spec.name == name).ok_or_else(unknown)?;
        let (Some(spec), Some(root)) = (R::INDEXES.get(at), R::ROOTS.get(at)) else { return Err(unknown()) };
        let index = self.index_at(at)?;
        let value = match spec.key {
            Layout::Tuple([value, _]) if !spec.is_unique => value,
            value => value,
        };
        let is_last = spec.is_unique && spec.fields.len() == 1;
        let range = narrowed(filter, spec.fields, value, spec.is_each, is_last);
        Ok(Order { tree: &index.tree, sizes: index.sizes(), spec: root, index: Some(index), range })
    }
}

/// Returns the names of the fields of the key.
fn key_fields<R: Record>() -> Vec<&'static str> {
    let Layout::Struct { fields, .. } = R::KEY_LAYOUT else { return Vec::new() };
    fields.iter().map(|field| field.name).collect()
}

/// Returns the fields that were asked for.
fn projected(row: Value, fields: Option<&[String]>) -> Vec<(String, Value)> {
    match (fields, row) {
        (None, Value::Record(all)) => all,
        (None, _) => Vec::new(),
        (Some(fields), row) => {
            let field = |name: &String| row.at(name).map(|value| (name.clone(), value.clone()));
            fields.iter().filter_map(field).collect()
        }
    }
}

/// Returns a range that has all entries of rows which meet a filter, by its conditions on the first
/// field. `layout` is that of all fields together.
fn narrowed(
    filter: Option<&Filter>,
    fields: &[&str],
    layout: &'static Layout,
    is_each: bool,
    is_last: bool,
) -> KeyRange {
    let (mut start, mut end) = (Bound::Unbounded, Bound::Unbounded);
    let layout = match (fields, layout) {
        ([_, _, ..], Layout::Tuple([first, ..])) => first,
        _ => layout,
    };
    let (Some(filter), Some(first)) = (filter, fields.first()) else { return (start, end) };
    let layout = OwnedLayout::from(layout);
    for (name, is, value) in filter.always() {
        let mut key = KeyBuf::new();
        if name != *first || is_each != (is == Comparison::Contains) {
            continue;
        }
        if let (Comparison::Prefix, Value::Text(text)) = (is, value) {
            let is_text = matches!(layout, OwnedLayout::String | OwnedLayout::Text(_));
            if is_text {
                KeyPrefix::<String>::write_prefix(text.as_str(), &mut key, is_last);
                return beginning_with(key);
            }
            continue;
        }
        if !orders_as_values(&layout) || write_key(&layout, value, &mut key, is_last).is_none() {
            continue;
        }
        match is {
            Comparison::Equal | Comparison::Contains => return beginning_with(key),
            Comparison::Less | Comparison::AtMost => end = beginning_with(key).1,
            Comparison::Greater | Comparison::AtLeast => start = Bound::Included(key),
            Comparison::Prefix => {}
        }
    }
    (start, end)
}
