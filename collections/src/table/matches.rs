//! Iterates over the rows that meet combined conditions.

use std::iter::FusedIterator;
use std::ops::Bound;
use std::rc::Rc;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, decode_key};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::codec::value::decode_found;
use crate::engine::bounds::{Direction, KeyRange};
use crate::engine::btree::range::RangeIter;
use crate::table::Record;
use crate::table::body::Body;
use crate::table::condition::{Node, Parts, source_of_all};
use crate::table::stream::{Onwards, Sought, Stream};

/// A way to find rows: where their keys come from, and what is checked on them.
struct Alternative<'a, R: Record, M: Memory> {
    source: Source<'a, R, M>,
    /// The position, from which the source continues: the key of a row, or an entry of a walk.
    at: Bound<KeyBuf>,
    /// Conditions that the rows have to meet.
    checks: Parts<'a, R, M>,
    /// Conditions of earlier alternatives, which find the rows that meet them.
    found: Parts<'a, R, M>,
}

enum Source<'a, R: Record, M: Memory> {
    /// Keys in order.
    Stream(Stream<'a, R, M>),
    /// The entries of a range, once it was begun.
    Entries(Rc<Node<'a, R, M>>, Option<Box<RangeIter<'a, M>>>),
    /// All rows.
    Rows(Option<Box<RangeIter<'a, M>>>),
}

/// A row that a source leads to.
struct Found<R> {
    key: KeyBuf,
    /// The entry that led to it, if it may have several in the range.
    entry: Option<KeyBuf>,
    /// The row, if it was read.
    row: Option<R>,
}

/// The outcome of one step.
pub(super) enum Step<R> {
    /// A row that meets the conditions: its key, and itself if it was read.
    Match(KeyBuf, Option<R>),
    /// None so far. `has_read` is `true` if a row was read.
    Passed { has_read: bool },
    /// No more rows.
    End,
}

/// The position of a search: the number of its alternative, and the position in that.
pub(super) type Position = (u16, Bound<KeyBuf>);

/// An iterator over the rows that meet combined conditions.
pub struct Matches<'a, R: Record, M: Memory> {
    body: &'a Body<R, M>,
    direction: Direction,
    /// Those that are left, the next one last.
    alternatives: Vec<Alternative<'a, R, M>>,
    after: Bound<KeyBuf>,
    /// The number of alternatives.
    count: usize,
}

/// An iterator over the keys of rows that meet combined conditions.
pub struct MatchingKeys<'a, R: Record, M: Memory>(pub(super) Matches<'a, R, M>);

