//! The keys of rows in ascending order, from entries with a single value of an index each. Several
//! such streams are read together: their intersection, or their union.

use std::ops::Bound;
use std::rc::Rc;

use graven_core::key::KeyBuf;
use graven_core::{Memory, Result};

use crate::engine::bounds::KeyRange;
use crate::engine::btree::range::RangeIter;
use crate::table::condition::{Narrowed, Node};

/// Keys of rows in ascending order.
pub(super) enum Stream<'a, M: Memory> {
    Index(Box<Entries<'a, M>>),
    /// The keys that all of these have.
    All(Vec<Stream<'a, M>>),
    /// The keys that one of these has.
    Any(Vec<Stream<'a, M>>),
}

/// The entries with a single value of an index.
pub(super) struct Entries<'a, M: Memory> {
    node: Rc<Node<'a, M>>,
    walk: Option<RangeIter<'a, M>>,
    /// The key of the row of the last entry that was read.
    last: Option<KeyBuf>,
}

/// The number of entries that are read one after another before a look-up finds the next one.
const STEPS: usize = 8;

impl<'a, M: Memory> Stream<'a, M> {
    /// Returns the stream of an ordered condition. Parts of an `and` that are not ordered are left
    /// to `unordered`.
    pub(super) fn of(node: &Rc<Node<'a, M>>, unordered: &mut Vec<Rc<Node<'a, M>>>) -> Self {
        match &**node {
            Node::Index(_) => {
                Stream::Index(Box::new(Entries { node: Rc::clone(node), walk: None, last: None }))
            }
            Node::All(parts) => {
                let (ordered, rest): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.is_ordered());
                unordered.extend(rest.into_iter().cloned());
                Stream::All(ordered.into_iter().map(|part| Stream::of(part, unordered)).collect())
            }
            Node::Any(parts) => Stream::Any(
                parts
                    .iter()
                    .map(|part| {
                        // What is left of one part does not hold for the others.
                        let mut rest = Vec::new();
                        let stream = Stream::of(part, &mut rest);
                        if !rest.is_empty() {
                            unordered.push(Rc::clone(node));
                        }
                        stream
                    })
                    .collect(),
            ),
        }
    }

    /// Returns the first key that is not below `from`.
    pub(super) fn seek(&mut self, from: &KeyBuf) -> Result<Option<KeyBuf>> {
        match self {
            Stream::Index(entries) => entries.seek(from),
            Stream::Any(streams) => {
                let mut least: Option<KeyBuf> = None;
                for stream in streams {
                    if let Some(key) = stream.seek(from)?
                        && least.as_ref().is_none_or(|least| key.as_slice() < least.as_slice())
                    {
                        least = Some(key);
                    }
                }
                Ok(least)
            }
            Stream::All(streams) => {
                let (mut key, mut agreeing) = (from.clone(), 0_usize);
                for at in (0..streams.len()).cycle() {
                    let Some(stream) = streams.get_mut(at) else { break };
                    let Some(next) = stream.seek(&key)? else { return Ok(None) };
                    agreeing = if next == key { agreeing.saturating_add(1) } else { 1 };
                    key = next;
                    if agreeing >= streams.len() {
                        return Ok(Some(key));
                    }
                }
                Ok(None)
            }
        }
    }
}

impl<M: Memory> Entries<'_, M> {
    fn seek(&mut self, from: &KeyBuf) -> Result<Option<KeyBuf>> {
        let node = Rc::clone(&self.node);
        let Node::Index(narrowed) = &*node else { return Ok(None) };
        let reached =
            |last: &Option<KeyBuf>| last.as_ref().filter(|last| last.as_slice() >= from.as_slice()).cloned();
        if let Some(last) = reached(&self.last) {
            return Ok(Some(last));
        }
        if let Some(walk) = &mut self.walk {
            for _ in 0..STEPS {
                self.last = step(walk, narrowed)?;
                if self.last.is_none() {
                    return Ok(None);
                }
                if let Some(last) = reached(&self.last) {
                    return Ok(Some(last));
                }
            }
        }
        let mut walk = narrowed.index.walk(beginning(narrowed, from));
        // The value of a unique index leads to one row, wherever that is.
        loop {
            self.last = step(&mut walk, narrowed)?;
            let Some(_) = self.last else { break };
            if let Some(last) = reached(&self.last) {
                self.walk = Some(walk);
                return Ok(Some(last));
            }
        }
        self.walk = Some(walk);
        Ok(None)
    }
}

/// Returns the part of a range that begins with the row of a key.
fn beginning<M: Memory>(narrowed: &Narrowed<'_, M>, from: &KeyBuf) -> KeyRange {
    if narrowed.index.is_unique {
        return narrowed.range.clone();
    }
    let mut start = narrowed.value();
    start.extend(from.as_slice());
    (Bound::Included(start), narrowed.range.1.clone())
}

fn step<M: Memory>(walk: &mut RangeIter<'_, M>, narrowed: &Narrowed<'_, M>) -> Result<Option<KeyBuf>> {
    let index = narrowed.index;
    walk.next(index.sizes(), |key, found| index.row_key(key, found).map(KeyBuf::from))
}
