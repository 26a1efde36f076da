//! The conversions and writes of one call of a sweep: no more than its budget, and no value twice.

use graven::{Budget, Collection, open};
use graven_tests::memory::Watched;

use super::{CONVERTED, New, check, stored, sweep_values, v2};

const MIB: usize = 1 << 20;

#[test]
fn a_leaf_of_slow_values_is_swept_value_by_value() {
    let (memory, model) = stored((0..1_000u64).map(|n| (n, vec![n as u8; 9])), <[u8]>::to_vec);
    let mut map: New<u64> = open("map", memory).unwrap();
    let (mut calls, mut done) = (0, false);
    while !done {
        CONVERTED.set(0);
        done = sweep_values(&mut map, 1).unwrap();
        assert!(CONVERTED.get() <= 1, "{} conversions in a step", CONVERTED.get());
        calls += 1;
        map.verify().unwrap();
    }
    assert!(calls <= 1_100, "{calls}");
    check(&map, &model);
}

#[test]
fn a_value_is_converted_once_and_a_leaf_written_once_where_the_budget_allows() {
    let (memory, model) = stored((0..20_000u64).map(|n| (n, vec![n as u8; 9])), <[u8]>::to_vec);
    let memory = Watched::new(memory);
    let mut map: New<u64, _> = open("map", memory.clone()).unwrap();
    let (pages, _) = (map.stats().pages, memory.take());
    CONVERTED.set(0);
    let mut calls = 0;
    while !sweep_values(&mut map, 1_000).unwrap() {
        calls += 1;
    }
    assert_eq!((calls, CONVERTED.get()), (19, 20_000));
    let written = memory.take().bytes;
    assert!(written < 4_600 * u64::from(pages + calls), "{written} bytes for {pages} pages");
    check(&map, &model);
}

#[test]
fn small_values_that_become_large_are_swept_one_by_one() {
    let (memory, model) = stored((0..30u64).map(|n| (n, vec![n as u8])), |bytes| bytes.repeat(10 * MIB));
    let mut map: New<u64> = open("map", memory).unwrap();
    let mut calls = 0;
    while {
        CONVERTED.set(0);
        !map.sweep(&mut Budget::pages(1)).unwrap()
    } {
        assert_eq!(CONVERTED.get(), 1, "ten mebibytes are in memory, and no more");
        calls += 1;
    }
    assert_eq!(calls, 29);
    CONVERTED.set(0);
    check(&map, &model);
    assert_eq!(CONVERTED.get(), 0);
}

#[test]
fn a_large_value_is_not_written_because_a_neighbour_is() {
    let (memory, _) = stored((0..8u64).map(|n| (n, vec![n as u8; 10 * MIB])), <[u8]>::to_vec);
    let memory = Watched::new(memory);
    let mut map: New<u64, _> = open("map", memory.clone()).unwrap();
    _ = memory.take();
    CONVERTED.set(0);
    for n in [100, 3, 101, 102] {
        map.insert(n, v2::Item { bytes: vec![1; 50] });
    }
    map.insert(50, v2::Item { bytes: vec![1; 5_000] });
    assert!(map.remove(&4).is_some() && map.remove(&101).is_some());
    for _ in 0..300 {
        map.insert(7_000 + map.len(), v2::Item { bytes: vec![1; 100] });
    }
    let written = memory.take();
    assert_eq!(CONVERTED.get(), 2, "two large values were given back, and no other was read");
    let large = written.pages.len();
    assert!(large < 40 && written.bytes < 500_000, "{large} pages, {} bytes", written.bytes);
    map.verify().unwrap();
}
