//! Entries of which 1 to 8 fit into a page, and entries with one byte more or less. Collections of
//! them are filled, overwritten and emptied beside a model of std.
//!
//! ```text
//! values      values of a chosen length
//! keyed       maps and sets, by key
//! listed      lists, by position
//! queued      priority queues
//! ```

mod keyed;
mod listed;
mod queued;
mod values;

/// Bytes of a page for its cells.
const ROOM: usize = 4_064;

/// The numbers of cells in a page that are tried.
const CELLS: std::ops::RangeInclusive<usize> = 1..=8;

/// The order in which entries are added and removed.
#[derive(Debug, Clone, Copy)]
enum Order {
    Ascending,
    Descending,
    Random,
}

impl Order {
    const ALL: [Order; 3] = [Order::Ascending, Order::Descending, Order::Random];

    /// Returns the numbers below `count` in this order.
    fn numbers(self, count: u64) -> Vec<u64> {
        match self {
            Order::Ascending => (0..count).collect(),
            Order::Descending => (0..count).rev().collect(),
            // Yields every number once, since `count` is a power of 2.
            Order::Random => (0..count).map(|number| (number * 29 + 11) % count).collect(),
        }
    }
}

/// Returns the lengths of values of which 1 to 8 fit into a page beside `other` bytes of each cell,
/// with one byte more and one less.
fn lengths(other: usize) -> Vec<usize> {
    let fits = CELLS.map(|cells| (ROOM / cells).saturating_sub(other));
    fits.flat_map(|len| [len - 1, len, len + 1]).collect()
}