impl<'a, R: Record, M: Memory> Matches<'a, R, M> {
    pub(super) fn new(
        body: &'a Body<R, M>,
        node: &Rc<Node<'a, R, M>>,
        direction: Direction,
        after: Option<&KeyBuf>,
    ) -> Self {
        let mut alternatives = Vec::new();
        add(node, &[], &[], &mut alternatives);
        let count = alternatives.len();
        let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.clone()));
        for alternative in &mut alternatives {
            if !matches!(alternative.source, Source::Entries(..)) {
                alternative.at = after.clone();
            }
        }
        if direction == Direction::Forward {
            alternatives.reverse();
        }
        Matches { body, direction, alternatives, after, count }
    }

    /// Continues at a position. Returns `false` if there is none like it.
    pub(super) fn resume(&mut self, (number, at): Position) -> bool {
        let left = match self.direction {
            Direction::Forward => self.count.saturating_sub(number.into()),
            Direction::Backward => usize::from(number).saturating_add(1),
        };
        if left == 0 || left > self.alternatives.len() {
            return false;
        }
        self.alternatives.truncate(left);
        if let Some(alternative) = self.alternatives.last_mut()
            && at != Bound::Unbounded
        {
            alternative.at = at;
        }
        true
    }

    /// Returns the position, unless there are no more rows.
    pub(super) fn position(&self) -> Option<Position> {
        let number = match self.direction {
            Direction::Forward => self.count.saturating_sub(self.alternatives.len()),
            Direction::Backward => self.alternatives.len().saturating_sub(1),
        };
        self.alternatives.last().map(|alternative| (number as u16, alternative.at.clone()))
    }

    /// Steps to the next key, and to its row if that is asked for or has to be checked.
    pub(super) fn step(&mut self, needs_row: bool) -> Result<Step<R>> {
        let Some(alternative) = self.alternatives.last_mut() else { return Ok(Step::End) };
        let has_checks = !alternative.checks.is_empty() || !alternative.found.is_empty();
        let found = match alternative.next(self.body, self.direction, needs_row || has_checks)? {
            Next::Found(found) => found,
            Next::Passed => return Ok(Step::Passed { has_read: false }),
            Next::End => {
                self.alternatives.pop();
                return Ok(Step::Passed { has_read: false });
            }
        };
        let Found { key, entry, row } = found;
        if !(Onwards { direction: self.direction, bound: &self.after }).has(&key) {
            return Ok(Step::Passed { has_read: false });
        }
        let is_checked = entry.is_some() || has_checks;
        if !needs_row && !is_checked {
            return Ok(Step::Match(key, None));
        }
        let row = match row {
            Some(row) => row,
            None => self.body.row(key.as_slice())?,
        };
        if !is_checked || alternative.accepts(&row, &key, entry.as_ref())? {
            return Ok(Step::Match(key, Some(row)));
        }
        Ok(Step::Passed { has_read: true })
    }

    /// Steps to the next match.
    fn next_match(&mut self, needs_row: bool) -> Result<Option<(KeyBuf, Option<R>)>> {
        loop {
            match self.step(needs_row)? {
                Step::Match(key, row) => return Ok(Some((key, row))),
                Step::Passed { .. } => {}
                Step::End => return Ok(None),
            }
        }
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<R>> {
        Ok(self.next_match(true)?.and_then(|(_, row)| row))
    }
}

impl<R: Record, M: Memory> MatchingKeys<'_, R, M> {
    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<R::Key>> {
        let root = self.0.body.root();
        let key = self.0.next_match(false)?.map(|(key, _)| decode_key(key.as_slice()));
        key.transpose().on_page(root, root.page())
    }
}

enum Next<R> {
    Found(Found<R>),
    Passed,
    End,
}

impl<'a, R: Record, M: Memory> Alternative<'a, R, M> {
    /// Returns the next row of the source, and moves the position.
    fn next(&mut self, body: &'a Body<R, M>, direction: Direction, needs_row: bool) -> Result<Next<R>> {
        let found = match &mut self.source {
            Source::Stream(stream) => {
                let (key, is_key) = match stream.seek(Onwards { direction, bound: &self.at })? {
                    None => return Ok(Next::End),
                    Some(Sought::Key(key)) => (key, true),
                    Some(Sought::NotBefore(key)) => (key, false),
                };
                if !is_key {
                    self.at = Bound::Included(key);
                    return Ok(Next::Passed);
                }
                self.at = Bound::Excluded(key.clone());
                return Ok(Next::Found(Found { key, entry: None, row: None }));
            }
            Source::Entries(node, walk) => {
                let Node::Index(narrowed) = &**node else { return Ok(Next::End) };
                let index = narrowed.index;
                let begin = || Box::new(index.walk(ahead(narrowed.range.clone(), &self.at, direction)));
                walk.get_or_insert_with(begin).toward(direction, index.sizes(), |entry, found| {
                    let key = KeyBuf::from(index.row_key(entry, found)?);
                    Ok(Found { key, entry: Some(KeyBuf::from(entry)), row: None })
                })?
            }
            Source::Rows(walk) => {
                let tree = &body.rows.tree;
                let begin = || {
                    let (start, end) = ahead((Bound::Unbounded, Bound::Unbounded), &self.at, direction);
                    Box::new(tree.cursor(start, end))
                };
                walk.get_or_insert_with(begin).toward(direction, Body::<R, M>::SIZES, |key, found| {
                    let key = KeyBuf::from(key);
                    let row = if needs_row { Some(decode_found(tree.root(), found)?) } else { None };
                    Ok(Found { key, entry: None, row })
                })?
            }
        };
        let Some(found) = found else { return Ok(Next::End) };
        self.at = Bound::Excluded(found.entry.as_ref().unwrap_or(&found.key).clone());
        Ok(Next::Found(found))
    }

