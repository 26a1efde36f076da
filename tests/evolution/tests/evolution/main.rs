//! Derived types and their histories, a module for each subject.

mod corrections;
mod deep_changes;
mod enum_changes;
mod generics;
mod histories;
mod keys;
mod layouts;
mod macros;
mod names;
mod obsolete;
mod problems;
mod recursive;
mod refused_stores;
mod rules;
mod struct_changes;
mod versions;
