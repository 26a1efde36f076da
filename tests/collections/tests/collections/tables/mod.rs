//! Tables: rows with their indexes, beside a model that scans, and each rule by itself.

mod ask;
mod at_upgrade;
mod attributes;
mod checks;
mod conditions;
mod covering;
mod expiry;
mod faults;
mod keys;
mod linked;
mod model;
mod references;
mod renames;
mod rules;
mod versions;
