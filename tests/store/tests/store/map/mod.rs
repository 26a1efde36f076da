//! An ordered map beside std's.

mod random_runs;
mod short_runs;
