//! The charge for compiling a module.

use graven_testkit::Canister;

/// Three instructions in a loop and one after it; the ends are instructions, too.
const MODULE: &str = r#"(module
  (memory 1)
  (global $n (mut i32) (i32.const 0))
  (func (export "canister_update work")
    (loop $again
      (global.set $n (i32.const 1))
      (br_if $again (i32.const 0)))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))"#;

/// By the replica's rules: 4 to charge a block, 6 more to look at the counter where the block is
/// that of a function or a loop, 3 before the fill.
#[test]
fn every_instruction_is_charged_also_those_of_metering() {
    let wasm = wat::parse_str(MODULE).unwrap();
    let written = ["loop", "const", "set", "const", "br_if", "end", "const", "const", "const", "fill", "end"];
    let global = 2;
    // The function, the loop, and what comes after the loop.
    let metering = 10 + 10 + 3 + 4;
    let mut canister = Canister::builder().empty();
    let installed = canister.reinstall(&wasm, ());
    assert_eq!(installed.compilation, 6_000 * (written.len() as u64 + metering + global));
    let expected = installed.compilation;
    installed.unwrap();
    let upgraded = canister.upgrade(&wasm, ());
    assert_eq!((upgraded.compilation, upgraded.instructions()), (expected, 0));
    assert_eq!(canister.update_raw("work", &[]).compilation, 0);
}
