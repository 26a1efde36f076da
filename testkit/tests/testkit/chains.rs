//! The ways through the releases of a canister end alike, or the test says which do not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use graven_testkit::{Canister, Chain};

/// A canister with a number in stable memory. `upgrade` is the code of its `post_upgrade`.
fn release(upgrade: &str) -> Vec<u8> {
    let module = format!(
        r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (memory 1)
  (func (export "canister_init") (drop (call $grow (i64.const 1))))
  (func (export "canister_post_upgrade") {upgrade})
  (func (export "canister_update write")
    (i32.store (i32.const 0) (i32.const 7))
    (call $write (i64.const 0) (i64.const 0) (i64.const 4)) (call $reply))
  (func (export "canister_query read")
    (call $read (i64.const 0) (i64.const 0) (i64.const 4))
    (call $append (i32.const 0) (i32.const 4)) (call $reply)))"#
    );
    wat::parse_str(module).unwrap()
}

const KEEPS: &str = "";
const DROPS: &str = "(call $write (i64.const 0) (i64.const 0) (i64.const 4))";

fn write(canister: &mut Canister) {
    canister.update_raw("write", &[]).unwrap();
}

fn read(canister: &mut Canister) -> Vec<u8> {
    canister.query_raw("read", &[]).unwrap()
}

#[test]
fn releases_that_keep_what_is_stored_agree_on_every_path() {
    let mut ends = 0;
    let chain = Chain::new([KEEPS, KEEPS, KEEPS].map(release));
    chain.assert_paths_agree(write, |canister| {
        ends += 1;
        assert_eq!(read(canister), [7, 0, 0, 0]);
    });
    assert_eq!(ends, 2, "with the release in the middle, and without it");
}

#[test]
fn a_release_whose_drop_can_be_skipped_is_found() {
    let chain = Chain::new([KEEPS, DROPS, KEEPS].map(release));
    let panic = catch_unwind(AssertUnwindSafe(|| chain.assert_paths_agree(write, read))).unwrap_err();
    let words = panic.downcast_ref::<String>().unwrap();
    assert!(words.contains("[0, 2] ends with [7, 0, 0, 0], and [0, 1, 2] with [0, 0, 0, 0]"), "{words}");
}
