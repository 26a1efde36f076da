//! The work on a module before it is compiled: reading its parts ([`facts`]), refusing what the
//! replica refuses ([`check`]), and rewriting its code so that it counts instructions ([`meter`],
//! [`instrument`]) by the replica's price list ([`cost`]).
//!
//! Nothing here runs code or knows of messages.

pub(crate) mod check;
pub(crate) mod cost;
pub(crate) mod custom;
pub(crate) mod facts;
pub(crate) mod instrument;
pub(crate) mod meter;
pub(crate) mod names;
mod sections;

use wasmparser::WasmFeatures;

/// The proposals that the replica admits.
pub(crate) const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::GC_TYPES);
