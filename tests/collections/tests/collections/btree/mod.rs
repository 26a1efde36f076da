//! Ordered maps and sets.

mod budgets;
mod changes;
mod cursors;
mod damage;
mod ends;
mod fixed_leaves;
mod iterators;
mod loads;
mod sets;
