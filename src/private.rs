//! The items that generated code names. They are not for programs, and change without notice.

pub use graven_collections::__private::*;
