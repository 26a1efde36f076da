//! Tables in canisters: an upgrade that adds, changes and drops indexes while the canister serves,
//! and costs in replica instructions beside maps that are kept by hand.

use std::path::PathBuf;

use graven_testkit::Canister;

fn wasm(version: u8) -> Vec<u8> {
    wasm_of(&format!("tables-v{version}"))
}

/// Returns a canister of the tests.
pub fn wasm_of(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Different numbers in no order, as the canister has them.
fn mixed(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Returns the number of rows below `len` whose names begin with `initial`.
fn with_initial(initial: char, rows: impl Iterator<Item = u64>) -> u64 {
    rows.filter(|n| format!("{:x}", mixed(*n) >> 8).starts_with(initial)).count() as u64
}

/// Calls a method that returns the instructions of `count` operations. Returns those of one.
fn each(canister: &mut Canister, method: &str, from: u64, count: u64) -> f64 {
    let (all,) = canister.update::<_, (u64,)>(method, (from, from + count)).unwrap();
    all as f64 / count as f64
}

#[test]
fn indexes_come_and_go_with_an_upgrade_while_the_canister_serves() {
    const ROWS: u64 = 20_000;
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    canister.update::<_, (u64,)>("insert", (0_u64, ROWS)).unwrap();
    canister.update::<_, (u64,)>("insert_tickets", (0_u64, 1_000_u64)).unwrap();
    canister.query::<_, ()>("check", (ROWS,)).unwrap();
    let upgrade = canister.upgrade(&wasm(2), ());
    println!("upgrade: {} instructions, {} dirty pages", upgrade.instructions(), upgrade.dirty_pages());
    assert!(upgrade.instructions() < 400_000, "it touches no row");
    upgrade.unwrap();
    let count = |canister: &mut Canister, initial: char| {
        canister.query::<_, (Result<u64, u64>,)>("with_initial", (initial as u8,)).unwrap().0
    };
    assert_eq!(count(&mut canister, 'a'), Err(0));
    let (mut messages, mut seen) = (0, Vec::new());
    while let Some(outcome) = canister.fire_timer() {
        outcome.unwrap();
        if messages == 0 {
            // A row that has its entries, and two that are far from it.
            canister.update::<_, ()>("change", (mixed(1), mixed(2), 5_u64)).unwrap();
        }
        messages += 1;
        assert!(messages < 100, "the timer fires again and again");
        seen.extend(count(&mut canister, 'a').err());
    }
    println!("sweep: {messages} messages, {seen:?} entries");
    assert!(seen.len() > 1 && seen.is_sorted(), "{seen:?}");
    canister.query::<_, ()>("check", (ROWS,)).unwrap();
    let expected = with_initial('a', (0..ROWS).filter(|n| ![1, 2].contains(n)));
    assert_eq!(count(&mut canister, 'a'), Ok(expected));
    assert_eq!(count(&mut canister, 'z'), Ok(2));
    let upgrade = canister.upgrade(&wasm(2), ());
    upgrade.unwrap();
    assert_eq!((count(&mut canister, 'z'), canister.timer()), (Ok(2), None), "nothing is made again");
}

/// Costs of 100,000 rows with a key of 8 bytes and two indexes, of a number and of a text.
#[test]
fn a_table_costs_little_more_than_maps_that_are_kept_by_hand() {
    const ROWS: u64 = 100_000;
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    for from in (0..ROWS).step_by(20_000) {
        canister.update::<_, (u64,)>("insert", (from, from + 20_000)).unwrap();
        canister.update::<_, (u64,)>("insert_by_hand", (from, from + 20_000)).unwrap();
        canister.update::<_, (u64,)>("insert_tickets", (from, from + 20_000)).unwrap();
    }
    let insert = each(&mut canister, "insert", ROWS, 20_000);
    let by_hand = each(&mut canister, "insert_by_hand", ROWS, 20_000);
    let upsert = each(&mut canister, "upsert", 0, 20_000);
    let overwrite = each(&mut canister, "overwrite_by_hand", 0, 20_000);
    let (unique, map) = canister.query::<_, (u64, u64)>("get", (0_u64, 10_000_u64)).unwrap();
    let (unique, map) = (unique as f64 / 10_000.0, map as f64 / 10_000.0);
    let (page, rows, range) = canister.query::<_, (u64, u64, u64)>("pages", (500_u64,)).unwrap();
    println!("insert: {insert:.0}, by hand {by_hand:.0} ({:.2})", insert / by_hand);
    println!("upsert: {upsert:.0}, by hand {overwrite:.0} ({:.2})", upsert / overwrite);
    println!("by a unique index: {unique:.0}, of a map {map:.0}");
    println!("page of 20: {}, its rows {}, its range {}", page / 500, rows / 500, range / 500);
    assert!(insert < 1.15 * by_hand, "{insert}, by hand {by_hand}");
    // An update compares the bytes of the indexed fields.
    assert!(upsert < 1.2 * overwrite, "{upsert}, by hand {overwrite}");
    assert!(unique < 2.0 * map + 150.0, "{unique}, of a map {map}");
    assert!((page as f64) < 1.35 * (rows + range) as f64, "{page}, rows {rows}, range {range}");
}
