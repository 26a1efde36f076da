//! Checking both trees, and that every entry belongs to one collection.

use std::ops::Bound;

use graven_core::{Memory, Result};

use super::row::{self, Row};
use super::trees::Trees;

impl<M: Memory> Trees<M> {
    /// Checks everything: both trees, and that the entries are those that the rows count, so that nothing is left of
    /// what has no row. `is_list`: their keys are positions. Needs 24 bytes of heap for each collection.
    pub(super) fn verify(&self, is_list: bool) -> Result<()> {
        self.entries.verify()?;
        self.index.verify()?;
        let mut rows = self.rows()?.into_iter();
        let mut cursor = self.entries.cursor(Bound::Unbounded, Bound::Unbounded);
        let mut current: Option<(Row, u64)> = None;
        let sizes = self.entries.sizes;
        while let Some(key) = cursor.next(sizes, |key, _| Ok(key.to_vec()))? {
            let Some((number, own)) = key.split_first_chunk() else {
                return Err(self.broken("the key of an entry is too short"));
            };
            let number = u64::from_be_bytes(*number);
            if current.is_none_or(|(row, _)| row.number != number) {
                self.check_end(current)?;
                let row = rows.find(|row| row.number >= number || row.len > 0);
                let row = row.filter(|row| row.number == number);
                current = Some((row.ok_or_else(|| self.broken("an entry belongs to no collection"))?, 0));
            }
            let Some((row, seen)) = &mut current else { continue };
            let position = row.first.wrapping_add(*seen);
            if is_list && own != position.to_be_bytes() {
                return Err(self.broken("the values of a list do not follow one another"));
            }
            *seen += 1;
        }
        self.check_end(current)?;
        match rows.find(|row| row.len > 0) {
            Some(_) => Err(self.broken("the entries of a collection are missing")),
            None => Ok(()),
        }
    }

    fn check_end(&self, current: Option<(Row, u64)>) -> Result<()> {
        match current {
            Some((row, seen)) if row.len != seen => {
                Err(self.broken("the entries of a collection are not as many as counted"))
            }
            _ => Ok(()),
        }
    }

    /// All rows by their numbers, which are different.
    fn rows(&self) -> Result<Vec<Row>> {
        let (mut rows, mut in_use) = (Vec::new(), 0);
        let mut cursor = self.index.cursor(Bound::Unbounded, Bound::Unbounded);
        while let Some((row, is_used, is_removed)) = cursor.next(self.index.sizes, |key, found| {
            let row = Row::read(found)?;
            Ok((row, row::key_of(key).is_some(), key == row::removed(row.number).as_slice()))
        })? {
            if !(is_used || is_removed && row.len > 0) {
                return Err(self.broken("a row of the index is neither of a key nor of what is left"));
            }
            in_use += u64::from(is_used);
            rows.push(row);
        }
        rows.sort_unstable_by_key(|row| row.number);
        if rows.windows(2).any(|pair| pair[0].number == pair[1].number) {
            return Err(self.broken("two collections have the same number"));
        }
        if rows.last().is_some_and(|last| last.number >= self.next()) {
            return Err(self.broken("its next number is not higher than those given"));
        }
        if in_use == self.in_use() {
            Ok(rows)
        } else {
            Err(self.broken("its index has another number of rows than it counts"))
        }
    }
}
