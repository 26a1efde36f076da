//! Entries of `Nested` and `Records`.

use graven_core::Memory;
use graven_core::layout::stored::OwnedLayout;
use graven_core::store::CollectionKind;

use super::{Given, Loader, encoded_key, find, number};
use crate::codec::keys::check_len;
use crate::nested::fill::Added;
use crate::nested::row::border;
use crate::stored::body::{Body, own_key};
use crate::stored::load_error::LoadError;
use crate::stored::{StoredRoot, Value};

impl<M: Memory> Loader<M> {
    /// Adds a record, or an item to the collection of a key. A `Nested` creates the collection with
    /// its first item.
    pub(super) fn add_nested(&self, parts: &Given<'_>) -> Result<(), LoadError> {
        let root = self.root()?;
        let Body::Nested(trees) = &root.body else { return Err(LoadError::Kind(root.kind())) };
        let kind = root.kind();
        let mut key = border();
        key.extend(
            encoded_key(root.key_layout().ok_or(LoadError::Missing("key"))?, find(parts, "key")?)?.as_slice(),
        );
        check_len(key.len())?;
        let is_deque = matches!(kind, CollectionKind::NestedDeque | CollectionKind::RecordsDeque);
        if let Ok(record) = find(parts, "record") {
            let value = Value::List(vec![record.clone()]);
            let value = self.encoded(&Value::Variant("Ok".to_owned(), Box::new(value)))?;
            let is_new = trees.add_record(&key, is_deque, &value)?;
            return if is_new { Ok(()) } else { Err(LoadError::Duplicate) };
        }
        let value = self.item_value(root, parts)?;
        let added = if kind.has_lists() {
            trees.add_to_list(&key, is_deque, number("index", find(parts, "index")?)?, &value)?
        } else {
            let layout = own_key(root.stored_key()).ok_or(LoadError::Missing("item"))?;
            let item = encoded_key(layout, find(parts, "item")?).map_err(|why| match why {
                LoadError::Key => LoadError::Missing("item"),
                why => why,
            })?;
            check_len(item.len().saturating_add(8))?;
            trees.add_item(&key, item.as_slice(), &value)?
        };
        match added {
            Added::New => Ok(()),
            Added::Duplicate => Err(LoadError::Duplicate),
            Added::Expected(expected) => Err(LoadError::Order { expected }),
            Added::NoRecord => Err(LoadError::NoRecord),
        }
    }

    /// Encodes the value of an item. Sets have the value `()`.
    fn item_value(&self, root: &StoredRoot<M>, parts: &Given<'_>) -> Result<Vec<u8>, LoadError> {
        let is_set = matches!(root.kind(), CollectionKind::NestedSet | CollectionKind::RecordsSet);
        let value = match is_set {
            true => Value::decode(&OwnedLayout::Tuple(Vec::new()), &[]).map_err(LoadError::Value)?,
            false => find(parts, "value")?.clone(),
        };
        match root.kind().has_records() {
            true => self.encoded(&Value::Variant("Err".to_owned(), Box::new(value))),
            false => self.encoded(&value),
        }
    }
}
