//! Tables: rows with their indexes, beside a model that scans, and each rule by itself.

mod checks;
mod model;
mod rules;
mod versions;
