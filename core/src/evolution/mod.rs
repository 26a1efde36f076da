//! Changes of layouts. [`Check`] compares a stored layout with a type's history. The result is a
//! [`Plan`] for reading it, or a [`Report`] with every [`Problem`].
//!
//! Types describe their history as data ([`History`]). The comparison uses these data alone, so
//! tools come to the same result as a canister. Nothing here knows of pages or roots.

mod check;
mod corrections;
mod history;
mod keys;
mod obsolete;
mod plan;
mod records;
mod report;
mod rules;
mod types;
mod versions;

pub use check::Check;
pub use history::{Derived, EnumHistory, FieldHistory, GONE, History, STILL, StructHistory, VariantHistory};
pub use keys::key_problem;
pub(crate) use obsolete::Usage;
pub use obsolete::{UnusedVersion, VersionName};
pub use plan::{Conversion, FieldPlan, OldField, Plan, RecordPlan, VariantPlan};
pub use report::{Problem, Report};
pub use rules::Rule;
pub use versions::TypeVersion;
pub(crate) use versions::VersionUse;
