//! Stable memory: sparse far beyond 4 GiB, saved to files, changed from outside.

use graven_testkit::{Canister, MAX_STABLE_PAGES, StableMemory, WASM_PAGE};

const GIB: u64 = 1 << 30;

const FAR: &str = r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg (param i32 i32 i32)))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (memory 1)
  (func (export "canister_init") (drop (call $grow (i64.const 8192000))))
  (func (export "canister_update put")
    (call $arg (i32.const 0) (i32.const 0) (i32.const 16))
    (call $write (i64.load (i32.const 0)) (i64.const 8) (i64.const 8)) call $reply)
  (func (export "canister_query get")
    (call $arg (i32.const 0) (i32.const 0) (i32.const 8))
    (call $read (i64.const 8) (i64.load (i32.const 0)) (i64.const 8))
    (call $append (i32.const 8) (i32.const 8)) call $reply)
  (func (export "canister_update put_and_trap")
    (call $arg (i32.const 0) (i32.const 0) (i32.const 16))
    (call $write (i64.load (i32.const 0)) (i64.const 8) (i64.const 8)) unreachable)
)"#;

fn far() -> Canister {
    Canister::install_raw(&wat::parse_str(FAR).unwrap(), &[]).unwrap()
}

fn put(at: u64, value: u64) -> Vec<u8> {
    [at.to_le_bytes(), value.to_le_bytes()].concat()
}

#[test]
fn addresses_up_to_500_gib_cost_only_what_is_written() {
    let mut canister = far();
    assert_eq!(canister.stable_size_pages(), MAX_STABLE_PAGES);
    let places = [0, 4 * GIB - 3, 5 * GIB, 300 * GIB + 4093, 500 * GIB - 8];
    for (i, at) in places.into_iter().enumerate() {
        let outcome = canister.update_raw("put", &put(at, i as u64 + 1));
        assert_eq!(outcome.usage.stable.bytes_written, 8);
        assert_eq!(outcome.usage.stable_pages, if at % 4096 > 4088 { 2 } else { 1 });
        assert!(outcome.is_ok());
    }
    for (i, at) in places.into_iter().enumerate() {
        let reply = canister.query_raw("get", &at.to_le_bytes()).unwrap();
        assert_eq!(reply, (i as u64 + 1).to_le_bytes());
        assert_eq!(canister.read_stable(at, 8), reply);
    }
    assert!(canister.stable().resident_bytes() <= 6 * WASM_PAGE);
    assert!(!canister.update_raw("put", &put(500 * GIB - 7, 1)).is_ok());
}

#[test]
fn a_trap_undoes_writes_to_fresh_and_to_used_pages() {
    let mut canister = far();
    canister.update_raw("put", &put(7 * GIB, 1)).unwrap();
    for at in [7 * GIB, 9 * GIB, 7 * GIB + 4096] {
        assert!(!canister.update_raw("put_and_trap", &put(at, 99)).is_ok());
    }
    assert_eq!(canister.read_stable(7 * GIB, 8), 1u64.to_le_bytes());
    assert_eq!(canister.read_stable(7 * GIB + 4096, 8), [0; 8]);
    assert_eq!(canister.read_stable(9 * GIB, 8), [0; 8]);
}

#[test]
fn a_file_holds_what_the_memory_holds() {
    let mut canister = far();
    canister.update_raw("put", &put(100 * GIB, 42)).unwrap();
    let path = std::env::temp_dir().join(format!("graven-testkit-{}.stable", std::process::id()));
    canister.stable().save(&path).unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 2 * WASM_PAGE);
    let loaded = StableMemory::load(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(loaded.pages(), MAX_STABLE_PAGES);
    let mut other = far();
    other.set_stable(loaded);
    assert_eq!(other.query_raw("get", &(100 * GIB).to_le_bytes()).unwrap(), 42u64.to_le_bytes());
    std::fs::write(&path, b"something else").unwrap();
    assert!(StableMemory::load(&path).is_err());
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn an_image_can_be_damaged_and_put_back() {
    let mut canister = far();
    canister.set_stable(StableMemory::from_image(&[0; 100]));
    canister.update_raw("put", &put(16, u64::MAX)).unwrap();
    let mut image = canister.stable_image();
    assert_eq!(image.len() as u64, WASM_PAGE);
    assert_eq!(image[16..24], [0xff; 8]);
    image[20] ^= 0x0f;
    canister.set_stable_image(&image);
    assert_eq!(canister.query_raw("get", &16u64.to_le_bytes()).unwrap()[4], 0xf0);
}

#[test]
fn a_memory_over_a_file_reads_it_and_never_writes_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut bytes = vec![0; 3 * WASM_PAGE as usize];
    bytes[100..108].copy_from_slice(&7_u64.to_le_bytes());
    bytes[131_064..131_080].copy_from_slice(&[9; 16]);
    std::fs::write(&file, &bytes).unwrap();
    let mut canister = far();
    canister.set_stable(StableMemory::over_file(&file).unwrap());
    let get = |canister: &mut Canister, at: u64| {
        let reply = canister.query_raw("get", &at.to_le_bytes()).unwrap();
        u64::from_le_bytes(reply.try_into().unwrap())
    };
    assert_eq!(get(&mut canister, 100), 7);
    // A message that traps leaves what the file has.
    canister.update_raw("put_and_trap", &put(100, 8)).unwrap_err();
    assert_eq!(get(&mut canister, 100), 7);
    let before = canister.snapshot();
    // Across two chunks.
    canister.update_raw("put", &put(131_068, 8)).unwrap();
    assert_eq!(get(&mut canister, 131_068), 8);
    let mut changed = bytes.clone();
    changed[131_068..131_076].copy_from_slice(&8_u64.to_le_bytes());
    assert!(canister.stable_image() == changed, "only these bytes are others");
    let saved = tempfile::NamedTempFile::new().unwrap();
    canister.stable().save(&saved).unwrap();
    assert!(StableMemory::load(&saved).unwrap().image() == changed, "a saved memory is whole");
    canister.restore(&before);
    assert!(canister.stable_image() == bytes && std::fs::read(&file).unwrap() == bytes);
    assert!(canister.stable().take_read_error().is_none());
    // What is missing reads as zeros, and is told.
    file.as_file().set_len(0).unwrap();
    assert_eq!(get(&mut canister, 131_064), 0);
    assert!(canister.stable().take_read_error().is_some());
}

#[test]
fn a_memory_over_a_file_has_whole_pages() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for len in [0, 1, WASM_PAGE - 1, WASM_PAGE + 1, (MAX_STABLE_PAGES + 1) * WASM_PAGE] {
        file.as_file().set_len(len).unwrap();
        assert!(StableMemory::over_file(&file).is_err(), "{len} bytes");
    }
    assert!(StableMemory::over_file(std::env::temp_dir()).is_err());
}
