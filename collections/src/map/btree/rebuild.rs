//! Moves entries from one root to others, a few in each message: to change keys, to split a root or
//! to merge several.

use graven_core::key::{StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, OnPage};
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::progress::Step;
use crate::map::btree::BTreeMap;

impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Moves entries out of this map, least key first, until the budget is spent. `put` must insert
    /// each entry where it now belongs. When it returns without an error, the entry is removed from
    /// this map. The next call moves the rest, in this message or after an upgrade. Until then,
    /// look in both maps.
    ///
    /// Costs a read of the entry, a removal, and what `put` does. The budget is checked between
    /// entries; each call moves at least one, however large. If `put` panics or traps, its entry is
    /// still in this map.
    ///
    /// # Errors
    /// Those of `put`, with its entry still in this map; [`Error::Damaged`].
    ///
    /// # Example: another key
    /// ```
    /// use graven_collections::BTreeMap;
    /// use graven_core::store::{Budget, Collection, Options, Store};
    /// use graven_core::DefaultMemoryImpl;
    /// type Names = BTreeMap<u64, String>;
    /// type Numbers = BTreeMap<String, u64>;
    /// let roots = [Names::SPEC.named("names"), Numbers::SPEC.named("numbers")];
    /// let mut store = Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap();
    /// let (mut names, mut numbers) = (Names::attach(store.take(0)), Numbers::attach(store.take(1)));
    /// names.extend([(1, "one".to_string()), (2, "two".to_string())]);
    /// let mut put = |number, name| numbers.try_insert(name, number).map(drop);
    /// while !names.rebuild_within(&mut Budget::entries(1), &mut put).unwrap().is_done() {}
    /// assert_eq!(numbers.get("two"), Some(2));
    /// ```
    pub fn rebuild_within(
        &mut self,
        budget: &mut Budget<'_>,
        mut put: impl FnMut(K, V) -> Result<()>,
    ) -> Result<Step> {
        let mut moved = 0;
        while !budget.is_spent() {
            let entry = self.tree.first(|bytes, found| {
                let key = decode_key(bytes.as_slice()).on_page(self.tree.root(), found.page)?;
                Ok((bytes, key, self.decode(found)?))
            })?;
            let counted = self.tree.root().state().len.get() > 0;
            if entry.is_some() != counted {
                return Err(self.broken(Damage::EntryCount));
            }
            let Some((bytes, key, value)) = entry else { break };
            put(key, value)?;
            // Remove the stored bytes: in damaged memory the decoded key may have other bytes, and
            // `put` would be called with this entry again and again.
            if self.tree.remove(Self::SIZES, bytes.as_slice(), |_| Ok(()))?.is_none() {
                return Err(self.broken(Damage::KeysOutOfOrder));
            }
            budget.charge_read();
            budget.charge_write();
            moved += 1;
        }
        Ok(Step::until(moved, self.is_empty() && self.tree.root().state().len.get() == 0))
    }

    fn broken(&self, reason: Damage) -> Error {
        self.tree.root().damaged(self.tree.root().page(), reason)
    }
}
