//! The parts of errors.

pub use graven_core::error::{Broken, IndexIncomplete, Violation};
