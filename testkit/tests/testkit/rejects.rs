//! The texts of rejects are the replica's, word for word.

use graven_testkit::{Canister, ErrorCode, Reject};

/// Each method hands the System API a range outside of its heap of one wasm page.
const OUT_OF_BOUNDS: &str = r#"(module
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reject" (func $reject (param i32 i32)))
  (import "ic0" "is_controller" (func $is_controller (param i32 i32) (result i32)))
  (import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_data_append" (func $data (param i32 i32)))
  (memory 1)
  (func $call (param $callee i32) (param $method i32)
    (call $new (local.get $callee) (i32.const 10) (local.get $method) (i32.const 10)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  (func (export "canister_update reply") (call $append (i32.const 65530) (i32.const 10)))
  (func (export "canister_update reject") (call $reject (i32.const 65530) (i32.const 10)))
  (func (export "canister_update controller")
    (drop (call $is_controller (i32.const 65530) (i32.const 10))))
  (func (export "canister_update callee") (call $call (i32.const 65530) (i32.const 0)))
  (func (export "canister_update method") (call $call (i32.const 0) (i32.const 65530)))
  (func (export "canister_update both") (call $call (i32.const 65531) (i32.const 65530)))
  (func (export "canister_update data")
    (call $call (i32.const 0) (i32.const 0)) (call $data (i32.const 65530) (i32.const 10)))
  (func (export "canister_update silent"))
  (func (export "canister_query silent_query"))
)"#;

fn canister() -> Canister {
    Canister::install(&wat::parse_str(OUT_OF_BOUNDS).unwrap(), ()).unwrap()
}

fn update(method: &str) -> Reject {
    canister().update_raw(method, &[]).unwrap_err()
}

#[test]
fn ranges_outside_of_the_heap_are_labelled_as_the_replica_labels_them() {
    let labels = [
        ("reply", "msg.reply"),
        ("reject", "ic0.msg_reject"),
        ("controller", "ic0.is_controller"),
        ("callee", "ic0.call_new callee_src"),
        ("method", "ic0.call_new method_name"),
        ("both", "ic0.call_new method_name"),
        ("data", "ic0.call_data_append"),
    ];
    for (method, label) in labels {
        let reject = update(method);
        assert_eq!(reject.code, ErrorCode::CanisterContractViolation);
        let range = "src=65530 + length=10 exceeds the slice size=65536";
        assert_eq!(reject.message, format!("Canister violated contract: {label}: {range}"), "{method}");
    }
}

#[test]
fn a_message_without_an_answer_is_told_by_its_kind() {
    let mut canister = canister();
    let id = canister.id();
    let silent = canister.update_raw("silent", &[]).unwrap_err();
    assert_eq!(silent.code, ErrorCode::CanisterDidNotReply);
    assert_eq!(silent.message, format!("Canister {id} did not reply to the call"));
    let as_update = canister.update_raw("silent_query", &[]).unwrap_err();
    assert_eq!(as_update.message, format!("Canister {id} did not reply to the call"));
    let query = canister.query_raw("silent_query", &[]).unwrap_err();
    assert_eq!(query.message, format!("Canister {id} did not produce a response"));
}

#[test]
fn a_missing_method_is_named_without_the_canister() {
    let reject = update("nothing");
    assert_eq!(reject.code, ErrorCode::CanisterMethodNotFound);
    assert_eq!(reject.message, "Canister has no update method 'nothing'");
    let query = canister().query_raw("nothing", &[]).unwrap_err();
    assert_eq!(query.message, "Canister has no query method 'nothing'");
}
