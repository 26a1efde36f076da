//! The gazetteer of `examples/gazetteer` goes through its versions, with the data of the
//! demonstration.

use std::fs;
use std::path::PathBuf;

use graven_demo::gazetteer::Gazetteer;
use graven_demo::interface::{NewPlace, Page};
use graven_demo::places::{self, COUNT};
use graven_demo::rows::{self, Row};
use graven_testkit::{ErrorCode, MAX_STABLE_PAGES};
use xtask::workspace::Workspace;

/// The highest cost of an upgrade, independent of how much is stored.
const MAX_UPGRADE: u64 = 250_000;

fn wasm(version: u8) -> Vec<u8> {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join(format!("gazetteer-v{version}.wasm"));
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn real_rows(count: usize) -> Vec<Row> {
    let file = places::places_csv(&Workspace::find().unwrap()).unwrap();
    rows::read(&file, count).unwrap()
}

fn loaded(rows: &[Row]) -> Gazetteer {
    let mut gazetteer = Gazetteer::install(&wasm(1)).unwrap();
    gazetteer.load(rows, |_| ()).unwrap();
    gazetteer
}

/// Upgrades to version 3 and sweeps until all places are in the index of names.
fn with_names(gazetteer: &mut Gazetteer) {
    for version in [2, 3] {
        gazetteer.upgrade(&wasm(version)).unwrap();
    }
    while gazetteer.sweep(1_000).unwrap().0.done != Some(true) {}
}

/// Adds a place beside the rows of the file.
fn add(gazetteer: &mut Gazetteer, place: NewPlace) {
    gazetteer.canister.update::<_, (Result<u64, String>,)>("add", (vec![place],)).value().unwrap();
}

fn named(gazetteer: &mut Gazetteer, prefix: &str) -> Result<Vec<u32>, String> {
    let found = gazetteer.starts_with(prefix, None, 5_000).unwrap().0?;
    Ok(found.places.iter().map(|place| place.id).collect())
}

fn new_place(id: u32, name: &str) -> NewPlace {
    NewPlace {
        id,
        name: name.into(),
        admin1: String::new(),
        admin2: String::new(),
        country: "CH".into(),
        latitude: 46.5,
        longitude: 7.5,
    }
}

#[test]
fn upgrades_cost_the_same_with_all_places_as_with_1000() {
    let rows = real_rows(COUNT);
    let (mut many, mut few) = (loaded(&rows), loaded(&rows[..1_000]));
    for version in [2, 3] {
        let wasm = wasm(version);
        let costs = [&mut many, &mut few].map(|gazetteer| {
            let outcome = gazetteer.upgrade(&wasm);
            outcome.result.clone().unwrap();
            outcome.instructions()
        });
        assert!(costs.iter().all(|cost| *cost <= MAX_UPGRADE), "to version {version}: {costs:?}");
        assert!(costs[0].abs_diff(costs[1]) * 100 <= costs[1], "to version {version}: {costs:?}");
        assert_eq!(many.compare_all().unwrap(), COUNT as u64);
    }
}

#[test]
fn records_of_three_versions_are_read_side_by_side_and_swept() {
    let mut gazetteer = loaded(&real_rows(3_000));
    gazetteer.upgrade(&wasm(2)).unwrap();
    gazetteer.describe(1_500, 7, &["two"]).unwrap();
    gazetteer.upgrade(&wasm(3)).unwrap();
    gazetteer.describe(2_999, 8, &[]).unwrap();
    gazetteer.compare_all().unwrap();

    let versions = gazetteer.stats().unwrap().by_version("places");
    assert_eq!(versions.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(versions.iter().all(|(_, pages)| *pages > 0), "{versions:?}");

    let mut left = u64::MAX;
    while left > 0 {
        let (progress, _) = gazetteer.sweep(7).unwrap();
        assert!((1..=7).contains(&progress.migrated), "{progress:?}");
        assert!(progress.old_pages < left, "{progress:?} after {left}");
        left = progress.old_pages;
    }
    gazetteer.compare_all().unwrap();
    let versions = gazetteer.stats().unwrap().by_version("places");
    assert!(versions.iter().all(|(version, pages)| *version == 3 || *pages == 0), "{versions:?}");
}

#[test]
fn undeclared_changes_are_refused_and_leave_no_trace() {
    let mut gazetteer = loaded(&real_rows(2_500));
    gazetteer.upgrade(&wasm(2)).unwrap();
    gazetteer.describe(3, 7, &["two"]).unwrap();
    gazetteer.upgrade(&wasm(3)).unwrap();
    while gazetteer.sweep(1_000).unwrap().0.done != Some(true) {}

    let before = gazetteer.canister.stable_image();
    let reject = gazetteer.upgrade(&wasm(4)).unwrap_err();
    assert_eq!(reject.code, ErrorCode::CanisterCalledTrap);
    assert_eq!(reject.message.trim_end(), REFUSAL.trim());
    assert!(gazetteer.canister.stable_image() == before, "stable memory was written");

    gazetteer.describe(4, 9, &["three"]).unwrap();
    gazetteer.compare_all().unwrap();
    assert!(gazetteer.compare_named("a").unwrap() > 0, "the index of names");
}

#[test]
fn the_index_of_names_is_made_while_places_are_added() {
    let mut gazetteer = loaded(&real_rows(1_200));
    let long = "ü".repeat(5_000);
    add(&mut gazetteer, new_place(2_000, &long));
    gazetteer.upgrade(&wasm(2)).unwrap();
    gazetteer.upgrade(&wasm(3)).unwrap();
    let incomplete = named(&mut gazetteer, "bern").unwrap_err();
    assert!(incomplete.starts_with("the index `places.name` has 0 of 1201 rows so far"), "{incomplete}");

    while gazetteer.sweep(7).unwrap().0.names.unwrap() < 100 {}
    add(&mut gazetteer, new_place(1_999, "Behind what has an entry"));
    gazetteer.upgrade(&wasm(3)).unwrap();
    let (mut names, mut done) = (Some(0), Some(false));
    while done == Some(false) {
        let progress = gazetteer.sweep(1).unwrap().0;
        assert!(progress.names > names || progress.done == Some(true), "{progress:?}");
        (names, done) = (progress.names, progress.done);
    }
    add(&mut gazetteer, new_place(3_000, "BEHIND the sweep"));
    assert_eq!(named(&mut gazetteer, "Behind").unwrap(), [3_000, 1_999]);
    assert_eq!(named(&mut gazetteer, &long[..900]).unwrap(), [2_000], "the first characters count");
}

const REFUSAL: &str = r"
Canister called `ic0.trap` with message: 'error: the upgrade was refused, nothing was changed (4 problems)

  places: Table<Place>
    was stored as `places: Table<Place>`: `id` of `Place` was `u32` and is `u64`
    because keys do not migrate in place: their bytes are the order
    fix: give the new collection another name, and copy the entries over [key-changed]

  places: Table<Place>
    at places → Place v3
    field `admin2: String` of `Place` version 3 is gone
    because a layout that was stored (version 3, 2a63…51) may not change
    fix: put it back, or make this version 4 and add `#[layout(removed(admin2: String, until = 4))]` before field `country` [field-removed]

  places: Table<Place>
    at places → Place v3 → id
    field `id` of `Place` version 3 was `u32` and is `u64`
    because a layout that was stored (version 3, 2a63…51) may not change
    fix: make this version 4 and add `#[layout(was(u32, until = 4))]` to `id` [number-widened]

  places: Table<Place>
    at places → Place v3 → population
    field `population` of `Place` version 3 was `Option<u64>` and is `u64`
    because a layout that was stored (version 3, 2a63…51) may not change
    fix: make this version 4 and add `#[layout(was(Option<u64>, until = 4, with = Option::unwrap_or_default))]` to `population` [option-removed]
'
";

/// Sends a batch that has to fail, and gives the reason; the canister has to be as it was.
#[track_caller]
fn refused(gazetteer: &mut Gazetteer, message: &[u8]) -> String {
    let used = usize::try_from(gazetteer.canister.stable().resident_bytes()).unwrap();
    let before = gazetteer.canister.read_stable(0, used);
    let reason = match gazetteer.canister.update_raw("add", message).result {
        Ok(reply) => candid::decode_one::<Result<u64, String>>(&reply).unwrap().unwrap_err(),
        Err(reject) => reject.message,
    };
    assert!(gazetteer.canister.read_stable(0, used) == before, "stable memory was written");
    gazetteer.compare_all().unwrap();
    reason
}

#[track_caller]
fn refused_batch(gazetteer: &mut Gazetteer, batch: &[NewPlace]) -> String {
    refused(gazetteer, &candid::encode_one(batch).unwrap())
}

#[test]
fn a_batch_with_one_mistake_is_refused_as_a_whole() {
    let mut gazetteer = loaded(&real_rows(1_200));
    let good = new_place(5_000, "Good");

    let reason = refused_batch(&mut gazetteer, &[good.clone(), new_place(7, "Taken")]);
    assert_eq!(reason, "place 7: there is one with this number already");
    let reason = refused_batch(&mut gazetteer, &[good.clone(), new_place(5_000, "Twice")]);
    assert_eq!(reason, "place 5000: there is one with this number already");
    for latitude in [f64::NAN, 90.5, f64::INFINITY] {
        let nowhere = NewPlace { latitude, ..new_place(5_002, "Nowhere") };
        let reason = refused_batch(&mut gazetteer, &[good.clone(), nowhere]);
        assert_eq!(reason, format!("place 5002: {latitude}, 7.5 is nowhere on Earth"));
    }

    let added = gazetteer.canister.update::<_, (Result<u64, String>,)>("add", (vec![good],));
    assert_eq!(added.value(), Ok(1_201));
}

#[test]
fn invalid_candid_is_refused() {
    let mut gazetteer = loaded(&real_rows(1_200));
    let valid = candid::encode_one([new_place(5_000, "Good"), new_place(5_001, "Better")]).unwrap();
    for message in [&b""[..], b"DIDL", &valid[..valid.len() - 1], &[&valid[..], b"more"].concat()] {
        let reason = refused(&mut gazetteer, message);
        assert!(reason.starts_with("Canister called `ic0.trap` with message"), "{reason}");
    }
    let reason = refused(&mut gazetteer, &candid::encode_one("a text").unwrap());
    assert!(reason.contains("is not a subtype of") || reason.contains("Subtyping error"), "{reason}");
}

#[test]
fn a_batch_for_which_there_is_no_room_is_refused_as_a_whole() {
    let mut gazetteer = loaded(&real_rows(1_200));
    // Stable memory of the largest size there is, all of whose pages were given out already.
    let mut stable = gazetteer.canister.stable().clone();
    stable.grow(MAX_STABLE_PAGES - stable.pages()).unwrap();
    stable.write(graven_core::page::superblock::HEADS_AT, &(MAX_STABLE_PAGES as u32 * 16).to_le_bytes());
    gazetteer.canister.set_stable(stable);
    gazetteer.upgrade(&wasm(1)).unwrap();

    let batch: Vec<NewPlace> = (5_000..6_000).map(|id| new_place(id, "No room")).collect();
    let reason = refused_batch(&mut gazetteer, &batch);
    assert!(reason.contains("out of memory: no room for"), "{reason}");

    let added = gazetteer.canister.update::<_, (Result<u64, String>,)>("add", (&batch[..1],));
    assert_eq!(added.value(), Ok(1_201), "a place that needs no new page");
}

#[test]
fn pages_and_prefixes_give_every_place_once_in_order() {
    let rows = real_rows(2_345);
    let mut gazetteer = loaded(&rows);
    let (mut after, mut ids) = (None, Vec::new());
    loop {
        let (Page { places, next }, _) = gazetteer.page(after, 100).unwrap();
        ids.extend(places.iter().map(|place| place.id));
        if next.is_none() {
            break;
        }
        after = next;
    }
    assert_eq!(ids, (0..2_345).collect::<Vec<_>>());
    assert_eq!(gazetteer.page(Some(2_344), 5).unwrap().0.places.len(), 0);
    assert_eq!(gazetteer.page(None, 0).unwrap().0.next, None);
    assert_eq!(gazetteer.page(None, 5_000).unwrap().0.places.len(), 1_000);

    with_names(&mut gazetteer);
    for prefix in ["al ", "AL ", "Dubai", "b", "no such place", "~"] {
        let wanted = prefix.to_lowercase();
        let named_so = rows.iter().zip(0u32..).map(|(row, id)| (row.name.to_lowercase(), id));
        let mut expected: Vec<(String, u32)> =
            named_so.filter(|(name, _)| name.starts_with(&wanted)).collect();
        expected.sort();
        expected.truncate(1_000);
        let expected: Vec<u32> = expected.into_iter().map(|(_, id)| id).collect();
        assert_eq!(named(&mut gazetteer, prefix).unwrap(), expected, "{prefix}");
    }
    assert_eq!(gazetteer.compare_named("").unwrap(), rows.len(), "page by page");
    let refused = gazetteer.starts_with("b", Some(vec![1, 2, 3]), 10).unwrap().0.unwrap_err();
    assert!(refused.contains("cursor"), "{refused}");
}
