//! Sorting in place. Ranges are partitioned by a pivot until they are short enough to be sorted on
//! the heap. Between two steps every value is in the list, and the progress fits into half a page.

use core::cmp::Ordering;
use core::marker::PhantomData;
use core::ops::Range;

use graven_core::layout::{StableLayout, encode};
use graven_core::store::{Budget, OnPage};
use graven_core::{Damage, Error, Memory, Result};

use crate::codec::value;
use crate::engine::array::{Sequence, Values};
use crate::engine::progress::Step;

/// The progress of [`StableVec::sort_within`](crate::StableVec::sort_within), which the caller
/// keeps between messages. If it is lost, sorting begins again with values that are partly sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sorting {
    has_begun: bool,
    /// The ranges that are not sorted, each shorter than half of the one below it.
    ranges: std::vec::Vec<Range<u64>>,
    division: Option<Division>,
}

impl Sorting {
    /// Returns `true` if all values are sorted.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.has_begun && self.ranges.is_empty() && self.division.is_none()
    }

    /// Returns the number of values that have not reached their final index.
    fn left(&self) -> u64 {
        let ranges = self.ranges.iter().chain(self.division.as_ref().map(|division| &division.range));
        ranges.fold(0, |left, range| left.saturating_add(range.end.saturating_sub(range.start)))
    }
}

/// A range that is being partitioned.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Division {
    range: Range<u64>,
    /// The part that is not partitioned. No value before it is greater than the pivot, and none
    /// after it is less.
    open: Range<u64>,
    /// The encoded pivot.
    pivot: std::vec::Vec<u8>,
}

/// Bytes of values that are loaded at a time from either side of a range.
const SIDE: usize = 4 * 4096;

/// Number of values that are loaded from either side if they are not all in arrays. Each of them
/// that moves is written alone.
const FEW: u64 = 8;

/// Number of pages that a step is charged for, as many as a side has.
const PAGES: u64 = (SIDE / 4096) as u64;

pub(crate) struct Sorter<'a, T, M, C> {
    sequence: &'a Sequence<M>,
    compare: C,
    /// Number of values that are loaded from either side.
    side: u64,
    types: PhantomData<T>,
}

impl<'a, T: StableLayout, M: Memory, C: FnMut(&T, &T) -> Ordering> Sorter<'a, T, M, C> {
    pub(crate) fn new(sequence: &'a Sequence<M>, compare: C) -> Self {
        Sorter { sequence, compare, side: FEW, types: PhantomData }
    }

    /// Sorts until the budget is spent.
    pub(crate) fn run(&mut self, sorting: &mut Sorting, budget: &mut Budget<'_>) -> Result<Step> {
        // Values of previous layouts could be swapped with longer ones.
        if !self.sequence.sweep(budget)? {
            return Ok(Step::until(0, false));
        }
        let width = T::SIZE.filter(|_| self.sequence.is_uniform());
        self.side = width.map_or(FEW, |width| (SIDE / width).max(1) as u64);
        let len = self.sequence.len();
        if !sorting.has_begun {
            *sorting = Sorting { has_begun: true, ..Sorting::default() };
            sorting.ranges.push(0..len);
        }
        let before = sorting.left();
        while !sorting.is_done() && !budget.is_spent() {
            budget.charge_read();
            (0..PAGES).for_each(|_| budget.charge_write());
            self.step(sorting, len)?;
        }
        Ok(Step::until(before.saturating_sub(sorting.left()), sorting.is_done()))
    }

    /// Partitions a part of a range, or sorts a short range.
    fn step(&mut self, sorting: &mut Sorting, len: u64) -> Result<()> {
        if let Some(division) = &mut sorting.division {
            // The list may have become shorter since the last call.
            if division.range.end > len {
                sorting.division = None;
                return Ok(());
            }
            if let Some(middle) = self.divide(division)? {
                let Range { start, end } = division.range;
                let (front, back) = (start..middle, middle..end);
                let is_longer = middle - start > end - middle;
                sorting.ranges.extend(if is_longer { [front, back] } else { [back, front] });
                sorting.division = None;
            }
            return Ok(());
        }
        let Some(range) = sorting.ranges.last().cloned() else { return Ok(()) };
        let range = range.start..range.end.min(len);
        if range.end.saturating_sub(range.start) > self.side * 2 {
            let pivot = encode(&self.pivot(&range)?);
            sorting.division = Some(Division { open: range.clone(), range, pivot });
        } else {
            self.sort_short(range)?;
        }
        sorting.ranges.pop();
        Ok(())
    }

    /// Returns the median of five values.
    fn pivot(&mut self, range: &Range<u64>) -> Result<T> {
        let fifth = (range.end - range.start) / 5;
        let mut values = (0..5u64)
            .map(|n| self.load(range.start + n * fifth + fifth / 2, 1).map(|mut values| values.pop()))
            .filter_map(Result::transpose)
            .collect::<Result<std::vec::Vec<T>>>()?;
        values.sort_unstable_by(&mut self.compare);
        let middle = values.len() / 2;
        if middle >= values.len() {
            return Err(self.missing());
        }
        Ok(values.swap_remove(middle))
    }