    /// Returns `true` if a row meets the checks, and is not found by another alternative, or by
    /// another of its entries.
    fn accepts(&self, row: &R, key: &KeyBuf, entry: Option<&KeyBuf>) -> Result<bool> {
        if let (Source::Entries(node, _), Some(entry)) = (&self.source, entry)
            && let Node::Index(narrowed) = &**node
            && narrowed.first_entry(row, key)?.as_ref() != Some(entry)
        {
            return Ok(false);
        }
        for check in &self.checks {
            if !check.holds(row, key)? {
                return Ok(false);
            }
        }
        for found in &self.found {
            if found.holds(row, key)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Returns the part of a range from a position onwards.
fn ahead((start, end): KeyRange, at: &Bound<KeyBuf>, direction: Direction) -> KeyRange {
    match (at, direction) {
        (Bound::Unbounded, _) => (start, end),
        (at, Direction::Forward) => (at.clone(), end),
        (at, Direction::Backward) => (start, at.clone()),
    }
}

/// Adds the alternatives of a condition.
fn add<'a, R: Record, M: Memory>(
    node: &Rc<Node<'a, R, M>>,
    checks: &[Rc<Node<'a, R, M>>],
    found: &[Rc<Node<'a, R, M>>],
    alternatives: &mut Vec<Alternative<'a, R, M>>,
) {
    let (mut checks, found) = (checks.to_vec(), found.to_vec());
    let source = match &**node {
        _ if node.is_ordered() => Source::Stream(Stream::of(node, &mut checks)),
        Node::Every => Source::Rows(None),
        Node::Index(narrowed) if narrowed.is_complete => Source::Entries(Rc::clone(node), None),
        Node::All(parts) if !node.needs_scan() => {
            let first = source_of_all(parts);
            let rest =
                parts.iter().enumerate().filter(|(at, _)| *at != first).map(|(_, part)| Rc::clone(part));
            checks.extend(rest);
            return parts.get(first).into_iter().for_each(|first| add(first, &checks, &found, alternatives));
        }
        Node::Any(parts) if !node.needs_scan() => {
            for (at, part) in parts.iter().enumerate() {
                let found = [&found[..], parts.get(..at).unwrap_or_default()].concat();
                add(part, &checks, &found, alternatives);
            }
            return;
        }
        // All rows are read, once.
        _ => {
            checks.push(Rc::clone(node));
            Source::Rows(None)
        }
    };
    alternatives.push(Alternative { source, at: Bound::Unbounded, checks, found });
}

impl<R: Record, M: Memory> Iterator for Matches<'_, R, M> {
    type Item = R;

    #[track_caller]
    fn next(&mut self) -> Option<R> {
        self.try_next().or_fail()
    }
}

impl<R: Record, M: Memory> Iterator for MatchingKeys<'_, R, M> {
    type Item = R::Key;

    #[track_caller]
    fn next(&mut self) -> Option<R::Key> {
        self.try_next().or_fail()
    }
}

impl<R: Record, M: Memory> FusedIterator for Matches<'_, R, M> {}

impl<R: Record, M: Memory> FusedIterator for MatchingKeys<'_, R, M> {}

impl<R: Record, M: Memory> core::fmt::Debug for Matches<'_, R, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Matches").finish_non_exhaustive()
    }
}

impl<R: Record, M: Memory> core::fmt::Debug for MatchingKeys<'_, R, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MatchingKeys").finish_non_exhaustive()
    }
}
