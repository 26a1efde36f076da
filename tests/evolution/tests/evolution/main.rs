//! Derived types and their histories, a module for each subject.

mod corrections;
mod enum_changes;
mod histories;
mod keys;
mod layouts;
mod names;
mod obsolete;
mod problems;
mod refused_stores;
mod rules;
mod struct_changes;
mod versions;
