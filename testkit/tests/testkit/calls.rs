//! Candid in and out, calls of a canister to itself, callbacks, timers.

use std::time::Duration;

use candid::Principal;
use graven_testkit::{Canister, ErrorCode};

/// Replies with its argument, or with who asked.
const ECHO: &str = r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg (param i32 i32 i32)))
  (import "ic0" "msg_caller_size" (func $caller_size (result i32)))
  (import "ic0" "msg_caller_copy" (func $caller (param i32 i32 i32)))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (import "ic0" "accept_message" (func $accept))
  (memory 1)
  (func $echo
    (call $arg (i32.const 0) (i32.const 0) (call $size))
    (call $print (i32.const 0) (i32.const 4))
    (call $append (i32.const 0) (call $size)) (call $reply))
  (func (export "canister_update echo") call $echo)
  (func (export "canister_query echo_query") call $echo)
  (func (export "canister_update who")
    (call $caller (i32.const 0) (i32.const 0) (call $caller_size))
    (call $append (i32.const 0) (call $caller_size)) (call $reply))
  (func (export "canister_inspect_message")
    (if (i32.eq (call $caller_size) (i32.const 1)) (then (return))) (call $accept))
)"#;

/// Its methods call the method named in the argument of the canister in the argument (one byte of
/// length, the id, the name). The reply callback replies `R` and the reply, the reject callback
/// `E`, the code as a digit, and the text. The timer calls `fail` of the canister itself, the
/// cleanup of which leaves a mark.
const CALLER: &str = r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg (param i32 i32 i32)))
  (import "ic0" "msg_reject_code" (func $code (result i32)))
  (import "ic0" "msg_reject_msg_size" (func $text_size (result i32)))
  (import "ic0" "msg_reject_msg_copy" (func $text (param i32 i32 i32)))
  (import "ic0" "canister_self_size" (func $self_size (result i32)))
  (import "ic0" "canister_self_copy" (func $self (param i32 i32 i32)))
  (import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_on_cleanup" (func $on_cleanup (param i32 i32)))
  (import "ic0" "call_data_append" (func $data (param i32 i32)))
  (import "ic0" "call_perform" (func $perform (result i32)))
  (import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))
  (import "ic0" "time" (func $time (result i64)))
  (memory 1)
  (table 4 funcref)
  (elem (i32.const 1) $on_reply $on_reject $clean)
  (global $mark (mut i32) (i32.const 0))
  (data (i32.const 3000) "REfail")
  (func (export "canister_init")
    (drop (call $timer (i64.add (call $time) (i64.const 60000000000)))))
  (func $on_reply (param $trap i32)
    (if (local.get $trap) (then unreachable))
    (call $append (i32.const 3000) (i32.const 1))
    (call $arg (i32.const 0) (i32.const 0) (call $size)) (call $append (i32.const 0) (call $size)) call $reply)
  (func $on_reject (param $env i32)
    (i32.store8 (i32.const 0) (i32.add (i32.const 48) (call $code)))
    (call $append (i32.const 3001) (i32.const 1)) (call $append (i32.const 0) (i32.const 1))
    (call $text (i32.const 0) (i32.const 0) (call $text_size)) (call $append (i32.const 0) (call $text_size))
    call $reply)
  (func $clean (param $env i32) (global.set $mark (local.get $env)))
  (func $call (param $trap i32) (local $id i32)
    (call $arg (i32.const 0) (i32.const 0) (call $size))
    (local.set $id (i32.load8_u (i32.const 0)))
    (call $new (i32.const 1) (local.get $id)
      (i32.add (i32.const 1) (local.get $id)) (i32.sub (i32.sub (call $size) (local.get $id)) (i32.const 1))
      (i32.const 1) (local.get $trap) (i32.const 2) (i32.const 0))
    (call $on_cleanup (i32.const 3) (i32.const 123))
    (call $data (i32.const 3000) (i32.const 6))
    (drop (call $perform)))
  (func (export "canister_update call") (call $call (i32.const 0)))
  (func (export "canister_update call_and_trap") (call $call (i32.const 1)))
  (func (export "canister_update ok") (call $append (i32.const 3002) (i32.const 4)) call $reply)
  (func (export "canister_update fail") (global.set $mark (i32.const 9)) unreachable)
  (func (export "canister_update silent"))
  (func (export "canister_query mark")
    (i32.store (i32.const 0) (global.get $mark)) (call $append (i32.const 0) (i32.const 4)) call $reply)
  (func (export "canister_global_timer") (global.set $mark (i32.const 7))
    (call $self (i32.const 0) (i32.const 0) (call $self_size))
    (call $new (i32.const 0) (call $self_size) (i32.const 3002) (i32.const 4)
      (i32.const 3) (i32.const 1) (i32.const 3) (i32.const 55))
    (drop (call $perform)))
)"#;

fn install(text: &str) -> Canister {
    Canister::install(&wat::parse_str(text).unwrap(), ()).unwrap()
}

