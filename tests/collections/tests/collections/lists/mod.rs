//! Vectors, deques and logs.

mod methods;
mod runs;
