//! Tests of the collections, a module for each subject. Tests that measure the heap have an
//! allocator of their own and are programs of their own: `damage` and `damage_found`.

mod beyond_4_gib;
mod blobs;
mod bounds;
mod btree;
mod capacities;
mod chunked_memory;
mod decoder;
mod detached_trees;
mod fields;
mod golden;
mod hash;
mod heap_and_stable;
mod iterators;
mod keys;
mod lists;
mod long_life;
mod models;
mod nested;
mod panic_places;
mod priority_queue;
mod ranked_map;
mod records;
mod serialize;
mod skipped_values;
mod slab;
mod std_methods;
mod std_traits;
mod tables;
mod transactions;
mod values_nobody_reads;
mod verified_in_steps;
