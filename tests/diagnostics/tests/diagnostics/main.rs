//! What the derives say about types that they refuse, and that every message has a case.

mod reached;
mod refused;
