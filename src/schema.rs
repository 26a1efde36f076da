//! Layouts and their histories as data: for implementations by hand of
//! [`StableLayout`](crate::StableLayout), and for programs that look at refusals and statistics.

pub use graven_core::evolution::{History, Plan, Problem, Report, Rule, VersionName};
pub use graven_core::layout::{
    Field as FieldLayout, Fingerprint, Invalid, Layout, Prim, TooLong, Variant as VariantLayout, encode,
};
pub use graven_core::store::{CollectionKind, LayoutStats, RootSpec};
