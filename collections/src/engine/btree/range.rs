//! Iteration over leaves in both directions. An iterator holds a leaf at each end. `leaves` finds
//! the next one, as a sibling or from the top.

mod fold;

use std::ops::{Bound, Range};

use graven_core::key::KeyBuf;
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::bounds::Direction;
use crate::engine::btree::leaf::{Leaf, Reads};
use crate::engine::btree::leaves::LeafPlace;
use crate::engine::btree::tree::Tree;
use crate::engine::cell::{Sizes, StoredValue};
use crate::engine::fixed::FixedCells;

/// One end of a walk: its leaf, and the slot at which the other end's bound cuts that leaf.
#[derive(Clone)]
struct End {
    place: LeafPlace,
    leaf: Leaf,
    /// The slot of the other end's bound, until that bound moves.
    limit: Option<usize>,
}

/// A double-ended iterator over a range of a tree.
pub(crate) struct RangeIter<'a, M> {
    tree: &'a Tree<M>,
    start: Bound<KeyBuf>,
    end: Bound<KeyBuf>,
    front: Option<End>,
    back: Option<End>,
    finished: bool,
    /// The number of steps to another leaf.
    steps: u32,
    /// The first error, until [`RangeIter::ended`] returns it.
    failed: Option<Error>,
    /// The slots of the front's leaf that can be read without further checks, the next one first.
    /// While there is a back, which must learn of every step, this is a single slot.
    ahead: Range<usize>,
    /// The slots of the back's leaf that can be read without further checks, the next one last.
    /// While there is a front, this is a single slot.
    behind: Range<usize>,
}

impl<M> Clone for RangeIter<'_, M> {
    fn clone(&self) -> Self {
        RangeIter {
            start: self.start.clone(),
            end: self.end.clone(),
            front: self.front.clone(),
            back: self.back.clone(),
            failed: None,
            ahead: self.ahead.clone(),
            behind: self.behind.clone(),
            ..*self
        }
    }
}

impl<M: Memory> Tree<M> {
    /// Returns an iterator over the keys between two bounds.
    pub(crate) fn cursor(&self, start: Bound<KeyBuf>, end: Bound<KeyBuf>) -> RangeIter<'_, M> {
        let finished = self.is_empty();
        RangeIter {
            tree: self,
            start,
            end,
            front: None,
            back: None,
            finished,
            steps: 0,
            failed: None,
            ahead: 0..0,
            behind: 0..0,
        }
    }
}