fn target(id: Principal, method: &str) -> Vec<u8> {
    [&[id.as_slice().len() as u8], id.as_slice(), method.as_bytes()].concat()
}

#[test]
fn candid_goes_in_and_comes_out_typed() {
    let mut canister = install(ECHO);
    let args = ("name", vec![1u32, 2], Some(3i8));
    let outcome = canister.update::<_, (String, Vec<u32>, Option<i8>)>("echo", args);
    assert_eq!(outcome.log, ["DIDL"]);
    assert_eq!(outcome.unwrap(), ("name".to_owned(), vec![1, 2], Some(3)));
    let (back,): (u64,) = canister.query("echo_query", (7u64,)).unwrap();
    assert_eq!(back, 7);
    let mismatch = canister.query::<_, (String,)>("echo_query", (7u64,)).unwrap_err();
    assert_eq!(mismatch.code, ErrorCode::CandidMismatch);
}

#[test]
fn the_caller_can_be_chosen_and_inspected() {
    let mut canister = install(ECHO);
    let anonymous = Principal::anonymous();
    assert_eq!(canister.update_raw("who", &[]).unwrap(), canister.caller().as_slice());
    assert_eq!(canister.update_raw_as(anonymous, "who", &[]).unwrap(), anonymous.as_slice());
    let caller = canister.caller();
    assert!(canister.inspect_message_raw(caller, "who", &[]).is_ok());
    let refused = canister.inspect_message_raw(anonymous, "who", &[]).unwrap_err();
    assert_eq!(refused.code, ErrorCode::CanisterRefusedMessage);
}

#[test]
fn a_method_that_is_missing_is_named() {
    let mut canister = install(ECHO);
    let reject = canister.update_raw("nothing", &[]).unwrap_err();
    assert_eq!(reject.code, ErrorCode::CanisterMethodNotFound);
    assert!(reject.message.contains("has no update method 'nothing'"));
    assert!(canister.query_raw("echo", &[]).unwrap_err().message.contains("no query method 'echo'"));
}

#[test]
fn a_canister_calls_itself_and_is_answered() {
    let mut canister = install(CALLER);
    let id = canister.id();
    let outcome = canister.update_raw("call", &target(id, "ok"));
    let names: Vec<_> = outcome.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["ok", "reply"]);
    assert_eq!(outcome.unwrap(), b"Rfail");
}

#[test]
fn failures_come_back_as_rejects() {
    let mut canister = install(CALLER);
    let id = canister.id();
    let reply = |canister: &mut Canister, id, method| {
        String::from_utf8(canister.update_raw("call", &target(id, method)).unwrap()).unwrap()
    };
    let failed = reply(&mut canister, id, "fail");
    assert_eq!(failed, format!("E5Error from Canister {id}: Canister trapped: unreachable"));
    assert_eq!(canister.query_raw("mark", &[]).unwrap(), [0; 4], "what trapped was undone");
    assert_eq!(reply(&mut canister, id, "silent"), "E5No response");
    let missing = reply(&mut canister, id, "missing");
    assert_eq!(missing, format!("E3Error from Canister {id}: Canister has no update method 'missing'"));
    assert_eq!(reply(&mut canister, Principal::anonymous(), "ok"), "E3Canister 2vxsx-fae not found");
}

#[test]
fn a_trap_in_a_callback_runs_the_cleanup_and_fails_the_call() {
    let mut canister = install(CALLER);
    let id = canister.id();
    let outcome = canister.update_raw("call_and_trap", &target(id, "ok"));
    let names: Vec<_> = outcome.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["ok", "reply", "cleanup"]);
    assert_eq!(outcome.unwrap_err().code, ErrorCode::CanisterTrapped);
    assert_eq!(canister.query_raw("mark", &[]).unwrap(), 123u32.to_le_bytes());
}

#[test]
fn the_timer_fires_when_it_is_due_and_its_calls_are_delivered() {
    let mut canister = install(CALLER);
    let due = canister.timer().unwrap();
    assert!(canister.fire_due_timers().is_empty());
    canister.advance_time(Duration::from_secs(59));
    assert!(canister.fire_due_timers().is_empty());
    let outcome = canister.fire_timer().unwrap();
    assert_eq!(canister.time(), due);
    let phases: Vec<_> = outcome.phases.iter().map(|p| (p.name.as_str(), p.error.is_none())).collect();
    assert_eq!(phases, [("fail", false), ("reject", true)]);
    assert!(outcome.is_ok());
    assert_eq!(canister.query_raw("mark", &[]).unwrap(), 55u32.to_le_bytes());
    assert!(canister.fire_timer().is_none());
}

#[test]
fn canisters_can_go_to_other_threads() {
    let mut canister = install(ECHO);
    let reply =
        std::thread::spawn(move || canister.query_raw("echo_query", b"abcd").unwrap()).join().unwrap();
    assert_eq!(reply, b"abcd");
}
