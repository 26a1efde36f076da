//! A sweep that may skip values converts all others, lists those that it could not convert, and
//! ends.

use graven::{
    BTreeMap, Budget, Cell, Collection, Deque, HashMap, Records, Slab, StableLayout, StableVec, open,
};
use graven_core::store::{Progress, sweep_one};
use graven_tests::memory::Bytes;
use graven_tests::panics::caught;

mod v1 {
    use graven::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Age {
        pub years: String,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Day {
        pub number: u8,
    }
}

/// A record whose old version is a text of any length.
#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Age {
    #[layout(was(String, until = 2, with = |years: String| years.trim().parse::<u64>().unwrap()))]
    years: u64,
}

/// A record of a fixed size in both versions.
#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Day {
    #[layout(was(u8, until = 2, with = |number: u8| 100 / u16::from(number)))]
    number: u16,
}

/// Sweeps with a budget of pages until nothing is left to do. Returns the last progress, which
/// lists each skipped value once.
fn sweep(collection: &mut impl Collection<Memory = Bytes>, pages: u64) -> Progress {
    let mut skipped = Vec::new();
    for _ in 0..10_000 {
        let (mut budget, mut progress) = (Budget::pages(pages).skip_failing(), Progress::default());
        sweep_one(collection, &mut budget, &mut progress).unwrap();
        skipped.append(&mut progress.skipped);
        if progress.is_finished() {
            skipped.sort_by(|a, b| a.key.cmp(&b.key));
            skipped.dedup();
            progress.skipped = skipped;
            return progress;
        }
    }
    panic!("the sweep does not end");
}

fn years(number: u64) -> v1::Age {
    let years = if number % 100 == 3 { "poison".to_owned() } else { number.to_string() };
    // Values of several sizes, some in pages of their own.
    let width = if number % 50 == 4 { 5_000 } else { number as usize % 90 };
    v1::Age { years: format!("{years:>width$}") }
}

