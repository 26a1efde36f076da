//! How layouts change: comparing a stored layout with a type's history ([`Check`]), the recipe for reading
//! it that comes out ([`Plan`]), and the words for what does not fit ([`Problem`], [`Report`]).
//!
//! Derived types describe their history as data ([`StructSpec`], [`EnumSpec`]); all comparing is done here.

mod check;
mod plan;
mod report;
mod spec;

pub use check::Check;
pub use plan::{FieldPlan, How, Plan, RecordPlan, VariantPlan};
pub use report::{Problem, Report, Rule};
pub use spec::{EnumSpec, FieldSpec, PlanFn, StructSpec, VariantSpec};
