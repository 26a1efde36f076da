//! The tables of a store that refer to each other. They are made known to each other after all of
//! them have their roots.

use std::any::Any;

/// The tables of a store that is being opened, by the types of their rows.
#[derive(Debug, Default)]
pub struct Links {
    tables: Vec<(&'static str, Box<dyn Any>)>,
}

impl Links {
    /// Adds a table with rows of this type.
    pub fn add(&mut self, row: &'static str, table: impl Any) {
        self.tables.push((row, Box::new(table)));
    }

    /// Returns the table with rows of this type.
    #[must_use]
    pub fn find<T: Any>(&self, row: &str) -> Option<&T> {
        self.tables.iter().find(|(known, _)| *known == row).and_then(|(_, table)| table.downcast_ref())
    }
}

/// A reference from the rows of a collection to those of a table of the same store.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The type of the table's rows.
    pub row: &'static str,
    /// The error for a store without such a table.
    pub missing: &'static str,
    /// The error for a store with several such tables.
    pub ambiguous: &'static str,
}

/// The type of a collection's rows, if others may refer to them, and what they refer to.
pub type Referring = (Option<&'static str>, &'static [Target]);

/// Returns `true` if some of these collections refer to others.
///
/// # Panics
/// If a reference does not lead to exactly one of them. In a constant, that is a compile error.
#[must_use]
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "constant evaluation has no iterators, and a panic there is a compile error"
)]
pub const fn are_linked(collections: &[Referring]) -> bool {
    let (mut linked, mut i) = (false, 0);
    while i < collections.len() {
        let targets = collections[i].1;
        let mut j = 0;
        while j < targets.len() {
            linked = true;
            match count(collections, targets[j].row) {
                0 => panic!("{}", targets[j].missing),
                1 => {}
                _ => panic!("{}", targets[j].ambiguous),
            }
            j += 1;
        }
        i += 1;
    }
    linked
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "constant evaluation has no iterators"
)]
const fn count(collections: &[Referring], row: &str) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < collections.len() {
        if let Some(known) = collections[i].0
            && is_same(known.as_bytes(), row.as_bytes())
        {
            count += 1;
        }
        i += 1;
    }
    count
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "constant evaluation has no iterators"
)]
const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}
