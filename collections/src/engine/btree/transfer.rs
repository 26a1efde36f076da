//! Moves of entries between two trees of one type, in their encoded form.

use std::borrow::Cow;
use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::store::Budget;
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::append::Entry;
use crate::engine::btree::edit::{Edit, Editor};
use crate::engine::btree::tree::Tree;
use crate::engine::cell::{StoredValue, compare};
use crate::engine::migrate;
use crate::engine::progress::Step;

/// The limit of bytes of entries held in memory at once.
pub(crate) const BATCH: usize = 128 << 10;

pub(crate) fn move_within<M: Memory, N: Memory>(
    source: &Tree<M>,
    target: &Tree<N>,
    start: Bound<KeyBuf>,
    budget: &mut Budget<'_>,
) -> Result<Step> {
    let mut moved = 0;
    let mut last = target.last_key()?;
    while !budget.is_spent() {
        let step = gather(source, &start, budget).and_then(|(entries, is_all)| {
            let added = put(target, &entries, &mut last)?;
            take_out(source, &start, entries.split_at(added).0)?;
            Ok((added, is_all && added == entries.len()))
        });
        match step {
            Ok((added, is_done)) => {
                moved += added as u64;
                if is_done {
                    return Ok(Step::until(moved, true));
                }
            }
            Err(error) if moved == 0 => return Err(error),
            Err(_) => break,
        }
    }
    Ok(Step::until(moved, false))
}

/// Returns the first entries of a tree from a bound on, in the current layout, until [`BATCH`]
/// bytes are reached or the budget is spent. The second value is `true` if no other entry follows.
fn gather<M: Memory>(
    tree: &Tree<M>,
    start: &Bound<KeyBuf>,
    budget: &mut Budget<'_>,
) -> Result<(Vec<Entry>, bool)> {
    let (mut entries, mut bytes): (Vec<Entry>, usize) = (Vec::new(), 0);
    let mut walk = tree.cursor(start.clone(), Bound::Unbounded);
    while bytes < BATCH && (entries.is_empty() || !budget.is_spent_between_entries()) {
        let next =
            walk.next(tree.context.sizes, |key, found| Ok((KeyBuf::from(key), current(tree, found)?)))?;
        let Some((key, value)) = next else { return Ok((entries, true)) };
        budget.charge_read();
        budget.charge_write();
        bytes += key.len() + value.len();
        entries.push((key, value));
    }
    // The next call reports damage after the gathered entries.
    let is_all = matches!(walk.next(tree.context.sizes, |_, _| Ok(())), Ok(None));
    Ok((entries, is_all))
}

/// Returns the bytes of a value in the current layout.
fn current<M: Memory>(tree: &Tree<M>, found: StoredValue<'_>) -> Result<Vec<u8>> {
    if found.layout == tree.root().current() {
        return found.read(tree.root().pager()).map(Cow::into_owned);
    }
    migrate::one(tree.root(), tree.context.convert, found)
}

/// Puts entries into a tree and returns how many, or an error if none could be added. `last` is the
/// tree's greatest key, and is updated.
fn put<M: Memory>(tree: &Tree<M>, entries: &[Entry], last: &mut Option<KeyBuf>) -> Result<usize> {
    let is_behind = |key: &KeyBuf, last: &Option<KeyBuf>| {
        last.as_ref().is_none_or(|last| compare(key.as_slice(), last.as_slice()).is_gt())
    };
    let among = entries.iter().position(|(key, _)| is_behind(key, last)).unwrap_or(entries.len());
    let (among, behind) = entries.split_at(among);
    let mut added = 0;
    let mut result = Ok(());
    for (key, value) in among {
        result = tree.insert(tree.context.sizes, key.as_slice(), value, |_| Ok(())).map(drop);
        if result.is_err() {
            break;
        }
        added += 1;
    }
    if result.is_ok() && !behind.is_empty() {
        let appended;
        (appended, result) = tree.append(behind);
        added += appended;
        if let Some((key, _)) = behind.split_at(appended).0.last() {
            *last = Some(key.clone());
        }
    }
    match result {
        Err(error) if added == 0 => Err(error),
        _ => Ok(added),
    }
}

/// Removes the given entries, which are the first ones from a bound on.
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
                let reason = Damage::KeysOutOfOrder;
                return Err(tree.root().damaged(tree.root().page(), reason));
            }
        }
    }
}

/// An editor that removes every entry.
struct Removing;

impl Editor for Removing {
    const MAY_PUT: bool = false;

    fn decide(&mut self, _: &[u8], _: StoredValue<'_>) -> Result<Edit> {
        Ok(Edit::Remove)
    }

    fn is_spent(&mut self) -> bool {
        false
    }
}
