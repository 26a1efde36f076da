//! Profiles: every instruction that is charged has a line, and lines are exclusive.

use graven_testkit::{Canister, Profile};

const MODULE: &str = r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (memory 1)
  (func (export "canister_init") (drop (call $grow (i64.const 1))))
  (func $leaf (param $n i32) (result i32)
    (memory.fill (i32.const 0) (i32.const 7) (i32.const 5000))
    (i32.add (local.get $n) (i32.const 1)))
  (func $loop (local $n i32)
    (loop $again
      (local.set $n (call $leaf (local.get $n)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 10)))))
  (func (export "canister_update work")
    (call $loop)
    (call $write (i64.const 4090) (i64.const 0) (i64.const 10))
    (call $reply)))"#;

fn line(profile: &Profile, name: &str) -> (u64, u64) {
    let lines = profile.lines();
    let line = lines.iter().find(|line| line.name == name);
    line.map_or((0, 0), |line| (line.calls, line.instructions))
}

#[test]
fn a_profile_has_every_instruction_under_its_function() {
    let wasm = wat::parse_str(MODULE).unwrap();
    let mut canister = Canister::builder().profiled().install(&wasm, ()).unwrap();
    let installed = canister.take_profile();
    assert_eq!(line(&installed, "ic0.stable64_grow"), (1, 100));

    let outcome = canister.update_raw("work", &[]);
    let instructions = outcome.instructions();
    outcome.unwrap();
    let profile = canister.take_profile();
    assert_eq!(profile.total(), instructions);
    // Two constants more than a length, the fill and its bytes, the sum, and the entry.
    let (calls, leaf) = line(&profile, "leaf");
    assert_eq!((calls, leaf / 10), (10, 100 + 5000 + 7));
    assert_eq!(line(&profile, "loop").0, 1);
    assert!(line(&profile, "loop").1 < 300);
    assert_eq!(line(&profile, "ic0.stable64_write"), (1, 20 + 10));
    assert_eq!(line(&profile, "(stable pages written)"), (2, 2_000));
    assert_eq!(line(&profile, "(heap pages changed)"), (2, 2_000));
    assert_eq!(canister.take_profile().total(), 0);
}

#[test]
fn a_profile_changes_no_charge() {
    let wasm = wat::parse_str(MODULE).unwrap();
    let charged = |mut canister: Canister| canister.update_raw("work", &[]).instructions();
    let plain = charged(Canister::install(&wasm, ()).unwrap());
    assert_eq!(charged(Canister::builder().profiled().install(&wasm, ()).unwrap()), plain);
}
