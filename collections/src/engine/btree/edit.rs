//! Changes to many entries of one leaf at once. The user's code decides about all of them first,
//! then the leaf is rewritten. So a decision that panics leaves the leaf unchanged.

use graven_core::page::{PageBytes, PageNumber};
use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::page::node::NodeHeader;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::leaves::LeafBounds;
use crate::engine::btree::tree::Tree;
use crate::engine::cell::StoredValue;
use crate::engine::cell::{ROOM, compare};
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};
use crate::engine::migrate::STEP;

/// The fate of an entry.
pub(crate) enum Edit {
    /// The entry stays.
    Keep,
    /// The entry is removed.
    Remove,
    /// The entry gets this value, encoded in the current layout.
    Put(Vec<u8>),
}

/// A visitor that decides about entries and when to stop.
pub(crate) trait Editor {
    /// `true` if entries may get other values.
    const MAY_PUT: bool = true;

    /// Returns the fate of an entry.
    fn decide(&mut self, key: &[u8], found: StoredValue<'_>) -> Result<Edit>;

    /// Returns `true` if the rest has to wait.
    fn is_spent(&mut self) -> bool;
}

/// The changes to a leaf.
pub(crate) struct Edited {
    /// The number of entries that were decided about.
    pub(crate) seen: u64,
    /// The number of entries that got another value.
    pub(crate) changed: u64,
    /// The number of removed entries.
    pub(crate) removed: u64,
    /// The bound from which the range continues, or `None` at its end.
    pub(crate) next: Option<Bound<KeyBuf>>,
}

/// Decisions about the entries of a leaf.
#[derive(Default)]
struct Decided {
    seen: u64,
    removed: Vec<usize>,
    put: Vec<(usize, Vec<u8>)>,
    /// The key of the last entry seen, if more of the range may follow in the leaf.
    stopped: Option<KeyBuf>,
    /// `true` if the end of the range was met.
    ended: bool,
}

impl<M: Memory> Tree<M> {
    /// Asks `editor` about the entries of a range that are in its first leaf, then applies the
    /// decisions. On an error nothing has changed.
    pub(crate) fn edit_leaf<E: Editor>(
        &self,
        start: &Bound<KeyBuf>,
        end: &Bound<KeyBuf>,
        editor: &mut E,
    ) -> Result<Edited> {
        if self.is_empty() {
            return Ok(Edited { seen: 0, changed: 0, removed: 0, next: None });
        }
        let key = match start {
            Bound::Included(key) | Bound::Excluded(key) => key.as_slice(),
            Bound::Unbounded => &[],
        };
        let (page, bounds, bytes) = self.roomy_leaf::<E>(key)?;
        let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
        let items = self.context.items(page, &bytes)?;
        let decided = self.decide(page, &items, start, end, editor)?;
        let (changed, removed) = (decided.put.len() as u64, decided.removed.len() as u64);
        let next = next_leaf(key, &decided, bounds).on_page(self.root(), page)?;
        let edited = Edited { seen: decided.seen, changed, removed, next };
        if changed + removed > 0 {
            self.apply(page, &header, items, decided, key)?;
        }
        Ok(edited)
    }

    /// Returns the leaf of `key`. If values may be put, it has room for the current layout. Making
    /// that room is a separate operation, before anything is decided.
    fn roomy_leaf<E: Editor>(&self, key: &[u8]) -> Result<(PageNumber, LeafBounds, Box<PageBytes>)> {
        for is_again in [false, true] {
            let (page, bounds) = self.leaf_bounds(key)?;
            let bytes = self.root().pager().read_page(page)?;
            let header = node::header(bytes.as_slice()).on_page(self.root(), page)?;
            self.context.expect_leaf(page, &header)?;
            if !E::MAY_PUT || node::has_room_for(&header, self.root().current()) {
                return Ok((page, bounds, bytes));
            }
            if !is_again {
                self.free_layout_slot(key)?;
            }
        }
        Err(self.root().damaged(self.root().page(), Damage::UnlistedLayout))
    }

