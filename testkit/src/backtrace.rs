//! The names of the functions that run, as the replica's backtraces have them.

use wasmtime::{FrameInfo, WasmBacktrace};

/// The number of functions that the replica inserts before those of a canister, which shows in
/// backtraces.
const INJECTED_FUNCTIONS: u32 = 5;

/// Returns the names of the running functions, innermost first, or nothing if no function has a
/// name.
pub(crate) fn backtrace(trace: &WasmBacktrace) -> Vec<String> {
    let named = trace.frames().iter().any(|frame| frame.func_name().is_some());
    if named { frame_names(trace) } else { Vec::new() }
}

/// Returns the names of the running functions, with a description of those without a name.
pub(crate) fn frame_names(trace: &WasmBacktrace) -> Vec<String> {
    let name = |frame: &FrameInfo| match frame.func_name() {
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("unknown function at index {}", frame.func_index() + INJECTED_FUNCTIONS),
    };
    trace.frames().iter().map(name).collect()
}
