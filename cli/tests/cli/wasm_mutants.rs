//! Modules with random changes: no panic and no endless loop in what `check` and `rehearse` do with
//! them. Most are of a small canister, which is compiled in a millisecond: half of them have other
//! constants and operators, the others also damaged bytes. One of a thousand is of a real one.
//! `GRAVEN_MUTANTS=100000` in a release build takes minutes.
//!
//! Mutants are loaded in this process, with fewer instructions for a message, since an endless loop
//! is stopped by the limit of the replica after minutes. Some are rehearsed by the command as well.

use std::panic::catch_unwind;

use graven_core::store::section;
use graven_testkit::{Canister, ErrorCode, Limits, Reject, StableMemory, custom_section};

use crate::mutants::{Rng, from_env};
use crate::rehearse::{canister, filled};
use crate::support::{Folder, module};

/// The number of damaged modules.
const MUTANTS: u64 = 1_000;

/// One of so many mutants is of a real canister.
const REAL: usize = 1_000;

/// One of so many mutants is given to the command.
const COMMAND: usize = 100;

/// The instructions of a message.
const INSTRUCTIONS: u64 = 20_000_000;

/// The number of bytes of the small canister before its layouts, or fewer.
const CODE: usize = 1_024;

/// A canister that reads and writes its stable memory, prints, sets its timer, and calls itself as
/// `ic-cdk-timers` does.
const SMALL: &str = r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg (param i32 i32 i32)))
  (import "ic0" "canister_self_size" (func $self_size (result i32)))
  (import "ic0" "canister_self_copy" (func $self (param i32 i32 i32)))
  (import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_perform" (func $perform (result i32)))
  (import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))
  (import "ic0" "time" (func $time (result i64)))
  (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (import "ic0" "trap" (func $trap (param i32 i32)))
  (import "ic0" "stable64_size" (func $pages (result i64)))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (type $task (func (param i64) (result i64)))
  (memory 2 16)
  (table 4 8 funcref)
  (elem (i32.const 1) $done $sum $mark)
  (global $fired (mut i64) (i64.const 0))
  (data (i32.const 100) "timer_executor")
  (data (i32.const 200) "the sweep skipped notes: key 0x07: its text is damaged")
  (data (i32.const 300) "it cannot be converted")
  (func $done (param i32))
  (func $sum (param $page i64) (result i64) (local $at i32) (local $sum i64)
    (call $read (i64.const 4096) (i64.mul (local.get $page) (i64.const 4096)) (i64.const 4096))
    (loop $more
      (local.set $sum (i64.add (local.get $sum) (i64.load offset=4096 (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $more (i32.lt_u (local.get $at) (i32.const 4096))))
    (local.get $sum))
  (func $mark (param $page i64) (result i64)
    (call $write (i64.mul (local.get $page) (i64.const 4096)) (i64.const 300) (i64.const 22))
    (i64.const 0))
  (func $later (drop (call $timer (i64.add (call $time) (i64.const 1)))))
  (func (export "canister_post_upgrade")
    (if (i64.lt_u (call $pages) (i64.const 64))
      (then (drop (call $grow (i64.const 1)))))
    (drop (call $sum (i64.const 1)))
    (call $later))
  (func (export "canister_global_timer")
    (call $self (i32.const 0) (i32.const 0) (call $self_size))
    (call $new (i32.const 0) (call $self_size) (i32.const 100) (i32.const 14)
      (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 0))
    (drop (call $perform)))
  (func (export "canister_update timer_executor")
    (global.set $fired (i64.add (global.get $fired) (i64.const 1)))
    (call $print (i32.const 200) (i32.const 54))
    (drop (call_indirect (type $task) (i64.add (i64.const 2) (global.get $fired)) (i32.const 2)))
    (if (i64.gt_u (call $counter (i32.const 0)) (i64.const 1000000)) (then (return)))
    (if (i64.gt_u (global.get $fired) (i64.const 3))
      (then (call $trap (i32.const 300) (i32.const 22))))
    (call $later)
    call $reply)
  (func (export "canister_query look")
    (call $arg (i32.const 0) (i32.const 0) (call $size))
    (i64.store (i32.const 8) (call $sum (i64.load8_u (i32.const 0))))
    (call $append (i32.const 8) (i32.const 8))
    call $reply)
  (func (export "canister_update write")
    (drop (call_indirect (type $task) (i64.const 40) (i32.const 3)))
    call $reply))"#;

/// Returns the text of the small canister with other constants and operators. It is still valid.
fn reworded(rng: &mut Rng) -> String {
    const NUMBERS: [&str; 10] =
        ["0", "1", "-1", "2", "3", "4095", "65536", "1000000", "2147483647", "-2147483648"];
    const OPERATORS: [&str; 6] = ["i64.add", "i64.sub", "i64.mul", "i64.div_u", "i64.rem_s", "i64.shl"];
    let mut text = SMALL.to_owned();
    for _ in 0..=rng.below(4) {
        let is_operator = rng.below(4) == 0;
        let word = if is_operator { "i64.add" } else { ".const " };
        let places: Vec<usize> = text.match_indices(word).map(|(at, _)| at).collect();
        let Some(at) = places.get(rng.below(places.len().max(1))) else { continue };
        match is_operator {
            true => text.replace_range(*at..at + word.len(), OPERATORS[rng.below(OPERATORS.len())]),
            false => {
                let start = at + word.len();
                let end = start + text[start..].find(')').unwrap();
                text.replace_range(start..end, NUMBERS[rng.below(NUMBERS.len())]);
            }
        }
    }
    text
}

/// Returns the small canister, with the layouts of a real one.
fn small(text: &str, real: &[u8]) -> Vec<u8> {
    let layouts = module(section::NAME, &custom_section(real, section::NAME).unwrap());
    let interface =
        module("icp:public candid:service", b"service : (text) -> { look : () -> (nat64) query }");
    [&wat::parse_str(text).unwrap()[..], &layouts[8..], &interface[8..]].concat()
}

/// Changes, copies, inserts and removes some bytes, most of them in the code.
fn damage(wasm: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..=rng.below(2) {
        let end = if rng.below(4) == 0 { wasm.len() } else { wasm.len().min(CODE) };
        let at = 8 + rng.below(end - 8);
        match rng.below(8) {
            0..2 => wasm[at] = rng.next() as u8,
            2..4 => wasm[at] ^= 1 << rng.below(8),
            4 => wasm[at] = wasm[at].wrapping_add(1),
            5 => wasm.insert(at, rng.next() as u8),
            6 => drop(wasm.remove(at)),
            _ => {
                let len = 1 + rng.below(16).min(wasm.len() - at - 1);
                let from = 8 + rng.below(wasm.len() - 8 - len);
                wasm.copy_within(from..from + len, at);
            }
        }
        if wasm.len() < 64 {
            return;
        }
    }
}

/// The number of mutants with each outcome.
#[derive(Debug, Default)]
struct Counts {
    not_a_module: u64,
    refused: u64,
    accepted: u64,
    out_of_instructions: u64,
    rehearsed: u64,
}

/// Does what a rehearsal does. Returns `true` if the limit of instructions stopped something, and
/// the reason for which the upgrade is refused.
fn rehearse(wasm: &[u8], stable: &StableMemory) -> (bool, Option<Reject>) {
    let limits = Limits {
        update_instructions: INSTRUCTIONS,
        query_instructions: INSTRUCTIONS,
        install_instructions: INSTRUCTIONS,
        ..Limits::default()
    };
    let mut canister = Canister::builder().limits(limits).empty();
    canister.set_stable(stable.clone());
    let mut errors = Vec::new();
    let upgrade = canister.post_upgrade_raw(wasm, b"DIDL\0\0");
    let refused = upgrade.result.err();
    if refused.is_none() {
        for _ in 0..6 {
            let outcome = canister.fire_timer();
            let phases = outcome.into_iter().flat_map(|outcome| outcome.phases);
            errors.extend(phases.filter_map(|phase| phase.error));
        }
        errors.extend(canister.query_raw("look", &[1]).result.err());
        errors.extend(canister.update_raw("write", &[]).result.err());
    }
    errors.extend(refused.clone());
    let is_limited = errors.iter().any(|error| error.code == ErrorCode::CanisterInstructionLimitExceeded);
    (is_limited, refused)
}

#[test]
fn no_damaged_module_makes_a_panic() {
    let real = std::fs::read(canister("explored-v2")).unwrap();
    let (whole, image) = (small(SMALL, &real), filled(50, None).stable_image());
    let (folder, stable) = (Folder::new(), StableMemory::from_image(&image));
    folder.write("memory.bin", &image);
    folder.write("whole.wasm", &whole);
    // The modules themselves do what the mutants are made for.
    assert_eq!(rehearse(&whole, &stable), (false, None));
    let said = folder.run(&["rehearse", "memory.bin", "whole.wasm", "--sweep"]);
    assert!(said.code == 1 && said.out.contains("it cannot be converted"), "{said:?}");
    let (mutants, mut rng) = from_env(MUTANTS);
    let mut counts = Counts::default();
    for _ in 0..mutants {
        let state = rng.state();
        let is_real = rng.below(REAL) == 0;
        let mut wasm = if is_real { real.clone() } else { small(&reworded(&mut rng), &real) };
        if is_real || rng.below(2) == 0 {
            damage(&mut wasm, &mut rng);
        }
        let is_shown = rng.below(COMMAND) == 0;
        let outcome = catch_unwind(|| {
            let layouts =
                custom_section(&wasm, section::NAME).map(|layouts| section::parse(&layouts).is_ok());
            (layouts, rehearse(&wasm, &stable))
        });
        let Ok((_, (is_limited, refused))) = outcome else {
            panic!("a panic: repeat it with GRAVEN_SEED={state} GRAVEN_MUTANTS=1")
        };
        match &refused {
            None => counts.accepted += 1,
            Some(reject) if reject.code == ErrorCode::CanisterInvalidWasm => counts.not_a_module += 1,
            Some(_) => counts.refused += 1,
        }
        counts.out_of_instructions += u64::from(is_limited);
        if is_shown && !is_limited {
            counts.rehearsed += 1;
            folder.write("mutant.wasm", &wasm);
            for words in [
                &["rehearse", "memory.bin", "mutant.wasm", "--sweep"][..],
                &["check", "whole.wasm", "mutant.wasm"],
            ] {
                let said = folder.run(words);
                assert!((0..=2).contains(&said.code), "GRAVEN_SEED={state}: {said:?}");
            }
        }
    }
    println!("{mutants} mutants: {counts:?}");
    assert!(counts.accepted * 4 > mutants && counts.not_a_module > 0, "{counts:?}");
}
