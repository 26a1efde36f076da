//! Tests that need more than one crate of the workspace. `store_damage` measures the heap with an
//! allocator of its own.

mod canisters;
mod demo;
mod golden;
mod map;
mod store;
mod two_compilers;
