//! Chunks of `Blobs`.

use graven_core::Memory;
use graven_core::ask::{read_key_part, write_key};
use graven_core::key::KeyBuf;
use graven_core::layout::Invalid;

use super::{Given, Loader, find, number};
use crate::blobs::MAX_CHUNK;
use crate::codec::keys::check_len;
use crate::stored::Value;
use crate::stored::body::Body;
use crate::stored::load_error::LoadError;

impl<M: Memory> Loader<M> {
    /// Adds a chunk after the last one of the same blob, or the first one of another blob.
    pub(super) fn add_chunk(&mut self, parts: &Given<'_>) -> Result<(), LoadError> {
        let name = self.blob_name(find(parts, "key")?)?;
        let Value::Blob(bytes) = find(parts, "bytes")? else { return Err(LoadError::Missing("bytes")) };
        let offset = number("offset", find(parts, "offset")?)?;
        let expected = if self.last.as_ref() == Some(&name) { self.next } else { 0 };
        if offset != expected {
            return Err(LoadError::Order { expected });
        }
        if bytes.len() > MAX_CHUNK || bytes.is_empty() && offset > 0 {
            return Err(LoadError::Value(Invalid("a chunk of a blob has 1 byte to nearly 1 MiB")));
        }
        let root = self.root()?;
        let Body::Tree(tree) = &root.body else { return Err(LoadError::Kind(root.kind())) };
        let mut key = name.clone();
        key.push(offset.to_be_bytes());
        if !tree.add(tree.context.sizes, key.as_slice(), bytes)? {
            return Err(LoadError::Duplicate);
        }
        self.next = offset.saturating_add(bytes.len() as u64);
        self.last = Some(name);
        Ok(())
    }

    /// Encodes the key of a blob, which the offset of a chunk follows.
    fn blob_name(&self, value: &Value) -> Result<KeyBuf, LoadError> {
        let layout = self.root()?.stored_key().ok_or(LoadError::Missing("key"))?;
        let mut name = KeyBuf::new();
        write_key(layout, value, &mut name, false).ok_or(LoadError::Key)?;
        check_len(name.len().saturating_add(8))?;
        match read_key_part(layout, name.as_slice(), false) {
            Ok((_, [])) => Ok(name),
            _ => Err(LoadError::Key),
        }
    }
}
