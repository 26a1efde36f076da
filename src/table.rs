//! The parts of tables: what the derive says about a row, its indexes and references, and questions
//! by them.

pub use graven_collections::table::{
    AnyIndex, Combined, Condition, Entries, Expired, ExpirySpec, ExpiryTime, Explain, Fields, Groups,
    Included, Index, IndexOrScan, IndexSpec, IndexState, Joined, Keys, Matches, MatchingKeys, Query, Record,
    Reference, ReferenceSpec, RefersTo, Rows, UniqueIndex, Values, WithReferring,
};
