//! Everything that the macros of this crate name in the code that they generate. Not for programs: it changes without
//! notice.

pub use graven_core::__private::*;
