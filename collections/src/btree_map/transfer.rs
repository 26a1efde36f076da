//! Moving entries between two maps of one type, as they are stored: all of them, or those from a key on.

use std::borrow::Cow;
use std::ops::Bound;

use graven_core::error::fail;
use graven_core::key::{KeyBuf, KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::Budget;
use graven_core::{Error, Memory, Result};

use super::BTreeMap;
use super::append::Entry;
use super::cell::compare;
use super::edit::{Edit, Editor};
use super::load::BATCH;
use super::tree::{Found, Tree};
use crate::convert;
use crate::keys::written;

/// How far a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct Moved {
    /// Entries moved by this call.
    pub moved: u64,
    /// Whether none is left to be moved.
    pub done: bool,
}

/// Moving entries from map to map. Each is in one of them at all times. Whatever a move does to one map and the other
/// are operations of their own: it can stop anywhere, and the next call goes on.
impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Moves all entries of another map into this one, over what has the same keys, all in this message: for maps that
    /// are known to be small.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; what was moved until then stays moved.
    pub fn append<N: Memory>(&mut self, other: &mut BTreeMap<K, V, N>) {
        let mut more = || true;
        while !self
            .append_some(other, &mut Budget::while_true(&mut more))
            .unwrap_or_else(|error| fail(&error))
            .done
        {}
    }

    /// The same while the budget lasts; it counts entries. Costs a look at each leaf of the other map and its removal,
    /// and an insert for each entry; entries behind all of this map are packed into full leaves instead, as
    /// with [`BTreeMap::load_sorted`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] or [`Error::Damaged`]: nothing was moved then. If some entries were moved before,
    /// the call ends without an error and the next one meets it.
    ///
    /// # Example: last year's orders join the archive
    /// ```
    /// use graven_collections::{BTreeMap, Collection};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::{Budget, Options, Store};
    /// type Orders = BTreeMap<u64, String>;
    /// let roots = [Orders::SPEC.named("archive"), Orders::SPEC.named("orders")];
    /// let mut store = Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap();
    /// let (mut archive, mut orders) = (Orders::attach(store.take(0)), Orders::attach(store.take(1)));
    /// orders.extend((0..500).map(|n| (n, format!("order {n}"))));
    /// while !archive.append_some(&mut orders, &mut Budget::entries(100)).unwrap().done {}
    /// assert_eq!((archive.len(), orders.len()), (500, 0));
    /// ```
    pub fn append_some<N: Memory>(
        &mut self,
        other: &mut BTreeMap<K, V, N>,
        budget: &mut Budget<'_>,
    ) -> Result<Moved> {
        move_some(&other.tree, &self.tree, Bound::Unbounded, budget)
    }

    /// Moves the entries from `key` on into another map, all in this message: for maps that are known to be small.
    ///
    /// # Panics
    /// As [`BTreeMap::append`].
    pub fn split_off<Q: KeyRef<K> + ?Sized, N: Memory>(&mut self, key: &Q, into: &mut BTreeMap<K, V, N>) {
        let mut more = || true;
        while !self
            .split_off_some(key, into, &mut Budget::while_true(&mut more))
            .unwrap_or_else(|error| fail(&error))
            .done
        {}
    }

    /// The same while the budget lasts, as [`BTreeMap::append_some`]. Entries that the other map has already stay, but
    /// for those with the same keys.
    ///
    /// # Errors
    /// As [`BTreeMap::append_some`].
    ///
    /// # Example: half of the names
    /// ```
    /// use graven_collections::{BTreeMap, Collection};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::{Budget, Options, Store};
    /// type Names = BTreeMap<String, u64>;
    /// let roots = [Names::SPEC.named("a to m"), Names::SPEC.named("n to z")];
    /// let mut store = Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap();
    /// let (mut front, mut back) = (Names::attach(store.take(0)), Names::attach(store.take(1)));
    /// front.extend([("Ada".into(), 1), ("Nina".into(), 2), ("Zoe".into(), 3)]);
    /// assert!(front.split_off_some("N", &mut back, &mut Budget::entries(100)).unwrap().done);
    /// assert_eq!((front.len(), back.get("Zoe")), (1, Some(3)));
    /// ```
    pub fn split_off_some<Q: KeyRef<K> + ?Sized, N: Memory>(
        &mut self,
        key: &Q,
        into: &mut BTreeMap<K, V, N>,
        budget: &mut Budget<'_>,
    ) -> Result<Moved> {
        let start = written(key);
        move_some(&self.tree, &into.tree, Bound::Included(start), budget)
    }
}

