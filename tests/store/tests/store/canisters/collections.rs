//! Every kind of collection in canisters: through an upgrade that changes the layouts of their
//! values, and what the operations cost in replica instructions, dirty pages included.

use std::path::PathBuf;

use graven_testkit::Canister;

fn wasm(version: u8) -> Vec<u8> {
    read(&format!("collections-v{version}"))
}

fn read(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn vectors_write_the_bytes_that_words_write() {
    let image = |name: &str| {
        let mut canister = Canister::install(&read(name), ()).unwrap();
        canister.query::<_, ()>("compare_vectors", ()).unwrap();
        for from in (0..8_000).step_by(2_000) {
            canister.update::<_, ()>("fill", (from, from + 2_000u64)).unwrap();
        }
        canister.stable_image()
    };
    let (vectors, words) = (image("collections-v1"), image("collections-v1-scalar"));
    assert_eq!(vectors.len(), words.len());
    let different = vectors.iter().zip(&words).position(|(a, b)| a != b);
    assert_eq!(different, None, "the offset of the first byte that differs");
}

fn check(canister: &mut Canister, old: u64, len: u64) {
    canister.query::<_, ()>("check", (old, len)).unwrap();
}

#[test]
fn all_collections_live_through_an_upgrade() {
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    canister.update::<_, ()>("fill", (0u64, 3_000u64)).unwrap();
    check(&mut canister, 0, 3_000);
    let upgrade = canister.upgrade(&wasm(1), ());
    let unchanged = upgrade.instructions();
    upgrade.unwrap();
    check(&mut canister, 0, 3_000);
    let upgrade = canister.upgrade(&wasm(2), ());
    println!("upgrade of 26 roots: {unchanged} unchanged, {} changed", upgrade.instructions());
    upgrade.unwrap();
    check(&mut canister, 3_000, 3_000);
    canister.update::<_, ()>("fill", (3_000u64, 4_000u64)).unwrap();
    check(&mut canister, 3_000, 4_000);
    let (mut messages, mut most) = (0, 0);
    loop {
        let outcome = canister.update::<_, (bool,)>("sweep", (5_000_000u64,));
        (messages, most) = (messages + 1, most.max(outcome.instructions()));
        if messages == 3 {
            check(&mut canister, 3_000, 4_000);
        }
        if outcome.unwrap().0 {
            break;
        }
        assert!(messages < 1_000, "the sweep does not end");
    }
    println!("sweep: {messages} messages, at most {most}");
    check(&mut canister, 3_000, 4_000);
    canister.upgrade(&wasm(2), ()).unwrap();
    check(&mut canister, 3_000, 4_000);
}

fn cost(canister: &mut Canister, operation: &str, count: u64) -> u64 {
    let outcome = canister.update::<_, (u64,)>("run", (operation, count));
    let instructions = outcome.instructions();
    outcome.unwrap();
    instructions
}

const COUNT: u64 = 100_000;

#[test]
fn what_operations_cost() {
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    let empty = cost(&mut canister, "nothing", COUNT);
    let each = |canister: &mut Canister, operation: &str, per: u64| {
        let instructions = cost(canister, operation, COUNT).saturating_sub(empty);
        println!("{operation:>12} {:>9.1}", instructions as f64 / per as f64);
        instructions as f64 / per as f64
    };
    let mut above = Vec::new();
    // Somewhat above what was measured: a floor for later, not what is wanted.
    let limits = [
        ("vec push", COUNT, 115.0),
        ("vec get", COUNT, 105.0),
        ("vec set", COUNT, 105.0),
        ("vec iterate", COUNT, 25.0),
        ("vec insert", COUNT / 100, 45_000.0),
        ("vec pop", COUNT, 250.0),
        ("queue push", COUNT, 1_000.0),
        ("queue pop", COUNT, 5_800.0),
        ("log append", COUNT, 215.0),
        ("log get", COUNT, 175.0),
        ("hash insert", COUNT, 1_300.0),
        ("hash get", COUNT, 450.0),
        ("hash scan", COUNT, 290.0),
        ("hash remove", COUNT, 900.0),
        ("nested push", COUNT, 13_500.0),
        ("nested get", COUNT, 6_500.0),
        ("records insert", COUNT, 20_500.0),
        ("records get", COUNT, 11_000.0),
        ("records push", COUNT, 16_800.0),
        ("records update", COUNT, 20_600.0),
        ("ranked insert", COUNT, 42_500.0),
        ("ranked nth", COUNT, 5_900.0),
        ("ranked place", COUNT, 20_500.0),
    ];
    for (operation, per, limit) in limits {
        let measured = each(&mut canister, operation, per);
        if measured > limit {
            above.push(format!("{operation}: {measured:.0}, and not {limit}"));
        }
    }
    let size = 10 << 20;
    for operation in ["file write", "file read", "file remove"] {
        println!("{operation:>12} {:>9}", cost(&mut canister, operation, size) - empty);
    }
    assert!(above.is_empty(), "{above:?}");
}

#[test]
fn a_transaction_pays_for_what_it_overwrites_and_is_undone_as_a_whole() {
    let empty = Canister::install(&wasm(1), ()).unwrap();
    let run = |canister: &mut Canister, each: u64, fails: bool| {
        let outcome = canister.update::<_, (u64,)>("insert_in_transactions", (20_000u64, each, fails));
        let instructions = outcome.instructions();
        (instructions / 20_000, outcome.unwrap().0)
    };
    let [(plain, _), (alone, len), (many, _)] =
        [0, 1, 20_000].map(|each| run(&mut empty.clone(), each, false));
    println!("two inserts: {plain} without a transaction, {alone} in one, {many} each of 20,000 in one");
    assert_eq!(len, 40_000);
    assert!(many * 10 <= plain * 13, "{many} against {plain}");
    assert!(alone * 10 <= plain * 15, "{alone} against {plain}");
    let mut canister = empty;
    canister.update::<_, ()>("fill", (0u64, 3_000u64)).unwrap();
    let before = canister.stable_image();
    let (undone, len) = run(&mut canister, 1_000, true);
    println!("two inserts that are undone: {undone}");
    assert_eq!(len, 3_000);
    let after = canister.stable_image();
    assert!(after.iter().zip(&before).all(|(after, before)| after == before));
    assert!(after[before.len()..].iter().all(|byte| *byte == 0));
    check(&mut canister, 3_000, 3_000);
    canister.upgrade(&wasm(2), ()).unwrap();
    check(&mut canister, 3_000, 3_000);
}

#[test]
fn clearing_and_dropping_a_million_values_costs_next_to_nothing() {
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    canister.update::<_, (u64,)>("run", ("vec push", 1_000_000u64)).unwrap();
    canister.update::<_, (u64,)>("run", ("queue push", 300_000u64)).unwrap();
    canister.update::<_, (u64,)>("run", ("hash insert", 1_000_000u64)).unwrap();
    canister.update::<_, (u64,)>("run", ("log append", 1_000_000u64)).unwrap();
    canister.update::<_, (u64,)>("run", ("nested one", 1_000_000u64)).unwrap();
    canister.update::<_, (u64,)>("run", ("records one", 1_000_000u64)).unwrap();
    let pages = canister.query::<_, (u32,)>("pages", ()).unwrap().0;
    for operation in ["vec clear", "queue clear", "hash clear", "log drop", "nested remove", "records remove"]
    {
        let instructions = cost(&mut canister, operation, 1);
        println!("{operation}: {instructions}");
        assert!(instructions < 100_000, "{operation}: {instructions}");
    }
    canister.update::<_, (u64,)>("run", ("log append", 1_000_000u64)).unwrap();
    canister.update::<_, (u64,)>("run", ("vec push", 1_000_000u64)).unwrap();
    let after = canister.query::<_, (u32,)>("pages", ()).unwrap().0;
    assert!(after <= pages + 64, "{after} pages, and not {pages}");
}

/// Counts the instructions of the operations themselves. Dirty pages come on top: an insert alone
/// in its message writes two of them, the worst one at most 13, at 1,000 each.
#[test]
fn the_worst_insert_of_a_million() {
    for collection in ["vec", "table"] {
        let mut canister = Canister::install(&wasm(1), ()).unwrap();
        let (worst, median) = canister.update::<_, (u64, u64)>("worst", (collection, 1_000_000u64)).unwrap();
        println!("{collection}: at most {worst}, median {median}");
        assert!(worst + 13_000 < 60 * (median + 2_000), "{collection}: {worst} against {median}");
    }
}
