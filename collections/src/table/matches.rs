//! Iterates over the rows that meet combined conditions.

use std::iter::FusedIterator;
use std::rc::Rc;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, decode_key};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::btree::range::RangeIter;
use crate::table::Record;
use crate::table::body::Body;
use crate::table::condition::Node;
use crate::table::stream::Stream;

/// A way to find rows: where their keys come from, and what is checked on them.
struct Alternative<'a, M: Memory> {
    source: Source<'a, M>,
    /// Conditions that the rows have to meet.
    checks: Vec<Rc<Node<'a, M>>>,
    /// Conditions of earlier alternatives, which have found the rows that meet them.
    found: Vec<Rc<Node<'a, M>>>,
}

enum Source<'a, M: Memory> {
    /// Keys in ascending order, from the one that is not below this.
    Stream(Stream<'a, M>, KeyBuf),
    /// The entries of a range.
    Walk(Rc<Node<'a, M>>, Box<RangeIter<'a, M>>),
}

/// An iterator over the rows that meet combined conditions.
pub struct Matches<'a, R: Record, M: Memory> {
    body: &'a Body<R, M>,
    /// Those that are left, the next one last.
    alternatives: Vec<Alternative<'a, M>>,
    after: Option<KeyBuf>,
}

/// An iterator over the keys of rows that meet combined conditions.
pub struct MatchingKeys<'a, R: Record, M: Memory>(pub(super) Matches<'a, R, M>);

impl<'a, R: Record, M: Memory> Matches<'a, R, M> {
    pub(super) fn new(body: &'a Body<R, M>, node: &Rc<Node<'a, M>>, after: Option<&KeyBuf>) -> Self {
        let mut alternatives = Vec::new();
        add(node, &[], &[], after, &mut alternatives);
        alternatives.reverse();
        Matches { body, alternatives, after: after.cloned() }
    }

    /// Steps to the next key, and to its row if that is asked for or has to be checked.
    fn step(&mut self, needs_row: bool) -> Result<Option<(KeyBuf, Option<R>)>> {
        while let Some(alternative) = self.alternatives.last_mut() {
            let Some((key, entry)) = alternative.source.next()? else {
                self.alternatives.pop();
                continue;
            };
            if self.after.as_ref().is_some_and(|after| key.as_slice() <= after.as_slice()) {
                continue;
            }
            let is_checked =
                entry.is_some() || !alternative.checks.is_empty() || !alternative.found.is_empty();
            if !needs_row && !is_checked {
                return Ok(Some((key, None)));
            }
            let row = self.body.row(key.as_slice())?;
            if !is_checked || alternative.accepts(&row, &key, entry.as_ref())? {
                return Ok(Some((key, Some(row))));
            }
        }
        Ok(None)
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<R>> {
        Ok(self.step(true)?.and_then(|(_, row)| row))
    }
}

impl<R: Record, M: Memory> MatchingKeys<'_, R, M> {
    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<R::Key>> {
        let root = self.0.body.root();
        let key = self.0.step(false)?.map(|(key, _)| decode_key(key.as_slice()));
        key.transpose().on_page(root, root.page())
    }
}

impl<M: Memory> Source<'_, M> {
    /// Returns the next key of a row, and for a walk the entry that led to it.
    fn next(&mut self) -> Result<Option<(KeyBuf, Option<KeyBuf>)>> {
        match self {
            Source::Stream(stream, from) => {
                let Some(key) = stream.seek(from)? else { return Ok(None) };
                *from = key.clone();
                // The least key that is greater.
                from.extend(&[0]);
                Ok(Some((key, None)))
            }
            Source::Walk(node, walk) => {
                let Node::Index(narrowed) = &**node else { return Ok(None) };
                let index = narrowed.index;
                walk.next(index.sizes(), |entry, found| {
                    let key = KeyBuf::from(index.row_key(entry, found)?);
                    Ok((key, Some(KeyBuf::from(entry))))
                })
            }
        }
    }
}

impl<M: Memory> Alternative<'_, M> {
    /// Returns `true` if a row meets the checks, and was not found before: by another alternative,
    /// or by another of its entries.
    fn accepts<R: Record>(&self, row: &R, key: &KeyBuf, entry: Option<&KeyBuf>) -> Result<bool> {
        if let (Source::Walk(node, _), Some(entry)) = (&self.source, entry)
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

/// Adds the alternatives of a condition.
fn add<'a, M: Memory>(
    node: &Rc<Node<'a, M>>,
    checks: &[Rc<Node<'a, M>>],
    found: &[Rc<Node<'a, M>>],
    after: Option<&KeyBuf>,
    alternatives: &mut Vec<Alternative<'a, M>>,
) {
    if node.is_ordered() {
        let (mut checks, found) = (checks.to_vec(), found.to_vec());
        let stream = Stream::of(node, &mut checks);
        let from = after.map_or_else(KeyBuf::new, |after| {
            let mut from = after.clone();
            from.extend(&[0]);
            from
        });
        alternatives.push(Alternative { source: Source::Stream(stream, from), checks, found });
        return;
    }
    match &**node {
        Node::Index(narrowed) => {
            let source = Source::Walk(Rc::clone(node), Box::new(narrowed.index.walk(narrowed.range.clone())));
            alternatives.push(Alternative { source, checks: checks.to_vec(), found: found.to_vec() });
        }
        Node::All(parts) => {
            if let [first, rest @ ..] = parts.as_slice() {
                add(first, &[checks, rest].concat(), found, after, alternatives);
            }
        }
        Node::Any(parts) => {
            for (at, part) in parts.iter().enumerate() {
                let found = [found, parts.get(..at).unwrap_or_default()].concat();
                add(part, checks, &found, after, alternatives);
            }
        }
    }
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