fn move_some<M: Memory, N: Memory>(
    source: &Tree<M>,
    target: &Tree<N>,
    start: Bound<KeyBuf>,
    budget: &mut Budget<'_>,
) -> Result<Moved> {
    let mut moved = Moved::default();
    let mut last = target.last_key()?;
    while !budget.is_spent() {
        let step = gather(source, &start, budget).and_then(|entries| {
            let added = put(target, &entries, &mut last)?;
            take_out(source, &start, &entries[..added])?;
            Ok((added, entries.is_empty()))
        });
        match step {
            Ok((_, true)) => return Ok(Moved { done: true, ..moved }),
            Ok((added, false)) => moved.moved += added as u64,
            Err(error) if moved.moved == 0 => return Err(error),
            Err(_) => break,
        }
    }
    Ok(moved)
}

/// The first entries of a tree from a bound on, in the newest layout: those of about a leaf.
fn gather<M: Memory>(tree: &Tree<M>, start: &Bound<KeyBuf>, budget: &mut Budget<'_>) -> Result<Vec<Entry>> {
    let (mut entries, mut bytes): (Vec<Entry>, usize) = (Vec::new(), 0);
    let mut walk = tree.cursor(start.clone(), Bound::Unbounded);
    while bytes < BATCH && (entries.is_empty() || !budget.is_spent_between_entries()) {
        let next = walk.next(tree.sizes, |key, found| Ok((KeyBuf::from(key), newest(tree, found)?)))?;
        let Some((key, value)) = next else { break };
        budget.look();
        budget.migrate();
        bytes += key.len() + value.len();
        entries.push((key, value));
    }
    Ok(entries)
}

/// A value as it is written in the newest layout.
fn newest<M: Memory>(tree: &Tree<M>, found: Found<'_>) -> Result<Vec<u8>> {
    if found.layout == tree.root.newest() {
        return found.read(tree.root.pager()).map(Cow::into_owned);
    }
    convert::one(&tree.root, tree.convert, found)
}

/// Puts entries into a tree; gives how many, at least one. `last` is its greatest key.
fn put<M: Memory>(tree: &Tree<M>, entries: &[Entry], last: &mut Option<KeyBuf>) -> Result<usize> {
    let is_behind = |key: &KeyBuf, last: &Option<KeyBuf>| {
        last.as_ref().is_none_or(|last| compare(key.as_slice(), last.as_slice()).is_gt())
    };
    let among = entries.iter().position(|(key, _)| is_behind(key, last)).unwrap_or(entries.len());
    let (among, behind) = entries.split_at(among);
    let mut added = 0;
    let mut result = Ok(());
    for (key, value) in among {
        result = tree.insert(tree.sizes, key.as_slice(), value, |_| Ok(())).map(drop);
        if result.is_err() {
            break;
        }
        added += 1;
    }
    if result.is_ok() && !behind.is_empty() {
        let appended;
        (appended, result) = tree.append(behind);
        added += appended;
        if let Some((key, _)) = behind[..appended].last() {
            *last = Some(key.clone());
        }
    }
    match result {
        Err(error) if added == 0 => Err(error),
        _ => Ok(added),
    }
}

/// Removes the first entries from a bound on.
fn take_out<M: Memory>(tree: &Tree<M>, start: &Bound<KeyBuf>, entries: &[Entry]) -> Result<()> {
    let Some((last, _)) = entries.last() else { return Ok(()) };
    let (mut start, end) = (start.clone(), Bound::Included(last.clone()));
    let mut removed = 0;
    loop {
        let edited = tree.edit_leaf(&start, &end, &mut Removing)?;
        removed += edited.removed;
        match edited.next {
            Some(next) if removed < entries.len() as u64 => start = next,
            _ if removed == entries.len() as u64 => return Ok(()),
            _ => {
                let why = "its keys are not where they belong";
                return Err(Error::Damaged { page: tree.root.page(), why });
            }
        }
    }
}

/// Removes everything.
struct Removing;

impl Editor for Removing {
    const MAY_PUT: bool = false;

    fn decide(&mut self, _: &[u8], _: Found<'_>) -> Result<Edit> {
        Ok(Edit::Remove)
    }

    fn is_spent(&mut self) -> bool {
        false
    }
}
