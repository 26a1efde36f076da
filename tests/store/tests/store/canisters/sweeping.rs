//! Sweeps in a canister: conversions that take long, panic, or need more memory than there is, in
//! messages that are rolled back.

use std::path::PathBuf;

use graven_testkit::{Canister, Outcome};

fn wasm(version: u8) -> Vec<u8> {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join(format!("sweeping-v{version}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Steps of a conversion that takes millions of instructions.
const WORK: u64 = 1_000_000;

/// Jobs in the layout of version 1: from, to, steps, bytes that come out, and whether the
/// conversion panics.
type Jobs = (u64, u64, u64, u32, bool);

/// Returns the canister after the upgrade to version 2; its timer has not run.
fn upgraded(jobs: &[Jobs], taken: u64) -> Canister {
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    jobs.iter().for_each(|jobs| canister.update::<_, ()>("fill", *jobs).unwrap());
    canister.update::<_, ()>("take_room", (taken,)).unwrap();
    canister.upgrade(&wasm(2), ()).unwrap();
    canister
}

fn old_pages(canister: &mut Canister) -> u64 {
    canister.query::<_, (u64,)>("old_pages", ()).unwrap().0
}

#[track_caller]
fn check(canister: &mut Canister, expected: (u64, u64)) {
    assert_eq!(canister.query::<_, (u64, u64)>("sum", ()).unwrap(), expected);
}

/// Returns the cost of a conversion of [`WORK`] steps.
fn one_conversion() -> u64 {
    let mut canister = upgraded(&[(0, 1, WORK, 1, false)], 0);
    canister.update::<_, (bool, u64)>("sweep", (1u64,)).instructions()
}

/// Sweeps to the end; gives the number of messages and the most that one of them took.
fn sweep(canister: &mut Canister, budget: u64, mut each: impl FnMut(u64)) -> (u64, u64) {
    let (mut messages, mut most) = (0, 0);
    loop {
        let outcome = canister.update::<_, (bool, u64)>("sweep", (budget,));
        (messages, most) = (messages + 1, most.max(outcome.instructions()));
        let (done, converted) = outcome.unwrap();
        each(converted);
        if done {
            return (messages, most);
        }
    }
}

#[test]
fn slow_conversions_keep_to_a_budget_in_instructions() {
    let one = one_conversion();
    assert!(one > 4 * WORK, "{one}");
    let mut canister = upgraded(&[(0, 400, WORK, 9, false)], 0);
    let (messages, most) = sweep(&mut canister, 10 * one, |converted| assert!((1..=12).contains(&converted)));
    println!("slow: {messages} messages, at most {most}, one conversion {one}");
    assert!(most < 12 * one, "{most}");
    check(&mut canister, (400, 3_600));
}

#[test]
fn a_conversion_that_takes_more_than_the_budget_is_done_alone() {
    let one = one_conversion();
    let mut canister = upgraded(&[(0, 30, WORK, 9, false)], 0);
    let (messages, most) = sweep(&mut canister, 1_000, |converted| assert!(converted <= 1, "{converted}"));
    assert!(messages <= 32 && most < one + one / 4, "{messages} messages, at most {most}");
    check(&mut canister, (30, 270));
}

/// Cheap records are counted by the eight; slow ones after them are noticed all the same.
#[test]
fn slow_conversions_among_quick_ones_keep_to_a_budget_in_instructions() {
    let one = one_conversion();
    let mut jobs: Vec<Jobs> = vec![(0, 2_000, 0, 9, false)];
    jobs.extend((0..2_000).step_by(40).map(|n| (n, n + 12, WORK, 9, false)));
    let mut canister = upgraded(&jobs, 0);
    let (messages, most) = sweep(&mut canister, 10 * one, |_| {});
    println!("among quick ones: {messages} messages, at most {most}, one conversion {one}");
    assert!(most < 19 * one, "{most}");
    check(&mut canister, (2_000, 18_000));
}

#[test]
fn a_timer_sweeps_by_itself_also_where_the_hooks_are_ones_own() {
    let mut canister = upgraded(&[(0, 5_000, 100, 30, false)], 0);
    assert!(old_pages(&mut canister) > 0);
    let messages = fire_all(&mut canister).into_iter().map(Outcome::unwrap).count();
    assert!(messages > 0);
    assert_eq!((old_pages(&mut canister), canister.timer()), (0, None));
    check(&mut canister, (5_000, 150_000));
}

/// Fires the timer while it is due within the hour.
fn fire_all(canister: &mut Canister) -> Vec<Outcome<()>> {
    let mut outcomes = Vec::new();
    while canister.timer().is_some_and(|due| due < canister.time() + 3_000_000_000_000) {
        assert!(outcomes.len() < 1_000, "the timer fires again and again");
        outcomes.extend(canister.fire_timer());
    }
    outcomes
}

#[test]
fn a_conversion_that_panics_ends_the_timers_sweep_until_the_next_upgrade_and_nothing_else() {
    let mut canister = upgraded(&[(0, 3_000, 10, 9, false), (2_000, 2_001, 10, 9, true)], 0);
    let before = old_pages(&mut canister);
    fire_all(&mut canister);
    assert_eq!(canister.timer(), None, "it is not tried again");
    let left = old_pages(&mut canister);
    assert!(left > 0 && left <= before);
    // Everything else works on, the leaf with that record included.
    assert_eq!(canister.update::<_, (u64,)>("write", (2_001u64, 500u32)).unwrap().0, 500);
    assert_eq!(canister.update::<_, (u64,)>("write", (5_000u64, 9u32)).unwrap().0, 9);
    let stable = canister.stable_image();
    let failed = canister.update::<_, (bool, u64)>("sweep", (u64::MAX,)).unwrap_err();
    assert!(failed.to_string().contains("this job cannot be converted"), "{failed}");
    assert!(canister.stable_image() == stable, "the message was rolled back");
    // Another upgrade tries again, with a heap that knows nothing.
    canister.upgrade(&wasm(2), ()).unwrap();
    fire_all(&mut canister);
    assert_eq!((old_pages(&mut canister) > 0, canister.timer()), (true, None));
    canister.upgrade(&wasm(2), ()).unwrap();
    canister.update::<_, ()>("permit", ()).unwrap();
    fire_all(&mut canister);
    assert_eq!((old_pages(&mut canister), canister.timer()), (0, None));
    check(&mut canister, (3_001, 27_000 + 491 + 9));
}

#[test]
fn a_conversion_that_takes_more_than_a_message_has_ends_the_timers_sweep() {
    let mut canister = upgraded(&[(0, 10, 10, 9, false), (10, 11, WORK, 9, false)], 0);
    let mut limits = canister.limits();
    limits.update_instructions = 3_000_000;
    let usual = core::mem::replace(&mut limits, canister.limits());
    canister.set_limits(usual);
    fire_all(&mut canister);
    assert_eq!((old_pages(&mut canister), canister.timer()), (1, None));
    canister.set_limits(limits);
    check(&mut canister, (11, 99));
}

#[test]
fn a_sweep_without_memory_waits_for_an_hour_and_keeps_what_it_did() {
    // 16 MiB there are; 10 are taken, and 8 would come out of the conversions.
    let mut canister = upgraded(&[(0, 2_000, 10, 4_000, false)], 10 << 20);
    let before = old_pages(&mut canister);
    fire_all(&mut canister).into_iter().for_each(|outcome| outcome.unwrap());
    let left = old_pages(&mut canister);
    assert!(left > 0 && left < before, "{left} of {before} pages are old");
    let wait = canister.timer().expect("it goes on") - canister.time();
    assert!((3_500_000_000_000..=3_600_000_000_000).contains(&wait), "{wait}");
    check(&mut canister, (2_000, 8_000_000));
    // For an hour more, as nothing has changed.
    canister.fire_timer().unwrap().unwrap();
    assert!(canister.timer().is_some_and(|due| due > canister.time()));
    canister.update::<_, ()>("make_room", ()).unwrap();
    canister.fire_timer().unwrap().unwrap();
    fire_all(&mut canister).into_iter().for_each(|outcome| outcome.unwrap());
    assert_eq!((old_pages(&mut canister), canister.timer()), (0, None));
    check(&mut canister, (2_000, 8_000_000));
}