impl<M: Memory> RangeIter<'_, M> {
    /// Steps forward and returns what `read` makes of the key and the value. After an error the
    /// iterator is at its end.
    #[inline(always)]
    pub(crate) fn next<R>(
        &mut self,
        sizes: Sizes,
        read: impl FnOnce(&[u8], StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        self.step::<true, R>(|tree, leaf, index| leaf.read_at(tree, sizes, index, read))
    }

    /// Like [`RangeIter::next`], but steps backward.
    #[inline(always)]
    pub(crate) fn next_back<R>(
        &mut self,
        sizes: Sizes,
        read: impl FnOnce(&[u8], StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        self.step::<false, R>(|tree, leaf, index| leaf.read_at(tree, sizes, index, read))
    }

    /// Steps in a direction, as [`RangeIter::next`] does.
    pub(crate) fn toward<R>(
        &mut self,
        direction: Direction,
        sizes: Sizes,
        read: impl FnOnce(&[u8], StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        match direction {
            Direction::Forward => self.next(sizes, read),
            Direction::Backward => self.next_back(sizes, read),
        }
    }

    /// Steps forward or backward. Returns `None` at the end or at damage; [`RangeIter::ended`]
    /// tells which. The result holds no error: with one, the compiler would split numbers into
    /// parts.
    #[inline(always)]
    pub(crate) fn step_by<const FORWARD: bool, T>(
        &mut self,
        sizes: Sizes,
        reads: &impl Reads<T>,
    ) -> Option<T> {
        let run = if FORWARD { &mut self.ahead } else { &mut self.behind };
        if run.start >= run.end && !self.arrive(FORWARD) {
            return None;
        }
        let (index, end, other) = if FORWARD {
            self.ahead.start += 1;
            (self.ahead.start - 1, &self.front, &self.back)
        } else {
            self.behind.end -= 1;
            (self.behind.end, &self.back, &self.front)
        };
        let Some(End { leaf, .. }) = end else { return None };
        let fixed = match FixedCells::of_leaf(sizes) {
            Some(fixed) if leaf.is_current && other.is_none() => leaf.read_fixed(fixed, index, reads),
            _ => None,
        };
        if fixed.is_some() {
            return fixed;
        }
        match self.step_slowly::<FORWARD, T>(sizes, index, reads) {
            Ok(item) => Some(item),
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }

    /// Reads the entry at `index` of any leaf. After an error the iterator is at its end.
    #[inline(never)]
    #[expect(clippy::unreachable, reason = "the caller has just read the entry before it")]
    fn step_slowly<const FORWARD: bool, T>(
        &mut self,
        sizes: Sizes,
        index: usize,
        reads: &impl Reads<T>,
    ) -> Result<T> {
        let end = if FORWARD { &self.front } else { &self.back };
        let Some(End { leaf, .. }) = end else { unreachable!("it has just been there") };
        let read = leaf.read_at(self.tree, sizes, index, |key, found| reads.any(key, found));
        let told = read.and_then(|item| self.tell(FORWARD, index).map(|()| item));
        told.inspect_err(|_| self.stop())
    }

    /// Like [`RangeIter::settle`], but keeps an error for [`RangeIter::ended`] and returns `false`.
    #[inline(never)]
    fn arrive(&mut self, forward: bool) -> bool {
        self.settle(forward).unwrap_or_else(|error| {
            self.failed = Some(error);
            false
        })
    }

    /// Returns the error that ended the walk, if there was one.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    #[inline(never)]
    pub(crate) fn ended(&mut self) -> Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    #[inline(always)]
    fn step<const FORWARD: bool, R>(
        &mut self,
        read: impl FnOnce(&Tree<M>, &Leaf, usize) -> Result<R>,
    ) -> Result<Option<R>> {
        let run = if FORWARD { &mut self.ahead } else { &mut self.behind };
        if run.start >= run.end && !self.settle(FORWARD)? {
            return Ok(None);
        }
        let index = if FORWARD {
            self.ahead.start += 1;
            self.ahead.start - 1
        } else {
            self.behind.end -= 1;
            self.behind.end
        };
        let (here, other) = if FORWARD { (&self.front, &self.back) } else { (&self.back, &self.front) };
        let Some(End { leaf, .. }) = here else { return Ok(None) };
        match read(self.tree, leaf, index) {
            Ok(result) if other.is_none() => Ok(Some(result)),
            Ok(result) => self.tell(FORWARD, index).map(|()| Some(result)),
            Err(error) => {
                self.stop();
                Err(error)
            }
        }
    }

    /// Moves one end to an entry. Returns `false` if none is left.
    #[inline(never)]
    fn settle(&mut self, forward: bool) -> Result<bool> {
        self.ahead.end = self.ahead.start;
        self.behind.start = self.behind.end;
        if self.finished {
            return Ok(false);
        }
        if let Err(error) = self.check_ends() {
            self.stop();
            return Err(error);
        }
        let arrived = if forward { self.settle_front() } else { self.settle_back() };
        self.finished = !matches!(arrived, Ok(true));
        arrived
    }

    /// Returns an error if one of the leaves was changed since it was read.
    fn check_ends(&self) -> Result<()> {
        let mut ends = [&self.front, &self.back].into_iter().flatten();
        ends.try_for_each(|end| self.tree.check_walk(&end.leaf))
    }

    /// Ends a walk after an error.
    #[cold]
    fn stop(&mut self) {
        self.finished = true;
        self.ahead.end = self.ahead.start;
        self.behind.start = self.behind.end;
    }

    /// Drops the end that is no longer needed when the other one walks over all that is left.
    #[inline(never)]
    fn keep_one_end(&mut self, forward: bool) -> Result<()> {
        if forward {
            if let (None, Some(end)) = (&self.front, self.back_bound()?) {
                self.end = end;
            }
            self.back = None;
        } else {
            if let (None, Some(start)) = (&self.back, self.front_bound()?) {
                self.start = start;
            }
            self.front = None;
        }
        Ok(())
    }

    /// Tells the other end that this one has read the entry at `index`.
    #[inline(never)]
    fn tell(&mut self, forward: bool, index: usize) -> Result<()> {
        let (Some(front), Some(back)) = (&mut self.front, &mut self.back) else { return Ok(()) };
        if forward {
            self.start = Bound::Excluded(self.tree.key_at(&front.leaf, index)?);
            back.limit = None;
        } else {
            self.end = Bound::Excluded(self.tree.key_at(&back.leaf, index)?);
            front.limit = None;
        }
        Ok(())
    }

    /// Returns the bound that the front has reached, for a back that begins now.
    fn front_bound(&self) -> Result<Option<Bound<KeyBuf>>> {
        let Some(End { place, leaf, .. }) = &self.front else { return Ok(None) };
        match self.ahead.start.checked_sub(1) {
            Some(last) => self.tree.key_at(leaf, last).map(|key| Some(Bound::Excluded(key))),
            None => Ok(self.tree.low_of(place)?.map(Bound::Included)),
        }
    }

    /// Returns the bound that the back has reached, for a front that begins now.
    fn back_bound(&self) -> Result<Option<Bound<KeyBuf>>> {
        let Some(End { place, leaf, .. }) = &self.back else { return Ok(None) };
        if self.behind.end < leaf.count {
            return self.tree.key_at(leaf, self.behind.end).map(|key| Some(Bound::Excluded(key)));
        }
        Ok(self.tree.high_of(place)?.map(Bound::Excluded))
    }

    /// Moves the front to an entry. Returns `false` if none is left.
    fn settle_front(&mut self) -> Result<bool> {
        let tree = self.tree;
        if self.front.is_none() {
            if let Some(end) = self.back_bound()? {
                self.end = end;
            }
            let (key, above) = match &self.start {
                Bound::Included(key) => (Some(key.as_slice()), false),
                Bound::Excluded(key) => (Some(key.as_slice()), true),
                Bound::Unbounded => (None, false),
            };
            let place = tree.leaf_of(key.unwrap_or_default())?;
            let leaf = tree.read_leaf(place.page)?;
            let index = key.map_or(Ok(0), |key| tree.slot_at(&leaf, key, above))?;
            self.ahead = index..index;
            self.front = Some(End { place, leaf, limit: None });
        }
        let Some(End { place, leaf, limit }) = &mut self.front else { return Ok(false) };
        loop {
            let end = match (*limit, &self.end) {
                (Some(limit), _) => limit,
                (None, Bound::Unbounded) => leaf.count,
                (None, Bound::Included(key)) => tree.slot_at(leaf, key.as_slice(), true)?,
                (None, Bound::Excluded(key)) => tree.slot_at(leaf, key.as_slice(), false)?,
            };
            *limit = Some(end);
            if self.ahead.start < end {
                self.ahead.end = if self.back.is_some() { self.ahead.start + 1 } else { end };
                return Ok(true);
            }
            if end < leaf.count || !tree.step_forward(place)? {
                return Ok(false);
            }
            count_step(tree, &mut self.steps)?;
            tree.fill(leaf, place.page)?;
            (self.ahead, *limit) = (0..0, None);
        }
    }

    /// Moves the back to just after an entry. Returns `false` if none is left.
    fn settle_back(&mut self) -> Result<bool> {
        let tree = self.tree;
        if self.back.is_none() {
            if let Some(start) = self.front_bound()? {
                self.start = start;
            }
            let (key, above) = match &self.end {
                Bound::Included(key) => (Some(key.as_slice()), true),
                Bound::Excluded(key) => (Some(key.as_slice()), false),
                Bound::Unbounded => (None, false),
            };
            let place = match key {
                Some(key) if above => tree.leaf_of(key)?,
                key => tree.leaf_below(key)?,
            };
            let leaf = tree.read_leaf(place.page)?;
            let index = key.map_or(Ok(leaf.count), |key| tree.slot_at(&leaf, key, above))?;
            self.behind = index..index;
            self.back = Some(End { place, leaf, limit: None });
        }
        let Some(End { place, leaf, limit }) = &mut self.back else { return Ok(false) };
        loop {
            let start = match (*limit, &self.start) {
                (Some(limit), _) => limit,
                (None, Bound::Unbounded) => 0,
                (None, Bound::Included(key)) => tree.slot_at(leaf, key.as_slice(), false)?,
                (None, Bound::Excluded(key)) => tree.slot_at(leaf, key.as_slice(), true)?,
            };
            *limit = Some(start);
            if self.behind.end > start {
                self.behind.start = if self.front.is_some() { self.behind.end - 1 } else { start };
                return Ok(true);
            }
            if start > 0 || !tree.step_back(place)? {
                return Ok(false);
            }
            count_step(tree, &mut self.steps)?;
            tree.fill(leaf, place.page)?;
            (self.behind, *limit) = (leaf.count..leaf.count, None);
        }
    }
}

/// Counts a step to another leaf. Damaged nodes may name a leaf many times, so a walk over more
/// leaves than there are pages is an error.
fn count_step<M: Memory>(tree: &Tree<M>, steps: &mut u32) -> Result<()> {
    *steps += 1;
    if *steps <= tree.root().pager().heads().pages.get() {
        return Ok(());
    }
    Err(tree.root().damaged(tree.root().page(), Damage::SharedPage))
}
