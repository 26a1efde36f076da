//! The performance counter, and its end that is set from outside.

use graven_testkit::Canister;

/// Counts in the heap until the performance counter reaches a million, and returns the count.
const WATCHFUL: &str = r#"(module
  (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (memory 1)
  (func (export "canister_query count") (local $count i64)
    (loop $more
      (local.set $count (i64.add (local.get $count) (i64.const 1)))
      (br_if $more (i64.lt_u (call $counter (i32.const 0)) (i64.const 1000000))))
    (i64.store (i32.const 0) (local.get $count))
    (call $append (i32.const 0) (i32.const 8))
    (call $reply)))"#;

#[test]
fn a_counter_that_is_ended_ends_a_message() {
    let mut canister = Canister::install(&wat::parse_str(WATCHFUL).unwrap(), ()).unwrap();
    let mut count = |end: Option<u64>| {
        canister.set_counter_end(end);
        let outcome = canister.query_raw("count", &[]);
        let instructions = outcome.instructions();
        (u64::from_le_bytes(outcome.unwrap().try_into().unwrap()), instructions)
    };
    let (whole, spent) = count(None);
    assert!(whole > 1_000 && spent >= 1_000_000, "{whole} {spent}");
    assert_eq!(count(Some(0)).0, 1);
    let (half, spent) = count(Some(500_000));
    assert!(
        half * 3 > whole && half * 3 < whole * 2 && (500_000..510_000).contains(&spent),
        "{half} {spent}"
    );
    assert_eq!(count(Some(2_000_000)).0, whole);
    assert_eq!(count(None).0, whole);
}
