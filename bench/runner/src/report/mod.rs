//! RESULTS.md: a summary and the bars first (`summary`), then the workloads of each structure
//! (`tables`).
//!
//! Everything comes from results.csv, and from bounds.txt, in which people write what keeps a bar
//! from being met. How something is measured is not told here but in docs/performance.md.

mod notes;
mod numbers;
mod summary;
mod tables;

pub use notes::Notes;
pub use numbers::{bytes, instructions};

use crate::figures::Results;

/// Returns the text of RESULTS.md.
#[must_use]
pub fn text(results: &Results, notes: &Notes) -> String {
    let mut text = summary::text(results, notes);
    text.push_str(&tables::text(results));
    text
}
