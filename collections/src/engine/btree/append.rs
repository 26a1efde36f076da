//! Appending of many entries after all others. Leaves are packed full from left to right, and each
//! is written once.

use crate::engine::leaf::context::LeafContext;
use std::ops::Range;

use graven_core::key::KeyBuf;
use graven_core::page::{PageNumber, extent};
use graven_core::store::OnPage;
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{Form, compare};
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};

/// A key and a value, encoded in the current layout.
pub(crate) type Entry = (KeyBuf, Vec<u8>);

impl<M: Memory> Tree<M> {
    /// Returns the greatest key, or `None` if the tree is empty.
    pub(crate) fn last_key(&self) -> Result<Option<KeyBuf>> {
        if self.is_empty() {
            return Ok(None);
        }
        let page = self.leaf_below(None)?.page;
        let bytes = self.root().pager().read_page(page)?;
        let items = self.context.leaf_items(page, &bytes)?;
        let empty = || self.root().damaged(page, Damage::EmptyNode);
        Ok(Some(KeyBuf::from(self.context.item_key(0, items.last().ok_or_else(empty)?)?)))
    }

    /// Adds entries whose keys ascend and are above all others. Returns how many were added, and
    /// the error that stopped the rest. If there is no room for all, as many are added as fit.
    pub(crate) fn append(&self, entries: &[Entry]) -> (usize, Result<()>) {
        self.append_in_pieces(entries.len(), |range| match entries.get(range.clone()).unwrap_or_default() {
            [(key, value), ..] if self.is_empty() => self.create_root(key.as_slice(), value).map(|()| 1),
            entries => self.append_run(entries).map(|()| range.len()),
        })
    }

    /// Adds `count` entries by calls of `add` with ranges of them, which return how many they
    /// added. Halves the range while memory is exhausted.
    pub(crate) fn append_in_pieces(
        &self,
        count: usize,
        add: impl Fn(Range<usize>) -> Result<usize>,
    ) -> (usize, Result<()>) {
        let (mut done, mut next) = (0, count);
        while done < count {
            match add(done..done + next) {
                Ok(added) => {
                    done += added;
                    next = count - done;
                }
                Err(Error::OutOfMemory { .. }) if next > 1 => next /= 2,
                Err(error) => return (done, Err(error)),
            }
        }
        (done, Ok(()))
    }

    /// Adds all entries or, with an error, none. The tree must not be empty.
    pub(crate) fn append_run(&self, entries: &[Entry]) -> Result<()> {
        let Some((first, _)) = entries.first() else { return Ok(()) };
        let pager = self.root().pager();
        let page = self.leaf(self.context.sizes, first.as_slice())?.page;
        let bytes = pager.read_page(page)?;
        let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
        let mut items = self.context.leaf_items(page, &bytes)?;
        let last = items.last().map(|item| self.context.item_key(0, item)).transpose()?;
        if last.is_none_or(|last| compare(last, first.as_slice()).is_ge()) {
            return Err(self.root().damaged(page, Damage::KeysOutOfOrder));
        }
        // Overflow pages are written before the leaves, so reserve room for all of them first.
        pager.reserve(self.overflow_pages(entries))?;
        let (mut state, mut chains) = (self.root().state(), Vec::new());
        let written = entries.iter().try_for_each(|(key, value)| {
            let (item, pages) = self.appended(key.as_slice(), value, &mut chains)?;
            items.push(item);
            state.add_entries(1, (key.len() + value.len()) as u64);
            state.add_pages(pages);
            Ok(())
        });
        let written = written.and_then(|()| {
            self.replace_leaves(&[(page, header)], &items, Split::Full, first.as_slice(), state)
        });
        if written.is_err() {
            pager.free_overflows(chains)?;
        }
        written
    }

    /// Writes the overflow pages of an entry, if it needs any. Returns its cell and their number.
    fn appended(
        &self,
        key: &[u8],
        value: &[u8],
        chains: &mut Vec<PageNumber>,
    ) -> Result<(OwnedCell<'static>, u32)> {
        let format = LeafContext::<M>::new_format(self.context.sizes, key.len(), value.len());
        if format.form != Form::Overflow {
            return Ok((self.context.item(format, key, PageNumber::NONE, value), 0));
        }
        let (chain, pages) = self.root().pager().write_overflow(value)?;
        chains.push(chain);
        Ok((self.context.item(format, key, chain, value), pages))
    }

    fn overflow_pages(&self, entries: &[Entry]) -> u32 {
        let chained = |(key, value): &&Entry| {
            LeafContext::<M>::new_format(self.context.sizes, key.len(), value.len()).form == Form::Overflow
        };
        let pages = entries.iter().filter(chained).map(|(_, value)| extent::pages_for(value.len()));
        pages.fold(0, u32::saturating_add)
    }

    /// Returns the number of pages that `leaves` leaves in place of one may need, including full
    /// inner nodes of at least four children.
    pub(crate) fn spare_pages_of_load(&self, leaves: usize) -> u32 {
        (leaves + leaves / 3) as u32 + 2 * self.root().state().height.get() + 8
    }
}
