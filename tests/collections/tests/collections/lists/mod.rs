//! Vectors, deques and logs.

mod extract;
mod methods;
mod runs;
