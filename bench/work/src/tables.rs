//! Operations on tables: rows by a number, with an index of another number and a unique index of a
//! text.

use core::hint::black_box;

use crate::data::{Key, Value};

/// Rows that a page has.
const PAGE: usize = 20;
/// The least number that no karma reaches.
const KARMA_END: u64 = 1 << 24;

/// A row, with its fields computed from its number by [`karma`], [`name`] and `visits`, which is
/// the number itself.
pub trait Row: Value {
    /// Changes `visits`, a field without an index.
    fn visit(&mut self);
    /// Changes `karma`, which has an index, to the number of `KARMA_END` less it.
    fn turn_karma(&mut self);
}

/// Returns the indexed number of a row. A few rows of a million have the same one.
#[must_use]
pub fn karma(number: u64) -> u64 {
    mixed(number) >> 40
}

/// Returns a karma as far from the end of all as that one is from their start.
#[must_use]
pub fn turned(karma: u64) -> u64 {
    KARMA_END - 1 - karma
}

/// Returns the text of a row, 16 hexadecimal digits. No two rows have one.
#[must_use]
pub fn name(number: u64) -> String {
    <String as Key>::of(mixed(number))
}

/// Returns a number in another order than that of the keys. No two numbers have one.
fn mixed(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// How a contender does one operation of a table. A row stands for its values where a row is looked
/// for.
pub trait Table {
    /// Its rows.
    type Row: Row;

    /// Returns the number of rows.
    fn len(&self) -> u64;

    /// Returns `true` if there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a row, whose key and text are new.
    fn insert(&mut self, id: u64, row: Self::Row);
    /// Replaces a row; tells whether there was one.
    fn upsert(&mut self, id: u64, row: Self::Row) -> bool;
    /// Changes a row; tells whether there is one.
    fn update(&mut self, id: u64, change: impl FnOnce(&mut Self::Row)) -> bool;
    /// Removes a row; tells whether there was one.
    fn take(&mut self, id: u64) -> bool;
    /// Shows the row of a key; tells whether there is one.
    fn see(&self, id: u64, look: impl FnOnce(&Self::Row)) -> bool;
    /// Shows the row with the name of this one; tells whether there is one.
    fn see_named(&self, like: &Self::Row, look: impl FnOnce(&Self::Row)) -> bool;
    /// Shows `count` rows in the order of their karma, from that of this one on.
    fn page(&self, from: &Self::Row, count: usize, look: impl FnMut(&Self::Row));
    /// Shows `count` rows whose names begin with as many digits of the name of this one.
    fn alike(&self, to: &Self::Row, digits: usize, count: usize, look: impl FnMut(&Self::Row));
    /// Shows the keys of these rows.
    fn keys_alike(&self, to: &Self::Row, digits: usize, count: usize, look: impl FnMut(u64));
    /// Counts the rows whose karma is that of this one, or above it by less than `width`.
    fn count(&self, from: &Self::Row, width: u64) -> u64;

    /// Replaces a row in the map of rows, whatever its entries are.
    fn overwrite(&mut self, _id: u64, _row: Self::Row) -> bool {
        unimplemented!("no map")
    }
}

/// Does the operation for all numbers; tells how many operations (of counting: rows) that were.
///
/// # Panics
/// Where a row is not what it must be, and for an operation that is not here.
pub fn run<T: Table>(table: &mut T, operation: &str, numbers: &[u64]) -> u64 {
    let row = T::Row::of;
    let mut sum = 0u64;
    let mut look = |row: &T::Row| sum = sum.wrapping_add(row.part());
    match operation {
        "nothing" => numbers.iter().for_each(|n| drop(black_box(row(*n)))),
        "keys" => numbers.iter().for_each(|n| {
            black_box(*n);
        }),
        "insert" => numbers.iter().for_each(|n| table.insert(*n, row(*n))),
        "get" => numbers.iter().for_each(|n| assert!(table.see(*n, &mut look))),
        "get-unique" => numbers.iter().for_each(|n| assert!(table.see_named(&row(*n), &mut look))),
        "upsert" => numbers.iter().for_each(|n| assert!(table.upsert(*n, visited(row(*n))))),
        "overwrite" => numbers.iter().for_each(|n| assert!(table.overwrite(*n, visited(row(*n))))),
        "update" => numbers.iter().for_each(|n| assert!(table.update(*n, Row::visit))),
        "update-indexed" => numbers.iter().for_each(|n| assert!(table.update(*n, Row::turn_karma))),
        "remove" => numbers.iter().for_each(|n| assert!(table.take(*n))),
        _ => return pages(table, operation, numbers),
    }
    black_box(sum);
    numbers.len() as u64
}

fn visited<R: Row>(mut row: R) -> R {
    row.visit();
    row
}

fn pages<T: Table>(table: &T, operation: &str, numbers: &[u64]) -> u64 {
    let row = T::Row::of;
    // As many as leave some rows more than a page.
    let digits = if table.len() < 10_000 { 1 } else { 2 };
    let mut sum = 0u64;
    let mut look = |row: &T::Row| sum = sum.wrapping_add(row.part());
    match operation {
        "page" => numbers.iter().for_each(|n| table.page(&row(*n), PAGE, &mut look)),
        "page-prefix" => numbers.iter().for_each(|n| table.alike(&row(*n), digits, PAGE, &mut look)),
        "keys-prefix" => numbers.iter().for_each(|n| {
            table.keys_alike(&row(*n), digits, PAGE, |key| sum = sum.wrapping_add(key));
        }),
        "count" => return numbers.iter().map(|n| table.count(&row(*n), KARMA_END / 1_000)).sum(),
        other => panic!("no operation `{other}`"),
    }
    black_box(sum);
    numbers.len() as u64
}
