//! Moving values as they are stored, in the current layout: to another sequence, to the other end,
//! or in exchange for each other.

use std::borrow::Cow;

use graven_core::page::extent;
use graven_core::store::Budget;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::ends::End;
use crate::engine::array::iter::Values;
use crate::engine::array::leaf::LeafKind;
use crate::engine::array::sequence::Sequence;
use crate::engine::cell::StoredValue;
use crate::engine::leaf::node;
use crate::engine::migrate;
use crate::engine::progress::Step;

/// Bytes of values that are moved in one step. A single value may be larger.
const STEP: usize = 4096;

impl<M: Memory> Sequence<M> {
    /// Returns the bytes of a value in the current layout.
    fn current_bytes(&self, found: StoredValue<'_>) -> Result<Vec<u8>> {
        if found.layout == self.root().current() {
            return found.read(self.root().pager()).map(Cow::into_owned);
        }
        migrate::one(self.root(), self.context.convert, found)
    }

    /// Returns the bytes of the value at an index in the current layout.
    fn bytes_at(&self, index: u64) -> Result<Vec<u8>> {
        let bytes = self.get(index, |found| self.current_bytes(found))?;
        bytes.ok_or_else(|| self.broken(Damage::MissingEntry))
    }

    /// Moves the values from an index on to the end of another sequence, in their order, until the
    /// budget is spent. Each value is in one of the two, whatever fails.
    pub(crate) fn move_to<N: Memory>(
        &self,
        at: u64,
        into: &Sequence<N>,
        budget: &mut Budget<'_>,
    ) -> Result<Step> {
        let mut moved = 0;
        while at < self.len() && !budget.is_spent() {
            match self.move_step(at, into, budget) {
                Ok(count) => moved += count,
                Err(error) if moved == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(Step::until(moved, at >= self.len()))
    }

    fn move_step<N: Memory>(&self, at: u64, into: &Sequence<N>, budget: &mut Budget<'_>) -> Result<u64> {
        let (batch, read) = self.next_batch(at, budget);
        if let Some(last) = into.len().checked_sub(1) {
            // No conversion runs between the first push and the removal.
            into.prepare(last)?;
        }
        let mut pushed = 0;
        let done = batch.iter().try_for_each(|value| into.push_back(value).map(|()| pushed += 1));
        let mut more = || true;
        self.remove_range(at..at + pushed, &mut Budget::while_true(&mut more))?;
        if pushed == 0 { done.and(read).map(|()| 0) } else { Ok(pushed) }
    }

    /// Returns a batch of values from an index on, in the current layout, and the error that ended
    /// it. The user's conversions run here, before any value is written.
    fn next_batch(&self, at: u64, budget: &mut Budget<'_>) -> (Vec<Vec<u8>>, Result<()>) {
        let mut values = Values::new(self, at..self.len());
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while bytes < STEP && (batch.is_empty() || !budget.is_spent_between_entries()) {
            match values.next_with(|found| self.current_bytes(found)) {
                Some(Ok(value)) => {
                    bytes += value.len().max(1);
                    batch.push(value);
                }
                Some(Err(error)) => return (batch, Err(error)),
                None => break,
            }
            budget.charge_read();
            budget.charge_write();
        }
        (batch, Ok(()))
    }

    /// Rotates from the nearer end so that the value at an index comes first, until the budget is
    /// spent. The next call continues with the new index of that value. After an error nothing was
    /// rotated.
    pub(crate) fn rotate(&self, middle: u64, budget: &mut Budget<'_>) -> Result<Step<u64>> {
        let len = self.len();
        let others = len.saturating_sub(middle);
        let (from, all) = if middle <= others { (End::Front, middle) } else { (End::Back, others) };
        let mut moved = 0;
        while moved < all && !budget.is_spent_between_entries() {
            budget.charge_read();
            budget.charge_write();
            match self.rotate_one(from, len) {
                Ok(()) => moved += 1,
                Err(error) if moved == 0 => return Err(error),
                Err(_) => break,
            }
        }
        let middle = if from == End::Front { middle - moved } else { middle.saturating_add(moved) };
        Ok(Step::new(moved, (moved < all).then_some(middle)))
    }

    /// Moves a value from one end to the other.
    fn rotate_one(&self, from: End, len: u64) -> Result<()> {
        let copy = match from {
            End::Front => self.push_back(&self.bytes_at(0)?).map(|()| len)?,
            End::Back => self.push_front(&self.bytes_at(len - 1)?).map(|()| 0)?,
        };
        // The value is removed where it was, or its copy if that fails.
        self.remove_at(len - copy).or_else(|error| {
            self.remove_at(copy)?;
            Err(error)
        })
    }

    /// Swaps two values. Reserves room for both first, so that neither is lost.
    pub(crate) fn swap(&self, a: u64, b: u64) -> Result<()> {
        let (one, other) = (self.bytes_at(a)?, self.bytes_at(b)?);
        if one == other {
            return Ok(());
        }
        if !self.uniform.get() {
            let chains = extent::pages_for(one.len()).saturating_add(extent::pages_for(other.len()));
            self.root().pager().reserve(chains.saturating_add(self.spare_pages(SWAP_PIECES)))?;
            self.prepare(a)?;
            self.prepare(b)?;
        }
        self.set(a, &other, |_| Ok(()))?;
        if let Err(error) = self.set(b, &one, |_| Ok(())) {
            self.set(a, &one, |_| Ok(()))?;
            return Err(error);
        }
        Ok(())
    }

    /// Migrates the leaf of a value until another value can be put into it without the user's
    /// conversions, which may panic.
    fn prepare(&self, index: u64) -> Result<()> {
        loop {
            // Migrating removes dead positions, so the position may differ in each round.
            let position = self.position(index);
            let leaf = self.leaf(position)?;
            let is_ready = match self.leaf_kind(leaf.page)? {
                LeafKind::Array { layout, .. } => layout == self.root().current(),
                LeafKind::Node => node::has_room_for(&self.node_header(leaf.page)?, self.root().current()),
            };
            if is_ready {
                return Ok(());
            }
            self.migrate(position, &mut || false)?;
        }
    }

    /// Converts all values from an index on without keeping them, if some may have previous
    /// layouts. So a conversion that panics does so before any value has moved.
    pub(crate) fn check_conversions(&self, from: u64) -> Result<()> {
        if self.root().old_pages() == 0 {
            return Ok(());
        }
        let mut values = Values::new(self, from..self.len());
        while let Some(value) = values.next_with(|found| self.current_bytes(found)) {
            value?;
        }
        Ok(())
    }

    /// Returns `true` if all leaves are arrays of the current layout.
    pub(crate) fn is_uniform(&self) -> bool {
        self.width.is_some() && self.uniform.get()
    }

    /// Overwrites the values from an index on with adjacent ones. All leaves must be arrays.
    pub(crate) fn set_run(&self, mut index: u64, mut values: &[u8]) -> Result<()> {
        let missing = || self.broken(Damage::MissingEntry);
        let width = self.width.filter(|_| self.uniform.get()).ok_or_else(missing)?;
        while !values.is_empty() {
            let count = (values.len() / width) as u64;
            let (at, count) = self.locate_run(index, count, width)?.ok_or_else(missing)?;
            let (now, rest) = values.split_at(count as usize * width);
            if now.is_empty() {
                return Err(missing());
            }
            self.root().pager().write_value(at, now);
            (values, index) = (rest, index + count);
        }
        Ok(())
    }
}

/// Number of leaves that swapping two values may write, with those that migration writes.
const SWAP_PIECES: usize = 16;
