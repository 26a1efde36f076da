//! The parts of tables: what the derive says about a row, its indexes, and questions by them.

pub use graven_collections::table::{
    AnyIndex, Entries, Fields, Index, IndexSpec, IndexState, Keys, Query, Record, Rows, UniqueIndex, Values,
};
