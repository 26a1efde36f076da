//! Insertion of an entry unless its key has one. An existing entry stays as it is and costs no
//! write.

use graven_core::{Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::Sizes;
use crate::engine::fixed::Sought;
use crate::engine::leaf::reader::NodeReader;

impl<M: Memory> Tree<M> {
    /// Adds an entry unless its key has one. Returns `true` if it was added.
    pub(crate) fn add(&self, sizes: Sizes, key: &[u8], value: &[u8]) -> Result<bool> {
        if self.is_empty() {
            return self.create_root(key, value).map(|()| true);
        }
        let leaf = self.leaf(sizes, key)?;
        let pager = self.root().pager().clone();
        pager.with_scratch(|bytes| {
            let mut part = NodeReader::open_node(&pager, self.root().page(), leaf, bytes)?;
            if let Some(fixed) = part.current_cells(&self.context, sizes) {
                let hash = fixed.lookup_hash(key);
                return match part.seek(fixed, fixed.key, key, hash)?.0 {
                    Sought::Hit { .. } => Ok(false),
                    Sought::Miss { free } => {
                        self.put_fixed(sizes, &mut part, (hash, free), key, value).map(|()| true)
                    }
                };
            }
            match part.search(&self.context, key)? {
                Ok(_) => Ok(false),
                Err(index) => self.put(&mut part, index, None, key, value).map(|()| true),
            }
        })
    }
}
