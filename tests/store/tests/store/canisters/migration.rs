//! A migration tested with and without wasm: images go from native stores to canisters and back.

use std::path::PathBuf;

use graven::{BTreeMap, StableLayout};
use graven_testkit::{Canister, Image};

/// `aging-v1`.
mod v1 {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Balance {
        pub amount: u64,
        pub owner: u64,
    }

    #[graven::store]
    pub struct Aging {
        pub old: BTreeMap<u64, Balance>,
    }
}

/// `aging-v2`.
mod v2 {
    use super::*;

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub struct Balance {
        pub amount: u64,
        pub owner: u64,
        #[layout(since = 2, default = 5)]
        pub fee: u32,
    }

    #[graven::store]
    pub struct Aging {
        pub old: BTreeMap<u64, Balance>,
        pub new: BTreeMap<u64, Balance>,
    }
}

const ENTRIES: u64 = 1_000;

fn image() -> Image {
    Image::build(|aging: &mut v1::Aging| {
        (0..ENTRIES).for_each(|n| _ = aging.old.insert(n, v1::Balance { amount: n, owner: !n }));
    })
}

fn wasm(version: u8) -> Vec<u8> {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join(format!("aging-v{version}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn a_canister_opens_what_a_store_wrote_natively_and_the_other_way_round() {
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    canister.set_stable_image(image().bytes());
    canister.upgrade(&wasm(2), ()).unwrap();
    assert_eq!(canister.query::<_, (u64,)>("read", (true, ENTRIES, 1u64)).unwrap().0, ENTRIES);

    let upgraded = Image::new(canister.stable_image());
    assert_eq!(
        upgraded,
        image().upgrade(|_: &mut v2::Aging| ()),
        "a canister writes what a native store does"
    );
    let progress = upgraded.progress::<v2::Aging>();
    assert_eq!(progress.to_string(), format!("old: {} pages of Balance v1", progress.old_pages));
    assert!(progress.old_pages > 3);
    let aging: v2::Aging = upgraded.open();
    assert_eq!(aging.old.get(&7), Some(v2::Balance { amount: 7, owner: !7, fee: 5 }));

    while !canister.update::<_, (bool,)>("sweep", (1_000_000u64,)).unwrap().0 {}
    assert!(Image::new(canister.stable_image()).progress::<v2::Aging>().is_done());
}

#[test]
fn a_canister_refuses_an_image_in_the_words_of_the_native_store() {
    let newer = image().upgrade(|aging: &mut v2::Aging| {
        aging.old.insert(ENTRIES, v2::Balance { amount: 1, owner: 2, fee: 3 });
    });
    let report = newer.assert_refused::<v1::Aging>().to_string();
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    canister.set_stable_image(newer.bytes());
    let reject = canister.upgrade(&wasm(1), ()).unwrap_err().to_string();
    assert!(reject.contains(report.trim()), "{reject}\n{report}");
    assert_eq!(Image::new(canister.stable_image()), newer);
}
