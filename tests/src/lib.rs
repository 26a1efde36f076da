//! Tests that need more than one crate of the workspace, and what they share.

pub mod chains;
pub mod compiled;
pub mod damage;
pub mod golden;
pub mod image;
pub mod memory;
pub mod model;
pub mod mutants;
pub mod ownership;
pub mod panics;
pub mod rng;
pub mod samples;
pub mod space;
pub mod steps;
