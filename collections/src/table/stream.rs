//! The keys of rows in order, from entries with a single value of an index each. Several such
//! streams are read together: their intersection, or their union.

use std::cmp::Ordering;
use std::ops::Bound;
use std::rc::Rc;

use graven_core::key::KeyBuf;
use graven_core::{Memory, Result};

use crate::engine::bounds::{Direction, KeyRange};
use crate::engine::btree::range::RangeIter;
use crate::table::Record;
use crate::table::condition::{Narrowed, Node};

/// Keys of rows in order.
pub(super) enum Stream<'a, R, M: Memory> {
    Index(Box<Entries<'a, R, M>>),
    /// The keys that all of these have.
    All(Vec<Stream<'a, R, M>>),
    /// The keys that one of these has.
    Any(Vec<Stream<'a, R, M>>),
}

/// The entries with a single value of an index.
pub(super) struct Entries<'a, R, M: Memory> {
    node: Rc<Node<'a, R, M>>,
    walk: Option<RangeIter<'a, M>>,
    /// The key of the row of the last entry that was read.
    last: Option<KeyBuf>,
}

/// The next key of a stream.
pub(super) enum Sought {
    /// It is this one.
    Key(KeyBuf),
    /// It is not before this one. Streams that have few keys in common took too many steps.
    NotBefore(KeyBuf),
}

/// The keys from a bound onwards, in a direction.
#[derive(Clone, Copy)]
pub(super) struct Onwards<'a> {
    pub(super) direction: Direction,
    pub(super) bound: &'a Bound<KeyBuf>,
}

/// The number of entries that are read one after another before a look-up finds the next one.
const STEPS: usize = 8;

/// The number of times that the streams of an intersection pass each other before it says where
/// they are.
const PASSES: usize = 32;

impl<'a, R: Record, M: Memory> Stream<'a, R, M> {
    /// Returns the stream of an ordered condition. Parts of an `and` that are not ordered are left
    /// to `unordered`.
    pub(super) fn of(node: &Rc<Node<'a, R, M>>, unordered: &mut Vec<Rc<Node<'a, R, M>>>) -> Self {
        match &**node {
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
            _ => Stream::Index(Box::new(Entries { node: Rc::clone(node), walk: None, last: None })),
        }
    }

    /// Returns the first key from a bound onwards. The direction is that of all calls.
    pub(super) fn seek(&mut self, from: Onwards<'_>) -> Result<Option<Sought>> {
        match self {
            Stream::Index(entries) => Ok(entries.seek(from)?.map(Sought::Key)),
            Stream::Any(streams) => {
                let mut first: Option<Sought> = None;
                for stream in streams {
                    if let Some(next) = stream.seek(from)?
                        && first.as_ref().is_none_or(|first| from.order(next.key(), first.key()).is_lt())
                    {
                        first = Some(next);
                    }
                }
                Ok(first)
            }
            Stream::All(streams) => seek_common(streams, from),
        }
    }
}

/// Returns the first key that all streams have.
fn seek_common<R: Record, M: Memory>(
    streams: &mut [Stream<'_, R, M>],
    from: Onwards<'_>,
) -> Result<Option<Sought>> {
    let (count, mut bound, mut key, mut agreeing) = (streams.len(), from.bound.clone(), None, 0_usize);
    for _ in 0..PASSES {
        for stream in streams.iter_mut() {
            let next = match stream.seek(Onwards { bound: &bound, ..from })? {
                None => return Ok(None),
                Some(Sought::NotBefore(key)) => return Ok(Some(Sought::NotBefore(key))),
                Some(Sought::Key(next)) => next,
            };
            agreeing = if key.as_ref() == Some(&next) { agreeing.saturating_add(1) } else { 1 };
            (bound, key) = (Bound::Included(next.clone()), Some(next));
            if agreeing >= count {
                return Ok(key.map(Sought::Key));
            }
        }
    }
    Ok(key.map(Sought::NotBefore))
}

impl Sought {
    pub(super) const fn key(&self) -> &KeyBuf {
        match self {
            Sought::Key(key) | Sought::NotBefore(key) => key,
        }
    }
}

impl Onwards<'_> {
    /// Returns the order in which two keys come in the direction.
    fn order(self, a: &KeyBuf, b: &KeyBuf) -> Ordering {
        let order = a.as_slice().cmp(b.as_slice());
        if self.direction == Direction::Forward { order } else { order.reverse() }
    }

    /// Returns `true` if a key is not before the bound.
    pub(super) fn has(self, key: &KeyBuf) -> bool {
        match self.bound {
            Bound::Unbounded => true,
            Bound::Included(bound) => self.order(key, bound).is_ge(),
            Bound::Excluded(bound) => self.order(key, bound).is_gt(),
        }
    }
}

impl<R: Record, M: Memory> Entries<'_, R, M> {
    fn seek(&mut self, from: Onwards<'_>) -> Result<Option<KeyBuf>> {
        let node = Rc::clone(&self.node);
        let Node::Index(narrowed) = &*node else { return Ok(None) };
        let reached = |last: &Option<KeyBuf>| last.as_ref().filter(|last| from.has(last)).cloned();
        if let Some(last) = reached(&self.last) {
            return Ok(Some(last));
        }
        if let Some(walk) = &mut self.walk {
            for _ in 0..STEPS {
                self.last = step(walk, narrowed, from.direction)?;
                if self.last.is_none() {
                    return Ok(None);
                }
                if let Some(last) = reached(&self.last) {
                    return Ok(Some(last));
                }
            }
        }
        let mut walk = narrowed.index.walk(range_onwards(narrowed, from));
        // The value of a unique index leads to one row, wherever that is.
        loop {
            self.last = step(&mut walk, narrowed, from.direction)?;
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

/// Returns the part of a range from the row of a key onwards.
fn range_onwards<M: Memory>(narrowed: &Narrowed<'_, M>, from: Onwards<'_>) -> KeyRange {
    let (start, end) = narrowed.range.clone();
    if narrowed.index.is_unique {
        return (start, end);
    }
    let entry = |row: &KeyBuf| {
        let mut entry = narrowed.value();
        entry.extend(row.as_slice());
        entry
    };
    let bound = match from.bound {
        Bound::Unbounded => return (start, end),
        Bound::Included(row) => Bound::Included(entry(row)),
        Bound::Excluded(row) => Bound::Excluded(entry(row)),
    };
    if from.direction == Direction::Forward { (bound, end) } else { (start, bound) }
}

fn step<M: Memory>(
    walk: &mut RangeIter<'_, M>,
    narrowed: &Narrowed<'_, M>,
    direction: Direction,
) -> Result<Option<KeyBuf>> {
    let index = narrowed.index;
    walk.toward(direction, index.sizes(), |key, found| index.row_key(key, found).map(KeyBuf::from))
}
