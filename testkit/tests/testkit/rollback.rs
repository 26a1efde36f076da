//! Changes that last and changes that are rolled back: traps, queries, failed upgrades, snapshots.

use graven_testkit::{Canister, ErrorCode, Limits, PageLimits};

/// A counter in a global, one in the heap, one in stable memory; each update adds one to all three
/// and then does as its name says.
const COUNTERS: &str = r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reject" (func $reject (param i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "canister_init") (drop (call $grow (i64.const 1))))
  (func $step
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 8000) (i32.add (i32.load (i32.const 8000)) (i32.const 1)))
    (call $read (i64.const 16) (i64.const 70) (i64.const 4))
    (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1)))
    (call $write (i64.const 70) (i64.const 16) (i64.const 4))
    (drop (call $timer (i64.const 5))))
  (func $grow_both (drop (memory.grow (i32.const 3))) (drop (call $grow (i64.const 3))))
  (func $show
    (i32.store (i32.const 0) (global.get $count))
    (i32.store (i32.const 4) (i32.load (i32.const 8000)))
    (call $read (i64.const 8) (i64.const 70) (i64.const 4))
    (call $append (i32.const 0) (i32.const 12)) (call $reply))
  (func (export "canister_update step") call $step call $reply)
  (func (export "canister_update step_and_reject") call $step (call $reject (i32.const 0) (i32.const 0)))
  (func (export "canister_update step_and_trap") call $step unreachable)
  (func (export "canister_update grow_and_trap") call $step call $grow_both unreachable)
  (func (export "canister_query step_in_query") call $step2 call $reply)
  (func (export "canister_query grow_in_query") call $step2 call $grow_both call $reply)
  (func $step2
    (global.set $count (i32.const 77)) (i32.store (i32.const 8000) (i32.const 77))
    (i32.store (i32.const 16) (i32.const 77)) (call $write (i64.const 70) (i64.const 16) (i64.const 4)))
  (func (export "canister_update endless") call $step (loop $again (br $again)))
  (func (export "canister_update wide")
    (call $write (i64.const 0) (i64.const 0) (i64.const 65536)) call $reply)
  (func (export "canister_query show") call $show)
)"#;

fn counters() -> Canister {
    Canister::install_raw(&wat::parse_str(COUNTERS).unwrap(), &[]).unwrap()
}

fn show(canister: &mut Canister) -> [u32; 3] {
    let reply = canister.query_raw("show", &[]).unwrap();
    let number = |i: usize| u32::from_le_bytes(reply[i * 4..i * 4 + 4].try_into().unwrap());
    [number(0), number(1), number(2)]
}

#[test]
fn an_update_lasts_and_so_does_one_that_rejects() {
    let mut canister = counters();
    canister.update_raw("step", &[]).unwrap();
    assert_eq!(show(&mut canister), [1, 1, 1]);
    let reject = canister.update_raw("step_and_reject", &[]).unwrap_err();
    assert_eq!(reject.code, ErrorCode::CanisterRejectedMessage);
    assert_eq!(reject.code.reject_code(), 4);
    assert_eq!(show(&mut canister), [2, 2, 2]);
    assert_eq!(canister.timer(), Some(5));
}

#[test]
fn a_trap_undoes_heap_globals_stable_memory_and_timer() {
    let mut canister = counters();
    for method in ["step_and_trap", "grow_and_trap", "step_and_trap"] {
        let outcome = canister.update_raw(method, &[]);
        assert_eq!((outcome.dirty_pages(), outcome.usage.stable.pages_written), (0, 1));
        assert_eq!(outcome.unwrap_err().code, ErrorCode::CanisterTrapped);
        assert_eq!(show(&mut canister), [0, 0, 0]);
        assert_eq!((canister.heap_size_pages(), canister.stable_size_pages()), (1, 1));
        assert_eq!(canister.timer(), None);
    }
    canister.update_raw("step", &[]).unwrap();
    assert_eq!(show(&mut canister), [1, 1, 1]);
}

#[test]
fn a_query_leaves_nothing() {
    let mut canister = counters();
    for method in ["step_in_query", "grow_in_query"] {
        canister.query_raw(method, &[]).unwrap();
        canister.update_raw(method, &[]).unwrap();
        assert_eq!(show(&mut canister), [0, 0, 0]);
        assert_eq!((canister.heap_size_pages(), canister.stable_size_pages()), (1, 1));
    }
}

#[test]
fn the_limits_stop_a_message_and_undo_it() {
    let mut canister = counters();
    let stable_pages = PageLimits { message: 8, upgrade: 8, query: 8 };
    canister.set_limits(Limits { update_instructions: 1_000_000, stable_pages, ..Limits::default() });
    let outcome = canister.update_raw("endless", &[]);
    assert_eq!(outcome.instructions(), 1_000_000);
    assert_eq!(outcome.unwrap_err().code, ErrorCode::CanisterInstructionLimitExceeded);
    assert_eq!(show(&mut canister), [0, 0, 0]);
    let reject = canister.update_raw("wide", &[]).unwrap_err();
    assert_eq!(reject.code, ErrorCode::CanisterMemoryAccessLimitExceeded);
}

#[test]
fn a_failed_upgrade_undoes_everything() {
    let mut canister = counters();
    canister.update_raw("step", &[]).unwrap();
    let bad = wat::parse_str(r#"(module (func (export "canister_post_upgrade") unreachable))"#).unwrap();
    let outcome = canister.upgrade_raw(&bad, &[]);
    assert_eq!(outcome.phase("post_upgrade"), Some(2));
    assert!(!outcome.is_ok());
    assert_eq!(show(&mut canister), [1, 1, 1]);
    assert_eq!(canister.timer(), Some(5));
    canister.update_raw("step", &[]).unwrap();
    assert_eq!(show(&mut canister), [2, 2, 2]);
    // An upgrade keeps stable memory only, and unsets the timer.
    canister.upgrade_raw(&wat::parse_str(COUNTERS).unwrap(), &[]).unwrap();
    assert_eq!(show(&mut canister), [0, 0, 2]);
    assert_eq!(canister.timer(), None);
}

#[test]
fn snapshots_and_clones_go_their_own_ways() {
    let mut canister = counters();
    canister.update_raw("step", &[]).unwrap();
    let snapshot = canister.snapshot();
    let mut other = canister.clone();
    canister.update_raw("step", &[]).unwrap();
    canister.update_raw("step", &[]).unwrap();
    assert_eq!(show(&mut canister), [3, 3, 3]);
    assert_eq!(show(&mut other), [1, 1, 1]);
    for _ in 0..2 {
        canister.restore(&snapshot);
        assert_eq!(show(&mut canister), [1, 1, 1]);
        canister.update_raw("step", &[]).unwrap();
    }
    assert_eq!(show(&mut canister), [2, 2, 2]);
}
