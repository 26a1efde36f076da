//! Vectors, deques and logs.

mod counting;
mod extract;
mod methods;
mod runs;