/// Checks a swept collection of 1,000 records of which those of 3, 103, … do not convert.
fn check(progress: &Progress, key: impl Fn(u64) -> Vec<u8>) {
    let skipped: Vec<&[u8]> = progress.skipped.iter().map(|skipped| skipped.key.as_slice()).collect();
    let expected: Vec<Vec<u8>> = (0..10).map(|number| key(number * 100 + 3)).collect();
    assert_eq!(skipped, expected);
    assert!(
        progress.skipped.iter().all(|skipped| skipped.root == "ages" && skipped.why.contains("InvalidDigit"))
    );
    assert!(!progress.is_done() && (1..=10).contains(&progress.old_pages), "{progress}");
    let words =
        format!("ages: key 0x{}: ", key(3).iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    assert!(progress.skipped[0].to_string().starts_with(&words), "{}", progress.skipped[0]);
}

fn by_number(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

macro_rules! map {
    ($test:ident, $map:ident) => {
        #[test]
        fn $test() {
            for pages in [1, 1_000_000] {
                let memory = Bytes::default();
                let mut old: $map<u64, v1::Age> = open("ages", memory.clone()).unwrap();
                (0..1_000).for_each(|number| _ = old.insert(number, years(number)));
                drop(old);
                let mut ages: $map<u64, Age> = open("ages", memory.clone()).unwrap();
                check(&sweep(&mut ages, pages), by_number);
                ages.verify().unwrap();
                // Another sweep lists the same values and ends.
                check(&sweep(&mut ages, pages), by_number);
                for number in 0..10 {
                    assert!(caught(|| ages.get(&(number * 100 + 3))).is_err());
                    assert!(ages.delete(&(number * 100 + 3)));
                }
                let progress = sweep(&mut ages, pages);
                assert!(progress.is_done() && progress.skipped.is_empty());
                let all: u64 = ages.iter().map(|(number, age)| u64::from(age.years == number)).sum();
                assert_eq!(all, 990);
                ages.verify().unwrap();
            }
        }
    };
}

map!(an_ordered_map_lists_values_that_do_not_convert, BTreeMap);
map!(a_hash_map_lists_values_that_do_not_convert, HashMap);

macro_rules! list {
    ($test:ident, $list:ident, $push:ident) => {
        #[test]
        fn $test() {
            for pages in [1, 1_000_000] {
                let memory = Bytes::default();
                let mut old: $list<v1::Age> = open("ages", memory.clone()).unwrap();
                (0..1_000).for_each(|number| old.$push(years(number)));
                drop(old);
                let mut ages: $list<Age> = open("ages", memory.clone()).unwrap();
                check(&sweep(&mut ages, pages), by_number);
                ages.verify().unwrap();
                assert!(
                    (0..1_000).filter(|number| number % 100 != 3).all(|n| ages.get(n).unwrap().years == n)
                );
            }
        }
    };
}

list!(a_vector_lists_values_that_do_not_convert, StableVec, push);
list!(a_deque_lists_values_that_do_not_convert, Deque, push_back);

/// Arrays hold values of one layout, so those with a skipped value become nodes.
#[test]
fn an_array_lists_values_that_do_not_convert() {
    for pages in [1, 1_000_000] {
        let memory = Bytes::default();
        let mut old: Deque<v1::Day> = open("days", memory.clone()).unwrap();
        (0..20_000).for_each(|number| old.push_back(v1::Day { number: u8::from(number != 7_000) * 4 }));
        // Positions do not begin at 0.
        (0..5).for_each(|_| _ = old.pop_front());
        drop(old);
        let mut days: Deque<Day> = open("days", memory).unwrap();
        let progress = sweep(&mut days, pages);
        let [skipped] = progress.skipped.as_slice() else { panic!("{progress:?}") };
        assert_eq!((skipped.key.clone(), skipped.root.as_str()), (by_number(6_995), "days"));
        assert!(skipped.why.contains("divide by zero"), "{skipped}");
        days.verify().unwrap();
        assert!((0..19_995).filter(|n| *n != 6_995).all(|n| days.get(n) == Some(Day { number: 25 })));
        days.set(6_995, Day { number: 1 });
        assert!(sweep(&mut days, pages).is_done());
        days.verify().unwrap();
    }
}

#[test]
fn records_and_slabs_list_values_that_do_not_convert() {
    let memory = Bytes::default();
    let mut old: Records<u64, v1::Age, StableVec<u8>> = open("ages", memory.clone()).unwrap();
    (0..1_000).for_each(|number| _ = old.insert(number, years(number)));
    drop(old);
    let mut ages: Records<u64, Age, StableVec<u8>> = open("ages", memory).unwrap();
    let progress = sweep(&mut ages, 10);
    assert_eq!(progress.skipped.len(), 10);
    ages.verify().unwrap();

    let memory = Bytes::default();
    let mut old: Slab<v1::Age> = open("ages", memory.clone()).unwrap();
    (0..1_000).for_each(|number| _ = old.insert(years(number)));
    drop(old);
    let mut ages: Slab<Age> = open("ages", memory).unwrap();
    check(&sweep(&mut ages, 10), by_number);
    ages.verify().unwrap();
}

#[test]
fn a_cell_lists_its_value_if_it_does_not_convert() {
    let memory = Bytes::default();
    open::<Cell<v1::Age>>("age", memory.clone()).unwrap().set(years(3));
    let mut age: Cell<Age> = open("age", memory).unwrap();
    let progress = sweep(&mut age, 1);
    assert_eq!((progress.skipped.len(), progress.old_pages), (1, 1), "{progress:?}");
    age.set(Age { years: 3 });
    assert!(sweep(&mut age, 1).is_done());
}

#[test]
fn a_sweep_that_may_not_skip_stops_at_the_first_value_that_does_not_convert() {
    let memory = Bytes::default();
    let mut old: BTreeMap<u64, v1::Age> = open("ages", memory.clone()).unwrap();
    (0..1_000).for_each(|number| _ = old.insert(number, years(number)));
    drop(old);
    let mut ages: BTreeMap<u64, Age> = open("ages", memory).unwrap();
    assert!(caught(|| ages.sweep(&mut Budget::pages(1_000))).is_err());
}
