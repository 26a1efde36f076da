//! Messages of the derives about types that they refuse. Every message has a case.

mod reached;
mod refused;