    /// Asks `editor` about the entries of a leaf, one after another, and returns the decisions.
    fn decide(
        &self,
        page: PageNumber,
        items: &[OwnedCell<'_>],
        start: &Bound<KeyBuf>,
        end: &Bound<KeyBuf>,
        editor: &mut impl Editor,
    ) -> Result<Decided> {
        let (mut decided, mut bytes) = (Decided::default(), 0);
        for (index, item) in items.iter().enumerate() {
            let head = self.context.item_head(0, item)?;
            let broken = || self.root().damaged(page, Damage::CellTooShort);
            let key = item.cell.get(head.key()).ok_or_else(broken)?;
            if is_before(key, start) {
                continue;
            }
            if is_behind(key, end) {
                decided.ended = true;
                break;
            }
            let found = StoredValue::in_cell(page, item.layout, &item.cell, item.owns, &head)
                .on_page(self.root(), page)?;
            match editor.decide(key, found)? {
                Edit::Keep => {}
                Edit::Remove => decided.removed.push(index),
                Edit::Put(value) => {
                    bytes += value.len();
                    decided.put.push((index, value));
                }
            }
            decided.seen += 1;
            if bytes > STEP || editor.is_spent() {
                decided.stopped = Some(KeyBuf::from(key));
                break;
            }
        }
        Ok(decided)
    }

    /// Applies the decisions to a leaf and writes it.
    #[expect(clippy::indexing_slicing, reason = "`decided` has numbers of these items")]
    fn apply(
        &self,
        page: PageNumber,
        header: &NodeHeader,
        mut items: Vec<OwnedCell<'_>>,
        decided: Decided,
        key: &[u8],
    ) -> Result<()> {
        let mut removed = Vec::with_capacity(decided.removed.len());
        for index in &decided.removed {
            let item = &items[*index];
            let head = self.context.item_head(0, item)?;
            let chain = match item.owns {
                true => Some((head.page, self.root().pager().check_overflow_of(head.page, head.value_len)?)),
                false => None,
            };
            removed.push((head.entry_bytes(), chain));
        }
        let mut changes = self.context.put_values(&mut items, decided.put)?;
        let state = &mut changes.state;
        for (bytes, chain) in removed {
            state.remove_entries(1, bytes);
            if let Some((chain, pages)) = chain {
                state.remove_pages(pages);
                changes.freed.push(chain);
            }
        }
        let mut gone = decided.removed.iter().peekable();
        let mut index = 0;
        items.retain(|_| {
            let goes = gone.next_if_eq(&&index).is_some();
            index += 1;
            !goes
        });
        let is_one = node::size_of(&items) <= ROOM;
        self.context.finish_migration(changes, |state| {
            self.replace_leaves(&[(page, *header)], &items, Split::Even, key, state)
        })?;
        if is_one && !decided.removed.is_empty() { self.merge_if_sparse(page, key) } else { Ok(()) }
    }
}

/// Returns the bound from which a walk continues.
fn next_leaf(key: &[u8], decided: &Decided, bounds: LeafBounds) -> Result<Option<Bound<KeyBuf>>, Damage> {
    match (&decided.stopped, decided.ended, bounds.high) {
        (Some(last), ..) => Ok(Some(Bound::Excluded(last.clone()))),
        (None, true, _) | (None, false, None) => Ok(None),
        (None, false, Some(high)) if compare(high.as_slice(), key).is_gt() => Ok(Some(Bound::Included(high))),
        // Damaged separators must not make a walk go in circles.
        _ => Err(Damage::SeparatorsOutOfOrder),
    }
}

fn is_before(key: &[u8], start: &Bound<KeyBuf>) -> bool {
    match start {
        Bound::Unbounded => false,
        Bound::Included(start) => compare(key, start.as_slice()).is_lt(),
        Bound::Excluded(start) => compare(key, start.as_slice()).is_le(),
    }
}

fn is_behind(key: &[u8], end: &Bound<KeyBuf>) -> bool {
    match end {
        Bound::Unbounded => false,
        Bound::Included(end) => compare(key, end.as_slice()).is_gt(),
        Bound::Excluded(end) => compare(key, end.as_slice()).is_ge(),
    }
}