    /// Partitions from both sides of the open range. Returns the index of the split once nothing is
    /// open.
    #[expect(clippy::indexing_slicing, reason = "`left` and `right` stay in what was loaded")]
    fn divide(&mut self, division: &mut Division) -> Result<Option<u64>> {
        let root = self.sequence.root();
        let pivot = T::decode(&division.pivot).on_page(root, root.page())?;
        let Range { start, end } = division.open.clone();
        if end - start <= self.side * 2 {
            let values = self.sort_short(start..end)?;
            let less = values.partition_point(|value| (self.compare)(value, &pivot).is_lt());
            let more = values.partition_point(|value| (self.compare)(value, &pivot).is_le()).max(less);
            // Values equal to the pivot may be on either side, so the split is as near the middle
            // as they allow.
            let (least, most) = (start + less as u64, start + more as u64);
            let Range { start, end } = division.range;
            let middle = (start + (end - start) / 2).clamp(least, most);
            return Ok(Some(middle.clamp(start + 1, end - 1)));
        }
        let (mut front, mut back) = (self.load(start, self.side)?, self.load(end - self.side, self.side)?);
        let (mut left, mut right, mut swaps) = (0, back.len(), std::vec::Vec::new());
        while left < front.len() && right > 0 {
            if (self.compare)(&front[left], &pivot).is_lt() {
                left += 1;
            } else if (self.compare)(&back[right - 1], &pivot).is_gt() {
                right -= 1;
            } else {
                right -= 1;
                core::mem::swap(&mut front[left], &mut back[right]);
                swaps.push((start + left as u64, end - self.side + right as u64));
                left += 1;
            }
        }
        if !self.sequence.is_uniform() {
            swaps.into_iter().try_for_each(|(a, b)| self.sequence.swap(a, b))?;
        } else if let (Some((first, last)), Some((last_front, first_back))) = (swaps.first(), swaps.last()) {
            let (left, right) = ((first - start) as usize, (first_back - (end - self.side)) as usize);
            self.store(*first, &front[left..=(last_front - start) as usize])?;
            self.store(*first_back, &back[right..=(last - (end - self.side)) as usize])?;
        }
        division.open = start + left as u64..end - (back.len() - right) as u64;
        Ok(None)
    }

    /// Sorts a short range and returns its values.
    #[expect(clippy::indexing_slicing, reason = "all numbers are below the number of values")]
    fn sort_short(&mut self, range: Range<u64>) -> Result<std::vec::Vec<T>> {
        if range.start >= range.end {
            return Ok(std::vec::Vec::new());
        }
        let mut values = self.load(range.start, range.end - range.start)?;
        if values.is_sorted_by(|a, b| (self.compare)(a, b).is_le()) {
            return Ok(values);
        }
        if self.sequence.is_uniform() {
            values.sort_unstable_by(&mut self.compare);
            self.store(range.start, &values)?;
            return Ok(values);
        }
        // A selection sort writes no value twice, except those that make way for others.
        for front in 0..values.len() {
            let mut least = front;
            for other in front + 1..values.len() {
                if (self.compare)(&values[other], &values[least]).is_lt() {
                    least = other;
                }
            }
            if least != front {
                self.sequence.swap(range.start + front as u64, range.start + least as u64)?;
                values.swap(front, least);
            }
        }
        Ok(values)
    }

    /// Reads exactly `count` values from an index on.
    fn load(&self, index: u64, count: u64) -> Result<std::vec::Vec<T>> {
        let root = self.sequence.root();
        let mut values = std::vec::Vec::new();
        let mut found = Values::new(self.sequence, index..index + count);
        loop {
            if let Some((page, bytes)) = found.next_array(T::SIZE.unwrap_or(0))? {
                for value in bytes.chunks_exact(T::SIZE.unwrap_or(0).max(1)) {
                    values.push(T::decode(value).on_page(self.sequence.root(), page)?);
                }
                continue;
            }
            let Some(value) = found.next_with(|found| value::decode_found(root, found)) else { break };
            values.push(value?);
        }
        if values.len() as u64 == count { Ok(values) } else { Err(self.missing()) }
    }

    /// Writes values of one size from an index on.
    fn store(&self, index: u64, values: &[T]) -> Result<()> {
        let width = T::SIZE.unwrap_or(0).max(1);
        let mut bytes = vec![0; width * values.len()];
        bytes.chunks_exact_mut(width).zip(values).for_each(|(place, value)| value.encode(place));
        self.sequence.set_run(index, &bytes)
    }

    fn missing(&self) -> Error {
        self.sequence.root().damaged(self.sequence.root().page(), Damage::MissingEntry)
    }
}
